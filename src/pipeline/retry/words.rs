//! What is said of a retry that failed: whether it may have been accepted, and what to do.

use crate::client::{CallFailure, Cause, Exhausted, FinalKind, JsonReply, Verdict};

use super::super::event::Retried;

/// What earlier attempts of the call may have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    /// None was unclear.
    Nothing,
    /// One was unclear, and the run shows no effect of it.
    VerifiedUnchanged,
    /// One was unclear, and the run cannot be read here.
    Unverified,
}

pub(super) const MAY_HAVE_BEEN_ACCEPTED: &str = "the retry may have been accepted";
pub(super) const NOT_ACCEPTED: &str = "the retry was not accepted, as far as the run shows";
pub(super) const LOOK_FIRST: &str =
    "Look at the run before it is retried again: it may be in progress.";
pub(super) const RUN_AGAIN: &str = "Run the step again later.";

impl Earlier {
    pub(super) fn retried(self) -> Retried {
        match self {
            Self::Nothing | Self::VerifiedUnchanged => Retried::No,
            Self::Unverified => Retried::Unknown,
        }
    }

    pub(super) fn max_with(self, other: Self) -> Self {
        if self == Self::Unverified {
            self
        } else {
            other
        }
    }
}

/// The failure behind `success: false`.
pub(super) fn denied(reply: &JsonReply) -> CallFailure {
    CallFailure {
        verdict: Verdict::Final(FinalKind::Refused),
        cause: Cause::Status,
        reason: "the service answered success: false".to_owned(),
        advice: Some("Look at the run: only one that has ended FAILED or CANCELED can be retried."),
        service_code: None,
        service_message: None,
        http_status: Some(reply.http_status),
        request_id: reply.request_id.clone(),
        retry_after: None,
    }
}

/// The failure of a retry that was not sent since the deadline had passed before.
pub(super) fn too_late() -> CallFailure {
    CallFailure::transport(
        Verdict::NotSent,
        "it took too long to read the run",
        Some("Run the step again later, or raise wait_timeout."),
    )
}

/// The failure of a call whose attempts or budget are used up.
pub(super) fn exhausted(
    failure: CallFailure,
    why: Exhausted,
    max_attempts: u32,
    earlier: Earlier,
) -> CallFailure {
    let limit = match why {
        Exhausted::Attempts if max_attempts == 1 => "max_attempts (1) is used up".to_owned(),
        Exhausted::Attempts => format!("all {max_attempts} attempts of max_attempts are used up"),
        Exhausted::Budget {
            wait,
            asked_by_service: true,
        } => {
            format!("the service asks to wait {wait:.0?}, which does not fit the time budget")
        }
        Exhausted::Budget { .. } => "the time budget is used up".to_owned(),
    };
    let (effect, advice) = match earlier {
        Earlier::Nothing => ("nothing was accepted", failure.advice.unwrap_or(RUN_AGAIN)),
        Earlier::VerifiedUnchanged => (NOT_ACCEPTED, RUN_AGAIN),
        Earlier::Unverified => (MAY_HAVE_BEEN_ACCEPTED, LOOK_FIRST),
    };
    CallFailure {
        verdict: Verdict::Final(FinalKind::Unavailable),
        reason: format!("{}; {limit}; {effect}", failure.reason),
        advice: Some(advice),
        ..failure
    }
}
