//! The job summary: one page of Markdown about how the step ended.

use super::result_line::seconds;
use super::text::one_line;
use super::{PRODUCT, headline, markdown};
use crate::outcome::{FailedJob, Failure, Outcome, Retried};

/// Bytes above which GitHub drops a summary whole (actions/runner `CreateStepSummaryCommand`).
const LIMIT_BYTES: usize = 1024 * 1024;

/// What stands where a section was left out.
const LEFT_OUT: &str = "_Some sections were too long and are left out._\n";

/// The summary of an outcome that is fit to be shown.
pub(super) fn of(outcome: &Outcome) -> String {
    joined(&[
        heading(outcome),
        facts(outcome),
        failure(outcome),
        failed_jobs(&outcome.failed_jobs),
        advice(outcome),
        notices(&outcome.notices),
    ])
}

/// Whole sections as long as they fit, with blank lines between; the first ones come first.
fn joined(sections: &[String]) -> String {
    let mut page = String::new();
    let mut is_complete = true;
    for section in sections.iter().filter(|section| !section.is_empty()) {
        if page.len() + section.len() + LEFT_OUT.len() + "\n\n".len() >= LIMIT_BYTES {
            is_complete = false;
            continue;
        }
        if !page.is_empty() {
            page.push('\n');
        }
        page.push_str(section);
    }
    if !is_complete {
        page.push('\n');
        page.push_str(LEFT_OUT);
    }
    page
}

fn heading(outcome: &Outcome) -> String {
    let kind = outcome.kind;
    let mark = if kind.is_success() { "✅" } else { "❌" };
    let run = outcome.run.run_url.as_deref().map(|url| {
        let label = match outcome.run.run_number {
            Some(number) => format!("Open run {number}"),
            None => "Open the run".to_owned(),
        };
        format!(" {}", markdown::link(&label, url))
    });
    format!(
        "### {mark} {PRODUCT}: {}\n\n{}.{}\n",
        kind.word(),
        capitalised(headline::of(kind)),
        run.unwrap_or_default()
    )
}

fn facts(outcome: &Outcome) -> String {
    let failure = outcome.failure.as_ref();
    let text = |value: Option<&String>| value.map(|value| markdown::inline(value));
    let rows = [
        ("Outcome", Some(exit(outcome))),
        ("Run", Some(run(outcome))),
        ("Status", text(outcome.run.status.as_ref())),
        ("Retried", Some(retried(outcome))),
        (
            "HTTP attempts",
            (outcome.attempts > 0).then(|| outcome.attempts.to_string()),
        ),
        ("Queue id", text(outcome.queue_id.as_ref())),
        (
            "HTTP status",
            failure.and_then(|failure| Some(failure.http_status?.to_string())),
        ),
        (
            "Error code",
            text(failure.and_then(|failure| failure.service_code.as_ref())),
        ),
        (
            "Request id",
            text(failure.and_then(|failure| failure.request_id.as_ref())),
        ),
        ("Duration", Some(seconds(outcome.duration))),
    ];
    let known: Vec<_> = rows
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
        .collect();
    markdown::facts(&known)
}

fn exit(outcome: &Outcome) -> String {
    format!(
        "`{}`, exit code {}",
        outcome.kind.word(),
        outcome.kind.exit_code()
    )
}

/// Number and id, as far as known.
fn run(outcome: &Outcome) -> String {
    let id = markdown::inline(&outcome.run.pipeline_run_id);
    match outcome.run.run_number {
        Some(number) if id.is_empty() => number.to_string(),
        Some(number) => format!("{number}, {id}"),
        None => id,
    }
}

fn retried(outcome: &Outcome) -> String {
    match outcome.retried {
        Retried::No => "no".to_owned(),
        Retried::Yes if outcome.retries > 1 => format!("yes, {} times", outcome.retries),
        Retried::Yes => "yes".to_owned(),
        Retried::Unknown => "unknown: a retry may have been accepted".to_owned(),
    }
}

fn failure(outcome: &Outcome) -> String {
    let Some(failure) = &outcome.failure else {
        return String::new();
    };
    let mut section = format!(
        "#### Why\n\n{}\n",
        markdown::prose(reason(failure, outcome))
    );
    if let Some(message) = &failure.service_message {
        section.push_str("\nThe service says:\n\n");
        section.push_str(&markdown::block(message));
    }
    section
}

fn reason<'a>(failure: &'a Failure, outcome: &Outcome) -> &'a str {
    match failure.reason.as_str() {
        "" => headline::of(outcome.kind),
        reason => reason,
    }
}

