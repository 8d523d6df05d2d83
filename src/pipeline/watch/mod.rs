//! Waits for a run's end: looks at it by a schedule until a reading settles how it ended.
//!
//! ```text
//!  pace: delay ─► sleep ─► poll ─┬─ reading ─► state: sighting ─► ended / goes on / did not start
//!    ▲                           └─ failure ─► tolerance: ends the wait / goes on
//!    └───────────────────────────────────────────────┘
//! ```

mod changes;
mod pace;
mod state;
mod tolerance;

use std::time::Duration;

use super::api::{DetailError, PipelineApi, QueuePlace};
use super::event::{Observer, RunEvent};
use super::model::{PipelineRun, RunStatus};
use crate::client::CallFailure;

use changes::{at_work, changes};
use pace::Pace;
use state::Sighting;
pub(super) use state::{LONGEST_LAG, WatchState};
use tolerance::{QUIET_TIME, Tolerance, ends_the_wait};

/// What the last look may take where the deadline leaves less.
const LAST_LOOK: Duration = Duration::from_secs(5);
/// Of so many looks while the retry waits in the queue, one is at the run: a queue may list what has left it.
const LOOKS_AT_QUEUE: u32 = 6;
/// Jobs named in a sign of life.
const NAMED_JOBS: usize = 3;

/// Looks at one run until it ends.
pub(super) struct Watcher<'a> {
    pub(super) api: PipelineApi<'a>,
    pub(super) pipeline_run_id: &'a str,
    pub(super) observer: Observer<'a>,
    /// The steady interval between polls.
    pub(super) poll_interval: Duration,
    /// No poll starts later, in the clock's monotonic time.
    pub(super) deadline: Duration,
}

/// How the wait ended.
#[derive(Debug)]
pub(super) enum WatchEnd {
    /// The run ended, after the retry.
    Ended(PipelineRun),
    /// The retry was accepted, but the run did not start again.
    DidNotStart,
    /// The deadline passed.
    TimedOut {
        /// Whether the retry still waits in the queue.
        in_queue: bool,
        /// Why the last poll gave no reading.
        last_failure: Option<CallFailure>,
    },
    /// Waiting any longer could not help.
    Failed(CallFailure),
}

/// What a wait remembers between polls.
struct Memory {
    state: WatchState,
    last: Option<PipelineRun>,
    pace: Pace,
    tolerance: Tolerance,
    /// When the reader last saw a sign of life.
    last_line: Duration,
    told_unknown: bool,
    last_failure: Option<CallFailure>,
    queue_position: Option<usize>,
    /// The last look at the queue failed: the next one is at the run, which may have left the queue.
    queue_failed: bool,
    /// Looks while the retry waited in the queue.
    queue_looks: u32,
    /// The run should have started by now, but the queue could not be read: it comes first in the next look.
    queue_is_due: bool,
}

