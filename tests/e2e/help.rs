//! What the program says about itself.

use std::fs::OpenOptions;

use codearts_retry::inputs::INPUTS;
use codearts_retry::outcome::OutcomeKind;
use codearts_retry::report::OUTPUTS;
use codearts_sandbox::Sandbox;

use crate::support::Step;

#[test]
fn the_help_names_every_input_output_and_exit_code_and_nothing_is_sent() {
    let sandbox = Sandbox::start();
    for argument in ["--help", "-h"] {
        let ended = Step::new(&sandbox).argument(argument).run();
        assert_eq!(ended.code, 0, "{}", ended.stdout);
        let line = |start: String| ended.stdout.lines().any(|line| line.starts_with(&start));
        for input in INPUTS {
            assert!(line(format!("  {:<21}", input.name)), "{}", input.name);
        }
        for output in OUTPUTS {
            assert!(
                line(format!("  {:<18} {}", output.name, output.meaning)),
                "{}",
                output.name
            );
        }
        for kind in OutcomeKind::ALL {
            assert!(line(format!("  {:>3}  {}", kind.exit_code(), kind.word())));
        }
        assert!(ended.outputs.is_empty());
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn the_version_is_one_line() {
    let sandbox = Sandbox::start();
    for argument in ["--version", "-V"] {
        let ended = Step::new(&sandbox).argument(argument).run();
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (
                0,
                concat!("codearts-retry ", env!("CARGO_PKG_VERSION"), "\n")
            )
        );
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
#[cfg(target_os = "linux")]
fn help_that_cannot_be_shown_is_an_error() {
    let sandbox = Sandbox::start();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let step = Step::new(&sandbox).argument("--help");
    let status = step.command().stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(10));
}
