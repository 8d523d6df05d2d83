//! The gates of a stage: what has to be passed before its jobs start, and after they ended.

use super::status::Status;
use super::work::{Hold, Work};

/// A gate of a stage: a step of its own, outside of the jobs.
#[derive(Debug, Clone)]
pub struct Gate {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) task: String,
    pub(crate) work: Work,
}

impl Gate {
    /// A gate of the given plugin (`task`) that passes at once.
    pub fn new(name: impl Into<String>, task: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            name: name.into(),
            task: task.into(),
            work: Work::new(0),
        }
    }

    /// The gate of a stage that has no other: passed as soon as the stage starts.
    pub(crate) fn automatic() -> Self {
        Self::new("automatic", "official_devcloud_autoTrigger")
    }

    /// How long its check takes, in milliseconds, before the clock's speed. Default 0.
    #[must_use]
    pub fn lasts_ms(mut self, ms: u64) -> Self {
        self.work.lasts_ms = ms;
        self
    }

    /// Its message when it fails. A run found FAILED failed at the first such gate or job.
    #[must_use]
    pub fn failure(mut self, message: impl Into<String>) -> Self {
        self.work.failure = Some(message.into().into());
        self
    }

    /// Holds it in every round, as [`Job::held`](super::Job::held) does for a job.
    #[must_use]
    pub fn held(mut self, status: Status, for_ms: Option<u64>) -> Self {
        self.work.hold = Some(Hold { status, for_ms });
        self
    }

    /// Shows it in this state, whatever it does.
    #[must_use]
    pub fn shown_as(mut self, status: Status) -> Self {
        self.work.shown_as = Some(status);
        self
    }
}
