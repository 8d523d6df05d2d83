//! Temporary keys of the agency of the ECS host, from its metadata service (vendor help page usermanual-ecs/ecs_03_0166;
//! Python SDK: `auth/credentials.py`).

use zeroize::Zeroizing;

use super::issued::{Issued, KeyNames};
use super::provider::Source;
use super::service::{Calls, Role, TokenService};
use crate::client::{ApiRequest, Body, CallFailure, FinalKind, Method, Verdict, WireRequest};
use crate::secret::Secret;

pub(super) const ROLE: Role = Role {
    name: "the metadata service",
    unauthorized: AGENCY,
    forbidden: AGENCY,
    refused: AGENCY,
    unreachable: "Leave `ecs_metadata` out where the step does not run on an ECS host of Huawei Cloud.",
};

const AGENCY: &str = "Configure an agency on the ECS host: its keys are what `ecs_metadata: true` takes. Leave it out where the step does not run on an ECS host of Huawei Cloud.";

const KEY: KeyNames = KeyNames {
    object: "credential",
    access_key_id: "access",
    secret_access_key: "secret",
    security_token: "securitytoken",
    expires_at: "expires_at",
};

/// A token of the metadata service may be old when it is refused; a new one is asked for this often.
const ROUNDS: u32 = 2;

/// The host that the step runs on.
pub(super) struct EcsHost {
    pub(super) metadata: TokenService,
}

impl Source for EcsHost {
    fn obtain(&self, calls: &Calls<'_>) -> Result<Issued, CallFailure> {
        let mut round = 1;
        loop {
            let mut request = ApiRequest::new(Method::Get, "/openstack/latest/securitykey");
            if let Some(token) = self.token(calls) {
                request = request.with_header("X-Metadata-Token", token);
            }
            let failure = match self.metadata.call(calls, &request) {
                Ok(reply) => return self.metadata.key(calls, &reply, &KEY),
                Err(failure) => failure,
            };
            let asks_for_an_agency = failure
                .service_message
                .as_deref()
                .is_some_and(|text| text.to_ascii_lowercase().contains("agency"));
            let refused = failure.verdict == Verdict::Final(FinalKind::Unauthorized);
            if !refused || asks_for_an_agency || round == ROUNDS {
                return Err(failure);
            }
            round += 1;
        }
    }
}

impl EcsHost {
    /// The token that newer hosts want; older ones have no such call, and whatever else is wrong shows in the next one.
    fn token(&self, calls: &Calls<'_>) -> Option<Secret> {
        let answer = self.metadata.transport.send(&WireRequest {
            method: Method::Put,
            target: "/meta-data/latest/api/token".to_owned(),
            headers: vec![(
                "X-Metadata-Token-Ttl-Seconds",
                Zeroizing::new("21600".to_owned()),
            )],
            body: String::new(),
            time_limit: Some(calls.time_left()),
        });
        let answer = answer.ok().filter(|answer| answer.status == 200)?;
        let Body::Complete(bytes) = &answer.body else {
            return None;
        };
        let text = std::str::from_utf8(bytes).ok()?.trim();
        let is_token = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| calls.learn(text))
    }
}
