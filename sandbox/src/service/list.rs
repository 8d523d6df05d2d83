//! `ListPipelineRuns`: filters, order and pages.

use serde::Deserialize;
use serde_json::{Value, json};

use super::config::Config;
use super::envelope;
use super::world::{View, World};
use crate::reply::Reply;
use crate::run::{self, Run};

/// The body (SDK model `ListPipelineRunsQuery`); fields that are not listed are passed over.
#[derive(Debug, Deserialize)]
#[serde(default)]
struct Query {
    status: Vec<String>,
    trigger_type: Vec<String>,
    executor_ids: Vec<String>,
    offset: usize,
    limit: usize,
    sort_key: SortKey,
    sort_dir: SortDir,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            status: Vec::new(),
            trigger_type: Vec::new(),
            executor_ids: Vec::new(),
            offset: 0,
            limit: 10,
            sort_key: SortKey::StartTime,
            sort_dir: SortDir::Desc,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SortKey {
    StartTime,
    UpdateTime,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SortDir {
    Asc,
    Desc,
}

/// One page of runs; without an order asked for, the newest first.
pub(crate) fn list(
    world: &World,
    config: &Config,
    pipeline_id: &str,
    body: &[u8],
    now_ms: u64,
) -> Reply {
    let query = if body.is_empty() {
        Ok(Query::default())
    } else {
        serde_json::from_slice::<Query>(body)
    };
    let Ok(query) = query else {
        return envelope::invalid("body");
    };
    let mut runs: Vec<&Run> = world
        .runs_of(pipeline_id, config)
        .map(|run| world.shown(run, View::List, now_ms))
        .filter(|run| run.listed && query.wants(run))
        .collect();
    runs.sort_by_key(|run| match query.sort_key {
        SortKey::StartTime => (run.start_time, run.number),
        SortKey::UpdateTime => (run.end_time.unwrap_or(now_ms), run.number),
    });
    if matches!(query.sort_dir, SortDir::Desc) {
        runs.reverse();
    }
    let page: Vec<Value> = runs
        .iter()
        .skip(query.offset)
        .take(query.limit)
        .map(|run| run::list_item(run, &config.pipeline_id))
        .collect();
    page_of(query.offset, query.limit, runs.len(), &page)
}

/// What somebody sees who is not a member of the project (public scripts).
pub(crate) fn empty() -> Reply {
    page_of(0, 10, 0, &[])
}

fn page_of(offset: usize, limit: usize, total: usize, page: &[Value]) -> Reply {
    Reply::json(
        200,
        &json!({"offset": offset, "limit": limit, "total": total, "pipeline_runs": page}),
    )
}

impl Query {
    fn wants(&self, run: &Run) -> bool {
        let allows = |wanted: &[String], value: &str| {
            wanted.is_empty() || wanted.iter().any(|own| own == value)
        };
        allows(&self.status, run.status.as_str())
            && allows(&self.trigger_type, &run.trigger_type)
            && allows(&self.executor_ids, &run.executor_id)
    }
}
