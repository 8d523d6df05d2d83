//! `.env`: GitLab's dialect, as its parser of `artifacts:reports:dotenv` reads it
//! (gitlabhq `app/services/ci/parse_dotenv_artifact_service.rb`; fact sheet §2): `KEY=value` up to the line break,
//! no quotes, no comments, no blank line, and a file below 5 KB or all of it is refused.

use super::variable_name;
use crate::report::Outputs;
use crate::report::text::{cut, one_line};

/// The file is shorter than this.
const LIMIT_BYTES: usize = 5_000;

/// Outputs that have no place in so small a file.
const LEFT_OUT: [&str; 2] = ["failed_jobs", "result"];

/// One line for each output but `failed_jobs` and `result`. Line breaks become spaces, and `error_message` is cut to
/// what is left.
pub fn render(outputs: &Outputs) -> String {
    let lines = |message: &str| -> String {
        outputs
            .iter()
            .filter(|(name, _)| !LEFT_OUT.contains(name))
            .map(|(name, value)| match name {
                "error_message" => line(name, message),
                _ => line(name, value),
            })
            .collect()
    };
    let left = (LIMIT_BYTES - 1).saturating_sub(lines("").len());
    lines(&cut(&one_line(outputs.get("error_message")), left))
}

fn line(name: &str, value: &str) -> String {
    format!("{}={}\n", variable_name(name), one_line(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::FailedJob;
    use crate::report::samples::{HOSTILE, accepted, forbidden};
    use crate::report::{OUTPUTS, Report};
    use crate::secret::Redactor;

    /// GitLab's rules: split at the first `=`, trim both sides, refuse any other line and any other key.
    fn read(file: &str) -> Option<Vec<(String, String)>> {
        if file.len() >= 5_000 {
            return None;
        }
        file.lines()
            .map(|line| {
                let (key, value) = line.split_once('=')?;
                let valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
                (!key.is_empty() && key.chars().all(valid))
                    .then(|| (key.trim().to_owned(), value.trim().to_owned()))
            })
            .collect()
    }

    #[test]
    fn a_good_retry_reads_like_this() {
        let outputs = Report::from_outcome(&accepted(), &Redactor::default()).outputs();
        assert_eq!(
            render(&outputs),
            "CODEARTS_RETRY_SUCCESS=true\nCODEARTS_RETRY_OUTCOME=accepted\nCODEARTS_RETRY_STATUS=FAILED\n\
             CODEARTS_RETRY_RETRIED=true\nCODEARTS_RETRY_RETRIES=1\nCODEARTS_RETRY_ATTEMPTS=1\n\
             CODEARTS_RETRY_PIPELINE_RUN_ID=0123456789abcdef0123456789abcdef\nCODEARTS_RETRY_RUN_NUMBER=42\n\
             CODEARTS_RETRY_RUN_URL=https://devcloud.cn-north-4.huaweicloud.com/cicd/project/p/pipeline/detail/x/r\n\
             CODEARTS_RETRY_QUEUE_ID=\nCODEARTS_RETRY_ERROR_CODE=\nCODEARTS_RETRY_ERROR_MESSAGE=\n\
             CODEARTS_RETRY_HTTP_STATUS=\nCODEARTS_RETRY_REQUEST_ID=\nCODEARTS_RETRY_DURATION_SECONDS=2\n"
        );
    }

    #[test]
    fn gitlab_reads_back_every_value() {
        let outputs = Report::from_outcome(&forbidden(HOSTILE), &Redactor::default()).outputs();
        let read = read(&render(&outputs)).expect("a file that GitLab takes");
        assert_eq!(read.len(), OUTPUTS.len() - LEFT_OUT.len());
        for (key, value) in read {
            let name = key
                .trim_start_matches("CODEARTS_RETRY_")
                .to_ascii_lowercase();
            assert_eq!(value, one_line(outputs.get(&name)), "{name}");
        }
    }

    #[test]
    fn the_file_stays_below_the_limit() {
        let mut outcome = forbidden(&"😀".repeat(1 << 20));
        outcome.run.status = Some("é".repeat(999));
        outcome.run.run_url = Some(format!("https://{}", "x".repeat(1000)));
        outcome.failed_jobs = vec![FailedJob::default(); 999];
        let file = render(&Report::from_outcome(&outcome, &Redactor::default()).outputs());
        assert!(read(&file).is_some(), "{} bytes", file.len());
        assert!(file.len() > 4_900);
    }
    #[test]
    fn a_long_message_takes_all_that_is_left() {
        let mut outcome = forbidden(&"x".repeat(9000));
        outcome.run.run_url = Some(format!("https://{}", "x".repeat(1000)));
        let file = render(&Report::from_outcome(&outcome, &Redactor::default()).outputs());
        assert_eq!(file.len(), 4_999);
    }
}
