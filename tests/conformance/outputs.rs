//! What each system reads back of the outputs, under which names, and with which limits.

use codearts_properties::readers::{self, Values};
use codearts_retry::ci::output_file;
use codearts_retry::ci::{CiSystem, target::OutputChannel};
use codearts_retry::env::Env;
use codearts_retry::inputs::{OutputFile, OutputFormat};
use codearts_retry::outcome::{Outcome, OutcomeKind};

use super::hostile::HOSTILE;
use super::values::{Runner, green, job, map, outputs, red, widest};

/// `run_url` as `CODEARTS_RETRY_RUN_URL`.
pub(crate) fn prefixed(name: &str) -> String {
    format!("CODEARTS_RETRY_{}", name.to_uppercase())
}

/// The values under the names that the reading renames them to.
pub(crate) fn named(values: Values, name: impl Fn(&str) -> String) -> Values {
    values
        .into_iter()
        .map(|(key, value)| (name(&key), value))
        .collect()
}

/// What a system that has a place for outputs reads there.
fn read_back(system: CiSystem, outcome: &Outcome) -> Values {
    let runner = Runner::new(system);
    let published = runner.publish(outcome);
    assert_eq!(&published.outcome, outcome, "{system:?}");
    assert_eq!(published.warnings, Vec::<String>::new());
    match system {
        CiSystem::Forgejo | CiSystem::Gitea | CiSystem::GitHub => {
            readers::github(&runner.file("GITHUB_OUTPUT")).unwrap()
        }
        CiSystem::Azure => readers::azure(&runner.said())
            .into_iter()
            .filter(|command| command.name == "task.setvariable")
            .map(|command| {
                assert_eq!(command.property("isOutput"), "true");
                (command.property("variable").to_owned(), command.data)
            })
            .collect(),
        CiSystem::TeamCity => readers::teamcity(&runner.said())
            .into_iter()
            .map(|command| {
                assert_eq!(command.name, "setParameter");
                let name = command.property("name").strip_prefix("env.").unwrap();
                let value = readers::teamcity_resolved(command.property("value"));
                (name.to_owned(), value)
            })
            .collect(),
        CiSystem::Drone => readers::harness(&runner.file("DRONE_OUTPUT")).unwrap(),
        CiSystem::Bitbucket => {
            readers::gitlab_dotenv(&runner.file("BITBUCKET_PIPELINES_VARIABLES_PATH")).unwrap()
        }
        other => panic!("{other:?} is read elsewhere"),
    }
}

/// A value that is longer than a variable may be is an empty list or object.
fn short(mut values: Values) -> Values {
    for (name, empty) in [("failed_jobs", "[]"), ("result", "{}")] {
        if values[name].len() > 32_000 {
            values.insert(name.to_owned(), empty.to_owned());
        }
    }
    values
}

/// Without the two long values, every other one in one line.
fn lines(mut values: Values) -> Values {
    values.remove("failed_jobs");
    values.remove("result");
    let blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    for value in values.values_mut() {
        let words: Vec<_> = value.split(blank).filter(|word| !word.is_empty()).collect();
        *value = words.join(" ");
    }
    values
}

#[test]
fn every_system_reads_back_every_hostile_value_under_its_own_name() {
    for text in HOSTILE {
        let outcome = red(text);
        let all = map(&outputs(&outcome));
        for system in [CiSystem::Forgejo, CiSystem::Gitea, CiSystem::GitHub] {
            assert_eq!(read_back(system, &outcome), all, "{system:?}");
        }
        assert_eq!(read_back(CiSystem::Azure, &outcome), all);
        assert_eq!(read_back(CiSystem::Drone, &outcome), all);
        let variables = named(all.clone(), prefixed);
        assert_eq!(read_back(CiSystem::TeamCity, &outcome), variables);
        let variables = named(lines(all), prefixed);
        assert_eq!(read_back(CiSystem::Bitbucket, &outcome), variables);
    }
}

