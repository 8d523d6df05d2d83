//! What the work reports while it goes on. Workers emit; others print.

use std::time::Duration;

use super::failed_job::FailedJob;
use super::model::{PipelineRun, RunStatus};

/// Whether the service started the run again on behalf of this step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retried {
    /// No request was sent, or none was accepted.
    #[default]
    No,
    /// The service accepted a retry.
    Yes,
    /// A request may have been accepted; its answer was lost or is unreadable.
    Unknown,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum RunEvent<'a> {
    /// `latest` stands for this run.
    Resolved {
        /// The run's id.
        pipeline_run_id: &'a str,
    },
    /// The run was read.
    Seen(&'a PipelineRun),
    /// The run was read while it is waited for; what changed since the last time comes as [`RunEvent::Changed`].
    Polled(&'a PipelineRun),
    /// Something of the run changed.
    Changed(&'a Change),
    /// A retry of the run starts: the first of `of` at most.
    RetryStarted {
        /// Its number, from 1.
        number: u32,
        /// The value of `max_retries`.
        of: u32,
    },
    /// The retry waits in the pipeline's queue.
    InQueue {
        /// Its place, where the service names it.
        queue_id: Option<&'a str>,
    },
    /// The retry waits there no longer: the run starts.
    OutOfQueue,
    /// The run waits for a person.
    WaitsForPerson(&'a RunStatus),
    /// The run has ended: there is nothing left to stop.
    Over,
    /// The jobs that failed; first without their logs, then with them.
    FailedJobs(&'a [FailedJob]),
    /// An attempt of the retry call starts; until it is settled the retry may have been accepted.
    AttemptStarted,
    /// What is now known about the retry.
    Settled(Retried),
    /// A call is sent again, or an unclear answer is verified: a sentence fragment for the log.
    Progress(String),
    /// Something the reader should know although it changed nothing: a sentence.
    Notice(String),
    /// The same, but likely a problem.
    Warning(String),
    /// A sign of life while the run is waited for: a sentence fragment.
    StillWaiting(String),
    /// A problem that passes: for the log only.
    Wobble(String),
}

/// A part of the run, or the run itself, in another state than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `Build › compile › run tests`; empty for the run itself.
    pub path: String,
    /// The state before, where there was one.
    pub from: Option<String>,
    /// The state now.
    pub to: String,
    /// How long it took, once it has ended.
    pub took: Option<Duration>,
}

/// Takes events in, from the thread that works.
pub type Observer<'a> = &'a (dyn Fn(RunEvent<'_>) + Sync);
