//! A run as the service shows it: the detail answer and the entry of the run list (SDK models).

use serde_json::{Value, json};

use super::model::{Job, Run, Stage};
use super::status::Status;
use crate::ids::id_for;

/// The answer of `ShowPipelineRunDetail`.
pub(crate) fn detail(run: &Run, project_id: &str, pipeline_id: &str, now_ms: u64) -> Value {
    let stages: Vec<Value> = run
        .stages
        .iter()
        .enumerate()
        .map(|(index, stage)| stage_json(run, stage, index, now_ms))
        .collect();
    json!({
        "id": run.id,
        "pipeline_id": pipeline_id,
        "name": "demo-pipeline",
        "description": "",
        "manifest_version": "3.0",
        "language": "en-us",
        "region": "cn-north-4",
        "domain_id": id_for("domain"),
        "project_id": project_id,
        "component_id": null,
        "group_id": null,
        "group_name": null,
        "subject_id": run.id,
        "is_publish": false,
        "executor_id": run.executor_id,
        "executor_name": "sandbox-user",
        "executor_user_name": "sandbox-user",
        "status": run.status.as_str(),
        "trigger_type": run.trigger_type,
        "run_number": run.number,
        "start_time": run.start_time,
        "end_time": run.end_time,
        "current_system_time": now_ms,
        "pause_time": 0,
        "stages": stages,
        "sources": [source_json()],
        "artifacts": [],
        "detail_url": run.detail_url,
    })
}

/// One entry of `ListPipelineRuns`.
pub(crate) fn list_item(run: &Run, pipeline_id: &str) -> Value {
    let text = |time: Option<u64>| time.map(|ms| ms.to_string());
    let stages: Vec<Value> = run
        .stages
        .iter()
        .enumerate()
        .map(|(index, stage)| {
            json!({
                "id": stage.id,
                "name": stage.name,
                "sequence": index,
                "status": stage.status.as_str(),
                "start_time": text(stage.start_time),
                "end_time": text(stage.end_time),
            })
        })
        .collect();
    json!({
        "pipeline_id": pipeline_id,
        "pipeline_run_id": run.id,
        "executor_id": run.executor_id,
        "executor_name": "sandbox-user",
        "stage_status_list": stages,
        "status": run.status.as_str(),
        "run_number": run.number,
        "trigger_type": run.trigger_type,
        "build_params": build_params(),
        "artifact_params": null,
        "start_time": run.start_time,
        "end_time": run.end_time,
        "detail_url": run.detail_url.as_deref().unwrap_or(""),
        "modify_url": "",
    })
}

/// The state of step number `index` of a job, with its start and end.
pub(crate) fn step_status(
    job: &Job,
    index: usize,
    now_ms: u64,
) -> (Status, Option<u64>, Option<u64>) {
    let (Some(start), count) = (job.start_time, job.steps.len() as u64) else {
        return (Status::Init, None, None);
    };
    let planned = job.due.or(job.end_time).unwrap_or(now_ms);
    let length = planned.saturating_sub(start);
    let begins = start + length * index as u64 / count;
    let ends = start + length * (index as u64 + 1) / count;
    let is_last = index as u64 + 1 == count;
    match job.status {
        Status::Init | Status::Queued | Status::Ignored => (Status::Init, None, None),
        Status::Completed => (Status::Completed, Some(begins), Some(ends)),
        Status::Failed if is_last => (Status::Failed, Some(begins), job.end_time),
        Status::Paused | Status::Suspend if is_last => (Status::Running, Some(begins), None),
        Status::Failed | Status::Paused | Status::Suspend => {
            (Status::Completed, Some(begins), Some(ends))
        }
        Status::Running | Status::Canceled => {
            let until = job.end_time.unwrap_or(now_ms);
            if ends <= until && !(is_last && job.status == Status::Canceled) {
                (Status::Completed, Some(begins), Some(ends))
            } else if begins <= until {
                (job.status, Some(begins), job.end_time)
            } else {
                (Status::Init, None, None)
            }
        }
    }
}

