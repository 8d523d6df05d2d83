//! The library against the sandbox's service in one process, in virtual time: a day of waiting takes a second.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use codearts_retry::client::{
    Answer, Body, CallFailure, Client, CredentialProvider, FixedCredentials, MAX_ANSWER_BYTES,
    RetryPolicy, Transport, Verdict, WireRequest,
};
use codearts_retry::clock::Clock;
use codearts_retry::credentials::Credentials;
use codearts_retry::pipeline::{
    Ending, FailedJob, Plan, Retried, RunEvent, RunTarget, WaitPlan, carry_out,
};
use codearts_retry::secret::{Redactor, Secret};
use codearts_sandbox::{
    Config, Content, Delivery, Fault, Identities, PIPELINE_ID, PROJECT_ID, RUN_ID, RUN_NUMBER,
    Reply, Request, Run, Service, TOKEN, UserToken,
};

/// When virtual time starts: an arbitrary date, in milliseconds of Unix time.
pub(crate) const START_MS: u64 = 1_790_000_000_000;
const HOST: &str = "sandbox.example";
/// What every exchange takes.
const EXCHANGE: Duration = Duration::from_millis(20);
/// What an exchange without an answer takes.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

type Happening = Box<dyn FnOnce(&mut Service, u64) + Send>;

/// The service, the time, and what happens at which time.
struct State {
    service: Service,
    now: Duration,
    happenings: Vec<(Duration, Happening)>,
}

/// A world of its own for one step.
#[derive(Clone)]
pub(crate) struct World(Arc<Mutex<State>>);

/// How a step in this world is set up. Default: `wait: true` with the defaults of the inputs.
pub(crate) struct Step {
    world: World,
    pub(crate) plan: Plan,
    pub(crate) wait_timeout: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) jitter: f64,
    pub(crate) credentials: Box<dyn CredentialProvider>,
}

/// What a step left behind.
pub(crate) struct Ended {
    pub(crate) ending: Ending,
    pub(crate) at: Duration,
    /// What would be logged, less the time.
    pub(crate) lines: Vec<String>,
    pub(crate) warnings: Vec<(Duration, String)>,
    pub(crate) failed_jobs: Vec<FailedJob>,
    pub(crate) retries: u32,
    /// Whether the last retry was accepted.
    pub(crate) retried: Retried,
}

impl World {
    /// A world with one run.
    pub(crate) fn of(run: Run) -> Self {
        Self::with(Config::default(), vec![run])
    }

    /// A world with the sandbox's own run, which failed ten minutes ago.
    pub(crate) fn sample() -> Self {
        Self::of(Run::sample(RUN_ID, RUN_NUMBER))
    }

