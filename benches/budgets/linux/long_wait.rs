//! A wait of 24 hours: its polls, and whether its memory stays flat.
//!
//! The real program cannot be put into virtual time, so the row adds up two measurements: its peak over a wait of seconds,
//! over https, and what the same code's memory grew in 24 hours of virtual time, in a process of its own.

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use codearts_sandbox::Sandbox;

use super::budgets::{GROWTH, MEMORY_WAIT, POLLS};
use super::clients::{self, Trust};
use super::report::{Report, mib};
use super::virtual_wait::{run_of, wait_for};
use super::workshop::{Workshop, printed};

/// The argument that makes this program the process that waits in virtual time.
pub(crate) const WAIT: &str = "--wait";

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const INTERVAL: Duration = Duration::from_secs(10);
/// The four quick polls at the start.
const QUICK: Duration = Duration::from_secs(2 + 3 + 5 + 8);

/// The wait itself: prints the memory at the start, after an hour, and at the end, and how often it polled.
pub(crate) fn wait() -> ExitCode {
    print_memory();
    let almost = DAY.saturating_sub(Duration::from_secs(60));
    match wait_for(DAY, INTERVAL, 1, &[HOUR, almost], print_memory) {
        Ok(waited) => {
            println!("{}", waited.polls);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print_memory() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap_or_default();
    println!("{}", memory.trim().trim_end_matches(" kB"));
}

pub(crate) fn measure(shop: &Workshop, report: &mut Report) -> Result<()> {
    let said = printed(Command::new(std::env::current_exe()?).arg(WAIT))?;
    let numbers: Vec<u64> = said.lines().map(str::parse).collect::<Result<_, _>>()?;
    let [start, hour, end, polls] = numbers[..] else {
        bail!("the wait printed {said:?}");
    };
    let growth = end.saturating_sub(hour) * 1024;
    report.measured(&GROWTH, mib(growth));

    let steady = DAY.saturating_sub(QUICK).as_secs_f64() / INTERVAL.as_secs_f64();
    let after_the_quick =
        u32::try_from(polls.checked_sub(4).context("there were the quick polls")?)?;
    report.noted(
        &POLLS,
        f64::from(after_the_quick) / steady,
        &format!("{polls} in 24 h at 10 s"),
    );

    let peak = peak_of_a_short_wait(shop)?;
    report.noted(
        &MEMORY_WAIT,
        mib(peak + growth),
        "the program's peak over 10 s of waiting, over https, and the growth",
    );
    let shown = |kib: u64| format!("{:.2} MiB", mib(kib * 1024));
    report.table(
        "24 h of waiting in virtual time (the library and the sandbox's service in one process)",
        &["", "at the start", "after 1 h", "after 24 h", "polls"],
        &[vec![
            "memory".to_owned(),
            shown(start),
            shown(hour),
            shown(end),
            polls.to_string(),
        ]],
    );
    Ok(())
}

/// The most memory of the program in a wait with about eight polls.
fn peak_of_a_short_wait(shop: &Workshop) -> Result<u64> {
    let run = run_of(Duration::from_secs(8));
    let sandbox = Sandbox::builder().speed(1.0).runs([run]).start();
    let trust = Trust::new(shop, &sandbox.ca_pem())?;
    let program = clients::step_with_token(shop, &sandbox.https_url())?
        .with("INPUT_WAIT", "true")
        .with("INPUT_POLL_INTERVAL", "1s");
    Ok(trust.of_the_program(program).measure()?.peak)
}
