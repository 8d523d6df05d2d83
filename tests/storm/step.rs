//! One step in the storm, in virtual time.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use codearts_retry::client::{CallFailure, Client, FixedCredentials, RetryPolicy};
use codearts_retry::clock::Clock as _;
use codearts_retry::credentials::Credentials;
use codearts_retry::pipeline::{Ending, Remote, Retried, RunEvent, RunStatus, carry_out, stop};
use codearts_retry::secret::{Redactor, Secret};
use codearts_sandbox::{
    Counters, PIPELINE_ID, PROJECT_ID, RUN_ID, RunUpdate, Service, Status, TOKEN,
};

use crate::dice::Dice;
use crate::scenario::{Deed, Scenario};
use crate::support::World;
use crate::weather::Weather;
use crate::witness::{Exchange, Witness};

/// What the step told.
#[derive(Default)]
pub(crate) struct Heard {
    /// Everything that would be printed, and the logs of failed steps. What the service says of a run is printed without
    /// secrets further out: the storm around the real program looks at that.
    pub(crate) texts: Vec<String>,
    pub(crate) attempts: u64,
    pub(crate) starts: u64,
    pub(crate) retries: u64,
    /// Whether the last retry was accepted.
    last: Retried,
    pub(crate) told_unknown: bool,
}

impl Heard {
    /// As the outputs tell it.
    pub(crate) fn retried(&self) -> Retried {
        if self.retries > 0 {
            Retried::Yes
        } else {
            self.last
        }
    }

    fn hear(&mut self, event: &RunEvent<'_>) {
        match event {
            RunEvent::AttemptStarted => {
                self.attempts += 1;
                self.last = Retried::Unknown;
            }
            RunEvent::Settled(retried) => {
                self.last = *retried;
                self.retries += u64::from(*retried == Retried::Yes);
            }
            RunEvent::RetryStarted { .. } => self.starts += 1,
            RunEvent::Progress(text)
            | RunEvent::Notice(text)
            | RunEvent::Warning(text)
            | RunEvent::StillWaiting(text)
            | RunEvent::Wobble(text) => self.texts.push(text.clone()),
            RunEvent::FailedJobs(jobs) => {
                for job in *jobs {
                    self.texts.push(job.path());
                    if let Some(log) = &job.log {
                        self.texts.extend(log.lines.iter().cloned());
                        self.texts.extend(log.problem.clone());
                    }
                }
            }
            RunEvent::Seen(run) | RunEvent::Polled(run) => {
                self.told_unknown |= matches!(run.status, RunStatus::Unknown(_));
            }
            RunEvent::Changed(_)
            | RunEvent::Resolved { .. }
            | RunEvent::InQueue { .. }
            | RunEvent::OutOfQueue
            | RunEvent::WaitsForPerson(_)
            | RunEvent::Over => {}
        }
    }
}

/// What a step left behind.
pub(crate) struct Ended {
    pub(crate) scenario: Scenario,
    /// `None`: it panicked.
    pub(crate) ending: Option<Ending>,
    pub(crate) at: Duration,
    pub(crate) heard: Heard,
    pub(crate) exchanges: Vec<Exchange>,
    /// How often the run was started, once the queue is empty too.
    pub(crate) effects: u64,
    pub(crate) stopped: Option<Stopped>,
}

/// What became of the call that stops the run.
pub(crate) struct Stopped {
    pub(crate) answer: Result<bool, CallFailure>,
    pub(crate) took: Duration,
    pub(crate) counters: [Counters; 2],
    pub(crate) exchanges: Vec<Exchange>,
}

/// After this time no retry waits in any queue any more.
const LONG_AFTER: Duration = Duration::from_secs(30 * 24 * 3600);
const STOP_LIMIT: Duration = Duration::from_millis(3500);

