//! What a token service issued, and for how long.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::service::{Calls, TokenService};
use crate::client::{CallFailure, JsonReply};
use crate::credentials::Credentials;
use crate::inputs::secret_problem;

/// Credentials that end.
#[derive(Debug)]
pub(super) struct Issued {
    /// The credentials.
    pub(super) credentials: Credentials,
    /// How long they last from the request on; `None` where the service does not say.
    pub(super) lifetime: Option<Duration>,
}

/// The names that a service gives the parts of a temporary key.
pub(super) struct KeyNames {
    pub(super) object: &'static str,
    pub(super) access_key_id: &'static str,
    pub(super) secret_access_key: &'static str,
    pub(super) security_token: &'static str,
    pub(super) expires_at: &'static str,
}

impl TokenService {
    /// The temporary key in an answer.
    pub(super) fn key(
        &self,
        calls: &Calls<'_>,
        reply: &JsonReply,
        names: &KeyNames,
    ) -> Result<Issued, CallFailure> {
        let part = |name| {
            reply
                .object
                .get(names.object)
                .and_then(|key| key.get(name))
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let secret = |name| match part(name).map(|text| calls.learn(text)) {
            // No header could carry it, and no input is to blame for that.
            Some(secret) if secret_problem(secret.expose(), true).is_some() => {
                Err(self.lacks(reply, &format!("usable {}.{name}", names.object)))
            }
            Some(secret) => Ok(secret),
            None => Err(self.lacks(reply, &format!("{}.{name}", names.object))),
        };
        Ok(Issued {
            credentials: Credentials::AccessKey {
                access_key_id: secret(names.access_key_id)?,
                secret_access_key: secret(names.secret_access_key)?,
                security_token: Some(secret(names.security_token)?),
            },
            lifetime: lifetime(calls, reply, part(names.expires_at)),
        })
    }

    /// The project-scoped token in an answer of IAM: in its header, described in its body.
    pub(super) fn token(
        &self,
        calls: &Calls<'_>,
        reply: &JsonReply,
    ) -> Result<Issued, CallFailure> {
        let Some(token) = &reply.subject_token else {
            return Err(self.lacks(reply, "X-Subject-Token header"));
        };
        let token = calls.learn(token.expose());
        let empty = Map::new();
        let described = reply.object.get("token").and_then(Value::as_object);
        let described = described.unwrap_or(&empty);
        // Without it the token is for the account or for nothing, and CodeArts does not take it (vendor help page
        // api-codeci/cloudbuild_03_0009; IAM v3: iam_13_0605).
        if !described.contains_key("project") {
            return Err(self.lacks(reply, "token.project: the token is not for an IAM project"));
        }
        let expires_at = described.get("expires_at").and_then(Value::as_str);
        Ok(Issued {
            credentials: Credentials::Token(token),
            lifetime: lifetime(calls, reply, expires_at),
        })
    }
}

/// The time until `expires_at` by the service's own clock, so that a wrong one on this side does not matter.
fn lifetime(calls: &Calls<'_>, reply: &JsonReply, expires_at: Option<&str>) -> Option<Duration> {
    let now = reply.date.unwrap_or_else(|| calls.setting.clock.now());
    utc(expires_at?)?.duration_since(now).ok()
}

/// A moment as the services write it: `2025-01-02T03:04:05[.000000]Z`.
fn utc(text: &str) -> Option<SystemTime> {
    humantime::parse_rfc3339(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_and_without_fractions() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_735_787_045);
        assert_eq!(utc("2025-01-02T03:04:05Z"), Some(at));
        let fraction = Duration::from_micros(123_456);
        assert_eq!(utc("2025-01-02T03:04:05.123456Z"), Some(at + fraction));
        for text in ["", "2025-01-02", "2025-01-02T03:04:05+08:00", "soon", "ä"] {
            assert_eq!(utc(text), None, "{text}");
        }
    }
}
