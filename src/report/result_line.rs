//! The last line of the log.

use std::time::Duration;

use super::{PRODUCT, headline};
use crate::outcome::Outcome;

/// `Retry CodeArts Pipeline: accepted (exit code 0): the service accepted the retry; run 42, 1 attempt, 2 s, https://…`
pub(super) fn of(outcome: &Outcome) -> String {
    let kind = outcome.kind;
    let mut facts = vec![headline::of(kind).to_owned()];
    let run = run_name(outcome);
    if !run.is_empty() {
        facts.push(run);
    }
    if outcome.attempts > 0 {
        facts.push(counted(outcome.attempts, "attempt"));
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

/// `run 42`, by its id where it has no number yet, empty where it has neither.
fn run_name(outcome: &Outcome) -> String {
    match (outcome.run.run_number, outcome.run.pipeline_run_id.as_str()) {
        (Some(number), _) => format!("run {number}"),
        (None, "") => String::new(),
        (None, id) => format!("run {id}"),
    }
}

/// `1 attempt`, `2 attempts`.
pub(super) fn counted(count: u32, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
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
        outcome.kind = OutcomeKind::InvalidInput;
        outcome.run = crate::outcome::RunFacts::default();
        outcome.attempts = 0;
        assert_eq!(
            of(&outcome),
            "Retry CodeArts Pipeline: invalid-input (exit code 2): the inputs are not valid, 2 s"
        );
    }
}
