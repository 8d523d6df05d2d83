//! The step, from environment to exit code.

use std::ffi::OsString;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, mpsc::Sender};
use std::time::Duration;

use log::Level;

use crate::ci::CiSystem;
use crate::ci::publish::Targets;
use crate::client::{
    CallFailure, Client, Connect as _, CredentialProvider, FixedCredentials, Network,
    ProxySettings, RetryPolicy, Transport,
};
use crate::clock::{Clock as _, SystemClock};
use crate::conclusion::{concluded, interrupted};
use crate::console::Console;
use crate::credentials;
use crate::endpoint::Endpoint;
use crate::env::Env;
use crate::help;
use crate::identity::{self, Problem, Setting};
use crate::inputs::{self, InputError, Inputs, OnCancel, RunSelector};
use crate::narrate::{Narrator, console_link};
use crate::outcome::{Failure, Outcome, OutcomeKind, Retried, Signal};
use crate::pipeline::{self, Ending, Plan, Remote, RunTarget, WaitPlan, carry_out};
use crate::progress::Progress;
use crate::random::{random_fraction, random_u128};
use crate::report::Report;
use crate::secret::Redactor;

/// Without `wait`, no attempt starts later than this after the start of the step.
const BUDGET_WITHOUT_WAIT: Duration = Duration::from_secs(600);

/// A retry under way when the step is cancelled gets this often this long to be answered before the run is stopped.
const OPEN_RETRY_LOOKS: u32 = 20;
const OPEN_RETRY_PAUSE: Duration = Duration::from_millis(50);
/// What stopping the run may take: with the pause before it and the outputs after it, less than 5 s.
const STOP_LIMIT: Duration = Duration::from_millis(3500);

/// What ends the work.
enum Message {
    Done(Ending),
    Signal(Signal),
}

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
    let console = Console::new(system.reporter(), clock);
    console.mask(reading.secrets.iter().cloned());
    console.mask(credentials::secrets_in(env));
    console.mask(ProxySettings::from_env(env).secrets());
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
    let (kind, failure) = match step.prepare(reading, arguments) {
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

/// What the parts of a step share.
struct Step<'a> {
    env: &'a Env,
    metadata: &'a Endpoint,
    clock: SystemClock,
    console: &'a Arc<Console>,
    progress: &'a Arc<Progress>,
}

/// Everything the work needs, checked. Shared between the thread that works and the one that waits for a signal.
struct Work {
    inputs: Inputs,
    credentials: Box<dyn CredentialProvider>,
    transport: Box<dyn Transport>,
    plan: Plan,
}

