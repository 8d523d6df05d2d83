//! The domain: runs, and what to do with them. It knows nothing about HTTP details or CI systems.

mod api;
mod event;
mod judge;
mod latest;
mod link;
mod model;
mod retry;
mod run;
mod verify;

pub use event::{Observer, Retried, RunEvent};
pub use link::trusted_detail_url;
pub use model::{PipelineRun, RunStatus};
pub use run::{Ending, Plan, RunTarget, carry_out};
