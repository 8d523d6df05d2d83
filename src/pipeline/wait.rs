//! Retries a run and waits for its end, again if it fails again and retries are left.

use std::time::Duration;

use super::api::PipelineApi;
use super::event::{Observer, Retried, RunEvent};
use super::forensics;
use super::judge::Snapshot;
use super::model::{PipelineRun, RunStatus};
use super::retry::{RetryCall, RetryEnd};
use super::run::{Ending, Plan, WaitPlan};
use super::watch::{LONGEST_LAG, WatchEnd, WatchState, Watcher};
use crate::client::{CallFailure, FinalKind, Verdict};

/// Failed jobs named where the run is retried once more.
const NAMED_JOBS: usize = 3;
const DID_NOT_START: &str = "Look at the run: it may wait for a free place, or the service may not be able to retry it any more. Then start a new run of the pipeline.";

/// One wait, from the first reading of the run to its end.
struct Wait<'a> {
    api: PipelineApi<'a>,
    plan: &'a Plan,
    how: WaitPlan,
    pipeline_run_id: &'a str,
    observer: Observer<'a>,
}

/// What the step has done with the run.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    /// Retries that the service accepted.
    accepted: u32,
    /// The same, and those that it may have accepted.
    spent: u32,
    /// Whether it waited for the run, retried or not.
    has_waited: bool,
}

impl Done {
    fn count_accepted(&mut self) {
        self.accepted += 1;
        self.spent += 1;
    }
}

/// Retries `run` unless it is in progress or COMPLETED, and waits for its end.
pub(super) fn wait(
    api: PipelineApi<'_>,
    plan: &Plan,
    how: WaitPlan,
    pipeline_run_id: &str,
    run: PipelineRun,
    observer: Observer<'_>,
) -> Ending {
    Wait {
        api,
        plan,
        how,
        pipeline_run_id,
        observer,
    }
    .carry_out(run)
}

