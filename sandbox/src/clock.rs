//! Time: the only file that reads the machine's clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time the service lives in.
///
/// A test with virtual time implements this for its own clock, or uses [`ManualClock`].
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> u64;

    /// How much faster than configured the work of a run goes; default 1.
    ///
    /// Durations of jobs are divided by it. The time of day itself is never sped up: a client compares
    /// `current_system_time` with its own monotonic clock.
    fn speed(&self) -> f64 {
        1.0
    }
}

/// The machine's clock, with a speed factor for the work of runs.
#[derive(Debug, Clone, Copy)]
pub struct RealClock {
    speed: f64,
}

impl RealClock {
    /// `speed` 1000 makes a job of 8 s last 8 ms; values that are not positive count as 1.
    pub fn new(speed: f64) -> Self {
        let usable = speed.is_finite() && speed > 0.0;
        Self {
            speed: if usable { speed } else { 1.0 },
        }
    }
}

impl Clock for RealClock {
    fn now_ms(&self) -> u64 {
        wall_ms()
    }

    fn speed(&self) -> f64 {
        self.speed
    }
}

/// Virtual time that moves only when told to.
#[derive(Debug)]
pub struct ManualClock {
    now_ms: AtomicU64,
}

impl ManualClock {
    /// Starts at `now_ms`, milliseconds since the Unix epoch.
    pub fn at(now_ms: u64) -> Self {
        Self {
            now_ms: AtomicU64::new(now_ms),
        }
    }

    /// Moves time forward by `by` (whole milliseconds).
    pub fn advance(&self, by: Duration) {
        let by_ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.now_ms.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> u64 {
        self.now_ms.load(Ordering::SeqCst)
    }
}

/// The machine's time of day in milliseconds since the Unix epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "the clock of this crate; everything else takes the time as a value"
)]
pub(crate) fn wall_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
}
