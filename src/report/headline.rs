//! One sentence for each ending, and the name of what failed.

use crate::outcome::{FailedJob, OutcomeKind, Signal};

/// What the ending means: a lower-case fragment without a full stop. For a red one the failure's reason says more.
pub(super) const fn of(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Accepted => "the service accepted the retry",
        OutcomeKind::Queued => "the service accepted the retry and queued it",
        OutcomeKind::Completed => "the run ended COMPLETED",
        OutcomeKind::AlreadyCompleted => "the run was COMPLETED already",
        OutcomeKind::AlreadyRunning => "the run was in progress already",
        OutcomeKind::DryRun => "all checks passed and nothing was changed",
        OutcomeKind::RunFailed => "the run ended FAILED",
        OutcomeKind::InvalidInput => "the inputs are not valid",
        OutcomeKind::Unauthorized => "the service does not accept the credentials",
        OutcomeKind::Forbidden => "the service does not allow this",
        OutcomeKind::NotFound => "something that the inputs name was not found",
        OutcomeKind::Unavailable => "the service could not be used for now",
        OutcomeKind::WaitTimeout => "the run did not end before wait_timeout",
        OutcomeKind::RunCanceled => "the run was canceled",
        OutcomeKind::Refused => "the service did not retry the run as asked",
        OutcomeKind::OutputFailed => "the outputs could not be written",
        OutcomeKind::Interrupted(Signal::Interrupt) => "the step was interrupted (SIGINT)",
        OutcomeKind::Interrupted(Signal::Terminate) => "the step was interrupted (SIGTERM)",
    }
}

/// `Build › compile › run tests`, also where the service gives no names.
pub(super) fn of_job(job: &FailedJob) -> String {
    match job.path() {
        path if path.is_empty() => "A part without a name".to_owned(),
        path => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_without_names_is_called_so() {
        let mut job = FailedJob::default();
        assert_eq!(of_job(&job), "A part without a name");
        job.step = "run tests".to_owned();
        assert_eq!(of_job(&job), "run tests");
    }
}
