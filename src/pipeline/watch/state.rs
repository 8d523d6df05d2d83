//! What the readings of a run say about the retry that is waited for. A state machine: readings and the time go in.

use std::time::Duration;

use super::super::api::QueuePlace;
use super::super::judge::Snapshot;
use super::super::model::PipelineRun;

/// How long an accepted retry may show no effect (DESIGN: the detail may lag behind the acceptance).
pub(in crate::pipeline) const LONGEST_LAG: Duration = Duration::from_secs(120);

/// What is known about the run since the retry was accepted, or since the step attached to it.
#[derive(Clone, Debug)]
pub(in crate::pipeline) struct WatchState {
    /// The run before it was in progress, where it was read.
    before: Option<Snapshot>,
    /// Where the step attached to a run that it had not retried: the service's time when that was in progress.
    attached: Option<Attached>,
    /// Since when the run should have started: the acceptance, or when the retry was last seen in the queue.
    accepted: Duration,
    seen_in_progress: bool,
    queue: Queue,
    /// The old end was seen again after the run had been in progress.
    saw_old_end: bool,
}

#[derive(Clone, Copy, Debug)]
struct Attached {
    running_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Queue {
    /// Not in it.
    No,
    /// In it.
    Waiting,
    /// In it, but the service does not offer to read it.
    Unreadable,
}

/// What one reading means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sighting {
    /// The run goes on.
    InProgress,
    /// The run shows its old end.
    NotYet,
    /// It has not started again for longer than a detail can lag: unless it waits in the queue, it did not start again.
    Overdue,
    /// The run has ended, and this is the end that was waited for.
    Ended,
}

impl WatchState {
    /// The step attached to this run in progress, which had ended `before` if a retry of it was refused.
    pub(in crate::pipeline) const fn attached(
        run: &PipelineRun,
        before: Option<Snapshot>,
        now: Duration,
    ) -> Self {
        Self {
            before,
            attached: Some(Attached {
                running_at: run.current_system_time,
            }),
            accepted: now,
            seen_in_progress: true,
            queue: Queue::No,
            saw_old_end: false,
        }
    }

    /// The service accepted a retry of the run that looked so before.
    pub(in crate::pipeline) const fn accepted(before: Snapshot, now: Duration) -> Self {
        Self {
            before: Some(before),
            attached: None,
            accepted: now,
            seen_in_progress: false,
            queue: Queue::No,
            saw_old_end: false,
        }
    }

    /// The service accepted it and queued it.
    pub(in crate::pipeline) const fn queued(before: Snapshot, now: Duration) -> Self {
        let mut state = Self::accepted(before, now);
        state.queue = Queue::Waiting;
        state
    }

    /// Whether the queue is what to read next, not the run.
    pub(super) fn reads_the_queue(&self) -> bool {
        self.queue == Queue::Waiting
    }

    /// Whether the retry waits in the queue, as far as is known.
    pub(super) fn is_queued(&self) -> bool {
        self.queue != Queue::No
    }

    /// Takes a reading of the run in.
    pub(super) fn look(&mut self, run: &PipelineRun, now: Duration) -> Sighting {
        if !run.status.is_terminal() {
            self.seen_in_progress = true;
            self.saw_old_end = false;
            self.queue = Queue::No;
            return Sighting::InProgress;
        }
        let may_lag = now.saturating_sub(self.accepted) < LONGEST_LAG;
        if may_lag && self.had_ended_before_it_was_attached_to(run) {
            return Sighting::NotYet;
        }
        match &self.before {
            None => Sighting::Ended,
            Some(before) if before.is_newer_than(run) && self.seen_in_progress => Sighting::NotYet,
            Some(before) if !before.is_newer_than(run) && before.differs_from(run) => {
                Sighting::Ended
            }
            Some(_) if self.seen_in_progress && run.times.end.is_none() => Sighting::Ended,
            // The very same end as before: where it carries its time, an answer of a replica that lags, most likely.
            Some(_) if self.seen_in_progress => {
                if self.saw_old_end && !may_lag {
                    Sighting::Ended
                } else {
                    self.saw_old_end = true;
                    Sighting::NotYet
                }
            }
            Some(_) if self.is_queued() || may_lag => Sighting::NotYet,
            Some(_) => Sighting::Overdue,
        }
    }

    fn had_ended_before_it_was_attached_to(&self, run: &PipelineRun) -> bool {
        let running_at = self.attached.and_then(|attached| attached.running_at);
        let times = run.times.end.zip(running_at);
        times.is_some_and(|(end, running_at)| end < running_at)
    }

    /// Takes a reading of the queue in.
    pub(super) fn look_at_queue(&mut self, place: &QueuePlace, now: Duration) {
        let was_queued = self.is_queued();
        self.queue = match place {
            QueuePlace::Waiting { .. } => Queue::Waiting,
            QueuePlace::NotOffered if self.is_queued() => Queue::Unreadable,
            QueuePlace::NotOffered | QueuePlace::Absent => Queue::No,
        };
        let has_left = *place == QueuePlace::Absent && was_queued;
        if has_left || matches!(place, QueuePlace::Waiting { .. }) {
            self.accepted = now;
        }
    }

