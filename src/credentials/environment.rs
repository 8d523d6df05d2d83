//! The variables in which other tools keep credentials.

use std::path::PathBuf;

use super::origin::{IdTokenOrigin, IdTokens, Origin, Session, token_in};
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
    /// An identity provider of IAM v3, and the file of an ID token.
    IdTokenExchange,
    /// An identity provider and an agency, for STS.
    AssumedAgency,
}

/// The families in their order of precedence. The pair of the identity provider comes first, as in the SDK.
const FAMILIES: [Family; 6] = [
    // SDK: provider of id tokens.
    Family {
        kind: FamilyKind::IdTokenExchange,
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
        kind: FamilyKind::AssumedAgency,
        needs: &[
            "HUAWEICLOUD_OIDC_PROVIDER_URN",
            "HUAWEICLOUD_OIDC_AGENCY_URN",
        ],
        allows: &[
            ID_TOKEN,
            "HUAWEICLOUD_OIDC_TOKEN_FILE",
            "HUAWEICLOUD_OIDC_SESSION_NAME",
            "HUAWEICLOUD_OIDC_DURATION_SECONDS",
            "HUAWEICLOUD_OIDC_POLICY",
            "HUAWEICLOUD_OIDC_POLICY_IDS",
        ],
    },
];

/// Variables of the families above that hold a secret in themselves, although their family holds no keys.
const SECRETS_BESIDE_KEYS: [&str; 1] = [ID_TOKEN];

const ID_TOKEN: &str = "HUAWEICLOUD_OIDC_ID_TOKEN";

/// The first complete family. What is incomplete before it is noted in `passed_over`.
pub(super) fn find(
    id_tokens: &IdTokens<'_>,
    passed_over: &mut Vec<String>,
) -> Result<Option<Found>, Vec<InputError>> {
    let env = id_tokens.env;
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
        let origin = match family.kind {
            FamilyKind::Keys => family.keys(env)?,
            FamilyKind::IdTokenExchange => Some(id_token_exchange(env)),
            FamilyKind::AssumedAgency => Some(assumed_agency(id_tokens)?),
        };
        return Ok(origin.map(|origin| Found { origin, source }));
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

    fn keys(&self, env: &Env) -> Result<Option<Origin>, Vec<InputError>> {
        let named = |name: &'static str| Some((name, env.get(name)?));
        let mut values = self.needs.iter().copied().filter_map(named);
        let (Some(access_key_id), Some(secret_access_key)) = (values.next(), values.next()) else {
            return Ok(None);
        };
        let security_token = self.allows.iter().copied().find_map(named);
        access_key(access_key_id, secret_access_key, security_token).map(Some)
    }
}

/// The value of a variable that is known to be set.
fn text(env: &Env, name: &str) -> String {
    env.get(name).unwrap_or_default().to_owned()
}

fn id_token_exchange(env: &Env) -> Origin {
    const FILE: &str = "HUAWEICLOUD_SDK_ID_TOKEN_FILE";
    Origin::ExchangedIdToken {
        idp_id: text(env, "HUAWEICLOUD_SDK_IDP_ID"),
        id_token: IdTokenOrigin::File {
            path: PathBuf::from(text(env, FILE)),
            place: FILE.to_owned(),
        },
        project_name: None,
    }
}

fn assumed_agency(id_tokens: &IdTokens<'_>) -> Result<Origin, Vec<InputError>> {
    const FILE: &str = "HUAWEICLOUD_OIDC_TOKEN_FILE";
    const DURATION: &str = "HUAWEICLOUD_OIDC_DURATION_SECONDS";
    let env = id_tokens.env;
    let optional = |name| env.get(name).map(str::to_owned);
    let duration_seconds = match env.get(DURATION).map(str::parse) {
        None => None,
        Some(Ok(seconds)) => Some(seconds),
        Some(Err(_)) => {
            return Err(vec![InputError::Unusable {
                place: DURATION.to_owned(),
                problem: "must be a number of seconds".to_owned(),
            }]);
        }
    };
    Ok(Origin::AssumedAgency {
        provider_urn: text(env, "HUAWEICLOUD_OIDC_PROVIDER_URN"),
        agency_urn: text(env, "HUAWEICLOUD_OIDC_AGENCY_URN"),
        id_token: id_tokens.find(
            env.get(ID_TOKEN)
                .map(|token| token_in(ID_TOKEN, token))
                .transpose()?,
            optional(FILE).map(|path| (PathBuf::from(path), FILE.to_owned())),
        )?,
        session: Session {
            name: optional("HUAWEICLOUD_OIDC_SESSION_NAME"),
            duration_seconds,
            policy: optional("HUAWEICLOUD_OIDC_POLICY"),
            policy_ids: optional("HUAWEICLOUD_OIDC_POLICY_IDS")
                .iter()
                .flat_map(|list| list.split(','))
                .map(|id| id.trim().to_owned())
                .filter(|id| !id.is_empty())
                .collect(),
        },
    })
}
