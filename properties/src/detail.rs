//! The answers to the polls of a wait: the step ends as the run did only where the answer says so, of this run, and
//! whatever else is in it can be told.
//!
//! The bytes are an answer as in `exchange`: to every poll after the run was seen to go on.

use std::sync::Mutex;
use std::time::Duration;

use codearts_retry::client::{Answer, Body, Method, WireRequest};
use codearts_retry::conclusion::concluded;
use codearts_retry::outcome::{FailedJob, Outcome};
use codearts_retry::pipeline::{
    Ending, PipelineRun, Plan, RunEvent, WaitPlan, carry_out, trusted_detail_url,
};
use codearts_retry::progress::Progress;
use codearts_retry::report::Report;
use codearts_retry::secret::Redactor;
use serde_json::{Value, json};

use crate::answer::{ID, plan};
use crate::exchange::{Canned, anonymous, answer, json_answer};
use crate::json::{Members, text};
use crate::markdown;
use crate::outcomes::red;

pub(crate) fn check(data: &[u8]) {
    let answer = answer(data);
    let canned = Canned::new(|request: &WireRequest, before| {
        match (request.method, before) {
            (Method::Put, _) => json_answer(200, r#"{"success":true}"#),
            (Method::Get, 0) => json_answer(200, run("FAILED")),
            (Method::Get, 1) => json_answer(200, run("RUNNING")),
            (Method::Get, _) => answer.clone(),
            // The logs.
            (Method::Post, _) => json_answer(404, ""),
        }
    });
    let (credentials, redactor) = (anonymous(), Redactor::default());
    let client = canned.client(&credentials, &redactor, 1, Duration::from_secs(40));
    let told: Mutex<(Vec<FailedJob>, Option<PipelineRun>)> = Mutex::default();
    let ending = carry_out(client, &waiting(), &|event| match event {
        RunEvent::FailedJobs(jobs) => told.lock().unwrap().0 = jobs.to_vec(),
        RunEvent::Polled(run) => told.lock().unwrap().1 = Some(run.clone()),
        _ => {}
    });
    let (failed_jobs, last_seen) = told.into_inner().unwrap();

    let members = readable(&answer);
    let status = members
        .as_ref()
        .and_then(|members| text(members.get("status")));
    // An end that is not later than the old one is that, from a replica that lags: it is passed over.
    let end = members
        .as_ref()
        .and_then(|members| number(members.get("end_time")));
    let is_old = end.is_some_and(|end| end <= OLD_END);
    match (&ending, status) {
        (Ending::Completed, Some("COMPLETED"))
        | (Ending::RunFailed, Some("FAILED"))
        | (Ending::RunCanceled(_), Some("CANCELED" | "IGNORED")) => {}
        (Ending::WaitTimeout(_) | Ending::Failed(_), status) => {
            let has_ended = matches!(
                status,
                Some("COMPLETED" | "FAILED" | "CANCELED" | "IGNORED")
            );
            assert!(
                is_old || !has_ended,
                "{ending:?} where the run is {status:?}"
            );
        }
        _ => panic!("{ending:?} where the run is {status:?}"),
    }
    assert_eq!(canned.sent(Method::Put), 1);
    if let (Some(run), Some(members), Some(status), false) = (&last_seen, &members, status, is_old)
    {
        assert_eq!(run.status.to_string(), status);
        check_run(run, members);
    }
    let (kind, failure) = concluded(&Progress::default(), ending);
    let outcome = Outcome {
        kind,
        failure,
        failed_jobs,
        last_seen,
        ..red(&["x"])
    };
    check_told(&outcome);
}

fn waiting() -> Plan {
    Plan {
        wait: Some(WaitPlan {
            poll_interval: Duration::from_secs(10),
            max_retries: 1,
            log_lines: 50,
        }),
        ..plan()
    }
}

/// When the run had ended before it was retried, in milliseconds of Unix time.
const OLD_END: i64 = 1;

fn run(status: &str) -> String {
    json!({ "id": ID, "status": status, "end_time": OLD_END }).to_string()
}

/// The members of an answer that is a detail of this run.
fn readable(answer: &Answer) -> Option<Members> {
    let Body::Complete(body) = &answer.body else {
        return None;
    };
    let members = Members::of(body).filter(|_| (200..=299).contains(&answer.status))?;
    let is_told = |name| match members.get(name) {
        Some(Value::Number(_)) => true,
        value => text(value).is_some(),
    };
    let of_list = members
        .get("details")
        .and_then(|details| details.get(0)?.get("error_code"));
    let says_nothing = |error: &Value| match error {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    };
    let has_error = ["error_code", "errorCode", "code"].into_iter().any(is_told)
        || members
            .get("error")
            .is_some_and(|error| !says_nothing(error))
        || of_list.is_some_and(|code| code.is_number() || text(Some(code)).is_some());
    let is_ours = text(members.get("id")).is_none_or(|id| id.eq_ignore_ascii_case(ID));
    (!has_error && is_ours).then_some(members)
}

/// A whole number, also as text.
fn number(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_i64(),
    }
}

/// What is read of the run is what the answer has.
fn check_run(run: &PipelineRun, members: &Members) {
    assert_eq!(run.run_number, number(members.get("run_number")));
    assert_eq!(run.times.end, number(members.get("end_time")));
    let objects = |value: Option<&Value>| -> Vec<Value> {
        let items = value.and_then(Value::as_array).cloned().unwrap_or_default();
        items.into_iter().filter(Value::is_object).collect()
    };
    let stages = objects(members.get("stages"));
    assert_eq!(run.stages.len(), stages.len());
    for (read, stage) in run.stages.iter().zip(&stages) {
        assert_eq!(read.name, text(stage.get("name")).unwrap_or_default());
        let jobs = objects(stage.get("jobs"));
        assert_eq!(read.jobs.len(), jobs.len());
        for (read, job) in read.jobs.iter().zip(&jobs) {
            assert_eq!(
                read.status.as_str(),
                text(job.get("status")).unwrap_or_default()
            );
            assert_eq!(read.times.start, number(job.get("start_time")));
            assert_eq!(read.steps.len(), objects(job.get("steps")).len());
        }
    }
    let url = run.detail_url.as_deref().and_then(trusted_detail_url);
    if let Some(url) = url {
        let url = url.to_ascii_lowercase();
        let host = url.strip_prefix("https://").unwrap();
        let host = host.split(['/', '?', '#', '\\', ':']).next().unwrap();
        let is_theirs = ["huaweicloud.com", "huaweicloud.eu"].iter().any(|domain| {
            let rest = host.strip_suffix(domain);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        assert!(is_theirs, "{url}");
    }
}

/// Every view of it can be made, within its bounds.
fn check_told(outcome: &Outcome) {
    let report = Report::from_outcome(outcome, &Redactor::default());
    let outputs = report.outputs();
    assert!(outputs.get("result").len() < 60 * 1024);
    assert!(report.annotations().len() <= 10);
    assert!(!report.result_line().contains('\n'));
    markdown::check_page(&report.summary());
}
