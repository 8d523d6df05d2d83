//! The fault storm: random faults at every call, random runs, random inputs; and what has to hold whatever happens.
//!
//! ```text
//!  seed ─► scenario: inputs, run, other people's deeds ─┐
//!     └──► weather: the fault of each request ──────────┤
//!                                                       ▼
//!            step: the library ─► witness ─► the sandbox's service      (virtual time)
//!            real: the program ─► sockets ─► the sandbox                (real time, kept short)
//!                                                       │
//!                                   law: what has to hold
//! ```
//!
//! `CONTRIBUTING.md` says how to run more seeds, and one alone.
//!
//! # What is left out
//!
//! Each of these is a case in which no reader of the service's answers could tell what is true:
//!
//! - A detail that lags for 5 s and more after a lost answer: the one case that the contract leaves open.
//! - An answer that claims a refusal after the service did what was asked, and a detail that claims an end of the run.
//! - Other people who set the state of the run by hand while its retry waits in the queue or hides behind a lag.
//! - A status nobody knows, shown of a run whose retry waits in the queue, or by a service that never tells end times.
//! - An older run in a list that lags while no detail can be had: `latest` is that older run then.
//! - An endpoint that does not offer the detail is sent unclear retries again, as the contract has it; there the number of
//!   effects is not a law.
//!
//! # Mistakes that it finds
//!
//! Planted one at a time; the numbers are the first seeds of `cargo test` that break a law (`r`: around the real
//! program). They move when the storm changes.
//!
//! | planted | found by |
//! | --- | --- |
//! | an unclear answer is sent again without reading the run | 5 (blind), 3r |
//! | any 200 with an object is an acceptance | 24, 11r (green by mistake) |
//! | `success: true` counts beside an error code | 174, 50r (green by mistake) |
//! | an unchanged FAILED after the acceptance is taken for the end | 30, 60 (red by mistake) |
//! | a COMPLETED snapshot is retried with `wait` | 2, 15 |
//! | `latest` without `wait` retries a COMPLETED run | 113, 183 |
//! | a read, or the retry call, sleeps after its last attempt | 6, 126 (it slept, and then ended) |
//! | the service's message, an excerpt of an answer, a log line of a step keeps the token | 7, 84, 3 (a leak) |
//! | the report keeps the token | 27r, 35r |
//! | the log keeps the token | with `STORM_SEEDS=10000`, 54r, 95r |
//! | a retry that may have been accepted is not counted | 203 (twice) |
//! | the queue is not looked at after a lost answer | 267, 297 (retried) |
//! | the queue is looked at after the second reading only | 267, 297 (retried), and `lost_answers` in `tests/virtual_time` |
//! | a poll after the deadline | 4, 13 (late) |
//! | a retry after the deadline | 22, 220 (late) |
//! | one reading is enough; the second one comes after 1 s | 3r; 311 (twice) |
//! | a detail that cannot be read counts as unchanged | 187 (retried) |
//! | a reading that does not tell counts as unchanged | `never_twice` in `tests/e2e` |
//! | an accepted retry has 30 s to show itself | 44, 70 (the run did start) |
//! | another run's detail is taken for this run's | 48, 62 (green by mistake) |
//! | an unreadable answer counts as a refusal without effect | 62, 84 (retried) |
//! | busy codes, or a 503, count as unprocessed | 45, 12 (blind) |
//! | a queue code is a refusal | 9, 10 (retries) |
//! | one retry more than `max_retries`, one attempt more than `max_attempts` | 3, 32 |
//! | a run found in progress is not counted as a retry | 1, 45 (retried) |
//! | a dry run retries | 34 |
//! | a refused retry exits with 0 | 13r, 41r |
//! | an output is lost | 1r, 2r |
//! | a refusal after an unclear attempt is believed | `never_twice` in `tests/e2e`; no law, since no lag hides the effect |

#![expect(
    clippy::use_debug,
    reason = "schedules and broken laws are for those who work on the program"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the harness reads its own settings and, around the real program, takes real time"
)]

mod dice;
#[expect(
    clippy::unwrap_used,
    dead_code,
    reason = "a helper of a test may fail the test; it is shared with the end-to-end tests"
)]
#[path = "../e2e/support.rs"]
mod e2e;
mod law;
mod real;
mod scenario;
mod step;
#[expect(dead_code, reason = "it is shared with the tests in virtual time")]
#[path = "../virtual_time/support.rs"]
mod support;
mod weather;
mod witness;

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds that every `cargo test` runs in virtual time.
const FEW: u64 = 400;
/// Seeds that every `cargo test` runs around the real program.
const FEW_REAL: u64 = 48;
/// Of how many seeds one runs around the real program too, where more are asked for.
const REAL_SHARE: u64 = 100;
/// Programs that run at a time: they mostly wait.
const REAL_AT_A_TIME: usize = 48;
/// Seeds that are shown when they fail.
const MOST_SHOWN: usize = 40;

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} has to be a number")))
}

/// The seeds to run; `few` where nothing is set.
fn seeds(few: u64, share: u64) -> Range<u64> {
    if let Some(seed) = setting("STORM_SEED") {
        return seed..seed + 1;
    }
    let first = setting("STORM_FIRST").unwrap_or(1);
    let count = setting("STORM_SEEDS").map_or(few, |seeds| (seeds / share).max(1));
    first..first + count
}

#[track_caller]
fn report(found: &[(u64, Vec<String>)], count: u64) {
    let shown: Vec<_> = found
        .iter()
        .take(MOST_SHOWN)
        .map(|(seed, broken)| format!("STORM_SEED={seed}: {broken:#?}"))
        .collect();
    assert!(
        found.is_empty(),
        "{} of {count} seeds break a law; run one alone with STORM_SEED=… to see its schedule\n{}",
        found.len(),
        shown.join("\n")
    );
}

#[test]
fn no_storm_breaks_a_law_in_virtual_time() {
    let seeds = seeds(FEW, 1);
    let is_alone = setting("STORM_SEED").is_some();
    let mut endings = BTreeMap::<String, u64>::new();
    let mut found = Vec::new();
    for seed in seeds.clone() {
        let Ok(ended) = catch_unwind(|| step::run(seed)) else {
            found.push((seed, vec!["the world itself panicked".to_owned()]));
            continue;
        };
        let broken = law::broken(&ended);
        if is_alone {
            println!("{ended}");
        }
        *endings.entry(ended.kind()).or_default() += 1;
        if !broken.is_empty() {
            found.push((seed, broken));
        }
    }
    println!("endings: {endings:#?}");
    report(&found, seeds.end - seeds.start);
}

#[test]
fn no_storm_breaks_a_law_around_the_real_program() {
    let seeds = seeds(FEW_REAL, REAL_SHARE);
    let is_alone = setting("STORM_SEED").is_some();
    let next = AtomicU64::new(seeds.start);
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..REAL_AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if !seeds.contains(&seed) {
                        return;
                    }
                    let (broken, shown) = real::broken(seed);
                    if is_alone {
                        println!("{shown}");
                    }
                    if !broken.is_empty() {
                        found.lock().expect("no thread panics").push((seed, broken));
                    }
                }
            });
        }
    });
    let found = found.into_inner().expect("no thread panics");
    report(&found, seeds.end - seeds.start);
}
