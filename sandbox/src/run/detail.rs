//! A run as the service shows it: the detail answer and the entry of the run list (SDK models).

use serde_json::{Value, json};

use super::model::Run;
use super::parts::{stage_json, stage_shown, with};
use crate::ids::id_for;

/// The answer of `ShowPipelineRunDetail`.
pub(crate) fn detail(run: &Run, project_id: &str, pipeline_id: &str, now_ms: u64) -> Value {
    let stages = run
        .stages
        .iter()
        .enumerate()
        .map(|(index, stage)| stage_json(run, stage, index, now_ms))
        .collect();
    let run = json!({
        "id": run.id,
        "pipeline_id": run.pipeline_id.as_deref().unwrap_or(pipeline_id),
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
        "sources": [source_json()],
        "artifacts": [],
        "detail_url": run.detail_url,
    });
    with(run, "stages", stages)
}

/// One entry of `ListPipelineRuns`.
pub(crate) fn list_item(run: &Run, pipeline_id: &str) -> Value {
    let text = |time: Option<u64>| time.map(|ms| ms.to_string());
    let stages: Vec<Value> = run
        .stages
        .iter()
        .enumerate()
        .map(|(index, stage)| {
            let (status, start, end) = stage_shown(stage);
            json!({
                "id": stage.id,
                "name": stage.name,
                "sequence": index,
                "status": status.as_str(),
                "start_time": text(start),
                "end_time": text(end),
            })
        })
        .collect();
    json!({
        "pipeline_id": run.pipeline_id.as_deref().unwrap_or(pipeline_id),
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
