//! The services that issue credentials: IAM, STS, GitHub's ID tokens, the metadata service of an ECS host.
//!
//! What they issue goes into the store of identities, so that the pipeline's calls verify it as everything else.

mod config;
mod github;
mod iam;
mod issue;
mod jwt;
mod metadata;
mod sts;

use serde_json::{Value, json};

pub use config::{Metadata, TokenServices};
pub use jwt::IdClaims;

use crate::auth::Identities;
use crate::endpoint::Endpoint;
use crate::reply::Reply;
use crate::request::Request;

/// The calls of these services.
pub(crate) fn route(request: &Request) -> Option<Endpoint> {
    Some(match (request.method.as_str(), request.path()) {
        ("POST", "/v3/auth/tokens") => Endpoint::PasswordToken,
        ("POST", "/v3.0/OS-AUTH/id-token/tokens") => Endpoint::IdTokenExchange,
        ("POST", "/v5/agencies/assume-with-oidc") => Endpoint::AssumeWithOidc,
        ("GET", "/github/idtoken") => Endpoint::GitHubIdToken,
        ("PUT", "/meta-data/latest/api/token") => Endpoint::MetadataToken,
        ("GET", "/openstack/latest/securitykey") => Endpoint::MetadataKey,
        _ => return None,
    })
}

/// One call, with everything it may look at and change.
pub(crate) struct TokenCall<'a> {
    pub(crate) config: &'a TokenServices,
    pub(crate) identities: &'a mut Identities,
    pub(crate) request: &'a Request,
    /// The id of the request, different for each.
    pub(crate) request_id: &'a str,
    pub(crate) now_ms: u64,
}

impl TokenCall<'_> {
    pub(crate) fn answer(&mut self, endpoint: Endpoint) -> Reply {
        let answer = match endpoint {
            Endpoint::PasswordToken => self.password_token(),
            Endpoint::IdTokenExchange => self.id_token_exchange(),
            Endpoint::AssumeWithOidc => self.assume_with_oidc(),
            Endpoint::GitHubIdToken => self.github_id_token(),
            Endpoint::MetadataToken => self.metadata_token(),
            Endpoint::MetadataKey => self.metadata_key(),
            _ => Err(keystone(404, "no such call")),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    /// The body of the request; `null` if it is no JSON.
    fn body(&self) -> Value {
        serde_json::from_slice(&self.request.body).unwrap_or(Value::Null)
    }
}

/// An error as IAM v3 writes it (general form of keystone).
fn keystone(status: u16, message: &str) -> Reply {
    let title = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        _ => "Not Found",
    };
    Reply::json(
        status,
        &json!({"error": {"code": status, "message": message, "title": title}}),
    )
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
