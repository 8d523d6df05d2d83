//! What a call does with its answers: which it repeats, when it asks for other credentials, what it says at the end.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::*;
use crate::secret::Secret;

type Outcome = Result<Answer, CallFailure>;

/// A service that answers by a script, and the time that passes meanwhile: only while the client sleeps.
#[derive(Default)]
struct Script(Mutex<State>);

#[derive(Default)]
struct State {
    answers: VecDeque<Outcome>,
    /// The token of each request.
    tokens: Vec<String>,
    slept: Vec<Duration>,
}

impl Script {
    fn of(answers: impl IntoIterator<Item = Outcome>) -> Self {
        Self(Mutex::new(State {
            answers: answers.into_iter().collect(),
            ..State::default()
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn requests(&self) -> usize {
        self.state().tokens.len()
    }
}

impl Transport for Script {
    fn send(&self, request: &WireRequest) -> Outcome {
        let mut state = self.state();
        let token = request
            .headers
            .iter()
            .find(|(name, _)| *name == "X-Auth-Token")
            .map(|(_, value)| value.as_str().to_owned());
        state.tokens.push(token.unwrap_or_default());
        state.answers.pop_front().expect("no more was expected")
    }
}

impl Clock for Script {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn monotonic(&self) -> Duration {
        self.state().slept.iter().sum()
    }

    fn sleep(&self, duration: Duration) {
        self.state().slept.push(duration);
    }
}

/// Tokens `t1`, `t2`, …: a new one after each refusal, or what keeps it from coming.
struct Tokens {
    issued: Mutex<u32>,
    problem: Option<CallFailure>,
}

impl Tokens {
    fn new(problem: Option<CallFailure>) -> Self {
        let issued = Mutex::new(1);
        Self { issued, problem }
    }
}

impl CredentialProvider for Tokens {
    fn current(&self) -> Result<Arc<Credentials>, CallFailure> {
        let token = format!("t{}", self.issued.lock().unwrap());
        Ok(Arc::new(Credentials::Token(Secret::new(token))))
    }

    fn renew(&self, _: &Arc<Credentials>) -> Result<Option<Arc<Credentials>>, CallFailure> {
        *self.issued.lock().unwrap() += 1;
        match self.problem.clone() {
            Some(problem) => Err(problem),
            None => self.current().map(Some),
        }
    }

    fn held(&self) -> Option<Arc<Credentials>> {
        self.current().ok()
    }
}

/// No credentials to be had.
struct Nobody(CallFailure);

impl CredentialProvider for Nobody {
    fn current(&self) -> Result<Arc<Credentials>, CallFailure> {
        Err(self.0.clone())
    }

    fn renew(&self, _: &Arc<Credentials>) -> Result<Option<Arc<Credentials>>, CallFailure> {
        Err(self.0.clone())
    }

    fn held(&self) -> Option<Arc<Credentials>> {
        None
    }
}

fn with_client<T>(
    script: &Script,
    credentials: &dyn CredentialProvider,
    act: impl FnOnce(Client<'_>) -> T,
) -> T {
    act(Client {
        transport: script,
        clock: script,
        random: &|| 1.0,
        credentials,
        host: "sandbox.example",
        iam_project_id: None,
        redactor: &Redactor::default(),
        policy: RetryPolicy {
            max_attempts: 4,
            backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(30),
            deadline: Duration::from_secs(60),
        },
        time_limit: None,
    })
}

fn read(script: &Script) -> Result<JsonReply, CallFailure> {
    let request = ApiRequest::new(Method::Get, "/v5/x");
    with_client(script, &Tokens::new(None), |client| client.read(&request))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a script has answers and failures"
)]
fn answer(status: u16, body: &str) -> Outcome {
    Ok(Answer {
        status,
        body: Body::Complete(body.into()),
        ..Answer::default()
    })
}

fn broken() -> Outcome {
    Err(CallFailure::transport(Verdict::NotSent, "no way", None))
}

const GOOD: &str = r#"{"status":"COMPLETED"}"#;
const UNAUTHORIZED: Verdict = Verdict::Final(FinalKind::Unauthorized);

#[test]
fn whatever_may_pass_is_read_again_after_a_growing_delay() {
    let unknown_error = r#"{"error_code":"NEW.1"}"#;
    for passing in [
        answer(503, ""),
        answer(429, ""),
        answer(200, "<html>"),
        answer(200, unknown_error),
        broken(),
    ] {
        let script = Script::of([passing.clone(), passing.clone(), answer(200, GOOD)]);
        let reply = read(&script).unwrap();
        assert_eq!(reply.object["status"], "COMPLETED", "{passing:?}");
        assert_eq!(script.requests(), 3, "{passing:?}");
        assert_eq!(
            script.state().slept,
            [1, 2].map(Duration::from_secs),
            "{passing:?}"
        );
    }
}

#[test]
fn a_read_that_is_refused_or_answered_as_a_retry_is_not_repeated() {
    let queued = r#"{"error_code":"DEVPIPE.00011170"}"#;
    for (refusal, kind) in [
        (answer(400, ""), FinalKind::Refused),
        (answer(403, ""), FinalKind::Forbidden),
        (answer(404, ""), FinalKind::NotFound),
        (answer(200, queued), FinalKind::Refused),
    ] {
        let script = Script::of([refusal.clone()]);
        let failure = read(&script).unwrap_err();
        assert_eq!(failure.verdict, Verdict::Final(kind), "{refusal:?}");
        assert!(script.state().slept.is_empty(), "{refusal:?}");
    }
}

#[test]
fn the_last_attempt_ends_a_read_with_its_own_failure() {
    let script = Script::of([broken(), broken(), broken(), answer(503, "")]);
    let failure = read(&script).unwrap_err();
    assert_eq!(failure.http_status, Some(503));
    assert_eq!(failure.reason, "the service failed");
    assert_eq!(script.state().slept.len(), 3);
}

#[test]
fn a_pause_that_does_not_fit_ends_a_read_and_is_told() {
    let script = Script::of([Ok(Answer {
        status: 503,
        retry_after: Some("60".to_owned()),
        ..Answer::default()
    })]);
    assert_eq!(
        read(&script).unwrap_err().reason,
        "the service failed; the service asks to wait 60s, which does not fit the time budget"
    );
}

#[test]
fn a_401_is_answered_with_other_credentials_once_a_call() {
    let script = Script::of([answer(401, ""), answer(503, ""), answer(200, GOOD)]);
    assert!(read(&script).is_ok_and(|reply| reply.http_status == 200));
    assert_eq!(script.state().tokens, ["t1", "t2", "t2"]);
    let script = Script::of([answer(401, ""), answer(503, ""), answer(401, "")]);
    assert_eq!(read(&script).unwrap_err().verdict, UNAUTHORIZED);
    assert_eq!(script.state().tokens, ["t1", "t2", "t2"]);
}

#[test]
fn nothing_but_a_401_asks_for_other_credentials() {
    for status in [400, 403, 404, 500] {
        let tokens = Tokens::new(None);
        let script = Script::of([answer(status, "")]);
        let request = ApiRequest::new(Method::Put, "/v5/x");
        let (result, _) = with_client(&script, &tokens, |client| {
            client.attempt(&request, &mut Renewal::default())
        });
        assert!(result.is_err(), "{status}");
        assert_eq!(*tokens.issued.lock().unwrap(), 1, "{status}");
    }
}

#[test]
fn credentials_that_cannot_be_renewed_are_told_with_the_refusal() {
    let problem = CallFailure {
        advice: Some("Look there."),
        ..CallFailure::transport(Verdict::MaybeProcessed, "the token service hangs", None)
    };
    let script = Script::of([answer(401, "")]);
    let request = ApiRequest::new(Method::Put, "/v5/x");
    let tokens = Tokens::new(Some(problem));
    let (result, _) = with_client(&script, &tokens, |client| {
        client.attempt(&request, &mut Renewal::default())
    });
    let failure = result.unwrap_err();
    assert_eq!(
        failure.reason,
        "the service does not accept the credentials; the token service hangs"
    );
    assert_eq!(
        (failure.verdict, failure.cause, failure.advice),
        (Verdict::NotSent, Cause::Credentials, Some("Look there."))
    );
}

#[test]
fn without_credentials_nothing_is_sent() {
    let refused = CallFailure::transport(UNAUTHORIZED, "no such user", None);
    let script = Script::default();
    let request = ApiRequest::new(Method::Get, "/v5/x");
    let nobody = Nobody(refused.clone());
    let (identified, (attempted, _)) = with_client(&script, &nobody, |client| {
        (
            client.identify(),
            client.attempt(&request, &mut Renewal::default()),
        )
    });
    let expected = refused.without_credentials();
    assert_eq!(identified, Err(expected.clone()));
    assert_eq!(attempted, Err(expected));
    assert_eq!(script.requests(), 0);
}

#[test]
fn an_attempt_is_logged_as_its_call_and_number() {
    let record = AttemptRecord {
        request: &ApiRequest::new(Method::Get, "/v5/x").with_query("a", "b c"),
        number: 2,
        took: Duration::ZERO,
    };
    assert_eq!(record.to_string(), "GET /v5/x?a=b%20c attempt 2");
}
