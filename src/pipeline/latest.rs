//! Which run `latest` is: the pipeline's newest one, whatever its state, never an older one.

use super::api::{DetailError, PipelineApi, is_plain_id};
use super::model::PipelineRun;
use crate::client::{CHECK_IDS, CallFailure, FinalKind, Verdict};

/// Reads the newest run. The list may lag behind for minutes, and the detail call without a run id is not documented
/// to exist everywhere: both are asked, and the highest run number wins. A detail that cannot be had for now may be that of
/// a newer run, and an older one that has completed would be a wrong green.
pub(super) fn newest_run(api: PipelineApi<'_>) -> Result<(String, PipelineRun), CallFailure> {
    // The newest comes first, and of several maxima the last is taken: without numbers the first of the list wins.
    let listed = api
        .list_pipeline_runs()?
        .into_iter()
        .rev()
        .max_by_key(|run| run.run_number);
    let shown = match api.show_pipeline_run_detail(None) {
        Ok(run) => Some(run).filter(|run| run.id.as_deref().is_some_and(is_plain_id)),
        Err(DetailError::Failed(failure)) if failure.is_passing() => {
            return Err(CallFailure {
                reason: format!(
                    "whether the list misses a newer run is not known: {}",
                    failure.reason
                ),
                ..failure
            });
        }
        Err(_) => None,
    };
    match (listed, shown) {
        (None, None) => Err(CallFailure {
            advice: Some(CHECK_IDS),
            ..CallFailure::transport(
                Verdict::Final(FinalKind::NotFound),
                "the pipeline has no run",
                None,
            )
        }),
        (Some(listed), Some(shown)) if listed.run_number > shown.run_number => {
            read(api, listed.pipeline_run_id)
        }
        (Some(listed), None) => read(api, listed.pipeline_run_id),
        (_, Some(shown)) => Ok((shown.id.clone().unwrap_or_default(), shown)),
    }
}

fn read(
    api: PipelineApi<'_>,
    pipeline_run_id: String,
) -> Result<(String, PipelineRun), CallFailure> {
    let run = api
        .show_pipeline_run_detail(Some(&pipeline_run_id))
        .map_err(DetailError::into_failure)?;
    Ok((pipeline_run_id, run))
}
