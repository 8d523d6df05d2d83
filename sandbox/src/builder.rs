//! What a sandbox is started with.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::auth::{DateCheck, Identities};
use crate::clock::{Clock, RealClock};
use crate::fault::Fault;
use crate::ids::{RUN_ID, RUN_NUMBER};
use crate::run::Run;
use crate::sandbox::Sandbox;
use crate::service::{Concurrency, Config, OnOtherState, Service};

/// How much faster than configured runs go in a sandbox that nobody told otherwise: a job of 8 s lasts 80 ms.
const DEFAULT_SPEED: f64 = 100.0;

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
        Sandbox::serve(service, self.clock, &self.host, self.port)
    }
}
