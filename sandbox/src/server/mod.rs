//! The thin shell around the service: a thread per connection, HTTP/1.1, plain or TLS.

mod connection;
mod listener;
mod read;
mod stop;
mod stream;
mod write;

pub(crate) use listener::Listener;
pub(crate) use read::read_head;
pub(crate) use stop::Stop;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::service::Service;

/// What all connections of a sandbox share.
pub(crate) struct Shared {
    service: Mutex<Service>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) stop: Stop,
}

impl Shared {
    pub(crate) fn new(service: Service, clock: Arc<dyn Clock>) -> Self {
        Self {
            service: Mutex::new(service),
            clock,
            stop: Stop::default(),
        }
    }

    /// The service; also after a thread panicked while it held it, so that the first panic is the one that is reported.
    pub(crate) fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
