//! Puts a described run on the time line: which part is in which state since when.

use super::model::Run;
use super::stage::Stage;
use super::status::Status;
use super::work::Work;

impl Run {
    /// Shapes the run so that it is in its status at `now_ms`; see [`Run::status`].
    pub(crate) fn place(&mut self, now_ms: u64, speed: f64) {
        let status = self.status;
        let worked = match status {
            Status::Completed => self.stages.len(),
            _ if status.is_not_run() => 0,
            _ => self.breaking_stage(status),
        };
        let ended = status.is_ended();
        let has_worked = ended || matches!(status, Status::Paused | Status::Suspend);
        let is_run = |index: usize, stage: &Stage| {
            let after_failure = status == Status::Failed && stage.run_always;
            index < worked || has_worked && index == worked || index > worked && after_failure
        };
        let stages = self.stages.iter().enumerate();
        let length: u64 = stages
            .filter(|(index, stage)| is_run(*index, stage))
            .map(|(_, stage)| stage.length_ms())
            .sum();
        let last_ms = if ended {
            now_ms.saturating_sub(self.ended_ago_ms)
        } else {
            now_ms
        };
        self.start_time = last_ms.saturating_sub(length);
        self.end_time = ended.then_some(last_ms);
        let current = self.current.clone();
        let again = self.stages.get(worked).map(Stage::job_ids);
        self.plan(&current, &again.unwrap_or_default());

        let mut at = self.start_time;
        for (index, stage) in self.stages.iter_mut().enumerate() {
            let end = at + stage.length_ms();
            let own = if index < worked {
                Status::Completed
            } else if index == worked && !status.is_not_run() {
                status
            } else if index > worked && status == Status::Failed && stage.run_always {
                stage.end_found()
            } else {
                Status::Init
            };
            if own == Status::Running {
                stage.put(Status::Init, at, None);
                stage.start(now_ms);
            } else {
                stage.put(own, at, own.is_ended().then_some(end));
            }
            if own.is_ended() {
                at = end;
            }
        }
        self.advance(now_ms, speed);
    }

    /// The stage a run in this state is found in.
    fn breaking_stage(&self, status: Status) -> usize {
        self.stages
            .iter()
            .position(|stage| {
                stage
                    .phases()
                    .iter()
                    .flatten()
                    .any(|work| told(work, status))
            })
            .unwrap_or_else(|| self.stages.len().saturating_sub(1).min(1))
    }
}

/// Whether the description of a part says that a run in this state is found in it.
fn told(work: &Work, status: Status) -> bool {
    match status {
        Status::Paused | Status::Suspend => work.hold.is_some(),
        _ => work.failure.is_some(),
    }
}

impl Stage {
    /// From the start of its entry gates to the end of its exit gates.
    fn length_ms(&self) -> u64 {
        self.phases().iter().map(|phase| length_ms(phase)).sum()
    }

    fn job_ids(&self) -> Vec<String> {
        self.jobs.iter().map(|job| job.id.clone()).collect()
    }

    /// How a stage that runs always is found after a failure.
    fn end_found(&self) -> Status {
        let fails = |work: &&Work| told(work, Status::Failed);
        if self.phases().iter().flatten().any(fails) {
            Status::Failed
        } else {
            Status::Completed
        }
    }

    /// Sets the stage, its jobs and gates. It is in its state because of the first kind of part that says so, else
    /// because of its jobs: of that kind only the parts that say so are, if any does; earlier kinds are done, later not
    /// begun.
    fn put(&mut self, status: Status, start: u64, end: Option<u64>) {
        let begun = status != Status::Init;
        self.status = status;
        self.start_time = begun.then_some(start);
        self.end_time = end;
        let says_so = |phase: &Vec<&Work>| phase.iter().any(|work| told(work, status));
        let breaking = match status {
            Status::Completed => 3,
            Status::Init => 0,
            _ => self.phases().iter().position(says_so).unwrap_or(1),
        };
        let mut at = start;
        for (index, mut phase) in self.phases_mut().into_iter().enumerate() {
            let said = phase.iter().any(|work| told(work, status));
            let phase_end = at + phase.iter().map(|work| work.lasts_ms).max().unwrap_or(0);
            for work in &mut phase {
                let spared = matches!(status, Status::Failed | Status::Paused | Status::Suspend)
                    && said
                    && !told(work, status);
                if !begun || index > breaking {
                    work.put(Status::Init, None, None);
                } else if index < breaking || spared {
                    work.put(Status::Completed, Some(at), Some(phase_end));
                } else {
                    work.put(status, Some(at), end);
                }
            }
            at = phase_end;
        }
    }
}

fn length_ms(phase: &[&Work]) -> u64 {
    phase.iter().map(|work| work.lasts_ms).max().unwrap_or(0)
}
