//! Programs that read the real thing, where a machine has them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use codearts_retry::env::Env;

/// `required` in `.ci/run`, which installs them all: there a missing one is a failure.
const VARIABLE: &str = "CONFORMANCE_TOOLS";

/// Whether this command runs here. One that does not is named, and fails the test where all are required.
pub(crate) fn is_there(command: &[&str]) -> bool {
    let status = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let works = status.is_ok_and(|status| status.success());
    if !works {
        let required = Env::from_process().get(VARIABLE) == Some("required");
        assert!(!required, "{} is missing", command[0]);
        // Not by a macro: the test's output would be kept back, as the test passes.
        let said = format!("SKIPPED: {} is missing\n", command[0]);
        std::io::stderr().write_all(said.as_bytes()).unwrap();
    }
    works
}
