//! README, `action.yml`, `--help` and code say the same.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

#[path = "../benches/budgets/linux/budgets.rs"]
#[expect(dead_code, reason = "made for the benchmark, which uses more of it")]
mod budgets;

use std::collections::BTreeMap;

use codearts_retry::credentials;
use codearts_retry::env::Env;
use codearts_retry::inputs::{self, INPUTS, Required, help_text};
use codearts_retry::outcome::OutcomeKind;
use codearts_retry::report::OUTPUTS;

const README: &str = include_str!("../README.md");
const ACTION: &str = include_str!("../action.yml");
const BENCHMARKS: &str = include_str!("../docs/benchmarks.md");

/// The rows of the README's tables whose first or second cell is this kind of code word.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let section = README
        .split(&format!("\n## {heading}\n"))
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---"))
        .map(|line| {
            line.trim_matches('|')
                .split(" | ")
                .map(|cell| cell.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|cells| cells.iter().take(2).any(|cell| cell.starts_with('`')))
        .collect()
}

fn word(cell: &str) -> &str {
    cell.split('`').nth(1).unwrap_or_default()
}

/// A top-level block of `action.yml`: entry names in order, each with its own lines.
fn action_block(name: &str) -> Vec<(String, Vec<String>)> {
    let mut entries: Vec<(String, Vec<String>)> = Vec::new();
    let lines = ACTION
        .lines()
        .skip_while(|line| *line != format!("{name}:"))
        .skip(1);
    for line in
        lines.take_while(|line| line.is_empty() || line.starts_with(' ') || line.starts_with('#'))
    {
        match line.strip_prefix("  ") {
            Some(entry) if !entry.starts_with([' ', '#']) && entry.ends_with(':') => {
                entries.push((entry.trim_end_matches(':').to_owned(), Vec::new()));
            }
            _ => {
                if let Some((_, own)) = entries.last_mut() {
                    own.push(line.trim().to_owned());
                }
            }
        }
    }
    entries
}

fn value<'a>(lines: &'a [String], key: &str) -> Option<&'a str> {
    lines
        .iter()
        .find_map(|line| line.strip_prefix(&format!("{key}: ")))
        .map(|text| text.trim_matches(['\'', '"']))
}

/// The type, bounds and default of an input, as `--help` shows them.
fn helped_type(name: &str) -> String {
    let help = help_text();
    let own: Vec<_> = help
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_prefix(name))
        .filter(|rest| rest.starts_with(' '))
        .collect();
    assert_eq!(own.len(), 1, "{name} in --help");
    own[0].trim().to_owned()
}

#[test]
fn the_readme_lists_every_input_with_its_default_and_no_other() {
    let rows = rows("Inputs");
    let names: Vec<_> = rows.iter().map(|cells| word(&cells[0])).collect();
    let expected: Vec<_> = INPUTS.iter().map(|spec| spec.name).collect();
    assert_eq!(names, expected);
    for (spec, cells) in INPUTS.iter().zip(&rows) {
        assert_eq!(cells[1], helped_type(spec.name), "{}", spec.name);
        assert_eq!(cells[2], spec.help, "{}", spec.name);
    }
}

#[test]
fn the_action_declares_every_input_with_its_default_and_no_other() {
    let declared = action_block("inputs");
    let mut names: Vec<_> = declared.iter().map(|(name, _)| name.as_str()).collect();
    let mut expected: Vec<_> = INPUTS.iter().map(|spec| spec.name).collect();
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);
    let declared: BTreeMap<_, _> = declared.into_iter().collect();
    for spec in INPUTS {
        let lines = &declared[spec.name];
        assert_eq!(value(lines, "default"), spec.default, "{}", spec.name);
        let is_required = matches!(spec.required, Required::Always(_));
        assert_eq!(
            value(lines, "required") == Some("true"),
            is_required,
            "{}",
            spec.name
        );
    }
}

#[test]
fn the_action_maps_every_input_in_both_of_its_twins_and_nowhere_else() {
    let mut expected: Vec<_> = INPUTS
        .iter()
        .map(|spec| {
            let variable = spec.name.to_uppercase();
            format!("INPUT_{variable}: ${{{{ inputs.{} }}}}", spec.name)
        })
        .collect();
    expected.sort_unstable();
    let mut twins = Vec::new();
    for step in ACTION.split("\n    - ").skip(1) {
        let lines: Vec<_> = step.lines().map(|line| line.trim().to_owned()).collect();
        let mut mapped: Vec<_> = lines
            .iter()
            .filter(|line| line.contains("${{ inputs."))
            .cloned()
            .collect();
        if mapped.is_empty() {
            continue;
        }
        mapped.sort_unstable();
        let id = value(&lines, "id").unwrap_or_default().to_owned();
        assert_eq!(mapped, expected, "the step {id}");
        twins.push(id);
    }
    assert_eq!(twins, ["posix", "windows"]);
}

/// Credentials, one way at a time.
const WAYS: [&[(&str, &str)]; 6] = [
    &[("auth_token", "t")],
    &[
        ("access_key_id", "a"),
        ("secret_access_key", "s"),
        ("security_token", "t"),
    ],
    &[
        ("iam_domain_name", "d"),
        ("iam_user_name", "u"),
        ("iam_password", "p"),
        ("iam_project_name", "n"),
    ],
    &[
        ("oidc_provider_urn", "p"),
        ("oidc_agency_urn", "a"),
        ("oidc_id_token", "t"),
    ],
    &[("oidc_idp_id", "i"), ("oidc_id_token_file", "f")],
    &[("ecs_metadata", "true")],
];

