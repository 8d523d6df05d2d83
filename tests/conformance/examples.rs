//! The example files of `docs/examples`, and the page that they belong to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use codearts_retry::ci::CiSystem;
use codearts_retry::inputs::INPUTS;
use codearts_retry::outcome::OutcomeKind;
use codearts_retry::report::OUTPUTS;
use saphyr::{LoadableYamlNode as _, Yaml};

const PAGE: &str = include_str!("../../docs/ci.md");
const README: &str = include_str!("../../README.md");

fn examples() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples");
    let mut examples: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .collect();
    examples.sort();
    assert_eq!(examples.len(), 12 + 1);
    examples
}

fn file_name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// The words of a text that follow this prefix.
fn after<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = String> + 'a {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.match_indices(prefix).filter_map(move |(at, _)| {
        let is_whole = !text[..at].ends_with(is_part);
        let rest = &text[at + prefix.len()..];
        let word = rest.split(|c| !is_part(c)).next().unwrap_or_default();
        (is_whole && !word.is_empty()).then(|| word.to_lowercase().replace('-', "_"))
    })
}

fn documents(text: &str) -> Vec<Yaml<'_>> {
    Yaml::load_from_str(text).unwrap()
}

/// The keys of every mapping under this key, anywhere in the document.
fn keys_under(node: &Yaml<'_>, name: &str, found: &mut BTreeSet<String>) {
    if let Some(mapping) = node.as_mapping() {
        for (key, value) in mapping {
            if key.as_str() == Some(name)
                && let Some(inner) = value.as_mapping()
            {
                found.extend(
                    inner
                        .keys()
                        .filter_map(|key| Some(key.as_str()?.to_owned())),
                );
            }
            keys_under(value, name, found);
        }
    }
    for value in node.as_sequence().into_iter().flatten() {
        keys_under(value, name, found);
    }
}

/// The inputs that an example gives.
fn inputs_of(path: &Path, text: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<_> = after(text, "INPUT_")
        .chain(after(text, "PLUGIN_"))
        .collect();
    if path.extension().is_some_and(|extension| extension == "yml") {
        for document in documents(text) {
            let key = if file_name(path) == "github.yml" {
                "with"
            } else {
                "settings"
            };
            keys_under(&document, key, &mut found);
        }
    }
    found
}

#[test]
fn every_example_parses() {
    for (path, text) in examples() {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yml") => {
                let documents = documents(&text);
                assert!(!documents.is_empty(), "{}", path.display());
                assert!(!text.contains('\t'), "{}", path.display());
            }
            // Groovy and Kotlin: the brackets match.
            _ => {
                for (open, close) in [('{', '}'), ('(', ')'), ('[', ']')] {
                    let count = |c| text.matches(c).count();
                    assert_eq!(count(open), count(close), "{} {open}", path.display());
                }
            }
        }
    }
}

#[test]
fn every_input_in_an_example_exists_and_none_that_is_required_is_missing() {
    for (path, text) in examples() {
        let given = inputs_of(&path, &text);
        for name in &given {
            let known = INPUTS.iter().any(|spec| spec.name == name);
            assert!(known, "{name} in {}", path.display());
        }
        for name in [
            "project_id",
            "pipeline_id",
            "pipeline_run_id",
            "region",
            "wait",
        ] {
            assert!(given.contains(name), "{name} in {}", path.display());
        }
    }
}

#[test]
fn every_output_in_an_example_or_on_the_page_exists() {
    let page = (PathBuf::from("docs/ci.md"), PAGE.to_owned());
    for (path, text) in examples().into_iter().chain([page]) {
        // Argo's own word stands between, and the name of a program is no output.
        let text = text
            .replace("outputs.parameters.", "outputs.")
            .replace("/codearts-retry-linux-x64", "");
        let mut named: BTreeSet<_> = after(&text, "CODEARTS_RETRY_").collect();
        for prefix in ["codearts-retry-", "outputs.", "(retry.", "outputVariables."] {
            named.extend(after(&text, prefix));
        }
        for name in named {
            let known = OUTPUTS.iter().any(|spec| spec.name == name);
            assert!(known || name == "_", "{name} in {}", path.display());
        }
    }
}

#[test]
fn an_exit_code_that_is_allowed_is_that_of_a_wait_that_was_too_short() {
    let code = OutcomeKind::WaitTimeout.exit_code();
    assert_eq!(OutcomeKind::WaitTimeout.word(), "wait-timeout");
    for (path, text) in examples() {
        let by_code = [
            format!("-eq {code} ]"),
            format!("exit_codes: {code}"),
            format!("exit_status: {code}"),
            format!("code == {code}"),
        ];
        // Not only in a comment.
        let by_outcome = ["= wait-timeout ]", "!= 'wait-timeout'"];
        let allows = by_code.iter().any(|form| text.contains(form.as_str()))
            || by_outcome.iter().any(|form| text.contains(form));
        assert!(allows, "{}", path.display());
        for form in ["-eq ", "exit_codes: ", "exit_status: ", "code == "] {
            for (at, _) in text.match_indices(form) {
                assert!(text[at + form.len()..].starts_with(&code.to_string()));
            }
        }
    }
}

