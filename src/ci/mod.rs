//! Where to say it: every difference between CI systems. `report` decides the content, this the syntax and the place.

mod append_file;
pub mod azure;
pub mod bitbucket;
pub mod buildkite;
pub mod buildkite_agent;
pub mod circleci;
pub mod github;
mod github_output;
pub mod gitlab;
pub mod harness;
pub mod output_file;
pub mod plain;
pub mod plain_text;
pub mod publish;
pub mod target;
pub mod teamcity;

use std::path::Path;

use log::Level;

use crate::env::Env;
use crate::report::{Annotation, Outputs};
use crate::secret::Secret;
use azure::Azure;
use bitbucket::Bitbucket;
use buildkite::Buildkite;
use buildkite_agent::Agent;
use circleci::CircleCi;
use github::{Flavour, GitHub};
use gitlab::GitLab;
use harness::Harness;
use plain::Plain;
use target::{OutputChannel, SummaryPlace};
use teamcity::TeamCity;

/// The CI systems that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CiSystem {
    /// Forgejo Actions.
    Forgejo,
    /// Gitea Actions.
    Gitea,
    /// GitHub Actions, and act.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Azure Pipelines.
    Azure,
    /// Buildkite.
    Buildkite,
    /// Woodpecker: plain text. It sets some of Drone's variables, but not its marker.
    Woodpecker,
    /// Drone and Harness CI.
    Drone,
    /// CircleCI.
    CircleCi,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// TeamCity.
    TeamCity,
    /// Jenkins: plain text.
    Jenkins,
    /// A terminal, or any other CI system: plain text.
    Plain,
}

impl CiSystem {
    /// Every system, in the order of detection: the imitators set GitHub's marker too, so theirs come first (fact sheet
    /// §3).
    pub const ALL: [Self; 13] = [
        Self::Forgejo,
        Self::Gitea,
        Self::GitHub,
        Self::GitLab,
        Self::Azure,
        Self::Buildkite,
        Self::Woodpecker,
        Self::Drone,
        Self::CircleCi,
        Self::Bitbucket,
        Self::TeamCity,
        Self::Jenkins,
        Self::Plain,
    ];

    /// The first system whose marker is in the environment.
    pub fn detect(env: &Env) -> Self {
        let is_there = |marker: Marker| {
            env.get(marker.variable).is_some_and(|value| {
                marker
                    .value
                    .is_none_or(|expected| value.eq_ignore_ascii_case(expected))
            })
        };
        Self::ALL
            .into_iter()
            .find(|system| system.marker().is_none_or(is_there))
            .unwrap_or(Self::Plain)
    }

    /// What tells that the step runs there; nothing for plain text.
    pub const fn marker(self) -> Option<Marker> {
        let (variable, value) = match self {
            Self::Forgejo => ("FORGEJO_ACTIONS", Some("true")),
            Self::Gitea => ("GITEA_ACTIONS", Some("true")),
            Self::GitHub => ("GITHUB_ACTIONS", Some("true")),
            Self::GitLab => ("GITLAB_CI", Some("true")),
            Self::Azure => ("TF_BUILD", Some("true")),
            Self::Buildkite => ("BUILDKITE", Some("true")),
            Self::Woodpecker => ("CI", Some("woodpecker")),
            Self::Drone => ("DRONE", Some("true")),
            Self::CircleCi => ("CIRCLECI", Some("true")),
            Self::Bitbucket => ("BITBUCKET_BUILD_NUMBER", None),
            Self::TeamCity => ("TEAMCITY_VERSION", None),
            Self::Jenkins => ("JENKINS_URL", None),
            Self::Plain => return None,
        };
        Some(Marker { variable, value })
    }

