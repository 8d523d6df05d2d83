//! A step of a job.

use std::sync::Arc;

use serde_json::Value;

use super::log::Log;
use super::status::Status;

/// The plugin that runs another pipeline (public sample answer).
const SUB_PIPELINE: &str = "official_devcloud_subPipeline";

/// A step: one plugin at work, with a log.
#[derive(Debug, Clone)]
pub struct Step {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) task: String,
    pub(crate) log: Log,
    pub(crate) outputs: Vec<(String, Value)>,
    pub(crate) failure: Option<Arc<str>>,
    pub(crate) shown_as: Option<Status>,
}

impl Step {
    /// A step of the given plugin (`task`), with an empty log.
    pub fn new(name: impl Into<String>, task: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            name: name.into(),
            task: task.into(),
            log: Log::default(),
            outputs: Vec::new(),
            failure: None,
            shown_as: None,
        }
    }

    /// A step that is a run of another pipeline, named in its outputs. The child is a run of its own, to be added with
    /// [`Run::pipeline_id`](super::Run::pipeline_id).
    pub fn sub_pipeline(
        name: impl Into<String>,
        pipeline_id: impl Into<String>,
        pipeline_run_id: impl Into<String>,
    ) -> Self {
        Self::new(name, SUB_PIPELINE)
            .output("pipeline_id", pipeline_id.into())
            .output("pipeline_run_id", pipeline_run_id.into())
    }

    /// Adds an output, there from the step's start on.
    #[must_use]
    pub fn output(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.outputs.push((key.into(), value.into()));
        self
    }

    /// The lines of the log, without line ends.
    #[must_use]
    pub fn log<L: Into<String>>(mut self, lines: impl IntoIterator<Item = L>) -> Self {
        self.log = Log::of(lines.into_iter().map(Into::into).collect());
        self
    }

    /// A log of that many lines, `line 1` and so on, which exist only while they are read.
    #[must_use]
    pub fn numbered_log(mut self, lines: usize) -> Self {
        self.log = Log::numbered(lines);
        self
    }

    /// Makes it the step in which its job fails, with a message of its own; later steps stay INIT.
    #[must_use]
    pub fn failure(mut self, message: impl Into<String>) -> Self {
        self.failure = Some(message.into().into());
        self
    }

    /// Shows it in this state, whatever it does.
    #[must_use]
    pub fn shown_as(mut self, status: Status) -> Self {
        self.shown_as = Some(status);
        self
    }
}