#[test]
fn every_example_is_pinned_and_linked_from_the_page() {
    for (path, text) in examples() {
        let name = file_name(&path);
        assert!(PAGE.contains(&format!("](examples/{name})")), "{name}");
        for line in text
            .lines()
            .filter(|line| line.contains("OWNER/codearts-retry"))
        {
            // The image is where the release puts it, and a program is checked by its sum.
            let is_image = line.contains(": ghcr.io/OWNER/") && line.contains("@sha256:DIGEST");
            let is_checked =
                line.contains("/releases/download/") && text.contains("| sha256sum -c");
            let pinned = is_image || is_checked || line.contains("@FULL_COMMIT_SHA");
            assert!(pinned, "{name}: {line}");
        }
    }
    assert_eq!(PAGE.matches("](examples/").count(), examples().len());
}

/// The values of this key, anywhere in the document.
fn values_of(node: &Yaml<'_>, name: &str, found: &mut Vec<String>) {
    for (key, value) in node.as_mapping().into_iter().flatten() {
        if key.as_str() == Some(name)
            && let Some(text) = value.as_str()
        {
            found.push(text.to_owned());
        }
        values_of(value, name, found);
    }
    for value in node.as_sequence().into_iter().flatten() {
        values_of(value, name, found);
    }
}

/// `2026.03`, a tag that is never moved.
fn is_date(tag: &str) -> bool {
    let is_number =
        |text: &str, digits| text.len() == digits && text.chars().all(|c: char| c.is_ascii_digit());
    tag.split_once('.')
        .is_some_and(|(year, month)| is_number(year, 4) && is_number(month, 2))
}

#[test]
fn every_image_in_an_example_stays_what_it_is() {
    let mut count = 0;
    for (path, text) in examples() {
        let mut images = Vec::new();
        if path.extension().is_some_and(|extension| extension == "yml") {
            for document in documents(&text) {
                values_of(&document, "image", &mut images);
            }
        }
        count += images.len();
        for image in images {
            let digest = image.split_once("@sha256:").map(|(_, digest)| digest);
            let is_digest = digest.is_some_and(|digest| {
                digest.len() == 64 && digest.chars().all(|c| c.is_ascii_hexdigit())
            });
            let is_own = image.starts_with("ghcr.io/OWNER/") && digest == Some("DIGEST");
            let is_dated = image.split_once(':').is_some_and(|(_, tag)| is_date(tag));
            assert!(
                is_digest || is_own || is_dated,
                "{image} in {}",
                path.display()
            );
        }
    }
    assert!(count >= 10, "{count}");
}

#[test]
fn where_a_failure_is_ignored_a_later_step_decides() {
    for (name, ignores) in [
        ("drone.yml", "failure: ignore"),
        ("woodpecker.yml", "failure: ignore"),
        ("harness.yml", "type: Ignore"),
        ("argo.yml", "continueOn:"),
        ("tekton.yml", "onError: continue"),
        ("github.yml", "continue-on-error: true"),
    ] {
        let (_, text) = examples()
            .into_iter()
            .find(|(path, _)| file_name(path) == name)
            .unwrap();
        let at = text.find(ignores).unwrap_or_else(|| panic!("{name}"));
        assert!(text[at..].contains("wait-timeout"), "{name}");
        assert!(text[at..].to_lowercase().contains("success"), "{name}");
    }
}

#[test]
fn the_page_has_a_row_for_every_system_and_its_marker() {
    let row = |marker: &str| {
        PAGE.lines()
            .any(|line| line.starts_with("| [") && line.contains(marker))
    };
    for marker in CiSystem::ALL.iter().filter_map(|system| system.marker()) {
        let shown = match marker.variable {
            "CI" => "`CI=woodpecker`".to_owned(),
            name => format!("`{name}`"),
        };
        assert!(row(&shown), "{shown}");
    }
}

#[test]
fn every_link_of_the_page_leads_to_one_of_its_headings() {
    let headings: BTreeSet<String> = PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|heading| heading.to_lowercase().replace(' ', "-").replace(',', ""))
        .collect();
    for link in PAGE.split("](#").skip(1) {
        let target = link.split(')').next().unwrap();
        assert!(headings.contains(target), "{target}");
    }
    assert!(README.contains("](docs/ci.md)"));
}
