//! Ends what a step has started, when the step itself is cancelled.

use std::time::Duration;

use super::api::{PipelineApi, acceptance, is_plain_id};
use crate::client::{ApiRequest, CallFailure, Client, Method};

/// What a cancelled step would leave behind on the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Remote {
    /// Nothing of its own: no retry was accepted, or the run has ended.
    #[default]
    Nothing,
    /// A run that it retried, or may have retried.
    Run,
    /// A retry in the pipeline's queue.
    InQueue {
        /// Its place, where the service names it.
        queue_id: Option<String>,
    },
}

/// Stops the run (vendor help page api-pipeline/StopPipelineRun), or takes it off the queue (vendor's Terraform
/// provider): one attempt within the limit. Whether the service did it.
pub fn stop(
    client: Client<'_>,
    project_id: &str,
    pipeline_id: &str,
    pipeline_run_id: &str,
    remote: &Remote,
    time_limit: Duration,
) -> Result<bool, CallFailure> {
    let api = PipelineApi {
        client,
        project_id,
        pipeline_id,
    };
    let request = match remote {
        Remote::Nothing => return Ok(false),
        Remote::InQueue { queue_id: Some(id) } if is_plain_id(id) => ApiRequest::new(
            Method::Post,
            api.path(&format!("{pipeline_run_id}/cancel-queuing/{id}")),
        )
        .with_body("{}"),
        Remote::Run | Remote::InQueue { .. } => ApiRequest::new(
            Method::Post,
            api.path(&format!("pipeline-runs/{pipeline_run_id}/stop")),
        ),
    };
    let reply = api.once(time_limit).client.read(&request)?;
    acceptance(&reply)
}
