//! The domain: runs, and what to do with them. It knows nothing about HTTP details or CI systems.

mod api;
mod event;
mod failed_job;
mod forensics;
mod judge;
mod latest;
mod link;
mod logs;
mod message;
mod model;
mod retry;
mod run;
mod stop;
mod verify;
mod wait;
mod watch;

pub use event::{Change, Observer, Retried, RunEvent};
pub use failed_job::{FailedJob, LogTail, PATH_SEPARATOR};
pub use link::trusted_detail_url;
pub use model::{JobRun, PartStatus, Phase, PipelineRun, RunStatus, StageRun, StepRun, Times};
pub use run::{Ending, Plan, RunTarget, WaitPlan, carry_out};
pub use stop::{Remote, stop};
