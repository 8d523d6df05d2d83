//! An outcome made fit to be shown: redacted, line breaks unified, every text bounded.

use super::text::{cut, normalised, one_line};
use crate::outcome::{FailedJob, Failure, Outcome, RunFacts};
use crate::secret::Redactor;

/// Bytes of `error_message` (DESIGN §3).
const MESSAGE_BYTES: usize = 4 * 1024;
/// Bytes of a failed job's message (DESIGN §3).
const JOB_MESSAGE_BYTES: usize = 1024;
/// Bytes of a stage's, job's or step's name.
const NAME_BYTES: usize = 256;
/// Bytes of an id, a code or a status: so few that all of them fit into the 2 048 bytes of a directory.
const WORD_BYTES: usize = 128;
/// Bytes of the link. A longer one is left out, since half a link leads nowhere.
const URL_BYTES: usize = 1024;
/// Bytes of the advice, and of a notice.
const ADVICE_BYTES: usize = 2 * 1024;
/// Notices shown.
const NOTICES: usize = 50;

/// The outcome without secrets and within the bounds.
pub(super) fn presentable(outcome: &Outcome, redactor: &Redactor) -> Outcome {
    let view = View { redactor };
    Outcome {
        run: RunFacts {
            pipeline_run_id: view.word(&outcome.run.pipeline_run_id),
            run_number: outcome.run.run_number,
            run_url: view.optional(outcome.run.run_url.as_deref(), View::url),
            status: view.optional(outcome.run.status.as_deref(), View::word),
        },
        queue_id: view.optional(outcome.queue_id.as_deref(), View::word),
        failure: outcome
            .failure
            .as_ref()
            .filter(|_| !outcome.kind.is_success())
            .map(|failure| view.failure(failure)),
        notices: outcome
            .notices
            .iter()
            .take(NOTICES)
            .map(|notice| view.text(notice, ADVICE_BYTES))
            .filter(|notice| !notice.is_empty())
            .collect(),
        failed_jobs: outcome
            .failed_jobs
            .iter()
            .map(|job| view.job(job))
            .collect(),
        last_seen: None,
        ..*outcome
    }
}

struct View<'a> {
    redactor: &'a Redactor,
}

impl View<'_> {
    fn failure(&self, failure: &Failure) -> Failure {
        Failure {
            reason: self.text(&failure.reason, MESSAGE_BYTES),
            advice: self.optional(failure.advice.as_deref(), |view, text| {
                view.text(text, ADVICE_BYTES)
            }),
            service_code: self.optional(failure.service_code.as_deref(), View::word),
            service_message: self.optional(failure.service_message.as_deref(), |view, text| {
                view.text(text, MESSAGE_BYTES)
            }),
            http_status: failure.http_status,
            request_id: self.optional(failure.request_id.as_deref(), View::word),
        }
    }

    fn job(&self, job: &FailedJob) -> FailedJob {
        FailedJob {
            stage: cut(&self.line(&job.stage), NAME_BYTES),
            job: cut(&self.line(&job.job), NAME_BYTES),
            step: cut(&self.line(&job.step), NAME_BYTES),
            status: self.word(&job.status),
            message: self.text(&job.message, JOB_MESSAGE_BYTES),
            ..FailedJob::default()
        }
    }

    /// `None` where nothing is left.
    fn optional(
        &self,
        text: Option<&str>,
        shown: impl Fn(&Self, &str) -> String,
    ) -> Option<String> {
        text.map(|text| shown(self, text))
            .filter(|text| !text.is_empty())
    }

    fn text(&self, text: &str, limit: usize) -> String {
        cut(&self.clean(text, normalised), limit)
    }

    fn word(&self, text: &str) -> String {
        cut(&self.line(text), WORD_BYTES)
    }

    fn url(&self, text: &str) -> String {
        Some(self.line(text))
            .filter(|url| url.len() <= URL_BYTES)
            .unwrap_or_default()
    }

    fn line(&self, text: &str) -> String {
        self.clean(text, one_line)
    }

    /// Redacted before and after the change, since dropped characters may join the halves of a secret.
    fn clean(&self, text: &str, change: impl Fn(&str) -> String) -> String {
        self.redactor.clean(&change(&self.redactor.clean(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{accepted, forbidden};
    use crate::secret::Secret;

    fn message(outcome: &Outcome) -> String {
        outcome
            .failure
            .as_ref()
            .and_then(|failure| failure.service_message.clone())
            .unwrap_or_default()
    }

    #[test]
    fn a_secret_across_the_cut_leaves_no_half() {
        let redactor = Redactor::new([&Secret::new("correct-horse-battery")]);
        for before in 4070..4100 {
            let text = format!("{}correct-horse-battery", "x".repeat(before));
            let shown = message(&presentable(&forbidden(&text), &redactor));
            assert!(shown.len() <= MESSAGE_BYTES);
            assert!(!shown.contains("cor"), "{before}");
        }
    }

    #[test]
    fn a_secret_split_by_a_dropped_character_goes() {
        let redactor = Redactor::new([&Secret::new("hunter2hunter2")]);
        let shown = message(&presentable(&forbidden("hunter2\0hunter2"), &redactor));
        assert_eq!(shown, "***");
    }

    #[test]
    fn a_green_outcome_shows_no_failure() {
        let mut outcome = accepted();
        outcome.failure = Some(Failure::default());
        assert_eq!(presentable(&outcome, &Redactor::default()).failure, None);
    }

    #[test]
    fn a_link_that_is_too_long_is_left_out() {
        let mut outcome = accepted();
        outcome.run.run_url = Some(format!("https://x.huaweicloud.com/{}", "a".repeat(1024)));
        assert_eq!(
            presentable(&outcome, &Redactor::default()).run.run_url,
            None
        );
    }
}
