//! The shell forms, in real shells.

use std::path::Path;
use std::process::Command;

use codearts_properties::readers::Values;
use codearts_retry::ci::{CiSystem, output_file};
use codearts_retry::inputs::{OutputFile, OutputFormat};
use codearts_retry::outcome::Outcome;
use codearts_retry::report::OUTPUTS;

use super::hostile::HOSTILE;
use super::tools::is_there;
use super::values::{Runner, map, outputs, red, widest};

/// The values of all outputs after this script has run, in a process that inherits nothing.
fn values_after(shell: &[&str], script: &str, file: &Path, bash_env: bool) -> Values {
    let prints: String = OUTPUTS
        .iter()
        .map(|spec| {
            let variable = spec.name.to_uppercase();
            ["printf '%s\\0' \"$CODEARTS_RETRY_", &variable, "\"\n"].concat()
        })
        .collect();
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).env_clear();
    if bash_env {
        command.env("BASH_ENV", file);
    }
    let ended = command
        .arg("-c")
        .arg(format!("set -eu\n{script}\n{prints}"))
        .arg("sh")
        .arg(file)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert!(ended.status.success(), "{}", ended.status);
    let text = String::from_utf8(ended.stdout).unwrap();
    let mut values = text.split_terminator('\0');
    let read: Values = OUTPUTS
        .iter()
        .map(|spec| (spec.name.to_owned(), values.next().unwrap().to_owned()))
        .collect();
    assert_eq!(values.next(), None);
    read
}

fn hostile() -> impl Iterator<Item = Outcome> {
    HOSTILE.iter().map(|text| red(text)).chain([widest()])
}

/// `sh` is everywhere, and one of the others as a rule; `BusyBox` is that of Alpine and of small images.
const SHELLS: [&[&str]; 4] = [&["sh"], &["dash"], &["bash"], &["busybox", "sh"]];

fn is_shell(shell: &&[&str]) -> bool {
    is_there(&[*shell, &["-c", ":"]].concat())
}

#[test]
fn every_shell_sources_the_output_file_and_has_every_value() {
    let shells: Vec<_> = SHELLS.into_iter().filter(is_shell).collect();
    assert!(shells.contains(&SHELLS[0]));
    for outcome in hostile() {
        let home = tempfile::TempDir::new().unwrap();
        let path = home.path().join("retry.sh");
        let file = OutputFile {
            path: path.clone(),
            format: OutputFormat::Sh,
        };
        output_file::write(&file, &outputs(&outcome)).unwrap();
        for shell in &shells {
            let read = values_after(shell, ". \"$1\"", &path, false);
            assert_eq!(read, map(&outputs(&outcome)), "{shell:?}");
        }
    }
}

#[test]
fn bash_has_every_value_in_a_later_step_on_circleci() {
    if !is_there(&["bash", "-c", ":"]) {
        return;
    }
    for outcome in hostile() {
        let runner = Runner::new(CiSystem::CircleCi);
        std::fs::write(runner.path("BASH_ENV"), "export EARLIER=1").unwrap();
        let published = runner.publish(&outcome);
        assert_eq!(published.warnings, Vec::<String>::new());
        let script = "[ \"$EARLIER\" = 1 ]";
        let read = values_after(&["bash"], script, &runner.path("BASH_ENV"), true);
        let mut expected = map(&outputs(&outcome));
        for (name, empty) in [("failed_jobs", "[]"), ("result", "{}")] {
            if expected[name].len() > 32_000 {
                expected.insert(name.to_owned(), empty.to_owned());
            }
        }
        assert_eq!(read, expected);
        // They are exported: a program that the step starts has them too.
        let script = "[ \"$(sh -c 'printf %s \"$CODEARTS_RETRY_SUCCESS\"')\" = false ]";
        values_after(&["bash"], script, &runner.path("BASH_ENV"), true);
    }
}
