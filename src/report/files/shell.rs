//! `.sh`: assignments that any POSIX shell can source, whatever the values hold
//! (POSIX XCU 2.2.2: between single quotes every character but the quote itself is literal).

use super::variable_name;
use crate::report::Outputs;

/// One assignment for each output.
pub fn render(outputs: &Outputs) -> String {
    outputs
        .iter()
        .map(|(name, value)| assignment(name, value))
        .collect()
}

/// One line, or more where the value has several.
pub fn assignment(name: &str, value: &str) -> String {
    [&variable_name(name), "=", &quoted(value), "\n"].concat()
}

/// No shell holds NUL in a value; the outputs have none left, and here it would end the file early.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\0', "").replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_leaves_the_quotes_and_comes_back() {
        assert_eq!(quoted("it's\0 $HOME\n`id`"), "'it'\\''s $HOME\n`id`'");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_back_every_value() {
        use std::io::Write as _;
        use std::process::Command;

        use crate::report::Report;
        use crate::report::samples::{HOSTILE, forbidden};
        use crate::secret::Redactor;

        let outputs = Report::from_outcome(&forbidden(HOSTILE), &Redactor::default()).outputs();
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(render(&outputs).as_bytes())
            .expect("written");
        let script: String = outputs
            .iter()
            .map(|(name, _)| ["printf '%s|||' \"$", &variable_name(name), "\"\n"].concat())
            .collect();
        let read = Command::new("sh")
            .arg("-c")
            .arg(format!("set -eu\n. \"$1\"\n{script}"))
            .args(["sh", &file.path().to_string_lossy()])
            .env_clear()
            .output()
            .expect("a shell");
        let expected: String = outputs
            .iter()
            .map(|(_, value)| [value, "|||"].concat())
            .collect();
        assert_eq!(String::from_utf8_lossy(&read.stdout), expected);
        assert_eq!(String::from_utf8_lossy(&read.stderr), "");
    }
}
