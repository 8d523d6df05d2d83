//! What a test does to the runs and the queue by hand, and sees of them.

use super::Service;
use super::control::{self, RunUpdate};
use crate::run::{Held, Run, Status};

impl Service {
    /// Adds a run, or replaces the one of the same id.
    pub fn add_run(&mut self, run: Run, now_ms: u64) {
        self.world.add_run(run, now_ms, self.config.speed);
    }

    /// Makes this the only run.
    pub fn set_run(&mut self, run: Run, now_ms: u64) {
        self.world.runs.clear();
        self.add_run(run, now_ms);
    }

    /// Changes a run, or adds one in the sample shape if there is none of that id.
    pub fn update_run(&mut self, update: RunUpdate, now_ms: u64) {
        self.world.advance(now_ms, self.config.speed);
        control::update_run(&mut self.world, update, now_ms, self.config.speed);
    }

    /// Lets whatever is held in a run (PAUSED, SUSPEND) go on, as a person would who approves; false if nothing is.
    pub fn approve(&mut self, run_id: &str, now_ms: u64) -> bool {
        self.decide(run_id, true, now_ms)
    }

    /// Fails whatever is held in a run, as a person would who says no; false if nothing is.
    pub fn refuse(&mut self, run_id: &str, now_ms: u64) -> bool {
        self.decide(run_id, false, now_ms)
    }

    pub(super) fn decide(&mut self, run_id: &str, pass: bool, now_ms: u64) -> bool {
        self.world.advance(now_ms, self.config.speed);
        let speed = self.config.speed;
        let run = self.world.find_mut(run_id);
        run.is_some_and(|run| run.decide(Held::Any, pass, now_ms, speed))
    }

    /// Lets `count` runs of other people wait at the end of the queue, each leaving it `each_ms` milliseconds of service
    /// time after the one before. A retry that is queued later leaves after them.
    pub fn queue_strangers(&mut self, count: u32, each_ms: u64, now_ms: u64) {
        self.world.advance(now_ms, self.config.speed);
        self.world.queue_strangers(count, each_ms, now_ms);
    }

    /// The state of a run at `now_ms`, whatever a stale detail shows.
    pub fn run_status(&mut self, run_id: &str, now_ms: u64) -> Option<Status> {
        self.run(run_id, now_ms).map(|run| run.status)
    }

    /// A run as it is at `now_ms`.
    pub fn run(&mut self, run_id: &str, now_ms: u64) -> Option<Run> {
        self.world.advance(now_ms, self.config.speed);
        self.world.find(run_id).cloned()
    }
}
