//! The run detail, as far as it is used (SDK model `ShowPipelineRunDetailResponse`). Tolerant: unknown fields and
//! statuses survive, a missing list is empty, a number as text is a number.

use std::fmt;

use serde_json::{Map, Value};

/// One execution of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineRun {
    /// The run's id, where the answer names it.
    pub id: Option<String>,
    /// Its number within the pipeline.
    pub run_number: Option<i64>,
    /// Its status.
    pub status: RunStatus,
    /// When it ended, in milliseconds of Unix time; absent while it goes on.
    pub end_time: Option<i64>,
    /// The service's time of the answer, in milliseconds of Unix time.
    pub current_system_time: Option<i64>,
    /// The console link.
    pub detail_url: Option<String>,
    /// The `last_dispatch_id` of every job and step, in the order of the answer.
    pub dispatch_ids: Vec<Option<String>>,
}

/// The status of a run (SDK model; which ones are final is inferred, no source says it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// Ended well.
    Completed,
    /// Ended with a failure.
    Failed,
    /// Ended since someone stopped it.
    Canceled,
    /// Ended without having run.
    Ignored,
    /// Goes on.
    Running,
    /// Goes on, and waits for a person or a delay.
    Paused,
    /// Goes on, and waits until it is resumed.
    Suspend,
    /// Not started yet.
    Init,
    /// Not started yet.
    Queued,
    /// A status this version does not know, as the service spells it.
    Unknown(String),
}

impl RunStatus {
    /// Reads the service's spelling.
    pub fn from_text(text: &str) -> Self {
        match text {
            "COMPLETED" => Self::Completed,
            "FAILED" => Self::Failed,
            "CANCELED" => Self::Canceled,
            "IGNORED" => Self::Ignored,
            "RUNNING" => Self::Running,
            "PAUSED" => Self::Paused,
            "SUSPEND" => Self::Suspend,
            "INIT" => Self::Init,
            "QUEUED" => Self::Queued,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Whether the run has ended for good, unless it is retried.
    pub const fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Failed | Self::Canceled | Self::Ignored
        )
    }

    /// Whether the run is known to go on.
    pub const fn is_in_progress(&self) -> bool {
        matches!(
            self,
            Self::Running | Self::Paused | Self::Suspend | Self::Init | Self::Queued
        )
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Canceled => "CANCELED",
            Self::Ignored => "IGNORED",
            Self::Running => "RUNNING",
            Self::Paused => "PAUSED",
            Self::Suspend => "SUSPEND",
            Self::Init => "INIT",
            Self::Queued => "QUEUED",
            Self::Unknown(text) => text,
        })
    }
}

/// What a JSON object is, where a run was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DetailShape {
    /// A run.
    Run(Box<PipelineRun>),
    /// Some of a run's fields, but not its status.
    Damaged,
    /// None of a run's fields: whatever answered does not have this call.
    NotARun,
}

impl PipelineRun {
    /// Reads a run detail.
    pub(super) fn from_object(object: &Map<String, Value>) -> DetailShape {
        const RUN_FIELDS: [&str; 6] = [
            "id",
            "status",
            "run_number",
            "stages",
            "pipeline_id",
            "start_time",
        ];
        if !RUN_FIELDS.iter().any(|field| object.contains_key(*field)) {
            return DetailShape::NotARun;
        }
        let Some(status) = text(object, "status") else {
            return DetailShape::Damaged;
        };
        DetailShape::Run(Box::new(Self {
            id: text(object, "id"),
            run_number: number(object, "run_number"),
            status: RunStatus::from_text(&status),
            end_time: number(object, "end_time"),
            current_system_time: number(object, "current_system_time"),
            detail_url: text(object, "detail_url"),
            dispatch_ids: list(object, "stages")
                .flat_map(|stage| list(stage, "jobs"))
                .flat_map(|job| std::iter::once(job).chain(list(job, "steps")))
                .map(|dispatched| text(dispatched, "last_dispatch_id"))
                .collect(),
        }))
    }
}

pub(super) fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    object
        .get(name)?
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

pub(super) fn number(object: &Map<String, Value>, name: &str) -> Option<i64> {
    match object.get(name)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

pub(super) fn list<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    object
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(json: &str) -> DetailShape {
        PipelineRun::from_object(
            serde_json::from_str::<Value>(json)
                .unwrap()
                .as_object()
                .unwrap(),
        )
    }

    #[test]
    fn a_run_is_read_with_numbers_as_text_and_without_lists() {
        let DetailShape::Run(run) = shape(
            r#"{"id":"r","status":"FAILED","run_number":"7","end_time":1777452890119,"stages":null,"new":{}}"#,
        ) else {
            panic!("a run was expected")
        };
        assert_eq!(
            (run.run_number, run.end_time, run.status),
            (Some(7), Some(1_777_452_890_119), RunStatus::Failed)
        );
        assert!(run.dispatch_ids.is_empty());
    }

    #[test]
    fn every_job_and_step_gives_its_dispatch_id() {
        let DetailShape::Run(run) = shape(
            r#"{"status":"RUNNING","stages":[{"jobs":[{"last_dispatch_id":"a","steps":[{"last_dispatch_id":"b"},{}]}]},{"jobs":[]}]}"#,
        ) else {
            panic!("a run was expected")
        };
        assert_eq!(
            run.dispatch_ids,
            [Some("a".to_owned()), Some("b".to_owned()), None]
        );
    }

    #[test]
    fn what_has_no_field_of_a_run_is_not_one_and_one_without_status_is_damaged() {
        assert_eq!(shape(r#"{"success":true}"#), DetailShape::NotARun);
        assert_eq!(shape("{}"), DetailShape::NotARun);
        assert_eq!(shape(r#"{"id":"r"}"#), DetailShape::Damaged);
        assert_eq!(shape(r#"{"id":"r","status":7}"#), DetailShape::Damaged);
    }

    #[test]
    fn an_unknown_status_keeps_its_spelling_and_is_neither_ended_nor_in_progress() {
        let status = RunStatus::from_text("completed");
        assert_eq!(status.to_string(), "completed");
        assert!(!status.is_terminal() && !status.is_in_progress());
    }
}
