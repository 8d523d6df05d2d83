//! When a call may be sent again: policy, delays and the budget. The loops that sleep and send are elsewhere.

use std::time::Duration;

use super::error::CallFailure;

/// How often and for how long a call is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// HTTP attempts per call, the first counted. At least 1.
    pub max_attempts: u32,
    /// Upper bound of the first delay; doubled for each one after it.
    pub backoff: Duration,
    /// Upper bound of every delay, unless the service asks for more.
    pub max_backoff: Duration,
    /// The moment, in the clock's monotonic time, after which no attempt is started.
    pub deadline: Duration,
}

/// A number in `[0, 1)`: the source of jitter.
pub type Random<'a> = &'a (dyn Fn() -> f64 + Sync);

/// Why there is no further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhausted {
    /// The last attempt was used.
    Attempts,
    /// The next delay would pass the deadline.
    Budget {
        /// The wait that does not fit.
        wait: Duration,
        /// Whether the service asked for it.
        asked_by_service: bool,
    },
}

impl Exhausted {
    /// That the service asks for more time than there is, as a fragment.
    pub fn asked_pause(self) -> Option<String> {
        match self {
            Self::Budget {
                wait,
                asked_by_service: true,
            } => Some(format!(
                "the service asks to wait {wait:.0?}, which does not fit the time budget"
            )),
            Self::Budget { .. } | Self::Attempts => None,
        }
    }
}

/// The delays of one call.
#[derive(Clone, Debug)]
pub struct Schedule {
    policy: RetryPolicy,
    attempts: u32,
}

impl Schedule {
    /// A schedule at its first attempt.
    pub fn new(policy: RetryPolicy) -> Self {
        Self {
            policy,
            attempts: 1,
        }
    }

