//! The work on the run: on a thread of its own, ended by its result or by a signal.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use crate::client::{
    CallFailure, Client, Connect as _, CredentialProvider, FixedCredentials, RetryPolicy, Transport,
};
use crate::clock::SystemClock;
use crate::conclusion::{broken_down, concluded, interrupted};
use crate::inputs::{Inputs, OnCancel, RunSelector};
use crate::narrate::Narrator;
use crate::outcome::{Failure, OutcomeKind, Retried, Signal};
use crate::pipeline::{self, Ending, Plan, Remote, RunTarget, WaitPlan, carry_out};
use crate::random::random_fraction;
use crate::secret::Redactor;
use crate::step::Step;

/// The name of the thread that works.
const WORKER: &str = "work";

/// Without `wait`, no attempt starts later than this after the start of the step.
const BUDGET_WITHOUT_WAIT: Duration = Duration::from_secs(600);

/// A retry under way when the step is cancelled gets this often this long to be answered before the run is stopped.
const OPEN_RETRY_LOOKS: u32 = 20;
const OPEN_RETRY_PAUSE: Duration = Duration::from_millis(50);
/// What stopping the run may take: with the pause before it and the outputs after it, less than 5 s.
const STOP_LIMIT: Duration = Duration::from_millis(3500);

/// What ends the work.
pub enum Message {
    /// It came to its end.
    Done(Ending),
    /// A signal ends the step.
    Signal(Signal),
    /// It broke down at this place of the source: a fault of this program.
    Panic(String),
}

/// Everything the work needs, checked. Shared between the thread that works and the one that waits for a signal.
pub struct Work {
    /// The inputs, valid.
    pub inputs: Inputs,
    /// Gives the credentials of each call.
    pub credentials: Box<dyn CredentialProvider>,
    /// Sends the calls.
    pub transport: Box<dyn Transport>,
    /// What to do with the run.
    pub plan: Plan,
}

impl Work {
    /// Works on a thread of its own, so that a signal ends the step at any moment, also in a request that hangs.
    pub fn start_and_wait(
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
        report_panics(to_main.clone(), stay_for_ever);
        let worker = {
            let (work, clock) = (Arc::clone(&work), step.clock);
            let (console, progress) = (Arc::clone(step.console), Arc::clone(step.progress));
            std::thread::Builder::new()
                .name(WORKER.to_owned())
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
            broken => {
                step.progress.close();
                let place = match &broken {
                    Ok(Ok(Message::Panic(place))) => place,
                    _ => "the start of the worker thread",
                };
                (
                    OutcomeKind::Unavailable,
                    Some(broken_down(step.progress, place)),
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

/// Lets a panic of the work end the step with outputs, instead of the process without any. Only its place is told: what
/// it says may quote what must not be shown. `stay` keeps the thread where it is until the process ends.
fn report_panics(to_main: Sender<Message>, stay: fn()) {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(WORKER) {
            return usual(panic);
        }
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        if to_main.send(Message::Panic(place)).is_ok() {
            stay();
        }
    }));
}

fn stay_for_ever() {
    loop {
        std::thread::park();
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

/// How often and how long calls are tried.
pub fn policy(inputs: &Inputs) -> RetryPolicy {
    RetryPolicy {
        max_attempts: inputs.max_attempts,
        backoff: inputs.backoff,
        max_backoff: inputs.max_backoff,
        deadline: if inputs.waits() {
            inputs.wait_timeout
        } else {
            BUDGET_WITHOUT_WAIT
        },
    }
}

/// What the inputs ask for.
pub fn plan(inputs: &Inputs) -> Plan {
    Plan {
        project_id: inputs.project_id.to_string(),
        pipeline_id: inputs.pipeline_id.to_string(),
        target: match &inputs.pipeline_run_id {
            RunSelector::Id(id) => RunTarget::Id(id.to_string()),
            RunSelector::Latest => RunTarget::Latest,
        },
        job_run_ids: inputs.job_run_ids.iter().map(ToString::to_string).collect(),
        dry_run: inputs.dry_run,
        wait: inputs.waits().then_some(WaitPlan {
            poll_interval: inputs.poll_interval,
            max_retries: inputs.max_retries,
            log_lines: inputs.log_lines as usize,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_work_is_a_message_that_names_its_place_only() {
        let (to_main, messages) = std::sync::mpsc::channel();
        report_panics(to_main, || {});
        std::thread::Builder::new()
            .name(WORKER.to_owned())
            .spawn(|| {
                let secret = "hunter2";
                assert_eq!(secret, "", "a fault of the program");
            })
            .expect("threads can be started");
        let Ok(Message::Panic(place)) = messages.recv() else {
            unreachable!("nothing else is sent")
        };
        assert!(place.starts_with(file!()), "{place}");
        assert!(!place.contains("hunter2"));
    }
}
