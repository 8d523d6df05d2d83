//! A pipeline run: stages one after another, the jobs of a stage side by side between its gates, the steps of a job in
//! order.

mod detail;
mod gate;
mod job;
mod log;
mod model;
mod parts;
mod place;
mod progress;
mod review;
mod sample;
mod stage;
mod status;
mod step;
mod verdict;
mod work;

pub(crate) use detail::{detail, list_item};
pub use gate::Gate;
pub use job::Job;
pub use model::Run;
pub(crate) use review::Held;
pub use stage::Stage;
pub use status::Status;
pub use step::Step;
pub use verdict::Verdict;
