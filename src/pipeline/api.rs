//! The calls of the Pipeline API (vendor help pages api-pipeline; SDK client).

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::model::{DetailShape, PipelineRun, list, number, text};

use crate::client::{
    ApiRequest, CallFailure, Cause, Client, FinalKind, JsonReply, Method, RetryPolicy, Verdict,
    errors_come_once, unexpected_fields,
};

/// The calls about one pipeline.
#[derive(Clone, Copy)]
pub(super) struct PipelineApi<'a> {
    pub(super) client: Client<'a>,
    pub(super) project_id: &'a str,
    pub(super) pipeline_id: &'a str,
}

/// A run as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListedRun {
    pub(super) pipeline_run_id: String,
    pub(super) run_number: Option<i64>,
}

/// Why a run could not be read.
#[derive(Debug)]
pub(super) enum DetailError {
    /// Whatever answers does not offer the call.
    NoSuchCall(CallFailure),
    /// The call failed.
    Failed(CallFailure),
}

impl DetailError {
    pub(super) fn into_failure(self) -> CallFailure {
        match self {
            Self::NoSuchCall(failure) | Self::Failed(failure) => failure,
        }
    }
}

/// The place of a run in the pipeline's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum QueuePlace {
    /// The run does not wait there.
    Absent,
    /// The service offers no queue to read.
    NotOffered,
    /// It waits.
    Waiting {
        queue_id: Option<String>,
        /// Its place in the line, from 1.
        position: usize,
    },
}

impl PipelineApi<'_> {
    pub(super) fn path(&self, rest: &str) -> String {
        format!(
            "/v5/{}/api/pipelines/{}/{rest}",
            self.project_id, self.pipeline_id
        )
    }

    /// `RetryPipelineRun` (vendor help page api-pipeline/RetryPipelineRun; the body is known from the SDK model).
    pub(super) fn retry_request(
        &self,
        pipeline_run_id: &str,
        job_run_ids: &[String],
    ) -> ApiRequest {
        let request = ApiRequest::new(
            Method::Put,
            self.path(&format!("pipeline-runs/{pipeline_run_id}/retry")),
        );
        if job_run_ids.is_empty() {
            request
        } else {
            request.with_body(json!({ "job_run_ids": job_run_ids }).to_string())
        }
    }

    /// `ShowPipelineRunDetail` (vendor help page api-pipeline/ShowPipelineRunDetail); without a run id, the latest run.
    pub(super) fn show_pipeline_run_detail(
        &self,
        pipeline_run_id: Option<&str>,
    ) -> Result<PipelineRun, DetailError> {
        let request = ApiRequest::new(Method::Get, self.path("pipeline-runs/detail"));
        let request = match pipeline_run_id {
            Some(id) => request.with_query("pipeline_run_id", id),
            None => request,
        };
        let reply = self.client.read(&request).map_err(|failure| {
            if lacks_the_call(&failure) {
                DetailError::NoSuchCall(failure)
            } else {
                DetailError::Failed(failure)
            }
        })?;
        match PipelineRun::from_object(&reply.object) {
            DetailShape::Run(run) if pipeline_run_id.is_none_or(|wanted| run.is_run(wanted)) => {
                Ok(*run)
            }
            DetailShape::Run(_) => Err(DetailError::Failed(unexpected_fields(
                &reply,
                "the service answers with another run's detail",
            ))),
            DetailShape::Damaged => Err(DetailError::Failed(unexpected_fields(
                &reply,
                "the run detail has no status",
            ))),
            DetailShape::NotARun => Err(DetailError::NoSuchCall(unexpected_fields(
                &reply,
                "the answer is not a run detail",
            ))),
        }
    }

    /// The same calls, each tried once and within a limit of its own: for what is asked again anyway, or is good to
    /// know but not needed.
    pub(super) fn once(&self, time_limit: Duration) -> Self {
        let policy = RetryPolicy {
            max_attempts: 1,
            ..self.client.policy
        };
        let client = Client {
            policy,
            time_limit: Some(time_limit),
            ..self.client
        };
        Self { client, ..*self }
    }

    /// `ListPipelineRuns`, the ten newest (SDK model `ListPipelineRunsQuery`).
    pub(super) fn list_pipeline_runs(&self) -> Result<Vec<ListedRun>, CallFailure> {
        let query =
            json!({ "offset": 0, "limit": 10, "sort_key": "start_time", "sort_dir": "desc" });
        let request = ApiRequest::new(Method::Post, self.path("pipeline-runs/list"))
            .with_body(query.to_string());
        let reply = self.client.read(&request)?;
        if !reply.object.contains_key("pipeline_runs") {
            return Err(unexpected_fields(
                &reply,
                "the run list has no pipeline_runs",
            ));
        }
        Ok(list(&reply.object, "pipeline_runs")
            .filter_map(|run| {
                Some(ListedRun {
                    pipeline_run_id: text(run, "pipeline_run_id").filter(|id| is_plain_id(id))?,
                    run_number: number(run, "run_number"),
                })
            })
            .collect())
    }

    /// The pipeline's queue (vendor's Terraform provider). A service without one has no run in it. A line moves on: the
    /// run is looked for where it was `seen_at`, before that, and behind it last.
    pub(super) fn queue_place(
        &self,
        pipeline_run_id: &str,
        seen_at: Option<usize>,
    ) -> Result<QueuePlace, CallFailure> {
        const PAGE: usize = 10;
        const MOST_PAGES: usize = 20;
        let first = seen_at.map_or(0, |position| position.saturating_sub(1) / PAGE);
        let mut last = None;
        for page in (0..=first).rev().chain(first + 1..MOST_PAGES) {
            if last.is_some_and(|last| page > last) {
                break;
            }
            let request = ApiRequest::new(Method::Get, self.path("queued-pipeline"))
                .with_query("limit", PAGE.to_string())
                .with_query("offset", (page * PAGE).to_string());
            let reply = match self.client.read(&request) {
                Ok(reply) => reply,
                Err(failure) if lacks_the_call(&failure) => return Ok(QueuePlace::NotOffered),
                Err(failure) => return Err(failure),
            };
            let entries = match reply.object.get("queuedPipelines") {
                Some(Value::Array(entries)) => entries.len(),
                Some(Value::Null) => 0,
                _ => {
                    return Err(unexpected_fields(
                        &reply,
                        "the queue has no queuedPipelines",
                    ));
                }
            };
            let is_ours = |entry: &&Map<String, Value>| {
                text(entry, "pipeline_run_id")
                    .is_some_and(|id| id.eq_ignore_ascii_case(pipeline_run_id))
            };
            let mut listed = list(&reply.object, "queuedPipelines").enumerate();
            if let Some((at, entry)) = listed.find(|(_, entry)| is_ours(entry)) {
                // More than was asked for: the service does not page, and lists all.
                let before = if entries > PAGE { 0 } else { page * PAGE };
                return Ok(QueuePlace::Waiting {
                    queue_id: text(entry, "id"),
                    position: before + at + 1,
                });
            }
            if entries < PAGE {
                last = Some(page);
            }
        }
        last.map(|_| QueuePlace::Absent).ok_or_else(|| {
            CallFailure::transport(
                Verdict::Final(FinalKind::Refused),
                "the queue is longer than is read",
                None,
            )
        })
    }
}

