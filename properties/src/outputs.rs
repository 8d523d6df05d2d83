//! The outputs: whatever the values are, each reader gets them back under their own names, and nothing else.
//!
//! The bytes are texts of the service, separated by U+001F: they stand in every place that has one.

use codearts_retry::ci::CiSystem;
use codearts_retry::report::files::{directory, dotenv, json, properties, shell};
use codearts_retry::report::{OUTPUTS, Outputs, Report};
use codearts_retry::secret::Redactor;
use serde_json::Value;

use crate::outcomes::{red, texts};
use crate::readers::{self, Command, Values};

/// What makes the boundary: values may guess it.
const RANDOM: u128 = 7;

pub(crate) fn check(data: &[u8]) {
    let report = Report::from_outcome(&red(&texts(data)), &Redactor::default());
    let outputs = report.outputs();
    let all: Values = outputs
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    check_values(&all);
    check_systems(&outputs, &all);
    check_files(&outputs, &all);
}

/// DESIGN §3: names, bounds, lines, and `result`, which has all of the others.
fn check_values(all: &Values) {
    assert_eq!(all.len(), OUTPUTS.len());
    assert_eq!(all["success"], "false");
    assert!(all["error_message"].len() <= 4096);
    for (name, value) in all {
        let may_have_lines = name == "error_message";
        assert!(!value.contains(['\r', '\0']), "{name}");
        assert!(may_have_lines || !value.contains('\n'), "{name}");
        assert!(value.lines().all(|line| line.len() < 64 * 1024), "{name}");
        assert!(!value.starts_with(char::is_whitespace), "{name}");
    }
    let result: Value = serde_json::from_str(&all["result"]).unwrap();
    let failed_jobs: Value = serde_json::from_str(&all["failed_jobs"]).unwrap();
    assert_eq!(result["failed_jobs"], failed_jobs);
    let is_text = |name: &str| !matches!(name, "result" | "failed_jobs");
    for (name, value) in all.iter().filter(|(name, _)| is_text(name)) {
        let typed = match &result[name] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        assert_eq!(&typed, value, "{name}");
    }
}

fn check_systems(outputs: &Outputs, all: &Values) {
    let written = |system: CiSystem| system.reporter().outputs(outputs, RANDOM);
    for system in [CiSystem::GitHub, CiSystem::Gitea, CiSystem::Forgejo] {
        assert_eq!(readers::github(&written(system)).as_ref(), Ok(all));
    }
    assert_eq!(
        readers::harness(&written(CiSystem::Drone)).as_ref(),
        Ok(all)
    );

    let log = written(CiSystem::Azure);
    let commands = commands(&log, readers::azure);
    let read = commands.into_iter().map(|command| {
        assert_eq!(command.name, "task.setvariable");
        assert_eq!(command.property("isOutput"), "true");
        (command.property("variable").to_owned(), command.data)
    });
    assert_eq!(&read.collect::<Values>(), all);

    let log = written(CiSystem::TeamCity);
    let commands = self::commands(&log, readers::teamcity);
    let read = commands.into_iter().map(|command| {
        assert_eq!(command.name, "setParameter");
        let name = command.property("name").strip_prefix("env.").unwrap();
        (
            bare(name),
            readers::teamcity_resolved(command.property("value")),
        )
    });
    assert_eq!(&read.collect::<Values>(), all);

    let exported = written(CiSystem::CircleCi);
    assert_eq!(&without_prefix(readers::shell(&exported, "export ")), all);
    let read = readers::gitlab_dotenv(&written(CiSystem::Bitbucket));
    check_lines(read.unwrap(), all);
}

/// The commands in a log; every line is one, and nothing but.
fn commands(log: &str, read: fn(&str) -> Vec<Command>) -> Vec<Command> {
    let commands = read(log);
    assert_eq!(log.matches(['\n', '\r']).count(), OUTPUTS.len());
    assert_eq!(commands.len(), OUTPUTS.len());
    assert!(
        log.split_terminator('\n')
            .all(|line| line.starts_with("##"))
    );
    commands
}

fn check_files(outputs: &Outputs, all: &Values) {
    let document: Value = serde_json::from_str(&json::render(outputs)).unwrap();
    let mut document = document.as_object().unwrap().clone();
    let result = document.remove("result").unwrap();
    assert_eq!(result.to_string(), Value::Object(document).to_string());
    let of_output: Value = serde_json::from_str(&all["result"]).unwrap();
    assert_eq!(result, of_output);

    assert_eq!(
        &without_prefix(readers::shell(&shell::render(outputs), "")),
        all
    );
    assert_eq!(
        &without_prefix(readers::properties(&properties::render(outputs))),
        all
    );
    check_lines(
        readers::gitlab_dotenv(&dotenv::render(outputs)).unwrap(),
        all,
    );

    let files: Values = directory::render(outputs)
        .into_iter()
        .map(|(name, content)| (name.to_owned(), content))
        .collect();
    assert!(files.values().map(String::len).sum::<usize>() <= 2048);
    assert!(files.keys().eq(all.keys()));
    for (name, value) in &files {
        let may_be = match name.as_str() {
            "error_message" => value.ends_with('…') || value.is_empty(),
            "failed_jobs" => value == "[]",
            "result" => value == "{}",
            _ => false,
        };
        assert!(*value == all[name] || may_be, "{name}: {value}");
    }
}

/// GitLab's dialect: two outputs less, everything in one line, the message cut where the file would be too long.
fn check_lines(read: Values, all: &Values) {
    let read = without_prefix(read);
    assert_eq!(read.len(), all.len() - 2);
    let blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    for (name, value) in &read {
        let words = all[name].split(blank).filter(|word| !word.is_empty());
        let line = words.collect::<Vec<_>>().join(" ");
        let is_cut = name == "error_message" && value.ends_with('…');
        assert!(*value == line || is_cut, "{name}: {value}");
    }
}

fn without_prefix(values: Values) -> Values {
    let named = values.into_iter().map(|(name, value)| (bare(&name), value));
    named.collect()
}

fn bare(name: &str) -> String {
    let name = name.strip_prefix("CODEARTS_RETRY_").unwrap();
    assert_eq!(name, name.to_uppercase());
    name.to_lowercase()
}
