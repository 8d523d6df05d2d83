//! A job of a stage.

use std::cmp::Ordering;

use super::status::Status;
use super::step::Step;
use super::work::{Hold, Work};

/// A job: its steps run in order, each for the same share of the job's duration.
#[derive(Debug, Clone)]
pub struct Job {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) work: Work,
    pub(crate) steps: Vec<Step>,
}

impl Job {
    /// A job without steps that lasts 5 s.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            name: name.into(),
            work: Work::new(5_000),
            steps: Vec::new(),
        }
    }

    /// How long the job works, in milliseconds, before the clock's speed. Default 5 000.
    #[must_use]
    pub fn lasts_ms(mut self, ms: u64) -> Self {
        self.work.lasts_ms = ms;
        self
    }

    /// The message of the job and of the step it fails in. A run found FAILED failed in the first such job.
    #[must_use]
    pub fn failure(mut self, message: impl Into<String>) -> Self {
        self.work.failure = Some(message.into().into());
        self
    }

    /// Holds the job in `status` in every round once it has worked: for `for_ms` milliseconds before the clock's speed,
    /// or (`None`) until somebody lets it go on. PAUSED and SUSPEND are the states of stage and run then, as soon as no
    /// other job of the stage works.
    #[must_use]
    pub fn held(mut self, status: Status, for_ms: Option<u64>) -> Self {
        self.work.hold = Some(Hold { status, for_ms });
        self
    }

    /// Holds it PAUSED for that long in every round.
    #[must_use]
    pub fn paused_for_ms(self, ms: u64) -> Self {
        self.held(Status::Paused, Some(ms))
    }

    /// Shows it in this state, whatever it does.
    #[must_use]
    pub fn shown_as(mut self, status: Status) -> Self {
        self.work.shown_as = Some(status);
        self
    }

    /// Adds a step.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The step that fails when the job does: the first that has a failure message of its own, else the last.
    pub(crate) fn failing_step(&self) -> usize {
        self.steps
            .iter()
            .position(|step| step.failure.is_some())
            .unwrap_or(self.steps.len().saturating_sub(1))
    }

    /// The state of step number `index`, with its start and end.
    pub(crate) fn step_status(
        &self,
        index: usize,
        now_ms: u64,
    ) -> (Status, Option<u64>, Option<u64>) {
        const UNTOUCHED: (Status, Option<u64>, Option<u64>) = (Status::Init, None, None);
        let work = &self.work;
        let Some(start) = work.start_time.filter(|_| !work.status.is_not_run()) else {
            return UNTOUCHED;
        };
        let count = self.steps.len() as u64;
        let planned = work.busy_until.or(work.end_time).unwrap_or(now_ms);
        let length = planned.saturating_sub(start);
        let begins = start + length * index as u64 / count;
        let ends = start + length * (index as u64 + 1) / count;
        let is_last = index as u64 + 1 == count;
        match work.status {
            Status::Failed | Status::AsyncFailed => match index.cmp(&self.failing_step()) {
                Ordering::Less => (Status::Completed, Some(begins), Some(ends)),
                Ordering::Equal => (Status::Failed, Some(begins), work.end_time),
                Ordering::Greater => UNTOUCHED,
            },
            Status::Completed if is_last => (Status::Completed, Some(begins), work.end_time),
            Status::Paused | Status::Suspend if is_last => (Status::Running, Some(begins), None),
            Status::Completed | Status::Paused | Status::Suspend => {
                (Status::Completed, Some(begins), Some(ends))
            }
            status => {
                let until = work.end_time.unwrap_or(now_ms);
                if ends <= until && !is_last {
                    (Status::Completed, Some(begins), Some(ends))
                } else if begins <= until {
                    let own = if status == Status::Canceled {
                        Status::Canceled
                    } else {
                        Status::Running
                    };
                    (own, Some(begins), work.end_time)
                } else {
                    UNTOUCHED
                }
            }
        }
    }
}