fn failed_jobs(jobs: &[FailedJob]) -> String {
    if jobs.is_empty() {
        return String::new();
    }
    let mut table = String::from(
        "#### Failed jobs\n\n| Stage | Job | Step | Status | Message |\n| --- | --- | --- | --- | --- |\n",
    );
    for job in jobs {
        let cells = [&job.stage, &job.job, &job.step, &job.status, &job.message];
        let cells: Vec<_> = cells.map(|cell| markdown::inline(cell)).to_vec();
        table.extend(["| ", &cells.join(" | "), " |\n"]);
    }
    table
}

fn advice(outcome: &Outcome) -> String {
    let advice = outcome
        .failure
        .as_ref()
        .and_then(|failure| failure.advice.as_deref());
    match advice {
        Some(advice) => format!("#### What to do next\n\n{}\n", markdown::prose(advice)),
        None => String::new(),
    }
}

fn notices(notices: &[String]) -> String {
    if notices.is_empty() {
        return String::new();
    }
    let items: String = notices
        .iter()
        .map(|notice| ["- ", &markdown::prose(&one_line(notice)), "\n"].concat())
        .collect();
    format!("#### Notices\n\n{items}")
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map(|first| first.to_uppercase().chain(rest).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::OutcomeKind;
    use crate::report::Report;
    use crate::report::samples::{HOSTILE, accepted, forbidden};
    use crate::secret::Redactor;

    fn summary(outcome: &Outcome) -> String {
        Report::from_outcome(outcome, &Redactor::default()).summary()
    }

    #[test]
    fn a_good_retry_fits_on_one_screen() {
        let mut outcome = accepted();
        outcome.kind = OutcomeKind::Queued;
        outcome.queue_id = Some("q-1".to_owned());
        outcome.notices = vec!["The run may have been in progress before.".to_owned()];
        assert_eq!(
            summary(&outcome),
            "### ✅ Retry CodeArts Pipeline: queued\n\n\
             The service accepted the retry and queued it. \
             [Open run 42](https://devcloud.cn-north-4.huaweicloud.com/cicd/project/p/pipeline/detail/x/r)\n\n\
             | | |\n| --- | --- |\n\
             | Outcome | `queued`, exit code 0 |\n\
             | Run | 42, <code>0123456789abcdef0123456789abcdef</code> |\n\
             | Status | <code>FAILED</code> |\n\
             | Retried | yes |\n\
             | HTTP attempts | 1 |\n\
             | Queue id | <code>q-1</code> |\n\
             | Duration | 2 s |\n\n\
             #### Notices\n\n\
             - The run may have been in progress before.\n"
        );
    }

    #[test]
    fn a_refusal_says_why_and_what_next() {
        let page = summary(&forbidden("You are <b>not</b> a member."));
        assert!(page.starts_with("### ❌ Retry CodeArts Pipeline: forbidden\n"));
        assert!(page.contains("| Error code | <code>DEVCP.00021018</code> |\n"));
        assert!(page.ends_with(
            "#### Why\n\nthe service refused the retry\n\n\
             The service says:\n\n<pre>You are &lt;b&gt;not&lt;/b&gt; a member.</pre>\n\n\
             #### What to do next\n\nAdd the identity to the CodeArts project.\n"
        ));
    }

    #[test]
    fn hostile_text_adds_no_row_and_no_markup() {
        let mut outcome = forbidden(HOSTILE);
        outcome.run.status = Some(HOSTILE.to_owned());
        outcome.notices = vec![HOSTILE.to_owned()];
        outcome.failed_jobs = vec![
            FailedJob {
                stage: HOSTILE.to_owned(),
                message: HOSTILE.to_owned(),
                ..FailedJob::default()
            };
            3
        ];
        let page = summary(&outcome);
        assert!(!page.contains("<img"));
        assert!(!page.contains('\r'));
        for row in page.lines().filter(|line| line.starts_with("| <code>")) {
            assert_eq!(row.matches('|').count(), 6, "{row}");
        }
        assert_eq!(page.matches("\n### ").count(), 0);
    }

    #[test]
    fn sections_that_do_not_fit_are_left_out_whole() {
        let mut outcome = forbidden(&"x".repeat(5 << 20));
        outcome.failed_jobs = vec![
            FailedJob {
                message: "|".repeat(1024),
                ..FailedJob::default()
            };
            1000
        ];
        let page = summary(&outcome);
        assert!(page.len() < LIMIT_BYTES);
        assert!(page.contains("#### What to do next"));
        assert!(!page.contains("#### Failed jobs"));
        assert!(page.ends_with(LEFT_OUT));
    }
}
