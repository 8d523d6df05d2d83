//! What there is to know besides, as a table whose first row is its head.

use crate::outcome::{Outcome, Retried};
use crate::report::markdown;
use crate::report::text::{push, short_duration};

pub(super) fn of(outcome: &Outcome) -> String {
    let failure = outcome.failure.as_ref();
    let text = |value: Option<&String>| value.map(|value| markdown::inline(value));
    let kind = outcome.kind;
    let exit_code = kind.exit_code().to_string();
    let rows = [
        (
            "Outcome",
            Some(["`", kind.word(), "`, exit code ", &exit_code].concat()),
        ),
        ("Run", Some(run(outcome))),
        ("Status", text(outcome.run.status.as_ref())),
        ("Retried", Some(retried(outcome))),
        (
            "HTTP attempts",
            (outcome.attempts > 0).then(|| outcome.attempts.to_string()),
        ),
        ("Queue id", text(outcome.queue_id.as_ref())),
        (
            "HTTP status",
            failure.and_then(|failure| Some(failure.http_status?.to_string())),
        ),
        (
            "Error code",
            text(failure.and_then(|failure| failure.service_code.as_ref())),
        ),
        (
            "Request id",
            text(failure.and_then(|failure| failure.request_id.as_ref())),
        ),
        ("Duration", Some(short_duration(outcome.duration))),
    ];
    let mut table = String::new();
    for (name, value) in rows {
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            continue;
        };
        let is_first = table.is_empty();
        push(&mut table, &["| ", name, " | ", &value, " |\n"]);
        if is_first {
            table.push_str("| --- | --- |\n");
        }
    }
    table
}

/// Number and id, as far as known.
fn run(outcome: &Outcome) -> String {
    let id = markdown::inline(&outcome.run.pipeline_run_id);
    match outcome.run.run_number {
        Some(number) if id.is_empty() => number.to_string(),
        Some(number) => [&number.to_string(), ", ", &id].concat(),
        None => id,
    }
}

fn retried(outcome: &Outcome) -> String {
    match outcome.retried {
        Retried::No => "no".to_owned(),
        Retried::Yes if outcome.retries > 1 => {
            ["yes, ", &outcome.retries.to_string(), " times"].concat()
        }
        Retried::Yes => "yes".to_owned(),
        Retried::Unknown => "unknown: a retry may have been accepted".to_owned(),
    }
}
