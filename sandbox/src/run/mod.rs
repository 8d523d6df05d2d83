//! A pipeline run: stages one after another, the jobs of a stage side by side, the steps of a job in order.

mod detail;
mod model;
mod place;
mod progress;
mod sample;
mod status;

pub(crate) use detail::{detail, list_item, step_status};
pub use model::{Job, Run, Stage, Step};
pub use status::{Status, Verdict};
