//! The same storms around the real program: one process, real sockets, real time that is kept short.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use codearts_sandbox::{Content, Endpoint, Fault, Moment, RUN_ID, Sandbox, Status, What};

use crate::FEW_REAL;
use crate::dice::Dice;
use crate::e2e::{Ended, Step};
use crate::scenario::Scenario;
use crate::weather::Weather;

/// How much faster the jobs of a run go than they say.
const SPEED: f64 = 50.0;
const REQUEST_TIMEOUT_MS: u64 = 500;
/// How long a retry stays in the queue at most.
const LONGEST_HOLD_MS: u64 = 1_500;
/// What the step may take beyond its budget: two attempts that are verified, and reading logs.
const MARGIN: Duration = Duration::from_secs(40);

const EXITS: [(i32, &[&str]); 11] = [
    (
        0,
        &[
            "accepted",
            "queued",
            "completed",
            "already-completed",
            "already-running",
            "dry-run",
        ],
    ),
    (1, &["run-failed"]),
    (2, &["invalid-input"]),
    (3, &["unauthorized"]),
    (4, &["forbidden"]),
    (5, &["not-found"]),
    (6, &["unavailable"]),
    (7, &["wait-timeout"]),
    (8, &["run-canceled"]),
    (9, &["refused"]),
    (10, &["output-failed"]),
];

/// One seed's laws that the program broke, and everything that is needed to see why.
pub(crate) fn broken(seed: u64) -> (Vec<String>, String) {
    let mut scenario = Scenario::of(seed);
    scenario.deeds.clear();
    if let Some(limit) = &mut scenario.concurrency {
        limit.holds_ms = limit.holds_ms.min(LONGEST_HOLD_MS);
    }
    scenario.strangers = None;
    let faults = script(&scenario);
    let mut builder = Sandbox::builder()
        .runs(scenario.runs())
        .on_other_state(scenario.on_other_state.clone())
        .speed(SPEED);
    if let Some(limit) = scenario.concurrency.clone() {
        builder = builder.concurrency(limit);
    }
    let sandbox = builder.start();
    sandbox.configure(|config| {
        config.has_queue = scenario.has_queue;
        config.log_quirk = scenario.log_quirk;
    });
    for fault in faults.clone() {
        sandbox.fault(fault);
    }
    let ended = step(&scenario, &sandbox).run();
    let truth = sandbox.run_status();
    if sandbox.counters().retries_queued > 0 {
        std::thread::sleep(Duration::from_millis(LONGEST_HOLD_MS + 100));
    }
    let broken = laws(&scenario, &sandbox, truth, &ended, &faults);
    let shown = format!(
        "{scenario:#?}\n{faults:#?}\n{}\n{:#?}\nin truth {truth:?}: {:?}",
        ended.stdout,
        ended.outputs,
        sandbox.counters()
    );
    (broken, shown)
}

fn step(scenario: &Scenario, sandbox: &Sandbox) -> Step {
    let mut dice = Dice::new(scenario.seed, "real");
    // Each unclear attempt takes 5 s to verify: two of them only where many seeds are asked for.
    let attempts: &[&str] = if scenario.seed <= FEW_REAL {
        &["1"]
    } else {
        &["1", "2"]
    };
    let mut step = Step::new(sandbox)
        .input("max_attempts", dice.pick(attempts))
        .input("request_timeout", &format!("{REQUEST_TIMEOUT_MS}ms"))
        .input("dry_run", if scenario.dry_run { "true" } else { "false" });
    if scenario.is_latest {
        step = step.input("pipeline_run_id", "latest");
    }
    let jobs = scenario.job_run_ids().join(",");
    if !jobs.is_empty() {
        step = step.input("job_run_ids", &jobs);
    }
    match scenario.wait {
        Some(wait) => step
            .input("wait", "true")
            .input("wait_timeout", dice.pick(&["1s", "4s", "6s"]))
            .input("poll_interval", "1s")
            .input("max_retries", &wait.max_retries.to_string())
            .input("log_lines", &wait.log_lines.to_string()),
        None => step,
    }
}

