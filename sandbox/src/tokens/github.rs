//! GitHub's ID tokens (its documentation: `OpenID` Connect reference; actions/toolkit `oidc-utils.ts`).

use serde_json::json;

use super::jwt::IdClaims;
use super::{TokenCall, keystone};
use crate::reply::Reply;

impl TokenCall<'_> {
    pub(super) fn github_id_token(&self) -> Result<Reply, Reply> {
        let bearer = format!("Bearer {}", self.config.request_token);
        if self.request.header("Authorization") != Some(&bearer) {
            return Err(keystone(401, "the request token is not valid"));
        }
        let asked = self.request.query_value("audience");
        let claims = IdClaims {
            audience: asked.unwrap_or_else(|| self.config.default_audience.clone()),
            ..self.config.trust.clone()
        };
        let token = claims.sign(self.now_ms + self.config.id_token_ms);
        Ok(Reply::json(200, &json!({"count": 1, "value": token})))
    }
}
