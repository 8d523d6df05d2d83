//! From the JSON of a run detail to the model.

use serde_json::{Map, Value};

use super::{JobRun, PartStatus, PipelineRun, RunStatus, StageRun, StepRun, Times};

/// What a JSON object is, where a run was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pipeline) enum DetailShape {
    /// A run.
    Run(Box<PipelineRun>),
    /// Some of a run's fields, but not its status.
    Damaged,
    /// None of a run's fields: whatever answered does not have this call.
    NotARun,
}

impl PipelineRun {
    /// Reads a run detail.
    pub(in crate::pipeline) fn from_object(object: &Map<String, Value>) -> DetailShape {
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
            times: times(object),
            current_system_time: number(object, "current_system_time"),
            detail_url: text(object, "detail_url"),
            stages: list(object, "stages").map(stage).collect(),
        }))
    }
}

fn stage(object: &Map<String, Value>) -> StageRun {
    StageRun {
        name: text(object, "name").unwrap_or_default(),
        status: status(object),
        times: times(object),
        entry: list(object, "pre").map(step).collect(),
        jobs: list(object, "jobs").map(job).collect(),
        exit: list(object, "post").map(step).collect(),
    }
}

fn job(object: &Map<String, Value>) -> JobRun {
    JobRun {
        id: text(object, "id"),
        name: text(object, "name").unwrap_or_default(),
        status: status(object),
        message: text(object, "message"),
        last_dispatch_id: text(object, "last_dispatch_id"),
        times: times(object),
        steps: list(object, "steps").map(step).collect(),
    }
}

fn step(object: &Map<String, Value>) -> StepRun {
    StepRun {
        id: text(object, "id"),
        name: text(object, "name").unwrap_or_default(),
        task: text(object, "task"),
        status: status(object),
        message: text(object, "message"),
        last_dispatch_id: text(object, "last_dispatch_id"),
        times: times(object),
    }
}

fn status(object: &Map<String, Value>) -> PartStatus {
    PartStatus::from_text(text(object, "status").unwrap_or_default())
}

fn times(object: &Map<String, Value>) -> Times {
    Times {
        start: number(object, "start_time"),
        end: number(object, "end_time"),
    }
}

/// A text that is not blank, trimmed.
pub(in crate::pipeline) fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    object
        .get(name)?
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// A whole number, also as text.
pub(in crate::pipeline) fn number(object: &Map<String, Value>, name: &str) -> Option<i64> {
    match object.get(name)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The objects in a list; what else is in it is passed over.
pub(in crate::pipeline) fn list<'a>(
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

    fn run(json: &str) -> PipelineRun {
        match shape(json) {
            DetailShape::Run(run) => *run,
            other => panic!("a run was expected, not {other:?}"),
        }
    }

    #[test]
    fn a_run_is_read_with_numbers_as_text_and_without_lists() {
        let run = run(
            r#"{"id":"r","status":"FAILED","run_number":"7","start_time":"5","end_time":1777452890119,"stages":null,"new":{}}"#,
        );
        assert_eq!(
            (run.run_number, run.times.start, run.times.end, run.status),
            (Some(7), Some(5), Some(1_777_452_890_119), RunStatus::Failed)
        );
        assert!(run.stages.is_empty());
    }

    #[test]
    fn stages_gates_jobs_and_steps_are_read_with_what_they_say() {
        let run = run(
            r#"{"status":"NEW_ONE","stages":[7,{"name":"Build","status":"ODD","pre":[{"id":"g","name":"gate","status":"FAILED","message":"no"}],
            "jobs":[{"id":"j","name":"compile","status":"FAILED","message":" m ","last_dispatch_id":"d","start_time":1,"end_time":"4",
            "steps":[{"id":"s","task":"t","last_dispatch_id":"e"},null]}],"post":{}},{}]}"#,
        );
        assert_eq!(run.status, RunStatus::Unknown("NEW_ONE".to_owned()));
        let [stage, empty] = &run.stages[..] else {
            panic!("two stages were expected: {:?}", run.stages)
        };
        assert_eq!(*empty, StageRun::default());
        assert_eq!(
            (stage.name.as_str(), stage.status.as_str()),
            ("Build", "ODD")
        );
        assert_eq!(stage.entry[0].message.as_deref(), Some("no"));
        let job = &stage.jobs[0];
        assert_eq!(job.message.as_deref(), Some("m"));
        assert_eq!(job.times.millis(), Some(3));
        assert_eq!(job.last_dispatch_id.as_deref(), Some("d"));
        assert_eq!(job.steps.len(), 1);
        assert_eq!(job.steps[0].task.as_deref(), Some("t"));
    }

    #[test]
    fn what_has_no_field_of_a_run_is_not_one_and_one_without_status_is_damaged() {
        assert_eq!(shape(r#"{"success":true}"#), DetailShape::NotARun);
        assert_eq!(shape("{}"), DetailShape::NotARun);
        assert_eq!(shape(r#"{"id":"r"}"#), DetailShape::Damaged);
        assert_eq!(shape(r#"{"id":"r","status":7}"#), DetailShape::Damaged);
    }
}
