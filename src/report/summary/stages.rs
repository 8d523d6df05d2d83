//! The table of stages and jobs.

use std::time::Duration;

use super::parts::{self, Part};
use crate::outcome::Outcome;
use crate::pipeline::{PartStatus, Phase, PipelineRun, StageRun, Times};
use crate::report::markdown;
use crate::report::text::{push, short_duration};
use crate::report::view;

pub(super) fn of(outcome: &Outcome) -> String {
    let Some(run) = outcome
        .last_seen
        .as_ref()
        .filter(|run| !run.stages.is_empty())
    else {
        return String::new();
    };
    let title = if run.status.is_terminal() {
        "Stages and jobs"
    } else {
        "Where the run stands"
    };
    let mut table = [
        "#### ",
        title,
        "\n\n| Stage | Job | Status | Duration |\n| --- | --- | --- | ---: |\n",
    ]
    .concat();
    let mut jobs = 0;
    for stage in &run.stages {
        jobs += stage.jobs.len();
        rows(stage, run, &mut table);
    }
    if jobs >= view::JOBS {
        table.push_str("\n_A run of more jobs than are shown here._\n");
    }
    table
}

/// The stage's own row, with its part in it where there is just one that ended as the stage did.
fn rows(stage: &StageRun, run: &PipelineRun, table: &mut String) {
    let parts = parts::of(stage, run);
    let name = match markdown::name(&stage.name) {
        name if name.is_empty() => name,
        name => ["**", &name, "**"].concat(),
    };
    let name = &name;
    match &parts[..] {
        [part] if part.status.phase() == stage.status.phase() => part_row(name, part, run, table),
        parts => {
            row(
                [
                    name,
                    "",
                    &status(&stage.status, ""),
                    &duration(&stage.status, stage.times, run),
                ],
                table,
            );
            for part in parts {
                part_row("", part, run, table);
            }
        }
    }
}

fn part_row(stage: &str, part: &Part<'_>, run: &PipelineRun, table: &mut String) {
    let name = markdown::name(part.name) + part.kind;
    let status = status(part.status, part.stands_at);
    row(
        [
            stage,
            name.trim_start(),
            &status,
            &duration(part.status, part.times, run),
        ],
        table,
    );
}

fn row(cells: [&str; 4], table: &mut String) {
    for cell in cells {
        push(table, &["| ", cell, if cell.is_empty() { "" } else { " " }]);
    }
    table.push_str("|\n");
}

/// `🔄 RUNNING: run tests`
fn status(status: &PartStatus, stands_at: &str) -> String {
    let word = match status.phase() {
        // Somebody else's text.
        Phase::Unknown => markdown::inline(status.as_str()),
        _ => status.as_str().to_owned(),
    };
    let mut cell = [parts::mark(status), " ", &word].concat();
    if !stands_at.is_empty() {
        push(&mut cell, &[": ", &markdown::name(stands_at)]);
    }
    cell
}

fn duration(status: &PartStatus, times: Times, run: &PipelineRun) -> String {
    let Some((_, millis)) = parts::span(status, times, run) else {
        return String::new();
    };
    let mut shown = short_duration(Duration::from_millis(millis));
    if parts::goes_on(status) {
        shown.push_str(" so far");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::JobRun;
    use crate::report::samples::{accepted, failed_run};

    #[test]
    fn a_run_of_more_jobs_than_are_shown_says_so() {
        const NOTE: &str = "\n_A run of more jobs than are shown here._\n";
        for (stages, has_note) in [(2, true), (1, false)] {
            let stage = StageRun {
                jobs: vec![JobRun::default(); view::JOBS / 2],
                ..StageRun::default()
            };
            let outcome = Outcome {
                last_seen: Some(failed_run(vec![stage; stages])),
                ..accepted()
            };
            assert_eq!(of(&outcome).ends_with(NOTE), has_note, "{stages}");
        }
    }
    #[test]
    fn a_stage_of_one_part_is_one_row_where_both_stand_alike() {
        let run = failed_run(Vec::new());
        for (job, rows_of_it) in [("FAILED", 1), ("COMPLETED", 2)] {
            let stage = StageRun {
                name: "Build".to_owned(),
                status: PartStatus::from_text("FAILED"),
                jobs: vec![JobRun {
                    name: "compile".to_owned(),
                    status: PartStatus::from_text(job),
                    ..JobRun::default()
                }],
                ..StageRun::default()
            };
            let mut table = String::new();
            rows(&stage, &run, &mut table);
            assert_eq!(table.lines().count(), rows_of_it, "{table}");
            assert_eq!(table.matches("❌ FAILED").count(), 1, "{table}");
        }
    }
}
