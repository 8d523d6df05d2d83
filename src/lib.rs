//! Retries a Huawei Cloud `CodeArts` Pipeline run from a CI step.

pub mod ci;
pub mod env;
pub mod exit_code;
pub mod inputs;
pub mod outcome;
pub mod report;
pub mod secret;
