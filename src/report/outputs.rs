//! The outputs: their names, their order, and their values for an outcome.

use std::fmt;

use serde::Serialize;

use super::headline;
use crate::outcome::{FailedJob, Outcome, Retried};

/// One output, as `action.yml`, `--help` and the README name it.
#[derive(Clone, Copy, Debug)]
pub struct OutputSpec {
    /// The bare name.
    pub name: &'static str,
    /// One line, without a full stop.
    pub meaning: &'static str,
    /// The value as text.
    value: fn(&Typed) -> String,
}

const fn spec(
    name: &'static str,
    meaning: &'static str,
    value: fn(&Typed) -> String,
) -> OutputSpec {
    OutputSpec {
        name,
        meaning,
        value,
    }
}

/// Every output, in the order in which it is written.
pub const OUTPUTS: &[OutputSpec] = &[
    spec(
        "success",
        "`true` exactly when the exit code is 0, else `false`",
        |typed| typed.success.to_string(),
    ),
    spec("outcome", "how the step ended, in one word", |typed| {
        typed.outcome.to_owned()
    }),
    spec(
        "status",
        "the run's last seen status, empty if never read",
        |typed| typed.status.clone(),
    ),
    spec(
        "retried",
        "`true` if the service accepted a retry in this step, `unknown` if it may have, else `false`",
        |typed| typed.retried.to_string(),
    ),
    spec("retries", "how many retries were accepted", |typed| {
        typed.retries.to_string()
    }),
    spec(
        "attempts",
        "HTTP attempts used by the retry call(s)",
        |typed| typed.attempts.to_string(),
    ),
    spec("pipeline_run_id", "the run's id", |typed| {
        typed.pipeline_run_id.clone()
    }),
    spec(
        "run_number",
        "the run's number within its pipeline",
        |typed| or_empty(typed.run_number),
    ),
    spec("run_url", "the run's page in the console", |typed| {
        typed.run_url.clone()
    }),
    spec(
        "queue_id",
        "the place in the queue, when the retry was queued",
        |typed| typed.queue_id.clone(),
    ),
    spec(
        "error_code",
        "the service's error code, empty on success",
        |typed| typed.error_code.clone(),
    ),
    spec(
        "error_message",
        "the service's message, or the reason where it gave none, empty on success",
        |typed| typed.error_message.clone(),
    ),
    spec(
        "http_status",
        "the HTTP status of the failure, empty on success",
        |typed| or_empty(typed.http_status),
    ),
    spec(
        "request_id",
        "the service's id of the failed request, empty on success",
        |typed| typed.request_id.clone(),
    ),
    spec(
        "failed_jobs",
        "JSON array of `{stage, job, step, status, message}`, `[]` if none",
        |typed| json_line(&typed.failed_jobs),
    ),
    spec(
        "duration_seconds",
        "how long the step took, in whole seconds",
        |typed| typed.duration_seconds.to_string(),
    ),
    spec(
        "result",
        "one line of JSON with all of the above, typed",
        json_line,
    ),
];

/// `failed_jobs` is cut at whole entries until it and `result` are shorter than this: a line of 64 KiB is where the
/// strictest reader of a CI file (Forgejo's runner) loses the rest.
pub const LONG_LINE_BYTES: usize = 60 * 1024;

/// The values of all outputs, in the order of [`OUTPUTS`]. Line breaks inside `error_message` are `\n`, no other
/// value has any; no value starts with a blank line or holds NUL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    typed: Typed,
    values: Vec<(&'static str, String)>,
}

impl Outputs {
    /// The values of an outcome that is fit to be shown.
    pub(super) fn of(outcome: &Outcome) -> Self {
        let mut typed = Typed::of(outcome);
        typed.failed_jobs = fitting(&outcome.failed_jobs, json_line(&typed).len()).to_vec();
        let values = OUTPUTS
            .iter()
            .map(|spec| (spec.name, (spec.value)(&typed)))
            .collect();
        Self { typed, values }
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// The value of this output; empty for a name that is none.
    pub fn get(&self, name: &str) -> &str {
        self.iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| value)
    }

    /// What `result` holds.
    pub(super) fn typed(&self) -> &impl Serialize {
        &self.typed
    }
}

