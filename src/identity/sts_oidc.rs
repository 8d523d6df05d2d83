//! Temporary keys of an agency for an ID token (vendor help page api-iam5/AssumeAgencyWithOIDC).

use serde_json::{Map, Value};

use super::id_token::IdToken;
use super::issued::{Issued, KeyNames};
use super::provider::Source;
use super::service::{Calls, Role, TokenService};
use crate::client::{ApiRequest, CallFailure, Method};
use crate::credentials::Session;

pub(super) const ROLE: Role = Role {
    name: "STS",
    unauthorized: TRUST,
    forbidden: TRUST,
    refused: TRUST,
    unreachable: "Check region, or sts_endpoint if it is given, and whether this machine reaches the host, directly or through a proxy (HTTPS_PROXY, NO_PROXY).",
};

const TRUST: &str = "Check oidc_provider_urn and oidc_agency_urn, and that the agency's trust policy names the provider and this job's audience (oidc_audience) and subject; an ID token lasts for minutes only.";

const KEY: KeyNames = KeyNames {
    object: "credentials",
    access_key_id: "access_key_id",
    secret_access_key: "secret_access_key",
    security_token: "security_token",
    expires_at: "expiration",
};

/// Names the session in the audit log, unless `HUAWEICLOUD_OIDC_SESSION_NAME` does.
const SESSION_NAME: &str = env!("CARGO_PKG_NAME");

/// An agency to assume.
pub(super) struct AssumedAgency {
    pub(super) sts: TokenService,
    pub(super) provider_urn: String,
    pub(super) agency_urn: String,
    pub(super) id_token: IdToken,
    pub(super) session: Session,
}

impl Source for AssumedAgency {
    fn obtain(&self, calls: &Calls<'_>) -> Result<Issued, CallFailure> {
        let id_token = self.id_token.obtain(calls)?;
        let session = &self.session;
        let name = session.name.as_deref().unwrap_or(SESSION_NAME);
        let mut body = Map::new();
        let mut add = |name: &str, value: Value| body.insert(name.to_owned(), value);
        add("provider_urn", self.provider_urn.as_str().into());
        add("agency_urn", self.agency_urn.as_str().into());
        add("agency_session_name", name.into());
        add("id_token", id_token.expose().into());
        if let Some(seconds) = session.duration_seconds {
            add("duration_seconds", seconds.into());
        }
        if let Some(policy) = &session.policy {
            add("policy", policy.as_str().into());
        }
        if !session.policy_ids.is_empty() {
            add("policy_ids", session.policy_ids.clone().into());
        }
        let request = ApiRequest::new(Method::Post, "/v5/agencies/assume-with-oidc")
            .with_body(Value::from(body).to_string());
        self.sts.key(calls, &self.sts.call(calls, &request)?, &KEY)
    }
}
