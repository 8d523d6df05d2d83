//! Steps that wait, in virtual time: the library against the sandbox's service in one process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use codearts_retry::client::{Client, FixedCredentials, RetryPolicy};
use codearts_retry::clock::Clock as _;
use codearts_retry::credentials::Credentials;
use codearts_retry::pipeline::{Ending, Plan, RunEvent, RunTarget, WaitPlan, carry_out};
use codearts_retry::secret::{Redactor, Secret};
use codearts_sandbox::{
    Config, Endpoint, Job, PIPELINE_ID, PROJECT_ID, RUN_ID, RUN_NUMBER, Run, Stage, Step, TOKEN,
};

use super::support::World;

/// How long an exchange takes in this world.
pub(crate) const EXCHANGE: Duration = Duration::from_millis(20);

/// One step that waited for its run.
pub(crate) struct Waited {
    /// How long after the run's end the step ended.
    pub(crate) lag: Duration,
    /// How often the run was read after the retry.
    pub(crate) polls: u64,
}

/// A run whose retry takes this long.
pub(crate) fn run_of(lasts: Duration) -> Run {
    let lasts_ms =
        u64::try_from(lasts.as_millis()).expect("a run is shorter than the age of the world");
    let job = Job::new("soak")
        .lasts_ms(lasts_ms)
        .step(Step::new("soak", "official_shell_plugin"));
    Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Soak").job(job)])
}

/// Waits for a run that takes so long; `probe` is called at these times of the wait.
pub(crate) fn wait_for(
    lasts: Duration,
    interval: Duration,
    seed: u64,
    probes: &[Duration],
    probe: fn(),
) -> Result<Waited> {
    // Requests that are kept would be the service's memory, not the step's.
    let config = Config {
        kept_requests: 4,
        ..Config::default()
    };
    let mut world = World::with(config, vec![run_of(lasts)]);
    for at in probes {
        world = world.at(at.as_secs(), move |_, _| probe());
    }
    let dice = AtomicU64::new(seed);
    let random = || fraction(&dice);
    let client = Client {
        transport: &world,
        clock: &world,
        random: &random,
        credentials: &FixedCredentials(Arc::new(Credentials::Token(Secret::new(TOKEN)))),
        host: "sandbox.example",
        iam_project_id: None,
        redactor: &Redactor::default(),
        policy: RetryPolicy {
            max_attempts: 5,
            backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(30),
            deadline: lasts * 2 + Duration::from_secs(3600),
        },
        time_limit: None,
    };
    let plan = Plan {
        project_id: PROJECT_ID.to_owned(),
        pipeline_id: PIPELINE_ID.to_owned(),
        target: RunTarget::Id(RUN_ID.to_owned()),
        job_run_ids: Vec::new(),
        dry_run: false,
        wait: Some(WaitPlan {
            poll_interval: interval,
            max_retries: 1,
            log_lines: 50,
        }),
    };
    // The request that started the run, and what was read before it.
    let accepted = Mutex::new(None);
    let observer = |event: RunEvent<'_>| {
        if let RunEvent::Settled(_) = event {
            let reads =
                world.service(|service, now_ms| service.counters(now_ms).of(Endpoint::Detail));
            let at = world.monotonic().saturating_sub(EXCHANGE);
            *accepted.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, reads));
        }
    };
    let ending = carry_out(client, &plan, &observer);
    ensure!(
        ending == Ending::Completed,
        "the run of {lasts:?} ended otherwise"
    );
    let accepted = accepted
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let (start, read_before) = accepted.context("the retry was accepted")?;
    let reads = world.service(|service, now_ms| service.counters(now_ms).of(Endpoint::Detail));
    let lag = world.monotonic().checked_sub(start + lasts);
    Ok(Waited {
        lag: lag.context("the end was seen after it came")?,
        polls: reads - read_before,
    })
}

/// A number from 0 to 1 that depends on the state alone (`SplitMix64`).
pub(crate) fn fraction(state: &AtomicU64) -> f64 {
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut x = state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^= x >> 31;
    f64::from(u32::try_from(x >> 32).expect("32 bits")) / f64::from(u32::MAX)
}
