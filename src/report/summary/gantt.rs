//! The run as a Gantt chart in Mermaid, which GitHub draws; elsewhere it stays a block of code that can be read.

use super::parts::{self, Part};
use crate::outcome::Outcome;
use crate::pipeline::{PartStatus, Phase, PipelineRun};
use crate::report::markdown::turns;
use crate::report::text::{cut_by, one_line, push};

/// Bars drawn.
const MOST_BARS: usize = 100;
/// The end of the year 9999: the browser has no dates long after it.
const LATEST_MILLIS: i64 = 253_402_300_799_999;
/// A bar takes this long at least, so that it can be seen.
const SHORTEST_MILLIS: u64 = 1000;
/// Pixels that Mermaid leaves for the names of sections, and that it is asked for at most.
const SECTION_PIXELS: [usize; 2] = [75, 180];
/// Pixels of a bar's name.
const BAR_PIXELS: usize = 300;
/// Most ticks of the axis; more run into each other.
const MOST_TICKS: i64 = 9;
/// Ticks of so many seconds, as Mermaid calls them.
const TICKS: [(i64, &str); 13] = [
    (1, "1second"),
    (5, "5second"),
    (15, "15second"),
    (60, "1minute"),
    (120, "2minute"),
    (300, "5minute"),
    (900, "15minute"),
    (1800, "30minute"),
    (3600, "1hour"),
    (3 * 3600, "3hour"),
    (12 * 3600, "12hour"),
    (24 * 3600, "1day"),
    (7 * 24 * 3600, "1week"),
];

const LEFT_OUT: &str =
    "\n_Some parts are in the table only, such as those that ended before this step began._\n";

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

/// The chart of what ended after a time, if anything did.
fn chart(run: &PipelineRun, since: Option<i64>) -> Option<String> {
    let mut sections = String::new();
    let mut bars = 0;
    let mut is_complete = true;
    let mut padding = SECTION_PIXELS[0];
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for stage in &run.stages {
        let name = label(&stage.name, "Stage", SECTION_PIXELS[1]);
        let mut section = String::new();
        for part in parts::of(stage, run) {
            let Some((start, millis)) = parts::span(part.status, part.times, run) else {
                continue;
            };
            let end = start.saturating_add_unsigned(millis);
            if bars == MOST_BARS || end > LATEST_MILLIS || since.is_some_and(|since| end < since) {
                is_complete = false;
                continue;
            }
            bar(&part, start, millis, &mut section);
            bars += 1;
            (first, last) = (first.min(start), last.max(end));
        }
        if !section.is_empty() {
            padding = padding.max(name.chars().map(pixels).sum::<usize>() + 20);
            push(&mut sections, &["    section ", &name, "\n", &section]);
        }
    }
    let head = head(padding, last.saturating_sub(first));
    let left_out = if is_complete { "" } else { LEFT_OUT };
    (bars > 0).then(|| [&head, &sections, "```\n", left_out].concat())
}

/// Up to the first section. Days and weeks are too long for a time without a date.
fn head(padding: usize, millis: i64) -> String {
    let tick = TICKS
        .iter()
        .find(|(seconds, _)| millis / 1000 / seconds <= MOST_TICKS);
    let axis = match tick {
        Some((0..60, _)) => "%H:%M:%S",
        Some((60..43_200, _)) => "%H:%M",
        _ => "%m-%d %H:%M",
    };
    let mut head = "```mermaid\n".to_owned();
    if padding > SECTION_PIXELS[0] {
        let padding = padding.to_string();
        push(
            &mut head,
            &[
                "%%{init: {\"gantt\": {\"leftPadding\": ",
                &padding,
                "}}}%%\n",
            ],
        );
    }
    push(
        &mut head,
        &["gantt\n    dateFormat x\n    axisFormat ", axis, "\n"],
    );
    if let Some((_, name)) = tick {
        push(&mut head, &["    tickInterval ", name, "\n"]);
    }
    head.push_str("    todayMarker off\n");
    head
}

/// `    ❌ compile :crit, 1777452800000, 72000ms`. The picture keeps the name from being a keyword of Mermaid.
fn bar(part: &Part<'_>, start: i64, millis: u64, section: &mut String) {
    push(
        section,
        &[
            "    ",
            parts::mark(part.status),
            " ",
            &label(part.name, "Job", BAR_PIXELS),
            part.kind,
            " :",
            tag(part.status),
            &start.to_string(),
            ", ",
            &millis.max(SHORTEST_MILLIS).to_string(),
            "ms\n",
        ],
    );
}

fn tag(status: &PartStatus) -> &'static str {
    match status.phase() {
        Phase::Succeeded => "done, ",
        Phase::Failed => "crit, ",
        Phase::Running | Phase::Waiting => "active, ",
        _ => "",
    }
}

/// Letters, digits and little else: what Mermaid, HTML or Markdown could read as their own is ASCII, and becomes a
/// blank.
fn label(name: &str, fallback: &str, limit: usize) -> String {
    let shown: String = name
        .chars()
        .map(|c| match c {
            _ if c.is_ascii_alphanumeric() || !c.is_ascii() && !turns(c) => c,
            '-' | '_' | '.' | '/' | '(' | ')' | '+' | '=' => c,
            _ => ' ',
        })
        .collect();
    let shown = cut_by(&one_line(&shown), limit, pixels);
    if shown.is_empty() {
        return fallback.to_owned();
    }
    shown
}