impl Step<'_> {
    /// Checks inputs, credentials and arguments, and reports all that is wrong with them together.
    fn prepare(&self, reading: inputs::Reading, arguments: &[OsString]) -> Result<Work, String> {
        let mut reasons: Vec<String> = help::unknown_arguments(arguments).into_iter().collect();
        let mut note =
            |errors: Vec<InputError>| reasons.extend(errors.iter().map(ToString::to_string));
        let inputs = reading.inputs.map_err(&mut note).ok();
        let resolved = match reading.credentials {
            Some(given) => credentials::resolve(&given, self.env)
                .map_err(&mut note)
                .ok(),
            None => None,
        };
        if let Some(resolved) = &resolved {
            self.console.mask(resolved.secrets.iter().cloned());
            for warning in &resolved.warnings {
                log::warn!("{warning}");
            }
            log::info!("credentials: {}", resolved.source);
        }
        if let Some(inputs) = &inputs {
            self.progress.update(|facts| {
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
            let network = self.network(&inputs);
            let transport = network
                .to(&inputs.endpoint)
                .map_err(|invalid| note(vec![Problem::Proxy(invalid)]));
            let setting = Setting {
                clock: Arc::new(self.clock),
                random: &random_fraction,
                redactor: self.console.redactor(),
                keeper: Arc::clone(self.console) as _,
                policy: policy(&inputs),
            };
            let credentials =
                identity::provider(resolved.origin, &inputs, &network, self.metadata, setting)
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

    fn network(&self, inputs: &Inputs) -> Network {
        Network::new(self.env, inputs.connect_timeout, inputs.request_timeout)
    }
}

impl Work {
    /// Works on a thread of its own, so that a signal ends the step at any moment, also in a request that hangs.
    fn start_and_wait(
        self,
        step: &Step<'_>,
        to_main: Sender<Message>,
        messages: &Receiver<Message>,
    ) -> (OutcomeKind, Option<Failure>) {
        if let Ok(Message::Signal(signal)) = messages.try_recv() {
            return (
                OutcomeKind::Interrupted(signal),
                Some(interrupted(step.progress, signal, None)),
            );
        }
        announce(step, &self.inputs);
        let work = Arc::new(self);
        let worker = {
            let (work, clock) = (Arc::clone(&work), step.clock);
            let (console, progress) = (Arc::clone(step.console), Arc::clone(step.progress));
            std::thread::Builder::new()
                .name("work".to_owned())
                .spawn(move || {
                    let narrator = Narrator {
                        progress: &progress,
                        console: &console,
                        inputs: &work.inputs,
                        clock: &clock,
                    };
                    let redactor = console.redactor();
                    let client =
                        work.client(&*work.credentials, &*work.transport, &clock, &redactor);
                    let ending = carry_out(client, &work.plan, &|event| narrator.note(&event));
                    // The receiver is gone only when a signal has already ended the step.
                    let _ = to_main.send(Message::Done(ending));
                })
        };
        match worker.map(|_| messages.recv()) {
            Ok(Ok(Message::Done(ending))) => concluded(step.progress, ending),
            Ok(Ok(Message::Signal(signal))) => work.cancel(step, signal, messages),
            Ok(Err(_)) | Err(_) => {
                let reason = "the worker thread ended without a result".to_owned();
                (
                    OutcomeKind::Unavailable,
                    Some(Failure {
                        reason,
                        ..Failure::default()
                    }),
                )
            }
        }
    }

    fn client<'a>(
        &'a self,
        credentials: &'a dyn CredentialProvider,
        transport: &'a dyn Transport,
        clock: &'a SystemClock,
        redactor: &'a Redactor,
    ) -> Client<'a> {
        Client {
            transport,
            clock,
            random: &random_fraction,
            credentials,
            host: self.inputs.endpoint.host_header(),
            iam_project_id: self.inputs.iam_project_id.as_deref(),
            redactor,
            policy: policy(&self.inputs),
            time_limit: None,
        }
    }

    /// Ends the step for a signal: no further attempt starts, and what the step has started is stopped if that is asked
    /// for.
    fn cancel(
        &self,
        step: &Step<'_>,
        signal: Signal,
        messages: &Receiver<Message>,
    ) -> (OutcomeKind, Option<Failure>) {
        log::set_max_level(log::LevelFilter::Off);
        step.progress.close();
        let stopped = match self.inputs.on_cancel {
            OnCancel::Stop => self.stop(step, messages),
            OnCancel::Leave => None,
        };
        (
            OutcomeKind::Interrupted(signal),
            Some(interrupted(step.progress, signal, stopped)),
        )
    }

    /// One call that stops the run, or takes it off the queue, if it is this step's.
    fn stop(
        &self,
        step: &Step<'_>,
        messages: &Receiver<Message>,
    ) -> Option<Result<bool, CallFailure>> {
        // A retry that is under way would start the run after it was stopped.
        let is_open = || step.progress.facts().retried == Retried::Unknown;
        for _ in 0..OPEN_RETRY_LOOKS {
            if !is_open() || messages.recv_timeout(OPEN_RETRY_PAUSE).is_ok() {
                break;
            }
        }
        let facts = step.progress.facts();
        if facts.remote == Remote::Nothing {
            return None;
        }
        // A connection of its own: the other one may hang.
        let network = step.network(&self.inputs);
        let transport = network.to(&self.inputs.endpoint).ok()?;
        // There is no time left to renew them.
        let credentials = FixedCredentials(self.credentials.held()?);
        let redactor = step.console.redactor();
        Some(pipeline::stop(
            self.client(&credentials, &*transport, &step.clock, &redactor),
            &self.plan.project_id,
            &self.plan.pipeline_id,
            &facts.run.pipeline_run_id,
            &facts.remote,
            STOP_LIMIT,
        ))
    }
}

fn announce(step: &Step<'_>, inputs: &Inputs) {
    let facts = step.progress.facts();
    let run = match &inputs.pipeline_run_id {
        RunSelector::Id(id) => format!("run {id}"),
        RunSelector::Latest => "the latest run".to_owned(),
    };
    let doing = if inputs.dry_run {
        "Dry run: checking"
    } else if inputs.wait {
        "Looking at"
    } else {
        "Retrying"
    };
    step.console
        .begin_group(&format!("{doing} {run} of pipeline {}", inputs.pipeline_id));
    if !facts.run.pipeline_run_id.is_empty() {
        log::info!(
            "run: {}",
            facts.run.run_url.unwrap_or(facts.run.pipeline_run_id)
        );
    }
}

fn policy(inputs: &Inputs) -> RetryPolicy {
    RetryPolicy {
        max_attempts: inputs.max_attempts,
        backoff: inputs.backoff,
        max_backoff: inputs.max_backoff,
        deadline: if inputs.wait && !inputs.dry_run {
            inputs.wait_timeout
        } else {
            BUDGET_WITHOUT_WAIT
        },
    }
}

fn plan(inputs: &Inputs) -> Plan {
    Plan {
        project_id: inputs.project_id.to_string(),
        pipeline_id: inputs.pipeline_id.to_string(),
        target: match &inputs.pipeline_run_id {
            RunSelector::Id(id) => RunTarget::Id(id.to_string()),
            RunSelector::Latest => RunTarget::Latest,
        },
        job_run_ids: inputs.job_run_ids.iter().map(ToString::to_string).collect(),
        dry_run: inputs.dry_run,
        wait: (inputs.wait && !inputs.dry_run).then_some(WaitPlan {
            poll_interval: inputs.poll_interval,
            max_retries: inputs.max_retries,
            log_lines: inputs.log_lines as usize,
        }),
    }
}