/// The first entries that keep `result`, of which `failed_jobs` is a part, short; it has `base` bytes without any.
fn fitting(failed_jobs: &[FailedJob], base: usize) -> &[FailedJob] {
    let mut length = base;
    let count = failed_jobs
        .iter()
        .take_while(|job| {
            length += json_line(job).len() + ",".len();
            length < LONG_LINE_BYTES
        })
        .count();
    &failed_jobs[..count]
}

/// The typed form: what `result` holds, and the source of every other value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Typed {
    success: bool,
    outcome: &'static str,
    status: String,
    retried: TypedRetried,
    retries: u32,
    attempts: u32,
    pipeline_run_id: String,
    run_number: Option<i64>,
    run_url: String,
    queue_id: String,
    error_code: String,
    error_message: String,
    http_status: Option<u16>,
    request_id: String,
    failed_jobs: Vec<FailedJob>,
    duration_seconds: u64,
}

impl Typed {
    /// All but `failed_jobs`.
    fn of(outcome: &Outcome) -> Self {
        let text = |value: Option<&String>| value.cloned().unwrap_or_default();
        let failure = outcome.failure.as_ref();
        Self {
            success: outcome.kind.is_success(),
            outcome: outcome.kind.word(),
            status: text(outcome.run.status.as_ref()),
            retried: TypedRetried::from(outcome.retried),
            retries: outcome.retries,
            attempts: outcome.attempts,
            pipeline_run_id: outcome.run.pipeline_run_id.clone(),
            run_number: outcome.run.run_number,
            run_url: text(outcome.run.run_url.as_ref()),
            queue_id: text(outcome.queue_id.as_ref()),
            error_code: text(failure.and_then(|failure| failure.service_code.as_ref())),
            error_message: error_message(outcome),
            http_status: failure.and_then(|failure| failure.http_status),
            request_id: text(failure.and_then(|failure| failure.request_id.as_ref())),
            failed_jobs: Vec::new(),
            duration_seconds: outcome.duration.as_secs(),
        }
    }
}

fn error_message(outcome: &Outcome) -> String {
    if outcome.kind.is_success() {
        return String::new();
    }
    let failure = outcome.failure.as_ref();
    failure
        .and_then(|failure| failure.service_message.clone())
        .or_else(|| failure.map(|failure| failure.reason.clone()))
        .filter(|message| !message.is_empty())
        .unwrap_or_else(|| headline::of(outcome.kind).to_owned())
}

/// A bool where it is known, else the word `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum TypedRetried {
    Known(bool),
    Unknown(&'static str),
}

impl From<Retried> for TypedRetried {
    fn from(retried: Retried) -> Self {
        match retried {
            Retried::Yes => Self::Known(true),
            Retried::No => Self::Known(false),
            Retried::Unknown => Self::Unknown("unknown"),
        }
    }
}

impl fmt::Display for TypedRetried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(known) => known.fmt(f),
            Self::Unknown(word) => f.write_str(word),
        }
    }
}

