//! The exit codes: one table.

use crate::outcome::{OutcomeKind, Signal};

impl OutcomeKind {
    /// The exit code of the process. Codes that are not in this table are never used.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Accepted
            | Self::Queued
            | Self::Completed
            | Self::AlreadyCompleted
            | Self::AlreadyRunning
            | Self::DryRun => 0,
            Self::RunFailed => 1,
            Self::InvalidInput => 2,
            Self::Unauthorized => 3,
            Self::Forbidden => 4,
            Self::NotFound => 5,
            Self::Unavailable => 6,
            Self::WaitTimeout => 7,
            Self::RunCanceled => 8,
            Self::Refused => 9,
            Self::OutputFailed => 10,
            // 128 + the signal's number, as shells report it.
            Self::Interrupted(Signal::Interrupt) => 130,
            Self::Interrupted(Signal::Terminate) => 143,
        }
    }
}
