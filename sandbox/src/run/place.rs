//! Puts a described run on the time line: which part is in which state since when.

use super::model::{Job, Run, Stage};
use super::status::Status;

impl Run {
    /// Shapes the run so that it is in its status at `now_ms`; see [`Run::status`].
    pub(crate) fn place(&mut self, now_ms: u64, speed: f64) {
        let status = self.status;
        let worked = match status {
            Status::Completed => self.stages.len(),
            Status::Init | Status::Queued | Status::Ignored => 0,
            _ => self.breaking_stage(),
        };
        let ended = status.is_ended();
        let length: u64 = self
            .stages
            .iter()
            .take(worked + usize::from(ended))
            .map(Stage::length_ms)
            .sum();
        let last_ms = if ended {
            now_ms.saturating_sub(self.ended_ago_ms)
        } else {
            now_ms
        };
        self.start_time = last_ms.saturating_sub(length);
        self.end_time = ended.then_some(last_ms);

        let mut at = self.start_time;
        for (index, stage) in self.stages.iter_mut().enumerate() {
            let end = at + stage.length_ms();
            if index < worked {
                stage.put(Status::Completed, Some(at), Some(end));
                at = end;
            } else if index > worked || worked_nothing(status) {
                stage.put(Status::Init, None, None);
            } else {
                stage.put(status, Some(at), self.end_time);
            }
        }
        if status == Status::Running {
            self.start_stage(worked, now_ms, speed);
        }
    }

    fn breaking_stage(&self) -> usize {
        self.stages
            .iter()
            .position(|stage| stage.jobs.iter().any(|job| job.failure.is_some()))
            .unwrap_or_else(|| self.stages.len().saturating_sub(1).min(1))
    }
}

fn worked_nothing(status: Status) -> bool {
    matches!(status, Status::Init | Status::Queued | Status::Ignored)
}

impl Stage {
    pub(crate) fn length_ms(&self) -> u64 {
        self.jobs.iter().map(|job| job.lasts_ms).max().unwrap_or(0)
    }

    /// Sets the stage and its jobs; in a failed stage only the jobs that have a failure message failed, if any has one.
    fn put(&mut self, status: Status, start: Option<u64>, end: Option<u64>) {
        self.status = status;
        self.start_time = start;
        self.end_time = end;
        let told = self.jobs.iter().any(|job| job.failure.is_some());
        for job in &mut self.jobs {
            let spared = status == Status::Failed && told && job.failure.is_none();
            let own = match status {
                _ if spared => Status::Completed,
                Status::Running => Status::Init,
                other => other,
            };
            job.put(own, start, end);
        }
    }
}

impl Job {
    fn put(&mut self, status: Status, start: Option<u64>, end: Option<u64>) {
        self.status = status;
        self.start_time = start;
        self.end_time = end;
        self.due = None;
    }
}
