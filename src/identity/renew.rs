//! When issued credentials are renewed. Pure.

use std::time::Duration;

/// The SDK renews this long before the end.
const MARGIN: Duration = Duration::from_secs(40 * 60);
/// The longest pause between two tries while the old credentials are still valid.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The life of credentials, in the clock's monotonic time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    /// From here on they are to be renewed.
    pub(super) renew_at: Duration,
    /// From here on they are not valid.
    pub(super) ends_at: Duration,
    /// How long to leave the service alone after a renewal that failed.
    pub(super) pause: Duration,
}

impl Life {
    /// Renewal 40 minutes before the end, or a quarter of the lifetime where that is shorter. Credentials whose end is
    /// not known are not renewed before they are refused.
    pub(super) fn new(start: Duration, lifetime: Option<Duration>) -> Self {
        let Some(lifetime) = lifetime else {
            return Self {
                renew_at: Duration::MAX,
                ends_at: Duration::MAX,
                pause: LONGEST_PAUSE,
            };
        };
        let margin = (lifetime / 4).min(MARGIN);
        let ends_at = start.saturating_add(lifetime);
        Self {
            renew_at: ends_at.saturating_sub(margin),
            ends_at,
            pause: (margin / 4).min(LONGEST_PAUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }

    #[test]
    fn a_long_life_is_renewed_forty_minutes_before_its_end() {
        let life = Life::new(minutes(10), Some(minutes(24 * 60)));
        assert_eq!(life.renew_at, minutes(10 + 24 * 60 - 40));
        assert_eq!(life.ends_at, minutes(10 + 24 * 60));
        assert_eq!(life.pause, minutes(1));
    }

    #[test]
    fn a_short_life_is_renewed_when_a_quarter_is_left() {
        let life = Life::new(Duration::ZERO, Some(minutes(16)));
        assert_eq!(life.renew_at, minutes(12));
        assert_eq!(life.pause, minutes(1));
        let shorter = Life::new(Duration::ZERO, Some(minutes(4)));
        assert_eq!(shorter.pause, Duration::from_secs(15));
    }

    #[test]
    fn a_life_without_a_known_end_is_not_renewed_ahead() {
        assert_eq!(Life::new(Duration::ZERO, None).renew_at, Duration::MAX);
    }
}