/// The weather of a seed as a script: what would strike the first requests of each kind, with short times.
fn script(scenario: &Scenario) -> Vec<Fault> {
    let mut weather = Weather::of(scenario);
    let calls = [
        (Endpoint::Retry, 5),
        (Endpoint::Detail, 12),
        (Endpoint::List, 3),
        (Endpoint::Queue, 5),
        (Endpoint::Logs, 4),
        (Endpoint::Outputs, 2),
    ];
    let mut faults = Vec::new();
    for (endpoint, requests) in calls {
        for _ in 0..requests {
            let strike = weather.strike(endpoint, !scenario.is_latest);
            if strike.is_refused {
                let close = What::Close {
                    at: Moment::FirstByte,
                    reset: true,
                };
                faults.push(Fault::new(Endpoint::Any, close));
            }
            faults.extend(strike.faults.into_iter().map(shorter));
        }
    }
    faults
}

fn shorter(mut fault: Fault) -> Fault {
    match &mut fault.what {
        What::Delay { ms, .. } => *ms = (*ms / 50).min(2 * REQUEST_TIMEOUT_MS),
        What::StaleDetail { ms } | What::StaleDetailOnly { ms } => *ms %= 2_000,
        What::Drip { every_ms, .. } => *every_ms /= 1_000,
        What::Answer {
            headers,
            status: 429,
            ..
        } => {
            for (_, value) in headers.iter_mut().filter(|(name, _)| name == "Retry-After") {
                if value.len() < 3 {
                    "1".clone_into(value);
                }
            }
        }
        _ => {}
    }
    fault
}

fn says_yes_and_does_nothing(fault: &Fault) -> bool {
    let yes = Content::Text(r#"{"success":true}"#.to_owned());
    fault.on == Endpoint::Retry
        && matches!(&fault.what, What::Answer { status: 200, body, .. } if *body == yes)
}

fn laws(
    scenario: &Scenario,
    sandbox: &Sandbox,
    truth: Option<Status>,
    ended: &Ended,
    faults: &[Fault],
) -> Vec<String> {
    let mut broken = Vec::new();
    let mut law = |holds: bool, text: &str| {
        if !holds {
            broken.push(text.to_owned());
        }
    };
    let outcome = ended.output("outcome").to_owned();
    let is_consistent = catch_unwind(AssertUnwindSafe(|| {
        ended.assert(ended.code, &outcome);
    }));
    law(
        is_consistent.is_ok(),
        "exit code, outcome, outputs and annotations do not say the same, or a secret is visible",
    );
    let known = EXITS
        .iter()
        .any(|(code, words)| *code == ended.code && words.contains(&outcome.as_str()));
    law(known, "the exit code is not that of the outcome");
    law(
        ended.output("pipeline_run_id") == RUN_ID || scenario.is_latest || ended.code == 2,
        "the run's id is missing",
    );
    let counters = sandbox.counters();
    let is_blind = ended.stdout.contains("cannot be verified");
    let effects = counters.retry_effects;
    law(
        effects <= scenario.most_effects() || is_blind,
        "twice: more effects than are allowed",
    );
    let number = |name: &str| ended.output(name).parse::<u64>().unwrap_or(u64::MAX);
    law(
        (counters.retries_received..=counters.retries_received + 10).contains(&number("attempts")),
        "attempts: fewer than were received",
    );
    law(
        number("retries") <= scenario.most_effects(),
        "retries: more than are allowed",
    );
    law(
        ended.output("retried") != "false" || effects == 0 && number("retries") == 0,
        "retried: false, but there was an effect",
    );
    let lies = faults.iter().any(says_yes_and_does_nothing);
    let was_going_on = !scenario.status.is_ended();
    law(
        match outcome.as_str() {
            "accepted" | "queued" => effects > 0 || lies || was_going_on,
            "completed" | "already-completed" => truth == Some(Status::Completed),
            "already-running" => counters.retries_received == 0 && was_going_on,
            "dry-run" => counters.retries_received == 0,
            _ => ended.code != 0,
        },
        "green by mistake",
    );
    let most = Duration::from_secs(6) + MARGIN;
    law(ended.took <= most, "late");
    broken
}
