//! The ID token of the job, fetched anew for every renewal.

use std::path::PathBuf;

use serde_json::Value;

use super::service::{Calls, Role, TokenService};
use crate::client::{ApiRequest, CallFailure, FinalKind, Method, Verdict, escape};
use crate::credentials::read_id_token;
use crate::secret::Secret;

pub(super) const ROLE: Role = Role {
    name: "GitHub's ID token service",
    unauthorized: PERMISSION,
    forbidden: PERMISSION,
    refused: PERMISSION,
    unreachable: "Check whether this machine reaches GitHub, directly or through a proxy (HTTPS_PROXY, NO_PROXY).",
};

const PERMISSION: &str = "Give the job `permissions: id-token: write`; a pull request from a fork does not get it. Check oidc_audience if it is given.";

/// Where the ID token comes from.
pub(super) enum IdToken {
    /// It was given.
    Given(Secret),
    /// It is in a file that somebody else keeps up to date.
    File {
        path: PathBuf,
        /// What names the file.
        place: String,
    },
    /// GitHub issues one (its documentation: `OpenID` Connect reference; actions/toolkit `oidc-utils.ts`).
    GitHub {
        service: TokenService,
        /// Path and query, the audience among them.
        target: String,
        request_token: Secret,
    },
}

impl IdToken {
    pub(super) fn obtain(&self, calls: &Calls<'_>) -> Result<Secret, CallFailure> {
        match self {
            Self::Given(token) => Ok(token.clone()),
            Self::File { path, place } => read_id_token(path)
                .map(|token| calls.learn(token.expose()))
                .map_err(|problem| {
                    let invalid = Verdict::Final(FinalKind::InvalidRequest);
                    CallFailure::transport(invalid, format!("{place} {problem}"), None)
                }),
            Self::GitHub {
                service,
                target,
                request_token,
            } => {
                let bearer = format!("Bearer {}", request_token.expose());
                let request = ApiRequest::verbatim(Method::Get, target)
                    .with_header("Authorization", Secret::new(bearer));
                let reply = service.call(calls, &request)?;
                match reply.object.get("value").and_then(Value::as_str) {
                    Some(token) if !token.is_empty() => Ok(calls.learn(token)),
                    _ => Err(service.lacks(&reply, "value")),
                }
            }
        }
    }
}

/// GitHub's URL with the audience to ask for.
pub(super) fn target_for(target: &str, audience: Option<&str>) -> String {
    let Some(audience) = audience else {
        return target.to_owned();
    };
    let separator = if target.contains('?') { '&' } else { '?' };
    format!("{target}{separator}audience={}", escape(audience))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audience_is_percent_encoded_and_joins_the_query_there_is() {
        assert_eq!(
            target_for("/x?api-version=2.0", Some("https://a b/&c")),
            "/x?api-version=2.0&audience=https%3A%2F%2Fa%20b%2F%26c"
        );
        assert_eq!(target_for("/x", Some("a")), "/x?audience=a");
        assert_eq!(target_for("/x?y", None), "/x?y");
    }
}
