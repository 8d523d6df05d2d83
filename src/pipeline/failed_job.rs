//! What is told about a job that failed.

use serde::Serialize;

/// A job, or a gate of a stage, that failed in the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FailedJob {
    /// The stage's name.
    pub stage: String,
    /// The job's name, empty where a gate of the stage failed.
    pub job: String,
    /// The name of the step that failed, empty where the job failed outside a step.
    pub step: String,
    /// The status of the step or job, as the service spells it.
    pub status: String,
    /// The service's message, read out of JSON where it is wrapped in some; the cause in a sub-pipeline on lines of
    /// its own.
    pub message: String,
    /// The code inside the message, where it has one.
    #[serde(skip)]
    pub code: Option<String>,
    /// The end of the failed step's log.
    #[serde(skip)]
    pub log: Option<LogTail>,
}

/// The last lines of a step's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogTail {
    /// Whose log it is: `Build › compile › run tests`.
    pub title: String,
    /// The last lines, oldest first.
    pub lines: Vec<String>,
    /// Whether there were lines before these.
    pub is_cut: bool,
    /// Why the log could not be read to its end, as a fragment.
    pub problem: Option<String>,
}

/// What stands between the names of a path through a run.
pub const PATH_SEPARATOR: &str = " › ";

impl FailedJob {
    /// `Build › compile › run tests`, as far as there are names.
    pub fn path(&self) -> String {
        [&self.stage, &self.job, &self.step]
            .into_iter()
            .filter(|name| !name.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(PATH_SEPARATOR)
    }
}
