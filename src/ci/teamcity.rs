//! TeamCity: service messages on stdout, for the outputs too
//! (`JetBrains` help "Service Messages"; TeamCity.ServiceMessages `ServiceMessageReplacements.cs`; fact sheet §2).

use log::Level;

use super::plain_text::{safe_line, safe_lines};
use super::target::OutputChannel;
use super::{CiReporter, Group, plain, within_a_variable};
use crate::env::Env;
use crate::report::files::variable_name;
use crate::report::{Annotation, Outputs, PRODUCT};

/// The reporter.
pub struct TeamCity;

impl CiReporter for TeamCity {
    fn log_line(&self, level: Level, text: &str) -> String {
        match level {
            Level::Warn => build_message("WARNING", &safe_line(text)),
            _ => plain::log_line(level, text),
        }
    }

    fn begin_group(&self, group: Group, title: &str) -> String {
        let name = name_of(group);
        let title = safe_line(title);
        message("blockOpened", &[("name", &name), ("description", &title)])
    }

    fn end_group(&self, group: Group) -> String {
        message("blockClosed", &[("name", &name_of(group))])
    }

    /// A message, not a `buildProblem`: that one fails the build also where the exit code is allowed to be another one.
    fn annotation(&self, annotation: &Annotation) -> String {
        let title = safe_line(&annotation.title);
        build_message(
            "ERROR",
            &[&title, "\n", &safe_lines(&annotation.message)].concat(),
        )
    }

    fn output_channel(&self, _env: &Env) -> OutputChannel {
        OutputChannel::Stdout
    }

    /// Parameters that are variables of the steps to come. A `%` is doubled: between two of them TeamCity puts the value
    /// of another parameter.
    fn outputs(&self, outputs: &Outputs, _random: u128) -> String {
        let set = |(name, value)| {
            let parameter = ["env.", &variable_name(name)].concat();
            let value = within_a_variable(name, value).replace('%', "%%");
            message("setParameter", &[("name", &parameter), ("value", &value)])
        };
        outputs.iter().map(set).collect()
    }
}

/// A block is closed under the name it was opened under.
fn name_of(group: Group) -> String {
    [PRODUCT, " ", &group.number.to_string()].concat()
}

fn build_message(status: &str, text: &str) -> String {
    message("message", &[("text", text), ("status", status)])
}

/// A service message, in ASCII.
fn message(name: &str, attributes: &[(&str, &str)]) -> String {
    let mut text = ["##teamcity[", name].concat();
    for (name, value) in attributes {
        text.extend([" ", name, "='"]);
        push_escaped(&mut text, value);
        text.push('\'');
    }
    text.push_str("]\n");
    text
}

fn push_escaped(text: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '|' | '\'' | '[' | ']' => text.extend(['|', c]),
            '\n' => text.push_str("|n"),
            '\r' => text.push_str("|r"),
            _ if c.is_ascii() => text.push(c),
            _ => {
                let mut units = [0; 2];
                let units = c.encode_utf16(&mut units).iter();
                text.extend(units.map(|unit| format!("|0x{unit:04X}")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_escaped() {
        assert_eq!(
            message("message", &[("text", "it's [a|b]\r\né😀\u{85}\u{2028}")]),
            "##teamcity[message text='it|'s |[a||b|]|r|n|0x00E9|0xD83D|0xDE00|0x0085|0x2028']\n"
        );
    }

    #[test]
    fn a_block_is_closed_under_its_name() {
        let group = Group {
            number: 3,
            unix_seconds: 0,
        };
        assert_eq!(
            TeamCity.begin_group(group, "Retry 'x'"),
            "##teamcity[blockOpened name='Retry CodeArts Pipeline 3' description='Retry |'x|'']\n"
        );
        assert_eq!(
            TeamCity.end_group(group),
            "##teamcity[blockClosed name='Retry CodeArts Pipeline 3']\n"
        );
    }

    #[test]
    fn errors_and_warnings_are_messages_with_their_status() {
        let annotation = Annotation {
            title: "a".to_owned(),
            message: "##teamcity[x]".to_owned(),
        };
        assert_eq!(
            TeamCity.annotation(&annotation),
            "##teamcity[message text='a|n## teamcity|[x|]' status='ERROR']\n"
        );
        assert_eq!(
            TeamCity.log_line(Level::Warn, "a\nb"),
            "##teamcity[message text='a b' status='WARNING']\n"
        );
    }
}
