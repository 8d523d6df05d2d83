//! Waiting for a run's end, in virtual time.

mod credentials;
mod ends;
mod forensics;
mod lost_answers;
mod polls;
mod retries;
mod stale;
mod stops;
mod support;
