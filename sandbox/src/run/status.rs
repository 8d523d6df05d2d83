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
    /// Going on, given to a worker again.
    Redispatch,
    /// Going on, and nobody waits for it.
    AsyncRunning,
    /// Waiting for a person or a delay.
    Paused,
    /// Suspended until resumed.
    Suspend,
    /// Ended well.
    Completed,
    /// Ended in failure.
    Failed,
    /// Ended in failure, and nobody waited for it.
    AsyncFailed,
    /// Stopped.
    Canceled,
    /// Ended, skipped over.
    Ignored,
    /// Ended, not run.
    Skipped,
    /// Ended, not chosen.
    Unselected,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Init,
        Self::Queued,
        Self::Running,
        Self::Redispatch,
        Self::AsyncRunning,
        Self::Paused,
        Self::Suspend,
        Self::Completed,
        Self::Failed,
        Self::AsyncFailed,
        Self::Canceled,
        Self::Ignored,
        Self::Skipped,
        Self::Unselected,
    ];

    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Redispatch => "REDISPATCH",
            Self::AsyncRunning => "ASYNC_RUNNING",
            Self::Paused => "PAUSED",
            Self::Suspend => "SUSPEND",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::AsyncFailed => "ASYNC_FAILED",
            Self::Canceled => "CANCELED",
            Self::Ignored => "IGNORED",
            Self::Skipped => "SKIPPED",
            Self::Unselected => "UNSELECTED",
        }
    }

    /// Whether nothing more happens without a new retry.
    pub fn is_ended(self) -> bool {
        matches!(
            self,
            Self::Completed
                | Self::Failed
                | Self::AsyncFailed
                | Self::Canceled
                | Self::Ignored
                | Self::Skipped
                | Self::Unselected
        )
    }

    /// Whether a part in this state has not worked, and so has no times.
    pub(crate) fn is_not_run(self) -> bool {
        matches!(
            self,
            Self::Init | Self::Queued | Self::Ignored | Self::Skipped | Self::Unselected
        )
    }

    /// Whether a run or stage in this state goes on by the clock or by a person.
    pub(crate) fn is_going_on(self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Suspend)
    }
}