#[test]
fn the_widest_values_stay_within_the_limits() {
    let outcome = widest();
    let all = map(&outputs(&outcome));
    assert!(all["result"].len() > 32_000 && all["failed_jobs"].len() > 32_000);
    assert_eq!(read_back(CiSystem::GitHub, &outcome), all);
    let short = short(all);
    assert_eq!(read_back(CiSystem::Azure, &outcome), short);
    assert_eq!(read_back(CiSystem::Drone, &outcome), short);
    assert_eq!(
        read_back(CiSystem::TeamCity, &outcome),
        named(short, prefixed)
    );
    let cut = &read_back(CiSystem::Bitbucket, &outcome)["CODEARTS_RETRY_ERROR_MESSAGE"];
    assert!(cut.ends_with('…'), "{cut}");
}

#[test]
fn the_longest_list_that_a_variable_takes_is_kept() {
    let with = |jobs| Outcome {
        failed_jobs: vec![job(&"y".repeat(200)); jobs],
        ..red("x")
    };
    let fits = |jobs: &usize| map(&outputs(&with(*jobs)))["result"].len() <= 32_000;
    let outcome = with((1..200).take_while(fits).last().unwrap());
    let all = map(&outputs(&outcome));
    assert!(all["result"].len() > 31_000);
    assert_eq!(read_back(CiSystem::Azure, &outcome), all);
    assert_eq!(read_back(CiSystem::Drone, &outcome), all);
}

#[test]
fn a_later_step_replaces_what_an_earlier_one_left() {
    for system in [CiSystem::GitHub, CiSystem::Drone, CiSystem::Bitbucket] {
        let runner = Runner::new(system);
        runner.publish(&red("no"));
        runner.publish(&green());
        let (name, read) = match system {
            CiSystem::GitHub => (
                "success".to_owned(),
                readers::github(&runner.file("GITHUB_OUTPUT")).unwrap(),
            ),
            CiSystem::Drone => (
                "success".to_owned(),
                readers::harness(&runner.file("DRONE_OUTPUT")).unwrap(),
            ),
            _ => {
                let file = runner.file("BITBUCKET_PIPELINES_VARIABLES_PATH");
                (prefixed("success"), readers::gitlab_dotenv(&file).unwrap())
            }
        };
        assert_eq!(read[&name], "true", "{system:?}");
    }
}

/// The systems whose outputs go into a file, and the variable that names it.
const FILES: [(CiSystem, &str, bool); 6] = [
    (CiSystem::Forgejo, "GITHUB_OUTPUT", true),
    (CiSystem::Gitea, "GITHUB_OUTPUT", true),
    (CiSystem::GitHub, "GITHUB_OUTPUT", true),
    (CiSystem::CircleCi, "BASH_ENV", true),
    (CiSystem::Drone, "DRONE_OUTPUT", false),
    (
        CiSystem::Bitbucket,
        "BITBUCKET_PIPELINES_VARIABLES_PATH",
        false,
    ),
];

#[test]
fn a_file_that_cannot_be_written_is_found_first_and_makes_the_step_red_at_the_end() {
    use codearts_retry::ci::publish::Targets;
    use codearts_retry::secret::Redactor;

    for (system, variable, _) in FILES {
        let runner = Runner::new(system);
        for path in [runner.path(""), runner.path("missing/file")] {
            let targets = Targets::new(system, &Env::from_pairs([(variable, path)]), None);
            let error = targets.probe(&runner.log).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("cannot write {variable} ")),
                "{error}"
            );
            let published = targets.publish(green(), &Redactor::default(), 7, &runner.log);
            assert_eq!(published.outcome.kind, OutcomeKind::OutputFailed);
        }
    }
}

#[test]
fn a_variable_that_is_always_there_must_be_there() {
    for (system, variable, is_always_there) in FILES {
        let channel = system.reporter().output_channel(&Env::default());
        assert_eq!(
            matches!(channel, OutputChannel::Unset { variable: unset, .. } if unset == variable),
            is_always_there,
            "{system:?}"
        );
    }
}

