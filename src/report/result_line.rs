//! The last line of the log.

use std::time::Duration;

use super::text::cut;
use super::{PRODUCT, headline};
use crate::outcome::Outcome;

/// Bytes of the reason: the annotation has all of it.
const REASON_BYTES: usize = 300;

/// `Retry CodeArts Pipeline: accepted (exit code 0): the service accepted the retry; run 42, 1 attempt, 2 s, https://…`
pub(super) fn of(outcome: &Outcome) -> String {
    let kind = outcome.kind;
    let mut facts = vec![reason(outcome)];
    let run = run_name(outcome);
    if !run.is_empty() {
        facts.push(run);
    }
    match outcome.attempts {
        0 => {}
        1 => facts.push("1 attempt".to_owned()),
        count => facts.push(format!("{count} attempts")),
    }
    facts.push(seconds(outcome.duration));
    facts.extend(outcome.run.run_url.clone());
    format!(
        "{PRODUCT}: {} (exit code {}): {}",
        kind.word(),
        kind.exit_code(),
        facts.join(", ")
    )
}

/// What happened, in one line.
fn reason(outcome: &Outcome) -> String {
    let reason = outcome
        .failure
        .as_ref()
        .and_then(|failure| failure.reason.lines().next())
        .unwrap_or(headline::of(outcome.kind));
    cut(reason, REASON_BYTES)
}

/// `run 42`, by its id where it has no number yet, empty where it has neither.
fn run_name(outcome: &Outcome) -> String {
    match (outcome.run.run_number, outcome.run.pipeline_run_id.as_str()) {
        (Some(number), _) => format!("run {number}"),
        (None, "") => String::new(),
        (None, id) => format!("run {id}"),
    }
}

/// Whole seconds, as `duration_seconds` has them.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::OutcomeKind;
    use crate::report::samples::{accepted, forbidden};

    #[test]
    fn a_green_line_names_the_run_and_its_page() {
        assert_eq!(
            of(&accepted()),
            "Retry CodeArts Pipeline: accepted (exit code 0): the service accepted the retry, run 42, 1 attempt, 2 s, \
             https://devcloud.cn-north-4.huaweicloud.com/cicd/project/p/pipeline/detail/x/r"
        );
    }

    #[test]
    fn a_red_line_names_the_ending_and_the_exit_code() {
        let mut outcome = forbidden("no");
        if let Some(failure) = &mut outcome.failure {
            failure.reason = "the service refused the retry\nand more".to_owned();
        }
        outcome.run.run_url = None;
        outcome.run.run_number = None;
        outcome.attempts = 3;
        assert_eq!(
            of(&outcome),
            "Retry CodeArts Pipeline: forbidden (exit code 4): the service refused the retry, \
             run 0123456789abcdef0123456789abcdef, 3 attempts, 2 s"
        );
    }

    #[test]
    fn a_step_that_knows_nothing_says_so_in_a_few_words() {
        let outcome = Outcome {
            kind: OutcomeKind::InvalidInput,
            run: crate::outcome::RunFacts::default(),
            attempts: 0,
            ..accepted()
        };
        assert_eq!(
            of(&outcome),
            "Retry CodeArts Pipeline: invalid-input (exit code 2): the inputs are not valid, 2 s"
        );
    }
    #[test]
    fn a_report_ends_with_this_line() {
        let redactor = crate::secret::Redactor::default();
        let report = crate::report::Report::from_outcome(&accepted(), &redactor);
        assert_eq!(report.result_line(), of(&accepted()));
    }
}
