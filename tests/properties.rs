//! The properties of `properties/`, tried with the seeds of the fuzzer and with random mixtures of seeds, words of the
//! dictionaries and anything else. A failure prints its bytes, made as few as they can be: they belong into
//! `fuzz/corpus`, under a name that says what they are, as what the fuzzer finds does.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use codearts_properties::ALL;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::prop_oneof;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

/// Mixtures of each property that are tried.
const MIXTURES: u32 = 120;

fn fuzz(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(path)
}

/// The names of the entries of a folder, without their extension.
fn names(folder: &str) -> BTreeSet<String> {
    fs::read_dir(fuzz(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// The seeds of a property, with the files that they are in.
fn seeds(property: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = fuzz("corpus").join(property);
    let mut seeds: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    seeds.sort();
    seeds
}

/// The words of a dictionary of libFuzzer: one in quotes a line, with `\xNN` for what is no plain character.
fn words(property: &str) -> Vec<Vec<u8>> {
    let path = fuzz("dictionaries").join(format!("{property}.dict"));
    let unescaped = |word: &str| {
        let mut parts = word.split("\\x");
        let mut bytes = parts.next().unwrap().as_bytes().to_owned();
        for part in parts {
            bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
            bytes.extend_from_slice(&part.as_bytes()[2..]);
        }
        bytes
    };
    let dictionary = fs::read_to_string(path).unwrap();
    dictionary
        .lines()
        .map(|line| line.strip_prefix('"').unwrap().strip_suffix('"').unwrap())
        .map(unescaped)
        .collect()
}

#[test]
fn every_property_has_a_fuzz_target_seeds_and_a_dictionary() {
    let known: BTreeSet<String> = ALL.iter().map(|own| own.name.to_owned()).collect();
    for folder in ["corpus", "dictionaries", "fuzz_targets"] {
        assert_eq!(names(folder), known, "{folder}");
    }
    let nightly: BTreeSet<String> = include_str!("../.github/workflows/fuzz.yml")
        .lines()
        .filter_map(|line| Some(line.strip_prefix("          - ")?.to_owned()))
        .collect();
    assert_eq!(nightly, known);
    for name in known {
        let target = fs::read_to_string(fuzz("fuzz_targets").join(format!("{name}.rs"))).unwrap();
        let check = format!("codearts_properties::check(\"{name}\", data)");
        assert!(target.contains(&check), "{name}");
    }
}

#[test]
fn every_property_holds_for_every_seed() {
    let mut failed = Vec::new();
    for property in ALL {
        for (path, seed) in seeds(property.name) {
            assert!(seed.len() < 8 * 1024, "{} is long", path.display());
            if std::panic::catch_unwind(|| (property.check)(&seed)).is_err() {
                failed.push(path);
            }
        }
    }
    assert_eq!(failed, Vec::<PathBuf>::new());
}

/// Pieces of seeds, words, characters and bytes, one after another.
fn mixtures(property: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let seeds: Vec<_> = seeds(property).into_iter().map(|(_, seed)| seed).collect();
    let piece = (select(seeds.clone()), any::<Index>(), any::<Index>());
    let piece = piece.prop_map(|(seed, one, other)| {
        let (one, other) = (one.index(seed.len() + 1), other.index(seed.len() + 1));
        seed[one.min(other)..one.max(other)].to_owned()
    });
    let character = any::<char>().prop_map(|c| c.to_string().into_bytes());
    let fragment = prop_oneof![
        2 => select(seeds),
        4 => piece,
        8 => select(words(property)),
        2 => character,
        1 => vec(any::<u8>(), 1..4),
    ];
    vec(fragment, 0..12).prop_map(|fragments| fragments.concat())
}

#[test]
fn every_property_holds_for_mixtures_of_its_seeds() {
    let mut failed = Vec::new();
    for property in ALL {
        let config = Config {
            cases: MIXTURES,
            failure_persistence: None,
            ..Config::default()
        };
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let tried = TestRunner::new_with_rng(config, rng).run(&mixtures(property.name), |data| {
            (property.check)(&data);
            Ok(())
        });
        if let Err(error) = tried {
            let TestError::Fail(why, data) = error else {
                panic!("{}: {error:?}", property.name);
            };
            failed.push(format!(
                "{}: {why}\nof the bytes \"{}\"",
                property.name,
                data.escape_ascii()
            ));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
