//! Credentials that a token service issues for a time: one file per source, and the provider that renews them.
//!
//! ```text
//! Origin ─► setup ─► Source: password │ sts_oidc │ iam_oidc │ ecs ─► IssuedCredentials ─► client
//!                              └── id_token ──┘                        renew: when
//! ```

mod ecs;
mod iam_oidc;
mod id_token;
mod issued;
mod password;
mod provider;
mod renew;
mod scope;
mod service;
mod setup;
mod sts_oidc;

pub use service::Setting;
pub use setup::{Problem, provider};
