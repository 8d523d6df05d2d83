//! STS: temporary keys of an agency for an ID token (vendor help page api-iam5/AssumeAgencyWithOIDC). STS5.1001 and
//! STS5.2001 are seen in public projects; the other codes, and the statuses, are inferred.

use serde_json::json;

use super::TokenCall;
use super::jwt::JwtProblem;
use crate::reply::Reply;
use crate::service::error;

/// The shortest session, in seconds.
const SHORTEST: u64 = 900;
/// The longest session an agency can allow, in seconds.
const LONGEST: u64 = 12 * 60 * 60;

impl TokenCall<'_> {
    pub(super) fn assume_with_oidc(&mut self) -> Result<Reply, Reply> {
        let body = self.body();
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        if text("agency_session_name").is_empty() {
            return Err(error(400, "STS5.0001", "agency_session_name is missing"));
        }
        if text("provider_urn") != self.config.provider_urn {
            return Err(error(404, "STS5.2000", "the provider does not exist"));
        }
        if text("agency_urn") != self.config.agency_urn {
            return Err(error(403, "STS5.1001", "the agency cannot be assumed"));
        }
        if let Some(seconds) = body["duration_seconds"].as_u64()
            && !(SHORTEST..=LONGEST).contains(&seconds)
        {
            return Err(error(400, "STS5.0002", "duration_seconds is out of range"));
        }
        match self.config.trust.verify(text("id_token"), self.now_ms) {
            Ok(()) => {}
            Err(problem @ (JwtProblem::Signature | JwtProblem::Expired)) => {
                let message = format!(
                    "the ID token {} is not valid: {problem:?}",
                    text("id_token")
                );
                return Err(error(401, "STS5.2002", &message));
            }
            Err(problem) => {
                let code = match problem {
                    JwtProblem::Audience => "STS5.2001",
                    _ => "STS5.1001",
                };
                let message = format!("the trust policy does not allow it: {problem:?}");
                return Err(error(403, code, &message));
            }
        }
        let key = self.temporary_key();
        Ok(Reply::json(
            201,
            &json!({
                "credentials": {
                    "access_key_id": key.access_key_id,
                    "secret_access_key": key.secret_access_key,
                    "security_token": key.security_token,
                    "expiration": key.expires_at,
                },
                "assumed_agency": {"urn": self.config.agency_urn},
            }),
        ))
    }
}
