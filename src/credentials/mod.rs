//! Who the step is: credentials from the inputs, else from the environment, else from the profile file.

mod environment;
mod explicit;
mod profile;

use std::io;
use std::path::Path;

use crate::env::Env;
use crate::inputs::{CredentialInputs, InputError, secret_problem};
use crate::secret::Secret;

pub use environment::secrets_in;

/// What requests are authenticated with. `Debug` shows no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A user token, sent as `X-Auth-Token`.
    Token(Secret),
    /// A key pair that signs the requests.
    AccessKey {
        /// The access key (AK); goes into the `Authorization` header.
        access_key_id: Secret,
        /// The secret key (SK).
        secret_access_key: Secret,
        /// The token of a temporary key, sent and signed as `X-Security-Token`.
        security_token: Option<Secret>,
    },
}

/// Credentials and where they came from.
#[derive(Debug)]
pub struct Resolved {
    /// The credentials.
    pub credentials: Credentials,
    /// Where they came from, never a value: "inputs `access_key_id` and `secret_access_key`",
    /// "`HUAWEICLOUD_SDK_AK` and `HUAWEICLOUD_SDK_SK`", "profile file /home/me/.huaweicloud/credentials".
    pub source: String,
    /// What was passed over on the way: one sentence fragment each.
    pub warnings: Vec<String>,
    /// Every secret in `credentials`, to be masked.
    pub secrets: Vec<Secret>,
}

/// Finds the credentials: the one way that the inputs give, else the first complete family of variables, else the
/// profile file. Reads the profile file if it comes to that, and nothing else.
pub fn resolve(inputs: &CredentialInputs, env: &Env) -> Result<Resolved, Vec<InputError>> {
    resolve_with(inputs, env, &profile::read_file)
}

fn resolve_with(
    inputs: &CredentialInputs,
    env: &Env,
    read_file: &dyn Fn(&Path) -> io::Result<String>,
) -> Result<Resolved, Vec<InputError>> {
    if let Some(found) = explicit::find(inputs)? {
        return Ok(found.resolved(Vec::new()));
    }
    let mut passed_over = Vec::new();
    let found = match environment::find(env, &mut passed_over)? {
        Some(found) => Some(found),
        None => profile::find(env, read_file, &mut passed_over)?,
    };
    match found {
        Some(found) => {
            let warnings = passed_over
                .into_iter()
                .map(|what| format!("while looking for credentials, passed over {what}"))
                .collect();
            Ok(found.resolved(warnings))
        }
        None => Err(vec![InputError::NoCredentials { passed_over }]),
    }
}

/// Credentials that one of the places holds.
#[derive(Debug)]
struct Found {
    credentials: Credentials,
    source: String,
}

impl Found {
    fn resolved(self, warnings: Vec<String>) -> Resolved {
        let secrets = match &self.credentials {
            Credentials::Token(token) => vec![token.clone()],
            Credentials::AccessKey {
                access_key_id,
                secret_access_key,
                security_token,
            } => [access_key_id, secret_access_key]
                .into_iter()
                .chain(security_token)
                .cloned()
                .collect(),
        };
        Resolved {
            credentials: self.credentials,
            source: self.source,
            warnings,
            secrets,
        }
    }
}

/// A key pair from outside the inputs: its parts with the names they go by, checked as inputs are. Every part but the
/// secret key goes into a header.
fn access_key(
    access_key_id: (&str, &str),
    secret_access_key: (&str, &str),
    security_token: Option<(&str, &str)>,
) -> Result<Credentials, Vec<InputError>> {
    let parts = [
        (Some(access_key_id), true),
        (Some(secret_access_key), false),
        (security_token, true),
    ];
    let errors: Vec<_> = parts
        .into_iter()
        .filter_map(|(part, in_header)| {
            let (name, value) = part?;
            let problem = secret_problem(value, in_header)?;
            Some(InputError::Unusable {
                place: name.to_owned(),
                problem: format!("must be {problem}"),
            })
        })
        .collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Credentials::AccessKey {
        access_key_id: Secret::new(access_key_id.1),
        secret_access_key: Secret::new(secret_access_key.1),
        security_token: security_token.map(|(_, value)| Secret::new(value)),
    })
}

#[cfg(test)]
mod tests;
