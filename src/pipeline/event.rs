//! What the work reports while it goes on. Workers emit; others print.

use super::model::PipelineRun;

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
}

/// Takes events in, from the thread that works.
pub type Observer<'a> = &'a (dyn Fn(RunEvent<'_>) + Sync);