fn stage_json(run: &Run, stage: &Stage, index: usize, now_ms: u64) -> Value {
    let jobs: Vec<Value> = stage
        .jobs
        .iter()
        .enumerate()
        .map(|(at, job)| job_json(run, job, at, now_ms))
        .collect();
    json!({
        "id": stage.id,
        "category": null,
        "name": stage.name,
        "identifier": id_for(&stage.name),
        "run_always": false,
        "parallel": null,
        "is_select": true,
        "sequence": index,
        "depends_on": [],
        "condition": "${{ default() }}",
        "status": stage.status.as_str(),
        "start_time": stage.start_time,
        "end_time": stage.end_time,
        "pause_time": 0,
        "pre": [gate_json(stage)],
        "post": [],
        "jobs": jobs,
    })
}

/// The entry gate: passed as soon as the stage starts.
fn gate_json(stage: &Stage) -> Value {
    let round = stage.jobs.iter().map(|job| job.round).max().unwrap_or(0);
    let status = match stage.start_time {
        Some(_) => Status::Completed,
        None => Status::Init,
    };
    json!({
        "id": id_for(&format!("{}/pre", stage.id)),
        "name": "automatic",
        "task": "official_devcloud_autoTrigger",
        "business_type": null,
        "inputs": [],
        "sequence": 0,
        "official_task_version": null,
        "identifier": null,
        "multi_step_editable": 0,
        "endpoint_ids": [],
        "last_dispatch_id": dispatch_id(&stage.id, round),
        "status": status.as_str(),
        "message": null,
        "start_time": stage.start_time,
        "end_time": stage.start_time,
        "daily_build_number": null,
    })
}

fn job_json(run: &Run, job: &Job, sequence: usize, now_ms: u64) -> Value {
    let steps: Vec<Value> = (0..job.steps.len())
        .map(|at| step_json(job, at, now_ms))
        .collect();
    json!({
        "id": job.id,
        "category": null,
        "sequence": sequence,
        "async": "false",
        "name": job.name,
        "identifier": id_for(&format!("{}/{}", run.number, job.name)),
        "depends_on": [],
        "condition": "${{ completed() }}",
        "resource": "{\"type\":\"system\",\"arch\":\"x86\"}",
        "is_select": true,
        "timeout": "",
        "last_dispatch_id": job_dispatch_id(job),
        "status": job.status.as_str(),
        "message": message(job, job.status),
        "start_time": job.start_time,
        "end_time": job.end_time,
        "steps": steps,
        "exec_id": id_for(&format!("{}/exec/{}", job.id, job.round)),
    })
}

fn step_json(job: &Job, index: usize, now_ms: u64) -> Value {
    let step = &job.steps[index];
    let (status, start, end) = step_status(job, index, now_ms);
    json!({
        "id": step.id,
        "name": step.name,
        "task": step.task,
        "business_type": "Normal",
        "inputs": [{"key": "verbose", "value": true}],
        "sequence": index,
        "official_task_version": "0.0.1",
        "identifier": id_for(&step.name),
        "multi_step_editable": 0,
        "endpoint_ids": [],
        "last_dispatch_id": job_dispatch_id(job),
        "status": status.as_str(),
        "message": message(job, status),
        "start_time": start,
        "end_time": end,
        "daily_build_number": null,
    })
}

fn message(job: &Job, status: Status) -> &str {
    match (status, &job.failure) {
        (Status::Failed, Some(message)) => message,
        (Status::Failed, None) => "the job failed",
        _ => "",
    }
}

/// Changes at each retry that starts the job again; `null` before the job's first start.
fn job_dispatch_id(job: &Job) -> Option<String> {
    job.start_time
        .is_some()
        .then(|| dispatch_id(&job.id, job.round))
}

fn dispatch_id(part_id: &str, round: u32) -> String {
    id_for(&format!("{part_id}/dispatch/{round}"))
}

fn source_json() -> Value {
    json!({
        "type": "code",
        "params": {
            "git_type": "codehub",
            "git_url": "https://codehub.example/demo/demo.git",
            "ssh_git_url": "git@codehub.example:demo/demo.git",
            "web_url": "https://codehub.example/demo/demo",
            "repo_name": "demo",
            "default_branch": "main",
            "endpoint_id": "",
            "codehub_id": "2111111111",
            "alias": "demo",
            "build_params": build_params(),
        },
    })
}

fn build_params() -> Value {
    json!({
        "action": null,
        "build_type": "branch",
        "commit_id": "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d",
        "event_type": "Manual",
        "merge_id": null,
        "message": "Make it build",
        "source_branch": null,
        "tag": null,
        "target_branch": "main",
    })
}
