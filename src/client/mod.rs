//! Signed HTTP: it knows attempts, credentials and error bodies, and nothing about pipelines.
//!
//! ```text
//! request ─► sign ─► transport ─► classify ─► Reply
//!    ▲                               │
//!    └────── schedule: delay ◄───────┘ CallFailure
//! ```

mod classify;
mod codes;
mod error;
mod error_body;
mod provider;
mod request;
mod retry_after;
mod schedule;
mod sign;
mod transport;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

pub use classify::{JsonReply, Reply, unexpected_fields};
pub use codes::CHECK_IDS;
pub use error::{CallFailure, Cause, FinalKind, Verdict};
pub(crate) use error_body::errors_come_once;
pub use provider::{CredentialProvider, FixedCredentials, Renewal};
pub use request::{ApiRequest, Method, escape};
pub use schedule::{Exhausted, Random, RetryPolicy, Schedule};
pub use transport::{
    Answer, Body, Connect, ExtraRoots, InvalidProxy, MAX_ANSWER_BYTES, Network, ProxyChoice,
    ProxySettings, Target, Transport, UreqTransport, UreqTransportSettings, WireRequest,
};

use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::secret::Redactor;

/// Sent with every call, also with one that has no body; not signed, since proxies may change it (SDK: observed).
const CONTENT_TYPE: &str = "application/json;charset=utf-8";

/// Calls the API of one host with one identity.
#[derive(Clone, Copy)]
pub struct Client<'a> {
    /// Sends single requests.
    pub transport: &'a dyn Transport,
    /// Dates signatures, measures attempts, sleeps between them.
    pub clock: &'a dyn Clock,
    /// The source of jitter.
    pub random: Random<'a>,
    /// Who calls.
    pub credentials: &'a dyn CredentialProvider,
    /// The `Host` header as it is sent: it is signed.
    pub host: &'a str,
    /// Sent and signed as `X-Project-Id`: the IAM project, not the `CodeArts` one.
    pub iam_project_id: Option<&'a str>,
    /// Takes secrets out of what the service says.
    pub redactor: &'a Redactor,
    /// How often and how long a call is tried.
    pub policy: RetryPolicy,
    /// The bound of each whole attempt, connecting included, where it is tighter than the time-outs of the transport.
    pub time_limit: Option<Duration>,
}

/// One attempt, for the log.
#[derive(Clone, Copy, Debug)]
pub struct AttemptRecord<'a> {
    /// The call.
    pub request: &'a ApiRequest,
    /// Its number, from 1.
    pub number: u32,
    /// How long it took.
    pub took: Duration,
}

