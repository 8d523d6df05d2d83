//! Layers import one way: a module uses only its own layer and those above it in `docs/architecture.md`.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

use std::fs;
use std::path::{Path, PathBuf};

/// The layers, from the one that knows nothing to the one that knows everything.
const LAYERS: [&[&str]; 10] = [
    &["env", "clock", "secret", "endpoint", "random"],
    &["inputs"],
    &["credentials"],
    &["client"],
    &["identity"],
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
        "step",
        "work",
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

/// The code without the items that only tests have. It relies on the layout that rustfmt gives.
fn without_tests(source: &str) -> String {
    let mut kept = String::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if !line.trim_start().starts_with("#[cfg(test)]") {
            kept.push_str(line);
            kept.push('\n');
            continue;
        }
        let end = |line: &str| {
            line == format!("{indent}}}")
                || line == format!("{indent}}};")
                || (line.starts_with(indent)
                    && !line[indent.len()..].starts_with(' ')
                    && line.ends_with(';'))
        };
        for line in lines.by_ref() {
            if end(line) {
                break;
            }
        }
    }
    kept
}

/// The modules that a file's code names from the root of the crate: by `crate::` (one, or several in braces), or by
/// as many `super::` as the file is deep. Comments and tests are left out.
fn imported_modules(source: &str, depth: usize) -> Vec<String> {
    let code: String = without_tests(source)
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| line.split(" // ").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join(" ");
    let to_the_root = "super::".repeat(depth);
    code.split("crate::")
        .skip(1)
        .chain(code.split(&to_the_root).skip(1))
        .flat_map(first_names)
        .filter(|name| name != "super")
        .collect()
}

/// The first names of what follows `crate::`: of `a::B` it is `a`, of `{a::{B, C}, d}` they are `a` and `d`.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = path.trim_start().strip_prefix('{') else {
        return vec![name(path)];
    };
    let mut names = vec![name(group)];
    let mut open = 1;
    for (at, c) in group.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            ',' if open == 1 => names.push(name(&group[at + 1..])),
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn every_import_goes_down_the_layers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let mut checked = 0;
    let mut upward = Vec::new();
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
        // `ci/github.rs` is the module `ci::github`, `ci/mod.rs` is `ci`.
        let depth = inside.trim_end_matches("/mod.rs").split('/').count();
        for target in imported_modules(&fs::read_to_string(&file).unwrap(), depth) {
            if layer_of(&target) > layer_of(&module) {
                upward.push(format!("src/{inside} imports crate::{target}"));
            }
            checked += 1;
        }
    }
    assert!(
        upward.is_empty(),
        "imports of a later layer:\n{}",
        upward.join("\n")
    );
    assert!(
        checked > 50,
        "only {checked} imports were found: the reader of this test is broken"
    );
}

#[test]
fn every_way_to_name_a_module_is_seen() {
    for (source, depth, expected) in [
        (
            "use crate::app;\nfn f(x: crate::ci::X) {}\n",
            1,
            vec!["app", "ci"],
        ),
        (
            "use crate::{\n    ci::{A, b},\n    app,\n};\n",
            1,
            vec!["ci", "app"],
        ),
        ("use super::app;\n", 1, vec!["app"]),
        ("use super::app;\nuse super::super::ci;\n", 2, vec!["ci"]),
        ("// crate::no\n/// [`crate::no`]\n", 1, vec![]),
    ] {
        assert_eq!(imported_modules(source, depth), expected, "{source}");
    }
}

#[test]
fn tests_may_import_anything_and_hide_nothing_behind_them() {
    let source = "#[cfg(test)]\nmod tests;\nuse crate::a;\n#[cfg(test)]\nmod more {\n    use crate::no;\n}\n\
                  fn f() {\n    #[cfg(test)]\n    crate::no::f();\n    crate::b::f();\n}\n";
    assert_eq!(imported_modules(source, 1), ["a", "b"]);
}

#[test]
fn every_module_of_the_crate_has_a_layer() {
    for line in include_str!("../src/lib.rs").lines() {
        let declared = line.strip_prefix("pub mod ").or(line.strip_prefix("mod "));
        if let Some(module) = declared {
            layer_of(module.trim_end_matches(';'));
        }
    }
}

#[test]
fn the_architecture_page_shows_these_layers() {
    let shown: Vec<Vec<&str>> = include_str!("../docs/architecture.md")
        .lines()
        .filter_map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            cells.next()?.parse::<usize>().ok()?;
            Some(cells.next()?.split(", ").collect())
        })
        .collect();
    assert_eq!(shown, LAYERS);
}
