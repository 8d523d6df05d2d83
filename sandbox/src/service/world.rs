//! What retries, stops and the clock change: runs and the queue. A copy of it takes the requests without effect.

use super::config::Config;
use crate::ids::id_for;
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
    /// A run that there is not, where a stranger waits.
    pub(crate) run_id: String,
    pub(crate) job_run_ids: Vec<String>,
    pub(crate) enqueued_ms: u64,
    pub(crate) leaves_ms: u64,
    /// How long the old state is shown after the retry leaves the queue, and where.
    pub(crate) lag: Option<Lag>,
}

/// How often a request changed something.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Effects {
    pub(crate) retries: u64,
    pub(crate) queued: u64,
    pub(crate) stops: u64,
    pub(crate) cancel_queuings: u64,
    pub(crate) reviews: u64,
}

/// How long an accepted retry stays invisible, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lag {
    pub(crate) ms: u64,
    /// Whether the run list lags too.
    pub(crate) in_list: bool,
}

/// From where a run is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Detail,
    List,
}

/// A run as it was, shown for a while in place of what it is.
#[derive(Debug, Clone)]
struct Stale {
    run: Run,
    until_ms: u64,
    in_list: bool,
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
                let before = entry.lag.map(|lag| (run.clone(), lag));
                run.start_round(&entry.job_run_ids, entry.leaves_ms, speed);
                self.effects.retries += 1;
                if let Some((run, lag)) = before {
                    self.go_stale(run, lag, entry.leaves_ms);
                }
            }
        }
        for run in &mut self.runs {
            run.advance(now_ms, speed);
        }
    }

    /// The runs of one pipeline.
    pub(crate) fn runs_of<'a>(
        &'a self,
        pipeline_id: &'a str,
        config: &'a Config,
    ) -> impl Iterator<Item = &'a Run> {
        self.runs
            .iter()
            .filter(|run| run.is_of(pipeline_id, &config.pipeline_id))
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

    /// Shows a run for a while as it was at `now_ms`.
    pub(crate) fn go_stale(&mut self, run: Run, lag: Lag, now_ms: u64) {
        self.stale = Some(Stale {
            run,
            until_ms: now_ms.saturating_add(lag.ms),
            in_list: lag.in_list,
        });
    }

    /// What the outside sees of a run at `now_ms`.
    pub(crate) fn shown<'a>(&'a self, run: &'a Run, view: View, now_ms: u64) -> &'a Run {
        let in_force = |stale: &&Stale| {
            let lags_here = view == View::Detail || stale.in_list;
            stale.run.id == run.id && now_ms < stale.until_ms && lags_here
        };
        let stale = self.stale.as_ref().filter(in_force);
        stale.map_or(run, |stale| &stale.run)
    }

    /// Lets strangers wait at the end of the queue, each leaving `each_ms` after the one before.
    pub(crate) fn queue_strangers(&mut self, count: u32, each_ms: u64, now_ms: u64) {
        for _ in 0..count {
            self.queued_ever += 1;
            let name = format!("stranger/{}", self.queued_ever);
            self.enqueue(id_for(&name), Vec::new(), each_ms, None, now_ms);
        }
    }

    /// Puts an entry at the end of the queue, to leave it `holds_ms` after those before it; gives the queue id.
    pub(crate) fn enqueue(
        &mut self,
        run_id: String,
        job_run_ids: Vec<String>,
        holds_ms: u64,
        lag: Option<Lag>,
        now_ms: u64,
    ) -> String {
        let queue_id = id_for(&format!("{run_id}/queue/{}", self.queued_ever));
        let before = self.queue.iter().map(|entry| entry.leaves_ms);
        self.queue.push(Queued {
            queue_id: queue_id.clone(),
            run_id,
            job_run_ids,
            enqueued_ms: now_ms,
            leaves_ms: before.fold(now_ms, u64::max).saturating_add(holds_ms),
            lag,
        });
        queue_id
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
