//! GitHub Actions and its imitators: workflow commands on stdout
//! (actions/runner `ActionCommand.cs`, `ActionCommandManager.cs`; fact sheet §1.3, §1.8).

use log::Level;

use super::plain_text::{break_new_form, safe_line, safe_lines};
use super::target::{OutputChannel, SummaryPlace};
use super::{CiReporter, Group, github_output, plain};
use crate::env::Env;
use crate::report::{Annotation, Outputs};
use crate::secret::Secret;

/// Which of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// GitHub, and act.
    GitHub,
    /// Gitea's runner: reads commands as act does, but its log shows any mask in the old form as it is.
    Gitea,
    /// Forgejo's runner: as Gitea's.
    Forgejo,
}

/// The reporter of the family.
pub struct GitHub(pub Flavour);

impl CiReporter for GitHub {
    /// The whole secret, then each of its lines, since act-style runners register the whole alone and logs are
    /// masked line by line.
    fn mask(&self, secret: &Secret) -> String {
        let whole = secret.expose();
        let mut commands: Vec<String> = Vec::new();
        let lines = whole.lines().map(str::trim);
        for part in std::iter::once(whole).chain(lines) {
            if part.trim().is_empty() {
                continue;
            }
            for command in self.masks_of(part) {
                if !commands.contains(&command) {
                    commands.push(command);
                }
            }
        }
        commands.concat()
    }

    /// Warnings are annotations too. Debug lines are plain: the runner would hide a `::debug::` whenever the step's
    /// `log_level` asks for one and the job does not.
    fn log_line(&self, level: Level, text: &str) -> String {
        match level {
            Level::Warn if !text.trim().is_empty() => command("warning", &safe_line(text)),
            _ => plain::log_line(level, text),
        }
    }

    fn begin_group(&self, _group: Group, title: &str) -> String {
        command("group", &safe_line(title))
    }

    fn end_group(&self, _group: Group) -> String {
        "::endgroup::\n".to_owned()
    }

    fn annotation(&self, annotation: &Annotation) -> String {
        let head = match safe_line(&annotation.title).trim() {
            "" => "error".to_owned(),
            title => format!("error title={}", escaped_property(title)),
        };
        command(&head, &safe_lines(&annotation.message))
    }

    fn output_channel(&self, env: &Env) -> OutputChannel {
        OutputChannel::named(env, "GITHUB_OUTPUT").unwrap_or(OutputChannel::Unset {
            variable: "GITHUB_OUTPUT",
            marker: "GITHUB_ACTIONS",
        })
    }

    fn outputs(&self, outputs: &Outputs, random: u128) -> String {
        github_output::render(outputs, random)
    }

    /// Gitea shows it on new servers, and Forgejo may: the variable says whether somebody reads it.
    fn summary_place(&self, env: &Env) -> Option<SummaryPlace> {
        Some(SummaryPlace::File {
            variable: "GITHUB_STEP_SUMMARY",
            path: env.path("GITHUB_STEP_SUMMARY")?,
        })
    }
}

impl GitHub {
    /// Gitea's and Forgejo's logs take the new form alone, and all that follows its head as the value; some versions do
    /// not decode that (`internal/pkg/report/reporter.go` of both; fact sheet §1.8).
    fn masks_of(&self, part: &str) -> Vec<String> {
        if self.0 == Flavour::GitHub {
            return vec![mask_command(part)];
        }
        let mut values = vec![escaped_data(part)];
        if !part.contains(['\n', '\r']) {
            values.push(part.to_owned());
        }
        values
            .iter()
            .map(|value| format!("::add-mask::{value}\n"))
            .collect()
    }
}

/// A command of the new form. The data is never read as a command again.
fn command(head: &str, data: &str) -> String {
    format!("::{head}::{}\n", escaped_data(&break_new_form(data)))
}

