//! The one annotation of a red step: what happened, why, and what to do.

use super::text::cut_by;
use super::{PRODUCT, headline};
use crate::outcome::{Failure, Outcome};

/// How much an annotation matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The reason why the step is red.
    Error,
    /// Something that may need a hand.
    Warning,
    /// Something worth knowing.
    Notice,
}

/// A message that a CI system shows apart from the log. Plain text: the CI system's syntax comes later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// One or more lines.
    pub message: String,
}

/// What GitHub keeps of a message, in UTF-16 units (actions/runner `ExecutionContext.cs`, `AddIssue`).
pub const MESSAGE_UNITS: usize = 4096;
/// Units of the advice; ours is far shorter.
const ADVICE_UNITS: usize = 1200;
/// Units kept for the service's message when the reason is long.
const SERVICE_UNITS: usize = 800;

/// The annotation of an outcome that is fit to be shown.
pub(super) fn of(outcome: &Outcome) -> Option<Annotation> {
    if outcome.kind.is_success() {
        return None;
    }
    let failure = outcome.failure.clone().unwrap_or_default();
    Some(Annotation {
        severity: Severity::Error,
        title: format!("{PRODUCT}: {}", outcome.kind.word()),
        message: message(&failure, headline::of(outcome.kind)),
    })
}

/// Up to three paragraphs: the reason, the service's words, the advice. The service's words are cut first, then the
/// reason, so that the advice survives.
fn message(failure: &Failure, headline: &str) -> String {
    let reason = match failure.reason.as_str() {
        "" => headline,
        reason => reason,
    };
    let advice = cut_by(
        failure.advice.as_deref().unwrap_or_default(),
        ADVICE_UNITS,
        units,
    );
    let facts = facts(failure);
    let said = failure.service_message.as_deref().unwrap_or_default();
    let mut left = MESSAGE_UNITS - cost(&advice) - cost(&facts) - cost("\n\n: ");
    let kept_for_service = cost(said).min(SERVICE_UNITS);
    let reason = cut_by(reason, left - kept_for_service, units);
    left -= cost(&reason);
    let said = cut_by(said, left, units);
    let service = match (facts.as_str(), said.as_str()) {
        ("", said) => said.to_owned(),
        (facts, "") => facts.to_owned(),
        (facts, said) => format!("{facts}: {said}"),
    };
    [reason, service, advice]
        .into_iter()
        .filter(|paragraph| !paragraph.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// `HTTP 403, DEVCP.00021018, request id req-1`, as far as known.
fn facts(failure: &Failure) -> String {
    let facts = [
        failure.http_status.map(|status| format!("HTTP {status}")),
        failure.service_code.clone(),
        failure
            .request_id
            .as_ref()
            .map(|id| format!("request id {id}")),
    ];
    facts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn cost(text: &str) -> usize {
    text.chars().map(units).sum()
}

/// UTF-16 units of a character once it is printed: `ci` may set a space beside each `:` and `#`, so that no runner
/// takes them for a command.
fn units(c: char) -> usize {
    c.len_utf16() + usize::from(matches!(c, ':' | '#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::OutcomeKind;
    use crate::report::Report;
    use crate::report::samples::{accepted, forbidden};
    use crate::secret::Redactor;

    fn annotation(outcome: &Outcome) -> Annotation {
        Report::from_outcome(outcome, &Redactor::default())
            .annotation()
            .expect("a red outcome")
    }

    #[test]
    fn a_refusal_says_what_happened_why_and_what_to_do() {
        assert_eq!(
            annotation(&forbidden("You are not a member.\nAsk the owner.")),
            Annotation {
                severity: Severity::Error,
                title: "Retry CodeArts Pipeline: forbidden".to_owned(),
                message: "the service refused the retry\n\
                          HTTP 403, DEVCP.00021018, request id req-1: You are not a member.\nAsk the owner.\n\
                          Add the identity to the CodeArts project."
                    .to_owned(),
            }
        );
    }

    #[test]
    fn every_red_ending_has_a_message_and_no_green_one() {
        for kind in OutcomeKind::ALL {
            let outcome = Outcome { kind, ..accepted() };
            let annotation = Report::from_outcome(&outcome, &Redactor::default()).annotation();
            assert_eq!(annotation.is_none(), kind.is_success());
            assert!(annotation.is_none_or(|annotation| !annotation.message.is_empty()));
        }
    }

    #[test]
    fn the_advice_survives_any_message() {
        for flood in ["😀", ":", "#", "x", "é\n"] {
            let mut outcome = forbidden(&flood.repeat(5 << 18));
            if let Some(failure) = &mut outcome.failure {
                failure.reason = format!("what happened {}", flood.repeat(3000));
                failure.service_code = Some(flood.repeat(300));
            }
            let message = annotation(&outcome).message;
            assert!(message.ends_with("\nAdd the identity to the CodeArts project."));
            assert!(message.starts_with("what happened"));
            assert!(message.contains("request id req-1"));
            assert!(cost(&message) <= MESSAGE_UNITS, "{flood}");
        }
    }
}
