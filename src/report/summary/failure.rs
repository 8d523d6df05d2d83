//! Why the step is red: the jobs that failed with their messages and logs, or the reason; and what to do next.

use super::page::Page;
use crate::outcome::{FailedJob, Failure, LogTail, Outcome, OutcomeKind};
use crate::report::log_block::LogBlock;
use crate::report::text::push;
use crate::report::{headline, markdown};

/// Failed jobs that are told in full.
const MOST_JOBS: usize = 10;

pub(super) fn add(outcome: &Outcome, page: &mut Page) {
    let jobs = &outcome.failed_jobs;
    // Beside the jobs the reason says nothing new.
    if (jobs.is_empty() || outcome.kind != OutcomeKind::RunFailed)
        && let Some(failure) = &outcome.failure
    {
        page.add(why(failure, outcome.kind));
    }
    for job in jobs.iter().take(MOST_JOBS) {
        page.add(what_failed(job));
        if let (Some(tail), Some(block)) = (&job.log, LogBlock::of(job)) {
            page.add_log(log(job, tail, &block));
        }
    }
    let more = jobs.len().saturating_sub(MOST_JOBS);
    if more > 0 {
        page.add(["_And ", &more.to_string(), " more: see the run._\n"].concat());
    }
    let advice = outcome
        .failure
        .as_ref()
        .and_then(|failure| failure.advice.as_deref());
    if let Some(advice) = advice {
        page.add(["#### What to do next\n\n", &markdown::prose(advice), "\n"].concat());
    }
}

fn why(failure: &Failure, kind: OutcomeKind) -> String {
    let reason = match failure.reason.as_str() {
        "" => headline::of(kind),
        reason => reason,
    };
    let mut section = ["Why: ", &markdown::prose(reason), "\n"].concat();
    if let Some(message) = &failure.service_message {
        push(
            &mut section,
            &[
                "\nThe service says:\n\n",
                &markdown::quote(&markdown::prose(message)),
            ],
        );
    }
    section
}

/// Where, and what the service says about it.
fn what_failed(job: &FailedJob) -> String {
    let path = markdown::name(&headline::of_job(job));
    let mut said = markdown::prose(&job.message);
    if let Some(code) = &job.code {
        let line_break = if said.is_empty() { "" } else { "<br>\n" };
        push(&mut said, &[line_break, &markdown::inline(code)]);
    }
    let mut section = ["#### ❌ ", &path, "\n"].concat();
    if !said.is_empty() {
        push(&mut section, &["\n", &markdown::quote(&said)]);
    }
    section
}

/// The end of the log on demand, or why there is none.
fn log(job: &FailedJob, tail: &LogTail, block: &LogBlock<'_>) -> String {
    let mut text = String::new();
    for line in block.lines() {
        push(&mut text, &[line, "\n"]);
    }
    if tail.lines.is_empty() {
        return ["_", &markdown::name(&text), "_\n"].concat();
    }
    let is_own = tail.title == job.path();
    let title = if is_own { "Log" } else { &block.title };
    let last = if tail.is_cut { ", last " } else { ", " };
    let count = tail.lines.len().to_string();
    let lines = if tail.lines.len() == 1 {
        " line"
    } else {
        " lines"
    };
    let label = [&markdown::name(title), last, &count, lines].concat();
    markdown::fold(&label, &markdown::block(text.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::forbidden;

    #[test]
    fn the_reason_is_told_unless_failed_jobs_say_it_all() {
        let job = FailedJob {
            job: "compile".to_owned(),
            ..FailedJob::default()
        };
        for (kind, jobs, is_told) in [
            (OutcomeKind::RunFailed, 1, false),
            (OutcomeKind::RunFailed, 0, true),
            (OutcomeKind::WaitTimeout, 1, true),
            (OutcomeKind::Forbidden, 0, true),
        ] {
            let outcome = Outcome {
                kind,
                failed_jobs: vec![job.clone(); jobs],
                ..forbidden("")
            };
            let mut page = Page::default();
            add(&outcome, &mut page);
            assert_eq!(page.joined().contains("Why: "), is_told, "{kind:?} {jobs}");
        }
    }
}
