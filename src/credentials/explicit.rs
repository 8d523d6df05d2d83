//! The ways to give credentials by inputs: exactly one, and that one whole.

use super::origin::{IdTokens, Origin, Session};
use super::{Credentials, Found};
use crate::inputs::{CredentialInputs, InputError};

/// A way, by the names of its inputs.
struct Way {
    /// All of these must be given; any of them says that this way is meant.
    needs: &'static [&'static str],
    /// These may be given beside them.
    allows: &'static [&'static str],
}

const WAYS: [Way; 6] = [
    Way {
        needs: &["auth_token"],
        allows: &[],
    },
    Way {
        needs: &["access_key_id", "secret_access_key"],
        allows: &["security_token"],
    },
    Way {
        needs: &["iam_domain_name", "iam_user_name", "iam_password"],
        allows: &["iam_project_name"],
    },
    Way {
        needs: &["oidc_provider_urn", "oidc_agency_urn"],
        allows: &["oidc_id_token", "oidc_id_token_file"],
    },
    Way {
        needs: &["oidc_idp_id"],
        allows: &["oidc_id_token", "oidc_id_token_file", "iam_project_name"],
    },
    Way {
        needs: &["ecs_metadata"],
        allows: &[],
    },
];

/// The way that the inputs give; `None` if they name none at all.
pub(super) fn find(
    inputs: &CredentialInputs,
    id_tokens: &IdTokens<'_>,
) -> Result<Option<Found>, Vec<InputError>> {
    let given = given(inputs);
    let is_given = |name: &&&str| given.contains(*name);
    let begun: Vec<&Way> = WAYS
        .iter()
        .filter(|way| way.needs.iter().any(|name| given.contains(name)))
        .collect();
    let way = match begun[..] {
        [] => return lonely(&given),
        [way] => way,
        _ => {
            let ways = begun
                .iter()
                .map(|way| way.needs.iter().filter(is_given).copied().collect())
                .collect();
            return Err(vec![InputError::SeveralWays { ways }]);
        }
    };
    check(way, &given)?;
    Ok(Some(Found {
        origin: origin(inputs, id_tokens)?,
        source: format!("inputs {}", given.join(", ")),
    }))
}

/// What the inputs of a way say; the way is whole.
fn origin(inputs: &CredentialInputs, id_tokens: &IdTokens<'_>) -> Result<Origin, Vec<InputError>> {
    let id_token = || {
        let file = inputs.oidc_id_token_file.clone();
        id_tokens.find(
            inputs.oidc_id_token.clone(),
            file.map(|path| (path, "`oidc_id_token_file`".to_owned())),
        )
    };
    Ok(if let Some(token) = &inputs.auth_token {
        Origin::Given(Credentials::Token(token.clone()))
    } else if let (Some(id), Some(secret)) = (&inputs.access_key_id, &inputs.secret_access_key) {
        Origin::Given(Credentials::AccessKey {
            access_key_id: id.clone(),
            secret_access_key: secret.clone(),
            security_token: inputs.security_token.clone(),
        })
    } else if let (Some(domain_name), Some(user_name), Some(password)) = (
        &inputs.iam_domain_name,
        &inputs.iam_user_name,
        &inputs.iam_password,
    ) {
        Origin::Password {
            domain_name: domain_name.clone(),
            user_name: user_name.clone(),
            password: password.clone(),
            project_name: inputs.iam_project_name.clone(),
        }
    } else if let (Some(provider_urn), Some(agency_urn)) =
        (&inputs.oidc_provider_urn, &inputs.oidc_agency_urn)
    {
        Origin::AssumedAgency {
            provider_urn: provider_urn.clone(),
            agency_urn: agency_urn.clone(),
            id_token: id_token()?,
            session: Session::default(),
        }
    } else if let Some(idp_id) = &inputs.oidc_idp_id {
        Origin::ExchangedIdToken {
            idp_id: idp_id.clone(),
            id_token: id_token()?,
            project_name: inputs.iam_project_name.clone(),
        }
    } else {
        Origin::Metadata
    })
}

/// The inputs given that take part in a way: `oidc_audience` and `iam_project_id` count for none.
fn given(inputs: &CredentialInputs) -> Vec<&'static str> {
    let all = [
        ("auth_token", inputs.auth_token.is_some()),
        ("access_key_id", inputs.access_key_id.is_some()),
        ("secret_access_key", inputs.secret_access_key.is_some()),
        ("security_token", inputs.security_token.is_some()),
        ("iam_domain_name", inputs.iam_domain_name.is_some()),
        ("iam_user_name", inputs.iam_user_name.is_some()),
        ("iam_password", inputs.iam_password.is_some()),
        ("iam_project_name", inputs.iam_project_name.is_some()),
        ("oidc_provider_urn", inputs.oidc_provider_urn.is_some()),
        ("oidc_agency_urn", inputs.oidc_agency_urn.is_some()),
        ("oidc_idp_id", inputs.oidc_idp_id.is_some()),
        ("oidc_id_token", inputs.oidc_id_token.is_some()),
        ("oidc_id_token_file", inputs.oidc_id_token_file.is_some()),
        ("ecs_metadata", inputs.ecs_metadata),
    ];
    all.into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect()
}

/// Inputs that only go with others, without those: each names what it lacks in the first way it belongs to.
fn lonely(given: &[&'static str]) -> Result<Option<Found>, Vec<InputError>> {
    let errors: Vec<_> = WAYS
        .iter()
        .filter_map(|way| {
            let first_way = |name: &&str| {
                let belongs = |way: &&Way| way.allows.contains(name);
                WAYS.iter()
                    .find(belongs)
                    .is_some_and(|first| first.needs == way.needs)
            };
            let given: Vec<_> = given.iter().copied().filter(first_way).collect();
            (!given.is_empty()).then(|| InputError::HalfWay {
                given,
                missing: way.needs.to_vec(),
            })
        })
        .collect();
    if errors.is_empty() {
        Ok(None)
    } else {
        Err(errors)
    }
}

/// Whether the way is whole, and alone.
fn check(way: &Way, given: &[&'static str]) -> Result<(), Vec<InputError>> {
    let (needed, missing): (Vec<_>, Vec<_>) = way
        .needs
        .iter()
        .copied()
        .partition(|name| given.contains(name));
    let strangers: Vec<_> = given
        .iter()
        .copied()
        .filter(|name| !way.needs.contains(name) && !way.allows.contains(name))
        .collect();
    let mut errors = Vec::new();
    if !strangers.is_empty() {
        errors.push(InputError::WrongCompany {
            strangers,
            given: needed.clone(),
        });
    }
    if !missing.is_empty() {
        errors.push(InputError::HalfWay {
            given: needed,
            missing,
        });
    }
    if given.contains(&"oidc_id_token") && given.contains(&"oidc_id_token_file") {
        errors.push(InputError::WrongCompany {
            strangers: vec!["oidc_id_token_file"],
            given: vec!["oidc_id_token"],
        });
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}
