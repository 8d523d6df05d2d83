//! The types of the inputs, read from text. Each function answers with the value, or with what was expected.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::table::LONGEST;
use super::words::{listed, shown};

/// What a value must be, as the end of the sentence "the input must be …".
pub(super) type Expected = Cow<'static, str>;

/// The id of a project, pipeline, run or job run: 32 of `[0-9A-Za-z]`, and so safe in a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Id(String);

impl Id {
    /// The length of every id (vendor help pages of the pipeline API: "32 characters").
    const LENGTH: usize = 32;

    /// Reads an id; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let valid =
            text.len() == Self::LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        valid.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which run to retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunSelector {
    /// This one.
    Id(Id),
    /// The pipeline's newest.
    Latest,
}

/// What to do with the remote run when the step is cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnCancel {
    /// Let it run.
    #[default]
    Leave,
    /// Stop it, or take it off the queue.
    Stop,
}

/// The form of an output file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// One JSON object.
    Json,
    /// `KEY=value` lines in GitLab's dialect of dotenv.
    Env,
    /// Java properties.
    Properties,
    /// A shell script to source.
    Sh,
    /// A directory with one file per output.
    Directory,
}

/// Where else the outputs go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// The file or directory.
    pub path: PathBuf,
    /// Its form.
    pub format: OutputFormat,
}

pub(super) fn id(text: &str) -> Result<Id, Expected> {
    Id::parse(text).ok_or(Cow::Borrowed("an id of 32 letters and digits"))
}

pub(super) fn run_selector(text: &str) -> Result<RunSelector, Expected> {
    if text == "latest" {
        return Ok(RunSelector::Latest);
    }
    Id::parse(text)
        .map(RunSelector::Id)
        .ok_or(Cow::Borrowed("an id of 32 letters and digits, or `latest`"))
}

/// Blank entries are skipped and repeated ones merged; a list of nothing but separators is an error, since it would
/// mean "everything".
pub(super) fn id_list(text: &str) -> Result<Vec<Id>, Expected> {
    let expected = "ids of 32 letters and digits, separated by comma or line break";
    let mut ids = Vec::new();
    let entries = text.split([',', '\n', '\r']).map(str::trim);
    for entry in entries.filter(|entry| !entry.is_empty()) {
        let id = Id::parse(entry)
            .ok_or_else(|| Cow::Owned(format!("{expected} (`{}` is none)", shown(entry))))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() {
        return Err(Cow::Borrowed(expected));
    }
    Ok(ids)
}

/// The spellings of the YAML 1.2 core schema, as in the toolkit of GitHub's own actions.
pub(super) fn boolean(text: &str) -> Result<bool, Expected> {
    match text {
        "true" | "True" | "TRUE" => Ok(true),
        "false" | "False" | "FALSE" => Ok(false),
        _ => Err(Cow::Borrowed("true or false")),
    }
}

pub(super) fn integer(text: &str, min: u32, max: u32) -> Result<u32, Expected> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number
        .filter(|number| (min..=max).contains(number))
        .ok_or_else(|| Cow::Owned(format!("a whole number from {min} to {max}")))
}

pub(super) fn duration(text: &str, min: Duration, max: Duration) -> Result<Duration, Expected> {
    let expected = || {
        let bounds = if max < LONGEST {
            format!("a duration from {} to {}", compact(min), compact(max))
        } else if min.is_zero() {
            format!("a duration of at most {}", compact(max))
        } else {
            format!("a duration above 0 and of at most {}", compact(max))
        };
        Cow::Owned(format!(
            "{bounds}, such as 90s, 500ms, 10m or 1h30m (a bare number is seconds)"
        ))
    };
    read_duration(text)
        .filter(|duration| (min..=max).contains(duration))
        .ok_or_else(expected)
}

/// `90`, `90s`, `500ms`, `10m`, `1h30m`: each unit at most once, the longest first. What is too long for the type
/// becomes its longest value, which is above every bound.
fn read_duration(text: &str) -> Option<Duration> {
    const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    if text.is_empty() || !text.is_ascii() {
        return None;
    }
    let mut rest = text;
    let mut units = &UNITS[..];
    let mut total_millis = 0_u64;
    while !rest.is_empty() {
        let (digits, after) = split_while(rest, |byte| byte.is_ascii_digit());
        let (unit, after) = split_while(after, |byte| !byte.is_ascii_digit());
        if digits.is_empty() {
            return None;
        }
        // Digits alone fail to parse only if there are too many of them.
        let number = digits.parse().unwrap_or(u64::MAX);
        let bare = unit.is_empty() && digits.len() == text.len();
        let unit = if bare { "s" } else { unit };
        let at = units.iter().position(|(name, _)| *name == unit)?;
        total_millis = total_millis.saturating_add(units[at].1.saturating_mul(number));
        units = &units[at + 1..];
        rest = after;
    }
    Some(Duration::from_millis(total_millis))
}

fn split_while(text: &str, belongs: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(|byte| !belongs(byte));
    text.split_at(end.unwrap_or(text.len()))
}

/// A bound of the table in the notation of the inputs, in its longest whole unit.
pub(super) fn compact(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        0 => "0".to_owned(),
        _ if !millis.is_multiple_of(1000) => format!("{millis}ms"),
        _ if !millis.is_multiple_of(60_000) => format!("{}s", millis / 1000),
        _ if !millis.is_multiple_of(3_600_000) => format!("{}m", millis / 60_000),
        _ => format!("{}h", millis / 3_600_000),
    }
}

pub(super) fn choice(text: &str, words: &'static [&'static str]) -> Result<&'static str, Expected> {
    words
        .iter()
        .copied()
        .find(|word| *word == text)
        .ok_or_else(|| Cow::Owned(listed(words, "or")))
}

/// Text that goes into one line.
pub(super) fn line(text: &str) -> Result<String, Expected> {
    if text.chars().any(char::is_control) {
        return Err(Cow::Borrowed("one line without control characters"));
    }
    Ok(text.to_owned())
}

/// What is wrong with a secret, without a word of it; `None` if nothing is. A secret that goes into a header as it is
/// must also be ASCII.
pub fn secret_problem(text: &str, in_header: bool) -> Option<&'static str> {
    if text.chars().any(char::is_control) {
        return Some("one line without control characters: copy it again, without line breaks");
    }
    if in_header && !text.is_ascii() {
        return Some("ASCII, as headers are: copy it again");
    }
    None
}

/// The form follows from the name. A directory is known by its final `/`, or by being there.
pub(super) fn output_file(
    text: &str,
    is_directory: &dyn Fn(&Path) -> bool,
) -> Result<OutputFile, Expected> {
    const EXTENSIONS: [(&str, OutputFormat); 4] = [
        (".json", OutputFormat::Json),
        (".env", OutputFormat::Env),
        (".properties", OutputFormat::Properties),
        (".sh", OutputFormat::Sh),
    ];
    let path = PathBuf::from(line(text)?);
    let separator_at_end = text.ends_with('/') || (cfg!(windows) && text.ends_with('\\'));
    let format = if separator_at_end || is_directory(&path) {
        Some(OutputFormat::Directory)
    } else {
        let lower = text.to_ascii_lowercase();
        EXTENSIONS
            .iter()
            .find_map(|(extension, format)| lower.ends_with(extension).then_some(*format))
    };
    match format {
        Some(format) => Ok(OutputFile { path, format }),
        None => Err(Cow::Borrowed(
            "a .json, .env, .properties or .sh file, or a directory that exists or ends in /",
        )),
    }
}

#[cfg(test)]
#[path = "value_tests.rs"]
mod tests;