impl Wait<'_> {
    fn carry_out(&self, mut run: PipelineRun) -> Ending {
        if run.status == RunStatus::Completed {
            return Ending::AlreadyCompleted;
        }
        let mut done = Done::default();
        let mut attached = None;
        if !run.status.is_terminal() {
            self.emit(RunEvent::Notice(format!(
                "The run is {} already: it is waited for, and not retried unless it fails.",
                run.status
            )));
            attached = Some(WatchState::attached(&run, None, self.now()));
        }
        loop {
            let state = match attached.take() {
                Some(state) => state,
                None => match self.retry(&mut run, &mut done) {
                    Ok(state) => state,
                    Err(ending) => return ending,
                },
            };
            done.has_waited = true;
            match self.watcher().watch(state, Some(run)) {
                WatchEnd::Ended(ended) => {
                    if ended.status == RunStatus::Failed && self.may_retry_again(done) {
                        self.tell_of_the_failure(&ended);
                        run = ended;
                        continue;
                    }
                    return self.ended(&ended);
                }
                WatchEnd::DidNotStart => return Ending::Failed(did_not_start()),
                WatchEnd::TimedOut {
                    in_queue,
                    last_failure,
                } => return Ending::WaitTimeout(timed_out(in_queue, last_failure)),
                WatchEnd::Failed(failure) => {
                    return Ending::Failed(wait_failed(failure, done.accepted > 0));
                }
            }
        }
    }

    /// One retry; what to watch for after it, or the ending.
    fn retry(&self, run: &mut PipelineRun, done: &mut Done) -> Result<WatchState, Ending> {
        self.emit(RunEvent::RetryStarted {
            number: done.spent + 1,
            of: self.how.max_retries,
        });
        let before = Snapshot::of(run);
        let call = RetryCall {
            api: self.api,
            pipeline_run_id: self.pipeline_run_id,
            job_run_ids: &self.plan.job_run_ids,
            snapshot: Some(before.clone()),
            observer: self.observer,
        };
        let end = call.carry_out();
        if done.spent > done.accepted && !matches!(end, RetryEnd::Accepted | RetryEnd::Queued) {
            // What became of this one does not settle an earlier one.
            self.emit(RunEvent::Settled(Retried::Unknown));
        }
        match end {
            RetryEnd::Accepted => {
                done.count_accepted();
                Ok(WatchState::accepted(before, self.now()))
            }
            RetryEnd::Queued => {
                done.count_accepted();
                Ok(WatchState::queued(before, self.now()))
            }
            RetryEnd::AlreadyCompleted if done.accepted == 0 => Err(Ending::AlreadyCompleted),
            RetryEnd::AlreadyCompleted => Err(Ending::Completed),
            RetryEnd::Failed {
                failure,
                run: Some(in_progress),
                ..
            } if !in_progress.status.is_terminal() => {
                let status = &in_progress.status;
                self.emit(RunEvent::Notice(if failure.may_have_had_effect() {
                    // It may be this retry that is in progress.
                    done.spent += 1;
                    format!("The answer to the retry is not usable, but the run is {status}: it is waited for.")
                } else {
                    format!("The retry was refused since the run is {status}: it is waited for.")
                }));
                *run = *in_progress;
                Ok(WatchState::attached(run, Some(before), self.now()))
            }
            RetryEnd::Failed {
                failure,
                out_of_time: true,
                ..
            } if done.has_waited => Err(Ending::WaitTimeout(failure)),
            RetryEnd::Failed { failure, .. } => Err(Ending::Failed(failure)),
        }
    }

    /// Job runs keep their ids in a retry of the same run, so a further retry names the same ones.
    fn may_retry_again(&self, done: Done) -> bool {
        done.spent < self.how.max_retries && self.now() < self.api.client.policy.deadline
    }

    fn tell_of_the_failure(&self, run: &PipelineRun) {
        let jobs = forensics::failed_jobs(run);
        let named = jobs.iter().take(NAMED_JOBS);
        let paths: Vec<_> = named.map(|failed| failed.job.path()).collect();
        let where_it_failed = match jobs.len() {
            0 => String::new(),
            1..=NAMED_JOBS => format!(": {}", paths.join(", ")),
            _ => format!(": {} and more", paths.join(", ")),
        };
        self.emit(RunEvent::Notice(format!(
            "The run ended FAILED again{where_it_failed}; it is retried once more."
        )));
    }

    fn ended(&self, run: &PipelineRun) -> Ending {
        self.emit(RunEvent::Over);
        match &run.status {
            RunStatus::Completed => Ending::Completed,
            RunStatus::Failed => {
                let lines = self.how.log_lines;
                forensics::explain(self.api, self.pipeline_run_id, run, lines, self.observer);
                Ending::RunFailed
            }
            other => Ending::RunCanceled(other.clone()),
        }
    }

    fn watcher(&self) -> Watcher<'_> {
        Watcher {
            api: self.api,
            pipeline_run_id: self.pipeline_run_id,
            observer: self.observer,
            poll_interval: self.how.poll_interval,
            deadline: self.api.client.policy.deadline,
        }
    }

    fn now(&self) -> Duration {
        self.api.client.clock.monotonic()
    }

    fn emit(&self, event: RunEvent<'_>) {
        (self.observer)(event);
    }
}

fn did_not_start() -> CallFailure {
    CallFailure::transport(
        Verdict::Final(FinalKind::Refused),
        format!(
            "the retry was accepted, but the run did not start again within {} s",
            LONGEST_LAG.as_secs()
        ),
        Some(DID_NOT_START),
    )
}

fn timed_out(in_queue: bool, last_failure: Option<CallFailure>) -> CallFailure {
    let mut reason = "the run had not ended when wait_timeout passed".to_owned();
    if in_queue {
        reason.push_str("; it still waits in the pipeline's queue");
    }
    match last_failure {
        None => CallFailure::transport(Verdict::Final(FinalKind::Unavailable), reason, None),
        Some(failure) => {
            reason.push_str("; the last look at it failed: ");
            reason.push_str(&failure.reason);
            CallFailure { reason, ..failure }
        }
    }
}

/// The run goes on, but cannot be waited for.
fn wait_failed(failure: CallFailure, was_retried: bool) -> CallFailure {
    let run = if was_retried {
        "the retry was accepted"
    } else {
        "the run was in progress"
    };
    CallFailure {
        reason: format!(
            "{}; {run}, but its end cannot be waited for",
            failure.reason
        ),
        ..failure
    }
}
