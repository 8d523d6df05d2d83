//! The end of a step's log: its pages are read forward by their offsets, and only the last lines are kept.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use super::api::{PipelineApi, is_plain_id};
use super::model::text;
use crate::client::{ApiRequest, CallFailure, JsonReply, Method};
use crate::secret::Redactor;

/// Lines asked for in one page; the service may give fewer.
const PAGE_LINES: u32 = 1000;
/// Pages read of one log.
const MOST_PAGES: u32 = 100;
/// Pages that may fail before the log is given up.
const MOST_FAILURES: u32 = 1;
/// Bytes kept of a line.
const LINE_BYTES: usize = 4 * 1024;

/// Which step of which run, by their ids.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogAddress<'a> {
    pub(super) run: &'a str,
    pub(super) job: &'a str,
    pub(super) step: &'a str,
}

/// What was read of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) lines: VecDeque<String>,
    pub(super) is_cut: bool,
    /// Why it was not read to its end.
    pub(super) problem: Option<String>,
}

/// Reads the last `most` lines, at least one; `deadline` is in the clock's monotonic time.
pub(super) fn tail(
    api: PipelineApi<'_>,
    address: LogAddress<'_>,
    most: usize,
    deadline: Duration,
) -> Tail {
    let mut tail = Tail::default();
    let mut offsets = [Value::from(0), Value::from(0)];
    let mut failures = 0;
    for _ in 0..MOST_PAGES {
        let left = deadline.saturating_sub(api.client.clock.monotonic());
        if left.is_zero() {
            tail.problem = Some("there was no time left to read the log to its end".to_owned());
            return tail;
        }
        let page = match page(api.once(left), address, &offsets) {
            Ok(page) => page,
            Err(_) if failures < MOST_FAILURES => {
                failures += 1;
                continue;
            }
            Err(failure) => {
                tail.problem = Some(format!("the log cannot be read: {}", failure.reason));
                return tail;
            }
        };
        let log = page
            .object
            .get("log")
            .and_then(Value::as_str)
            .unwrap_or_default();
        for line in log.lines() {
            tail.push(line, most, api.client.redactor);
        }
        let next = ["start_offset", "end_offset"]
            .map(|name| page.object.get(name).cloned().unwrap_or(Value::Null));
        let has_more = match page.object.get("has_more") {
            Some(Value::Bool(has_more)) => *has_more,
            // Where the service does not say, a page with text may have another one behind it.
            _ => !log.is_empty(),
        };
        let stands_still = next.iter().all(Value::is_null)
            || next.iter().map(number).eq(offsets.iter().map(number));
        if !has_more || stands_still {
            return tail;
        }
        offsets = next;
    }
    tail.problem = Some("the log is longer than is read".to_owned());
    tail
}

/// `ShowPipelineLog` (vendor help page api-pipeline/ShowPipelineLog): the offsets of a page are sent for the next one.
fn page(
    api: PipelineApi<'_>,
    address: LogAddress<'_>,
    [start, end]: &[Value; 2],
) -> Result<JsonReply, CallFailure> {
    let LogAddress { run, job, step } = address;
    let path = format!("pipeline-runs/{run}/jobs/{job}/steps/{step}/logs");
    let body = json!({
        "start_offset": number(start),
        "end_offset": number(end),
        "limit": PAGE_LINES,
        "sort": "asc",
    });
    let request = ApiRequest::new(Method::Post, api.path(&path)).with_body(body.to_string());
    api.client.read(&request)
}

/// An offset: the answers give strings, the requests take numbers.
fn number(offset: &Value) -> i64 {
    match offset {
        Value::String(text) => text.trim().parse().unwrap_or_default(),
        other => other.as_i64().unwrap_or_default(),
    }
}

impl Tail {
    fn push(&mut self, line: &str, most: usize, redactor: &Redactor) {
        if self.lines.len() == most {
            self.lines.pop_front();
            self.is_cut = true;
        }
        self.lines.push_back(shown(line, redactor));
    }
}

