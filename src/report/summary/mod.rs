//! The job summary: one page of Markdown about how the step ended. What happened, where, why and what to do come
//! first, what there is to know besides comes last.

mod facts;
mod failure;
mod gantt;
mod heading;
mod parts;
mod stages;

use super::log_block::LogBlock;
use super::markdown;
use crate::outcome::Outcome;

/// Bytes above which GitHub drops a summary whole (actions/runner `CreateStepSummaryCommand`).
const LIMIT_BYTES: usize = 1024 * 1024;

/// What stands where a section was left out.
const LEFT_OUT: &str = "_Some sections were too long and are left out._\n";

/// A part of the page that is shown whole or not at all; Markdown that ends with a line break, or nothing.
enum Section {
    Text(String),
    /// A log, which gives way to everything else.
    Log(String),
}

impl Section {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Log(text) => text,
        }
    }
}

/// The summary of an outcome that is fit to be shown.
pub(super) fn of(outcome: &Outcome) -> String {
    let mut sections = vec![Section::Text(heading::of(outcome))];
    failure::add(outcome, &mut sections);
    sections.extend(
        [
            failure::advice(outcome),
            notices(&outcome.notices),
            stages::of(outcome),
            gantt::of(outcome),
            facts::of(outcome),
        ]
        .map(Section::Text),
    );
    joined(&sections)
}

/// The sections that fit, in their order, with blank lines between. Logs take what the others leave, and among
/// equals the first ones come first.
fn joined(sections: &[Section]) -> String {
    let mut room = LIMIT_BYTES - LEFT_OUT.len() - "\n\n".len();
    let mut fits = vec![false; sections.len()];
    for logs in [false, true] {
        for (section, fits) in sections.iter().zip(&mut fits) {
            let cost = section.text().len() + "\n".len();
            if matches!(section, Section::Log(_)) == logs && cost <= room {
                room -= cost;
                *fits = true;
            }
        }
    }
    let kept = sections.iter().zip(&fits).filter(|(_, fits)| **fits);
    let mut page = String::new();
    for text in kept.map(|(section, _)| section.text()) {
        push_section(&mut page, text);
    }
    if fits.contains(&false) {
        push_section(&mut page, LEFT_OUT);
    }
    page
}

fn push_section(page: &mut String, text: &str) {
    if !page.is_empty() && !text.is_empty() {
        page.push('\n');
    }
    page.push_str(text);
}

fn notices(notices: &[String]) -> String {
    if notices.is_empty() {
        return String::new();
    }
    let mut section = "#### Notices\n\n".to_owned();
    for notice in notices {
        section.extend(["- ", &markdown::name(notice), "\n"]);
    }
    section
}

/// A log, folded.
fn log_fold(block: &LogBlock<'_>, label: &str) -> String {
    let mut text = String::new();
    for line in block.lines() {
        text.extend([line, "\n"]);
    }
    markdown::fold(label, &markdown::block(text.trim_end()))
}
