//! A token of IAM v3 for an ID token (vendor help page api-iam/iam_13_0605).

use serde_json::json;

use super::id_token::IdToken;
use super::issued::Issued;
use super::provider::Source;
use super::scope::Scope;
use super::service::{Calls, Role, TokenService};
use crate::client::{ApiRequest, CallFailure, Method};
use crate::secret::Secret;

pub(super) const ROLE: Role = Role {
    name: "IAM",
    unauthorized: TRUST,
    forbidden: "Check that the identity provider's conversion rule puts this job into a user group, and that the group may use the IAM project (iam_project_name, iam_project_id, else the region's own).",
    refused: TRUST,
    unreachable: super::password::ROLE.unreachable,
};

const TRUST: &str = "Check oidc_idp_id, and that the identity provider in IAM has the ID token's issuer, its audience as client id (oidc_audience) and its signing keys; an ID token lasts for minutes only.";

/// An identity provider of IAM v3.
pub(super) struct IdTokenExchange {
    pub(super) iam: TokenService,
    pub(super) idp_id: String,
    pub(super) id_token: IdToken,
    pub(super) scope: Scope,
}

impl Source for IdTokenExchange {
    fn obtain(&self, calls: &Calls<'_>) -> Result<Issued, CallFailure> {
        let id_token = self.id_token.obtain(calls)?;
        let body = json!({"auth": {
            "id_token": {"id": id_token.expose()},
            "scope": self.scope.json(),
        }});
        let request = ApiRequest::new(Method::Post, "/v3.0/OS-AUTH/id-token/tokens")
            .with_header("X-Idp-Id", Secret::new(self.idp_id.as_str()))
            .with_body(body.to_string());
        self.iam.token(calls, &self.iam.call(calls, &request)?)
    }
}
