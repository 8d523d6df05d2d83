//! What happens while the work goes on: kept for the outcome, shown in the log.

use crate::endpoint;
use crate::inputs::Inputs;
use crate::pipeline::{RunEvent, trusted_detail_url};
use crate::progress::Progress;

/// Keeps and shows what happens.
pub fn note(progress: &Progress, inputs: &Inputs, event: &RunEvent<'_>) {
    match event {
        RunEvent::Resolved { pipeline_run_id } => {
            let run_url = console_link(inputs, pipeline_run_id);
            log::info!(
                "latest: run {}",
                run_url.as_deref().unwrap_or(pipeline_run_id)
            );
            progress.update(|facts| {
                (*pipeline_run_id).clone_into(&mut facts.run.pipeline_run_id);
                facts.run.run_url = run_url;
            });
        }
        RunEvent::Seen(run) => {
            log::info!("the run is {}", run.status);
            progress.update(|facts| {
                facts.run.status = Some(run.status.to_string());
                facts.run.run_number = run.run_number.or(facts.run.run_number);
                if let Some(url) = run.detail_url.as_deref().and_then(trusted_detail_url) {
                    facts.run.run_url = Some(url.to_owned());
                }
            });
        }
        RunEvent::AttemptStarted => progress.begin_attempt(),
        RunEvent::Settled(retried) => progress.update(|facts| facts.retried = *retried),
        RunEvent::Progress(text) => log::info!("{text}"),
        RunEvent::Notice(text) => {
            log::info!("{text}");
            progress.update(|facts| facts.notices.push(text.clone()));
        }
        RunEvent::Warning(text) => {
            log::warn!("{text}");
            progress.update(|facts| facts.notices.push(text.clone()));
        }
    }
}

/// The console link of a run, where the region's console is known.
pub fn console_link(inputs: &Inputs, pipeline_run_id: &str) -> Option<String> {
    let region = inputs.region.as_deref()?;
    endpoint::console_run_url(
        region,
        inputs.project_id.as_str(),
        inputs.pipeline_id.as_str(),
        pipeline_run_id,
    )
}
