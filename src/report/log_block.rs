//! The end of a failed step's log, as lines to print.

use crate::outcome::{FailedJob, LogTail};

/// A failed step's log, fit to be shown. Plain text: the CI system's syntax comes later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogBlock<'a> {
    /// One line: whose log it is.
    pub title: String,
    tail: &'a LogTail,
    problem: Option<String>,
}

const EARLIER: &str = "… earlier lines left out";
const EMPTY: &str = "(the log is empty)";

impl<'a> LogBlock<'a> {
    /// The block of a job that is fit to be shown; `None` where its log was not read.
    pub(super) fn of(job: &'a FailedJob) -> Option<Self> {
        let tail = job.log.as_ref()?;
        let problem = tail.problem.as_ref();
        Some(Self {
            title: ["Log of ", &tail.title].concat(),
            tail,
            problem: problem.map(|problem| ["(", problem, ")"].concat()),
        })
    }

    /// The lines, with a note where the log goes on before or after them.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let earlier = self.tail.is_cut.then_some(EARLIER);
        let is_empty = self.tail.lines.is_empty() && self.problem.is_none();
        earlier
            .into_iter()
            .chain(self.tail.lines.iter().map(String::as_str))
            .chain(is_empty.then_some(EMPTY))
            .chain(self.problem.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(tail: LogTail) -> Vec<String> {
        let job = FailedJob {
            log: Some(tail),
            ..FailedJob::default()
        };
        let block = LogBlock::of(&job).expect("a log");
        block.lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_is_missing_is_told_where_it_is_missing() {
        let tail = LogTail {
            lines: vec!["a".to_owned(), "b".to_owned()],
            ..LogTail::default()
        };
        assert_eq!(lines(tail.clone()), ["a", "b"]);
        assert_eq!(
            lines(LogTail {
                is_cut: true,
                problem: Some("no time left".to_owned()),
                ..tail
            }),
            ["… earlier lines left out", "a", "b", "(no time left)"]
        );
        assert_eq!(lines(LogTail::default()), ["(the log is empty)"]);
    }

    #[test]
    fn a_log_that_was_not_read_has_no_block() {
        assert_eq!(LogBlock::of(&FailedJob::default()), None);
    }
}