    /// When to look at the latest, so that a retry without effect is told in time.
    pub(super) fn look_by(&self) -> Option<Duration> {
        (!self.seen_in_progress && !self.is_queued()).then(|| self.accepted + LONGEST_LAG)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::model::{RunStatus, Times};
    use super::*;

    fn run(status: &str, end: Option<i64>) -> PipelineRun {
        PipelineRun {
            id: None,
            run_number: None,
            status: RunStatus::from_text(status),
            times: Times { start: None, end },
            current_system_time: None,
            detail_url: None,
            stages: Vec::new(),
        }
    }

    fn accepted() -> WatchState {
        WatchState::accepted(Snapshot::of(&run("FAILED", Some(5))), Duration::ZERO)
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_old_end_is_no_end_until_it_is_overdue() {
        let mut state = accepted();
        let old = run("FAILED", Some(5));
        assert_eq!(state.look(&old, seconds(0)), Sighting::NotYet);
        assert_eq!(state.look_by(), Some(seconds(120)));
        assert_eq!(state.look(&old, seconds(119)), Sighting::NotYet);
        assert_eq!(state.look(&old, seconds(120)), Sighting::Overdue);
    }

    #[test]
    fn another_end_and_another_state_are_the_end() {
        for end in [
            run("FAILED", Some(6)),
            run("COMPLETED", Some(5)),
            run("CANCELED", None),
        ] {
            assert_eq!(
                accepted().look(&end, seconds(1)),
                Sighting::Ended,
                "{end:?}"
            );
        }
    }

    #[test]
    fn an_end_without_its_time_counts_once_the_run_was_seen_in_progress() {
        let mut state = accepted();
        let end = run("FAILED", None);
        assert_eq!(state.look(&end, seconds(1)), Sighting::NotYet);
        assert_eq!(
            state.look(&run("RUNNING", None), seconds(2)),
            Sighting::InProgress
        );
        assert_eq!(state.look_by(), None);
        assert_eq!(state.look(&end, seconds(3)), Sighting::Ended);
    }

    #[test]
    fn the_very_old_end_after_progress_must_be_seen_twice_in_a_row() {
        let mut state = accepted();
        let (old, running) = (run("FAILED", Some(5)), run("RUNNING", None));
        let looks = [&running, &old, &running, &old, &old];
        let sightings = looks.map(|look| state.look(look, seconds(300)));
        assert_eq!(
            sightings,
            [
                Sighting::InProgress,
                Sighting::NotYet,
                Sighting::InProgress,
                Sighting::NotYet,
                Sighting::Ended
            ]
        );
    }

    #[test]
    fn the_very_old_end_after_progress_does_not_count_while_a_detail_may_lag() {
        let mut state = accepted();
        state.look(&run("RUNNING", None), seconds(2));
        let old = run("FAILED", Some(5));
        for at in [5, 10, 119] {
            assert_eq!(state.look(&old, seconds(at)), Sighting::NotYet);
        }
        assert_eq!(state.look(&old, seconds(120)), Sighting::Ended);
    }

    #[test]
    fn an_end_before_the_old_one_never_counts() {
        let older = run("COMPLETED", Some(4));
        let mut state = accepted();
        assert_eq!(state.look(&older, seconds(1)), Sighting::NotYet);
        assert_eq!(state.look(&older, seconds(120)), Sighting::Overdue);
        state.look(&run("RUNNING", None), seconds(121));
        for at in [999, 1_009, 1_019] {
            assert_eq!(state.look(&older, seconds(at)), Sighting::NotYet);
        }
    }

    #[test]
    fn an_end_from_before_the_step_attached_does_not_count_while_a_detail_may_lag() {
        let running = PipelineRun {
            current_system_time: Some(7),
            ..run("RUNNING", None)
        };
        let mut state = WatchState::attached(&running, None, Duration::ZERO);
        let old = run("FAILED", Some(6));
        assert_eq!(state.look(&old, seconds(119)), Sighting::NotYet);
        assert_eq!(state.look(&old, seconds(120)), Sighting::Ended);
        assert_eq!(
            state.look(&run("FAILED", Some(7)), seconds(1)),
            Sighting::Ended
        );
    }

    #[test]
    fn a_status_that_is_not_known_is_in_progress() {
        assert_eq!(
            accepted().look(&run("NEW", Some(9)), seconds(1)),
            Sighting::InProgress
        );
    }

    #[test]
    fn time_in_the_queue_does_not_count() {
        let before = Snapshot::of(&run("FAILED", Some(5)));
        let old = run("FAILED", Some(5));
        let mut state = WatchState::queued(before, Duration::ZERO);
        assert!(state.reads_the_queue());
        assert_eq!(state.look(&old, seconds(9999)), Sighting::NotYet);
        let waiting = QueuePlace::Waiting {
            queue_id: None,
            position: 1,
        };
        state.look_at_queue(&waiting, seconds(9999));
        state.look_at_queue(&QueuePlace::Absent, seconds(10_000));
        assert!(!state.is_queued());
        assert_eq!(state.look(&old, seconds(10_119)), Sighting::NotYet);
        assert_eq!(state.look(&old, seconds(10_120)), Sighting::Overdue);
    }

    #[test]
    fn a_queue_that_is_not_offered_leaves_a_queued_retry_queued_and_the_run_to_be_read() {
        let before = Snapshot::of(&run("FAILED", Some(5)));
        let mut state = WatchState::queued(before, Duration::ZERO);
        state.look_at_queue(&QueuePlace::NotOffered, seconds(1));
        assert!(state.is_queued() && !state.reads_the_queue());
        assert_eq!(state.look_by(), None);
        let mut never_queued = accepted();
        never_queued.look_at_queue(&QueuePlace::NotOffered, seconds(1));
        assert!(!never_queued.is_queued());
    }
    #[test]
    fn only_what_was_in_the_queue_can_leave_it() {
        let mut state = accepted();
        state.look_at_queue(&QueuePlace::Absent, seconds(100));
        assert_eq!(state.look_by(), Some(seconds(120)));
        assert_eq!(
            state.look(&run("FAILED", Some(5)), seconds(120)),
            Sighting::Overdue
        );
    }
}
