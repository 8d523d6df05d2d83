//! `ShowPipelineLog`: the log of a step in pages. Offsets count lines and are strings in the answer.

use serde::Deserialize;
use serde_json::json;

use super::config::{Config, LogQuirk};
use super::envelope;
use super::world::World;
use crate::reply::Reply;
use crate::run::Status;

/// The body (SDK model); `limit` and `sort` are mandatory, the offsets are those of the page before, at first 0.
#[derive(Debug, Deserialize)]
struct Query {
    #[serde(default)]
    start_offset: Offset,
    #[serde(default)]
    end_offset: Offset,
    limit: usize,
    sort: Sort,
}

/// An offset: the answers give strings, the request model says long.
#[derive(Debug, Default)]
struct Offset(usize);

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let number = match &value {
            serde_json::Value::String(text) => text.parse().ok(),
            other => other
                .as_u64()
                .and_then(|number| usize::try_from(number).ok()),
        };
        number
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("an offset is a number of lines"))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Sort {
    Asc,
    Desc,
}

/// The page after (asc) or before (desc, newest line first) the one whose offsets are given.
pub(crate) fn logs(
    world: &World,
    config: &Config,
    (run_id, job_id, step_id): (&str, &str, &str),
    body: &[u8],
    now_ms: u64,
) -> Reply {
    let Ok(query) = serde_json::from_slice::<Query>(body) else {
        return envelope::invalid("limit, sort or an offset");
    };
    let found = world
        .find(run_id)
        .into_iter()
        .flat_map(|run| run.jobs().filter(|job| job.id == job_id))
        .flat_map(|job| job.steps.iter().enumerate().map(move |step| (job, step)))
        .find(|(_, (_, step))| step.id == step_id);
    let Some((job, (index, step))) = found else {
        return envelope::run_not_found();
    };
    let started = job.step_status(index, now_ms).0 != Status::Init;
    let length = if started { step.log.len() } else { 0 };
    let page = Page::of(&query, length, config.log_quirk);
    let mut lines: Vec<String> = (page.start..page.end).map(|at| step.log.line(at)).collect();
    if matches!(query.sort, Sort::Desc) {
        lines.reverse();
    }
    let mut log = lines.join("\n");
    if !log.is_empty() {
        log.push('\n');
    }
    let offset = |lines: usize| match config.log_quirk {
        LogQuirk::NumericOffsets => json!(lines),
        _ => json!(lines.to_string()),
    };
    let mut body = json!({
        "start_offset": offset(page.start + page.shift),
        "end_offset": offset(page.end + page.shift),
        "log": log,
        "step_run_id": step.id,
    });
    if config.log_quirk != LogQuirk::NoHasMore {
        body["has_more"] = json!(page.has_more);
    }
    Reply::json(200, &body)
}

/// Which lines are given, and how far their numbers are from the offsets.
struct Page {
    start: usize,
    end: usize,
    has_more: bool,
    shift: usize,
}

impl Page {
    fn of(query: &Query, length: usize, quirk: LogQuirk) -> Self {
        let asked = |offset: &Offset| match quirk {
            LogQuirk::StandingStill => 0,
            LogQuirk::EmptyFirstPage => offset.0.saturating_sub(1),
            _ => offset.0,
        };
        let (start, end, has_more) = match query.sort {
            Sort::Asc => {
                let start = asked(&query.end_offset).min(length);
                let end = start.saturating_add(query.limit).min(length);
                (start, end, end < length)
            }
            Sort::Desc => {
                let is_first = asked(&query.end_offset) == 0;
                let end = if is_first {
                    length
                } else {
                    asked(&query.start_offset).min(length)
                };
                let start = end.saturating_sub(query.limit);
                (start, end, start > 0)
            }
        };
        let page = Self {
            start,
            end,
            has_more,
            shift: 0,
        };
        match quirk {
            LogQuirk::Endless | LogQuirk::StandingStill => Self {
                has_more: true,
                ..page
            },
            LogQuirk::EmptyFirstPage if query.end_offset.0 == 0 => Self {
                start: 0,
                end: 0,
                has_more: true,
                shift: 1,
            },
            LogQuirk::EmptyFirstPage => Self { shift: 1, ..page },
            LogQuirk::None | LogQuirk::NoHasMore | LogQuirk::NumericOffsets => page,
        }
    }
}
