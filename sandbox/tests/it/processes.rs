//! The controls for other processes.

use codearts_sandbox::{Endpoint, Sandbox, Status};
use serde_json::Value;

use crate::support::{exchange, raw_retry, split};

fn control(sandbox: &Sandbox, method: &str, name: &str, body: &str) -> (String, Value) {
    let request = format!(
        "{method} /_sandbox/{name} HTTP/1.1\r\nHost: s\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let (answer, _) = exchange(sandbox, &request);
    let (head, body) = split(&answer);
    let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
    (status, serde_json::from_str(body).expect("JSON"))
}

#[test]
fn faults_counters_and_requests_go_over_http() {
    let sandbox = Sandbox::start();
    let faults = r#"[{"on":"RETRY","what":{"kind":"ERROR","status":429,"code":"APIGW.0308"}},
                     {"times":null,"what":{"kind":"CLOSE","at":"AFTER_EFFECT","reset":true}}]"#;
    assert_eq!(control(&sandbox, "POST", "faults", faults).0, "200");
    let (answer, _) = exchange(&sandbox, &raw_retry());
    assert!(answer.starts_with("HTTP/1.1 429"));
    let (answer, _) = exchange(&sandbox, &raw_retry());
    assert_eq!(answer, "");
    let (_, counters) = control(&sandbox, "GET", "counters", "");
    assert_eq!(counters["retries_received"], 2);
    assert_eq!(counters["retry_effects"], 1);
    assert_eq!(counters["requests"]["RETRY"], 2);
    let (_, requests) = control(&sandbox, "GET", "requests", "");
    assert_eq!(requests[0]["method"], "PUT");
    assert_eq!(control(&sandbox, "DELETE", "faults", "").0, "200");
    let (answer, _) = exchange(&sandbox, &raw_retry());
    assert!(answer.contains(r#"{"success":false}"#), "it is running");
}

#[test]
fn a_run_is_put_into_a_state_and_back() {
    let sandbox = Sandbox::start();
    let update = r#"{"status":"PAUSED","verdicts":["FAILED"]}"#;
    assert_eq!(control(&sandbox, "POST", "run", update).0, "200");
    assert_eq!(sandbox.run_status(), Some(Status::Paused));
    let (_, run) = control(&sandbox, "GET", "run", "");
    assert_eq!(run["status"], "PAUSED");
    assert_eq!(control(&sandbox, "POST", "reset", "").0, "200");
    assert_eq!(sandbox.run_status(), Some(Status::Failed));
    let new = r#"{"pipeline_run_id":"0123456789abcdef0123456789abcdef","status":"COMPLETED"}"#;
    control(&sandbox, "POST", "run", new);
    let run = sandbox.run("0123456789abcdef0123456789abcdef");
    assert!(run.is_some());
}

#[test]
fn mistakes_are_refused_and_controls_are_not_counted() {
    let sandbox = Sandbox::start();
    for (method, name, body, expected) in [
        ("POST", "faults", "{}", "400"),
        ("POST", "run", r#"{"statos":1}"#, "400"),
        ("GET", "nothing", "", "404"),
    ] {
        assert_eq!(control(&sandbox, method, name, body).0, expected, "{name}");
    }
    assert_eq!(sandbox.counters().of(Endpoint::Any), 0);
}
