//! IAM v3: a token for a password (vendor help page api-iam/iam_30_0001), and one for an ID token
//! (api-iam/iam_13_0605). The texts of refusals are inferred.

use super::{TokenCall, keystone};
use crate::reply::Reply;

impl TokenCall<'_> {
    pub(super) fn password_token(&mut self) -> Result<Reply, Reply> {
        let body = self.body();
        let user = &body["auth"]["identity"]["password"]["user"];
        let known = user["name"].as_str() == Some(&self.config.user_name)
            && user["domain"]["name"].as_str() == Some(&self.config.domain_name)
            && user["password"].as_str() == Some(&self.config.password);
        if !known {
            return Err(keystone(401, "The username or password is wrong."));
        }
        if !self.is_for_the_project(&body["auth"]["scope"]) {
            return Err(keystone(400, "The project does not exist."));
        }
        Ok(self.token("password"))
    }

    pub(super) fn id_token_exchange(&mut self) -> Result<Reply, Reply> {
        let body = self.body();
        if self.request.header("X-Idp-Id") != Some(&self.config.idp_id) {
            return Err(keystone(404, "Could not find identity provider."));
        }
        let token = body["auth"]["id_token"]["id"].as_str().unwrap_or_default();
        if let Err(problem) = self.config.trust.verify(token, self.now_ms) {
            let message = format!("The ID token {token} is not valid: {problem:?}.");
            return Err(keystone(401, &message));
        }
        if !self.is_for_the_project(&body["auth"]["scope"]) {
            return Err(keystone(403, "You have no right to access this project."));
        }
        Ok(self.token("mapped"))
    }
}
