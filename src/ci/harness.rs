//! Drone, and Harness CI, which took it over and has outputs: dotenv lines appended to the file in `DRONE_OUTPUT`
//! (harness/lite-engine `pipeline/runtime/common.go`, harness/godotenv; fact sheet §2). Drone alone has no such file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::target::OutputChannel;
use super::{CiReporter, within_a_variable};
use crate::env::Env;
use crate::report::Outputs;

/// What a value in base64 starts with.
const ENCODED: &str = "__B64__";

/// The reporter.
pub struct Harness;

impl CiReporter for Harness {
    fn output_channel(&self, env: &Env) -> OutputChannel {
        OutputChannel::named(env, "DRONE_OUTPUT").unwrap_or(OutputChannel::None)
    }

    /// The reader knows comments, quotes and variables, and refuses the file for one line of 64 KiB: a value with any
    /// other character than these is written in base64, and so is one that looks as if it were.
    fn outputs(&self, outputs: &Outputs, _random: u128) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,".contains(c);
        let mut text = String::new();
        for (name, value) in outputs.iter() {
            let value = within_a_variable(name, value);
            text.extend([name, "="]);
            if value.chars().all(is_plain) && !value.starts_with(ENCODED) {
                text.push_str(value);
            } else {
                text.push_str(ENCODED);
                STANDARD.encode_string(value, &mut text);
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;
    use crate::report::samples::{accepted, forbidden};
    use crate::secret::Redactor;

    #[test]
    fn plain_values_are_plain_and_others_are_encoded() {
        let outputs = Report::from_outcome(&forbidden("no, 5%\n"), &Redactor::default()).outputs();
        let text = Harness.outputs(&outputs, 0);
        for line in [
            "success=false",
            "queue_id=",
            "error_code=DEVCP.00021018",
            "error_message=__B64__bm8sIDUl",
            "failed_jobs=__B64__W10=",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} in {text}");
        }
    }

    #[test]
    fn a_value_that_looks_encoded_is_encoded() {
        let outputs =
            Report::from_outcome(&forbidden("__B64__YWJj"), &Redactor::default()).outputs();
        let text = Harness.outputs(&outputs, 0);
        assert!(
            text.contains("\nerror_message=__B64__X19CNjRfX1lXSmo=\n"),
            "{text}"
        );
    }

    #[test]
    fn drone_without_a_file_has_no_outputs() {
        assert_eq!(Harness.output_channel(&Env::default()), OutputChannel::None);
        let env = Env::from_pairs([("DRONE_OUTPUT", "/tmp/o")]);
        assert!(matches!(
            Harness.output_channel(&env),
            OutputChannel::File { .. }
        ));
        let outputs = Report::from_outcome(&accepted(), &Redactor::default()).outputs();
        assert!(Harness.outputs(&outputs, 0).ends_with('\n'));
    }
}
