//! Retries a Huawei Cloud `CodeArts` Pipeline run from a CI step.
//!
//! ```text
//!  env ──► inputs ──► credentials ──► identity ─┐
//!             └─────► endpoint ─────────────────┤
//!                                               ▼
//!  client:   request ─► sign ─► transport ─► classify ─► reply
//!               ▲                               │
//!               └── schedule: delay ◄───────────┘
//!                                  ▼
//!  pipeline: run ─► retry ─► verify ─► watch ─► forensics ──RunEvent──► progress, console
//!                                  ▼
//!                               Outcome
//!                ┌─────────────────┼──────────────────┐
//!             report ──► ci/<system>             exit_code ──► process
//! ```

pub mod app;
pub mod ci;
pub mod client;
pub mod clock;
pub mod conclusion;
pub mod console;
pub mod credentials;
pub mod endpoint;
pub mod env;
pub mod exit_code;
pub mod help;
pub mod identity;
pub mod inputs;
pub mod narrate;
pub mod outcome;
pub mod pipeline;
pub mod progress;
pub mod random;
pub mod report;
pub mod secret;
pub mod signals;
pub mod step;
pub mod work;
