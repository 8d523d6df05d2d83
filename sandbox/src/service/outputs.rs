//! The outputs of steps, among them the child run of a sub-pipeline (SDK model).

use serde_json::{Value, json};

use super::envelope;
use super::world::World;
use crate::reply::Reply;
use crate::request::Request;
use crate::run::Status;

/// `GET …/steps/outputs?step_run_ids=a,b`: one entry for each step of the run that is named, empty before it starts.
pub(crate) fn outputs(world: &World, run_id: &str, request: &Request, now_ms: u64) -> Reply {
    let Some(run) = world.find(run_id) else {
        return envelope::run_not_found();
    };
    let Some(wanted) = request.query_value("step_run_ids") else {
        return envelope::invalid("step_run_ids");
    };
    let wanted: Vec<&str> = wanted.split(',').collect();
    let steps = run
        .jobs()
        .flat_map(|job| job.steps.iter().enumerate().map(move |step| (job, step)));
    let entries: Vec<Value> = steps
        .filter(|(_, (_, step))| wanted.contains(&step.id.as_str()))
        .map(|(job, (index, step))| {
            let started = job.step_status(index, now_ms).0 != Status::Init;
            let outputs = step.outputs.iter().filter(|_| started);
            let results: Vec<Value> = outputs
                .map(|(key, value)| json!({"key": key, "value": value}))
                .collect();
            json!({"step_run_id": step.id, "output_result": results})
        })
        .collect();
    Reply::json(
        200,
        &json!({"step_outputs": entries, "current_system_time": now_ms}),
    )
}