    pub(crate) fn with(config: Config, runs: Vec<Run>) -> Self {
        let mut identities = Identities::none();
        identities.add_token(UserToken::new(TOKEN));
        Self(Arc::new(Mutex::new(State {
            service: Service::new(config, runs, identities, START_MS),
            now: Duration::ZERO,
            happenings: Vec::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the service, now.
    pub(crate) fn service<T>(&self, act: impl FnOnce(&mut Service, u64) -> T) -> T {
        let mut state = self.state();
        let now_ms = state.now_ms();
        act(&mut state.service, now_ms)
    }

    pub(crate) fn fault(self, fault: Fault) -> Self {
        self.service(|service, _| service.fault(fault));
        self
    }

    /// Lets something happen at a time after the start.
    pub(crate) fn at(
        self,
        seconds: u64,
        happening: impl FnOnce(&mut Service, u64) + Send + 'static,
    ) -> Self {
        let mut state = self.state();
        state
            .happenings
            .push((Duration::from_secs(seconds), Box::new(happening)));
        drop(state);
        self
    }

    /// The times of the requests to paths that end so, in milliseconds since the start.
    pub(crate) fn request_times(&self, method: &str, path_end: &str) -> Vec<u64> {
        self.service(|service, _| {
            service
                .requests()
                .iter()
                .filter(|request| request.method == method && request.path().ends_with(path_end))
                .map(|request| request.at_ms - START_MS)
                .collect()
        })
    }

    pub(crate) fn effects(&self) -> u64 {
        self.service(|service, now_ms| service.counters(now_ms).retry_effects)
    }

    pub(crate) fn step(&self) -> Step {
        Step {
            world: self.clone(),
            plan: Plan {
                project_id: PROJECT_ID.to_owned(),
                pipeline_id: PIPELINE_ID.to_owned(),
                target: RunTarget::Id(RUN_ID.to_owned()),
                job_run_ids: Vec::new(),
                dry_run: false,
                wait: Some(WaitPlan {
                    poll_interval: Duration::from_secs(10),
                    max_retries: 1,
                    log_lines: 50,
                }),
            },
            wait_timeout: Duration::from_secs(3600),
            max_attempts: 5,
            jitter: 0.5,
            credentials: Box::new(FixedCredentials(Arc::new(Credentials::Token(Secret::new(
                TOKEN,
            ))))),
        }
    }

    pub(crate) fn run(&self) -> Ended {
        self.step().run()
    }
}

impl State {
    fn now_ms(&self) -> u64 {
        START_MS + u64::try_from(self.now.as_millis()).expect("virtual time is short")
    }

    /// Lets time pass; what is due happens on the way, in order.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        loop {
            let due = self
                .happenings
                .iter()
                .enumerate()
                .filter(|(_, (at, _))| *at <= until)
                .min_by_key(|(_, (at, _))| *at)
                .map(|(index, _)| index);
            let Some(index) = due else { break };
            let (at, happening) = self.happenings.remove(index);
            self.now = at.max(self.now);
            let now_ms = self.now_ms();
            happening(&mut self.service, now_ms);
        }
        self.now = until;
    }

    fn exchange(&mut self, wire: &WireRequest) -> Result<Answer, CallFailure> {
        let limit = wire
            .time_limit
            .map_or(REQUEST_TIMEOUT, |limit| limit.min(REQUEST_TIMEOUT));
        let request = Request {
            method: wire.method.as_str().to_owned(),
            target: wire.target.clone(),
            headers: wire
                .headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.as_str().to_owned()))
                .chain([("Host".to_owned(), HOST.to_owned())])
                .collect(),
            body: wire.body.clone().into_bytes(),
            at_ms: self.now_ms(),
            ..Request::default()
        };
        let plan = self.service.admit(&request);
        self.pass(Duration::from_millis(plan.delay_before_ms()).min(limit));
        let now_ms = self.now_ms();
        let reply = self.service.answer(&request, &plan, now_ms);
        let after = Duration::from_millis(plan.delay_after_ms()) + dripping(&reply);
        let late = Duration::from_millis(plan.delay_before_ms()) + after;
        self.pass(EXCHANGE + after.min(limit));
        if late > limit {
            return Err(lost("no complete answer within request_timeout"));
        }
        match reply.delivery {
            Delivery::Hang => {
                self.pass(limit);
                Err(lost("no complete answer within request_timeout"))
            }
            Delivery::HalfHead { .. } | Delivery::Close { .. } => {
                Err(lost("the connection broke after the request was sent"))
            }
            Delivery::HalfBody { .. }
            | Delivery::UntilClose { cut: true }
            | Delivery::Chunked { cut: true, .. } => {
                let mut bytes = bytes_of(&reply);
                bytes.truncate(bytes.len() / 2);
                Ok(answer(&reply, Body::Unfinished(bytes)))
            }
            _ if is_too_large(&reply) => Ok(answer(&reply, Body::TooLarge)),
            _ => Ok(answer(&reply, Body::Complete(bytes_of(&reply)))),
        }
    }
}

/// How long an answer takes that comes one byte at a time.
fn dripping(reply: &Reply) -> Duration {
    match reply.delivery {
        Delivery::Drip { every_ms } => {
            Duration::from_millis(every_ms.saturating_mul(bytes_of(reply).len() as u64))
        }
        _ => Duration::ZERO,
    }
}

fn is_too_large(reply: &Reply) -> bool {
    matches!(reply.body, Content::Filler(bytes) if bytes > MAX_ANSWER_BYTES as u64)
}

fn lost(reason: &str) -> CallFailure {
    CallFailure::transport(Verdict::MaybeProcessed, reason, None)
}

fn answer(reply: &Reply, body: Body) -> Answer {
    let header = |name| reply.header(name).map(str::to_owned);
    Answer {
        status: reply.status,
        retry_after: header("Retry-After"),
        date: header("Date"),
        request_id: header("X-Request-Id"),
        location: header("Location"),
        subject_token: header("X-Subject-Token").map(Secret::new),
        body,
    }
}

fn bytes_of(reply: &Reply) -> Vec<u8> {
    match &reply.body {
        Content::Text(text) => text.clone().into_bytes(),
        Content::Bytes(bytes) => bytes.clone(),
        Content::Filler(_) => Vec::new(),
    }
}

impl Clock for World {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.state().now_ms())
    }

    fn monotonic(&self) -> Duration {
        self.state().now
    }

    fn sleep(&self, duration: Duration) {
        self.state().pass(duration);
    }
}

