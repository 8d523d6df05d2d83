//! The run detail, as far as it is used (SDK model `ShowPipelineRunDetailResponse`). Tolerant: unknown fields and
//! statuses survive, a missing list is empty, a number as text is a number.

mod read;
mod status;

pub(super) use read::{DetailShape, list, number, text};
pub use status::{PartStatus, Phase, RunStatus};

/// One execution of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineRun {
    /// The run's id, where the answer names it.
    pub id: Option<String>,
    /// Its number within the pipeline.
    pub run_number: Option<i64>,
    /// Its status.
    pub status: RunStatus,
    /// When it and its parts began and ended.
    pub times: Times,
    /// The service's time of the answer, in milliseconds of Unix time.
    pub current_system_time: Option<i64>,
    /// The console link.
    pub detail_url: Option<String>,
    /// Its stages, one after another.
    pub stages: Vec<StageRun>,
}

/// When something began and ended, in milliseconds of Unix time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Absent before the start.
    pub start: Option<i64>,
    /// Absent while it goes on.
    pub end: Option<i64>,
}

impl Times {
    /// How long it took, in milliseconds, once it has ended.
    pub fn millis(self) -> Option<u64> {
        u64::try_from(self.end?.checked_sub(self.start?)?).ok()
    }
}

/// A stage of a run. Its jobs run side by side by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageRun {
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: PartStatus,
    /// When it began and ended.
    pub times: Times,
    /// The steps of its entry gate (`pre`).
    pub entry: Vec<StepRun>,
    /// Its jobs.
    pub jobs: Vec<JobRun>,
    /// The steps of its exit gate (`post`).
    pub exit: Vec<StepRun>,
}

/// A job of a stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobRun {
    /// The job run's id, as other calls take it.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: PartStatus,
    /// The service's message, as it came: plain text, or JSON inside text.
    pub message: Option<String>,
    /// Changes each time it is started.
    pub last_dispatch_id: Option<String>,
    /// When it began and ended.
    pub times: Times,
    /// Its steps, one after another.
    pub steps: Vec<StepRun>,
}

/// A step of a job or of a gate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepRun {
    /// The step run's id, as other calls take it.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// The plugin it runs.
    pub task: Option<String>,
    /// Its status.
    pub status: PartStatus,
    /// The service's message, as it came.
    pub message: Option<String>,
    /// Changes each time it is started.
    pub last_dispatch_id: Option<String>,
    /// When it began and ended.
    pub times: Times,
}
