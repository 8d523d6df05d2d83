//! The metadata service of an ECS host (vendor help page usermanual-ecs/ecs_03_0166; Python SDK:
//! `auth/credentials.py`).

use serde_json::json;

use super::config::Metadata;
use super::{TokenCall, keystone};
use crate::fault::Content;
use crate::ids::id_for;
use crate::reply::{Delivery, Reply};

impl TokenCall<'_> {
    /// The service's token; the same for as long as the configuration is.
    fn own_token(&self) -> String {
        id_for(&format!("metadata/{}", self.config.request_token))
    }

    pub(super) fn metadata_token(&self) -> Result<Reply, Reply> {
        if self.config.metadata == Metadata::KeysWithoutToken {
            return Err(keystone(404, "no such path"));
        }
        if self
            .request
            .header("X-Metadata-Token-Ttl-Seconds")
            .is_none()
        {
            return Err(keystone(400, "the time to live is missing"));
        }
        Ok(Reply {
            status: 200,
            headers: Vec::new(),
            body: Content::Text(self.own_token()),
            delivery: Delivery::Whole,
        })
    }

    pub(super) fn metadata_key(&mut self) -> Result<Reply, Reply> {
        let has_token = self.request.header("X-Metadata-Token") == Some(&self.own_token());
        match self.config.metadata {
            Metadata::NoAgency => {
                return Err(keystone(401, "Configure an agency for the ECS first."));
            }
            Metadata::Keys if !has_token => return Err(keystone(401, "the token is not valid")),
            Metadata::Keys | Metadata::KeysWithoutToken => {}
        }
        let key = self.temporary_key();
        Ok(Reply::json(
            200,
            &json!({"credential": {
                "access": key.access_key_id,
                "secret": key.secret_access_key,
                "securitytoken": key.security_token,
                "expires_at": key.expires_at,
            }}),
        ))
    }
}
