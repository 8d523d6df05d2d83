//! The parts of a run as the service shows them in the detail answer (SDK models).

use serde_json::{Value, json};

use super::gate::Gate;
use super::job::Job;
use super::model::Run;
use super::stage::Stage;
use super::status::Status;
use crate::ids::id_for;

/// Adds a list to an object. The `json!` macro copies what it is given, at each level once more.
pub(super) fn with(mut object: Value, name: &str, list: Vec<Value>) -> Value {
    object[name] = Value::Array(list);
    object
}

/// State, start and end of a stage as the outside sees them.
pub(super) fn stage_shown(stage: &Stage) -> (Status, Option<u64>, Option<u64>) {
    match stage.shown_as {
        Some(status) if status.is_not_run() => (status, None, None),
        Some(status) => (status, stage.start_time, stage.end_time),
        None => (stage.status, stage.start_time, stage.end_time),
    }
}

pub(super) fn stage_json(run: &Run, stage: &Stage, index: usize, now_ms: u64) -> Value {
    let gates = |gates: &[Gate]| gates.iter().enumerate().map(gate_json).collect();
    let jobs = stage
        .jobs
        .iter()
        .enumerate()
        .map(|(at, job)| job_json(run, job, at, now_ms))
        .collect();
    let (status, start, end) = stage_shown(stage);
    let shown = json!({
        "id": stage.id,
        "category": null,
        "name": stage.name,
        "identifier": id_for(&stage.name),
        "run_always": stage.run_always,
        "parallel": null,
        "is_select": status != Status::Unselected,
        "sequence": index,
        "depends_on": [],
        "condition": if stage.run_always { "${{ always() }}" } else { "${{ default() }}" },
        "status": status.as_str(),
        "start_time": start,
        "end_time": end,
        "pause_time": 0,
    });
    let shown = with(shown, "pre", gates(&stage.pre));
    let shown = with(shown, "post", gates(&stage.post));
    with(shown, "jobs", jobs)
}

fn gate_json((index, gate): (usize, &Gate)) -> Value {
    let (status, start, end) = gate.work.shown();
    json!({
        "id": gate.id,
        "name": gate.name,
        "task": gate.task,
        "business_type": null,
        "inputs": [],
        "sequence": index,
        "official_task_version": null,
        "identifier": null,
        "multi_step_editable": 0,
        "endpoint_ids": [],
        "last_dispatch_id": dispatch_id(&gate.id, gate.work.round),
        "status": status.as_str(),
        "message": gate.work.message("the gate was not passed"),
        "start_time": start,
        "end_time": end,
        "daily_build_number": null,
    })
}

fn job_json(run: &Run, job: &Job, sequence: usize, now_ms: u64) -> Value {
    let steps = (0..job.steps.len())
        .map(|at| step_json(job, at, now_ms))
        .collect();
    let (status, start, end) = job.work.shown();
    let shown = json!({
        "id": job.id,
        "category": null,
        "sequence": sequence,
        "async": if matches!(status, Status::AsyncRunning | Status::AsyncFailed) { "true" } else { "false" },
        "name": job.name,
        "identifier": id_for(&format!("{}/{}", run.number, job.name)),
        "depends_on": [],
        "condition": "${{ completed() }}",
        "resource": "{\"type\":\"system\",\"arch\":\"x86\"}",
        "is_select": status != Status::Unselected,
        "timeout": "",
        "last_dispatch_id": job_dispatch_id(job),
        "status": status.as_str(),
        "message": job.work.message("the job failed"),
        "start_time": start,
        "end_time": end,
        "exec_id": id_for(&format!("{}/exec/{}", job.id, job.work.round)),
    });
    with(shown, "steps", steps)
}

fn step_json(job: &Job, index: usize, now_ms: u64) -> Value {
    let step = &job.steps[index];
    let (status, start, end) = match step.shown_as.or(job.work.shown_as) {
        Some(status) if status.is_not_run() => (step.shown_as.unwrap_or(Status::Init), None, None),
        _ => {
            let (status, start, end) = job.step_status(index, now_ms);
            (step.shown_as.unwrap_or(status), start, end)
        }
    };
    let message = match (status, &step.failure) {
        (Status::Failed, Some(message)) => message,
        (Status::Failed, None) => job.work.message("the job failed"),
        _ => "",
    };
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
        "message": message,
        "start_time": start,
        "end_time": end,
        "daily_build_number": null,
    })
}

/// Changes at each retry that starts the job again; `null` before the job's first start.
fn job_dispatch_id(job: &Job) -> Option<String> {
    job.work
        .start_time
        .is_some()
        .then(|| dispatch_id(&job.id, job.work.round))
}

fn dispatch_id(part_id: &str, round: u32) -> String {
    id_for(&format!("{part_id}/dispatch/{round}"))
}
