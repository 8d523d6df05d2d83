//! The syntax of `GITHUB_OUTPUT`: heredoc entries that GitHub's reader and act's read alike
//! (actions/runner `FileCommandManager.cs`; act `parse_env_file.go`; fact sheet §1.2, §1.8).

use crate::report::Outputs;

/// Every output as `name<<BOUNDARY`, value, `BOUNDARY`. No blank line stands between entries: act refuses one. No
/// value starts with a blank line or has CR at the end of a line: [`Outputs`] sees to that, since act loses both.
pub(super) fn render(outputs: &Outputs, random: u128) -> String {
    let boundary = boundary(outputs, random);
    let mut text = String::new();
    for (name, value) in outputs.iter() {
        let end_of_value = if value.is_empty() { "" } else { "\n" };
        text.extend([
            name,
            "<<",
            &boundary,
            "\n",
            value,
            end_of_value,
            &boundary,
            "\n",
        ]);
    }
    text
}

/// A word that is in no value.
fn boundary(outputs: &Outputs, random: u128) -> String {
    let mut boundary = format!("codearts_retry_{random:032x}");
    while outputs.iter().any(|(_, value)| value.contains(&boundary)) {
        boundary.push('_');
    }
    boundary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::FailedJob;
    use crate::report::Report;
    use crate::report::samples::{HOSTILE, accepted, forbidden};
    use crate::secret::Redactor;

    type Entries = Vec<(String, String)>;

    /// GitHub's reading, after the fact sheet: lines end at LF alone, empty lines between entries are skipped.
    fn github_reading(file: &str) -> Result<Entries, String> {
        let mut entries = Vec::new();
        let mut rest = file;
        while !rest.is_empty() {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            rest = after;
            if line.is_empty() {
                continue;
            }
            match (line.find('='), line.find("<<")) {
                (Some(equals), heredoc) if heredoc.is_none_or(|heredoc| equals < heredoc) => {
                    entries.push((line[..equals].to_owned(), line[equals + 1..].to_owned()));
                }
                (_, Some(heredoc)) => {
                    let (name, end) = (&line[..heredoc], &line[heredoc + 2..]);
                    if name.is_empty() || end.is_empty() {
                        return Err(format!("Invalid format {line}"));
                    }
                    let mut lines = Vec::new();
                    loop {
                        if rest.is_empty() {
                            return Err(format!("Matching delimiter not found {end}"));
                        }
                        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
                        rest = after;
                        if line == end {
                            break;
                        }
                        lines.push(line);
                    }
                    entries.push((name.to_owned(), lines.join("\n")));
                }
                _ => return Err(format!("Invalid format {line}")),
            }
        }
        Ok(entries)
    }

    /// act's reading, after the fact sheet: CR at the end of a line is dropped, a blank line between entries is an
    /// error, leading blank lines of a value are lost, lines have at most 64 KiB (Forgejo).
    fn act_reading(file: &str) -> Result<Entries, String> {
        let mut entries = Vec::new();
        let mut lines = file
            .lines()
            .map(|line| line.strip_suffix('\r').unwrap_or(line));
        while let Some(line) = lines.next() {
            if line.len() >= 64 * 1024 {
                return Err("token too long".to_owned());
            }
            match (line.find('='), line.find("<<")) {
                (Some(equals), heredoc) if heredoc.is_none_or(|heredoc| equals < heredoc) => {
                    entries.push((line[..equals].to_owned(), line[equals + 1..].to_owned()));
                }
                (_, Some(heredoc)) => {
                    let mut value = String::new();
                    loop {
                        let Some(next) = lines.next() else {
                            return Err("delimiter not found before end of file".to_owned());
                        };
                        if next == &line[heredoc + 2..] {
                            break;
                        }
                        if next.len() >= 64 * 1024 {
                            return Err("token too long".to_owned());
                        }
                        if !value.is_empty() {
                            value.push('\n');
                        }
                        value.push_str(next);
                    }
                    entries.push((line[..heredoc].to_owned(), value));
                }
                _ => return Err(format!("invalid format '{line}'")),
            }
        }
        Ok(entries)
    }

    fn outputs(message: &str, job: &str) -> Outputs {
        let mut outcome = forbidden(message);
        outcome.failed_jobs = vec![
            FailedJob {
                job: job.to_owned(),
                message: job.to_owned(),
                ..FailedJob::default()
            };
            60
        ];
        Report::from_outcome(&outcome, &Redactor::default()).outputs()
    }

    #[test]
    fn an_entry_is_a_heredoc_and_an_empty_one_has_no_line() {
        let outputs = Report::from_outcome(&accepted(), &Redactor::default()).outputs();
        let text = render(&outputs, 0xabc);
        let boundary = "codearts_retry_00000000000000000000000000000abc";
        assert!(text.starts_with(&format!("success<<{boundary}\ntrue\n{boundary}\noutcome<<")));
        assert!(text.contains(&format!("\nqueue_id<<{boundary}\n{boundary}\n")));
    }

    #[test]
    fn both_readers_get_every_value_back() {
        let flood = "::error::😀".repeat(1 << 12);
        for text in [
            "",
            "one",
            "one\n\ntwo\n",
            "\r\none\r\ntwo\r",
            HOSTILE,
            "codearts_retry_00000000000000000000000000000007",
            "x\ncodearts_retry_00000000000000000000000000000007_\ny",
            &flood,
        ] {
            let outputs = outputs(text, text);
            let expected: Entries = outputs
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let file = render(&outputs, 7);
            assert_eq!(github_reading(&file).as_ref(), Ok(&expected));
            assert_eq!(act_reading(&file).as_ref(), Ok(&expected));
        }
    }

    #[test]
    fn a_value_that_knows_the_boundary_does_not_end_its_entry() {
        let outputs = outputs("codearts_retry_00000000000000000000000000000007", "");
        assert_eq!(
            boundary(&outputs, 7),
            "codearts_retry_00000000000000000000000000000007_"
        );
    }
}
