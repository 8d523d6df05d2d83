//! One retry, whole processes: the program against curl and the vendor's SDK, in turn.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use codearts_sandbox::{Endpoint, OnOtherState, Sandbox};

use super::budgets::{CONNECTIONS, HTTP, HTTPS, MEMORY_HTTP, MEMORY_HTTPS, RELAY, REQUESTS, SDK};
use super::clients::{self, Trust};
use super::process::Program;
use super::relay;
use super::report::{Report, mib};
use super::statistics::Race;
use super::workshop::Workshop;

/// How long the relay holds data each way.
const HOLD: Duration = Duration::from_millis(50);

/// A service whose run can be retried again and again.
fn service() -> Sandbox {
    let sandbox = Sandbox::builder().on_other_state(OnOtherState::Accept);
    sandbox.start()
}

/// Lets everybody do it once unmeasured, so that all files are in the page cache, then in turn, each being first as often.
fn race(names: &[&str], clients: &[Program], rounds: usize) -> Result<Race> {
    let mut race = Race::new(names);
    for round in 0..=rounds {
        for turn in 0..clients.len() {
            let client = (turn + round) % clients.len();
            let spent = clients[client].measure()?;
            if round > 0 {
                race.note(client, spent);
            }
        }
    }
    Ok(race)
}

/// What the service sees of one retry.
pub(crate) fn requests(shop: &Workshop, report: &mut Report) -> Result<()> {
    let sandbox = service();
    clients::step_with_token(shop, &sandbox.url())?.measure()?;
    let seen = sandbox.counters();
    ensure!(seen.retry_effects == 1, "the retry had no effect");
    let requests = u32::try_from(seen.of(Endpoint::Any))?;
    report.measured(&REQUESTS, f64::from(requests));
    report.measured(&CONNECTIONS, f64::from(u32::try_from(seen.connections)?));
    Ok(())
}

/// Over http: against curl with a token, against the SDK with a key.
pub(crate) fn over_http(shop: &Workshop, rounds: usize, report: &mut Report) -> Result<()> {
    let sandbox = service();
    let own = clients::step_with_token(shop, &sandbox.url())?;
    match clients::curl(&sandbox.url()) {
        Ok(curl) => {
            let race = race(&["codearts-retry, token", "curl"], &[own, curl], rounds)?;
            report.measured(&HTTP, race.ratio(0, 1));
            report.measured(&MEMORY_HTTP, mib(race.peak(0)));
            race.show(report, "One retry over http against curl");
        }
        Err(why) => {
            report.skipped(&HTTP, &why);
            report.measured(&MEMORY_HTTP, mib(race(&[""], &[own], rounds)?.peak(0)));
        }
    }
    match clients::sdk(shop, &sandbox.url())? {
        Ok(sdk) => {
            let own = clients::step_with_key(shop, &sandbox.url())?;
            let race = race(
                &["codearts-retry, key", "Python SDK"],
                &[own, sdk],
                rounds.div_ceil(5),
            )?;
            report.measured(&SDK, race.ratio(1, 0));
            race.show(
                report,
                "One retry over http against the vendor's Python SDK",
            );
        }
        Err(why) => report.skipped(&SDK, &why),
    }
    Ok(())
}

/// Over https, with the system's root store loaded.
pub(crate) fn over_https(shop: &Workshop, rounds: usize, report: &mut Report) -> Result<()> {
    let sandbox = service();
    let url = sandbox.https_url();
    let trust = Trust::new(shop, &sandbox.ca_pem())?;
    let own = trust.of_the_program(clients::step_with_token(shop, &url)?);
    match clients::curl(&url) {
        Ok(curl) => {
            let curl = trust.of_curl(curl);
            let race = race(&["codearts-retry", "curl"], &[own, curl], rounds)?;
            report.noted(
                &HTTPS,
                race.ratio(0, 1),
                &format!("{} certificates", trust.count),
            );
            report.measured(&MEMORY_HTTPS, mib(race.peak(0)));
            race.show(report, "One retry over https against curl");
        }
        Err(why) => {
            report.skipped(&HTTPS, &why);
            report.measured(&MEMORY_HTTPS, mib(race(&[""], &[own], rounds)?.peak(0)));
        }
    }
    Ok(())
}

/// Over https through the relay.
pub(crate) fn through_relay(shop: &Workshop, rounds: usize, report: &mut Report) -> Result<()> {
    let sandbox = service();
    let url = sandbox.https_url();
    let address = url
        .strip_prefix("https://")
        .context("an https URL")?
        .parse()?;
    let url = format!("https://{}", relay::start(address, HOLD)?);
    let trust = Trust::new(shop, &sandbox.ca_pem())?;
    let mut names = vec!["codearts-retry"];
    let mut programs = vec![trust.of_the_program(clients::step_with_token(shop, &url)?)];
    if let Ok(curl) = clients::curl(&url) {
        names.push("curl");
        programs.push(trust.of_curl(curl));
    }
    let race = race(&names, &programs, rounds.div_ceil(5))?;
    let wall = race.median_wall(0);
    let round_trips = 2.0 * 2.0 * HOLD.as_secs_f64() * 1000.0;
    report.noted(
        &RELAY,
        wall,
        &format!("{:.3} × the two round trips", wall / round_trips),
    );
    race.show(report, "One retry over https through the relay");
    Ok(())
}
