//! The parts of a run that are worth a line: its jobs, and those gates that hold it up.

use crate::pipeline::{PartStatus, Phase, PipelineRun, StageRun, StepRun, Times};

/// A gate that took longer than this is worth a line, although it ended well.
const LONG_GATE_MILLIS: u64 = 60_000;

/// A job, or a step of a gate.
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    /// ` (entry gate)` where it is one.
    pub(super) kind: &'static str,
    pub(super) status: &'a PartStatus,
    /// The step at which a job stands.
    pub(super) stands_at: &'a str,
    pub(super) times: Times,
}

/// What is worth a line in a stage, in the order in which it runs.
pub(super) fn of<'a>(stage: &'a StageRun, run: &PipelineRun) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    gate(&stage.entry, " (entry gate)", run, &mut parts);
    parts.extend(stage.jobs.iter().map(|job| Part {
        name: &job.name,
        kind: "",
        status: &job.status,
        stands_at: job.steps.first().map_or("", |step| &step.name),
        times: job.times,
    }));
    gate(&stage.exit, " (exit gate)", run, &mut parts);
    parts
}

fn gate<'a>(
    steps: &'a [StepRun],
    kind: &'static str,
    run: &PipelineRun,
    parts: &mut Vec<Part<'a>>,
) {
    for step in steps {
        let holds_up = match step.status.phase() {
            Phase::Succeeded => span(&step.status, step.times, run)
                .is_some_and(|(_, millis)| millis > LONG_GATE_MILLIS),
            Phase::NotStarted | Phase::Skipped => false,
            _ => true,
        };
        if holds_up {
            parts.push(Part {
                name: &step.name,
                kind,
                status: &step.status,
                stands_at: "",
                times: step.times,
            });
        }
    }
}

/// When a part started, in milliseconds of Unix time, and how many it took, or has taken so far.
pub(super) fn span(status: &PartStatus, times: Times, run: &PipelineRun) -> Option<(i64, u64)> {
    let end = match status.phase() {
        // It has times from before the retry, or none.
        Phase::NotStarted | Phase::Skipped => return None,
        _ if goes_on(status) => run.current_system_time,
        _ => times.end,
    };
    let times = Times { end, ..times };
    // 0 is another way to say that it has not started.
    Some((times.start.filter(|start| *start > 0)?, times.millis()?))
}

/// Whether the part is at work or waits.
pub(super) fn goes_on(status: &PartStatus) -> bool {
    matches!(status.phase(), Phase::Running | Phase::Waiting)
}

/// A picture for the status of a part.
pub(super) fn mark(status: &PartStatus) -> &'static str {
    match status.phase() {
        Phase::NotStarted => "⚪",
        Phase::Running => "🔄",
        Phase::Waiting => "⏸️",
        Phase::Succeeded => "✅",
        Phase::Failed => "❌",
        Phase::Canceled => "🚫",
        Phase::Skipped => "⏭️",
        Phase::Unknown => "❔",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::RunStatus;

    fn run(now: i64) -> PipelineRun {
        PipelineRun {
            id: None,
            run_number: None,
            status: RunStatus::Running,
            times: Times::default(),
            current_system_time: Some(now),
            detail_url: None,
            stages: Vec::new(),
        }
    }

    fn step(status: &str, start: i64, end: i64) -> StepRun {
        StepRun {
            name: "gate".to_owned(),
            status: PartStatus::from_text(status),
            times: Times {
                start: Some(start),
                end: Some(end),
            },
            ..StepRun::default()
        }
    }

    #[test]
    fn a_gate_is_shown_where_it_holds_the_run_up() {
        for (gate, is_shown) in [
            (step("COMPLETED", 1_000, 61_000), false),
            (step("COMPLETED", 1_000, 61_001), true),
            (step("INIT", 1_000, 99_000), false),
            (step("IGNORED", 1_000, 99_000), false),
            (step("RUNNING", 1_000, 2_000), true),
            (step("FAILED", 1_000, 2_000), true),
        ] {
            let stage = StageRun {
                entry: vec![gate.clone()],
                exit: vec![gate.clone()],
                ..StageRun::default()
            };
            let run = run(3_000);
            let kinds: Vec<_> = of(&stage, &run).iter().map(|part| part.kind).collect();
            let expected: &[_] = if is_shown {
                &[" (entry gate)", " (exit gate)"]
            } else {
                &[]
            };
            assert_eq!(kinds, expected, "{gate:?}");
        }
    }

    #[test]
    fn a_part_that_goes_on_lasts_until_now_and_one_that_has_ended_until_then() {
        for (part, expected) in [
            (step("RUNNING", 1_000, 2_000), Some((1_000, 2_000))),
            (step("COMPLETED", 1_000, 2_000), Some((1_000, 1_000))),
            (step("INIT", 1_000, 2_000), None),
            (step("COMPLETED", 0, 2_000), None),
            (step("COMPLETED", 1, 2_000), Some((1, 1_999))),
        ] {
            assert_eq!(
                span(&part.status, part.times, &run(3_000)),
                expected,
                "{part:?}"
            );
        }
    }
}
