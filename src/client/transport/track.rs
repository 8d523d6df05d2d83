//! Knows whether anything of a request was written, and bounds the time from its first byte to the answer's last.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ureq::unversioned::transport::time::Instant;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Error, Timeout};

/// Set as soon as the first byte of a request may have left this machine.
#[derive(Clone, Debug, Default)]
pub(super) struct Written(Arc<AtomicBool>);

impl Written {
    pub(super) fn reset(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The last link of the connector chain: everything below it (TCP, proxy, TLS) has succeeded.
#[derive(Debug)]
pub(super) struct TrackConnector {
    pub(super) written: Written,
    /// First byte written to last byte read.
    pub(super) exchange_timeout: Duration,
    /// Whether requests go through a proxy: its own CONNECT request runs through the same chain and does not count.
    pub(super) proxied: bool,
}

impl<In: Transport> Connector<In> for TrackConnector {
    type Out = TrackTransport;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let is_link_to_proxy = self.proxied && details.config.proxy().is_none();
        Ok(chained.map(|inner| TrackTransport {
            inner: inner.boxed(),
            tracking: (!is_link_to_proxy).then(|| Tracking {
                written: self.written.clone(),
                exchange_timeout: self.exchange_timeout,
                current_time: Arc::clone(&details.current_time),
                deadline: None,
            }),
        }))
    }
}

pub(super) struct TrackTransport {
    inner: Box<dyn Transport>,
    tracking: Option<Tracking>,
}

struct Tracking {
    written: Written,
    exchange_timeout: Duration,
    current_time: Arc<dyn Fn() -> Instant + Send + Sync>,
    deadline: Option<Instant>,
}

impl Tracking {
    fn note_write(&mut self) {
        self.written.set();
        let limit = self.exchange_timeout.into();
        let now = &self.current_time;
        self.deadline.get_or_insert_with(|| now() + limit);
    }

    /// The smaller of the given time-out and what is left of the exchange's.
    fn bounded(&self, mut timeout: NextTimeout) -> Result<NextTimeout, Error> {
        if let (Some(Instant::Exact(deadline)), Instant::Exact(now)) =
            (self.deadline, (self.current_time)())
        {
            let left = deadline.saturating_duration_since(now);
            if left.is_zero() {
                return Err(Error::Timeout(Timeout::PerCall));
            }
            if timeout.after.is_not_happening() || left < *timeout.after {
                timeout.after = left.into();
                timeout.reason = Timeout::PerCall;
            }
        }
        Ok(timeout)
    }
}

impl Transport for TrackTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = match &mut self.tracking {
            Some(tracking) => {
                tracking.note_write();
                tracking.bounded(timeout)?
            }
            None => timeout,
        };
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = match &self.tracking {
            Some(tracking) => tracking.bounded(timeout)?,
            None => timeout,
        };
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

impl fmt::Debug for TrackTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackTransport").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use ureq::unversioned::transport::LazyBuffers;
    use ureq::unversioned::transport::time::Duration as Limit;

    use super::*;

    /// A connection that takes everything, and notes how long it may wait.
    #[derive(Debug)]
    struct Below {
        buffers: LazyBuffers,
        is_open: bool,
        is_tls: bool,
        limits: Arc<Mutex<Vec<Limit>>>,
    }

    impl Transport for Below {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, _: usize, timeout: NextTimeout) -> Result<(), Error> {
            self.limits.lock().unwrap().push(timeout.after);
            Ok(())
        }

        fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
            self.limits.lock().unwrap().push(timeout.after);
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            self.is_open
        }

        fn is_tls(&self) -> bool {
            self.is_tls
        }
    }

    /// A tracked connection whose exchange may take ten seconds, at the `elapsed` time of an arbitrary clock.
    struct Tracked {
        transport: TrackTransport,
        written: Written,
        elapsed: Arc<Mutex<Duration>>,
        limits: Arc<Mutex<Vec<Limit>>>,
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the library's clock starts at some instant of the system's"
    )]
    fn tracked() -> Tracked {
        let (written, elapsed) = (Written::default(), Arc::<Mutex<Duration>>::default());
        let limits = Arc::<Mutex<Vec<Limit>>>::default();
        let (start, clock) = (std::time::Instant::now(), Arc::clone(&elapsed));
        let transport = TrackTransport {
            inner: Box::new(Below {
                buffers: LazyBuffers::new(1, 1),
                is_open: true,
                is_tls: false,
                limits: Arc::clone(&limits),
            }),
            tracking: Some(Tracking {
                written: written.clone(),
                exchange_timeout: Duration::from_secs(10),
                current_time: Arc::new(move || Instant::Exact(start + *clock.lock().unwrap())),
                deadline: None,
            }),
        };
        Tracked {
            transport,
            written,
            elapsed,
            limits,
        }
    }

    fn within(limit: Limit) -> NextTimeout {
        NextTimeout {
            after: limit,
            ..NextTimeout::default()
        }
    }

    fn seconds(seconds: u64) -> Limit {
        Duration::from_secs(seconds).into()
    }

    #[test]
    fn only_a_write_makes_a_request_written() {
        let mut tracked = tracked();
        tracked.transport.await_input(within(seconds(1))).unwrap();
        assert!(!tracked.written.get());
        tracked
            .transport
            .transmit_output(1, within(seconds(1)))
            .unwrap();
        assert!(tracked.written.get());
    }

    #[test]
    fn from_the_first_byte_on_every_wait_is_bounded_by_what_is_left_of_the_exchange() {
        let mut tracked = tracked();
        let mut at = |elapsed: u64, limit: Limit| {
            *tracked.elapsed.lock().unwrap() = Duration::from_secs(elapsed);
            if elapsed < 6 {
                tracked.transport.transmit_output(1, within(limit))
            } else {
                tracked.transport.await_input(within(limit)).map(drop)
            }
        };
        at(2, seconds(60)).unwrap();
        at(5, Limit::NotHappening).unwrap();
        at(8, seconds(60)).unwrap();
        at(11, seconds(60)).unwrap();
        at(11, Duration::from_millis(1).into()).unwrap();
        let late = at(12, seconds(60)).unwrap_err();
        assert!(matches!(late, Error::Timeout(Timeout::PerCall)), "{late}");
        let limits = tracked.limits.lock().unwrap();
        let expected = [10_000, 7_000, 4_000, 1_000, 1];
        assert_eq!(*limits, expected.map(|ms| Duration::from_millis(ms).into()));
    }

    #[test]
    fn a_tracked_connection_is_as_open_and_as_secret_as_the_one_below_it() {
        for (is_open, is_tls) in [(true, false), (false, true)] {
            let mut transport = TrackTransport {
                inner: Box::new(Below {
                    buffers: LazyBuffers::new(1, 1),
                    is_open,
                    is_tls,
                    limits: Arc::default(),
                }),
                tracking: None,
            };
            assert_eq!(transport.is_tls(), is_tls);
            assert_eq!(transport.is_open(), is_open);
        }
    }
}
