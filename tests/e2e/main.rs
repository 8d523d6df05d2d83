//! The real program against the sandbox, as a CI step would run it: one binary, a scrubbed environment.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]
#![expect(
    clippy::disallowed_methods,
    reason = "the harness measures the real program in real time"
)]

#[cfg(unix)]
mod cancelling;
mod credentials;
#[cfg(target_os = "linux")]
mod files;
mod help;
mod network;
mod never_green;
mod never_twice;
mod outcomes;
mod support;
mod waiting;
