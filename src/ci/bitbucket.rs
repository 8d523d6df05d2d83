//! Bitbucket Pipelines: `KEY=VALUE` lines appended to the file in `BITBUCKET_PIPELINES_VARIABLES_PATH`
//! (Atlassian support "Variable sharing"; fact sheet §2). How it reads quotes and how much it takes is not documented,
//! so the form is the narrowest there is: the one of `.env`.

use super::CiReporter;
use super::target::OutputChannel;
use crate::env::Env;
use crate::report::Outputs;
use crate::report::files::dotenv;

/// The reporter.
pub struct Bitbucket;

impl CiReporter for Bitbucket {
    fn output_channel(&self, env: &Env) -> OutputChannel {
        OutputChannel::named(env, "BITBUCKET_PIPELINES_VARIABLES_PATH")
            .unwrap_or(OutputChannel::None)
    }

    fn outputs(&self, outputs: &Outputs, _random: u128) -> String {
        dotenv::render(outputs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_variable_there_is_no_place_for_outputs() {
        assert_eq!(
            Bitbucket.output_channel(&Env::default()),
            OutputChannel::None
        );
        let env = Env::from_pairs([("BITBUCKET_PIPELINES_VARIABLES_PATH", "/tmp/o")]);
        assert!(matches!(
            Bitbucket.output_channel(&env),
            OutputChannel::File { .. }
        ));
    }
}
