//! The queue of runs that wait for a free place, and taking one off it (shapes as the Terraform provider reads them).

use serde_json::{Value, json};

use super::envelope;
use super::world::World;
use crate::reply::Reply;
use crate::request::Request;

/// `GET …/queued-pipeline?limit=&offset=`; defaults 10 and 0.
pub(crate) fn show(world: &World, request: &Request) -> Reply {
    let number = |name: &str, default: usize| {
        request
            .query_value(name)
            .map_or(Some(default), |text| text.parse().ok())
    };
    let (Some(limit), Some(offset)) = (number("limit", 10), number("offset", 0)) else {
        return envelope::invalid("limit or offset");
    };
    let entries: Vec<Value> = world
        .queue
        .iter()
        .skip(offset)
        .take(limit)
        .map(|entry| {
            json!({
                "id": entry.queue_id,
                "pipeline_run_id": entry.run_id,
                "status": "QUEUED",
                "trigger_type": "Manual",
                "enqueue_time": entry.enqueued_ms,
                "creator_id": crate::ids::id_for("executor"),
                "creator_name": "sandbox-user",
            })
        })
        .collect();
    Reply::json(200, &json!({"queuedPipelines": entries}))
}

/// `POST …/{run}/cancel-queuing/{queue_id}`.
pub(crate) fn cancel(world: &mut World, run_id: &str, queue_id: &str) -> Reply {
    let before = world.queue.len();
    world
        .queue
        .retain(|entry| entry.run_id != run_id || entry.queue_id != queue_id);
    let taken_off = world.queue.len() < before;
    world.effects.cancel_queuings += u64::from(taken_off);
    envelope::success(taken_off)
}
