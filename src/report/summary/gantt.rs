//! The run as a Gantt chart in Mermaid, which GitHub draws; elsewhere it stays a block of code that can be read.

use super::parts::{self, Part};
use crate::outcome::Outcome;
use crate::pipeline::{PartStatus, Phase, PipelineRun};
use crate::report::text::cut;

/// Bars drawn.
const MOST_BARS: usize = 100;
/// A bar takes this long at least, so that it can be seen.
const SHORTEST_MILLIS: u64 = 1000;
/// Bytes of a name.
const NAME_BYTES: usize = 60;

const HEAD: &str =
    "```mermaid\ngantt\n    dateFormat x\n    axisFormat %H:%M:%S\n    todayMarker off\n";

pub(super) fn of(outcome: &Outcome) -> String {
    let Some(run) = &outcome.last_seen else {
        return String::new();
    };
    // A retry starts the rest of a run again, maybe a day later: what had ended before this step is left out.
    let step_start = run.current_system_time.map(|now| {
        let step = i64::try_from(outcome.duration.as_millis()).unwrap_or(i64::MAX);
        now.saturating_sub(step)
    });
    chart(run, step_start)
        .or_else(|| chart(run, None))
        .unwrap_or_default()
}

/// The chart of what ended after a time; nothing where there is nothing to compare.
fn chart(run: &PipelineRun, since: Option<i64>) -> Option<String> {
    let mut chart = HEAD.to_owned();
    let mut bars = 0;
    for stage in &run.stages {
        let mut section = ["    section ", &label(&stage.name, "Stage"), "\n"].concat();
        let before = bars;
        for part in parts::of(stage, run) {
            let Some((start, millis)) = parts::span(part.status, part.times, run) else {
                continue;
            };
            let end = start.saturating_add_unsigned(millis);
            if bars < MOST_BARS && since.is_none_or(|since| end >= since) {
                bar(&part, start, millis, &mut section);
                bars += 1;
            }
        }
        if bars > before {
            chart.push_str(&section);
        }
    }
    chart.push_str("```\n");
    (bars > 1).then_some(chart)
}

/// `    ❌ compile :crit, 1777452800000, 72000ms`. The picture keeps the name from being a keyword of Mermaid.
fn bar(part: &Part<'_>, start: i64, millis: u64, section: &mut String) {
    section.extend([
        "    ",
        parts::mark(part.status),
        " ",
        &label(part.name, "Job"),
        part.kind,
        " :",
        tag(part.status),
        &start.to_string(),
        ", ",
        &millis.max(SHORTEST_MILLIS).to_string(),
        "ms\n",
    ]);
}

fn tag(status: &PartStatus) -> &'static str {
    match status.phase() {
        Phase::Succeeded => "done, ",
        Phase::Failed => "crit, ",
        Phase::Running | Phase::Waiting => "active, ",
        _ => "",
    }
}

/// Letters, digits and little else: what Mermaid, HTML or Markdown could read as their own becomes a blank.
fn label(name: &str, fallback: &str) -> String {
    let shown: String = name
        .chars()
        .map(|c| match c {
            _ if c.is_alphanumeric() => c,
            '-' | '_' | '.' | '/' | '(' | ')' | '+' | '=' | '…' | '›' => c,
            _ => ' ',
        })
        .collect();
    let words: Vec<_> = shown.split_whitespace().collect();
    match cut(&words.join(" "), NAME_BYTES) {
        shown if shown.is_empty() => fallback.to_owned(),
        shown => shown,
    }
}
