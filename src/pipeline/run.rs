//! What the step does with the run: look, decide, retry.

use std::time::Duration;

use super::api::{DetailError, PipelineApi};
use super::event::{Observer, RunEvent};
use super::judge::Snapshot;
use super::latest::newest_run;
use super::model::{PipelineRun, RunStatus};
use super::retry::{RetryCall, RetryEnd};
use super::wait::wait;
use crate::client::{CallFailure, Client, FinalKind, Verdict};

/// Which run is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunTarget {
    /// The run of this id.
    Id(String),
    /// The pipeline's newest run.
    Latest,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The `CodeArts` project.
    pub project_id: String,
    /// The pipeline.
    pub pipeline_id: String,
    /// The run.
    pub target: RunTarget,
    /// Only these job runs; all that the service chooses if empty.
    pub job_run_ids: Vec<String>,
    /// Change nothing.
    pub dry_run: bool,
    /// Wait for the run's end; the deadline is the client's.
    pub wait: Option<WaitPlan>,
}

/// How the end is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitPlan {
    /// The steady interval between polls.
    pub poll_interval: Duration,
    /// How often the run is retried at most.
    pub max_retries: u32,
    /// How many log lines of each failed step are read.
    pub log_lines: usize,
}

/// How the work ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The service accepted the retry.
    Accepted,
    /// It accepted and queued it.
    Queued,
    /// The run is COMPLETED and was not retried.
    AlreadyCompleted,
    /// The run was waited for and ended COMPLETED.
    Completed,
    /// The run was waited for and ended FAILED.
    RunFailed,
    /// The run was waited for and ended CANCELED or IGNORED.
    RunCanceled(RunStatus),
    /// The deadline passed; with what the last call said, where it failed.
    WaitTimeout(CallFailure),
    /// `latest` is in progress and was not retried.
    AlreadyRunning,
    /// All checks passed.
    DryRun,
    /// The verdict is a final one.
    Failed(CallFailure),
}

/// Does what the plan says.
pub fn carry_out(client: Client<'_>, plan: &Plan, observer: Observer<'_>) -> Ending {
    let api = PipelineApi {
        client,
        project_id: &plan.project_id,
        pipeline_id: &plan.pipeline_id,
    };
    if let Err(failure) = client.identify() {
        return Ending::Failed(nothing_sent(failure));
    }
    let (id, run) = match &plan.target {
        RunTarget::Id(id) if plan.dry_run || plan.wait.is_some() => {
            let read = api.show_pipeline_run_detail(Some(id));
            match read.map_err(DetailError::into_failure) {
                Ok(run) => (id.clone(), Some(run)),
                Err(failure) => return Ending::Failed(nothing_sent(failure)),
            }
        }
        RunTarget::Id(id) => (id.clone(), None),
        RunTarget::Latest => match newest_run(api) {
            Ok((id, run)) => {
                let pipeline_run_id = &id;
                observer(RunEvent::Resolved { pipeline_run_id });
                (id, Some(run))
            }
            Err(failure) => return Ending::Failed(nothing_sent(failure)),
        },
    };
    if let Some(run) = &run {
        observer(RunEvent::Seen(run));
    }
    match (run, plan.wait) {
        (Some(run), _) if plan.dry_run => checked(&run, observer),
        (Some(run), Some(how)) => wait(api, plan, how, &id, run, observer),
        (Some(run), None) => retry_newest(api, plan, &id, &run, observer),
        (None, _) => retry(api, plan, &id, None, observer),
    }
}

fn checked(run: &PipelineRun, observer: Observer<'_>) -> Ending {
    let would = if run.status.is_in_progress() {
        "it is in progress"
    } else if run.status == RunStatus::Completed {
        "it has completed"
    } else {
        "a retry would be sent"
    };
    observer(RunEvent::Notice(format!(
        "Dry run: the run is {}, {would}; nothing was changed.",
        run.status
    )));
    Ending::DryRun
}

fn retry_newest(
    api: PipelineApi<'_>,
    plan: &Plan,
    pipeline_run_id: &str,
    run: &PipelineRun,
    observer: Observer<'_>,
) -> Ending {
    match &run.status {
        RunStatus::Completed => Ending::AlreadyCompleted,
        RunStatus::Unknown(status) => Ending::Failed(CallFailure::transport(
            Verdict::Final(FinalKind::Refused),
            format!(
                "the newest run has the status {status}, which this version does not know; nothing was sent"
            ),
            Some("Give the run's id as pipeline_run_id if it is to be retried all the same."),
        )),
        status if status.is_in_progress() => Ending::AlreadyRunning,
        _ => retry(
            api,
            plan,
            pipeline_run_id,
            Some(Snapshot::of(run)),
            observer,
        ),
    }
}

fn retry(
    api: PipelineApi<'_>,
    plan: &Plan,
    pipeline_run_id: &str,
    snapshot: Option<Snapshot>,
    observer: Observer<'_>,
) -> Ending {
    let call = RetryCall {
        api,
        pipeline_run_id,
        job_run_ids: &plan.job_run_ids,
        snapshot,
        observer,
    };
    match call.carry_out() {
        RetryEnd::Accepted => Ending::Accepted,
        RetryEnd::Queued => Ending::Queued,
        RetryEnd::AlreadyCompleted => Ending::AlreadyCompleted,
        RetryEnd::Failed { failure, .. } => Ending::Failed(failure),
    }
}

/// A failure before the retry call, made final.
fn nothing_sent(failure: CallFailure) -> CallFailure {
    let verdict = match failure.verdict {
        Verdict::Final(kind) => Verdict::Final(kind),
        _ => Verdict::Final(FinalKind::Unavailable),
    };
    CallFailure {
        verdict,
        reason: format!("{}; no retry was sent", failure.reason),
        ..failure
    }
}
