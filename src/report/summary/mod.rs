//! The job summary: one page of Markdown about how the step ended. What happened, where, why and what to do come
//! first, what there is to know besides comes last.

mod facts;
mod failure;
mod gantt;
mod heading;
mod page;
mod parts;
mod stages;

use self::page::Page;
use super::markdown;
use super::text::push;
use crate::outcome::Outcome;

/// The summary of an outcome that is fit to be shown.
pub(super) fn of(outcome: &Outcome) -> String {
    let mut page = Page::default();
    page.add(heading::of(outcome));
    failure::add(outcome, &mut page);
    page.add(notices(&outcome.notices));
    page.add(stages::of(outcome));
    page.add(gantt::of(outcome));
    page.add(facts::of(outcome));
    page.joined()
}

fn notices(notices: &[String]) -> String {
    if notices.is_empty() {
        return String::new();
    }
    let mut section = "#### Notices\n\n".to_owned();
    for notice in notices {
        push(&mut section, &["- ", &markdown::name(notice), "\n"]);
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{FailedJob, LogTail, OutcomeKind};
    use crate::pipeline::{JobRun, PartStatus, StageRun, StepRun};
    use crate::report::Report;
    use crate::report::samples::{accepted, failed_run, forbidden};
    use crate::report::summary::page::{LEFT_OUT, LIMIT_BYTES};
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
             **The service accepted the retry and queued it.** \
             [Open run 42](https://devcloud.cn-north-4.huaweicloud.com/cicd/project/p/pipeline/detail/x/r)\n\n\
             #### Notices\n\n\
             - The run may have been in progress before.\n\n\
             | Outcome | `queued`, exit code 0 |\n| --- | --- |\n\
             | Run | 42, <code>0123456789abcdef0123456789abcdef</code> |\n\
             | Status | <code>FAILED</code> |\n\
             | Retried | yes |\n\
             | HTTP attempts | 1 |\n\
             | Queue id | <code>q-1</code> |\n\
             | Duration | 2s |\n"
        );
    }

    #[test]
    fn a_refusal_says_why_and_what_next_before_anything_else() {
        let page = summary(&forbidden("You are <b>not</b> a member.\nAsk the owner."));
        assert!(page.starts_with("### ❌ Retry CodeArts Pipeline: forbidden\n"));
        assert!(page.contains(
            "/x/r)\n\nWhy: the service refused the retry\n\n\
             The service says:\n\n> You are &#60;b&#62;not&#60;/b&#62; a member.<br>\n> Ask the owner.\n\n\
             #### What to do next\n\nAdd the identity to the CodeArts project.\n\n| Outcome |"
        ));
        assert!(page.contains("| Error code | <code>DEVCP.00021018</code> |\n"));
    }

    /// A run that failed in so many jobs, each with a log of long lines.
    fn run_failed(jobs: usize, log_line: &str) -> Outcome {
        let job = FailedJob {
            job: "compile".to_owned(),
            message: "|".repeat(5000),
            log: Some(LogTail {
                lines: vec![log_line.repeat(5000); 2000],
                ..LogTail::default()
            }),
            ..FailedJob::default()
        };
        Outcome {
            kind: OutcomeKind::RunFailed,
            failure: forbidden("").failure,
            failed_jobs: vec![job; jobs],
            ..accepted()
        }
    }

    #[test]
    fn the_logs_of_five_steps_fit() {
        let page = summary(&run_failed(5, "x"));
        assert_eq!(page.matches("<details>").count(), 5);
        assert!(page.len() < LIMIT_BYTES && !page.contains(LEFT_OUT));
    }

    #[test]
    fn logs_give_way_first_and_whole() {
        let page = summary(&run_failed(12, "<"));
        assert!(page.len() < LIMIT_BYTES);
        assert_eq!(page.matches("#### ❌").count(), 10);
        assert!(page.contains("\n_And 2 more: see the run._\n"));
        assert!(page.contains("#### What to do next") && page.contains("| Retried |"));
        let folds = page.matches("<details>").count();
        assert!((1..10).contains(&folds), "{folds}");
        assert_eq!(page.matches("</pre>\n\n</details>").count(), folds);
        assert!(page.ends_with(LEFT_OUT));
    }

    #[test]
    fn a_table_that_does_not_fit_is_left_out_whole() {
        let mut outcome = run_failed(1, "x");
        let name = "@".repeat(9000);
        let job = JobRun {
            name: name.clone(),
            steps: vec![StepRun {
                name: name.clone(),
                status: PartStatus::from_text("RUNNING"),
                ..StepRun::default()
            }],
            ..JobRun::default()
        };
        let stage = StageRun {
            name,
            jobs: vec![job; 3],
            ..StageRun::default()
        };
        outcome.last_seen = Some(failed_run(vec![stage; 1000]));
        let page = summary(&outcome);
        assert!(page.len() < LIMIT_BYTES);
        assert!(page.contains("#### What to do next") && page.contains("| Retried |"));
        assert!(!page.contains("| Stage |"));
        assert!(page.ends_with(LEFT_OUT));
    }
}
