//! What changed between two readings of a run. Pure.

use std::time::Duration;

use super::super::event::Change;
use super::super::failed_job::PATH_SEPARATOR;
use super::super::model::{PartStatus, Phase, PipelineRun, StepRun, Times};

/// A part of a run with its place, which is the same in every reading.
struct Part<'a> {
    place: [usize; 3],
    path: String,
    status: &'a PartStatus,
    times: Times,
}

/// What is different in `now`; each part that is new and has begun counts as changed. The run itself comes before its
/// parts, or after them once it has ended.
pub(super) fn changes(before: Option<&PipelineRun>, now: &PipelineRun) -> Vec<Change> {
    let mut found = Vec::new();
    let known = before.map(parts).unwrap_or_default();
    for part in parts(now) {
        let from = known
            .binary_search_by_key(&part.place, |known| known.place)
            .ok()
            .map(|at| known[at].status);
        let has_begun = !matches!(part.status.phase(), Phase::NotStarted);
        if from != Some(part.status) && (from.is_some() || has_begun) {
            let ended = matches!(
                part.status.phase(),
                Phase::Succeeded | Phase::Failed | Phase::Canceled
            );
            found.push(Change {
                path: part.path,
                from: from.map(ToString::to_string),
                to: part.status.to_string(),
                took: took(part.times).filter(|_| ended),
            });
        }
    }
    let from = before.map(|run| run.status.to_string());
    let to = now.status.to_string();
    if from.as_ref() != Some(&to) {
        let at = if now.status.is_terminal() {
            found.len()
        } else {
            0
        };
        let path = String::new();
        // Its own times would count from its first start, before any retry.
        let took = None;
        found.insert(
            at,
            Change {
                path,
                from,
                to,
                took,
            },
        );
    }
    found
}

/// The paths of the jobs that are at work or wait, at most `limit`.
pub(super) fn at_work(run: &PipelineRun, limit: usize) -> Vec<String> {
    run.stages
        .iter()
        .flat_map(|stage| stage.jobs.iter().map(move |job| (stage, job)))
        .filter(|(_, job)| matches!(job.status.phase(), Phase::Running | Phase::Waiting))
        .map(|(stage, job)| joined(&[&stage.name, &job.name]))
        .take(limit)
        .collect()
}

/// Stages, the steps of their gates, jobs and their steps; in the order of their places.
fn parts(run: &PipelineRun) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for (stage_at, stage) in run.stages.iter().enumerate() {
        parts.push(Part {
            place: [stage_at, 0, 0],
            path: stage.name.clone(),
            status: &stage.status,
            times: stage.times,
        });
        add_steps(&mut parts, [stage_at, 0], &[&stage.name], &stage.entry);
        for (job_at, job) in stage.jobs.iter().enumerate() {
            let names = [stage.name.as_str(), &job.name];
            parts.push(Part {
                place: [stage_at, job_at + 1, 0],
                path: joined(&names),
                status: &job.status,
                times: job.times,
            });
            add_steps(&mut parts, [stage_at, job_at + 1], &names, &job.steps);
        }
        let last = stage.jobs.len() + 1;
        add_steps(&mut parts, [stage_at, last], &[&stage.name], &stage.exit);
    }
    parts
}

fn add_steps<'a>(
    parts: &mut Vec<Part<'a>>,
    [stage_at, job_at]: [usize; 2],
    names: &[&str],
    steps: &'a [StepRun],
) {
    for (step_at, step) in steps.iter().enumerate() {
        let names = [names, &[step.name.as_str()]].concat();
        parts.push(Part {
            place: [stage_at, job_at, step_at + 1],
            path: joined(&names),
            status: &step.status,
            times: step.times,
        });
    }
}

fn joined(names: &[&str]) -> String {
    names
        .iter()
        .copied()
        .filter(|name| !name.is_empty())
        .collect::<Vec<_>>()
        .join(PATH_SEPARATOR)
}