fn or_empty(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// One line of JSON.
fn json_line<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("texts, numbers and lists always serialize")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Failure, OutcomeKind, RunFacts};
    use crate::report::Report;
    use crate::report::samples::{HOSTILE, accepted, forbidden};
    use crate::secret::Redactor;

    fn outputs(outcome: &Outcome) -> Outputs {
        Report::from_outcome(outcome, &Redactor::default()).outputs()
    }

    #[test]
    fn a_good_retry_has_these_values() {
        let outputs = outputs(&accepted());
        let values: Vec<_> = outputs.iter().collect();
        assert_eq!(
            values,
            [
                ("success", "true"),
                ("outcome", "accepted"),
                ("status", "FAILED"),
                ("retried", "true"),
                ("retries", "1"),
                ("attempts", "1"),
                ("pipeline_run_id", "0123456789abcdef0123456789abcdef"),
                ("run_number", "42"),
                (
                    "run_url",
                    "https://devcloud.cn-north-4.huaweicloud.com/cicd/project/p/pipeline/detail/x/r"
                ),
                ("queue_id", ""),
                ("error_code", ""),
                ("error_message", ""),
                ("http_status", ""),
                ("request_id", ""),
                ("failed_jobs", "[]"),
                ("duration_seconds", "2"),
                (
                    "result",
                    "{\"success\":true,\"outcome\":\"accepted\",\"status\":\"FAILED\",\"retried\":true,\
                     \"retries\":1,\"attempts\":1,\"pipeline_run_id\":\"0123456789abcdef0123456789abcdef\",\
                     \"run_number\":42,\"run_url\":\"https://devcloud.cn-north-4.huaweicloud.com/cicd/project/p\
                     /pipeline/detail/x/r\",\"queue_id\":\"\",\"error_code\":\"\",\"error_message\":\"\",\
                     \"http_status\":null,\"request_id\":\"\",\"failed_jobs\":[],\"duration_seconds\":2}"
                ),
            ]
        );
    }

    #[test]
    fn success_is_true_exactly_for_exit_code_zero() {
        for kind in OutcomeKind::ALL {
            let outputs = outputs(&Outcome { kind, ..accepted() });
            assert_eq!(outputs.get("success") == "true", kind.exit_code() == 0);
            assert_eq!(outputs.get("error_message").is_empty(), kind.is_success());
        }
    }

    #[test]
    fn an_unknown_retry_is_a_word_in_both_forms() {
        let outputs = outputs(&Outcome {
            retried: Retried::Unknown,
            ..accepted()
        });
        assert_eq!(outputs.get("retried"), "unknown");
        assert!(outputs.get("result").contains(r#""retried":"unknown""#));
    }

    #[test]
    fn the_reason_stands_in_for_a_missing_message() {
        let mut outcome = forbidden("");
        assert_eq!(
            outputs(&outcome).get("error_message"),
            "the service refused the retry"
        );
        outcome.failure = None;
        assert_eq!(
            outputs(&outcome).get("error_message"),
            headline::of(OutcomeKind::Forbidden)
        );
    }

    /// The widest values there can be: every character takes six bytes in JSON.
    fn widest() -> Outcome {
        let wide = |count: usize| "\u{1}".repeat(count);
        let job = FailedJob {
            stage: wide(9000),
            job: wide(9000),
            step: "😀".repeat(9000),
            status: wide(9000),
            message: "\u{1b}".repeat(9000),
            ..FailedJob::default()
        };
        Outcome {
            kind: OutcomeKind::RunFailed,
            run: RunFacts {
                pipeline_run_id: "\"".repeat(9000),
                run_number: Some(i64::MIN),
                run_url: Some("\"".repeat(1024)),
                status: Some("\\".repeat(9000)),
            },
            retries: u32::MAX,
            attempts: u32::MAX,
            queue_id: Some("\\".repeat(9000)),
            failure: Some(Failure {
                reason: "x".to_owned(),
                service_code: Some("\"".repeat(9000)),
                service_message: Some("\u{1}".repeat(5 << 20)),
                http_status: Some(u16::MAX),
                request_id: Some("\"".repeat(9000)),
                advice: None,
            }),
            failed_jobs: vec![job; 200],
            duration: std::time::Duration::from_secs(u64::MAX),
            ..accepted()
        }
    }

    #[test]
    fn every_value_keeps_its_bound() {
        let outputs = outputs(&widest());
        assert!(outputs.get("error_message").len() <= 4096);
        for name in ["failed_jobs", "result"] {
            assert!(outputs.get(name).len() < LONG_LINE_BYTES, "{name}");
        }
        let jobs: Vec<serde_json::Value> =
            serde_json::from_str(outputs.get("failed_jobs")).expect("an array");
        assert!((1..200).contains(&jobs.len()));
        for job in jobs {
            assert!(job["message"].as_str().expect("text").len() <= 1024);
        }
    }

    #[test]
    fn only_the_message_has_line_breaks() {
        let mut outcome = forbidden(HOSTILE);
        outcome.run.pipeline_run_id = HOSTILE.to_owned();
        outcome.run.status = Some(HOSTILE.to_owned());
        outcome.queue_id = Some(HOSTILE.to_owned());
        outcome.failed_jobs.push(FailedJob {
            job: HOSTILE.to_owned(),
            message: HOSTILE.to_owned(),
            ..FailedJob::default()
        });
        for (name, value) in outputs(&outcome).iter() {
            assert_eq!(value.contains('\n'), name == "error_message", "{name}");
            assert!(!value.contains(['\r', '\0']), "{name}");
            assert_eq!(value, value.trim(), "{name}");
        }
    }
    #[test]
    fn jobs_are_listed_as_long_as_the_line_stays_below_its_limit() {
        let jobs = vec![FailedJob::default(); 9];
        let entry = json_line(&jobs[0]).len() + ",".len();
        let base = LONG_LINE_BYTES - 3 * entry;
        assert_eq!(fitting(&jobs, base - 1).len(), 3);
        assert_eq!(fitting(&jobs, base).len(), 2);
    }
}
