//! The fault storm: random faults at every call, random runs, random inputs; and what has to hold whatever happens.

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
const FEW_REAL: u64 = 16;
/// Of how many seeds one runs around the real program too, where more are asked for.
const REAL_SHARE: u64 = 100;
/// Programs that run at a time: they mostly wait.
const REAL_AT_A_TIME: usize = 16;
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
    for (seed, broken) in found.iter().take(MOST_SHOWN) {
        println!("STORM_SEED={seed}: {broken:#?}");
    }
    assert!(
        found.is_empty(),
        "{} of {count} seeds break a law; run one alone with STORM_SEED=… to see its schedule",
        found.len()
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
