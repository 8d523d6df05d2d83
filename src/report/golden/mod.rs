//! The annotations, the summary and the log block of whole outcomes, compared with files in `tests/fixtures/report`.
//!
//! After a change that is meant, `cargo test --lib rewrites_the_golden_files -- --ignored` writes them anew; the
//! difference is then for `git diff` and the reviewer.

mod cases;

use std::fs;
use std::path::PathBuf;

use crate::report::Report;
use crate::secret::Redactor;

/// What is shown of an outcome: the name of its file and its text.
fn shown(report: &Report) -> [(&'static str, String); 3] {
    let mut annotations = String::new();
    for annotation in report.annotations() {
        annotations.extend([&annotation.title, "\n", &annotation.message, "\n\n"]);
    }
    let mut logs = String::new();
    for block in report.failed_job_logs() {
        logs.extend([&block.title, "\n"]);
        for line in block.lines() {
            logs.extend(["    ", line, "\n"]);
        }
    }
    [
        ("annotations.txt", annotations),
        ("summary.md", report.summary()),
        ("log.txt", logs),
    ]
}

/// Every golden file with the text it should have.
fn files() -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/report");
    let mut files = Vec::new();
    for (case, outcome) in cases::all() {
        let report = Report::from_outcome(&outcome, &Redactor::default());
        for (name, text) in shown(&report) {
            files.push((folder.join(case).join(name), text));
        }
    }
    files
}

/// The first line that differs, with its number.
fn difference(expected: &str, actual: &str) -> Option<String> {
    let mut expected = expected.lines();
    let mut actual = actual.lines();
    for number in 1.. {
        match (expected.next(), actual.next()) {
            (None, None) => break,
            (before, now) if before == now => {}
            (before, now) => {
                let [before, now] = [before, now].map(|line| line.unwrap_or("(the end)"));
                return Some(format!("line {number}\n  file: {before}\n  now:  {now}"));
            }
        }
    }
    None
}

#[test]
fn outcomes_look_as_in_the_golden_files() {
    let mut differences = Vec::new();
    for (path, actual) in files() {
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if let Some(difference) = difference(&expected, &actual) {
            differences.push(format!("{}, {difference}", path.display()));
        }
    }
    assert!(
        differences.is_empty(),
        "{}\n(if this is meant: cargo test --lib rewrites_the_golden_files -- --ignored)",
        differences.join("\n")
    );
}

#[test]
#[ignore = "writes the golden files instead of comparing with them"]
fn rewrites_the_golden_files() {
    for (path, text) in files() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
}

#[test]
fn a_difference_is_told_by_its_line_and_line_ends_do_not_matter() {
    assert_eq!(difference("a\r\nb\r\n", "a\nb\n"), None);
    assert_eq!(
        difference("a\nb\n", "a\n").as_deref(),
        Some("line 2\n  file: b\n  now:  (the end)")
    );
}

#[test]
fn hostile_names_add_no_markup_and_no_column() {
    let redactor = Redactor::default();
    let page = Report::from_outcome(&cases::hostile_names(), &redactor).summary();
    for tag in page.split('<').skip(1) {
        let ours = [
            "code>",
            "/code>",
            "br>",
            "pre>",
            "/pre>",
            "details>",
            "/details>",
            "summary>",
            "/summary>",
        ];
        assert!(ours.iter().any(|name| tag.starts_with(name)), "<{tag}");
    }
    let is_row = |line: &&str| line.starts_with("| ");
    for row in page.lines().filter(is_row) {
        let bars = row.matches('|').count();
        assert!(bars == 5 || bars == 3, "{row}");
    }
    assert_eq!(
        page.lines().filter(|line| line.starts_with("```")).count(),
        2
    );
    assert!(!page.contains('\u{202e}'));
}
