//! `cargo bench`: every budget beside what this machine makes of it.
//!
//! ```text
//!  workshop (the program as released) ─► clients (program, curl, SDK) ─┐
//!                                                                      ▼
//!  the sandbox's service ◄── relay ◄── process (time, CPU, memory) ◄─ retry, action, long_wait, instructions
//!  virtual_wait ─► lag, long_wait          sizes                       │
//!                                                                      ▼
//!                                               budgets ─► report ─► table
//! ```
//!
//! `docs/benchmarks.md` says how it is asked and what each row means.

#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::print_stdout,
        clippy::print_stderr,
        reason = "a program for the terminal"
    )
)]

// Processes are measured by what Linux tells of them, and the budgets are those of its programs.
#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