    /// What writes this system's syntax.
    pub fn reporter(self) -> &'static dyn CiReporter {
        match self {
            Self::Forgejo => &GitHub(Flavour::Forgejo),
            Self::Gitea => &GitHub(Flavour::Gitea),
            Self::GitHub => &GitHub(Flavour::GitHub),
            Self::GitLab => &GitLab,
            Self::Azure => &Azure,
            Self::Buildkite => &Buildkite,
            Self::Drone => &Harness,
            Self::CircleCi => &CircleCi,
            Self::Bitbucket => &Bitbucket,
            Self::TeamCity => &TeamCity,
            Self::Woodpecker | Self::Jenkins | Self::Plain => &Plain,
        }
    }
}

/// A variable that a CI system sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Its name.
    pub variable: &'static str,
    /// Its value, in any case of letters; `None` where every value will do.
    pub value: Option<&'static str>,
}

/// A part of the log that can be folded.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Its number in this step, from 1.
    pub number: u32,
    /// When it is opened or closed, in seconds since 1970.
    pub unix_seconds: u64,
}

/// The syntax of one CI system. Texts are for stdout, to be written in one piece; each is empty or ends with a line
/// break. Arguments may hold anything: what comes out is safe. Shared with the thread that handles signals. What a
/// system does not say in a way of its own is said in plain text.
pub trait CiReporter: Sync {
    /// Commands that hide a secret in the log from here on. Empty where there are none: nobody would hide it, and the
    /// command would print it.
    fn mask(&self, _secret: &Secret) -> String {
        String::new()
    }

    /// What hides secrets where no command does.
    fn log_filter(&self, _env: &Env) -> Option<Agent> {
        None
    }

    /// One line of the log. Each is a single line, whatever the text.
    fn log_line(&self, level: Level, text: &str) -> String {
        plain::log_line(level, text)
    }

    /// Opens a part of the log that can be folded.
    fn begin_group(&self, _group: Group, title: &str) -> String {
        plain_text::safe_line(title) + "\n"
    }

    /// Closes it.
    fn end_group(&self, _group: Group) -> String {
        String::new()
    }

    /// One annotation.
    fn annotation(&self, annotation: &Annotation) -> String {
        plain::annotation(annotation)
    }

    /// Where this system's steps leave their outputs.
    fn output_channel(&self, _env: &Env) -> OutputChannel {
        OutputChannel::None
    }

    /// The outputs in the syntax of that channel. `random` makes a boundary that no value can know.
    fn outputs(&self, _outputs: &Outputs, _random: u128) -> String {
        String::new()
    }

    /// Where the summary goes, if it is shown anywhere.
    fn summary_place(&self, _env: &Env) -> Option<SummaryPlace> {
        None
    }

    /// The command that takes up a summary from [`SummaryPlace::Upload`].
    fn upload_summary(&self, _file: &Path) -> String {
        String::new()
    }
}

/// Bytes of an output that becomes an environment variable of later steps: Windows takes 32 767 characters (Win32,
/// `SetEnvironmentVariable`), and one that is longer keeps every later step from starting.
const VARIABLE_BYTES: usize = 32_000;

