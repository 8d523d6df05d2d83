//! README, `action.yml`, `--help` and code say the same.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

use std::collections::BTreeMap;

use codearts_retry::inputs::{INPUTS, Required, help_text};
use codearts_retry::outcome::OutcomeKind;
use codearts_retry::report::OUTPUTS;

const README: &str = include_str!("../README.md");
const ACTION: &str = include_str!("../action.yml");

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

#[test]
fn the_readme_lists_every_input_with_its_default_and_no_other() {
    let rows = rows("Inputs");
    let names: Vec<_> = rows.iter().map(|cells| word(&cells[0])).collect();
    let expected: Vec<_> = INPUTS.iter().map(|spec| spec.name).collect();
    assert_eq!(names, expected);
    for (spec, cells) in INPUTS.iter().zip(&rows) {
        if let Some(default) = spec.default {
            assert!(
                cells[1].ends_with(&format!("default {default}")),
                "{}: {}",
                spec.name,
                cells[1]
            );
        }
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
fn the_action_maps_every_input_in_both_of_its_twins() {
    for spec in INPUTS {
        let mapping = format!(
            "INPUT_{}: ${{{{ inputs.{} }}}}",
            spec.name.to_uppercase(),
            spec.name
        );
        assert_eq!(ACTION.matches(&mapping).count(), 2, "{mapping}");
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
fn the_help_names_every_input() {
    let help = help_text();
    for spec in INPUTS {
        assert!(
            help.contains(&format!("\n  {} ", spec.name)) && help.contains(spec.help),
            "{}",
            spec.name
        );
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
