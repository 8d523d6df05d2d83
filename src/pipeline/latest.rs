//! Which run `latest` is: the pipeline's newest one, whatever its state, never an older one.

use super::api::{DetailError, PipelineApi};
use super::model::PipelineRun;
use crate::client::{CHECK_IDS, CallFailure, FinalKind, Verdict};

/// Reads the newest run. The list may lag behind for minutes, and the detail call without a run id is not documented
/// to exist everywhere: both are asked, and the highest run number wins.
pub(super) fn newest_run(api: PipelineApi<'_>) -> Result<(String, PipelineRun), CallFailure> {
    // The newest comes first, and of several maxima the last is taken: without numbers the first of the list wins.
    let listed = api
        .list_pipeline_runs()?
        .into_iter()
        .rev()
        .max_by_key(|run| run.run_number);
    let shown = api
        .show_pipeline_run_detail(None)
        .ok()
        .filter(|run| run.id.is_some());
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