/// The value, or the empty list or object where it is longer than a variable may be. Only those two outputs can be.
fn within_a_variable<'a>(name: &str, value: &'a str) -> &'a str {
    match name {
        "failed_jobs" if value.len() > VARIABLE_BYTES => "[]",
        "result" if value.len() > VARIABLE_BYTES => "{}",
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;
    use crate::report::samples::{HOSTILE, forbidden};
    use crate::secret::Redactor;

    const GROUP: Group = Group {
        number: 1,
        unix_seconds: 1,
    };

    fn detect(markers: &[(&str, &str)]) -> CiSystem {
        CiSystem::detect(&Env::from_pairs(markers.iter().copied()))
    }

    /// The markers as they are on a runner of that system.
    fn set(system: CiSystem) -> Option<(&'static str, &'static str)> {
        let marker = system.marker()?;
        Some((marker.variable, marker.value.unwrap_or("7")))
    }

    #[test]
    fn of_several_markers_the_first_in_the_order_decides() {
        for (place, first) in CiSystem::ALL.into_iter().enumerate() {
            let later = CiSystem::ALL[place..].iter();
            let markers: Vec<_> = later.filter_map(|system| set(*system)).collect();
            assert_eq!(detect(&markers), first, "{markers:?}");
        }
    }

    #[test]
    fn a_marker_counts_with_its_own_value_only() {
        assert_eq!(detect(&[("CI", "true")]), CiSystem::Plain);
        assert_eq!(detect(&[("GITHUB_ACTIONS", "false")]), CiSystem::Plain);
        assert_eq!(detect(&[("GITLAB_CI", "TRUE")]), CiSystem::GitLab);
        assert_eq!(detect(&[]), CiSystem::Plain);
    }

    /// What some runner would obey in a text: commands at the start of a line, and those that are found anywhere.
    fn commands(text: &str) -> Vec<&str> {
        let is_command = |line: &&str| {
            let start = line.trim_start();
            let anywhere = ["##[", "##vso[", "##teamcity[", "\u{1b}[0Ksection_"];
            start.starts_with("::")
                || ["--- ", "+++ ", "~~~ ", "^^^ "]
                    .iter()
                    .any(|head| line.starts_with(head))
                || anywhere.iter().any(|command| line.contains(command))
        };
        text.split(['\n', '\r']).filter(is_command).collect()
    }

    #[test]
    fn no_system_lets_service_text_become_a_command() {
        let hostile = [
            HOSTILE,
            "--- a",
            "+++ a",
            "~~~ a",
            "^^^ +++",
            "a\n--- b\r+++ c",
        ];
        for (system, text) in CiSystem::ALL
            .into_iter()
            .flat_map(|system| hostile.map(|text| (system, text)))
        {
            let reporter = system.reporter();
            for level in [Level::Error, Level::Info, Level::Debug, Level::Trace] {
                let line = reporter.log_line(level, text);
                assert_eq!(commands(&line), Vec::<&str>::new(), "{system:?}");
                assert_eq!(line.matches('\n').count(), 1);
            }
            let annotation = |text: &str| Annotation {
                title: text.to_owned(),
                message: text.to_owned(),
            };
            for (hostile, harmless) in [
                (
                    reporter.log_line(Level::Warn, text),
                    reporter.log_line(Level::Warn, "a"),
                ),
                (
                    reporter.begin_group(GROUP, text),
                    reporter.begin_group(GROUP, "a"),
                ),
                (
                    reporter.annotation(&annotation(text)),
                    reporter.annotation(&annotation("a")),
                ),
            ] {
                let (found, own) = (commands(&hostile), commands(&harmless));
                assert_eq!(found.len(), own.len(), "{system:?}: {hostile}");
                assert!(hostile.ends_with('\n'));
                let foreign = hostile
                    .replace("\r\u{1b}[0K", "")
                    .replace("\u{1b}[0Ksection_", "");
                assert!(!foreign.contains(['\r', '\u{1b}', '\0', '\u{2028}', '\u{85}']));
            }
        }
    }

    #[test]
    fn every_system_prints_the_advice_of_a_red_step() {
        let report = Report::from_outcome(&forbidden(HOSTILE), &Redactor::default());
        let annotation = report.annotations().swap_remove(0);
        for system in CiSystem::ALL {
            let text = system.reporter().annotation(&annotation);
            assert!(text.contains("Add the identity to the CodeArts project."));
            assert!(text.to_lowercase().contains("error"), "{system:?}: {text}");
        }
    }

    #[test]
    fn no_system_groups_or_masks_without_a_line_break_at_the_end() {
        for system in CiSystem::ALL {
            let reporter = system.reporter();
            for text in [
                reporter.mask(&Secret::new("a\nb")),
                reporter.begin_group(GROUP, "Attempt 1"),
                reporter.end_group(GROUP),
            ] {
                assert!(text.is_empty() || text.ends_with('\n'), "{system:?}");
            }
            assert_eq!(reporter.mask(&Secret::new("")), "");
        }
    }
}