impl Transport for World {
    fn send(&self, request: &WireRequest) -> Result<Answer, CallFailure> {
        self.state().exchange(request)
    }
}

/// What the events of a step add up to.
#[derive(Default)]
struct Heard {
    lines: Vec<String>,
    warnings: Vec<(Duration, String)>,
    failed_jobs: Vec<FailedJob>,
    retries: u32,
    retried: Retried,
}

impl Heard {
    fn hear(&mut self, event: &RunEvent<'_>, now: Duration) {
        match event {
            RunEvent::Changed(change) => self.lines.push(format!(
                "{}: {} → {}",
                change.path,
                change.from.as_deref().unwrap_or(""),
                change.to
            )),
            RunEvent::WaitsForPerson(status) => self.lines.push(format!("person: {status}")),
            RunEvent::RetryStarted { number, of } => {
                self.lines.push(format!("retry {number} of {of}"));
            }
            RunEvent::Progress(text) | RunEvent::StillWaiting(text) | RunEvent::Notice(text) => {
                self.lines.push(text.clone());
            }
            RunEvent::Warning(text) | RunEvent::Wobble(text) => {
                self.warnings.push((now, text.clone()));
            }
            RunEvent::FailedJobs(jobs) => self.failed_jobs = jobs.to_vec(),
            RunEvent::Settled(retried) => {
                self.retried = *retried;
                self.retries += u32::from(*retried == Retried::Yes);
            }
            RunEvent::AttemptStarted => self.retried = Retried::Unknown,
            RunEvent::Resolved { .. }
            | RunEvent::Seen(_)
            | RunEvent::Polled(_)
            | RunEvent::InQueue { .. }
            | RunEvent::OutOfQueue
            | RunEvent::Over => {}
        }
    }
}

impl Step {
    pub(crate) fn wait(mut self, change: impl FnOnce(&mut WaitPlan)) -> Self {
        change(self.plan.wait.as_mut().expect("these steps wait"));
        self
    }

    pub(crate) fn timeout(mut self, wait_timeout: Duration) -> Self {
        self.wait_timeout = wait_timeout;
        self
    }

    pub(crate) fn run(self) -> Ended {
        let heard = Mutex::new(Heard::default());
        let jitter = self.jitter;
        let random = move || jitter;
        let client = Client {
            transport: &self.world,
            clock: &self.world,
            random: &random,
            credentials: &*self.credentials,
            host: HOST,
            iam_project_id: None,
            redactor: &Redactor::default(),
            policy: RetryPolicy {
                max_attempts: self.max_attempts,
                backoff: Duration::from_secs(1),
                max_backoff: Duration::from_secs(30),
                deadline: self.wait_timeout,
            },
            time_limit: None,
        };
        let observer = |event: RunEvent<'_>| {
            let now = self.world.monotonic();
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.hear(&event, now);
        };
        let ending = carry_out(client, &self.plan, &observer);
        let heard = heard.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ended {
            ending,
            at: self.world.monotonic(),
            lines: heard.lines,
            warnings: heard.warnings,
            failed_jobs: heard.failed_jobs,
            retries: heard.retries,
            retried: heard.retried,
        }
    }
}

/// A random number generator whose numbers depend on its seed alone (xorshift64*).
pub(crate) struct Dice(RefCell<u64>);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(RefCell::new(seed | 1))
    }

    /// A number below `sides`.
    pub(crate) fn roll(&self, sides: u64) -> u64 {
        let mut x = self.0.borrow_mut();
        *x ^= *x >> 12;
        *x ^= *x << 25;
        *x ^= *x >> 27;
        (x.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }
}
