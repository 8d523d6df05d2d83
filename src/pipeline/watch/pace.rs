//! When to look at the run next. Pure.

use std::time::Duration;

use crate::client::Random;

/// The first delays: a run that ends at once is noticed at once. None of them is longer than the interval.
const FIRST_DELAYS: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(3),
    Duration::from_secs(5),
    Duration::from_secs(8),
];

/// The delays between the polls of one retry.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    interval: Duration,
    polls: usize,
}

impl Pace {
    pub(super) const fn new(interval: Duration) -> Self {
        Self { interval, polls: 0 }
    }

    /// The delay before the next poll: quick at first, then the interval, a tenth more or less, so that many steps
    /// that started together do not stay together.
    pub(super) fn next(&mut self, random: Random<'_>) -> Duration {
        let base = FIRST_DELAYS
            .get(self.polls)
            .map_or(self.interval, |first| self.interval.min(*first));
        self.polls += 1;
        base.mul_f64(0.9 + 0.2 * random().clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(interval: u64, random: Random<'_>) -> Vec<u128> {
        let mut pace = Pace::new(Duration::from_secs(interval));
        (0..6).map(|_| pace.next(random).as_millis()).collect()
    }

    #[test]
    fn the_first_four_are_quicker_than_the_interval_and_never_slower() {
        assert_eq!(
            delays(10, &|| 0.5),
            [2000, 3000, 5000, 8000, 10_000, 10_000]
        );
        assert_eq!(delays(4, &|| 0.5), [2000, 3000, 4000, 4000, 4000, 4000]);
        assert_eq!(delays(1, &|| 0.5), [1000; 6]);
    }

    #[test]
    fn each_is_up_to_a_tenth_longer_or_shorter() {
        assert_eq!(delays(10, &|| 0.0), [1800, 2700, 4500, 7200, 9000, 9000]);
        assert_eq!(
            delays(10, &|| 1.0),
            [2200, 3300, 5500, 8800, 11_000, 11_000]
        );
    }
}
