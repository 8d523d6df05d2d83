//! The parts of the benchmark, and the order they run in.

mod action;
mod budgets;
mod clients;
mod instructions;
mod lag;
mod long_wait;
mod machine;
mod page;
mod process;
mod relay;
mod report;
mod retry;
mod sizes;
mod statistics;
#[path = "../../../tests/virtual_time/support.rs"]
#[expect(dead_code, reason = "made for tests, which use more of it")]
mod support;
mod virtual_wait;
mod workshop;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use report::Report;
use workshop::Workshop;

type Part = fn(&Workshop, usize, &mut Report) -> Result<()>;

/// All parts by name, those that nothing should disturb first.
const PARTS: [(&str, Part); 10] = [
    ("requests", |shop, _, report| retry::requests(shop, report)),
    ("http", retry::over_http),
    ("https", retry::over_https),
    ("relay", retry::through_relay),
    ("action", action::measure),
    ("wait", |shop, _, report| long_wait::measure(shop, report)),
    ("lag", |_, _, report| lag::measure(report)),
    ("instructions", |shop, _, report| {
        instructions::measure(shop, report)
    }),
    ("sizes", |shop, _, report| sizes::measure(shop, report)),
    ("composition", |shop, _, report| {
        sizes::composition(shop, report)
    }),
];

const ROUNDS: usize = 60;

pub(crate) fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match arguments.first().and_then(|first| first.to_str()) {
        Some(process::MEASURE) => return process::measure(&arguments[1..]),
        Some(long_wait::WAIT) => return long_wait::wait(),
        _ => {}
    }
    // `cargo test --all-targets` starts benchmarks too, without this word, and only wants to know that they start.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the parts that are asked for; true if no row is over its budget.
fn run(arguments: &[OsString]) -> Result<bool> {
    let words = arguments
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned());
    // Cargo's own argument.
    let asked: Vec<_> = words.filter(|word| word != "--bench").collect();
    let names: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = asked.iter().find(|word| !names.contains(&word.as_str())) {
        bail!(
            "no part is called {unknown}; there are {}",
            names.join(", ")
        );
    }
    let rounds = match setting("BENCH_ROUNDS") {
        Some(rounds) => rounds.parse().context("BENCH_ROUNDS is a number")?,
        None => ROUNDS,
    };
    let shop = Workshop::open()?;
    let machine = machine::describe(&shop);
    let mut report = Report::default();
    for (name, part) in PARTS {
        if asked.is_empty() || asked.iter().any(|word| word == name) {
            eprintln!("measuring: {name}");
            part(&shop, rounds, &mut report).context(name)?;
        }
    }
    let tables = report.markdown(&machine);
    println!("\n{tables}");
    if let Some(path) = setting("BENCH_WRITE") {
        page::write(&shop.root.join(path), &tables)?;
    }
    let broken = report.broken();
    for what in &broken {
        eprintln!("over budget: {what}");
    }
    Ok(broken.is_empty())
}

#[expect(
    clippy::disallowed_methods,
    reason = "settings of the benchmark, not of the program"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