/// Inputs beside the credentials, with another value than their default; some are only valid together.
const OTHERS: [&[(&str, &str)]; 18] = [
    &[("job_run_ids", ID)],
    &[("endpoint", "https://service.example")],
    &[("iam_endpoint", "https://iam.example")],
    &[("sts_endpoint", "https://sts.example")],
    &[("oidc_audience", "x")],
    &[("iam_project_id", ID)],
    &[
        ("wait", "true"),
        ("max_retries", "2"),
        ("on_cancel", "stop"),
    ],
    &[("wait_timeout", "61m")],
    &[("poll_interval", "11s")],
    &[("max_attempts", "2")],
    &[("backoff", "2s")],
    &[("max_backoff", "9s")],
    &[("connect_timeout", "9s")],
    &[("request_timeout", "9s")],
    &[("dry_run", "true")],
    &[("log_lines", "1")],
    &[("output_file", "outputs.json")],
    &[("log_level", "debug")],
];

const ID: &str = "0123456789abcdef0123456789abcdef";
const ALWAYS: [(&str, &str); 4] = [
    ("project_id", ID),
    ("pipeline_id", ID),
    ("pipeline_run_id", "latest"),
    ("region", "cn-north-4"),
];

/// What is wrong with these inputs, as the program says it.
fn complaints(inputs: &[(&str, &str)]) -> Vec<String> {
    let pairs = inputs
        .iter()
        .map(|(name, value)| (format!("INPUT_{}", name.to_uppercase()), *value));
    let env = Env::from_pairs(pairs);
    let reading = inputs::read(&env);
    let mut errors = reading.inputs.err().unwrap_or_default();
    let resolved = credentials::resolve(&reading.credentials.unwrap_or_default(), &env);
    errors.extend(resolved.err().unwrap_or_default());
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn every_input_is_taken_and_the_readme_marks_none_as_missing() {
    let mut tried: Vec<&str> = ALWAYS.iter().map(|(name, _)| *name).collect();
    let trials = WAYS
        .iter()
        .map(|way| (*way, [&ALWAYS, *way].concat()))
        .chain(
            OTHERS
                .iter()
                .map(|other| (*other, [&ALWAYS, WAYS[1], *other].concat())),
        );
    for (trial, given) in trials {
        tried.extend(trial.iter().map(|(name, _)| *name));
        assert_eq!(complaints(&given), [""; 0], "{trial:?}");
    }
    let mut all: Vec<_> = INPUTS.iter().map(|spec| spec.name).collect();
    all.sort_unstable();
    tried.sort_unstable();
    assert_eq!(tried, all, "every input is tried once");
    for mark in ['¹', '²'] {
        assert!(!README.contains(mark), "{mark}");
    }
}

#[test]
fn readme_and_action_list_every_output() {
    let expected: Vec<_> = OUTPUTS.iter().map(|spec| spec.name).collect();
    let readme = rows("Outputs");
    assert_eq!(
        readme
            .iter()
            .map(|cells| word(&cells[0]))
            .collect::<Vec<_>>(),
        expected
    );
    for (spec, cells) in OUTPUTS.iter().zip(&readme) {
        assert_eq!(cells[1], spec.meaning, "{}", spec.name);
    }
    let action = action_block("outputs");
    assert_eq!(
        action
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        expected
    );
    for (name, lines) in &action {
        let wired =
            format!("${{{{ steps.posix.outputs.{name} || steps.windows.outputs.{name} }}}}");
        assert_eq!(value(lines, "value"), Some(wired.as_str()), "{name}");
    }
}

#[test]
fn the_readme_lists_every_exit_code() {
    let rows = rows("Exit codes");
    let listed: Vec<_> = rows
        .iter()
        .map(|cells| (cells[0].clone(), word(&cells[1]).to_owned()))
        .collect();
    let expected: Vec<_> = OutcomeKind::ALL
        .into_iter()
        .map(|kind| (kind.exit_code().to_string(), kind.word().to_owned()))
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn the_help_names_every_input_with_its_default() {
    let help = help_text();
    for spec in INPUTS {
        let shown = helped_type(spec.name);
        let default = shown.split_once("default ").map(|(_, default)| default);
        assert_eq!(default, spec.default, "{}", spec.name);
        assert!(help.contains(spec.help), "{}", spec.name);
    }
}

#[test]
fn the_marketplace_accepts_the_action() {
    let top: Vec<_> = ACTION.lines().map(str::to_owned).collect();
    assert_eq!(value(&top, "name"), Some("Retry CodeArts Pipeline"));
    let description = value(&top, "description").unwrap();
    assert!(description.chars().count() < 125, "{description}");
    let branding: Vec<_> = ACTION
        .lines()
        .skip_while(|line| *line != "branding:")
        .skip(1)
        .take(2)
        .map(|line| line.trim().to_owned())
        .collect();
    assert!(["refresh-cw", "rotate-cw", "repeat"].contains(&value(&branding, "icon").unwrap()));
    let colours = [
        "white",
        "black",
        "yellow",
        "blue",
        "green",
        "orange",
        "red",
        "purple",
        "gray-dark",
    ];
    assert!(colours.contains(&value(&branding, "color").unwrap()));
}

#[test]
fn the_readme_names_the_two_commands() {
    for command in ["\ncargo run --example demo\n", "\ncargo test\n"] {
        assert!(README.contains(command), "{command}");
    }
}

#[test]
fn the_benchmarks_page_shows_every_budget_kept() {
    for budget in budgets::BUDGETS {
        let start = format!("| {} | {} | ", budget.what, budget.bound());
        let row = BENCHMARKS
            .lines()
            .find_map(|line| line.strip_prefix(&start));
        let row = row.unwrap_or_else(|| panic!("no row {start}"));
        assert!(row.contains(" | ok"), "{start}{row}");
    }
}
