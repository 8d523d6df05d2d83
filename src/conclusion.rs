//! From how the work ended to the word, the exit code and the explanation.

use crate::client::{CallFailure, FinalKind, Verdict};
use crate::outcome::{FailedJob, Failure, OutcomeKind, Retried, Signal};
use crate::pipeline::{Ending, Remote};
use crate::progress::{Facts, Progress};

const LOOK_AT_THE_RUN: &str =
    "Open the run, mend what failed, or retry it again if the cause was a passing one.";
const STOPPED: &str = "Somebody or something stopped the run: open it to see who.";
const WAIT_LONGER: &str = "Open the run to see how far it is; raise wait_timeout if it needs longer, or run the step again: it waits for a run in progress.";
/// Failed jobs named in the reason.
const NAMED_JOBS: usize = 3;

/// The outcome of work that came to its end.
pub fn concluded(progress: &Progress, ending: Ending) -> (OutcomeKind, Option<Failure>) {
    let facts = progress.facts();
    match ending {
        Ending::Accepted => (OutcomeKind::Accepted, None),
        Ending::Queued => (OutcomeKind::Queued, None),
        Ending::Completed => (OutcomeKind::Completed, None),
        Ending::AlreadyCompleted => (OutcomeKind::AlreadyCompleted, None),
        Ending::AlreadyRunning => (OutcomeKind::AlreadyRunning, None),
        Ending::DryRun => (OutcomeKind::DryRun, None),
        Ending::RunFailed => (OutcomeKind::RunFailed, Some(run_failed(&facts))),
        Ending::RunCanceled(status) => (
            OutcomeKind::RunCanceled,
            Some(Failure {
                reason: format!("the run ended {status}"),
                advice: Some(STOPPED.to_owned()),
                ..Failure::default()
            }),
        ),
        Ending::WaitTimeout(mut failure) => {
            if let Some(status) = facts.run.status {
                failure.reason = format!("{}; the run was last seen {status}", failure.reason);
            }
            failure.advice = Some(WAIT_LONGER);
            (OutcomeKind::WaitTimeout, Some(explained(failure)))
        }
        Ending::Failed(failure) => (failed_kind(&failure), Some(explained(failure))),
    }
}

fn run_failed(facts: &Facts) -> Failure {
    let mut reason = "the run ended FAILED".to_owned();
    let paths: Vec<_> = facts.failed_jobs.iter().map(FailedJob::path).collect();
    if !paths.is_empty() {
        reason.push_str(": ");
        reason.push_str(&paths[..paths.len().min(NAMED_JOBS)].join(", "));
    }
    if paths.len() > NAMED_JOBS {
        reason.push_str(" and more");
    }
    let first = facts.failed_jobs.first();
    Failure {
        reason,
        advice: Some(LOOK_AT_THE_RUN.to_owned()),
        service_code: first.and_then(|job| job.code.clone()),
        service_message: first
            .map(|job| job.message.clone())
            .filter(|message| !message.is_empty()),
        ..Failure::default()
    }
}

fn failed_kind(failure: &CallFailure) -> OutcomeKind {
    match failure.verdict {
        Verdict::Final(FinalKind::InvalidRequest) => OutcomeKind::InvalidInput,
        Verdict::Final(FinalKind::Unauthorized) => OutcomeKind::Unauthorized,
        Verdict::Final(FinalKind::Forbidden) => OutcomeKind::Forbidden,
        Verdict::Final(FinalKind::NotFound) => OutcomeKind::NotFound,
        Verdict::Final(FinalKind::Refused) => OutcomeKind::Refused,
        Verdict::Final(FinalKind::Unavailable)
        | Verdict::NotSent
        | Verdict::Unprocessed
        | Verdict::MaybeProcessed => OutcomeKind::Unavailable,
    }
}

fn explained(failure: CallFailure) -> Failure {
    Failure {
        reason: failure.reason,
        advice: failure.advice.map(str::to_owned),
        service_code: failure.service_code,
        service_message: failure.service_message,
        http_status: failure.http_status,
        request_id: failure.request_id,
    }
}