fn took(times: Times) -> Option<Duration> {
    times.millis().map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::model::{JobRun, RunStatus, StageRun};

    fn run(status: &str, parts: [&str; 4]) -> PipelineRun {
        let [stage, gate, job, step] = parts.map(PartStatus::from_text);
        let step_run = |name: &str, status| StepRun {
            name: name.to_owned(),
            status,
            ..StepRun::default()
        };
        PipelineRun {
            id: None,
            run_number: None,
            status: RunStatus::from_text(status),
            times: Times::default(),
            current_system_time: None,
            detail_url: None,
            stages: vec![StageRun {
                name: "Build".to_owned(),
                status: stage,
                times: Times::default(),
                entry: vec![step_run("approval", gate)],
                jobs: vec![JobRun {
                    name: "compile".to_owned(),
                    status: job,
                    times: Times {
                        start: Some(1000),
                        end: Some(73_000),
                    },
                    steps: vec![step_run("run tests", step)],
                    ..JobRun::default()
                }],
                exit: Vec::new(),
            }],
        }
    }

    fn lines(before: Option<&PipelineRun>, now: &PipelineRun) -> Vec<String> {
        changes(before, now)
            .into_iter()
            .map(|change| {
                let from = change.from.unwrap_or_default();
                let took = change.took.map(|took| took.as_secs());
                format!("{}: {from}>{} {took:?}", change.path, change.to)
            })
            .collect()
    }

    #[test]
    fn each_part_in_another_state_is_a_change_with_its_time_once_it_has_ended() {
        let before = run("FAILED", ["FAILED", "COMPLETED", "RUNNING", "INIT"]);
        let now = run("RUNNING", ["RUNNING", "COMPLETED", "COMPLETED", "RUNNING"]);
        assert_eq!(
            lines(Some(&before), &now),
            [
                ": FAILED>RUNNING None",
                "Build: FAILED>RUNNING None",
                "Build › compile: RUNNING>COMPLETED Some(72)",
                "Build › compile › run tests: INIT>RUNNING None",
            ]
        );
        assert!(lines(Some(&now), &now).is_empty());
    }

    #[test]
    fn the_end_of_the_run_comes_after_the_ends_of_its_parts() {
        let before = run(
            "RUNNING",
            ["RUNNING", "COMPLETED", "COMPLETED", "COMPLETED"],
        );
        let now = run(
            "COMPLETED",
            ["COMPLETED", "COMPLETED", "COMPLETED", "COMPLETED"],
        );
        assert_eq!(
            lines(Some(&before), &now),
            ["Build: RUNNING>COMPLETED None", ": RUNNING>COMPLETED None"]
        );
    }

    #[test]
    fn the_first_reading_tells_what_has_begun() {
        let now = run("RUNNING", ["RUNNING", "PAUSED", "INIT", "QUEUED"]);
        assert_eq!(
            lines(None, &now),
            [
                ": >RUNNING None",
                "Build: >RUNNING None",
                "Build › approval: >PAUSED None"
            ]
        );
    }

    #[test]
    fn a_reading_without_stages_changes_nothing_of_them() {
        let before = run("RUNNING", ["RUNNING", "COMPLETED", "RUNNING", "RUNNING"]);
        let mut now = before.clone();
        now.stages.clear();
        assert!(lines(Some(&before), &now).is_empty());
    }

    #[test]
    fn jobs_at_work_or_waiting_are_named_up_to_a_limit() {
        let mut now = run("RUNNING", ["RUNNING", "COMPLETED", "PAUSED", "INIT"]);
        now.stages.push(now.stages[0].clone());
        assert_eq!(at_work(&now, 5), ["Build › compile", "Build › compile"]);
        assert_eq!(at_work(&now, 1).len(), 1);
        let ended = run("FAILED", ["FAILED", "COMPLETED", "FAILED", "FAILED"]);
        assert!(at_work(&ended, 5).is_empty());
    }
    #[test]
    fn an_exit_gate_is_told_from_the_entry_gate_and_the_steps_of_the_jobs() {
        let mut before = run("RUNNING", ["RUNNING", "COMPLETED", "RUNNING", "COMPLETED"]);
        let gate = |status: &str| StepRun {
            name: "quality".to_owned(),
            status: PartStatus::from_text(status),
            ..StepRun::default()
        };
        before.stages[0].exit = vec![gate("INIT")];
        let mut now = before.clone();
        now.stages[0].exit = vec![gate("RUNNING")];
        assert_eq!(
            lines(Some(&before), &now),
            ["Build › quality: INIT>RUNNING None"]
        );
    }
}