#[test]
fn systems_without_a_place_for_outputs_get_none_and_stay_green() {
    for system in [
        CiSystem::GitLab,
        CiSystem::Woodpecker,
        CiSystem::Jenkins,
        CiSystem::Plain,
    ] {
        let runner = Runner::new(system);
        assert_eq!(runner.publish(&green()).outcome, green());
        assert_eq!(runner.said(), "");
    }
}

#[cfg(unix)]
#[test]
fn the_buildkite_agent_gets_every_value_and_the_summary() {
    for text in HOSTILE {
        let outcome = red(text);
        let runner = Runner::new(CiSystem::Buildkite).with_buildkite_agent();
        let published = runner.publish(&outcome);
        assert_eq!(
            (&published.outcome, published.warnings.len()),
            (&outcome, 0)
        );
        let mut kept = runner.kept_by_agent();
        let summary = kept
            .remove("annotate --style error --context codearts-retry-")
            .unwrap();
        assert!(summary.len() < 1 << 20);
        // The agent refuses a blank value.
        let mut expected = map(&outputs(&outcome));
        expected.retain(|_, value| !value.trim().is_empty());
        let key = |name: &str| format!("codearts-retry-{}", name.replace('_', "-"));
        assert_eq!(kept, named(expected, key));
    }
    let runner = Runner::new(CiSystem::Buildkite).with_buildkite_agent();
    runner.publish(&widest());
    assert!(
        runner
            .kept_by_agent()
            .values()
            .all(|value| value.len() < 1 << 20)
    );
    assert!(runner.kept_by_agent()["codearts-retry-result"].len() < 100_000);
}

fn written(
    format: OutputFormat,
    name: &str,
    outcome: &Outcome,
) -> (tempfile::TempDir, std::path::PathBuf) {
    let home = tempfile::TempDir::new().unwrap();
    let path = home.path().join(name);
    let file = OutputFile {
        path: path.clone(),
        format,
    };
    output_file::probe(&file).unwrap();
    output_file::write(&file, &outputs(outcome)).unwrap();
    (home, path)
}

#[test]
fn gitlab_takes_the_dotenv_report() {
    for text in HOSTILE {
        let outcome = red(text);
        let (_home, path) = written(OutputFormat::Env, "retry.env", &outcome);
        let read = readers::gitlab_dotenv(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(read, named(lines(map(&outputs(&outcome))), prefixed));
        assert!(read.len() <= 20, "the variables of a report, by default");
    }
    let (_home, path) = written(OutputFormat::Env, "retry.env", &widest());
    let file = std::fs::read_to_string(path).unwrap();
    assert!(
        readers::gitlab_dotenv(&file).is_some(),
        "{} bytes",
        file.len()
    );
}

#[test]
fn java_reads_back_the_properties() {
    for outcome in HOSTILE.iter().map(|text| red(text)).chain([widest()]) {
        let (_home, path) = written(OutputFormat::Properties, "retry.properties", &outcome);
        let read = readers::properties(&std::fs::read_to_string(path).unwrap());
        assert_eq!(read, named(map(&outputs(&outcome)), prefixed));
    }
}

#[test]
fn tekton_and_argo_find_one_file_for_each_output() {
    for outcome in HOSTILE.iter().map(|text| red(text)).chain([widest()]) {
        let (_home, path) = written(OutputFormat::Directory, "results", &outcome);
        let mut read = Values::new();
        for entry in std::fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            read.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
        // Half of what Tekton takes of all results of a task together.
        assert!(read.values().map(String::len).sum::<usize>() <= 2048);
        let all = map(&outputs(&outcome));
        assert!(read.keys().eq(all.keys()));
        for (name, value) in read {
            let is_cut = match name.as_str() {
                "error_message" => value.ends_with('…'),
                "failed_jobs" => value == "[]",
                "result" => value == "{}",
                _ => false,
            };
            assert!(value == all[&name] || is_cut, "{name}: {value}");
        }
    }
}
