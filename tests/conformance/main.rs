//! One suite over all CI systems: what each reads back of what this program leaves there. The readers are those
//! of `properties`.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod detection;
mod examples;
mod hostile;
mod java;
mod outputs;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod shells;
mod text;
mod tools;
mod values;
