//! Whether a run was started again since a given moment. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use super::model::{PipelineRun, RunStatus};

/// What is remembered of a run before the retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    status: RunStatus,
    end_time: Option<i64>,
    /// The service's time when it was so.
    read_at: Option<i64>,
    dispatches: BTreeMap<String, Option<String>>,
}

impl Snapshot {
    pub(super) fn of(run: &PipelineRun) -> Self {
        Self {
            status: run.status.clone(),
            end_time: run.times.end,
            read_at: run.current_system_time,
            dispatches: dispatches(run),
        }
    }

    /// Whether the run was started since: it ended at another time or in another state, or a part that was known was
    /// dispatched again. What an answer leaves out says nothing, since a list may be missing.
    pub(super) fn is_older_than(&self, run: &PipelineRun) -> bool {
        let ended_otherwise = match (self.end_time, run.times.end) {
            (Some(before), Some(now)) => before != now,
            (None, Some(now)) => self.read_at.is_none_or(|read_at| now > read_at),
            (_, None) => false,
        };
        let ended_in_another_state = run.status.is_terminal()
            && run.status != RunStatus::Completed
            && run.status != self.status;
        ended_otherwise || ended_in_another_state || self.has_dispatched(run)
    }

    /// Whether the reading is from before this one, by a replica that lags behind: it ended earlier. Then nothing else
    /// in it says anything.
    pub(super) fn is_newer_than(&self, run: &PipelineRun) -> bool {
        let ends = self.end_time.zip(run.times.end);
        run.status.is_terminal() && ends.is_some_and(|(own, other)| other < own)
    }

    /// Whether it is, or shows, another ended state than this one.
    pub(super) fn differs_from(&self, run: &PipelineRun) -> bool {
        self.status != run.status || self.is_older_than(run)
    }

    fn has_dispatched(&self, run: &PipelineRun) -> bool {
        dispatches(run).iter().any(|(part, now)| {
            let before = self.dispatches.get(part);
            now.is_some() && before.is_some_and(|before| before != now)
        })
    }
}

/// The `last_dispatch_id` of every job and step, by its own id, else by its place.
fn dispatches(run: &PipelineRun) -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::new();
    for (stage_at, stage) in run.stages.iter().enumerate() {
        for (job_at, job) in stage.jobs.iter().enumerate() {
            let place = format!("{stage_at}.{job_at}");
            for (step_at, step) in job.steps.iter().enumerate() {
                let key = step.id.clone();
                found.insert(
                    key.unwrap_or_else(|| format!("{place}.{step_at}")),
                    step.last_dispatch_id.clone(),
                );
            }
            found.insert(
                job.id.clone().unwrap_or(place),
                job.last_dispatch_id.clone(),
            );
        }
    }
    found
}

/// What tells a run that was started again from one that was not.
#[derive(Clone, Copy, Debug)]
pub(super) enum Baseline<'a> {
    /// The run as it was before the first attempt.
    Snapshot(&'a Snapshot),
    /// The run was not read before. The service made the answer at some time between these two.
    FirstAttempt {
        /// Our monotonic time from the first attempt until the reading was asked for.
        asked_after: Duration,
        /// The same until it was there.
        read_after: Duration,
    },
}

/// What one reading says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// The run goes on.
    InProgress,
    /// It has ended, and it was started since the baseline.
    Newer,
    /// It ended COMPLETED, and was not started since.
    Completed,
    /// It ended COMPLETED; the reading does not say whether it was started since.
    CompletedPerhapsSince,
    /// It is as it was.
    Unchanged,
    /// The reading does not allow to say.
    Unclear(&'static str),
}

/// Judges a reading.
pub(super) fn judge(run: &PipelineRun, baseline: Baseline<'_>) -> Judgement {
    if run.status.is_in_progress() {
        return Judgement::InProgress;
    }
    if let Baseline::Snapshot(snapshot) = baseline
        && snapshot.is_newer_than(run)
    {
        return Judgement::Unclear("the answer is older than what was read before");
    }
    let newer = is_newer(run, baseline);
    if run.status.is_terminal() {
        match newer {
            Some(true) => Judgement::Newer,
            Some(false) if run.status == RunStatus::Completed => Judgement::Completed,
            None if run.status == RunStatus::Completed => Judgement::CompletedPerhapsSince,
            Some(false) => Judgement::Unchanged,
            None => Judgement::Unclear(
                "the run does not say when it ended, or it may have been before or after the attempt",
            ),
        }
    } else {
        match newer {
            Some(true) => Judgement::Newer,
            _ => Judgement::Unclear("the run has a status that this version does not know"),
        }
    }
}

