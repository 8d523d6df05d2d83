//! The answer to the retry itself. Green only where the service said so: the literal `"success": true` once, in a
//! complete 2xx, with no error anywhere beside it, or a queue code.
//!
//! The bytes are an answer as in `exchange`.

use std::sync::Mutex;
use std::time::Duration;

use codearts_retry::client::{Answer, Body, Method, WireRequest};
use codearts_retry::conclusion::concluded;
use codearts_retry::outcome::OutcomeKind;
use codearts_retry::pipeline::{Ending, Plan, Retried, RunEvent, RunTarget, carry_out};
use codearts_retry::progress::Progress;
use codearts_retry::secret::Redactor;
use serde_json::Value;

use crate::exchange::{Canned, anonymous, answer, json_answer};
use crate::json::{Members, text};

pub(crate) const ID: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn check(data: &[u8]) {
    let answer = answer(data);
    let canned = Canned::new(|request: &WireRequest, _| match request.method {
        Method::Put => answer.clone(),
        // The run itself cannot be read, so nothing but the answer can make the step green.
        _ => json_answer(403, ""),
    });
    let (credentials, redactor) = (anonymous(), Redactor::default());
    let client = canned.client(&credentials, &redactor, 1, Duration::from_secs(600));
    let settled = Mutex::new(Vec::new());
    let ending = carry_out(client, &plan(), &|event| {
        if let RunEvent::Settled(retried) = event {
            settled.lock().unwrap().push(retried);
        }
    });

    let said = said(&answer);
    match (&ending, said) {
        (Ending::Accepted, Said::Yes)
        | (Ending::Queued, Said::Queued)
        | (Ending::Failed(_), Said::Nothing) => {}
        _ => panic!("the service said {said:?}, and the step ends as {ending:?}"),
    }
    assert_eq!(canned.sent(Method::Put), 1);
    let settled = settled.into_inner().unwrap();
    let was_accepted = said != Said::Nothing;
    assert_eq!(settled.last() == Some(&Retried::Yes), was_accepted);
    if settled.last() == Some(&Retried::No) {
        assert!(is_known_to_be_refused(&answer), "{answer:?}");
    }
    let (kind, failure) = concluded(&Progress::default(), ending);
    assert_eq!(kind.exit_code() == 0, was_accepted);
    assert_eq!(failure.is_none(), was_accepted);
    if matches!(answer.status, 401 | 403) && said == Said::Nothing {
        assert_ne!(kind, OutcomeKind::Unavailable);
    }
}

pub(crate) fn plan() -> Plan {
    Plan {
        project_id: ID.to_owned(),
        pipeline_id: ID.to_owned(),
        target: RunTarget::Id(ID.to_owned()),
        job_run_ids: Vec::new(),
        dry_run: false,
        wait: None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Yes,
    Queued,
    Nothing,
}

/// What the service said, by DESIGN §4 and §5.
fn said(answer: &Answer) -> Said {
    let Body::Complete(body) = &answer.body else {
        return Said::Nothing;
    };
    let Some(members) = Members::of(body) else {
        return Said::Nothing;
    };
    if let Some(code) = code(&members) {
        return match code.as_str() {
            "DEVPIPE.00011169" | "DEVPIPE.00011170" if !comes_twice(&members) => Said::Queued,
            _ => Said::Nothing,
        };
    }
    let is_yes = members.all("success").eq([&Value::Bool(true)]);
    if (200..=299).contains(&answer.status) && is_yes && !has_error(&members) {
        Said::Yes
    } else {
        Said::Nothing
    }
}

/// The first code there is; of a member that comes twice, the last one.
fn code(members: &Members) -> Option<String> {
    let error = members.get("error");
    let detail = members.get("details").and_then(|details| details.get(0));
    [
        members.get("error_code"),
        members.get("errorCode"),
        error.and_then(|error| error.get("code")),
        error.and_then(|error| error.get("error_code")),
        members.get("code"),
        detail.and_then(|detail| detail.get("error_code")),
    ]
    .into_iter()
    .find_map(named)
}

/// A code, where the value names one.
fn named(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Number(number) => Some(number.to_string()),
        value => text(Some(value)).map(str::to_owned),
    }
}

/// Whether a member that carries an error comes twice: the second may take back the first.
fn comes_twice(members: &Members) -> bool {
    const CARRIERS: [&str; 5] = ["error_code", "errorCode", "code", "error", "details"];
    CARRIERS.iter().any(|name| members.all(name).count() > 1)
}

/// Whether anything speaks of an error.
fn has_error(members: &Members) -> bool {
    let has_code = |entry: &Value| entry.get("error_code").is_some();
    let is_in_details = members.get("details").is_some_and(|details| match details {
        Value::Array(entries) => entries.iter().any(has_code),
        entry => has_code(entry),
    });
    let says_something = |error: &Value| match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    };
    comes_twice(members)
        || code(members).is_some()
        || is_in_details
        || members.get("error").is_some_and(says_something)
}

/// Whether the answer itself says that nothing was done: not a 2xx without a `false` or an error, nothing that broke
/// off, no failure of the service.
fn is_known_to_be_refused(answer: &Answer) -> bool {
    let Body::Complete(body) = &answer.body else {
        return matches!(answer.status, 401 | 403);
    };
    match Members::of(body) {
        Some(members) if code(&members).is_some() || has_error(&members) => true,
        Some(members) if members.get("success") == Some(&Value::Bool(false)) => true,
        _ => matches!(answer.status, 300..=407 | 409..=499 | 501 | 505),
    }
}
