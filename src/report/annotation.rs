//! The annotations of a red step: what happened, where, why, and what to do.

use super::text::cut_by;
use super::{PRODUCT, headline};
use crate::outcome::{FailedJob, Failure, Outcome, OutcomeKind};

/// Why the step is red: a message that a CI system shows apart from the log. Plain text: the CI system's syntax comes later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// One line.
    pub title: String,
    /// One or more lines.
    pub message: String,
}

/// What GitHub keeps of a message, in UTF-16 units (actions/runner `ExecutionContext.cs`, `AddIssue`).
pub const MESSAGE_UNITS: usize = 4096;
/// Units of the advice; ours is far shorter.
const ADVICE_UNITS: usize = 1200;
/// Failed jobs that are annotated: GitHub keeps ten errors of a step (fact sheet §1.3).
const MOST_JOBS: usize = 10;
/// Units kept for the service's message when the reason is long.
const SERVICE_UNITS: usize = 800;

/// The annotations of an outcome that is fit to be shown: one for each failed job of a run that ended FAILED, else
/// one for a red outcome.
pub(super) fn all(outcome: &Outcome) -> Vec<Annotation> {
    let failure = outcome.failure.clone().unwrap_or_default();
    match outcome.kind {
        kind if kind.is_success() => Vec::new(),
        OutcomeKind::RunFailed if !outcome.failed_jobs.is_empty() => {
            let jobs = outcome.failed_jobs.iter().take(MOST_JOBS).enumerate();
            jobs.map(|(index, job)| of_job(job, index, &failure, outcome))
                .collect()
        }
        kind => vec![Annotation {
            title: [PRODUCT, ": ", kind.word()].concat(),
            message: message(&failure, headline::of(kind)),
        }],
    }
}

/// Where and why; the first one also says what to do, the last one how many more there are.
fn of_job(job: &FailedJob, index: usize, failure: &Failure, outcome: &Outcome) -> Annotation {
    let advice = failure.advice.as_deref().filter(|_| index == 0);
    let mut rest = Vec::new();
    rest.extend(job.code.as_ref().map(|code| ["code ", code].concat()));
    rest.extend(advice.map(|advice| cut_by(advice, ADVICE_UNITS, units)));
    rest.extend(outcome.run.run_url.clone());
    let more = outcome.failed_jobs.len().saturating_sub(MOST_JOBS);
    if more > 0 && index + 1 == MOST_JOBS {
        rest.push(["and ", &more.to_string(), " more failed: see the run"].concat());
    }
    let said = match job.message.as_str() {
        "" => "the service gives no message",
        message => message,
    };
    // The rest is short: the code, the link and the advice have bounds of their own.
    let left = MESSAGE_UNITS - rest.iter().map(|line| cost(line) + 1).sum::<usize>();
    rest.insert(0, cut_by(said, left, units));
    Annotation {
        title: [&headline::of_job(job), " ", &job.status].concat(),
        message: rest.join("\n"),
    }
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
    use crate::report::Report;
    use crate::report::samples::{accepted, forbidden};
    use crate::secret::Redactor;

    fn annotation(outcome: &Outcome) -> Annotation {
        Report::from_outcome(outcome, &Redactor::default())
            .annotations()
            .swap_remove(0)
    }

    #[test]
    fn a_refusal_says_what_happened_why_and_what_to_do() {
        assert_eq!(
            annotation(&forbidden("You are not a member.\nAsk the owner.")),
            Annotation {
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
            let annotations = Report::from_outcome(&outcome, &Redactor::default()).annotations();
            assert_eq!(annotations.len(), usize::from(!kind.is_success()));
            assert!(
                annotations
                    .iter()
                    .all(|annotation| !annotation.message.is_empty())
            );
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

    #[test]
    fn what_a_runner_takes_for_a_command_counts_twice_and_so_does_a_pair_of_units() {
        for (text, expected) in [("", 0), ("xé字", 3), ("a:b#", 6), ("😀", 2)] {
            assert_eq!(cost(text), expected, "{text}");
        }
    }

    #[test]
    fn the_services_words_take_what_reason_and_advice_leave() {
        let message = annotation(&forbidden(&"x".repeat(9000))).message;
        assert!(message.starts_with("the service refused the retry\nHTTP 403, "));
        assert!(message.contains("…\nAdd the identity"), "{message}");
        assert_eq!(cost(&message), MESSAGE_UNITS);
    }

    fn run_failed(jobs: usize, text: &str) -> Vec<Annotation> {
        let mut outcome = forbidden("");
        outcome.kind = OutcomeKind::RunFailed;
        outcome.failed_jobs = (1..=jobs)
            .map(|number| FailedJob {
                job: format!("job {number}"),
                status: "FAILED".to_owned(),
                message: text.to_owned(),
                code: Some(text.to_owned()).filter(|code| !code.is_empty()),
                ..FailedJob::default()
            })
            .collect();
        Report::from_outcome(&outcome, &Redactor::default()).annotations()
    }

    #[test]
    fn the_first_of_ten_failed_jobs_has_the_advice_and_the_last_the_number_of_the_others() {
        const LINK: &str =
            "https://devcloud.cn-north-4.huaweicloud.com/cicd/project/p/pipeline/detail/x/r";
        let annotations = run_failed(12, "");
        let titles: Vec<_> = annotations.iter().map(|one| one.title.as_str()).collect();
        assert_eq!(titles[..2], ["job 1 FAILED", "job 2 FAILED"]);
        let messages: Vec<_> = annotations.iter().map(|one| one.message.as_str()).collect();
        let bare = format!("the service gives no message\n{LINK}");
        assert_eq!(messages.len(), 10);
        assert_eq!(
            messages[0],
            format!(
                "the service gives no message\nAdd the identity to the CodeArts project.\n{LINK}"
            )
        );
        assert!(messages[1..9].iter().all(|message| *message == bare));
        assert_eq!(messages[9], bare + "\nand 2 more failed: see the run");
        assert!(!run_failed(10, "")[9].message.contains("more failed"));
    }

    #[test]
    fn link_and_advice_survive_any_message_of_a_job() {
        for flood in ["😀", ":", "#", "x", "é\n"] {
            for annotation in run_failed(11, &flood.repeat(1 << 12)) {
                assert!(cost(&annotation.message) <= MESSAGE_UNITS);
                assert!(annotation.message.contains("/pipeline/detail/x/r"));
            }
        }
    }
    #[test]
    fn a_job_says_as_much_as_fits_beside_the_longest_advice_code_and_link() {
        let link = format!("https://huaweicloud.com/{}", "a".repeat(1000));
        let mut outcome = forbidden("");
        outcome.kind = OutcomeKind::RunFailed;
        outcome.run.run_url = Some(link.clone());
        if let Some(failure) = &mut outcome.failure {
            failure.advice = Some("y".repeat(2000));
        }
        outcome.failed_jobs = vec![FailedJob {
            message: ":".repeat(1024),
            code: Some(":".repeat(128)),
            ..FailedJob::default()
        }];
        let message = annotation(&outcome).message;
        assert!(message.ends_with(&format!("…\n{link}")), "{message}");
        // A colon takes two units, and the ellipsis one.
        let most = MESSAGE_UNITS - 1..=MESSAGE_UNITS;
        assert!(most.contains(&cost(&message)), "{}", cost(&message));
    }
}
