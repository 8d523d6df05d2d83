//! The words the service uses for the state of a run, stage, job or step.

use serde::{Deserialize, Serialize};

/// A status value (SDK model: seven values at run level, the rest at stage and job level).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Not started.
    Init,
    /// Waiting for a worker.
    Queued,
    /// Going on.
    Running,
    /// Waiting for a person or a delay.
    Paused,
    /// Suspended until resumed.
    Suspend,
    /// Ended well.
    Completed,
    /// Ended in failure.
    Failed,
    /// Stopped.
    Canceled,
    /// Ended, skipped over.
    Ignored,
}

impl Status {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Paused => "PAUSED",
            Self::Suspend => "SUSPEND",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Canceled => "CANCELED",
            Self::Ignored => "IGNORED",
        }
    }

    /// Whether nothing more happens without a new retry.
    pub fn is_ended(self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Failed | Self::Canceled | Self::Ignored
        )
    }
}

/// How the next round of a run (the time after one retry) goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Everything that is left to do ends well.
    Completed,
    /// The retried jobs fail again.
    Failed,
    /// The retried jobs end well, but every job of this name fails.
    FailedIn(String),
    /// The retried jobs are stopped by somebody.
    Canceled,
    /// The run waits for a person once the retried jobs are done, and stays so.
    Paused,
    /// As [`Paused`](Self::Paused), but suspended.
    Suspend,
}

impl Verdict {
    /// The end of a job that this verdict falls on.
    pub(crate) fn job_status(&self) -> Status {
        match self {
            Self::Completed => Status::Completed,
            Self::Failed | Self::FailedIn(_) => Status::Failed,
            Self::Canceled => Status::Canceled,
            Self::Paused => Status::Paused,
            Self::Suspend => Status::Suspend,
        }
    }
}
