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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::accepted;

    fn row(outcome: &Outcome, name: &str) -> Option<String> {
        let table = of(outcome);
        let mut rows = table.lines().filter_map(|line| line.split_once(" | "));
        let start = format!("| {name}");
        let found = rows.find(|(key, _)| *key == start);
        found.map(|(_, value)| value.trim_end_matches(" |").to_owned())
    }

    #[test]
    fn a_run_is_its_number_and_its_id_as_far_as_known() {
        let mut outcome = accepted();
        outcome.run.pipeline_run_id = "r".to_owned();
        outcome.run.run_number = Some(7);
        assert_eq!(row(&outcome, "Run").as_deref(), Some("7, <code>r</code>"));
        outcome.run.pipeline_run_id = String::new();
        assert_eq!(row(&outcome, "Run").as_deref(), Some("7"));
        outcome.run.run_number = None;
        assert_eq!(row(&outcome, "Run"), None);
        outcome.run.pipeline_run_id = "r".to_owned();
        assert_eq!(row(&outcome, "Run").as_deref(), Some("<code>r</code>"));
    }

    #[test]
    fn retries_are_counted_from_the_second_one_on_and_attempts_from_the_first() {
        let mut outcome = accepted();
        for (retried, retries, shown) in [
            (Retried::No, 0, "no"),
            (Retried::Yes, 1, "yes"),
            (Retried::Yes, 2, "yes, 2 times"),
            (
                Retried::Unknown,
                0,
                "unknown: a retry may have been accepted",
            ),
        ] {
            (outcome.retried, outcome.retries) = (retried, retries);
            assert_eq!(row(&outcome, "Retried").as_deref(), Some(shown));
        }
        for (attempts, shown) in [(0, None), (1, Some("1"))] {
            outcome.attempts = attempts;
            assert_eq!(row(&outcome, "HTTP attempts").as_deref(), shown);
        }
    }
}
