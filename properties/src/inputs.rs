//! The inputs: what is read is within its bounds and means what was written; what is wrong is told by its name, in one
//! line, and the texts do not depend on any secret.
//!
//! The bytes are lines `NAME=value`; a line that begins with a tab belongs to the value before it, with a line break
//! between. They come on top of inputs that are valid, so that a blank value takes one of those away.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use codearts_retry::client::{ApiRequest, Method};
use codearts_retry::credentials;
use codearts_retry::env::Env;
use codearts_retry::inputs::{
    INPUTS, InputError, InputSpec, Inputs, Kind, OnCancel, Reading, RunSelector, read,
};

use crate::wording;

const VALID: [(&str, &str); 5] = [
    ("INPUT_PROJECT_ID", "0123456789abcdef0123456789abcdef"),
    ("INPUT_PIPELINE_ID", "0123456789abcdef0123456789abcdef"),
    ("INPUT_PIPELINE_RUN_ID", "latest"),
    ("INPUT_REGION", "cn-north-4"),
    ("INPUT_AUTH_TOKEN", "hunter2-hunter2"),
];

/// Names of variables that lead to files: a fuzzer would open what it likes.
const FILES: [&str; 4] = [
    "HUAWEICLOUD_SDK_CREDENTIALS_FILE",
    "HOME",
    "USERPROFILE",
    "HUAWEICLOUD_SDK_ID_TOKEN_FILE",
];

type Variables = BTreeMap<OsString, OsString>;

pub(crate) fn check(data: &[u8]) {
    let variables = variables(data);
    let env = Env::from_pairs(variables.clone());
    let reading = read(&env);
    match &reading.inputs {
        Ok(inputs) => {
            check_bounds(inputs);
            check_values(inputs, &env);
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                check_error(error, &env);
            }
        }
    }
    for spec in INPUTS.iter().filter(|spec| spec.is_secret()) {
        for value in plain_values(&env, spec) {
            let is_kept = reading.secrets.iter().any(|own| own.expose() == value);
            assert!(is_kept, "a value of {} is not masked", spec.name);
        }
    }
    let others = Env::from_pairs(variables.iter().map(|(name, value)| {
        let value = if may_be_shown(name) {
            value.clone()
        } else {
            wording::other(value)
        };
        (name.clone(), value)
    }));
    assert_eq!(told(&reading, &env), told(&read(&others), &others));
}

fn variables(data: &[u8]) -> Variables {
    let valid = VALID
        .iter()
        .map(|(name, value)| (name.into(), value.into()));
    let mut variables: Variables = valid.collect();
    let mut last = None;
    for line in data.split(|byte| *byte == b'\n') {
        if let (Some(name), Some(rest)) = (&last, line.strip_prefix(b"\t")) {
            let value: &mut OsString = variables.entry(OsString::clone(name)).or_default();
            value.push("\n");
            value.push(wording::os_string(rest));
            continue;
        }
        last = line
            .iter()
            .position(|byte| *byte == b'=')
            .map(|at| {
                (
                    wording::os_string(&line[..at]),
                    wording::os_string(&line[at + 1..]),
                )
            })
            .filter(|(name, _)| !name.is_empty() && !is_file(name))
            .map(|(name, value)| {
                variables.insert(name.clone(), value);
                name
            });
    }
    variables
}

fn is_file(name: &OsString) -> bool {
    FILES.iter().any(|file| name.eq_ignore_ascii_case(file))
}

/// Whether the value of a variable may be told: that of an input that is none of the secrets, and no other one.
fn may_be_shown(name: &OsString) -> bool {
    const TOLD: [&str; 3] = ["RUNNER_DEBUG", "HUAWEI_CLOUD_REGION", "HW_REGION_NAME"];
    let Some(name) = name.to_str() else {
        return false;
    };
    let own = INPUTS.iter().find(|spec| is_name_of(name, spec));
    own.is_some_and(|spec| !spec.is_secret()) || TOLD.contains(&name)
}

/// DESIGN §2: letters fold case; `-`, `.` and space fold to `_`.
fn is_name_of(variable: &str, spec: &InputSpec) -> bool {
    let folded = variable.to_uppercase().replace(['-', '.', ' '], "_");
    let name = spec.name.to_uppercase();
    ["INPUT_", "PLUGIN_"]
        .iter()
        .any(|prefix| folded.strip_prefix(prefix) == Some(&name))
}

/// The values of an input that are there in its plain spellings, trimmed.
fn plain_values(env: &Env, spec: &InputSpec) -> Vec<String> {
    let name = spec.name.to_uppercase();
    let spelled = ["INPUT_", "PLUGIN_"].map(|prefix| [prefix, &name].concat());
    spelled
        .iter()
        .filter_map(|variable| env.get(variable).map(str::to_owned))
        .collect()
}

