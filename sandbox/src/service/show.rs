//! `ShowPipelineRunDetail` and `ShowPipelineDetail`.

use serde_json::json;

use super::config::Config;
use super::envelope;
use super::world::{View, World};
use crate::reply::Reply;
use crate::request::Request;
use crate::run;

/// The detail of the run named by `pipeline_run_id` or `pipeline_run_number`, or of the latest.
pub(crate) fn detail(
    world: &World,
    config: &Config,
    pipeline_id: &str,
    request: &Request,
    now_ms: u64,
) -> Reply {
    let mut runs = world.runs_of(pipeline_id, config);
    let by_id = request.query_value("pipeline_run_id");
    let by_number = request.query_value("pipeline_run_number");
    let found = match (by_id, by_number) {
        (Some(id), _) => runs.find(|run| run.id == id),
        (None, Some(number)) => runs.find(|run| run.number.to_string() == number),
        (None, None) => runs.max_by_key(|run| run.number),
    };
    match found {
        Some(run) => {
            let shown = world.shown(run, View::Detail, now_ms);
            let body = run::detail(shown, &config.project_id, &config.pipeline_id, now_ms);
            Reply::json(200, &body)
        }
        None => envelope::run_not_found(),
    }
}

/// The definition of the pipeline; its stages are a string of JSON.
pub(crate) fn definition(world: &World, config: &Config, pipeline_id: &str) -> Reply {
    let stages: Vec<_> = world
        .runs_of(pipeline_id, config)
        .max_by_key(|run| run.number)
        .map(|run| run.stages.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|stage| {
            let jobs: Vec<_> = stage
                .jobs
                .iter()
                .map(|job| json!({"name": job.name}))
                .collect();
            json!({"name": stage.name, "jobs": jobs})
        })
        .collect();
    let exceed_action = config.concurrency.as_ref().map_or("ABORT", |_| "QUEUE");
    Reply::json(
        200,
        &json!({
            "id": pipeline_id,
            "name": "demo-pipeline",
            "project_id": config.project_id,
            "definition": json!({"stages": stages}).to_string(),
            "banned": false,
            "deleted": false,
            "detail_url": null,
            "modify_url": null,
            "concurrency_control": {
                "enable": config.concurrency.is_some(),
                "concurrency_number": 1,
                "exceed_action": exceed_action,
            },
        }),
    )
}
