//! Who the step is: by the inputs, else by the environment, else by the profile file.

mod environment;
mod explicit;
mod origin;
mod profile;

use std::io;
use std::path::Path;

use crate::env::Env;
use crate::inputs::{CredentialInputs, InputError, secret_problem, shown};
use crate::secret::Secret;

pub use environment::secrets_in;
pub use origin::{IdTokenOrigin, Origin, Session};

use origin::IdTokens;

/// What requests are authenticated with. `Debug` shows no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// Nothing: the request itself says who calls, as those to token services do.
    Anonymous,
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

/// Credentials, or the way to them, and where it was found.
#[derive(Debug)]
pub struct Resolved {
    /// The credentials, or what they are issued for.
    pub origin: Origin,
    /// Where it was found, never a value: "inputs `access_key_id` and `secret_access_key`",
    /// "`HUAWEICLOUD_SDK_AK` and `HUAWEICLOUD_SDK_SK`", "profile file /home/me/.huaweicloud/credentials".
    pub source: String,
    /// What was passed over on the way: one sentence fragment each.
    pub warnings: Vec<String>,
    /// Every secret in `origin`, to be masked.
    pub secrets: Vec<Secret>,
}

/// Finds the credentials: the one way that the inputs give, else the first complete family of variables, else the
/// profile file. Reads the profile file if it comes to that, and nothing else.
pub fn resolve(inputs: &CredentialInputs, env: &Env) -> Result<Resolved, Vec<InputError>> {
    resolve_with(inputs, env, &|path| {
        profile::read_file(path, profile::LONGEST_FILE)
    })
}

fn resolve_with(
    inputs: &CredentialInputs,
    env: &Env,
    read_file: &dyn Fn(&Path) -> io::Result<String>,
) -> Result<Resolved, Vec<InputError>> {
    let id_tokens = IdTokens {
        env,
        audience: inputs.oidc_audience.as_deref(),
    };
    if let Some(found) = explicit::find(inputs, &id_tokens)? {
        return Ok(found.resolved(Vec::new()));
    }
    let mut passed_over = Vec::new();
    let found = match environment::find(&id_tokens, &mut passed_over)? {
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

/// What one of the places holds.
#[derive(Debug)]
struct Found {
    origin: Origin,
    source: String,
}

impl Found {
    fn resolved(self, warnings: Vec<String>) -> Resolved {
        let secrets = self.origin.secrets();
        Resolved {
            origin: self.origin,
            source: self.source,
            warnings,
            secrets,
        }
    }
}

/// The longest ID token that is read: many times what any provider issues.
const LONGEST_ID_TOKEN: u64 = 64 * 1024;

/// The ID token in a file, without the blanks around it; else what is wrong with the file, as the end of a sentence
/// that its name begins.
pub fn read_id_token(path: &Path) -> Result<Secret, String> {
    let shown = shown(&path.to_string_lossy());
    let text = profile::read_file(path, LONGEST_ID_TOKEN)
        .map_err(|error| format!("names the file {shown}, which cannot be read: {error}"))?;
    let token = text.trim();
    match secret_problem(token, true) {
        None if token.is_empty() => Some("an ID token, found an empty file"),
        problem => problem,
    }
    .map_or_else(
        || Ok(Secret::new(token)),
        |problem| Err(format!("names the file {shown}, which must hold {problem}")),
    )
}

/// A key pair from outside the inputs: its parts with the names they go by, checked as inputs are. Every part but the
/// secret key goes into a header.
fn access_key(
    access_key_id: (&str, &str),
    secret_access_key: (&str, &str),
    security_token: Option<(&str, &str)>,
) -> Result<Origin, Vec<InputError>> {
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
    Ok(Origin::Given(Credentials::AccessKey {
        access_key_id: Secret::new(access_key_id.1),
        secret_access_key: Secret::new(secret_access_key.1),
        security_token: security_token.map(|(_, value)| Secret::new(value)),
    }))
}

#[cfg(test)]
mod tests;
