//! One call to a token service, by the rules of every call: attempts, budget, no redirect, `Retry-After`.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use crate::client::{
    ApiRequest, CallFailure, Cause, Client, FinalKind, FixedCredentials, JsonReply, Random,
    RetryPolicy, Transport, Verdict, unexpected_fields,
};
use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::secret::{Redactor, Secret, SecretKeeper};

/// What surrounds the calls of a step.
#[derive(Clone)]
pub struct Setting {
    /// Measures attempts and lifetimes, sleeps between attempts.
    pub clock: Arc<dyn Clock>,
    /// The source of jitter.
    pub random: Random<'static>,
    /// Takes secrets out of what a service says; it knows what `keeper` learns.
    pub redactor: Redactor,
    /// Masks what a service issues.
    pub keeper: Arc<dyn SecretKeeper>,
    /// How often and how long a call is tried.
    pub policy: RetryPolicy,
}

/// The calls that obtain credentials once, and the secrets that they brought.
pub(super) struct Calls<'a> {
    pub(super) setting: &'a Setting,
    pub(super) policy: RetryPolicy,
    pub(super) learned: RefCell<Vec<Secret>>,
}

impl<'a> Calls<'a> {
    /// No call yet. Each will have this many attempts.
    pub(super) fn new(setting: &'a Setting, max_attempts: u32) -> Self {
        Self {
            setting,
            policy: RetryPolicy {
                max_attempts,
                ..setting.policy
            },
            learned: RefCell::default(),
        }
    }

    /// What one attempt may take: a service that hangs does not hold the step beyond its end.
    pub(super) fn time_left(&self) -> Duration {
        let now = self.setting.clock.monotonic();
        self.policy.deadline.saturating_sub(now).max(LAST_CALL)
    }

    /// Takes a secret over from an answer: masked before anything else happens with it.
    pub(super) fn learn(&self, value: &str) -> Secret {
        let secret = Secret::new(value);
        self.setting.keeper.learn(std::slice::from_ref(&secret));
        self.learned.borrow_mut().push(secret.clone());
        secret
    }
}

/// A service that issues tokens or keys.
pub(super) struct TokenService {
    /// The way to it.
    pub(super) transport: Box<dyn Transport>,
    /// Its host.
    pub(super) endpoint: Endpoint,
    /// Its name and what to do when it fails.
    pub(super) role: &'static Role,
}

/// What a token service is called, and what to do about its failures.
pub(super) struct Role {
    pub(super) name: &'static str,
    /// After a 401.
    pub(super) unauthorized: &'static str,
    /// After a 403.
    pub(super) forbidden: &'static str,
    /// After a 404 or another refusal.
    pub(super) refused: &'static str,
    /// When it is not there, or something else is.
    pub(super) unreachable: &'static str,
}

/// What an attempt may take at the end of the step's time, as a last look at the run may.
const LAST_CALL: Duration = Duration::from_secs(5);

const LATER: &str = "Run the step again later.";

impl TokenService {
    /// Sends the request until it is answered; the answer is an object without an error in it.
    pub(super) fn call(
        &self,
        calls: &Calls<'_>,
        request: &ApiRequest,
    ) -> Result<JsonReply, CallFailure> {
        let setting = calls.setting;
        let client = Client {
            transport: &*self.transport,
            clock: &*setting.clock,
            random: setting.random,
            credentials: &FixedCredentials(Arc::new(Credentials::Anonymous)),
            host: self.endpoint.host_header(),
            iam_project_id: None,
            redactor: &setting.redactor,
            policy: calls.policy,
            time_limit: Some(calls.time_left()),
        };
        client
            .read(request)
            .map_err(|failure| self.explained(unquoted(failure)))
    }

    /// A complete answer without what the call promises.
    pub(super) fn lacks(&self, reply: &JsonReply, what: &str) -> CallFailure {
        self.explained(unexpected_fields(
            reply,
            format!("the answer has no {what}"),
        ))
    }

    fn explained(&self, failure: CallFailure) -> CallFailure {
        let role = self.role;
        let advice = match failure.verdict {
            Verdict::Final(FinalKind::Unauthorized) => Some(role.unauthorized),
            Verdict::Final(FinalKind::Forbidden) => Some(role.forbidden),
            Verdict::Final(FinalKind::NotFound) => Some(role.refused),
            Verdict::Final(FinalKind::Refused) => match failure.http_status {
                Some(400..=499) => Some(role.refused),
                _ => Some(role.unreachable),
            },
            Verdict::Final(FinalKind::Unavailable | FinalKind::InvalidRequest) => failure.advice,
            Verdict::NotSent => Some(role.unreachable),
            Verdict::Unprocessed | Verdict::MaybeProcessed => Some(LATER),
        };
        let reason = match failure.verdict {
            Verdict::Final(FinalKind::NotFound) => "what was asked for is not there",
            _ => failure.reason.as_str(),
        };
        CallFailure {
            reason: format!(
                "no credentials from {} at {}: {reason}",
                role.name,
                self.endpoint.host_header()
            ),
            advice,
            ..failure
        }
    }
}

/// An answer that is not understood may hold what was issued all the same, and nobody masks that: it is not quoted.
fn unquoted(failure: CallFailure) -> CallFailure {
    if failure.cause != Cause::Unreadable {
        return failure;
    }
    CallFailure {
        reason: "the answer is not a JSON object".to_owned(),
        ..failure
    }
}
