//! What a refusal says: code, message and request id come out of every shape, the verdict follows code and status, and
//! a secret in any of them does not come out.
//!
//! The bytes are lines: shape and status, code, request id; the rest is the message. `{secret}` stands for one.

use codearts_retry::client::{CallFailure, Cause, FinalKind, Reply, Verdict};
use codearts_retry::conclusion::concluded;
use codearts_retry::outcome::Outcome;
use codearts_retry::pipeline::Ending;
use codearts_retry::progress::Progress;
use codearts_retry::report::Report;
use codearts_retry::secret::{Redactor, Secret};
use serde_json::{Value, json};

use crate::exchange::{attempt, json_answer};
use crate::outcomes::red;

const SECRET: &str = "s3cr3t/T0ken+";

pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data).replace("{secret}", SECRET);
    let mut lines = text.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (head, code, request_id, message) = (line(), line(), line(), line());
    let (shape, status) = head.split_once(' ').unwrap_or((head, ""));
    let status = status.parse().unwrap_or(400_u16).clamp(200, 599);
    let body = body(shape.parse().unwrap_or(0), code, message, request_id);

    let redactor = Redactor::new([&Secret::new(SECRET)]);
    let reply = attempt(&json_answer(status, body.to_string()), &redactor);
    let code = code.trim();
    let failure = match reply {
        Ok(Reply::Queued { .. }) => {
            assert!(
                matches!(code, "DEVPIPE.00011169" | "DEVPIPE.00011170"),
                "{code} is no queue code"
            );
            return;
        }
        Ok(Reply::Json(_)) => {
            assert!((200..=299).contains(&status) && code.is_empty(), "{body}");
            return;
        }
        Err(failure) => failure,
    };
    let expected = |text: &str| Some(redactor.clean(text.trim())).filter(|text| !text.is_empty());
    assert_eq!(failure.service_code, expected(code), "{body}");
    assert_eq!(failure.service_message, expected(message), "{body}");
    assert_eq!(failure.request_id, expected(request_id), "{body}");
    check_verdict(&failure, status);
    check_shown(failure, &redactor);
}

/// The body, in one of the shapes of the service and its gateways.
fn body(shape: usize, code: &str, message: &str, request_id: &str) -> Value {
    match shape % 6 {
        0 => json!({"error_code": code, "error_msg": message, "request_id": request_id}),
        1 => json!({"errorCode": code, "errorMsg": message, "request_id": request_id}),
        2 => json!({"code": code, "message": message, "request_id": request_id, "status": "x"}),
        3 => {
            json!({"error": {"code": code, "message": message, "request_id": request_id}, "x": [1]})
        }
        4 => json!({"error": {"error_code": code, "error_msg": message}, "request_id": request_id}),
        _ => json!({"details": [{"error_code": code, "error_msg": message}, 7],
            "request_id": request_id}),
    }
}

/// A known code decides alone; of an unknown one the status decides, and a 2xx is refused.
fn check_verdict(failure: &CallFailure, status: u16) {
    let by_status = match status {
        401 => Verdict::Final(FinalKind::Unauthorized),
        403 => Verdict::Final(FinalKind::Forbidden),
        404 => Verdict::Final(FinalKind::NotFound),
        429 => Verdict::Unprocessed,
        408 | 500 | 502..=504 | 506..=599 => Verdict::MaybeProcessed,
        _ => Verdict::Final(FinalKind::Refused),
    };
    match failure.cause {
        Cause::Status => assert!(!(200..=299).contains(&status)),
        Cause::UnknownCode => assert!((200..=299).contains(&status)),
        Cause::KnownCode => {
            let code = failure.service_code.as_deref().unwrap_or_default();
            let again = |status| {
                let body = json!({ "error_code": code }).to_string();
                attempt(&json_answer(status, body), &Redactor::default())
            };
            for status in [200, 400, 401, 503] {
                assert_eq!(
                    again(status).unwrap_err().verdict,
                    failure.verdict,
                    "{code}"
                );
            }
            return;
        }
        other => panic!("{other:?} for a body that is read"),
    }
    assert_eq!(failure.verdict, by_status);
}

/// What leaves the program of it: bounded, in one line where one is promised, and without the secret.
fn check_shown(failure: CallFailure, redactor: &Redactor) {
    assert!(!format!("{failure:?}").contains(SECRET));
    let (kind, failure) = concluded(&Progress::default(), Ending::Failed(failure));
    assert!(!kind.is_success());
    let outcome = Outcome {
        kind,
        failure,
        ..red(&["x"])
    };
    let outputs = Report::from_outcome(&outcome, redactor).outputs();
    let bounds = [
        ("error_code", 128),
        ("request_id", 128),
        ("error_message", 4096),
    ];
    for (name, bytes) in bounds {
        let value = outputs.get(name);
        assert!(value.len() <= bytes, "{name} has {} bytes", value.len());
        assert!(!value.contains(SECRET) && !value.contains(['\0', '\r']));
        let is_one_line = !value.chars().any(char::is_control);
        assert!(is_one_line || name == "error_message", "{name}: {value:?}");
    }
}