impl PipelineRun {
    /// Whether this is the run of that id; an answer that names none is taken at its word.
    fn is_run(&self, pipeline_run_id: &str) -> bool {
        self.id
            .as_deref()
            .is_none_or(|id| id.eq_ignore_ascii_case(pipeline_run_id))
    }
}

/// Whether an id from an answer can stand in a path.
pub(super) fn is_plain_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 128
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// 404, 405 and 501 without a known code: a gateway or a stub that does not offer the call.
fn lacks_the_call(failure: &CallFailure) -> bool {
    failure.cause == Cause::Status && matches!(failure.http_status, Some(404 | 405 | 501))
}

/// Whether the retry was accepted: the JSON literal `"success": true` at the top of the answer, once.
pub(super) fn acceptance(reply: &JsonReply) -> Result<bool, CallFailure> {
    /// The derived reader refuses a field that comes twice.
    #[derive(Deserialize)]
    struct Acceptance {
        success: bool,
    }
    serde_json::from_slice::<Acceptance>(&reply.body)
        .ok()
        .filter(|_| errors_come_once(&reply.body))
        .map(|answer| answer.success)
        .ok_or_else(|| unexpected_fields(reply, "the answer does not say success: true or false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(body: &str) -> JsonReply {
        JsonReply {
            http_status: 200,
            body: body.into(),
            object: serde_json::from_str::<Value>(body)
                .unwrap()
                .as_object()
                .unwrap()
                .clone(),
            ..JsonReply::default()
        }
    }

    #[test]
    fn what_could_lead_to_another_path_is_no_id() {
        let longest = "x".repeat(128);
        for id in ["0123abcDEF", "a-b_c", &longest] {
            assert!(is_plain_id(id), "{id}");
        }
        let too_long = "x".repeat(129);
        for id in [
            "", "a/b", "..", "a b", "a?b", "a%2Fb", "é", "a\n", &too_long,
        ] {
            assert!(!is_plain_id(id), "{id}");
        }
    }

    #[test]
    fn only_the_literal_true_at_the_top_is_an_acceptance() {
        assert_eq!(acceptance(&reply(r#"{"success":true}"#)), Ok(true));
        assert_eq!(
            acceptance(&reply(
                r#" {"x":{"success":false},"success" : true,"error_code":null}"#
            )),
            Ok(true)
        );
        assert_eq!(acceptance(&reply(r#"{"success":false}"#)), Ok(false));
        for body in [
            r#"{"success":"true"}"#,
            r#"{"success":1}"#,
            r#"{"success":null}"#,
            r#"{"Success":true}"#,
            r#"{"result":{"success":true}}"#,
            r#"{"success":false,"success":true}"#,
            r#"{"success":true,"error_code":"X.1","error_code":null}"#,
            r#"{"success":true,"errorCode":"X.1","errorCode":null}"#,
            r#"{"code":"X.1","success":true,"code":""}"#,
            r#"{"details":[{"error_code":"X.1"}],"success":true,"details":[]}"#,
            r#"{"success":true,"error":{"code":"X.1"},"error":null}"#,
            "{}",
        ] {
            let failure = acceptance(&reply(body)).unwrap_err();
            assert!(failure.may_have_had_effect(), "{body}");
        }
    }
}
