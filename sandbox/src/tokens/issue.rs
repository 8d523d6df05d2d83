//! Makes credentials and puts them where calls are verified against.

use serde_json::{Value, json};

use super::TokenCall;
use crate::auth::{AccessKey, UserToken, date};
use crate::ids::id_for;
use crate::reply::Reply;

/// A temporary key as it is handed out.
pub(super) struct TemporaryKey {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) security_token: String,
    pub(super) expires_at: String,
}

impl TokenCall<'_> {
    fn unique(&self, what: &str) -> String {
        id_for(&format!("{what}/{}", self.request_id))
    }

    /// 201 with a token of the member in `X-Subject-Token` (vendor help page api-iam/iam_30_0001).
    pub(super) fn token(&mut self, method: &str) -> Reply {
        let expires_ms = self.now_ms + self.config.token_ms;
        let token = format!("MIIPIssued{}/{}+==", self.unique("t1"), self.unique("t2"));
        self.identities
            .add_token(UserToken::new(token.as_str()).expires_ms(expires_ms));
        let mut body = json!({"token": {
            "methods": [method],
            "expires_at": date::format(expires_ms),
            "issued_at": date::format(self.now_ms),
            "user": {"name": self.config.user_name},
        }});
        if !self.config.unscoped {
            body["token"]["project"] =
                json!({"id": self.config.project_id, "name": self.config.project_name});
        }
        let mut reply = Reply::json(201, &body);
        reply.add_header("X-Subject-Token", token);
        reply
    }

    /// Whether the scope of a token request names the project there is.
    pub(super) fn is_for_the_project(&self, scope: &Value) -> bool {
        let project = &scope["project"];
        project["name"].as_str() == Some(&self.config.project_name)
            || project["id"].as_str() == Some(&self.config.project_id)
    }

    /// A temporary key of the member.
    pub(super) fn temporary_key(&mut self) -> TemporaryKey {
        let expires_ms = self.now_ms + self.config.key_ms;
        let key = TemporaryKey {
            access_key_id: self.unique("ak")[..20].to_uppercase(),
            secret_access_key: format!("{}{}", self.unique("sk"), &self.unique("sk2")[..8]),
            security_token: format!("hQpjbi1{}/{}+=", self.unique("s1"), self.unique("s2")),
            expires_at: date::format(expires_ms),
        };
        self.identities.add_key(
            AccessKey::new(key.access_key_id.as_str(), key.secret_access_key.as_str())
                .security_token(key.security_token.as_str())
                .expires_ms(expires_ms),
        );
        key
    }
}
