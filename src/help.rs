//! The command line: `--help`, `--version`, and nothing else.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;

use crate::inputs;
use crate::outcome::OutcomeKind;
use crate::report::OUTPUTS;

/// The text for `--help` or `--version`, if one of them is the only argument.
pub fn asked_for(arguments: &[OsString]) -> Option<String> {
    match arguments {
        [one] if one == "--help" || one == "-h" => Some(help()),
        [one] if one == "--version" || one == "-V" => {
            Some(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"), "\n").to_owned())
        }
        _ => None,
    }
}

/// What is wrong with the arguments, if anything.
pub fn unknown_arguments(arguments: &[OsString]) -> Option<String> {
    let first = arguments.first()?;
    let shown: String = inputs::shown(&first.to_string_lossy());
    Some(format!(
        "argument {shown}: only --help or --version is taken, and alone; everything else is given in INPUT_ variables"
    ))
}

/// Writes a text to standard output; 0, or the code of an output that failed.
pub fn print(text: &str) -> u8 {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => 0,
        Err(_) => OutcomeKind::OutputFailed.exit_code(),
    }
}

fn help() -> String {
    let mut text = inputs::help_text();
    text.push_str("\nOutputs:\n");
    for output in OUTPUTS {
        writeln!(text, "  {:<18} {}", output.name, output.meaning)
            .expect("writing to a String cannot fail");
    }
    text.push_str("\nExit codes:\n");
    for kind in OutcomeKind::ALL {
        writeln!(text, "  {:>3}  {}", kind.exit_code(), kind.word())
            .expect("writing to a String cannot fail");
    }
    text
}
