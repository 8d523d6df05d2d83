//! Where to say it: every difference between CI systems. `report` decides the content, this the syntax and the place.

mod append_file;
pub mod github;
mod github_output;
pub mod output_file;
pub mod plain;
pub mod plain_text;
pub mod publish;
pub mod target;

use log::Level;

use crate::env::Env;
use crate::report::{Annotation, Outputs, Severity};
use crate::secret::Secret;
use github::{Flavour, GitHub};
use plain::Plain;
use target::{OutputChannel, SummaryFile};

/// The CI systems that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CiSystem {
    /// Forgejo Actions.
    Forgejo,
    /// Gitea Actions.
    Gitea,
    /// GitHub Actions, and act.
    GitHub,
    /// A terminal, or any other CI system: plain text.
    Plain,
}

impl CiSystem {
    /// Every system, in the order of detection.
    pub const ALL: [Self; 4] = [Self::Forgejo, Self::Gitea, Self::GitHub, Self::Plain];

    /// The system whose marker is in the environment. The imitators set GitHub's marker too, so theirs come first
    /// (fact sheet §3).
    pub fn detect(env: &Env) -> Self {
        let is_set = |marker: &str| {
            env.get(marker)
                .is_some_and(|value| value.eq_ignore_ascii_case("true"))
        };
        Self::ALL
            .into_iter()
            .find(|system| system.marker().is_none_or(is_set))
            .unwrap_or(Self::Plain)
    }

    /// The variable that is `true` there; none for plain text.
    const fn marker(self) -> Option<&'static str> {
        match self {
            Self::Forgejo => Some("FORGEJO_ACTIONS"),
            Self::Gitea => Some("GITEA_ACTIONS"),
            Self::GitHub => Some("GITHUB_ACTIONS"),
            Self::Plain => None,
        }
    }

    /// What writes this system's syntax.
    pub fn reporter(self) -> &'static dyn CiReporter {
        match self {
            Self::Forgejo => &GitHub(Flavour::Forgejo),
            Self::Gitea => &GitHub(Flavour::Gitea),
            Self::GitHub => &GitHub(Flavour::GitHub),
            Self::Plain => &Plain,
        }
    }
}

/// The syntax of one CI system. Texts are for stdout, to be written in one piece; each is empty or ends with a line
/// break. Arguments may hold anything: what comes out is safe. Shared with the thread that handles signals.
pub trait CiReporter: Sync {
    /// Commands that hide a secret in the log from here on; empty where there are none, since they print it.
    fn mask(&self, secret: &Secret) -> String;

    /// One line of the log. Each is a single line, whatever the text.
    fn log_line(&self, level: Level, text: &str) -> String;

    /// Opens a part of the log that can be folded.
    fn begin_group(&self, title: &str) -> String;

    /// Closes it.
    fn end_group(&self) -> String;

    /// One annotation.
    fn annotation(&self, annotation: &Annotation) -> String;

    /// Where this system's steps leave their outputs.
    fn output_channel(&self, env: &Env) -> OutputChannel;

    /// The outputs in the syntax of that channel. `random` makes a boundary that no value can know.
    fn outputs(&self, outputs: &Outputs, random: u128) -> String;

    /// Where the summary goes, if it is shown anywhere.
    fn summary_file(&self, env: &Env) -> Option<SummaryFile>;
}

/// `error`, `warning`, `notice`: the same words in a plain log as in GitHub's commands.
const fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    }
}

/// A line of a plain log: information as it is, anything else behind its level.
fn leveled_line(level: Level, text: &str) -> String {
    let prefix = match level {
        Level::Error => "error: ",
        Level::Warn => "warning: ",
        Level::Info => "",
        Level::Debug => "debug: ",
        Level::Trace => "trace: ",
    };
    format!("{prefix}{}\n", plain_text::safe_line(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{HOSTILE, forbidden};
    use crate::report::{Report, Severity};
    use crate::secret::Redactor;

    #[test]
    fn imitators_are_known_before_github() {
        let detect = |markers: &[&str]| {
            CiSystem::detect(&Env::from_pairs(markers.iter().map(|name| (*name, "true"))))
        };
        assert_eq!(
            detect(&["GITHUB_ACTIONS", "GITEA_ACTIONS", "FORGEJO_ACTIONS"]),
            CiSystem::Forgejo
        );
        assert_eq!(
            detect(&["GITHUB_ACTIONS", "GITEA_ACTIONS"]),
            CiSystem::Gitea
        );
        assert_eq!(detect(&["GITHUB_ACTIONS", "CI"]), CiSystem::GitHub);
        assert_eq!(detect(&["CI"]), CiSystem::Plain);
    }

    /// What a runner of the strictest kind would obey in a text: the commands at the start of a line, and old-form
    /// ones anywhere.
    fn commands(text: &str) -> Vec<&str> {
        text.split(['\n', '\r'])
            .filter(|line| line.trim_start().starts_with("::") || line.contains("##["))
            .collect()
    }

    #[test]
    fn no_system_lets_service_text_become_a_command() {
        for system in CiSystem::ALL {
            let reporter = system.reporter();
            let own = usize::from(system != CiSystem::Plain);
            for level in [Level::Error, Level::Info, Level::Debug, Level::Trace] {
                let line = reporter.log_line(level, HOSTILE);
                assert_eq!(commands(&line), Vec::<&str>::new(), "{system:?}");
                assert_eq!(line.matches('\n').count(), 1);
            }
            for text in [
                reporter.log_line(Level::Warn, HOSTILE),
                reporter.begin_group(HOSTILE),
                reporter.annotation(&Annotation {
                    severity: Severity::Error,
                    title: HOSTILE.to_owned(),
                    message: HOSTILE.to_owned(),
                }),
            ] {
                assert_eq!(commands(&text).len(), own, "{system:?}: {text}");
                assert!(text.ends_with('\n'));
                assert!(!text.contains(['\r', '\u{1b}', '\0', '\u{2028}', '\u{85}']));
                assert!(!text.contains("##vso[") && !text.contains("##teamcity["));
            }
        }
    }

    #[test]
    fn every_system_prints_the_advice_of_a_red_step() {
        let report = Report::from_outcome(&forbidden(HOSTILE), &Redactor::default());
        let annotation = report.annotations().swap_remove(0);
        for system in CiSystem::ALL {
            let text = system.reporter().annotation(&annotation);
            assert!(text.starts_with(if system == CiSystem::Plain {
                "error: "
            } else {
                "::error "
            }));
            assert!(text.contains("Add the identity to the CodeArts project."));
        }
    }

    #[test]
    fn no_system_groups_or_masks_without_a_line_break_at_the_end() {
        for system in CiSystem::ALL {
            let reporter = system.reporter();
            for text in [
                reporter.mask(&Secret::new("a\nb")),
                reporter.begin_group("Attempt 1"),
                reporter.end_group(),
            ] {
                assert!(text.is_empty() || text.ends_with('\n'), "{system:?}");
            }
            assert_eq!(reporter.mask(&Secret::new("")), "");
        }
    }
}
