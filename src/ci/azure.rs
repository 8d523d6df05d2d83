//! Azure Pipelines: logging commands on stdout, for the outputs too
//! (microsoft/azure-pipelines-agent `Command.cs`, `CommandStringConvertor.cs`, `TaskCommandExtension.cs`; fact sheet §2).

use std::path::Path;

use log::Level;

use super::plain_text::{safe_line, safe_lines};
use super::target::{OutputChannel, SummaryPlace};
use super::{CiReporter, Group, plain, within_a_variable};
use crate::env::Env;
use crate::report::{Annotation, Outputs};
use crate::secret::Secret;

/// The reporter.
pub struct Azure;

impl CiReporter for Azure {
    /// The whole secret, then each of its lines, since the log is masked line by line.
    fn mask(&self, secret: &Secret) -> String {
        let whole = secret.expose();
        let mut commands: Vec<String> = Vec::new();
        for part in std::iter::once(whole).chain(whole.lines().map(str::trim)) {
            let command = command("setsecret", part);
            if !part.trim().is_empty() && !commands.contains(&command) {
                commands.push(command);
            }
        }
        commands.concat()
    }

    fn log_line(&self, level: Level, text: &str) -> String {
        match level {
            Level::Warn => command("logissue type=warning", &safe_line(text)),
            _ => plain::log_line(level, text),
        }
    }

    fn begin_group(&self, _group: Group, title: &str) -> String {
        ["##[group]", &safe_line(title), "\n"].concat()
    }

    fn end_group(&self, _group: Group) -> String {
        "##[endgroup]\n".to_owned()
    }

    /// An issue has no title of its own.
    fn annotation(&self, annotation: &Annotation) -> String {
        let title = safe_line(&annotation.title);
        command(
            "logissue type=error",
            &[&title, "\n", &safe_lines(&annotation.message)].concat(),
        )
    }

    fn output_channel(&self, _env: &Env) -> OutputChannel {
        OutputChannel::Stdout
    }

    fn outputs(&self, outputs: &Outputs, _random: u128) -> String {
        let set = |(name, value)| {
            let head = ["setvariable variable=", name, ";isOutput=true"].concat();
            command(&head, within_a_variable(name, value))
        };
        outputs.iter().map(set).collect()
    }

    /// In the agent's own directory: the file is taken up after the step has ended.
    fn summary_place(&self, env: &Env) -> Option<SummaryPlace> {
        const VARIABLE: &str = "AGENT_TEMPDIRECTORY";
        Some(SummaryPlace::Upload {
            variable: VARIABLE,
            directory: env.path(VARIABLE)?,
        })
    }

    fn upload_summary(&self, file: &Path) -> String {
        command("uploadsummary", &file.to_string_lossy())
    }
}

/// A command of a task. `%` comes first: the agent decodes it last.
fn command(head: &str, data: &str) -> String {
    let mut text = ["##vso[task.", head, "]"].concat();
    for c in data.chars() {
        match c {
            '%' => text.push_str("%AZP25"),
            ';' => text.push_str("%3B"),
            ']' => text.push_str("%5D"),
            '\r' => text.push_str("%0D"),
            '\n' => text.push_str("%0A"),
            _ => text.push(c),
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_of_a_command_is_escaped() {
        assert_eq!(
            command("setvariable variable=a", "50%0A; [x]\r\ny"),
            "##vso[task.setvariable variable=a]50%AZP250A%3B [x%5D%0D%0Ay\n"
        );
    }

    #[test]
    fn a_secret_is_masked_whole_and_line_by_line() {
        assert_eq!(
            Azure.mask(&Secret::new("a%\nb\n\n b")),
            "##vso[task.setsecret]a%AZP25%0Ab%0A%0A b\n##vso[task.setsecret]a%AZP25\n##vso[task.setsecret]b\n"
        );
        assert_eq!(Azure.mask(&Secret::new("a")), "##vso[task.setsecret]a\n");
    }

    #[test]
    fn errors_and_warnings_are_issues() {
        let annotation = Annotation {
            title: "a ##vso[x]".to_owned(),
            message: "b\nc".to_owned(),
        };
        assert_eq!(
            Azure.annotation(&annotation),
            "##vso[task.logissue type=error]a ## vso[x%5D%0Ab%0Ac\n"
        );
        assert_eq!(
            Azure.log_line(Level::Warn, "a\nb"),
            "##vso[task.logissue type=warning]a b\n"
        );
    }

    #[test]
    fn the_summary_is_uploaded_from_the_agents_directory() {
        let env = Env::from_pairs([("AGENT_TEMPDIRECTORY", "/_temp")]);
        assert!(matches!(
            Azure.summary_place(&env),
            Some(SummaryPlace::Upload { .. })
        ));
        assert_eq!(Azure.summary_place(&Env::default()), None);
        assert_eq!(
            Azure.upload_summary(Path::new("/_temp/a.md")),
            "##vso[task.uploadsummary]/_temp/a.md\n"
        );
    }
}
