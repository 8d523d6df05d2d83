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