/// Why a step is red whose work broke down, through a fault of this program.
pub fn broken_down(progress: &Progress, place: &str) -> Failure {
    let effect = match progress.facts().retried_at_all() {
        Retried::No => "no retry was accepted",
        Retried::Yes => "the retry was accepted",
        Retried::Unknown => "the retry may have been accepted",
    };
    Failure {
        reason: format!("a fault of this program at {place}; {effect}"),
        advice: Some(
            "Please report it with the log. Look at the run before it is retried again.".to_owned(),
        ),
        ..Failure::default()
    }
}

/// Why a cancelled step is red, and what it leaves behind; `stopped` is what became of the call that stops the run,
/// where there was one.
pub fn interrupted(
    progress: &Progress,
    signal: Signal,
    stopped: Option<Result<bool, CallFailure>>,
) -> Failure {
    let name = match signal {
        Signal::Interrupt => "SIGINT",
        Signal::Terminate => "SIGTERM",
    };
    let facts = progress.facts();
    let effect = match (facts.retried_at_all(), &facts.remote) {
        (Retried::No, _) => "no retry was accepted",
        (Retried::Unknown, _) => "the retry may have been accepted",
        (Retried::Yes, Remote::Nothing) => "the retry was accepted, and the run had ended",
        (Retried::Yes, Remote::InQueue { .. }) => "the retry was accepted and waits in the queue",
        (Retried::Yes, Remote::Run) => "the retry was accepted",
    };
    let stop = match stopped {
        Some(Ok(true)) if facts.retried == Retried::Unknown => {
            "; it was stopped, as on_cancel asks, but a retry still under way may start it again"
                .to_owned()
        }
        Some(Ok(true)) => "; it was stopped, as on_cancel asks".to_owned(),
        Some(Ok(false)) => "; the service did not stop it (success: false)".to_owned(),
        Some(Err(failure)) => format!("; stopping it failed: {}", failure.reason),
        None if facts.remote == Remote::Nothing => String::new(),
        None => "; it is left as it is".to_owned(),
    };
    Failure {
        reason: format!("the step was cancelled ({name}); {effect}{stop}"),
        advice: Some("Look at the run before it is retried again.".to_owned()),
        ..Failure::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_jobs(count: usize) -> Progress {
        let progress = Progress::default();
        progress.update(|facts| {
            facts.failed_jobs = (1..=count)
                .map(|number| FailedJob {
                    stage: "build".to_owned(),
                    job: format!("job {number}"),
                    ..FailedJob::default()
                })
                .collect();
        });
        progress
    }

    #[test]
    fn a_failed_run_names_three_jobs_and_says_that_there_are_more() {
        for (jobs, reason) in [
            (0, "the run ended FAILED"),
            (1, "the run ended FAILED: build › job 1"),
            (
                3,
                "the run ended FAILED: build › job 1, build › job 2, build › job 3",
            ),
            (
                4,
                "the run ended FAILED: build › job 1, build › job 2, build › job 3 and more",
            ),
        ] {
            let (kind, failure) = concluded(&with_jobs(jobs), Ending::RunFailed);
            assert_eq!(kind, OutcomeKind::RunFailed);
            assert_eq!(failure.expect("a reason").reason, reason);
        }
    }

    #[test]
    fn a_fault_of_the_program_tells_whether_a_retry_may_have_been_accepted() {
        let progress = Progress::default();
        let told = |progress: &Progress| broken_down(progress, "src/x.rs:1:2").reason;
        assert_eq!(
            told(&progress),
            "a fault of this program at src/x.rs:1:2; no retry was accepted"
        );
        progress.begin_attempt();
        assert!(told(&progress).ends_with("the retry may have been accepted"));
        progress.settle(Retried::Yes);
        assert!(told(&progress).ends_with("the retry was accepted"));
    }
}
