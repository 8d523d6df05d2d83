//! A token for the password of an IAM user (vendor help page api-iam/iam_30_0001).

use serde_json::json;

use super::issued::Issued;
use super::provider::Source;
use super::scope::Scope;
use super::service::{Calls, Role, TokenService};
use crate::client::{ApiRequest, CallFailure, Method};
use crate::secret::Secret;

pub(super) const ROLE: Role = Role {
    name: "IAM",
    unauthorized: "Check iam_domain_name (the account), iam_user_name and iam_password: the user must be allowed programmatic access and must not be locked.",
    forbidden: "Check that the user may use the IAM project (iam_project_name, iam_project_id, else the region's own), and that no access rule of the account keeps this machine out.",
    refused: "Check iam_project_name or iam_project_id: the IAM project must exist, and the user must belong to it.",
    unreachable: "Check region, or iam_endpoint if it is given, and whether this machine reaches the host, directly or through a proxy (HTTPS_PROXY, NO_PROXY).",
};

/// An IAM user.
pub(super) struct IamUser {
    pub(super) iam: TokenService,
    pub(super) domain_name: String,
    pub(super) name: String,
    pub(super) password: Secret,
    pub(super) scope: Scope,
}

impl Source for IamUser {
    fn obtain(&self, calls: &Calls<'_>) -> Result<Issued, CallFailure> {
        let body = json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": self.name,
                "password": self.password.expose(),
                "domain": {"name": self.domain_name},
            }}},
            "scope": self.scope.json(),
        }});
        let request = ApiRequest::new(Method::Post, "/v3/auth/tokens")
            .with_query("nocatalog", "true")
            .with_body(body.to_string());
        self.iam.token(calls, &self.iam.call(calls, &request)?)
    }
}
