//! What retries, stops and the clock change: runs and the queue. A copy of it takes the requests without effect.

use crate::run::{Run, Status};

/// Runs, queue and what was done to them.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) runs: Vec<Run>,
    pub(crate) queue: Vec<Queued>,
    pub(crate) queued_ever: u32,
    pub(crate) effects: Effects,
    stale: Option<Stale>,
}

/// A retry in the queue.
#[derive(Debug, Clone)]
pub(crate) struct Queued {
    pub(crate) queue_id: String,
    pub(crate) run_id: String,
    pub(crate) job_run_ids: Vec<String>,
    pub(crate) enqueued_ms: u64,
    pub(crate) leaves_ms: u64,
}

/// How often a request changed something.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Effects {
    pub(crate) retries: u64,
    pub(crate) queued: u64,
    pub(crate) stops: u64,
    pub(crate) cancel_queuings: u64,
}

/// A run as it was, shown for a while in place of what it is.
#[derive(Debug, Clone)]
struct Stale {
    run: Run,
    until_ms: u64,
}

impl World {
    pub(crate) fn new(runs: &[Run], now_ms: u64, speed: f64) -> Self {
        let mut world = Self::default();
        for run in runs {
            world.add_run(run.clone(), now_ms, speed);
        }
        world
    }

    pub(crate) fn add_run(&mut self, mut run: Run, now_ms: u64, speed: f64) {
        run.place(now_ms, speed);
        self.stale = None;
        match self.runs.iter_mut().find(|own| own.id == run.id) {
            Some(own) => *own = run,
            None => self.runs.push(run),
        }
    }

    /// Lets the time pass until `now_ms`: the queue empties, runs go on.
    pub(crate) fn advance(&mut self, now_ms: u64, speed: f64) {
        let (left, waiting) = std::mem::take(&mut self.queue)
            .into_iter()
            .partition::<Vec<_>, _>(|entry| entry.leaves_ms <= now_ms);
        self.queue = waiting;
        for entry in left {
            if let Some(run) = self.runs.iter_mut().find(|run| run.id == entry.run_id) {
                run.start_round(&entry.job_run_ids, entry.leaves_ms, speed);
                self.effects.retries += 1;
            }
        }
        for run in &mut self.runs {
            run.advance(now_ms, speed);
        }
    }

    pub(crate) fn find(&self, run_id: &str) -> Option<&Run> {
        self.runs.iter().find(|run| run.id == run_id)
    }

    pub(crate) fn find_mut(&mut self, run_id: &str) -> Option<&mut Run> {
        self.runs.iter_mut().find(|run| run.id == run_id)
    }

    /// The newest run.
    pub(crate) fn latest(&self) -> Option<&Run> {
        self.runs.iter().max_by_key(|run| run.number)
    }

    /// Shows a run as it was until `until_ms`.
    pub(crate) fn go_stale(&mut self, run: Run, until_ms: u64) {
        self.stale = Some(Stale { run, until_ms });
    }

    /// What the outside sees of a run at `now_ms`.
    pub(crate) fn shown<'a>(&'a self, run: &'a Run, now_ms: u64) -> &'a Run {
        match &self.stale {
            Some(stale) if stale.run.id == run.id && now_ms < stale.until_ms => &stale.run,
            _ => run,
        }
    }

    /// Puts a run into another state, as if somebody else had done it just now.
    pub(crate) fn force_status(&mut self, run_id: &str, status: Status, now_ms: u64, speed: f64) {
        if let Some(run) = self.find_mut(run_id) {
            run.status = status;
            run.ended_ago_ms = 0;
            run.place(now_ms, speed);
        }
    }
}
