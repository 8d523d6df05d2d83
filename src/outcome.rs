//! How the step ended. Outputs, annotation, summary and exit code are all views of one [`Outcome`].

use std::time::Duration;

pub use crate::pipeline::{FailedJob, LogTail, PipelineRun, Retried};

/// The word and the exit code of an ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeKind {
    /// The service accepted the retry.
    Accepted,
    /// The service accepted the retry and queued it.
    Queued,
    /// The step waited, and the run ended COMPLETED.
    Completed,
    /// The run was found COMPLETED before anything was sent, or while an unclear answer was verified.
    AlreadyCompleted,
    /// `latest` found a run in progress.
    AlreadyRunning,
    /// All checks passed and nothing was changed.
    DryRun,
    /// The run ended FAILED.
    RunFailed,
    /// Inputs, configuration, credentials or arguments were wrong.
    InvalidInput,
    /// The service does not accept the credentials.
    Unauthorized,
    /// The service knows the caller, who lacks the right.
    Forbidden,
    /// The project, pipeline, run or API is not there.
    NotFound,
    /// Transient failures outlasted the attempts or the budget.
    Unavailable,
    /// The deadline passed while waiting.
    WaitTimeout,
    /// The run ended CANCELED or IGNORED.
    RunCanceled,
    /// The service said no, or something that is not understood.
    Refused,
    /// The outputs could not be written.
    OutputFailed,
    /// A signal ended the step.
    Interrupted(Signal),
}

/// The signal that ended the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, or Ctrl-C and Ctrl-Break on Windows.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl OutcomeKind {
    /// Every ending, in the order of the documentation.
    pub const ALL: [Self; 18] = [
        Self::Accepted,
        Self::Queued,
        Self::Completed,
        Self::AlreadyCompleted,
        Self::AlreadyRunning,
        Self::DryRun,
        Self::RunFailed,
        Self::InvalidInput,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::Unavailable,
        Self::WaitTimeout,
        Self::RunCanceled,
        Self::Refused,
        Self::OutputFailed,
        Self::Interrupted(Signal::Interrupt),
        Self::Interrupted(Signal::Terminate),
    ];

    /// The value of the `outcome` output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Completed => "completed",
            Self::AlreadyCompleted => "already-completed",
            Self::AlreadyRunning => "already-running",
            Self::DryRun => "dry-run",
            Self::RunFailed => "run-failed",
            Self::InvalidInput => "invalid-input",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Unavailable => "unavailable",
            Self::WaitTimeout => "wait-timeout",
            Self::RunCanceled => "run-canceled",
            Self::Refused => "refused",
            Self::OutputFailed => "output-failed",
            Self::Interrupted(_) => "interrupted",
        }
    }

    /// Whether the step is green: exactly when [`OutcomeKind::exit_code`] is 0.
    pub const fn is_success(self) -> bool {
        self.exit_code() == 0
    }
}

/// What is known about the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFacts {
    /// The run's id; empty while `latest` is not resolved.
    pub pipeline_run_id: String,
    /// The run's number within its pipeline.
    pub run_number: Option<i64>,
    /// The console link.
    pub run_url: Option<String>,
    /// The last seen status, as the service spells it.
    pub status: Option<String>,
}

/// Why the step is red.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// Our own reason: a lower-case fragment without a full stop.
    pub reason: String,
    /// What to do next: a sentence, or several; input errors have none, each reason says it.
    pub advice: Option<String>,
    /// The service's error code.
    pub service_code: Option<String>,
    /// The service's message.
    pub service_message: Option<String>,
    /// The status of the answer that decided.
    pub http_status: Option<u16>,
    /// The service's id of that request.
    pub request_id: Option<String>,
}

/// How the step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The word and the exit code.
    pub kind: OutcomeKind,
    /// The run.
    pub run: RunFacts,
    /// Whether a retry was accepted.
    pub retried: Retried,
    /// How many retries were accepted.
    pub retries: u32,
    /// HTTP attempts used by the retry call(s).
    pub attempts: u32,
    /// The place in the service's queue, when the retry was queued.
    pub queue_id: Option<String>,
    /// Why the step is red; `None` exactly when it is green.
    pub failure: Option<Failure>,
    /// Things the reader should know although they changed nothing: each a sentence.
    pub notices: Vec<String>,
    /// The jobs that failed.
    pub failed_jobs: Vec<FailedJob>,
    /// The run as it was seen last, with its stages: only with `wait`.
    pub last_seen: Option<PipelineRun>,
    /// How long the step took.
    pub duration: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_is_green_for_six_endings_only() {
        let green: Vec<_> = OutcomeKind::ALL
            .into_iter()
            .filter(|kind| kind.is_success())
            .map(OutcomeKind::word)
            .collect();
        assert_eq!(
            green,
            [
                "accepted",
                "queued",
                "completed",
                "already-completed",
                "already-running",
                "dry-run"
            ]
        );
    }
}
