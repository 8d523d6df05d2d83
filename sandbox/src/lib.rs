//! A stand-in for the `CodeArts` Pipeline service.
//!
//! It has the calls that a retry needs, a run that really moves through its stages on a clock, real verification of
//! tokens and signatures, and a script of faults; and it counts what it received. All credentials in it are fake.
//!
//! ```text
//!  Sandbox (handle of a test)          main (alone, controlled under /_sandbox/)
//!     └────────────┬──────────────────────┘
//!                  ▼
//!  server: listener ─► connection ─► read ─► Service ─► write (delivery, TCP resets)
//!                                              │
//!                     endpoint, auth, tokens, run, fault (pure: the time is an argument)
//! ```
//!
//! ```
//! use codearts_sandbox::{Endpoint, Fault, Sandbox, What};
//!
//! let sandbox = Sandbox::start();
//! sandbox.fault(Fault::new(Endpoint::Retry, What::status(503)));
//! // … let a client at `sandbox.url()` …
//! assert_eq!(sandbox.counters().retry_effects, 0);
//! ```

mod auth;
mod builder;
mod clock;
mod counters;
mod endpoint;
mod fault;
mod ids;
mod proxy;
mod reply;
mod request;
mod run;
mod sandbox;
mod script;
mod server;
mod service;
mod tls;
mod tokens;

pub use auth::{AccessKey, DateCheck, Identities, Membership, UserToken};
pub use builder::Builder;
pub use clock::{Clock, ManualClock, RealClock};
pub use counters::Counters;
pub use endpoint::Endpoint;
pub use fault::{Content, Fault, Moment, What};
pub use ids::{
    ACCESS_KEY_ID, PIPELINE_ID, PROJECT_ID, RUN_ID, RUN_NUMBER, SECRET_ACCESS_KEY, SECURITY_TOKEN,
    TEMPORARY_ACCESS_KEY_ID, TEMPORARY_SECRET_ACCESS_KEY, TOKEN, id_for,
};
pub use proxy::{Proxy, ProxyMode};
pub use reply::{Delivery, Reply};
pub use request::Request;
pub use run::{Gate, Job, Run, Stage, Status, Step, Verdict};
pub use sandbox::Sandbox;
pub use service::{Concurrency, Config, LogQuirk, OnOtherState, Plan, RunUpdate, Service};
pub use tls::{Certificate, ca_pem};
pub use tokens::{IdClaims, Metadata, TokenServices};
