//! Moves a run along: a retry starts a round, the clock carries it through the stages, a stop ends it.

use super::model::Run;
use super::stage::Stage;
use super::status::Status;
use super::verdict::Verdict;
use super::work::{Work, worst};

impl Run {
    /// Starts the next round at `now_ms` with the jobs named, or with all that did not end well if none is.
    pub(crate) fn start_round(&mut self, chosen: &[String], now_ms: u64, speed: f64) {
        self.round += 1;
        let verdict = self.verdicts.pop_front().unwrap_or(Verdict::Completed);
        let again = self.parts_of_round(chosen);
        self.plan(&verdict, &again);
        self.status = Status::Running;
        self.end_time = None;
        if let Some(index) = self.reset_parts(&again) {
            self.stages[index].start(now_ms);
        }
        self.advance(now_ms, speed);
    }

    /// Decides how every part goes from its next start on.
    pub(crate) fn plan(&mut self, verdict: &Verdict, again: &[String]) {
        for part in self.stages.iter_mut().flat_map(Stage::parts_mut) {
            let is_again = again.iter().any(|id| id == part.id);
            let holds = if is_again {
                verdict.holds()
            } else {
                Vec::new()
            };
            part.work.plan(holds, verdict.end_of(part.name, is_again));
        }
    }

    /// The ids of the parts that the round starts with.
    fn parts_of_round(&self, chosen: &[String]) -> Vec<String> {
        if !chosen.is_empty() {
            return chosen.to_vec();
        }
        let broken: Vec<String> = self
            .stages
            .iter()
            .flat_map(|stage| stage.ids_of(Work::is_broken))
            .collect();
        if !broken.is_empty() {
            return broken;
        }
        let ids = |all: bool| -> Vec<String> {
            self.jobs()
                .filter(|job| all || job.work.status == Status::Init)
                .map(|job| job.id.clone())
                .collect()
        };
        let waiting = ids(false);
        if waiting.is_empty() {
            ids(true)
        } else {
            waiting
        }
    }

    /// Takes these parts back to before their start, and with them what comes after: the exit gates of their stages,
    /// and stages that run always. Gives the first stage with something to do.
    fn reset_parts(&mut self, again: &[String]) -> Option<usize> {
        let round = self.round;
        let mut first = None;
        for (index, stage) in self.stages.iter_mut().enumerate() {
            let always = first.is_some() && stage.run_always;
            let mut touched = always;
            for part in stage.parts_mut() {
                if always || again.iter().any(|id| id == part.id) {
                    part.work.reset(round);
                    touched = true;
                }
            }
            if touched {
                for gate in &mut stage.post {
                    gate.work.reset(round);
                }
                stage.status = Status::Init;
                stage.end_time = None;
                first = first.or(Some(index));
            }
        }
        first
    }

    /// Brings the run to its state at `now_ms`.
    pub(crate) fn advance(&mut self, now_ms: u64, speed: f64) {
        while self.status.is_going_on() {
            let going_on = |stage: &Stage| stage.status.is_going_on();
            let Some(index) = self.stages.iter().position(going_on) else {
                return;
            };
            let stage = &mut self.stages[index];
            let Some(ended_at) = stage.advance(now_ms, self.round, speed) else {
                self.status = stage.status;
                return;
            };
            self.go_on_after(index, ended_at);
        }
    }

    /// Starts the next stage that is left to do: after a failure one that runs always. Without one the run ends here.
    fn go_on_after(&mut self, index: usize, ended_at: u64) {
        let broken = worst(self.stages.iter().map(|stage| stage.status));
        let next = self.stages.iter_mut().skip(index + 1).find(|stage| {
            let allowed = match broken {
                None => true,
                Some(Status::Failed) => stage.run_always,
                Some(_) => false,
            };
            stage.status == Status::Init && allowed
        });
        if let Some(stage) = next {
            stage.start(ended_at);
            self.status = Status::Running;
        } else {
            self.status = broken.unwrap_or(Status::Completed);
            self.end_time = Some(ended_at);
        }
    }

    /// Stops a run that is going on; false if it has ended.
    pub(crate) fn stop(&mut self, now_ms: u64) -> bool {
        if self.status.is_ended() {
            return false;
        }
        self.status = Status::Canceled;
        self.end_time = Some(now_ms);
        for stage in &mut self.stages {
            for part in stage.parts_mut() {
                part.work.cancel(now_ms);
            }
            if !stage.status.is_ended() && stage.status != Status::Init {
                stage.status = Status::Canceled;
                stage.end_time = Some(now_ms);
            }
        }
        true
    }
}
