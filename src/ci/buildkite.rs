//! Buildkite: groups in the log; masks, meta-data and an annotation through `buildkite-agent`, where it is on the path
//! (buildkite/docs `managing-log-output`, `build-meta-data`; fact sheet §2).

use super::buildkite_agent::Agent;
use super::plain_text::safe_line;
use super::target::{OutputChannel, SummaryPlace};
use super::{CiReporter, Group, plain};
use crate::env::Env;
use crate::report::Annotation;

/// The reporter.
pub struct Buildkite;

impl CiReporter for Buildkite {
    fn begin_group(&self, _group: Group, title: &str) -> String {
        ["--- ", &safe_line(title), "\n"].concat()
    }

    /// An error opens the group it is in: groups are closed in the finished log.
    fn annotation(&self, annotation: &Annotation) -> String {
        ["^^^ +++\n", &plain::annotation(annotation)].concat()
    }

    fn log_filter(&self, env: &Env) -> Option<Agent> {
        Agent::find(env)
    }

    fn output_channel(&self, env: &Env) -> OutputChannel {
        Agent::find(env).map_or(OutputChannel::NoAgent, OutputChannel::Agent)
    }

    fn summary_place(&self, env: &Env) -> Option<SummaryPlace> {
        Agent::find(env).map(SummaryPlace::Agent)
    }
}

#[cfg(test)]
mod tests {
    use log::Level;

    use super::*;

    #[test]
    fn a_group_has_a_head_and_no_end() {
        let group = Group {
            number: 1,
            unix_seconds: 0,
        };
        assert_eq!(Buildkite.begin_group(group, "--- a\nb"), "---  --- a b\n");
        assert_eq!(Buildkite.end_group(group), "");
        assert_eq!(Buildkite.log_line(Level::Info, "+++ x"), " +++ x\n");
    }

    #[test]
    fn an_error_opens_its_group() {
        let annotation = Annotation {
            title: "^^^ +++".to_owned(),
            message: "--- a".to_owned(),
        };
        assert_eq!(
            Buildkite.annotation(&annotation),
            "^^^ +++\nerror:  ^^^ +++\nerror:  --- a\n"
        );
    }

    #[test]
    fn without_the_agent_there_is_no_place_for_outputs() {
        let env = Env::from_pairs([("PATH", "/nowhere")]);
        assert_eq!(Buildkite.output_channel(&env), OutputChannel::NoAgent);
        assert_eq!(Buildkite.summary_place(&env), None);
        assert_eq!(Buildkite.log_filter(&env), None);
    }
}
