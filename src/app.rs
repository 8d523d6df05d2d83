//! The step, from environment to exit code.

use std::ffi::OsString;
use std::sync::Arc;
use std::sync::mpsc::channel;

use log::Level;

use crate::ci::CiSystem;
use crate::ci::publish::Targets;
use crate::client::{Connect as _, ProxySettings};
use crate::clock::{Clock as _, SystemClock};
use crate::console::Console;
use crate::credentials;
use crate::endpoint::Endpoint;
use crate::env::Env;
use crate::help;
use crate::identity::{self, Problem, Setting};
use crate::inputs::{self, InputError, RunSelector};
use crate::narrate::console_link;
use crate::outcome::{Failure, Outcome, OutcomeKind};
use crate::progress::Progress;
use crate::random::{random_fraction, random_u128};
use crate::report::Report;
use crate::step::Step;
use crate::work::{Message, Work, plan, policy};

/// Runs the step and returns its exit code.
pub fn run(env: &Env, arguments: &[OsString]) -> u8 {
    run_on(env, arguments, &Endpoint::metadata())
}

/// The same on a host whose metadata service is somewhere else than on every ECS host, as in a test.
pub fn run_on(env: &Env, arguments: &[OsString], metadata: &Endpoint) -> u8 {
    if let Some(text) = help::asked_for(arguments) {
        return help::print(&text);
    }
    let clock = SystemClock::new();
    let (to_main, messages) = channel();
    let signals = crate::signals::forward(to_main.clone(), Message::Signal);

    let reading = inputs::read(env);
    let system = CiSystem::detect(env);
    let console = Console::new(system.reporter(), env, clock);
    // At once, since another program may be told of them, as on Buildkite, and is waited for.
    let secrets = reading.secrets.iter().cloned();
    let secrets = secrets.chain(credentials::secrets_in(env));
    console.mask(secrets.chain(ProxySettings::from_env(env).secrets()));
    console.take_log_records(reading.log_level);
    if let Err(error) = signals {
        log::warn!("signals are not handled: {error}");
    }
    for warning in &reading.warnings {
        log::warn!("{warning}");
    }

    let progress = Arc::new(Progress::default());
    let targets = Targets::new(system, env, reading.output_file.clone());
    let step = Step {
        env,
        metadata,
        clock,
        console: &console,
        progress: &progress,
    };
    let (kind, failure) = match prepare(&step, reading, arguments) {
        Err(reasons) => (
            OutcomeKind::InvalidInput,
            Some(Failure {
                reason: reasons,
                ..Failure::default()
            }),
        ),
        Ok(work) => match targets.probe(&*console) {
            Err(unwritable) => (OutcomeKind::OutputFailed, Some(unwritable.to_failure())),
            Ok(()) => work.start_and_wait(&step, to_main, &messages),
        },
    };
    console.end_group();

    let outcome = progress.outcome(kind, failure, clock.monotonic());
    finish(&console, &targets, outcome)
}

/// Writes the outputs, then says how it ended.
fn finish(console: &Console, targets: &Targets, outcome: Outcome) -> u8 {
    let redactor = console.redactor();
    let published = targets.publish(outcome, &redactor, random_u128(), console);
    for warning in &published.warnings {
        console.line(Level::Warn, warning);
    }
    let report = Report::from_outcome(&published.outcome, &redactor);
    for log in report.failed_job_logs() {
        console.begin_group(&log.title);
        for line in log.lines() {
            console.line(Level::Info, line);
        }
        console.end_group();
    }
    for annotation in report.annotations() {
        console.annotate(&annotation);
    }
    console.line(Level::Info, &report.result_line());
    published.outcome.kind.exit_code()
}

/// Checks inputs, credentials and arguments, and reports all that is wrong with them together.
fn prepare(
    step: &Step<'_>,
    reading: inputs::Reading,
    arguments: &[OsString],
) -> Result<Work, String> {
    let mut reasons: Vec<String> = help::unknown_arguments(arguments).into_iter().collect();
    let mut note = |errors: Vec<InputError>| reasons.extend(errors.iter().map(ToString::to_string));
    let inputs = reading.inputs.map_err(&mut note).ok();
    let resolved = match reading.credentials {
        Some(given) => credentials::resolve(&given, step.env)
            .map_err(&mut note)
            .ok(),
        None => None,
    };
    if let Some(resolved) = &resolved {
        step.console.mask(resolved.secrets.iter().cloned());
        for warning in &resolved.warnings {
            log::warn!("{warning}");
        }
        log::info!("credentials: {}", resolved.source);
    }
    if let Some(inputs) = &inputs {
        step.progress.update(|facts| {
            if let RunSelector::Id(id) = &inputs.pipeline_run_id {
                facts.run.pipeline_run_id = id.to_string();
                facts.run.run_url = console_link(inputs, id.as_str());
            }
        });
    }
    let mut note = |problems: Vec<Problem>| {
        for text in problems.iter().map(ToString::to_string) {
            if !reasons.contains(&text) {
                reasons.push(text);
            }
        }
    };
    let ways = inputs.zip(resolved).and_then(|(inputs, resolved)| {
        let network = step.network(&inputs);
        let transport = network
            .to(&inputs.endpoint)
            .map_err(|invalid| note(vec![Problem::Proxy(invalid)]));
        let setting = Setting {
            clock: Arc::new(step.clock),
            random: &random_fraction,
            redactor: step.console.redactor(),
            keeper: Arc::clone(step.console) as _,
            policy: policy(&inputs),
        };
        let credentials =
            identity::provider(resolved.origin, &inputs, &network, step.metadata, setting)
                .map_err(&mut note);
        Some((inputs, credentials.ok()?, transport.ok()?))
    });
    match ways {
        Some((inputs, credentials, transport)) if reasons.is_empty() => {
            let plan = plan(&inputs);
            Ok(Work {
                inputs,
                credentials,
                transport,
                plan,
            })
        }
        _ => Err(reasons.join("\n")),
    }
}
