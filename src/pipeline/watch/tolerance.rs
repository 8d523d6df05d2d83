//! How failed polls are told: a warning on the first, then at most one a minute. Pure.

use std::time::Duration;

use crate::client::{CallFailure, FinalKind, Verdict};

/// The shortest time between two warnings, and between two signs of life.
pub(super) const QUIET_TIME: Duration = Duration::from_secs(60);

/// Polls that failed, and which of them were told.
#[derive(Clone, Debug, Default)]
pub(super) struct Tolerance {
    polls: u32,
    failed: u32,
    untold: u32,
    last_told: Option<Duration>,
}

impl Tolerance {
    /// Counts a poll that succeeded.
    pub(super) fn count_success(&mut self) {
        self.polls += 1;
    }

    /// Counts a poll that failed; the warning, if it is time for one.
    pub(super) fn count_failure(&mut self, failure: &CallFailure, now: Duration) -> Option<String> {
        self.polls += 1;
        self.failed += 1;
        let is_due = self
            .last_told
            .is_none_or(|told| now.saturating_sub(told) >= QUIET_TIME);
        if !is_due {
            self.untold += 1;
            return None;
        }
        let status = failure
            .http_status
            .map(|status| format!(" (HTTP {status})"))
            .unwrap_or_default();
        let others = match self.untold {
            0 => String::new(),
            untold => format!(", as {untold} times before since the last warning"),
        };
        self.last_told = Some(now);
        self.untold = 0;
        Some(format!(
            "The run could not be read{others}: {}{status}; still waiting.",
            failure.reason
        ))
    }

    /// What to tell at the end; nothing where every poll succeeded.
    pub(super) fn summary(&self) -> Option<String> {
        (self.failed > 0).then(|| {
            format!(
                "{} of {} looks at the run failed; none of them counted.",
                self.failed, self.polls
            )
        })
    }
}

/// Whether waiting any longer could not help: 401 after a renewal, 403, 404 and their codes.
pub(super) fn ends_the_wait(failure: &CallFailure) -> bool {
    matches!(
        failure.verdict,
        Verdict::Final(
            FinalKind::Unauthorized
                | FinalKind::Forbidden
                | FinalKind::NotFound
                | FinalKind::InvalidRequest
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(verdict: Verdict) -> CallFailure {
        CallFailure {
            http_status: Some(502),
            ..CallFailure::transport(verdict, "the service is busy", None)
        }
    }

    #[test]
    fn the_first_failure_is_told_and_then_one_a_minute_with_the_number_of_those_between() {
        let mut tolerance = Tolerance::default();
        let failure = failure(Verdict::MaybeProcessed);
        let told: Vec<_> = (0..130)
            .filter_map(|second| tolerance.count_failure(&failure, Duration::from_secs(second)))
            .collect();
        assert_eq!(
            told,
            [
                "The run could not be read: the service is busy (HTTP 502); still waiting.",
                "The run could not be read, as 59 times before since the last warning: the service is busy (HTTP 502); still waiting.",
                "The run could not be read, as 59 times before since the last warning: the service is busy (HTTP 502); still waiting.",
            ]
        );
        tolerance.count_success();
        assert_eq!(
            tolerance.summary().as_deref(),
            Some("130 of 131 looks at the run failed; none of them counted.")
        );
    }

    #[test]
    fn a_success_between_two_failures_brings_no_second_warning_within_the_minute() {
        let mut tolerance = Tolerance::default();
        let failure = failure(Verdict::NotSent);
        assert!(tolerance.count_failure(&failure, Duration::ZERO).is_some());
        tolerance.count_success();
        assert_eq!(
            tolerance.count_failure(&failure, Duration::from_secs(59)),
            None
        );
    }

    #[test]
    fn what_asking_again_does_not_mend_ends_the_wait() {
        for kind in [
            FinalKind::Unauthorized,
            FinalKind::Forbidden,
            FinalKind::NotFound,
        ] {
            assert!(ends_the_wait(&failure(Verdict::Final(kind))));
        }
        for verdict in [
            Verdict::NotSent,
            Verdict::Unprocessed,
            Verdict::MaybeProcessed,
            Verdict::Final(FinalKind::Refused),
            Verdict::Final(FinalKind::Unavailable),
        ] {
            assert!(!ends_the_wait(&failure(verdict)));
        }
    }
    #[test]
    fn where_every_look_succeeded_there_is_nothing_to_sum_up() {
        let mut tolerance = Tolerance::default();
        tolerance.count_success();
        assert_eq!(tolerance.summary(), None);
    }
}
