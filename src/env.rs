//! A snapshot of the environment: the only reader of the process's variables.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The variables as they were when the step started. It has no `Debug`, since values may be secrets.
#[derive(Clone, Default)]
pub struct Env {
    variables: BTreeMap<OsString, OsString>,
}

impl Env {
    /// The variables of this process. Names and values that are not UTF-8 are kept as they are.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the process environment"
    )]
    pub fn from_process() -> Self {
        Self::from_pairs(std::env::vars_os())
    }

    /// An environment of these variables alone; of one name given twice, the last value holds.
    pub fn from_pairs<K: Into<OsString>, V: Into<OsString>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self { variables }
    }

    /// The value without surrounding white space. A blank value and one that is not UTF-8 count as unset.
    /// On Windows the case of the name does not matter, as for the system itself.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.find(name, cfg!(windows))?.to_str()?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// The value as a path: not trimmed, UTF-8 or not. A blank value counts as unset.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.find(name, cfg!(windows))?;
        let is_blank = value.to_str().is_some_and(|text| text.trim().is_empty());
        (!is_blank).then(|| PathBuf::from(value))
    }

    /// All variables, sorted by name, as they are.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    fn find(&self, name: &str, ignore_case: bool) -> Option<&OsStr> {
        if let Some(value) = self.variables.get(OsStr::new(name)) {
            return Some(value);
        }
        if !ignore_case {
            return None;
        }
        self.iter()
            .find_map(|(candidate, value)| candidate.eq_ignore_ascii_case(name).then_some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_trimmed() {
        let env = Env::from_pairs([("A", " b c\n")]);
        assert_eq!(env.get("A"), Some("b c"));
    }

    #[test]
    fn a_blank_value_counts_as_unset() {
        let env = Env::from_pairs([("A", " \t\r\n"), ("B", "")]);
        assert_eq!(env.get("A"), None);
        assert_eq!(env.get("B"), None);
        assert_eq!(env.path("B"), None);
        assert_eq!(env.get("C"), None);
    }

    #[test]
    fn a_path_is_taken_as_it_is() {
        let env = Env::from_pairs([("A", " b ")]);
        assert_eq!(env.path("A"), Some(PathBuf::from(" b ")));
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_utf8_is_a_path_but_no_text() {
        use std::os::unix::ffi::OsStringExt as _;
        let env = Env::from_pairs([(OsString::from("A"), OsString::from_vec(vec![0xff]))]);
        assert_eq!(env.get("A"), None);
        assert!(env.path("A").is_some());
        assert_eq!(env.iter().count(), 1);
    }

    #[test]
    fn names_are_compared_without_case_where_the_system_does_so() {
        let env = Env::from_pairs([("UserProfile", "x")]);
        assert_eq!(env.find("USERPROFILE", true), Some(OsStr::new("x")));
        assert_eq!(env.find("USERPROFILE", false), None);
    }
}