/// Runs the step of a seed.
pub(crate) fn run(seed: u64) -> Ended {
    let scenario = Scenario::of(seed);
    let world = world_of(&scenario);
    let witness = Witness::new(world.clone(), Weather::of(&scenario));
    let heard = Mutex::new(Heard::default());
    let jitter = Mutex::new(Dice::new(seed, "jitter"));
    let random = || {
        jitter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fraction()
    };
    let token = Secret::new(TOKEN);
    let redactor = Redactor::new([&token]);
    let credentials = FixedCredentials(Arc::new(Credentials::Token(token)));
    let client = Client {
        transport: &witness,
        clock: &world,
        random: &random,
        credentials: &credentials,
        host: "sandbox.example",
        iam_project_id: None,
        redactor: &redactor,
        policy: RetryPolicy {
            max_attempts: scenario.max_attempts,
            backoff: scenario.backoff,
            max_backoff: scenario.max_backoff,
            deadline: scenario.budget,
        },
        time_limit: None,
    };
    let plan = scenario.plan();
    let observer = |event: RunEvent<'_>| {
        heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .hear(&event);
    };
    let ending = catch_unwind(AssertUnwindSafe(|| carry_out(client, &plan, &observer))).ok();
    let at = world.monotonic();
    let exchanges = witness.exchanges();
    let stopped = stop_at_the_end(&scenario, &world, &witness, client, exchanges.len());
    let effects = world.service(|service, now_ms| {
        let later = now_ms + u64::try_from(LONG_AFTER.as_millis()).expect("a month");
        service.counters(later).retry_effects
    });
    Ended {
        scenario,
        ending,
        at,
        heard: heard.into_inner().unwrap_or_else(PoisonError::into_inner),
        exchanges,
        effects,
        stopped,
    }
}

fn world_of(scenario: &Scenario) -> World {
    let mut world = World::with(scenario.config(), scenario.runs());
    if let Some((count, each_ms)) = scenario.strangers {
        world.service(|service, now_ms| service.queue_strangers(count, each_ms, now_ms));
    }
    for (at, deed) in scenario.deeds.clone() {
        world = world.at(at, move |service, now_ms| match deed {
            Deed::Approve => {
                service.approve(RUN_ID, now_ms);
            }
            Deed::Refuse => {
                service.refuse(RUN_ID, now_ms);
            }
            Deed::Force(status) => force(service, status, now_ms),
        });
    }
    world
}

fn force(service: &mut Service, status: Status, now_ms: u64) {
    let update = RunUpdate {
        status: Some(status),
        ..RunUpdate::default()
    };
    service.update_run(update, now_ms);
}

/// What a cancelled step does last, in a share of the seeds.
fn stop_at_the_end(
    scenario: &Scenario,
    world: &World,
    witness: &Witness,
    client: Client<'_>,
    exchanges_before: usize,
) -> Option<Stopped> {
    let mut dice = Dice::new(scenario.seed, "stop");
    if !dice.chance(15) {
        return None;
    }
    // The count of effects at the end is of a retry that leaves the queue: one that is taken off it has none.
    let remote = Remote::Run;
    let counters = || world.service(Service::counters);
    let (started, before) = (world.monotonic(), counters());
    let answer = stop(client, PROJECT_ID, PIPELINE_ID, RUN_ID, &remote, STOP_LIMIT);
    Some(Stopped {
        answer,
        took: world.monotonic().saturating_sub(started),
        counters: [before, counters()],
        exchanges: witness.exchanges().split_off(exchanges_before),
    })
}

impl Ended {
    /// The word for how it ended.
    pub(crate) fn kind(&self) -> String {
        let Some(ending) = &self.ending else {
            return "a panic".to_owned();
        };
        let text = format!("{ending:?}");
        let word = text.split('(').next();
        word.unwrap_or_default().to_owned()
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:#?}", self.scenario)?;
        for exchange in &self.exchanges {
            writeln!(f, "{exchange}")?;
        }
        for text in &self.heard.texts {
            writeln!(f, "told: {text}")?;
        }
        writeln!(
            f,
            "after {:.3} s: {:?}\nretried {:?}, {} retries, {} attempts, {} starts; {} effects in truth",
            self.at.as_secs_f64(),
            self.ending,
            self.heard.retried(),
            self.heard.retries,
            self.heard.attempts,
            self.heard.starts,
            self.effects,
        )
    }
}
