//! Layers import one way: a module uses only its own layer and those above it in `docs/architecture.md`.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

use std::fs;
use std::path::{Path, PathBuf};

/// The layers, from the one that knows nothing to the one that knows everything.
const LAYERS: [&[&str]; 9] = [
    &["env", "clock", "secret", "endpoint", "random"],
    &["inputs"],
    &["credentials"],
    &["client"],
    &["pipeline"],
    &["outcome", "exit_code"],
    &["report"],
    &["ci"],
    &[
        "console",
        "signals",
        "progress",
        "narrate",
        "conclusion",
        "help",
        "app",
    ],
];

fn layer_of(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|layer| layer.contains(&module))
        .unwrap_or_else(|| {
            panic!("the module {module} is in no layer: add it here and in docs/architecture.md")
        })
}

fn source_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The modules that a file's code names through `crate::`, its tests left out.
fn imported_modules(source: &str) -> Vec<String> {
    let code = source
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|line| {
            line.split("crate::")
                .skip(1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect::<String>()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn every_import_goes_down_the_layers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let mut checked = 0;
    for file in files {
        let inside = file
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        let module = inside
            .split('/')
            .next()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        if ["main", "lib"].contains(&module.as_str()) || inside.ends_with("tests.rs") {
            continue;
        }
        for target in imported_modules(&fs::read_to_string(&file).unwrap()) {
            assert!(
                layer_of(&target) <= layer_of(&module),
                "src/{inside} imports crate::{target}, which is a layer above it"
            );
            checked += 1;
        }
    }
    assert!(
        checked > 50,
        "only {checked} imports were found: the reader of this test is broken"
    );
}

#[test]
fn a_nested_import_is_seen_too() {
    assert_eq!(
        imported_modules("use crate::app;\nfn f(x: crate::ci::X) {}\n// crate::no\n"),
        ["app", "ci"]
    );
}
