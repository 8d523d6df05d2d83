//! The variables in which other tools keep credentials.

use super::{Found, access_key};
use crate::env::Env;
use crate::inputs::InputError;
use crate::secret::Secret;

/// Variables that belong together.
struct Family {
    kind: FamilyKind,
    /// All of these make it complete; for keys: the access key, then the secret key.
    needs: &'static [&'static str],
    /// These may be set beside them.
    allows: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FamilyKind {
    /// Access key, secret key, security token.
    Keys,
    /// An identity provider and an id token.
    Oidc,
}

/// The families in their order of precedence. The pair of the identity provider comes first, as in the SDK.
const FAMILIES: [Family; 6] = [
    // SDK: provider of id tokens.
    Family {
        kind: FamilyKind::Oidc,
        needs: &["HUAWEICLOUD_SDK_IDP_ID", "HUAWEICLOUD_SDK_ID_TOKEN_FILE"],
        allows: &[],
    },
    // SDK: provider of environment credentials.
    Family {
        kind: FamilyKind::Keys,
        needs: &["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"],
        allows: &["HUAWEICLOUD_SDK_SECURITY_TOKEN"],
    },
    // The vendor's auth-action for GitHub.
    Family {
        kind: FamilyKind::Keys,
        needs: &[
            "HUAWEI_CLOUD_ACCESS_KEY_ID",
            "HUAWEI_CLOUD_SECRET_ACCESS_KEY",
        ],
        allows: &[],
    },
    // The vendor's sample code.
    Family {
        kind: FamilyKind::Keys,
        needs: &["CLOUD_SDK_AK", "CLOUD_SDK_SK"],
        allows: &[],
    },
    // The Terraform provider.
    Family {
        kind: FamilyKind::Keys,
        needs: &["HW_ACCESS_KEY", "HW_SECRET_KEY"],
        allows: &["HW_SECURITY_TOKEN"],
    },
    // SDK: provider of OIDC through STS.
    Family {
        kind: FamilyKind::Oidc,
        needs: &[
            "HUAWEICLOUD_OIDC_PROVIDER_URN",
            "HUAWEICLOUD_OIDC_AGENCY_URN",
        ],
        allows: &["HUAWEICLOUD_OIDC_ID_TOKEN", "HUAWEICLOUD_OIDC_TOKEN_FILE"],
    },
];

/// Variables of the families above that hold a secret in themselves, although their family holds no keys.
const SECRETS_BESIDE_KEYS: [&str; 1] = ["HUAWEICLOUD_OIDC_ID_TOKEN"];

/// The first complete family. What is incomplete before it is noted in `passed_over`.
pub(super) fn find(
    env: &Env,
    passed_over: &mut Vec<String>,
) -> Result<Option<Found>, Vec<InputError>> {
    for family in &FAMILIES {
        let set: Vec<_> = family
            .variables()
            .filter(|name| env.get(name).is_some())
            .collect();
        if set.is_empty() {
            continue;
        }
        let missing: Vec<_> = family
            .needs
            .iter()
            .copied()
            .filter(|name| !set.contains(name))
            .collect();
        if !missing.is_empty() {
            passed_over.push(format!("{} without {}", set.join(", "), missing.join(", ")));
            continue;
        }
        let source = set.join(", ");
        return match family.kind {
            FamilyKind::Oidc => Err(vec![InputError::WayNotSupported { found: source }]),
            FamilyKind::Keys => family.keys(env, source),
        };
    }
    Ok(None)
}

/// Every secret in the variables that credentials may come from, used or not: to be masked before anything is said.
pub fn secrets_in(env: &Env) -> Vec<Secret> {
    FAMILIES
        .iter()
        .filter(|family| family.kind == FamilyKind::Keys)
        .flat_map(Family::variables)
        .chain(SECRETS_BESIDE_KEYS)
        .filter_map(|name| env.get(name))
        .map(Secret::new)
        .collect()
}

impl Family {
    fn variables(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.needs.iter().chain(self.allows).copied()
    }

    fn keys(&self, env: &Env, source: String) -> Result<Option<Found>, Vec<InputError>> {
        let named = |name: &'static str| Some((name, env.get(name)?));
        let mut values = self.needs.iter().copied().filter_map(named);
        let (Some(access_key_id), Some(secret_access_key)) = (values.next(), values.next()) else {
            return Ok(None);
        };
        let security_token = self.allows.iter().copied().find_map(named);
        let credentials = access_key(access_key_id, secret_access_key, security_token)?;
        Ok(Some(Found {
            credentials,
            source,
        }))
    }
}
