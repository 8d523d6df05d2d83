//! From how the work ended to the word, the exit code and the explanation.

use crate::client::{CallFailure, FinalKind, Verdict};
use crate::outcome::{Failure, OutcomeKind, Retried, Signal};
use crate::pipeline::Ending;
use crate::progress::Progress;

/// The outcome of work that came to its end.
pub fn concluded(progress: &Progress, ending: Ending) -> (OutcomeKind, Option<Failure>) {
    let kind = match ending {
        Ending::Accepted => OutcomeKind::Accepted,
        Ending::Queued { queue_id } => {
            progress.update(|facts| facts.queue_id = queue_id);
            OutcomeKind::Queued
        }
        Ending::AlreadyCompleted => OutcomeKind::AlreadyCompleted,
        Ending::AlreadyRunning => OutcomeKind::AlreadyRunning,
        Ending::DryRun => OutcomeKind::DryRun,
        Ending::Failed(failure) => return (failed_kind(&failure), Some(explained(failure))),
    };
    (kind, None)
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

/// Why a cancelled step is red, and what it may have done.
pub fn interrupted(progress: &Progress, signal: Signal) -> Failure {
    let name = match signal {
        Signal::Interrupt => "SIGINT",
        Signal::Terminate => "SIGTERM",
    };
    let effect = match progress.facts().retried {
        Retried::No => "no retry was accepted",
        Retried::Yes => "the retry was accepted and goes on",
        Retried::Unknown => "the retry may have been accepted",
    };
    Failure {
        reason: format!("the step was cancelled ({name}); {effect}"),
        advice: Some("Look at the run before it is retried again.".to_owned()),
        ..Failure::default()
    }
}
