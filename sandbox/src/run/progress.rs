//! Moves a run along: a retry starts a round, the clock carries it through the stages, a stop ends it.

use super::model::Run;
use super::status::{Status, Verdict};

impl Run {
    /// Starts the next round at `now_ms` with the jobs named, or with all that did not end well if none is.
    pub(crate) fn start_round(&mut self, chosen: &[String], now_ms: u64, speed: f64) {
        self.round += 1;
        self.fate = self.verdicts.pop_front().unwrap_or(Verdict::Completed);
        let jobs = self.jobs_of_round(chosen);
        self.fated = match &self.fate {
            Verdict::Completed => Vec::new(),
            Verdict::FailedIn(name) => self
                .jobs()
                .filter(|job| job.name == *name)
                .map(|job| job.id.clone())
                .collect(),
            _ => jobs.clone(),
        }
        .into_iter()
        .collect();

        self.status = Status::Running;
        self.end_time = None;
        let round = self.round;
        let mut first = None;
        for (index, stage) in self.stages.iter_mut().enumerate() {
            let mut touched = false;
            for job in stage.jobs.iter_mut().filter(|job| jobs.contains(&job.id)) {
                job.status = Status::Init;
                job.start_time = None;
                job.end_time = None;
                job.round = round;
                touched = true;
            }
            if touched {
                stage.status = Status::Init;
                stage.end_time = None;
                first = first.or(Some(index));
            }
        }
        if let Some(index) = first {
            self.start_stage(index, now_ms, speed);
        }
        self.advance(now_ms, speed);
    }

    /// The ids of the jobs that the round starts with.
    fn jobs_of_round(&self, chosen: &[String]) -> Vec<String> {
        if !chosen.is_empty() {
            return chosen.to_vec();
        }
        let broken = |status: Status| !matches!(status, Status::Completed | Status::Init);
        let ids = |wanted: &dyn Fn(Status) -> bool| -> Vec<String> {
            self.jobs()
                .filter(|job| wanted(job.status))
                .map(|job| job.id.clone())
                .collect()
        };
        let mut jobs = ids(&broken);
        if jobs.is_empty() {
            jobs = ids(&|status| status == Status::Init);
        }
        if jobs.is_empty() {
            jobs = ids(&|_| true);
        }
        jobs
    }

    /// Sets the waiting jobs of a stage to work.
    pub(crate) fn start_stage(&mut self, index: usize, at_ms: u64, speed: f64) {
        let round = self.round;
        let Some(stage) = self.stages.get_mut(index) else {
            return;
        };
        stage.status = Status::Running;
        stage.start_time = Some(at_ms);
        stage.end_time = None;
        for job in &mut stage.jobs {
            if job.status == Status::Init {
                job.status = Status::Running;
                job.start_time = Some(at_ms);
                job.due = Some(at_ms + scaled(job.lasts_ms, speed));
                job.round = round;
            }
        }
    }

    /// Brings the run to its state at `now_ms`.
    pub(crate) fn advance(&mut self, now_ms: u64, speed: f64) {
        while self.status == Status::Running && self.advance_stage(now_ms, speed) {}
    }

    /// Ends what is due in the first running stage; true if another stage was started.
    fn advance_stage(&mut self, now_ms: u64, speed: f64) -> bool {
        let Some(index) = self
            .stages
            .iter()
            .position(|stage| stage.status == Status::Running)
        else {
            return false;
        };
        let stage = &mut self.stages[index];
        for job in &mut stage.jobs {
            if job.status == Status::Running && job.due.is_some_and(|due| due <= now_ms) {
                job.status = if self.fated.contains(&job.id) {
                    self.fate.job_status()
                } else {
                    Status::Completed
                };
                job.end_time = job.due.filter(|_| job.status.is_ended());
            }
        }
        if stage.jobs.iter().any(|job| job.status == Status::Running) {
            return false;
        }
        let worst = [
            Status::Failed,
            Status::Canceled,
            Status::Paused,
            Status::Suspend,
        ]
        .into_iter()
        .find(|status| stage.jobs.iter().any(|job| job.status == *status))
        .unwrap_or(Status::Completed);
        let ended_at = stage.jobs.iter().filter_map(|job| job.end_time).max();
        let ended_at = ended_at.or(stage.start_time).unwrap_or(now_ms);
        stage.status = worst;
        stage.end_time = worst.is_ended().then_some(ended_at);
        if worst != Status::Completed {
            self.status = worst;
            self.end_time = stage.end_time;
            return false;
        }
        self.go_on_after(index, ended_at, speed)
    }

    /// Starts the next stage that is left to do; true if there was one. Otherwise the run ends here: COMPLETED, or in
    /// the state of a later stage that had ended badly and was not part of the round.
    fn go_on_after(&mut self, index: usize, ended_at: u64, speed: f64) -> bool {
        let next = self
            .stages
            .iter()
            .enumerate()
            .skip(index + 1)
            .find(|(_, stage)| stage.status != Status::Completed)
            .map(|(next, stage)| (next, stage.status));
        match next {
            Some((next, Status::Init)) => {
                self.start_stage(next, ended_at, speed);
                true
            }
            other => {
                self.status = other.map_or(Status::Completed, |(_, status)| status);
                self.end_time = Some(ended_at);
                false
            }
        }
    }

    /// Stops a run that is going on; false if it has ended.
    pub(crate) fn stop(&mut self, now_ms: u64) -> bool {
        if self.status.is_ended() {
            return false;
        }
        self.status = Status::Canceled;
        self.end_time = Some(now_ms);
        let going_on = |status: Status| !status.is_ended() && status != Status::Init;
        for stage in &mut self.stages {
            for job in &mut stage.jobs {
                if going_on(job.status) {
                    job.status = Status::Canceled;
                    job.end_time = Some(now_ms);
                }
            }
            if going_on(stage.status) {
                stage.status = Status::Canceled;
                stage.end_time = Some(now_ms);
            }
        }
        true
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a duration of a simulated job; a fraction of a millisecond does not matter"
)]
fn scaled(ms: u64, speed: f64) -> u64 {
    (ms as f64 / speed).round() as u64
}
