//! Why a run failed: the path to each failed job, its message, the end of its log, the cause in a sub-pipeline.

use std::time::Duration;

use super::api::{PipelineApi, is_plain_id};
use super::event::{Observer, RunEvent};
use super::failed_job::{FailedJob, LogTail};
use super::logs::{LogAddress, child_run, tail};
use super::message::readable;
use super::model::{JobRun, PartStatus, Phase, PipelineRun, StageRun, StepRun};

/// The plugin that runs another pipeline (a published answer).
const SUB_PIPELINE: &str = "official_devcloud_subPipeline";
/// Failed steps whose logs are read.
const MOST_LOGS: usize = 5;
/// What reading logs and sub-pipelines may take together.
const TIME_FOR_ALL: Duration = Duration::from_secs(10);
/// Failed jobs of a sub-pipeline that are told.
const MOST_CAUSES: usize = 3;

/// A failed job, and what leads to its log.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) job: FailedJob,
    job_run_id: Option<String>,
    step_run_id: Option<String>,
    is_sub_pipeline: bool,
}

/// The failed jobs and gates, in the order of the run.
pub(super) fn failed_jobs(run: &PipelineRun) -> Vec<Failed> {
    let mut found = Vec::new();
    for stage in &run.stages {
        let before = found.len();
        found.extend(failed_steps(&stage.entry).map(|step| failed(stage, None, Some(step))));
        found.extend(
            stage
                .jobs
                .iter()
                .filter(|job| has_failed(&job.status))
                .map(|job| failed(stage, Some(job), failed_steps(&job.steps).next())),
        );
        found.extend(failed_steps(&stage.exit).map(|step| failed(stage, None, Some(step))));
        if found.len() == before && has_failed(&stage.status) {
            found.push(failed(stage, None, None));
        }
    }
    found
}

fn failed_steps(steps: &[StepRun]) -> impl Iterator<Item = &StepRun> {
    steps.iter().filter(|step| has_failed(&step.status))
}

fn has_failed(status: &PartStatus) -> bool {
    status.phase() == Phase::Failed
}

fn failed(stage: &StageRun, job: Option<&JobRun>, step: Option<&StepRun>) -> Failed {
    let status = step
        .map(|step| &step.status)
        .or(job.map(|job| &job.status))
        .unwrap_or(&stage.status);
    let messages = [
        step.and_then(|step| step.message.as_deref()),
        job.and_then(|job| job.message.as_deref()),
    ];
    let message = readable(messages.into_iter().flatten().next().unwrap_or_default());
    Failed {
        job: FailedJob {
            stage: stage.name.clone(),
            job: job.map(|job| job.name.clone()).unwrap_or_default(),
            step: step.map(|step| step.name.clone()).unwrap_or_default(),
            status: status.to_string(),
            message: message.text,
            code: message.code,
            log: None,
        },
        job_run_id: job.and_then(|job| job.id.clone()),
        step_run_id: step.and_then(|step| step.id.clone()),
        is_sub_pipeline: step.is_some_and(|step| step.task.as_deref() == Some(SUB_PIPELINE)),
    }
}

/// Tells the failed jobs at once, and again with their logs and with what failed in sub-pipelines.
pub(super) fn explain(
    api: PipelineApi<'_>,
    pipeline_run_id: &str,
    run: &PipelineRun,
    log_lines: usize,
    observer: Observer<'_>,
) {
    let found = failed_jobs(run);
    let mut jobs: Vec<FailedJob> = found.iter().map(|failed| failed.job.clone()).collect();
    observer(RunEvent::FailedJobs(&jobs));
    let reader = Reader {
        log_lines,
        deadline: api.client.clock.monotonic() + TIME_FOR_ALL,
    };
    let with_steps = found.iter().zip(&mut jobs);
    let with_steps = with_steps.filter(|(failed, _)| failed.step_run_id.is_some());
    for (failed, job) in with_steps.take(MOST_LOGS) {
        if failed.is_sub_pipeline && reader.explain_child(api, pipeline_run_id, failed, job) {
            continue;
        }
        job.log = reader.log(api, pipeline_run_id, failed, "");
    }
    observer(RunEvent::FailedJobs(&jobs));
}

#[derive(Clone, Copy)]
struct Reader {
    log_lines: usize,
    deadline: Duration,
}

impl Reader {
    /// Adds the failed jobs of the child run to the message; false if there is no such run to be read.
    fn explain_child(
        self,
        api: PipelineApi<'_>,
        pipeline_run_id: &str,
        failed: &Failed,
        job: &mut FailedJob,
    ) -> bool {
        let Some(step_run_id) = failed.step_run_id.as_deref().filter(|id| is_plain_id(id)) else {
            return false;
        };
        let Some((child_pipeline, child_run)) =
            child_run(api.once(self.left(api)), pipeline_run_id, step_run_id)
        else {
            return false;
        };
        let child_api = PipelineApi {
            pipeline_id: &child_pipeline,
            ..api
        };
        let Ok(run) = child_api
            .once(self.left(api))
            .show_pipeline_run_detail(Some(&child_run))
        else {
            return false;
        };
        let number = run
            .run_number
            .map(|number| format!(" run {number}"))
            .unwrap_or_default();
        let causes = failed_jobs(&run);
        if causes.is_empty() {
            push_line(
                &mut job.message,
                &format!("sub-pipeline{number}: {}", run.status),
            );
        }
        for cause in causes.iter().take(MOST_CAUSES) {
            let message = match cause.job.message.as_str() {
                "" => String::new(),
                message => format!(": {message}"),
            };
            let path = cause.job.path();
            push_line(
                &mut job.message,
                &format!("sub-pipeline{number}, {path}{message}"),
            );
            job.code = job.code.take().or_else(|| cause.job.code.clone());
        }
        job.log = causes
            .iter()
            .find(|cause| cause.step_run_id.is_some())
            .and_then(|cause| self.log(child_api, &child_run, cause, "sub-pipeline "));
        true
    }

    /// The end of the log of the failed step; nothing where there is no step, or none is asked for.
    fn log(
        self,
        api: PipelineApi<'_>,
        pipeline_run_id: &str,
        failed: &Failed,
        kind: &str,
    ) -> Option<LogTail> {
        if self.log_lines == 0 {
            return None;
        }
        let address = LogAddress {
            run: pipeline_run_id,
            job: failed.job_run_id.as_deref().filter(|id| is_plain_id(id))?,
            step: failed.step_run_id.as_deref().filter(|id| is_plain_id(id))?,
        };
        let read = tail(api, address, self.log_lines, self.deadline);
        Some(LogTail {
            title: format!("{kind}{}", failed.job.path()),
            lines: read.lines.into(),
            is_cut: read.is_cut,
            problem: read.problem,
        })
    }

    /// What is left of the time; a call needs some.
    fn left(self, api: PipelineApi<'_>) -> Duration {
        const LEAST: Duration = Duration::from_millis(1);
        let now = api.client.clock.monotonic();
        self.deadline.saturating_sub(now).max(LEAST)
    }
}

fn push_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}
