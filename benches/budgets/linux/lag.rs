//! How late the end of a run is noticed, and for how many requests: the program's schedule against fixed intervals.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use anyhow::Result;

use super::budgets::LAG;
use super::report::Report;
use super::statistics::quantile;
use super::virtual_wait::{EXCHANGE, Waited, fraction, wait_for};

/// How many runs, spread from the shortest to the longest by equal ratios.
const RUNS: u64 = 200;
const SHORTEST: f64 = 10.0;
const LONGEST: f64 = 6.0 * 3600.0;

pub(crate) fn measure(report: &mut Report) -> Result<()> {
    let state = AtomicU64::new(6);
    let lengths: Vec<Duration> = (0..RUNS)
        .map(|_| Duration::from_secs_f64(SHORTEST * (LONGEST / SHORTEST).powf(fraction(&state))))
        .collect();

    let mut rows = Vec::new();
    let mut latest: f64 = 0.0;
    for interval in [10, 30, 60] {
        let interval = Duration::from_secs(interval);
        let mut waited = Vec::new();
        for (lasts, seed) in lengths.iter().zip(1..) {
            waited.push(wait_for(*lasts, interval, seed, &[], || ())?);
        }
        let late = waited
            .iter()
            .map(|one| one.lag.saturating_sub(EXCHANGE).as_secs_f64() / interval.as_secs_f64());
        latest = latest.max(quantile(late, 1.0));
        let default = if interval.as_secs() == 10 {
            ", the default"
        } else {
            ""
        };
        let name = format!(
            "codearts-retry, `poll_interval` {} s{default}",
            interval.as_secs()
        );
        rows.push(row(name, &lengths, &waited));
    }
    report.noted(
        &LAG,
        latest,
        "and one request; over all three schedules below",
    );
    for interval in [5, 10, 30, 60] {
        let interval = Duration::from_secs(interval);
        let waited: Vec<_> = lengths
            .iter()
            .map(|lasts| fixed(*lasts, interval))
            .collect();
        rows.push(row(
            format!("fixed, {} s", interval.as_secs()),
            &lengths,
            &waited,
        ));
    }
    report.table(
        &format!("Detection lag, {RUNS} runs of 10 s to 6 h"),
        &[
            "schedule",
            "lag, median",
            "lag, 95 %",
            "lag, most",
            "lag ÷ run, 95 %",
            "requests, median",
            "requests, all",
        ],
        &rows,
    );
    Ok(())
}

/// A look at the run at every multiple of the interval.
fn fixed(lasts: Duration, interval: Duration) -> Waited {
    let polls = lasts.as_nanos().div_ceil(interval.as_nanos());
    let polls = u32::try_from(polls).expect("a run lasts hours at most");
    Waited {
        lag: (interval * polls + EXCHANGE).saturating_sub(lasts),
        polls: u64::from(polls),
    }
}

fn row(name: String, lengths: &[Duration], waited: &[Waited]) -> Vec<String> {
    let lags = || waited.iter().map(|one| one.lag.as_secs_f64());
    let shares = lags()
        .zip(lengths)
        .map(|(lag, lasts)| 100.0 * lag / lasts.as_secs_f64());
    let polls = || {
        waited
            .iter()
            .map(|one| f64::from(u32::try_from(one.polls).expect("polls of hours")))
    };
    vec![
        name,
        format!("{:.1} s", quantile(lags(), 0.5)),
        format!("{:.1} s", quantile(lags(), 0.95)),
        format!("{:.1} s", quantile(lags(), 1.0)),
        format!("{:.1} %", quantile(shares, 0.95)),
        format!("{:.0}", quantile(polls(), 0.5)),
        format!("{:.0}", polls().sum::<f64>()),
    ]
}
