//! Answers written by hand, and a service that gives them.
//!
//! ```text
//! 200
//! Retry-After: 3
//!
//! {"success":true}
//! ```
//!
//! The first line is the status, with `unfinished` or `too-large` behind it where the body is so. Header lines may
//! follow; the body begins after the first empty line.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use codearts_retry::client::{
    Answer, ApiRequest, Body, CallFailure, Client, CredentialProvider, FixedCredentials, Method,
    Renewal, Reply, RetryPolicy, Transport, WireRequest,
};
use codearts_retry::clock::Clock;
use codearts_retry::credentials::Credentials;
use codearts_retry::secret::Redactor;

/// Reads an answer.
pub(crate) fn answer(data: &[u8]) -> Answer {
    let (head, body) = split_once(data, b"\n\n").unwrap_or((data, b""));
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let status = first.next().and_then(|status| status.parse().ok());
    let mut answer = Answer {
        status: status
            .filter(|status| (200..=599).contains(status))
            .unwrap_or(200),
        body: match first.next() {
            Some("unfinished") => Body::Unfinished(body.to_owned()),
            Some("too-large") => Body::TooLarge,
            _ => Body::Complete(body.to_owned()),
        },
        ..Answer::default()
    };
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        // A header of ours has no line break and no NUL, whatever the service does.
        let value = Some(value.replace(['\0', '\r'], " "));
        match name {
            "Retry-After" => answer.retry_after = value,
            "Date" => answer.date = value,
            "X-Request-Id" => answer.request_id = value,
            "Location" => answer.location = value,
            _ => {}
        }
    }
    answer
}

pub(crate) fn split_once<'a>(data: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = data
        .windows(separator.len())
        .position(|window| window == separator)?;
    Some((&data[..at], &data[at + separator.len()..]))
}

/// A service that answers by rule, and a clock that only sleeping moves.
pub(crate) struct Canned<F> {
    rule: F,
    sent: Mutex<Vec<Method>>,
    passed: Mutex<Duration>,
}

impl<F: Fn(&WireRequest, usize) -> Answer + Send + Sync> Canned<F> {
    /// The rule gets the request, and how many of its method were sent before it.
    pub(crate) fn new(rule: F) -> Self {
        Self {
            rule,
            sent: Mutex::default(),
            passed: Mutex::default(),
        }
    }

    pub(crate) fn sent(&self, method: Method) -> usize {
        let sent = self.sent.lock().unwrap();
        sent.iter().filter(|one| **one == method).count()
    }

    /// A client of it, which gives up after this time.
    pub(crate) fn client<'a>(
        &'a self,
        credentials: &'a dyn CredentialProvider,
        redactor: &'a Redactor,
        max_attempts: u32,
        deadline: Duration,
    ) -> Client<'a> {
        Client {
            transport: self,
            clock: self,
            random: &|| 0.5,
            credentials,
            host: HOST,
            iam_project_id: None,
            redactor,
            policy: RetryPolicy {
                max_attempts,
                backoff: Duration::from_secs(1),
                max_backoff: Duration::from_secs(30),
                deadline,
            },
            time_limit: None,
        }
    }
}

pub(crate) const HOST: &str = "service.example";

/// When the clock starts, in seconds of Unix time.
pub(crate) const START: u64 = 1_790_000_000;

impl<F: Fn(&WireRequest, usize) -> Answer + Send + Sync> Transport for Canned<F> {
    fn send(&self, request: &WireRequest) -> Result<Answer, CallFailure> {
        let before = self.sent(request.method);
        self.sent.lock().unwrap().push(request.method);
        Ok((self.rule)(request, before))
    }
}

impl<F: Send + Sync> Clock for Canned<F> {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(START) + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        *self.passed.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) {
        *self.passed.lock().unwrap() += duration;
    }
}

/// No credentials: who asks is nothing that an answer depends on.
pub(crate) fn anonymous() -> FixedCredentials {
    FixedCredentials(Credentials::Anonymous.into())
}

/// What the client makes of one answer.
pub(crate) fn attempt(answer: &Answer, redactor: &Redactor) -> Result<Reply, CallFailure> {
    let canned = Canned::new(|_: &WireRequest, _| answer.clone());
    let credentials = anonymous();
    let client = canned.client(&credentials, redactor, 1, Duration::from_secs(600));
    client
        .attempt(
            &ApiRequest::new(Method::Put, "/v5/x"),
            &mut Renewal::default(),
        )
        .0
}

/// An answer whose body is this JSON.
pub(crate) fn json_answer(status: u16, json: impl Into<Vec<u8>>) -> Answer {
    Answer {
        status,
        body: Body::Complete(json.into()),
        ..Answer::default()
    }
}
