//! GitLab CI: sections that fold. Its steps leave outputs in a dotenv report, which is `output_file: NAME.env`
//! (gitlab-org/gitlab `doc/ci/jobs/job_logs.md`, gitlab-runner `helpers/build_section.go`; fact sheet §2).

use super::plain_text::safe_line;
use super::{CiReporter, Group};

/// The reporter.
pub struct GitLab;

impl CiReporter for GitLab {
    fn begin_group(&self, group: Group, title: &str) -> String {
        section("start", group, &safe_line(title))
    }

    fn end_group(&self, group: Group) -> String {
        section("end", group, "")
    }
}

/// The escape sequence and the carriage return make it a marker: no log line has either of them.
fn section(edge: &str, group: Group, title: &str) -> String {
    [
        "\u{1b}[0Ksection_",
        edge,
        ":",
        &group.unix_seconds.to_string(),
        ":codearts_retry_",
        &group.number.to_string(),
        "\r\u{1b}[0K",
        title,
        "\n",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_closed_under_the_name_it_was_opened_under() {
        let at = |unix_seconds| Group {
            number: 2,
            unix_seconds,
        };
        assert_eq!(
            GitLab.begin_group(at(1_700_000_000), "Retry\r\u{1b}[0K 1"),
            "\u{1b}[0Ksection_start:1700000000:codearts_retry_2\r\u{1b}[0KRetry [0K 1\n"
        );
        assert_eq!(
            GitLab.end_group(at(1_700_000_009)),
            "\u{1b}[0Ksection_end:1700000009:codearts_retry_2\r\u{1b}[0K\n"
        );
    }
}
