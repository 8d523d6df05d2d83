//! Collects the inputs from the environment: prefixes, folding of names, trimming, typos.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use super::error::InputError;
use super::table::{self, InputSpec};
use super::typo;
use super::words::shown;
use crate::env::Env;
use crate::secret::Secret;

/// What the environment says about inputs.
#[derive(Default)]
pub(super) struct Gathered {
    /// Trimmed values that are not blank, by the name of the input.
    pub(super) values: BTreeMap<&'static str, String>,
    /// What stands in the way of a value.
    pub(super) errors: Vec<InputError>,
    /// Names that are probably misspelled.
    pub(super) warnings: Vec<String>,
    /// Every value that is, or is probably meant as, a secret: also those that are not used.
    pub(super) secrets: Vec<Secret>,
}

/// The prefixes, in order of precedence: GitHub's, and the one of Woodpecker and Drone.
const PREFIXES: [&str; 2] = ["INPUT_", "PLUGIN_"];

/// One variable that gives an input a value.
struct Found<'a> {
    variable: &'a str,
    value: &'a OsStr,
}

/// Reads every variable that has a prefix of ours.
pub(super) fn gather(env: &Env) -> Gathered {
    let mut gathered = Gathered::default();
    let mut found: [BTreeMap<&'static str, Vec<Found<'_>>>; 2] = Default::default();
    for (variable, value) in env.iter() {
        // A name that is not UTF-8 is not one of ours; a blank value is unset.
        let Some(variable) = variable.to_str() else {
            continue;
        };
        if value.to_str().is_some_and(|text| text.trim().is_empty()) {
            continue;
        }
        let Some((prefix, name)) = split(variable) else {
            continue;
        };
        if let Some(spec) = table::find(&name) {
            found[prefix]
                .entry(spec.name)
                .or_default()
                .push(Found { variable, value });
            gathered.keep_secret(spec, value);
        } else if let Some(spec) = typo::meant(&name) {
            gathered.keep_secret(spec, value);
            gathered.warnings.push(format!(
                "{} is not an input: did you mean `{}`, in {}{}?",
                shown(variable),
                spec.name,
                PREFIXES[prefix],
                spec.name.to_ascii_uppercase()
            ));
        }
    }
    let [mut first, second] = found;
    for (input, spellings) in second {
        // One of our own names that is not UTF-8 is an error even where the other prefix has a value.
        if first.contains_key(input) {
            gathered.report_not_unicode(input, &spellings);
        } else {
            first.insert(input, spellings);
        }
    }
    for (input, spellings) in first {
        gathered.report_not_unicode(input, &spellings);
        gathered.take(input, &spellings);
    }
    gathered
}

/// The index of the prefix and the folded name behind it.
fn split(variable: &str) -> Option<(usize, String)> {
    let folded: String = variable
        .chars()
        .map(|character| match character {
            '-' | '.' | ' ' => '_',
            other => other.to_ascii_uppercase(),
        })
        .collect();
    PREFIXES.iter().enumerate().find_map(|(at, prefix)| {
        let name = folded.strip_prefix(prefix)?;
        Some((at, name.to_ascii_lowercase()))
    })
}

impl Gathered {
    fn keep_secret(&mut self, spec: &InputSpec, value: &OsStr) {
        if !spec.is_secret() {
            return;
        }
        if let Some(text) = value.to_str() {
            let secret = Secret::new(text.trim());
            if !self.secrets.contains(&secret) {
                self.secrets.push(secret);
            }
        }
    }

    fn report_not_unicode(&mut self, input: &'static str, spellings: &[Found<'_>]) {
        for found in spellings {
            if found.value.to_str().is_none() {
                self.errors.push(InputError::NotUnicode {
                    input,
                    variable: found.variable.to_owned(),
                });
            }
        }
    }

    fn take(&mut self, input: &'static str, spellings: &[Found<'_>]) {
        let mut readable = spellings
            .iter()
            .filter_map(|found| Some((found.variable, found.value.to_str()?.trim())));
        let Some((variable, value)) = readable.next() else {
            return;
        };
        for (other, other_value) in readable {
            if other_value != value {
                self.errors.push(InputError::Spellings {
                    input,
                    variables: [variable.to_owned(), other.to_owned()],
                });
            }
        }
        self.values.insert(input, value.to_owned());
    }
}
