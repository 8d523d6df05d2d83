//! How many instructions one retry takes, which does not depend on what else the machine does.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use codearts_sandbox::{OnOtherState, Sandbox};

use super::budgets::INSTRUCTIONS;
use super::clients::{self, Trust};
use super::process::Program;
use super::report::Report;
use super::statistics::{median, quantile};
use super::workshop::{Workshop, has, static_target};

/// Random bytes and the order of threads move the count by less than a hundredth.
const TIMES: usize = 5;

pub(crate) fn measure(shop: &Workshop, report: &mut Report) -> Result<()> {
    if !has("valgrind") {
        report.skipped(&INSTRUCTIONS, "there is no valgrind");
        return Ok(());
    }
    let sandbox = Sandbox::builder()
        .on_other_state(OnOtherState::Accept)
        .start();
    let trust = Trust::new(shop, &sandbox.ca_pem())?;
    let http = count(shop, &clients::step_with_token(shop, &sandbox.url())?)?;
    let https = trust.of_the_program(clients::step_with_token(shop, &sandbox.https_url())?);
    let https = count(shop, &https)?;
    if shop.is_static && static_target().starts_with("x86_64") {
        let apart = quantile(http.clone(), 1.0) / quantile(http.clone(), 0.0) - 1.0;
        report.noted(
            &INSTRUCTIONS,
            median(http.clone()),
            &format!("{:.1} % apart in {TIMES} runs", apart * 100.0),
        );
    } else {
        report.skipped(
            &INSTRUCTIONS,
            "the bound is that of the static program on x64",
        );
    }
    let row = |name: &str, counts: &[f64]| {
        vec![
            name.to_owned(),
            format!("{:.2} million", median(counts.iter().copied()) / 1e6),
            format!("{:.2} million", quantile(counts.iter().copied(), 0.0) / 1e6),
            format!("{:.2} million", quantile(counts.iter().copied(), 1.0) / 1e6),
        ]
    };
    let https_name = format!("one retry over https, {} certificates", trust.count);
    report.table(
        &format!("Instructions (callgrind), {TIMES} runs"),
        &["", "median", "least", "most"],
        &[row("one retry over http", &http), row(&https_name, &https)],
    );
    Ok(())
}

fn count(shop: &Workshop, program: &Program) -> Result<Vec<f64>> {
    let file = format!(
        "--callgrind-out-file={}",
        shop.folder.join("callgrind.out").display()
    );
    let mut under_valgrind = program.clone();
    under_valgrind.words.splice(
        0..0,
        ["valgrind".into(), "--tool=callgrind".into(), file.into()],
    );
    let under_valgrind = under_valgrind.with("PATH", clients::search_path());
    (0..TIMES)
        .map(|_| counted(under_valgrind.command()))
        .collect()
}

fn counted(mut command: Command) -> Result<f64> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "under valgrind the program ended with {}: {said}",
        output.status
    );
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let (_, number) = collected.with_context(|| format!("valgrind said {said:?}"))?;
    Ok(number.trim().parse()?)
}
