//! Waiting for a run's end, in virtual time.

mod credentials;
mod ends;
mod polls;
mod retries;
mod support;
