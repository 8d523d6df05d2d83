//! The fault storm: random faults at every call, random runs, random inputs; and what has to hold whatever happens.

#![expect(
    clippy::disallowed_methods,
    reason = "the harness reads its own settings"
)]

mod dice;
mod law;
mod scenario;
mod step;
#[expect(dead_code, reason = "it is shared with the tests in virtual time")]
#[path = "../virtual_time/support.rs"]
mod support;
mod weather;
mod witness;

/// Seeds that every `cargo test` runs.
const FEW: u64 = 400;

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is to be a number")))
}

#[test]
fn no_storm_breaks_a_law() {
    if let Some(seed) = setting("STORM_SEED") {
        let ended = step::run(seed);
        println!("{ended}");
        let broken = law::broken(&ended);
        assert!(broken.is_empty(), "seed {seed}: {broken:#?}");
        return;
    }
    let first = setting("STORM_FIRST").unwrap_or(1);
    let seeds = setting("STORM_SEEDS").unwrap_or(FEW);
    let mut found = Vec::new();
    let mut endings = std::collections::BTreeMap::<String, u64>::new();
    for seed in first..first + seeds {
        let ended = step::run(seed);
        let broken = law::broken(&ended);
        let kind = format!("{:?}", ended.ending);
        let kind = kind
            .trim_start_matches("Some(")
            .split(['(', ')'])
            .next()
            .unwrap_or_default();
        *endings.entry(kind.to_owned()).or_default() += 1;
        if !broken.is_empty() {
            found.push((seed, broken));
        }
    }
    println!("{seeds} seeds: {endings:?}");
    for (seed, broken) in found.iter().take(40) {
        println!("STORM_SEED={seed}: {broken:?}");
    }
    assert!(
        found.is_empty(),
        "{} of {seeds} seeds break a law",
        found.len()
    );
}
