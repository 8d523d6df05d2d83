//! What was found: credentials themselves, or what a token service issues them for.

use std::path::PathBuf;

use super::Credentials;
use crate::env::Env;
use crate::inputs::{InputError, secret_problem};
use crate::secret::Secret;

/// Where the credentials of requests come from. `Debug` shows no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// They were given, and stay as they are.
    Given(Credentials),
    /// IAM gives a token for the user's password.
    Password {
        /// The account.
        domain_name: String,
        /// The user.
        user_name: String,
        /// The user's password.
        password: Secret,
        /// The IAM project of the token, where it is named.
        project_name: Option<String>,
    },
    /// STS gives temporary keys of an agency for an ID token.
    AssumedAgency {
        /// The identity provider.
        provider_urn: String,
        /// The agency.
        agency_urn: String,
        /// The ID token.
        id_token: IdTokenOrigin,
        /// What limits the session.
        session: Session,
    },
    /// IAM v3 gives a token for an ID token.
    ExchangedIdToken {
        /// The identity provider.
        idp_id: String,
        /// The ID token.
        id_token: IdTokenOrigin,
        /// The IAM project of the token, where it is named.
        project_name: Option<String>,
    },
    /// The metadata service of the ECS host gives temporary keys of its agency.
    Metadata,
}

/// Where an ID token comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdTokenOrigin {
    /// It was given.
    Given(Secret),
    /// It is in a file, which is read again for every renewal.
    File {
        /// The path.
        path: PathBuf,
        /// What names the file, for messages.
        place: String,
    },
    /// GitHub issues one for the job.
    GitHub {
        /// Where to ask.
        request_url: String,
        /// The token to ask with.
        request_token: Secret,
        /// The audience to ask for; without one GitHub names the owner's URL.
        audience: Option<String>,
    },
}

/// Limits of a session at STS, from the SDK's variables. Unset ones are left to the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Its name in the audit log.
    pub name: Option<String>,
    /// How long it lasts, in seconds.
    pub duration_seconds: Option<u32>,
    /// A policy that narrows the agency's.
    pub policy: Option<String>,
    /// Ids of policies that narrow the agency's.
    pub policy_ids: Vec<String>,
}

impl Origin {
    /// Every secret in it, to be masked.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        match self {
            Self::Given(Credentials::Token(token)) => vec![token.clone()],
            Self::Given(Credentials::AccessKey {
                access_key_id,
                secret_access_key,
                security_token,
            }) => [access_key_id, secret_access_key]
                .into_iter()
                .chain(security_token)
                .cloned()
                .collect(),
            Self::Password { password, .. } => vec![password.clone()],
            Self::AssumedAgency { id_token, .. } | Self::ExchangedIdToken { id_token, .. } => {
                match id_token {
                    IdTokenOrigin::Given(secret)
                    | IdTokenOrigin::GitHub {
                        request_token: secret,
                        ..
                    } => vec![secret.clone()],
                    IdTokenOrigin::File { .. } => Vec::new(),
                }
            }
            Self::Given(Credentials::Anonymous) | Self::Metadata => Vec::new(),
        }
    }
}

/// Present only in jobs with `permissions: id-token: write` (GitHub: security hardening with `OpenID` Connect).
const REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// How ID tokens are found: as given, in the file that is named, else from GitHub.
pub(super) struct IdTokens<'a> {
    pub(super) env: &'a Env,
    pub(super) audience: Option<&'a str>,
}

impl IdTokens<'_> {
    pub(super) fn find(
        &self,
        given: Option<Secret>,
        file: Option<(PathBuf, String)>,
    ) -> Result<IdTokenOrigin, Vec<InputError>> {
        if let Some(token) = given {
            return Ok(IdTokenOrigin::Given(token));
        }
        if let Some((path, place)) = file {
            return Ok(IdTokenOrigin::File { path, place });
        }
        match (self.env.get(REQUEST_URL), self.env.get(REQUEST_TOKEN)) {
            (Some(url), Some(token)) => Ok(IdTokenOrigin::GitHub {
                request_url: url.to_owned(),
                request_token: token_in(REQUEST_TOKEN, token)?,
                audience: self.audience.map(str::to_owned),
            }),
            _ => Err(vec![InputError::NoIdToken]),
        }
    }
}

/// A token from a variable, checked as inputs are. It is ASCII, whether it goes into a header or a body.
pub(super) fn token_in(variable: &str, value: &str) -> Result<Secret, Vec<InputError>> {
    match secret_problem(value, true) {
        None => Ok(Secret::new(value)),
        Some(problem) => Err(vec![InputError::Unusable {
            place: variable.to_owned(),
            problem: format!("must be {problem}"),
        }]),
    }
}
