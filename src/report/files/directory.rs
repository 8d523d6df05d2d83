//! A directory: one file per output, named like it, holding the value alone. Tekton and Argo take such files as they
//! are, and Tekton refuses a run whose results are above 4 096 bytes together (fact sheet §2); half of that is ours.

use crate::report::Outputs;
use crate::report::text::cut;

/// Bytes of all values together.
const LIMIT_BYTES: usize = 2_048;

/// Names and contents, in order. Every output has its file: where the room does not suffice, first `result` becomes
/// `{}`, then `failed_jobs` `[]`, and `error_message`, for which half of the room is kept, is cut to what is left.
pub fn render(outputs: &Outputs) -> Vec<(&'static str, String)> {
    let message = outputs.get("error_message");
    let fixed: usize = outputs
        .iter()
        .filter(|(name, _)| !["error_message", "failed_jobs", "result"].contains(name))
        .map(|(_, value)| value.len())
        .sum();
    let mut room = Room(LIMIT_BYTES.saturating_sub(fixed + "[]{}".len()));
    let kept_for_message = message.len().min(room.0 / 2);
    room.0 -= kept_for_message;
    let failed_jobs = room.take(outputs.get("failed_jobs"), "[]");
    let result = room.take(outputs.get("result"), "{}");
    let message = cut(message, room.0 + kept_for_message);
    outputs
        .iter()
        .map(|(name, value)| {
            let content = match name {
                "error_message" => message.as_str(),
                "failed_jobs" => failed_jobs,
                "result" => result,
                _ => value,
            };
            (name, content.to_owned())
        })
        .collect()
}

/// Bytes that are left, beside what the two fallbacks need.
struct Room(usize);

impl Room {
    /// The value where it fits, else the fallback.
    fn take<'a>(&mut self, value: &'a str, fallback: &'a str) -> &'a str {
        match self
            .0
            .checked_sub(value.len().saturating_sub(fallback.len()))
        {
            Some(left) => {
                self.0 = left;
                value
            }
            None => fallback,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{FailedJob, Outcome};
    use crate::report::samples::{HOSTILE, accepted, forbidden};
    use crate::report::{OUTPUTS, Report};
    use crate::secret::Redactor;

    fn rendered(outcome: &Outcome) -> Vec<(&'static str, String)> {
        let files = render(&Report::from_outcome(outcome, &Redactor::default()).outputs());
        assert_eq!(files.len(), OUTPUTS.len());
        let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
        assert!(bytes <= LIMIT_BYTES, "{bytes}");
        files
    }

    fn content<'a>(files: &'a [(&'static str, String)], name: &str) -> &'a str {
        files
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, content)| content)
    }

    #[test]
    fn small_values_are_verbatim() {
        let outputs = Report::from_outcome(&accepted(), &Redactor::default()).outputs();
        let expected: Vec<_> = outputs
            .iter()
            .map(|(name, value)| (name, value.to_owned()))
            .collect();
        assert_eq!(rendered(&accepted()), expected);
    }

    #[test]
    fn a_long_message_takes_the_room_of_the_result() {
        let files = rendered(&forbidden(&format!("{HOSTILE}{}", "x".repeat(4000))));
        assert_eq!(content(&files, "result"), "{}");
        assert_eq!(content(&files, "failed_jobs"), "[]");
        assert!(content(&files, "error_message").len() > 1_500);
        let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
        assert_eq!(bytes, LIMIT_BYTES, "the message takes all that is left");
        assert_eq!(content(&files, "http_status"), "403");
    }

    #[test]
    fn a_long_list_of_jobs_leaves_room_for_the_message() {
        let mut outcome = forbidden(&"m".repeat(4000));
        outcome.failed_jobs = vec![FailedJob::default(); 8];
        assert_ne!(content(&rendered(&outcome), "failed_jobs"), "[]");
        for jobs in 0..50 {
            outcome.failed_jobs = vec![FailedJob::default(); jobs];
            let files = rendered(&outcome);
            assert!(content(&files, "error_message").len() > 700, "{jobs}");
        }
    }

    #[test]
    fn the_widest_words_leave_room_for_all_files() {
        let mut outcome = forbidden(&"m".repeat(4000));
        let wide = || Some("é".repeat(999));
        outcome.run.run_url = Some("x".repeat(1024));
        outcome.run.status = wide();
        outcome.run.pipeline_run_id = "é".repeat(999);
        outcome.queue_id = wide();
        if let Some(failure) = &mut outcome.failure {
            failure.service_code = wide();
            failure.request_id = wide();
        }
        let files = rendered(&outcome);
        assert!(content(&files, "error_message").len() > 200);
    }
}
