//! Inputs that are read and checked, but do nothing yet. A value other than the default is an error, so that nobody
//! relies on it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::error::InputError;
use super::table::{self, InputSpec, Kind, LONGEST};
use super::value;

/// The inputs that do nothing yet. The ways to get credentials are not here: choosing one is the credentials' part.
const NOT_YET: [&str; 2] = ["iam_endpoint", "sts_endpoint"];

/// Those of them that are given with another meaning than their default has.
pub(super) fn find(values: &BTreeMap<&'static str, String>) -> Vec<InputError> {
    NOT_YET
        .iter()
        .filter_map(|name| table::find(name))
        .filter(|spec| {
            let value = values.get(spec.name);
            value.is_some_and(|value| !means_default(spec, value))
        })
        .map(|spec| InputError::InputNotSupported {
            input: spec.name,
            default: spec.default,
        })
        .collect()
}

/// Whether the value means the same as the default, however it is written: `3600` is `60m`.
fn means_default(spec: &InputSpec, value: &str) -> bool {
    let Some(default) = spec.default else {
        return false;
    };
    match spec.kind {
        Kind::Bool => value::boolean(value) == value::boolean(default),
        Kind::Duration { .. } => {
            let read = |text| value::duration(text, Duration::ZERO, LONGEST);
            read(value) == read(default)
        }
        Kind::Integer { min, max } => {
            value::integer(value, min, max) == value::integer(default, min, max)
        }
        _ => value == default,
    }
}