/// `None` where the reading has not the fields to compare, or took so long that they do not tell.
fn is_newer(run: &PipelineRun, baseline: Baseline<'_>) -> Option<bool> {
    match baseline {
        Baseline::Snapshot(snapshot) => Some(snapshot.is_older_than(run)),
        Baseline::FirstAttempt {
            asked_after,
            read_after,
        } => {
            let (now, end) = (run.current_system_time?, run.times.end?);
            let before = |ago: Duration| {
                now.saturating_sub(i64::try_from(ago.as_millis()).unwrap_or(i64::MAX))
            };
            match end {
                _ if end > before(asked_after) => Some(true),
                _ if end <= before(read_after) => Some(false),
                _ => None,
            }
        }
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::model::{JobRun, StageRun, StepRun, Times};

    fn run(status: &str, end_time: Option<i64>, dispatch: &str) -> PipelineRun {
        let job = JobRun {
            id: Some("job".to_owned()),
            last_dispatch_id: Some(dispatch.to_owned()),
            steps: vec![StepRun::default()],
            ..JobRun::default()
        };
        PipelineRun {
            id: None,
            run_number: None,
            status: RunStatus::from_text(status),
            times: Times {
                start: None,
                end: end_time,
            },
            current_system_time: Some(100_000),
            detail_url: None,
            stages: vec![StageRun {
                jobs: vec![job],
                ..StageRun::default()
            }],
        }
    }

    #[test]
    fn what_an_answer_leaves_out_makes_nothing_newer() {
        let before = Snapshot::of(&run("FAILED", Some(5), "a"));
        let mut partial = run("FAILED", None, "a");
        partial.stages.clear();
        assert_eq!(
            judge(&partial, Baseline::Snapshot(&before)),
            Judgement::Unchanged
        );
    }

    #[test]
    fn a_part_that_shows_up_late_is_no_new_start_and_one_that_first_starts_is() {
        let mut without = run("FAILED", Some(5), "a");
        without.stages.clear();
        let whole = run("FAILED", Some(5), "a");
        assert!(!Snapshot::of(&without).is_older_than(&whole));
        let mut idle = whole.clone();
        idle.stages[0].jobs[0].last_dispatch_id = None;
        assert!(Snapshot::of(&idle).is_older_than(&whole));
    }

    const ATTEMPT: Baseline<'_> = Baseline::FirstAttempt {
        asked_after: Duration::from_secs(10),
        read_after: Duration::from_secs(10),
    };

    #[test]
    fn an_end_about_when_the_attempt_was_sent_is_unclear_where_the_reading_took_long() {
        let slow = Baseline::FirstAttempt {
            asked_after: Duration::from_secs(10),
            read_after: Duration::from_secs(12),
        };
        assert_eq!(
            judge(&run("FAILED", Some(88_000), "a"), slow),
            Judgement::Unchanged
        );
        for end in [88_001, 90_000] {
            assert!(matches!(
                judge(&run("FAILED", Some(end), "a"), slow),
                Judgement::Unclear(_)
            ));
        }
    }

    #[test]
    fn an_end_before_that_of_the_snapshot_is_an_older_answer_whatever_else_it_shows() {
        let before = Snapshot::of(&run("FAILED", Some(5), "b"));
        for status in ["FAILED", "COMPLETED", "CANCELED"] {
            assert!(matches!(
                judge(&run(status, Some(4), "a"), Baseline::Snapshot(&before)),
                Judgement::Unclear(_)
            ));
        }
    }

    #[test]
    fn an_end_that_the_snapshot_did_not_show_yet_is_no_new_one() {
        let before = Snapshot::of(&run("FAILED", None, "a"));
        assert!(!before.is_older_than(&run("FAILED", Some(100_000), "a")));
        assert!(before.is_older_than(&run("FAILED", Some(100_001), "a")));
    }

    #[test]
    fn with_a_snapshot_another_end_or_another_dispatch_is_newer() {
        let before = Snapshot::of(&run("FAILED", Some(5), "a"));
        let baseline = Baseline::Snapshot(&before);
        assert_eq!(
            judge(&run("FAILED", Some(5), "a"), baseline),
            Judgement::Unchanged
        );
        assert_eq!(
            judge(&run("FAILED", Some(6), "a"), baseline),
            Judgement::Newer
        );
        assert_eq!(
            judge(&run("FAILED", Some(5), "b"), baseline),
            Judgement::Newer
        );
        assert_eq!(
            judge(&run("CANCELED", None, "a"), baseline),
            Judgement::Newer
        );
        assert_eq!(
            judge(&run("COMPLETED", Some(5), "a"), baseline),
            Judgement::Completed
        );
    }

    #[test]
    fn without_one_an_end_after_the_first_attempt_in_service_time_is_newer() {
        assert_eq!(
            judge(&run("FAILED", Some(90_001), "a"), ATTEMPT),
            Judgement::Newer
        );
        assert_eq!(
            judge(&run("FAILED", Some(90_000), "a"), ATTEMPT),
            Judgement::Unchanged
        );
        assert_eq!(
            judge(&run("COMPLETED", Some(90_000), "a"), ATTEMPT),
            Judgement::Completed
        );
        assert_eq!(
            judge(&run("COMPLETED", Some(90_001), "a"), ATTEMPT),
            Judgement::Newer
        );
    }

    #[test]
    fn without_the_times_nothing_is_concluded() {
        assert!(matches!(
            judge(&run("FAILED", None, "a"), ATTEMPT),
            Judgement::Unclear(_)
        ));
        let timeless = PipelineRun {
            current_system_time: None,
            ..run("FAILED", Some(5), "a")
        };
        assert!(matches!(judge(&timeless, ATTEMPT), Judgement::Unclear(_)));
    }

    #[test]
    fn in_progress_is_in_progress_whatever_the_times() {
        for status in ["RUNNING", "PAUSED", "SUSPEND", "INIT", "QUEUED"] {
            assert_eq!(
                judge(&run(status, None, "a"), ATTEMPT),
                Judgement::InProgress,
                "{status}"
            );
        }
    }

    #[test]
    fn an_unknown_status_is_unclear_unless_newer() {
        let before = Snapshot::of(&run("FAILED", Some(5), "a"));
        assert!(matches!(
            judge(&run("NEW", Some(5), "a"), Baseline::Snapshot(&before)),
            Judgement::Unclear(_)
        ));
        assert_eq!(
            judge(&run("NEW", Some(6), "a"), Baseline::Snapshot(&before)),
            Judgement::Newer
        );
        assert!(matches!(
            judge(&run("NEW", None, "a"), ATTEMPT),
            Judgement::Unclear(_)
        ));
    }
}
