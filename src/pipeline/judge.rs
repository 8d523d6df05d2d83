//! Whether a run was started again since a given moment. Pure.

use std::time::Duration;

use super::model::PipelineRun;

/// What is remembered of a run before the retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    end_time: Option<i64>,
    dispatch_ids: Vec<Option<String>>,
}

impl Snapshot {
    pub(super) fn of(run: &PipelineRun) -> Self {
        Self {
            end_time: run.end_time,
            dispatch_ids: run.dispatch_ids.clone(),
        }
    }
}

/// What tells a run that was started again from one that was not.
#[derive(Clone, Copy, Debug)]
pub(super) enum Baseline<'a> {
    /// The run as it was before the first attempt.
    Snapshot(&'a Snapshot),
    /// The run was not read before; the first attempt started this long before the reading was asked for.
    FirstAttempt {
        /// Our monotonic time since the attempt.
        ago: Duration,
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
    let newer = is_newer(run, baseline);
    if run.status.is_terminal() {
        match newer {
            Some(true) => Judgement::Newer,
            _ if matches!(run.status, super::model::RunStatus::Completed) => Judgement::Completed,
            Some(false) => Judgement::Unchanged,
            None => Judgement::Unclear("the run does not say when it ended"),
        }
    } else {
        match newer {
            Some(true) => Judgement::Newer,
            _ => Judgement::Unclear("the run has a status that this version does not know"),
        }
    }
}

/// `None` where the reading has not the fields to compare.
fn is_newer(run: &PipelineRun, baseline: Baseline<'_>) -> Option<bool> {
    match baseline {
        Baseline::Snapshot(snapshot) => Some(Snapshot::of(run) != *snapshot),
        Baseline::FirstAttempt { ago } => {
            let attempt = run
                .current_system_time?
                .saturating_sub(i64::try_from(ago.as_millis()).unwrap_or(i64::MAX));
            Some(run.end_time? > attempt)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::model::RunStatus;

    fn run(status: &str, end_time: Option<i64>, dispatch: &str) -> PipelineRun {
        PipelineRun {
            id: None,
            run_number: None,
            status: RunStatus::from_text(status),
            end_time,
            current_system_time: Some(100_000),
            detail_url: None,
            dispatch_ids: vec![Some(dispatch.to_owned()), None],
        }
    }

    const ATTEMPT: Baseline<'_> = Baseline::FirstAttempt {
        ago: Duration::from_secs(10),
    };

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
