//! The stand-in as a test uses it: started, scripted, asked, dropped.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::auth::Identities;
use crate::builder::Builder;
use crate::clock::Clock;
use crate::counters::Counters;
use crate::fault::Fault;
use crate::ids::RUN_ID;
use crate::request::Request;
use crate::run::{Run, Status};
use crate::server::{Listener, Shared};
use crate::service::{Config, RunUpdate, Service};
use crate::tls::{self, Certificate};

/// A running stand-in on a loopback port. Dropping it ends its connections.
pub struct Sandbox {
    // Before `shared`: a listener's thread ends while the rest is still there.
    https: Mutex<Vec<(Certificate, Listener)>>,
    http: Listener,
    shared: Arc<Shared>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sandbox")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Starts one with the default run, credentials and speed on a free port.
    ///
    /// # Panics
    ///
    /// If no loopback port can be bound.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// Starts to configure one.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The address of the plain listener.
    pub fn address(&self) -> SocketAddr {
        self.http.address()
    }

    /// `https://127.0.0.1:PORT` with a good certificate of [`ca_pem`](Self::ca_pem)'s authority, also for `localhost`.
    ///
    /// # Panics
    ///
    /// If no loopback port can be bound.
    pub fn https_url(&self) -> String {
        self.https_url_with(Certificate::Good)
    }

    /// The same with another certificate. The listener is started by the first call.
    ///
    /// # Panics
    ///
    /// If no loopback port can be bound.
    pub fn https_url_with(&self, certificate: Certificate) -> String {
        let mut https = self.https.lock().unwrap_or_else(PoisonError::into_inner);
        let known = https.iter().position(|(own, _)| *own == certificate);
        let at = known.unwrap_or_else(|| {
            let config = tls::server_config(certificate);
            let serving = Arc::clone(&self.shared);
            let stopping = Arc::clone(&self.shared);
            let listener = Listener::start(
                ("127.0.0.1", 0),
                move || stopping.stop.is_stopped(),
                move |tcp| serving.serve(tcp, Some(&config)),
            )
            .expect("a loopback port is free");
            https.push((certificate, listener));
            https.len() - 1
        });
        format!("https://{}", https[at].1.address())
    }

    /// The certificate of the authority that [`https_url`](Self::https_url) chains to, in PEM form.
    pub fn ca_pem(&self) -> String {
        tls::ca_pem()
    }

    /// Adds a fault to the script.
    pub fn fault(&self, fault: Fault) {
        self.shared.service().fault(fault);
    }

    /// Empties the script.
    pub fn clear_faults(&self) {
        self.shared.service().clear_faults();
    }

    /// The counts so far.
    pub fn counters(&self) -> Counters {
        let now_ms = self.now_ms();
        self.shared.service().counters(now_ms)
    }

    /// The requests so far, oldest first; at most the last [`Config::kept_requests`].
    pub fn requests(&self) -> Vec<Request> {
        self.shared.service().requests()
    }

    /// Makes this the only run.
    pub fn set_run(&self, run: Run) {
        let now_ms = self.now_ms();
        self.shared.service().set_run(run, now_ms);
    }

    /// Adds a run, or replaces the one of the same id.
    pub fn add_run(&self, run: Run) {
        let now_ms = self.now_ms();
        self.shared.service().add_run(run, now_ms);
    }

    /// Puts [`RUN_ID`] into another state, as if somebody else had done it just now.
    pub fn set_status(&self, status: Status) {
        self.update_run(RunUpdate {
            status: Some(status),
            ..RunUpdate::default()
        });
    }

    /// Changes a run from outside.
    pub fn update_run(&self, update: RunUpdate) {
        let now_ms = self.now_ms();
        self.shared.service().update_run(update, now_ms);
    }

    /// Lets whatever is held in a run (PAUSED, SUSPEND) go on, as a person would who approves; false if nothing is.
    pub fn approve(&self, run_id: &str) -> bool {
        let now_ms = self.now_ms();
        self.shared.service().approve(run_id, now_ms)
    }

    /// Fails whatever is held in a run, as a person would who says no; false if nothing is.
    pub fn refuse(&self, run_id: &str) -> bool {
        let now_ms = self.now_ms();
        self.shared.service().refuse(run_id, now_ms)
    }

    /// Lets `count` runs of other people wait at the end of the queue, each leaving it `each_ms` milliseconds of service
    /// time after the one before. A retry that is queued later leaves after them.
    pub fn queue_strangers(&self, count: u32, each_ms: u64) {
        let now_ms = self.now_ms();
        self.shared
            .service()
            .queue_strangers(count, each_ms, now_ms);
    }

    /// The real state of [`RUN_ID`], whatever a stale detail shows; `None` if there is no such run.
    pub fn run_status(&self) -> Option<Status> {
        self.run(RUN_ID).map(|run| run.status)
    }

    /// A run as it really is now.
    pub fn run(&self, run_id: &str) -> Option<Run> {
        let now_ms = self.now_ms();
        self.shared.service().run(run_id, now_ms)
    }

    /// Changes what the service does from now on.
    pub fn configure(&self, change: impl FnOnce(&mut Config)) {
        change(self.shared.service().config());
    }

    /// Changes the credentials the service knows.
    pub fn identities(&self, change: impl FnOnce(&mut Identities)) {
        change(self.shared.service().identities());
    }

    /// Back to the start: runs and credentials as configured, no faults, no counts, no records.
    pub fn reset(&self) {
        let now_ms = self.now_ms();
        self.shared.service().reset(now_ms);
    }

    /// The clock it lives by.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.clock
    }

    fn now_ms(&self) -> u64 {
        self.shared.clock.now_ms()
    }
}

impl Sandbox {
    /// Puts a service on the wire.
    pub(crate) fn serve(
        service: Service,
        clock: Arc<dyn Clock>,
        host: &str,
        port: u16,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(service, clock));
        let serving = Arc::clone(&shared);
        let stopping = Arc::clone(&shared);
        let http = Listener::start(
            (host, port),
            move || stopping.stop.is_stopped(),
            move |tcp| serving.serve(tcp, None),
        )?;
        Ok(Self {
            https: Mutex::new(Vec::new()),
            http,
            shared,
        })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shared.stop.stop();
    }
}