/// The order matters: `%` first (actions/toolkit `command.ts`).
fn escaped_data(data: &str) -> String {
    data.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn escaped_property(value: &str) -> String {
    escaped_data(value).replace(':', "%3A").replace(',', "%2C")
}

/// A secret must stay as it is, so one with `::` in it takes the old form, which has no place for act to go wrong in (its
/// own escapes: actions/runner `ActionCommand.cs`).
fn mask_command(value: &str) -> String {
    let data = escaped_data(value);
    if value.starts_with(':') || value.contains("::") {
        let data = data.replace(';', "%3B").replace(']', "%5D");
        return format!("##[add-mask]{data}\n");
    }
    format!("::add-mask::{data}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GITHUB: GitHub = GitHub(Flavour::GitHub);

    #[test]
    fn an_annotation_escapes_its_title_and_its_message() {
        let annotation = Annotation {
            title: "Retry CodeArts Pipeline: a, 50%".to_owned(),
            message: "one::two\r\n::error::three\n100%0A ##[x]".to_owned(),
        };
        assert_eq!(
            GITHUB.annotation(&annotation),
            "::error title=Retry CodeArts Pipeline%3A a%2C 50%25::one: :two%0A: :error: :three%0A100%250A ## [x]\n"
        );
    }

    #[test]
    fn a_secret_is_masked_whole_and_line_by_line() {
        assert_eq!(
            GITHUB.mask(&Secret::new("50%\nsecond\n\n  second\n")),
            "::add-mask::50%25%0Asecond%0A%0A  second%0A\n::add-mask::50%25\n::add-mask::second\n"
        );
        assert_eq!(GITHUB.mask(&Secret::new("plain")), "::add-mask::plain\n");
        assert_eq!(GITHUB.mask(&Secret::new(" \n ")), "");
    }

    #[test]
    fn gitea_and_forgejo_get_the_undecoded_form_where_it_differs() {
        for flavour in [Flavour::Gitea, Flavour::Forgejo] {
            let mask = |secret| GitHub(flavour).mask(&Secret::new(secret));
            assert_eq!(mask("a%b"), "::add-mask::a%25b\n::add-mask::a%b\n");
            assert_eq!(mask("ab"), "::add-mask::ab\n");
            assert_eq!(
                mask("a\nb"),
                "::add-mask::a%0Ab\n::add-mask::a\n::add-mask::b\n"
            );
        }
    }

    #[test]
    fn gitea_and_forgejo_get_no_old_form_which_their_logs_would_show() {
        for flavour in [Flavour::Gitea, Flavour::Forgejo] {
            for secret in ["a::b", ":a", "::", "a::b\n:c"] {
                let text = GitHub(flavour).mask(&Secret::new(secret));
                assert!(text.lines().all(|line| line.starts_with("::add-mask::")));
                let last = secret.lines().last().unwrap();
                assert!(text.ends_with(&format!("::add-mask::{last}\n")), "{text}");
            }
        }
    }

    /// The greedy pattern of act's `command.go`: `^::([^ ]+)( (.+))?::([^\r\n]*)$`, then the old form's.
    fn act_reading(line: &str) -> Option<(&str, &str)> {
        if let Some(rest) = line.strip_prefix("::")
            && let Some((head, data)) = rest.rsplit_once("::")
        {
            return Some((head.split(' ').next().unwrap_or_default(), data));
        }
        let (head, data) = line.strip_prefix("##[")?.rsplit_once(']')?;
        Some((head, data))
    }

    #[test]
    fn a_secret_with_colons_is_a_mask_for_act_too() {
        for secret in ["a::b", ":a", "a b::c d", "::"] {
            let text = GITHUB.mask(&Secret::new(secret));
            assert_eq!(
                act_reading(text.trim_end()),
                Some(("add-mask", secret)),
                "{text}"
            );
        }
        assert_eq!(
            GITHUB.mask(&Secret::new("a::b];%")),
            "##[add-mask]a::b%5D%3B%25\n"
        );
    }

    #[test]
    fn act_finds_the_end_of_the_head() {
        let text = GITHUB.annotation(&Annotation {
            title: "a::b".to_owned(),
            message: ":x::error::y:::".to_owned(),
        });
        assert_eq!(
            act_reading(text.trim_end()),
            Some(("error", " :x: :error: :y: : :"))
        );
    }

    #[test]
    fn warnings_are_commands_and_other_levels_are_text() {
        assert_eq!(
            GITHUB.log_line(Level::Warn, "a\n50%"),
            "::warning::a 50%25\n"
        );
        assert_eq!(GITHUB.log_line(Level::Warn, " "), "warning:  \n");
        assert_eq!(GITHUB.log_line(Level::Info, "::a"), ": :a\n");
        assert_eq!(GITHUB.log_line(Level::Debug, "a"), "debug: a\n");
    }

    #[test]
    fn groups_open_and_close() {
        let group = Group {
            number: 1,
            unix_seconds: 0,
        };
        let begun = GITHUB.begin_group(group, "Retry\n1");
        assert_eq!(begun, "::group::Retry 1\n");
        assert_eq!(GITHUB.end_group(group), "::endgroup::\n");
    }

    #[test]
    fn a_missing_output_variable_is_told_from_a_set_one() {
        assert_eq!(
            GITHUB.output_channel(&Env::from_pairs([("GITHUB_OUTPUT", " ")])),
            OutputChannel::Unset {
                variable: "GITHUB_OUTPUT",
                marker: "GITHUB_ACTIONS"
            }
        );
        assert!(matches!(
            GITHUB.output_channel(&Env::from_pairs([("GITHUB_OUTPUT", "/x")])),
            OutputChannel::File { .. }
        ));
    }
}