/// The line as a terminal would leave it: what follows the last carriage return, without colours, of bounded length.
/// Secrets go before it is cut, so that no half of one survives.
fn shown(line: &str, redactor: &Redactor) -> String {
    let line = line.trim_end();
    let last = line.rsplit('\r').next().unwrap_or_default();
    let mut shown = String::new();
    let mut rest = last.chars();
    while let Some(c) = rest.next() {
        if c != '\u{1b}' {
            shown.push(c);
        } else if rest.as_str().starts_with('[') {
            // A control sequence: `[`, parameters, one letter (ECMA-48 §5.4).
            rest.by_ref()
                .skip(1)
                .find(|c| matches!(c, '\u{40}'..='\u{7e}'));
        }
    }
    shown = redactor.clean(&shown);
    if shown.len() > LINE_BYTES {
        let is_boundary = |at: &usize| shown.is_char_boundary(*at);
        let end = (0..=LINE_BYTES).rev().find(is_boundary);
        shown.truncate(end.unwrap_or_default());
        shown.push('…');
    }
    shown
}

/// The child run of a sub-pipeline step, by the outputs of the step (a published answer: the keys `pipeline_id` and
/// `pipeline_run_id`).
pub(super) fn child_run(
    api: PipelineApi<'_>,
    pipeline_run_id: &str,
    step_run_id: &str,
) -> Option<(String, String)> {
    let path = format!("pipeline-runs/{pipeline_run_id}/steps/outputs");
    let request =
        ApiRequest::new(Method::Get, api.path(&path)).with_query("step_run_ids", step_run_id);
    let reply = api.client.read(&request).ok()?;
    let outputs: Vec<_> = super::model::list(&reply.object, "step_outputs")
        .filter(|step| text(step, "step_run_id").is_none_or(|id| id == step_run_id))
        .flat_map(|step| super::model::list(step, "output_result"))
        .collect();
    let value = |key: &str| {
        outputs
            .iter()
            .find(|output| text(output, "key").as_deref() == Some(key))
            .and_then(|output| text(output, "value"))
            .filter(|id| is_plain_id(id))
    };
    Some((value("pipeline_id")?, value("pipeline_run_id")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn read(line: &str) -> String {
        shown(line, &Redactor::default())
    }

    #[test]
    fn a_line_is_what_a_terminal_would_leave_of_it() {
        for (line, left) in [
            ("plain \t ", "plain"),
            ("10 %\r50 %\r100 %\r", "100 %"),
            ("\u{1b}[1;31mred\u{1b}[0m text", "red text"),
            ("\u{1b}[2Kcleared", "cleared"),
            ("a\u{1b}b [c] d", "ab [c] d"),
            ("\u{1b}[31", ""),
        ] {
            assert_eq!(read(line), left, "{line:?}");
        }
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let longest = "x".repeat(4096);
        assert_eq!(read(&longest), longest);
        assert_eq!(read(&format!("{longest}y")), format!("{longest}…"));
        let wide = "é".repeat(LINE_BYTES);
        assert_eq!(
            read(&format!("x{wide}")),
            format!("x{}…", "é".repeat(LINE_BYTES / 2 - 1))
        );
    }

    #[test]
    fn a_secret_leaves_a_line_before_it_is_cut() {
        let redactor = Redactor::new([&Secret::new("s3cr3t-value")]);
        let line = format!("{}s3cr3t-value", "x".repeat(LINE_BYTES - 4));
        let shown = shown(&line, &redactor);
        assert!(!shown.contains("s3cr"), "{shown}");
    }

    #[test]
    fn the_last_lines_are_kept_and_the_rest_makes_it_a_cut_log() {
        let mut tail = Tail::default();
        let redactor = Redactor::default();
        for (line, kept, is_cut) in [
            ("one", &["one"][..], false),
            ("two", &["one", "two"], false),
            ("three", &["two", "three"], true),
        ] {
            tail.push(line, 2, &redactor);
            assert!(tail.lines.iter().eq(kept), "{:?}", tail.lines);
            assert_eq!(tail.is_cut, is_cut);
        }
    }

    #[test]
    fn an_offset_is_a_number_or_a_text_of_one() {
        for (offset, expected) in [
            (json!(7), 7),
            (json!(" 7 "), 7),
            (json!("x"), 0),
            (Value::Null, 0),
        ] {
            assert_eq!(number(&offset), expected, "{offset}");
        }
    }
}
