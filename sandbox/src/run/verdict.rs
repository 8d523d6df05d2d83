//! How the next round of a run goes.

use serde::{Deserialize, Serialize};

use super::status::Status;
use super::work::Hold;

/// How the next round of a run (the time after one retry) goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Everything that is left to do ends well.
    Completed,
    /// The retried jobs fail again.
    Failed,
    /// The retried jobs end well, but every job or gate of this name fails.
    FailedIn(String),
    /// As [`FailedIn`](Self::FailedIn), with several names.
    FailedJobs(Vec<String>),
    /// The retried jobs are stopped by somebody.
    Canceled,
    /// The run waits for a person once the retried jobs are done, and ends well when they approve.
    Paused,
    /// As [`Paused`](Self::Paused), but suspended.
    Suspend,
    /// The retried jobs are held once they have worked, and then go on; see [`after_hold`](Self::after_hold).
    Held {
        /// The state in which they are held.
        status: Status,
        /// For how long, in milliseconds before the clock's speed; `None` = until somebody lets them go on.
        for_ms: Option<u64>,
        /// How the round goes on.
        then: Box<Verdict>,
    },
}

impl Verdict {
    /// The same, but first the retried jobs are held in `status` once they have worked: for `for_ms` milliseconds before
    /// the clock's speed, or (`None`) until somebody lets them go on. PAUSED and SUSPEND are the states of the run then.
    #[must_use]
    pub fn after_hold(self, status: Status, for_ms: Option<u64>) -> Self {
        Self::Held {
            status,
            for_ms,
            then: Box::new(self),
        }
    }

    /// The same, but the run is PAUSED for that long first.
    #[must_use]
    pub fn after_pause_ms(self, ms: u64) -> Self {
        self.after_hold(Status::Paused, Some(ms))
    }

    /// The same, but the run is PAUSED first until a person approves.
    #[must_use]
    pub fn after_review(self) -> Self {
        self.after_hold(Status::Paused, None)
    }

    /// What holds the retried jobs, in order.
    pub(crate) fn holds(&self) -> Vec<Hold> {
        let mut holds = Vec::new();
        let mut verdict = self;
        while let Self::Held {
            status,
            for_ms,
            then,
        } = verdict
        {
            holds.push(Hold {
                status: *status,
                for_ms: *for_ms,
            });
            verdict = then;
        }
        if let Self::Paused | Self::Suspend = verdict {
            holds.push(Hold {
                status: if *verdict == Self::Paused {
                    Status::Paused
                } else {
                    Status::Suspend
                },
                for_ms: None,
            });
        }
        holds
    }

    /// How a part of that name ends; `again` = it is one of those that were retried.
    pub(crate) fn end_of(&self, name: &str, again: bool) -> Status {
        let failed = match self {
            Self::Held { then, .. } => return then.end_of(name, again),
            Self::Canceled if again => return Status::Canceled,
            Self::Failed => again,
            Self::FailedIn(own) => own == name,
            Self::FailedJobs(names) => names.iter().any(|own| own == name),
            Self::Completed | Self::Paused | Self::Suspend | Self::Canceled => false,
        };
        if failed {
            Status::Failed
        } else {
            Status::Completed
        }
    }
}
