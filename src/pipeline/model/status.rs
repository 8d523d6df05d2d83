//! The states of a run and of its parts, as open sets: a state this version does not know keeps its spelling.

use std::fmt;

/// The status of a run (SDK model; which ones are final is inferred, no source says it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// Ended well.
    Completed,
    /// Ended with a failure.
    Failed,
    /// Ended since someone stopped it.
    Canceled,
    /// Ended without having run.
    Ignored,
    /// Goes on.
    Running,
    /// Goes on, and waits for a person or a delay.
    Paused,
    /// Goes on, and waits until it is resumed.
    Suspend,
    /// Not started yet.
    Init,
    /// Not started yet.
    Queued,
    /// A status this version does not know, as the service spells it.
    Unknown(String),
}

impl RunStatus {
    /// Reads the service's spelling.
    pub fn from_text(text: &str) -> Self {
        match text {
            "COMPLETED" => Self::Completed,
            "FAILED" => Self::Failed,
            "CANCELED" => Self::Canceled,
            "IGNORED" => Self::Ignored,
            "RUNNING" => Self::Running,
            "PAUSED" => Self::Paused,
            "SUSPEND" => Self::Suspend,
            "INIT" => Self::Init,
            "QUEUED" => Self::Queued,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Whether the run has ended for good, unless it is retried.
    pub const fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Failed | Self::Canceled | Self::Ignored
        )
    }

    /// Whether the run is known to go on.
    pub const fn is_in_progress(&self) -> bool {
        matches!(
            self,
            Self::Running | Self::Paused | Self::Suspend | Self::Init | Self::Queued
        )
    }

    /// Whether the run goes on only once a person has done something, or a delay is over.
    pub const fn waits_for_a_person(&self) -> bool {
        matches!(self, Self::Paused | Self::Suspend)
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Canceled => "CANCELED",
            Self::Ignored => "IGNORED",
            Self::Running => "RUNNING",
            Self::Paused => "PAUSED",
            Self::Suspend => "SUSPEND",
            Self::Init => "INIT",
            Self::Queued => "QUEUED",
            Self::Unknown(text) => text,
        })
    }
}

/// The status of a stage, job or step, as the service spells it; empty where it says none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartStatus(String);

/// What a part's status means (SDK model: 14 values for stages and jobs; the meanings are inferred).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not started yet.
    NotStarted,
    /// At work.
    Running,
    /// Waits for a person or a delay.
    Waiting,
    /// Ended well.
    Succeeded,
    /// Ended with a failure.
    Failed,
    /// Stopped.
    Canceled,
    /// Not meant to run, or passed over.
    Skipped,
    /// A status this version does not know.
    Unknown,
}

impl PartStatus {
    /// Keeps the service's spelling.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The service's spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it means.
    pub fn phase(&self) -> Phase {
        match self.0.as_str() {
            "INIT" | "QUEUED" => Phase::NotStarted,
            "RUNNING" | "ASYNC_RUNNING" | "REDISPATCH" => Phase::Running,
            "PAUSED" | "SUSPEND" => Phase::Waiting,
            "COMPLETED" => Phase::Succeeded,
            "FAILED" | "ASYNC_FAILED" => Phase::Failed,
            "CANCELED" => Phase::Canceled,
            "SKIPPED" | "UNSELECTED" | "IGNORED" => Phase::Skipped,
            _ => Phase::Unknown,
        }
    }
}

impl fmt::Display for PartStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_status_keeps_its_spelling_and_is_neither_ended_nor_in_progress() {
        let status = RunStatus::from_text("completed");
        assert_eq!(status.to_string(), "completed");
        assert!(!status.is_terminal() && !status.is_in_progress());
    }

    #[test]
    fn every_status_of_the_sdk_model_is_known() {
        for run in [
            "COMPLETED",
            "RUNNING",
            "FAILED",
            "CANCELED",
            "PAUSED",
            "SUSPEND",
            "IGNORED",
        ] {
            let status = RunStatus::from_text(run);
            assert!(status.is_terminal() != status.is_in_progress(), "{run}");
            assert_eq!(status.to_string(), run);
        }
        for part in [
            "INIT",
            "QUEUED",
            "RUNNING",
            "CANCELED",
            "COMPLETED",
            "FAILED",
            "SKIPPED",
            "IGNORED",
            "PAUSED",
            "SUSPEND",
            "ASYNC_RUNNING",
            "ASYNC_FAILED",
            "UNSELECTED",
            "REDISPATCH",
        ] {
            assert_ne!(
                PartStatus::from_text(part).phase(),
                Phase::Unknown,
                "{part}"
            );
        }
        assert_eq!(PartStatus::from_text("failed").phase(), Phase::Unknown);
    }
}
