//! The process boundary.

use std::process::ExitCode;

use codearts_retry::app;
use codearts_retry::env::Env;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    ExitCode::from(app::run(&Env::from_process(), &arguments))
}
