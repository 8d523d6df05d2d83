//! Reads values of one type each, by the bounds in the table, and keeps what is wrong.

use std::time::Duration;

use super::error::InputError;
use super::table::{self, Kind, Required};
use super::value::{self, Expected};
use crate::endpoint::Endpoint;
use crate::secret::Secret;

/// Each method answers `None` where nothing is given and where the value is wrong; the latter adds an error.
pub(super) struct Reader<'a> {
    errors: &'a mut Vec<InputError>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(errors: &'a mut Vec<InputError>) -> Self {
        Self { errors }
    }

    pub(super) fn report(&mut self, error: InputError) {
        self.errors.push(error);
    }

    pub(super) fn value<T>(
        &mut self,
        input: &'static str,
        raw: Option<String>,
        read: impl FnOnce(&str) -> Result<T, Expected>,
    ) -> Option<T> {
        let text = raw?;
        match read(&text) {
            Ok(value) => Some(value),
            Err(expected) => {
                self.errors.push(InputError::Invalid {
                    input,
                    expected,
                    found: Some(text),
                });
                None
            }
        }
    }

    pub(super) fn required<T>(
        &mut self,
        input: &'static str,
        raw: Option<String>,
        read: impl FnOnce(&str) -> Result<T, Expected>,
    ) -> Option<T> {
        let required = table::find(input).map(|spec| spec.required);
        if let (None, Some(Required::Always(hint)), false) = (&raw, required, self.has_error(input))
        {
            self.errors.push(InputError::Missing { input, hint });
        }
        self.value(input, raw, read)
    }

    pub(super) fn line(&mut self, input: &'static str, raw: Option<String>) -> Option<String> {
        self.value(input, raw, value::line)
    }

    pub(super) fn duration(
        &mut self,
        input: &'static str,
        raw: Option<String>,
    ) -> Option<Duration> {
        self.value(input, raw, |text| match kind(input) {
            Kind::Duration { min, max } => value::duration(text, min, max),
            other => unreachable!("`{input}` is read as a duration, but the table has {other:?}"),
        })
    }

    pub(super) fn integer(&mut self, input: &'static str, raw: Option<String>) -> Option<u32> {
        self.value(input, raw, |text| match kind(input) {
            Kind::Integer { min, max } => value::integer(text, min, max),
            other => unreachable!("`{input}` is read as a number, but the table has {other:?}"),
        })
    }

    pub(super) fn choice(
        &mut self,
        input: &'static str,
        raw: Option<String>,
    ) -> Option<&'static str> {
        self.value(input, raw, |text| match kind(input) {
            Kind::Choice(words) => value::choice(text, words),
            other => unreachable!("`{input}` is read as a word, but the table has {other:?}"),
        })
    }

    pub(super) fn url(&mut self, input: &'static str, raw: Option<String>) -> Option<Endpoint> {
        let found = raw?;
        match Endpoint::parse(&found) {
            Ok(endpoint) => Some(endpoint),
            Err(problem) => {
                self.errors.push(InputError::Url {
                    input,
                    problem,
                    found,
                });
                None
            }
        }
    }

    pub(super) fn secret(&mut self, input: &'static str, raw: Option<String>) -> Option<Secret> {
        self.checked_secret(input, raw, false)
    }

    pub(super) fn header_secret(
        &mut self,
        input: &'static str,
        raw: Option<String>,
    ) -> Option<Secret> {
        self.checked_secret(input, raw, true)
    }

    fn checked_secret(
        &mut self,
        input: &'static str,
        raw: Option<String>,
        in_header: bool,
    ) -> Option<Secret> {
        let text = raw?;
        if let Some(expected) = value::secret_problem(&text, in_header) {
            self.errors.push(InputError::Invalid {
                input,
                expected: Expected::Borrowed(expected),
                found: None,
            });
        }
        Some(Secret::new(text))
    }

    pub(super) fn has_error(&self, input: &str) -> bool {
        self.errors.iter().any(|error| error.input() == Some(input))
    }
}

fn kind(input: &str) -> Kind {
    table::find(input)
        .expect("only names of the table are read")
        .kind
}