/// About what a character takes in Mermaid's small letters.
fn pixels(c: char) -> usize {
    if c.is_ascii() { 6 } else { 11 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{JobRun, RunStatus, StageRun, Times};

    fn run(jobs: &[(&str, &str, i64, i64)]) -> PipelineRun {
        let job = |(name, status, start, end): &(&str, &str, i64, i64)| JobRun {
            name: (*name).to_owned(),
            status: PartStatus::from_text(*status),
            times: Times {
                start: Some(*start),
                end: Some(*end),
            },
            ..JobRun::default()
        };
        PipelineRun {
            id: None,
            run_number: None,
            status: RunStatus::Running,
            times: Times::default(),
            current_system_time: Some(9_000),
            detail_url: None,
            stages: vec![StageRun {
                name: "Build".to_owned(),
                jobs: jobs.iter().map(job).collect(),
                ..StageRun::default()
            }],
        }
    }

    fn bars(chart: Option<String>) -> Vec<String> {
        let chart = chart.unwrap_or_default();
        let bars = chart.lines().skip_while(|line| !line.contains("section"));
        bars.skip(1)
            .take_while(|line| *line != "```")
            .map(|line| line.trim().to_owned())
            .collect()
    }

    #[test]
    fn a_bar_has_its_status_its_start_and_its_length() {
        let run = run(&[
            ("a", "COMPLETED", 1_000, 4_000),
            ("b", "FAILED", 4_000, 4_000),
            ("c", "RUNNING", 5_000, 1),
            ("d", "ODD", 5_000, 7_500),
            ("e", "INIT", 1_000, 4_000),
            ("f", "COMPLETED", 0, 4_000),
        ]);
        assert_eq!(
            bars(chart(&run, None)),
            [
                "✅ a :done, 1000, 3000ms",
                "❌ b :crit, 4000, 1000ms",
                "🔄 c :active, 5000, 4000ms",
                "❔ d :5000, 2500ms",
            ]
        );
    }

    #[test]
    fn what_ended_before_the_step_is_left_out_and_said_to_be() {
        let run = run(&[
            ("a", "COMPLETED", 1_000, 2_000),
            ("b", "COMPLETED", 2_000, 4_000),
            ("c", "FAILED", 4_000, 5_000),
        ]);
        let all = chart(&run, None).expect("a chart");
        assert!(all.ends_with("ms\n```\n"), "{all}");
        let rest = chart(&run, Some(3_000)).expect("a chart");
        assert!(rest.ends_with(LEFT_OUT), "{rest}");
        assert_eq!(bars(Some(rest)).len(), 2);
        let last = chart(&run, Some(5_000)).expect("a chart");
        assert_eq!(bars(Some(last)).len(), 1);
        assert_eq!(chart(&run, Some(5_001)), None);
    }

    #[test]
    fn times_beyond_all_dates_are_left_out() {
        let beyond = run(&[
            ("a", "COMPLETED", i64::MIN, i64::MAX),
            ("b", "COMPLETED", 1, i64::MAX),
            ("c", "COMPLETED", i64::MAX, i64::MAX),
            ("d", "RUNNING", i64::MIN, i64::MIN),
        ]);
        assert_eq!(chart(&beyond, None), None);
        let last = LATEST_MILLIS;
        let latest = run(&[
            ("a", "COMPLETED", last - 1_000, last),
            ("b", "COMPLETED", last - 1_000, last + 1),
        ]);
        assert_eq!(bars(chart(&latest, None)).len(), 1);
    }

    #[test]
    fn a_name_becomes_no_syntax_and_a_run_of_many_jobs_a_hundred_bars() {
        for (name, shown) in [
            ("a: b; c # d, e %% f", "a b c d e f"),
            ("\"q\" 'p' {x} <b>&lt;|`", "q p x b lt"),
            ("end\nsection x\r:y", "end section x y"),
            ("构建 (amd64) v1.2_3-rc", "构建 (amd64) v1.2_3-rc"),
            ("::%%", "Job"),
            ("", "Job"),
        ] {
            assert_eq!(label(name, "Job", BAR_PIXELS), shown);
        }
        let many = vec![(":", "COMPLETED", 1_000, 2_000); 300];
        let bars = bars(chart(&run(&many), None));
        assert_eq!(bars.len(), MOST_BARS);
        assert!(bars.iter().all(|bar| bar.matches(':').count() == 1));
    }

    #[test]
    fn the_axis_has_room_for_its_ticks_and_the_names() {
        for (millis, axis, tick) in [
            (0, "%H:%M:%S", "1second"),
            (84_000, "%H:%M:%S", "15second"),
            (400_000, "%H:%M", "1minute"),
            (86_400_000, "%H:%M", "3hour"),
            (300_000_000, "%m-%d %H:%M", "12hour"),
            (600_000_000, "%m-%d %H:%M", "1day"),
            (864_000_000, "%m-%d %H:%M", "1week"),
            (4_000_000_000, "%m-%d %H:%M", "1week"),
        ] {
            let head = head(75, millis);
            assert!(head.contains(&format!("axisFormat {axis}\n    tickInterval {tick}\n")));
        }
        assert!(!head(75, i64::MAX).contains("tickInterval"));
        assert!(head(120, 0).contains("\"leftPadding\": 120}"));
    }
}
