//! What happens while the work goes on: kept for the outcome, shown in the log.

use std::time::SystemTime;

use crate::clock::Clock;
use crate::console::Console;
use crate::endpoint;
use crate::inputs::Inputs;
use crate::pipeline::{Change, PipelineRun, Remote, RunEvent, RunStatus, trusted_detail_url};
use crate::progress::{Facts, Progress};
use crate::report::short_duration;

/// Keeps and shows what happens.
pub struct Narrator<'a> {
    /// What is kept.
    pub progress: &'a Progress,
    /// Where it is shown.
    pub console: &'a Console,
    /// What links are made of.
    pub inputs: &'a Inputs,
    /// Dates the lines of a wait.
    pub clock: &'a dyn Clock,
}

impl Narrator<'_> {
    /// Takes one event in. Once the step has ended, only what became of a retry still counts, the queue included.
    pub fn note(&self, event: &RunEvent<'_>) {
        match event {
            RunEvent::AttemptStarted => self.progress.begin_attempt(),
            RunEvent::Settled(retried) => self.progress.settle(*retried),
            RunEvent::InQueue { queue_id } => self.progress.update(|facts| {
                let queue_id = queue_id.map(str::to_owned).or(facts.queue_id.take());
                facts.remote = Remote::InQueue {
                    queue_id: queue_id.clone(),
                };
                facts.queue_id = queue_id;
            }),
            RunEvent::OutOfQueue => self.progress.update(out_of_queue),
            _ if self.progress.is_closed() => {}
            RunEvent::Resolved { pipeline_run_id } => self.note_the_run(pipeline_run_id),
            RunEvent::Seen(run) => {
                log::info!("the run is {}", run.status);
                self.progress.update(|facts| seen(facts, run));
            }
            RunEvent::Polled(run) => self.progress.update(|facts| {
                seen(facts, run);
                facts.last_seen = Some((*run).clone());
                out_of_queue(facts);
            }),
            RunEvent::Changed(change) => self.dated(&change_line(change)),
            RunEvent::StillWaiting(text) => self.dated(text),
            RunEvent::RetryStarted { number, of } => {
                self.console.end_group();
                let title = match of {
                    1 => "Retrying the run and waiting for its end".to_owned(),
                    of => format!("Retry {number} of {of} at most, and waiting for its end"),
                };
                self.console.begin_group(&title);
            }
            RunEvent::WaitsForPerson(status) => self.note_a_wait_for_a_person(status),
            RunEvent::Over => self.progress.update(|facts| facts.remote = Remote::Nothing),
            RunEvent::FailedJobs(jobs) => {
                self.progress
                    .update(|facts| facts.failed_jobs = jobs.to_vec());
            }
            RunEvent::Progress(text) => log::info!("{text}"),
            RunEvent::Wobble(text) => log::warn!("{text}"),
            RunEvent::Notice(text) => {
                log::info!("{text}");
                self.keep(text);
            }
            RunEvent::Warning(text) => {
                log::warn!("{text}");
                self.keep(text);
            }
        }
    }

    fn note_the_run(&self, pipeline_run_id: &str) {
        let run_url = console_link(self.inputs, pipeline_run_id);
        log::info!(
            "latest: run {}",
            run_url.as_deref().unwrap_or(pipeline_run_id)
        );
        self.progress.update(|facts| {
            pipeline_run_id.clone_into(&mut facts.run.pipeline_run_id);
            facts.run.run_url = run_url;
        });
    }

    fn note_a_wait_for_a_person(&self, status: &RunStatus) {
        let link = self
            .progress
            .facts()
            .run
            .run_url
            .map(|url| format!(": {url}"))
            .unwrap_or_default();
        let notice = format!("The run is {status}: it waits for a person{link}");
        log::warn!("{notice}");
        self.keep(&notice);
    }

    /// Each once: a run may wait for a person again and again.
    fn keep(&self, notice: &str) {
        self.progress.update(|facts| {
            if !facts.notices.iter().any(|kept| kept == notice) {
                facts.notices.push(notice.to_owned());
            }
        });
    }

    /// A line behind the time of day (UTC).
    fn dated(&self, line: &str) {
        let since_epoch = self.clock.now().duration_since(SystemTime::UNIX_EPOCH);
        let seconds = since_epoch.unwrap_or_default().as_secs();
        let [hour, minute, second] = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60];
        log::info!("{hour:02}:{minute:02}:{second:02}  {line}");
    }
}

fn out_of_queue(facts: &mut Facts) {
    if matches!(facts.remote, Remote::InQueue { .. }) {
        facts.remote = Remote::Run;
    }
}

fn seen(facts: &mut Facts, run: &PipelineRun) {
    facts.run.status = Some(run.status.to_string());
    facts.run.run_number = run.run_number.or(facts.run.run_number);
    if let Some(url) = run.detail_url.as_deref().and_then(trusted_detail_url) {
        facts.run.run_url = Some(url.to_owned());
    }
}

/// `Build › compile  RUNNING → COMPLETED  1m12s`.
fn change_line(change: &Change) -> String {
    let path = match change.path.as_str() {
        "" => "the run",
        path => path,
    };
    let mut line = format!("{path}  ");
    if let Some(from) = &change.from {
        line.push_str(from);
        line.push_str(" → ");
    }
    line.push_str(&change.to);
    if let Some(took) = change.took {
        line.push_str("  ");
        line.push_str(&short_duration(took));
    }
    line
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