    /// The number of the attempt that is under way, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempts
    }

    /// The delay before the next attempt, which is counted as started; or why there is none.
    ///
    /// Exponential with factor 2 and full jitter; the longer of it and `Retry-After` wins.
    pub fn next(
        &mut self,
        failure: &CallFailure,
        now: Duration,
        random: Random<'_>,
    ) -> Result<Duration, Exhausted> {
        if self.attempts >= self.policy.max_attempts {
            return Err(Exhausted::Attempts);
        }
        let doublings = (self.attempts - 1).min(31);
        let ceiling = self
            .policy
            .backoff
            .saturating_mul(1 << doublings)
            .min(self.policy.max_backoff);
        let jittered = ceiling.mul_f64(random().clamp(0.0, 1.0));
        let asked = failure.retry_after.unwrap_or_default();
        let wait = jittered.max(asked);
        if now.saturating_add(wait) >= self.policy.deadline {
            return Err(Exhausted::Budget {
                wait,
                asked_by_service: asked >= jittered && !asked.is_zero(),
            });
        }
        self.attempts += 1;
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::error::Verdict;

    const POLICY: RetryPolicy = RetryPolicy {
        max_attempts: 5,
        backoff: Duration::from_secs(1),
        max_backoff: Duration::from_secs(5),
        deadline: Duration::from_secs(600),
    };

    fn failure(retry_after: Option<Duration>) -> CallFailure {
        CallFailure {
            retry_after,
            ..CallFailure::transport(Verdict::NotSent, "refused", None)
        }
    }

    fn delays(
        policy: RetryPolicy,
        random: Random<'_>,
        failure: &CallFailure,
    ) -> (Vec<Duration>, Exhausted) {
        let mut schedule = Schedule::new(policy);
        let mut delays = Vec::new();
        loop {
            match schedule.next(failure, Duration::ZERO, random) {
                Ok(delay) => delays.push(delay),
                Err(exhausted) => return (delays, exhausted),
            }
        }
    }

    #[test]
    fn the_ceiling_doubles_up_to_its_maximum() {
        let (highest, end) = delays(POLICY, &|| 1.0, &failure(None));
        assert_eq!(highest, [1, 2, 4, 5].map(Duration::from_secs));
        assert_eq!(end, Exhausted::Attempts);
    }

    #[test]
    fn full_jitter_goes_down_to_nothing() {
        assert_eq!(
            delays(POLICY, &|| 0.0, &failure(None)).0,
            [Duration::ZERO; 4]
        );
        assert_eq!(
            delays(POLICY, &|| 0.5, &failure(None)).0,
            [500, 1000, 2000, 2500].map(Duration::from_millis)
        );
    }

    #[test]
    fn there_is_no_delay_after_the_last_attempt() {
        let (none, end) = delays(
            RetryPolicy {
                max_attempts: 1,
                ..POLICY
            },
            &|| 1.0,
            &failure(None),
        );
        assert!(none.is_empty());
        assert_eq!(end, Exhausted::Attempts);
    }

    #[test]
    fn the_longer_of_backoff_and_retry_after_wins() {
        let (waits, _) = delays(POLICY, &|| 1.0, &failure(Some(Duration::from_secs(3))));
        assert_eq!(waits, [3, 3, 4, 5].map(Duration::from_secs));
    }

    #[test]
    fn a_wait_that_does_not_fit_the_budget_ends_the_call_at_once() {
        let wait = Duration::from_secs(601);
        let (none, end) = delays(POLICY, &|| 1.0, &failure(Some(wait)));
        assert!(none.is_empty());
        assert_eq!(
            end,
            Exhausted::Budget {
                wait,
                asked_by_service: true
            }
        );
        let huge = failure(Some(Duration::from_secs(u64::MAX)));
        assert!(matches!(
            delays(POLICY, &|| 1.0, &huge).1,
            Exhausted::Budget { .. }
        ));
    }

    #[test]
    fn only_a_pause_that_the_service_asks_for_is_told_as_one() {
        let late = RetryPolicy {
            deadline: Duration::from_secs(10),
            max_backoff: Duration::from_secs(60),
            backoff: Duration::from_secs(30),
            ..POLICY
        };
        for (asked, jitter, expected) in [
            (None, 1.0, None),
            (Some(20), 1.0, None),
            (
                Some(30),
                1.0,
                Some("the service asks to wait 30s, which does not fit the time budget"),
            ),
            (
                Some(90),
                0.5,
                Some("the service asks to wait 90s, which does not fit the time budget"),
            ),
        ] {
            let failure = failure(asked.map(Duration::from_secs));
            let (none, end) = delays(late, &|| jitter, &failure);
            assert!(none.is_empty());
            assert_eq!(end.asked_pause().as_deref(), expected, "{asked:?}");
        }
        assert_eq!(Exhausted::Attempts.asked_pause(), None);
    }

    #[test]
    fn no_time_left_is_not_a_pause_that_the_service_asks_for() {
        let mut schedule = Schedule::new(POLICY);
        let end = schedule.next(&failure(None), POLICY.deadline, &|| 0.0);
        assert_eq!(
            end,
            Err(Exhausted::Budget {
                wait: Duration::ZERO,
                asked_by_service: false
            })
        );
    }

    #[test]
    fn attempts_are_counted_from_one_and_one_that_is_not_made_is_not_counted() {
        let mut schedule = Schedule::new(POLICY);
        let mut numbers = vec![schedule.attempt()];
        while schedule
            .next(&failure(None), Duration::ZERO, &|| 0.0)
            .is_ok()
        {
            numbers.push(schedule.attempt());
        }
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        assert_eq!(schedule.attempt(), 5);
    }

    #[test]
    fn many_attempts_do_not_overflow_the_doubling() {
        let policy = RetryPolicy {
            max_attempts: 100,
            backoff: Duration::from_secs(u64::MAX / 2),
            ..POLICY
        };
        assert_eq!(delays(policy, &|| 1.0, &failure(None)).0.len(), 99);
    }
}
