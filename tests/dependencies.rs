//! docs/dependencies.md has a reason for each dependency of the manifest, and for no other.

use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = include_str!("../docs/dependencies.md");
const MANIFEST: &str = include_str!("../Cargo.toml");

/// The crates of each table of dependencies in the manifest, by the table's last word.
fn declared() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let mut table = "";
    for line in MANIFEST.lines() {
        if let Some(header) = line.strip_prefix('[') {
            table = header
                .trim_end_matches(']')
                .rsplit('.')
                .next()
                .unwrap_or("");
        } else if let Some((name, _)) = line.split_once(" = ")
            && table.ends_with("dependencies")
        {
            found.entry(table).or_default().insert(name);
        }
    }
    found
}

/// The crates of the rows under a heading, each with the other cells of its row.
fn explained(heading: &str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let section = DOCUMENT
        .split("\n## ")
        .find_map(|section| section.strip_prefix(heading));
    section
        .expect("the document has this section")
        .lines()
        .filter(|line| {
            line.starts_with("| ") && !line.starts_with("| ---") && !line.starts_with("| crate |")
        })
        .flat_map(|line| {
            let mut cells = line.trim_matches(['|', ' ']).split(" | ");
            let crates = cells.next().unwrap_or("").split(", ");
            let cells: Vec<_> = cells.collect();
            crates.map(move |name| (name, cells.clone()))
        })
        .collect()
}

#[test]
fn every_dependency_is_explained_and_nothing_else() {
    let declared = declared();
    for (table, heading, cells) in [
        ("dependencies", "Linked into the program\n", 3),
        ("dev-dependencies", "For tests and benchmarks only\n", 2),
    ] {
        let explained = explained(heading);
        let names: BTreeSet<_> = explained.keys().copied().collect();
        assert_eq!(declared[table], names, "{table}");
        for (name, reasons) in explained {
            assert_eq!(reasons.len(), cells, "{name}");
            assert!(reasons.iter().all(|reason| !reason.is_empty()), "{name}");
        }
    }
}
