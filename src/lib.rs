//! Retries a Huawei Cloud `CodeArts` Pipeline run from a CI step.

pub mod ci;
pub mod client;
pub mod clock;
pub mod credentials;
pub mod endpoint;
pub mod env;
pub mod exit_code;
pub mod inputs;
pub mod outcome;
pub mod pipeline;
pub mod report;
pub mod secret;