impl Watcher<'_> {
    /// Waits. `last` is the reading before: what differs from it is told.
    pub(super) fn watch(&self, state: WatchState, last: Option<PipelineRun>) -> WatchEnd {
        let mut memory = Memory {
            state,
            last,
            pace: Pace::new(self.poll_interval),
            tolerance: Tolerance::default(),
            last_line: self.now(),
            told_unknown: false,
            last_failure: None,
            queue_position: None,
            queue_failed: false,
            queue_looks: 0,
            queue_is_due: false,
        };
        let end = self.look_until_the_end(&mut memory);
        if let Some(summary) = memory.tolerance.summary() {
            self.emit(RunEvent::Notice(summary));
        }
        end
    }

    fn look_until_the_end(&self, memory: &mut Memory) -> WatchEnd {
        let mut asked_to_wait = Duration::ZERO;
        if let Some(run) = memory.last.clone() {
            self.tell_of_the_status(&run, None, memory);
        }
        loop {
            let before = self.now();
            if before >= self.deadline {
                return WatchEnd::TimedOut {
                    in_queue: memory.state.is_queued(),
                    last_failure: memory.last_failure.take(),
                };
            }
            let delay = memory.pace.next(self.api.client.random).max(asked_to_wait);
            let mut wake = before.saturating_add(delay).min(self.deadline);
            if let Some(by) = memory.state.look_by().filter(|by| *by > before)
                && asked_to_wait.is_zero()
            {
                wake = wake.min(by);
            }
            self.api.client.clock.sleep(wake.saturating_sub(before));
            asked_to_wait = Duration::ZERO;
            match self.poll(memory) {
                Ok(Some(end)) => return end,
                Ok(None) => memory.last_failure = None,
                Err(failure) if ends_the_wait(&failure) => return WatchEnd::Failed(failure),
                Err(failure) => {
                    asked_to_wait = failure.retry_after.unwrap_or_default();
                    if let Some(warning) = memory.tolerance.count_failure(&failure, self.now()) {
                        self.emit(RunEvent::Wobble(warning));
                        memory.last_line = self.now();
                    }
                    memory.last_failure = Some(failure);
                }
            }
            self.give_a_sign_of_life(memory);
        }
    }

    /// One look: at the queue while the retry waits there and the queue can be read, else at the run.
    fn poll(&self, memory: &mut Memory) -> Result<Option<WatchEnd>, CallFailure> {
        let left = self.deadline.saturating_sub(self.now()).max(LAST_LOOK);
        let api = self.api.once(left);
        memory.queue_looks = memory.queue_looks.wrapping_add(1);
        let is_turn_of_the_run = memory.queue_looks.is_multiple_of(LOOKS_AT_QUEUE);
        if memory.state.reads_the_queue() && !memory.queue_failed && !is_turn_of_the_run {
            memory.queue_failed = true;
            self.look_at_queue(api, memory)?;
            memory.queue_failed = false;
            if memory.state.reads_the_queue() {
                memory.tolerance.count_success();
                return Ok(None);
            }
        }
        memory.queue_failed = false;
        let is_queue_known = memory.queue_is_due;
        if memory.queue_is_due {
            self.look_at_queue(api, memory)?;
            memory.queue_is_due = false;
        }
        let run = api
            .show_pipeline_run_detail(Some(self.pipeline_run_id))
            .map_err(DetailError::into_failure)?;
        let mut sighting = memory.state.look(&run, self.now());
        if sighting == Sighting::Overdue {
            if !is_queue_known {
                memory.queue_is_due = true;
                self.look_at_queue(api, memory)?;
                memory.queue_is_due = false;
            }
            if !memory.state.is_queued() {
                memory.tolerance.count_success();
                return Ok(Some(WatchEnd::DidNotStart));
            }
            sighting = Sighting::NotYet;
        }
        memory.tolerance.count_success();
        if sighting == Sighting::NotYet {
            return Ok(None);
        }
        self.tell(&run, memory);
        if sighting == Sighting::Ended {
            return Ok(Some(WatchEnd::Ended(run)));
        }
        memory.last = Some(run);
        Ok(None)
    }

    fn look_at_queue(&self, api: PipelineApi<'_>, memory: &mut Memory) -> Result<(), CallFailure> {
        let place = api.queue_place(self.pipeline_run_id, memory.queue_position)?;
        memory.state.look_at_queue(&place, self.now());
        let position = match &place {
            QueuePlace::Waiting { queue_id, position } => {
                self.emit(RunEvent::InQueue {
                    queue_id: queue_id.as_deref(),
                });
                Some(*position)
            }
            QueuePlace::Absent => {
                self.emit(RunEvent::OutOfQueue);
                None
            }
            QueuePlace::NotOffered => None,
        };
        if position != memory.queue_position {
            let line = match position {
                Some(position) => format!("in the queue: number {position}"),
                None => "out of the queue: the run starts".to_owned(),
            };
            self.emit(RunEvent::StillWaiting(line));
            memory.last_line = self.now();
            memory.queue_position = position;
        }
        Ok(())
    }

    /// Tells what is different in this reading.
    fn tell(&self, run: &PipelineRun, memory: &mut Memory) {
        self.emit(RunEvent::Polled(run));
        for change in changes(memory.last.as_ref(), run) {
            self.emit(RunEvent::Changed(&change));
            memory.last_line = self.now();
        }
        let before = memory.last.as_ref().map(|run| run.status.clone());
        self.tell_of_the_status(run, before.as_ref(), memory);
    }

    fn tell_of_the_status(
        &self,
        run: &PipelineRun,
        before: Option<&RunStatus>,
        memory: &mut Memory,
    ) {
        if run.status.waits_for_a_person() && before != Some(&run.status) {
            self.emit(RunEvent::WaitsForPerson(&run.status));
        }
        if let RunStatus::Unknown(status) = &run.status
            && !memory.told_unknown
        {
            memory.told_unknown = true;
            self.emit(RunEvent::Warning(format!(
                "The run has the status {status}, which this version does not know: it counts as in progress."
            )));
        }
    }

    /// At most once a minute, and only where nothing else was said.
    fn give_a_sign_of_life(&self, memory: &mut Memory) {
        let now = self.now();
        if now.saturating_sub(memory.last_line) < QUIET_TIME {
            return;
        }
        memory.last_line = now;
        let text = match (&memory.last, memory.queue_position) {
            (_, Some(position)) => format!("still in the queue: number {position}"),
            _ if memory.state.is_queued() => "still in the queue".to_owned(),
            (Some(run), _) if !run.status.is_terminal() => {
                let jobs = at_work(run, NAMED_JOBS);
                let separator = if jobs.is_empty() { "" } else { ": " };
                format!("still {}{separator}{}", run.status, jobs.join(", "))
            }
            _ => "the run has not started again yet".to_owned(),
        };
        self.emit(RunEvent::StillWaiting(text));
    }

    fn now(&self) -> Duration {
        self.api.client.clock.monotonic()
    }

    fn emit(&self, event: RunEvent<'_>) {
        (self.observer)(event);
    }
}
