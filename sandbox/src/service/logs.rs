//! `ShowPipelineLog`: the log of a step in pages. Offsets count lines and are strings in the answer.

use serde::Deserialize;
use serde_json::json;

use super::envelope;
use super::world::World;
use crate::reply::Reply;
use crate::run::{Status, step_status};

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
    let started = step_status(job, index, now_ms).0 != Status::Init;
    let lines = if started { step.log.as_slice() } else { &[] };
    let (start, end, has_more, page) = match query.sort {
        Sort::Asc => {
            let start = query.end_offset.0.min(lines.len());
            let end = start.saturating_add(query.limit).min(lines.len());
            let page: Vec<&str> = lines[start..end].iter().map(String::as_str).collect();
            (start, end, end < lines.len(), page)
        }
        Sort::Desc => {
            let is_first = query.end_offset.0 == 0;
            let end = if is_first {
                lines.len()
            } else {
                query.start_offset.0.min(lines.len())
            };
            let start = end.saturating_sub(query.limit);
            let page = lines[start..end].iter().rev().map(String::as_str).collect();
            (start, end, start > 0, page)
        }
    };
    let mut log = page.join("\n");
    if !log.is_empty() {
        log.push('\n');
    }
    Reply::json(
        200,
        &json!({
            "has_more": has_more,
            "start_offset": start.to_string(),
            "end_offset": end.to_string(),
            "log": log,
            "step_run_id": step.id,
        }),
    )
}
