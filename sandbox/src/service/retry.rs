//! `RetryPipelineRun`: the same run goes on with the jobs that did not end well.

use serde::Deserialize;
use serde_json::json;

use super::config::{Concurrency, Config, OnOtherState};
use super::envelope;
use super::world::{Lag, World};
use crate::reply::Reply;
use crate::run::{Run, Status};

/// The optional body (SDK model, newer versions). `repo_https_url` and unknown fields are passed over.
#[derive(Debug, Default, Deserialize)]
struct Body {
    #[serde(default)]
    job_run_ids: Option<Vec<String>>,
}

/// Retries a run, puts it into the queue, or says no. `lag`: how long the old state is shown after acceptance.
pub(crate) fn retry(
    world: &mut World,
    config: &Config,
    run_id: &str,
    body: &[u8],
    lag: Option<Lag>,
    now_ms: u64,
) -> Reply {
    let Some(run) = world.find(run_id) else {
        return envelope::run_not_found();
    };
    let status = run.status;
    let job_run_ids = match wanted_jobs(run, body) {
        Ok(ids) => ids,
        Err(reply) => return reply,
    };
    if let Some(entry) = world.queue.iter().find(|entry| entry.run_id == run_id) {
        let code = config.concurrency.clone().unwrap_or_default().code;
        return queued(&code, run_id, &entry.queue_id);
    }
    if !matches!(status, Status::Failed | Status::Canceled) {
        match &config.on_other_state {
            OnOtherState::Refuse => return envelope::success(false),
            OnOtherState::Error {
                status,
                code,
                message,
            } => return envelope::error(*status, code, message),
            OnOtherState::Accept => {}
        }
    }
    if let Some(limit) = limit_in_force(world, config) {
        world.queued_ever += 1;
        world.effects.queued += 1;
        let run_id = run_id.to_owned();
        let queue_id = world.enqueue(run_id.clone(), job_run_ids, limit.holds_ms, lag, now_ms);
        return queued(&limit.code, &run_id, &queue_id);
    }
    let mut before = None;
    if let Some(own) = world.find_mut(run_id) {
        before = lag.map(|lag| (own.clone(), lag));
        own.start_round(&job_run_ids, now_ms, config.speed);
    }
    world.effects.retries += 1;
    if let Some((run, lag)) = before {
        world.go_stale(run, lag, now_ms);
    }
    envelope::success(true)
}

/// The job runs named in the body, all of which have to be of this run.
fn wanted_jobs(run: &Run, body: &[u8]) -> Result<Vec<String>, Reply> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let body: Body = serde_json::from_slice(body).map_err(|_| envelope::invalid("body"))?;
    let ids = body.job_run_ids.unwrap_or_default();
    let known = |id: &String| run.jobs().any(|job| job.id == *id);
    if ids.iter().all(known) {
        Ok(ids)
    } else {
        Err(envelope::invalid("job_run_ids"))
    }
}

fn limit_in_force<'a>(world: &World, config: &'a Config) -> Option<&'a Concurrency> {
    config.concurrency.as_ref().filter(|limit| {
        limit
            .retries
            .is_none_or(|retries| world.effects.queued < u64::from(retries))
    })
}

/// Accepted, but waiting: an error code in a 200 (Terraform provider).
fn queued(code: &str, run_id: &str, queue_id: &str) -> Reply {
    Reply::json(
        200,
        &json!({
            "error_code": code,
            "error_msg": "the number of concurrent runs has reached the limit, the run is queued",
            "error": {"pipeline_run_id": run_id, "queue_id": queue_id},
        }),
    )
}