impl Client<'_> {
    /// Gets the credentials before anything is sent. Without it the first attempt does.
    pub fn identify(&self) -> Result<(), CallFailure> {
        self.credentials
            .current()
            .map(drop)
            .map_err(CallFailure::without_credentials)
    }

    /// Signs, sends and classifies once, twice where a 401 brings other credentials. Each attempt is signed with its own
    /// date; those of one call share one renewal.
    pub fn attempt(
        &self,
        request: &ApiRequest,
        renewal: &mut Renewal,
    ) -> (Result<Reply, CallFailure>, Duration) {
        let started = self.clock.monotonic();
        let result = self
            .credentials
            .current()
            .map_err(CallFailure::without_credentials)
            .and_then(|credentials| self.send(request, &credentials, renewal));
        (result, self.clock.monotonic().saturating_sub(started))
    }

    fn send(
        &self,
        request: &ApiRequest,
        credentials: &Arc<Credentials>,
        renewal: &mut Renewal,
    ) -> Result<Reply, CallFailure> {
        let refusal = match self.exchange(request, credentials) {
            Err(failure) if failure.verdict == Verdict::Final(FinalKind::Unauthorized) => failure,
            other => return other,
        };
        if renewal.is_used {
            return Err(refusal);
        }
        // Also where it fails: the next attempt asks for others before it is sent.
        renewal.is_used = true;
        match self.credentials.renew(credentials) {
            Ok(None) => Err(refusal),
            Ok(Some(newer)) => self.exchange(request, &newer),
            Err(failure) => Err(CallFailure {
                reason: format!("{}; {}", refusal.reason, failure.reason),
                ..failure.without_credentials()
            }),
        }
    }

    fn exchange(
        &self,
        request: &ApiRequest,
        credentials: &Credentials,
    ) -> Result<Reply, CallFailure> {
        let now = self.clock.now();
        self.transport
            .send(&self.wire_request(request, credentials, now))
            .and_then(|answer| classify::classify(answer, self.redactor, self.clock.now()))
    }

    /// Calls something that only reads: whatever may pass is sent again, an unreadable answer included.
    pub fn read(&self, request: &ApiRequest) -> Result<JsonReply, CallFailure> {
        let mut schedule = Schedule::new(self.policy);
        let mut renewal = Renewal::default();
        loop {
            let number = schedule.attempt();
            let (result, took) = self.attempt(request, &mut renewal);
            let record = AttemptRecord {
                request,
                number,
                took,
            };
            let mut failure = match result {
                Ok(Reply::Json(reply)) => {
                    record.log_success(reply.http_status, reply.request_id.as_deref());
                    return Ok(reply);
                }
                Ok(Reply::Queued { .. }) => CallFailure::transport(
                    Verdict::Final(FinalKind::Refused),
                    "the service answers a read with a queue code",
                    None,
                ),
                Err(failure) => failure,
            };
            let next = is_worth_reading_again(&failure)
                .then(|| schedule.next(&failure, self.clock.monotonic(), self.random));
            if let Some(Err(end)) = next
                && let Some(pause) = end.asked_pause()
            {
                failure.reason = format!("{}; {pause}", failure.reason);
            }
            let next = next.and_then(Result::ok);
            record.log_failure(&failure, next);
            match next {
                Some(delay) => self.clock.sleep(delay),
                None => return Err(failure),
            }
        }
    }

    fn wire_request(
        &self,
        request: &ApiRequest,
        credentials: &Credentials,
        now: SystemTime,
    ) -> WireRequest {
        let mut headers = vec![("Content-Type", Zeroizing::new(CONTENT_TYPE.to_owned()))];
        let own = request.headers.iter();
        headers.extend(own.map(|(name, value)| (*name, Zeroizing::new(value.expose().to_owned()))));
        let project = self.iam_project_id.map(|id| ("X-Project-Id", id));
        match credentials {
            Credentials::Anonymous => {}
            Credentials::Token(token) => {
                headers.push(("X-Auth-Token", Zeroizing::new(token.expose().to_owned())));
                headers.extend(project.map(|(name, id)| (name, Zeroizing::new(id.to_owned()))));
            }
            Credentials::AccessKey {
                access_key_id,
                secret_access_key,
                security_token,
            } => {
                let date = sign::sdk_date(now);
                let mut signed = vec![("X-Sdk-Date", date.as_str())];
                signed.extend(project);
                signed.extend(
                    security_token
                        .as_ref()
                        .map(|token| ("X-Security-Token", token.expose())),
                );
                headers.extend(
                    signed
                        .iter()
                        .map(|(name, value)| (*name, Zeroizing::new((*value).to_owned()))),
                );
                signed.push(("Host", self.host));
                let signed: Vec<_> = signed
                    .into_iter()
                    .map(|(name, value)| sign::SignedHeader { name, value })
                    .collect();
                headers.push((
                    "Authorization",
                    sign::authorization(request, &signed, &date, access_key_id, secret_access_key),
                ));
            }
        }
        WireRequest {
            method: request.method,
            target: request.target(),
            headers,
            body: request.body.clone().unwrap_or_default(),
            time_limit: self.time_limit,
        }
    }
}

fn is_worth_reading_again(failure: &CallFailure) -> bool {
    !matches!(failure.verdict, Verdict::Final(_))
        || matches!(failure.cause, Cause::Unreadable | Cause::UnknownCode)
}

impl AttemptRecord<'_> {
    /// One line for an attempt that succeeded.
    pub fn log_success(&self, http_status: u16, request_id: Option<&str>) {
        log::debug!(
            "{self}: {http_status}{} in {:?}",
            request_id
                .map(|id| format!(", request id {id}"))
                .unwrap_or_default(),
            self.took
        );
    }

    /// One line for an attempt that did not, with what follows it.
    pub fn log_failure(&self, failure: &CallFailure, next: Option<Duration>) {
        let status = failure
            .http_status
            .map_or_else(|| failure.reason.clone(), |status| status.to_string());
        let code = failure
            .service_code
            .as_ref()
            .map(|code| format!(", {code}"))
            .unwrap_or_default();
        let id = failure
            .request_id
            .as_ref()
            .map(|id| format!(", request id {id}"))
            .unwrap_or_default();
        let next = next.map_or_else(
            || "no further attempt".to_owned(),
            |delay| format!("next in {delay:.1?}"),
        );
        log::debug!("{self}: {status}{code}{id} in {:.1?}; {next}", self.took);
    }
}

impl std::fmt::Display for AttemptRecord<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} attempt {}",
            self.request.method.as_str(),
            self.request.target(),
            self.number
        )
    }
}

#[cfg(test)]
mod tests;