/// Everything that is said about inputs and credentials.
fn told(reading: &Reading, env: &Env) -> Vec<String> {
    let mut told = reading.warnings.clone();
    if let Err(errors) = &reading.inputs {
        told.extend(errors.iter().map(ToString::to_string));
    }
    if let Some(given) = &reading.credentials {
        match credentials::resolve(given, env) {
            Ok(resolved) => {
                told.extend(resolved.warnings);
                told.push(resolved.source);
            }
            Err(errors) => told.extend(errors.iter().map(ToString::to_string)),
        }
    }
    for text in &told {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    told
}

/// An error names its input as `action.yml` spells it, and is right.
fn check_error(error: &InputError, env: &Env) {
    let text = error.to_string();
    assert!(!text.is_empty() && text.len() < 4096);
    if let Some(input) = error.input() {
        assert!(text.contains(&format!("`{input}`")), "{text}");
        let spec = INPUTS.iter().find(|spec| spec.name == input).unwrap();
        let is_about_the_value = matches!(error, InputError::Invalid { .. });
        if let ([(_, value)], true) = (&spellings(env, spec)[..], is_about_the_value) {
            assert!(!is_plainly_valid(spec.kind, value), "{text}");
        }
    }
}

/// Whether a value is one of its type beyond doubt.
fn is_plainly_valid(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Bool => ["true", "True", "TRUE", "false", "False", "FALSE"].contains(&text),
        Kind::Id => text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        Kind::IdOrLatest => text == "latest",
        Kind::Choice(words) => words.contains(&text),
        Kind::Integer { min, max } => (min..=max).any(|number| number.to_string() == text),
        Kind::Duration { min, max } => {
            let seconds = text.strip_suffix('s').unwrap_or(text).parse();
            let is_short = text.len() < 6 && !text.starts_with('+');
            is_short
                && seconds.is_ok_and(|seconds| (min..=max).contains(&Duration::from_secs(seconds)))
        }
        Kind::IdList | Kind::Text | Kind::Secret | Kind::Url | Kind::Path => false,
    }
}

/// The variables that give an input, with their values, in any spelling.
fn spellings<'a>(env: &'a Env, spec: &InputSpec) -> Vec<(&'a str, &'a str)> {
    env.iter()
        .filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?.trim())))
        .filter(|(name, value)| !value.is_empty() && is_name_of(name, spec))
        .collect()
}

/// The bounds of DESIGN §2.
fn check_bounds(inputs: &Inputs) {
    let ids = [&inputs.project_id, &inputs.pipeline_id];
    let run = match &inputs.pipeline_run_id {
        RunSelector::Id(id) => Some(id),
        RunSelector::Latest => None,
    };
    for id in ids.into_iter().chain(run).chain(&inputs.job_run_ids) {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric();
        assert!(id.as_str().len() == 32 && id.as_str().bytes().all(is_plain));
        let path = ["/", id.as_str()].concat();
        assert_eq!(ApiRequest::new(Method::Get, &*path).target(), path);
    }
    let base = inputs.endpoint.base();
    let host = base.strip_prefix("https://");
    let host = host.or(base
        .strip_prefix("http://")
        .filter(|host| is_loopback(host)));
    let host = host.unwrap_or_else(|| panic!("{base} is neither https nor this machine"));
    assert!(!host.is_empty() && host.is_ascii() && !host.contains(['/', '@', '?', '#', ' ']));
    assert!((1..=20).contains(&inputs.max_attempts));
    assert!((1..=10).contains(&inputs.max_retries));
    assert!(inputs.wait || inputs.max_retries == 1);
    assert!(inputs.wait || inputs.on_cancel == OnCancel::Leave);
    assert!(inputs.log_lines <= 1000);
    assert!(inputs.backoff <= inputs.max_backoff);
    let (second, minutes) = (Duration::from_secs(1), Duration::from_secs(600));
    assert!((second..=minutes).contains(&inputs.poll_interval));
    for positive in [
        inputs.wait_timeout,
        inputs.connect_timeout,
        inputs.request_timeout,
    ] {
        assert!(!positive.is_zero());
        // Deadlines are sums of these.
        assert!(positive.checked_add(positive).is_some());
    }
}

fn is_loopback(authority: &str) -> bool {
    authority.starts_with("127.")
        || authority.starts_with("[::1]")
        || authority == "localhost"
        || authority.starts_with("localhost:")
}

/// What was read is what was written, where an input is given in one way alone.
fn check_values(inputs: &Inputs, env: &Env) {
    for spec in INPUTS {
        let [(_, text)] = spellings(env, spec)[..] else {
            continue;
        };
        let (number, duration) = match spec.name {
            "max_attempts" => (Some(inputs.max_attempts), None),
            "max_retries" => (Some(inputs.max_retries), None),
            "log_lines" => (Some(inputs.log_lines), None),
            "wait_timeout" => (None, Some(inputs.wait_timeout)),
            "poll_interval" => (None, Some(inputs.poll_interval)),
            "max_backoff" => (None, Some(inputs.max_backoff)),
            "connect_timeout" => (None, Some(inputs.connect_timeout)),
            "request_timeout" => (None, Some(inputs.request_timeout)),
            "wait" => {
                assert_eq!(text.to_lowercase(), inputs.wait.to_string());
                continue;
            }
            "dry_run" => {
                assert_eq!(text.to_lowercase(), inputs.dry_run.to_string());
                continue;
            }
            "project_id" => {
                assert_eq!(text, inputs.project_id.as_str());
                continue;
            }
            _ => continue,
        };
        match spec.kind {
            Kind::Integer { .. } => assert_eq!(text.parse().ok(), number, "{}", spec.name),
            Kind::Duration { .. } => assert_eq!(written(text), duration, "{}: {text}", spec.name),
            other => panic!("{} is {other:?}", spec.name),
        }
    }
}

/// `90`, `90s`, `500ms`, `10m`, `1h30m`, read from the end.
fn written(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    for (unit, millis) in [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)] {
        let Some(before) = rest.strip_suffix(unit) else {
            continue;
        };
        let digits = before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        total += Duration::from_millis(before[digits..].parse::<u64>().ok()? * millis);
        rest = &before[..digits];
    }
    rest.is_empty().then_some(total)
}
