//! The `.properties` form, in Java itself: what Jenkins and its plugins read with.

use std::path::Path;
use std::process::Command;

use codearts_properties::readers::Values;
use codearts_retry::ci::output_file;
use codearts_retry::inputs::{OutputFile, OutputFormat};
use codearts_retry::outcome::Outcome;

use super::hostile::HOSTILE;
use super::outputs::{named, prefixed};
use super::tools::is_there;
use super::values::{map, outputs, red, widest};

const READER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/conformance/java/PropertiesReader.java"
);

/// Takes this many bytes off the front.
fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

fn take_number(bytes: &mut &[u8]) -> usize {
    let number = u32::from_be_bytes(take(bytes, 4).try_into().unwrap());
    usize::try_from(number).unwrap()
}

fn take_text(bytes: &mut &[u8]) -> String {
    let length = take_number(bytes);
    String::from_utf8(take(bytes, length).to_vec()).unwrap()
}

#[test]
fn java_util_properties_reads_back_every_value() {
    // The compiler comes with the development kit alone; programs need not be compiled for the version that runs.
    if !is_there(&["javac", "-version"]) || !is_there(&["java", "-version"]) {
        return;
    }
    let home = tempfile::TempDir::new().unwrap();
    let outcomes: Vec<Outcome> = HOSTILE
        .iter()
        .map(|text| red(text))
        .chain([widest()])
        .collect();
    let file = |index: usize| home.path().join(format!("{index}.properties"));
    for (index, outcome) in outcomes.iter().enumerate() {
        let file = OutputFile {
            path: file(index),
            format: OutputFormat::Properties,
        };
        output_file::write(&file, &outputs(outcome)).unwrap();
    }

    let run = |command: &mut Command| {
        let ended = command.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{said}");
        ended.stdout
    };
    let classes = Path::new(home.path());
    run(Command::new("javac").arg("-d").arg(classes).arg(READER));
    let read = run(Command::new("java")
        .arg("-cp")
        .arg(classes)
        .arg("PropertiesReader")
        .args((0..outcomes.len()).map(file)));

    let mut rest = read.as_slice();
    for outcome in &outcomes {
        let values: Values = (0..take_number(&mut rest))
            .map(|_| (take_text(&mut rest), take_text(&mut rest)))
            .collect();
        assert_eq!(values, named(map(&outputs(outcome)), prefixed));
    }
    assert!(rest.is_empty());
}
