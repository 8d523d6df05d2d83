//! CircleCI: shell code appended to the file in `BASH_ENV`, which bash sources before every later step of the job
//! (circleci-docs "Set an environment variable"; fact sheet §2).

use super::target::OutputChannel;
use super::{CiReporter, within_a_variable};
use crate::env::Env;
use crate::report::Outputs;
use crate::report::files::shell;

/// The reporter.
pub struct CircleCi;

impl CiReporter for CircleCi {
    fn output_channel(&self, env: &Env) -> OutputChannel {
        OutputChannel::named(env, "BASH_ENV").unwrap_or(OutputChannel::Unset {
            variable: "BASH_ENV",
            marker: "CIRCLECI",
        })
    }

    fn outputs(&self, outputs: &Outputs, _random: u128) -> String {
        let export = |(name, value)| {
            [
                "export ",
                &shell::assignment(name, within_a_variable(name, value)),
            ]
            .concat()
        };
        outputs.iter().map(export).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;
    use crate::report::samples::forbidden;
    use crate::secret::Redactor;

    #[test]
    fn every_output_is_exported() {
        let outputs =
            Report::from_outcome(&forbidden("it's $HOME"), &Redactor::default()).outputs();
        let text = CircleCi.outputs(&outputs, 0);
        assert!(text.starts_with("export CODEARTS_RETRY_SUCCESS='false'\n"));
        assert!(text.contains("\nexport CODEARTS_RETRY_ERROR_MESSAGE='it'\\''s $HOME'\n"));
    }

    #[test]
    fn without_the_variable_the_outputs_cannot_be_written() {
        assert_eq!(
            CircleCi.output_channel(&Env::default()),
            OutputChannel::Unset {
                variable: "BASH_ENV",
                marker: "CIRCLECI"
            }
        );
    }
}
