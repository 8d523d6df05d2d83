//! The stand-in as a test uses it: started, scripted, asked, dropped.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::auth::{DateCheck, Identities};
use crate::clock::{Clock, RealClock};
use crate::counters::Counters;
use crate::fault::Fault;
use crate::ids::{RUN_ID, RUN_NUMBER};
use crate::request::Request;
use crate::run::{Run, Status};
use crate::server::{Listener, Shared};
use crate::service::{Concurrency, Config, OnOtherState, RunUpdate, Service};
use crate::tls::{self, Certificate};

/// How much faster than configured runs go in a sandbox that nobody told otherwise: a job of 8 s lasts 80 ms.
const DEFAULT_SPEED: f64 = 100.0;

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

    /// The requests so far, oldest first; at most the last 10 000.
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

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shared.stop.stop();
    }
}

/// What a sandbox is started with.
pub struct Builder {
    host: String,
    port: u16,
    clock: Arc<dyn Clock>,
    config: Config,
    runs: Option<Vec<Run>>,
    identities: Identities,
    faults: Vec<Fault>,
}

impl fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("port", &self.port)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            clock: Arc::new(RealClock::new(DEFAULT_SPEED)),
            config: Config::default(),
            runs: None,
            identities: Identities::default(),
            faults: Vec::new(),
        }
    }
}

impl Builder {
    /// The address to listen on. Default `127.0.0.1`.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// The port to listen on. Default a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The time it lives in. Default the machine's clock with runs 100 times as fast as configured.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The machine's clock with another speed of runs.
    #[must_use]
    pub fn speed(self, speed: f64) -> Self {
        self.clock(Arc::new(RealClock::new(speed)))
    }

    /// The project and the pipeline there are. Default [`PROJECT_ID`](crate::PROJECT_ID),
    /// [`PIPELINE_ID`](crate::PIPELINE_ID).
    #[must_use]
    pub fn pipeline(
        mut self,
        project_id: impl Into<String>,
        pipeline_id: impl Into<String>,
    ) -> Self {
        self.config.project_id = project_id.into();
        self.config.pipeline_id = pipeline_id.into();
        self
    }

    /// The runs there are. Default one, [`RUN_ID`] in the shape of [`Run::sample`].
    #[must_use]
    pub fn runs(mut self, runs: impl IntoIterator<Item = Run>) -> Self {
        self.runs = Some(runs.into_iter().collect());
        self
    }

    /// The credentials it knows. Default [`Identities::default`].
    #[must_use]
    pub fn identities(mut self, identities: Identities) -> Self {
        self.identities = identities;
        self
    }

    /// Against which time signatures are held. Default the clock.
    #[must_use]
    pub fn dates(mut self, dates: DateCheck) -> Self {
        self.config.dates = dates;
        self
    }

    /// What retry answers for a run that is neither FAILED nor CANCELED. Default `success: false`.
    #[must_use]
    pub fn on_other_state(mut self, answer: OnOtherState) -> Self {
        self.config.on_other_state = answer;
        self
    }

    /// The concurrency limit. Default none.
    #[must_use]
    pub fn concurrency(mut self, limit: Concurrency) -> Self {
        self.config.concurrency = Some(limit);
        self
    }

    /// Adds a fault to the script.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Starts it.
    ///
    /// # Panics
    ///
    /// If the address cannot be bound; see [`try_start`](Self::try_start).
    pub fn start(self) -> Sandbox {
        self.try_start().expect("the address is free to listen on")
    }

    /// Starts it, or says why the address cannot be listened on.
    pub fn try_start(mut self) -> io::Result<Sandbox> {
        static STARTED: AtomicU64 = AtomicU64::new(0);
        let now_ms = self.clock.now_ms();
        self.config.speed = self.clock.speed();
        self.config.seed = format!(
            "{}/{}/{now_ms}",
            std::process::id(),
            STARTED.fetch_add(1, Ordering::Relaxed)
        );
        let runs = self
            .runs
            .unwrap_or_else(|| vec![Run::sample(RUN_ID, RUN_NUMBER)]);
        let mut service = Service::new(self.config, runs, self.identities, now_ms);
        for fault in self.faults {
            service.fault(fault);
        }
        let shared = Arc::new(Shared::new(service, self.clock));
        let serving = Arc::clone(&shared);
        let stopping = Arc::clone(&shared);
        let http = Listener::start(
            (self.host.as_str(), self.port),
            move || stopping.stop.is_stopped(),
            move |tcp| serving.serve(tcp, None),
        )?;
        Ok(Sandbox {
            https: Mutex::new(Vec::new()),
            http,
            shared,
        })
    }
}
