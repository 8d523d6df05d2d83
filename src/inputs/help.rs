//! The table of inputs as `--help` shows it.

use std::fmt::Write as _;

use super::table::{Group, INPUTS, InputSpec, Kind, LONGEST, Required};
use super::value::compact;
use super::words::listed;

/// All inputs, grouped: name, type, default, meaning. Ends with a line break.
pub fn help_text() -> String {
    let mut text = String::from(
        "Inputs are environment variables: INPUT_ and the name in upper case (INPUT_PROJECT_ID), or PLUGIN_ and the\n\
         name where the first is unset. A blank value means unset.\n",
    );
    for group in Group::ALL {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{}:", group.title());
        for spec in INPUTS.iter().filter(|spec| spec.group == group) {
            let _ = writeln!(text, "  {:<20} {}", spec.name, kind_and_default(spec));
            let _ = writeln!(text, "  {:<20} {}", "", spec.help);
        }
    }
    text
}

fn kind_and_default(spec: &InputSpec) -> String {
    let kind = describe(spec.kind);
    match (spec.required, spec.default) {
        (Required::Always(_), _) => format!("{kind}, required"),
        (Required::UnlessEndpoint, _) => format!("{kind}, required unless `endpoint` is given"),
        (Required::No, Some(default)) => format!("{kind}, default {default}"),
        (Required::No, None) => kind,
    }
}

/// The type in a few words, with its bounds.
fn describe(kind: Kind) -> String {
    match kind {
        Kind::Id => "id".to_owned(),
        Kind::IdOrLatest => "id or `latest`".to_owned(),
        Kind::IdList => "list of ids".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Secret => "secret".to_owned(),
        Kind::Url => "URL".to_owned(),
        Kind::Path => "path".to_owned(),
        Kind::Bool => "true or false".to_owned(),
        Kind::Duration { max, .. } if max == LONGEST => "duration".to_owned(),
        Kind::Duration { min, max } => format!("duration, {} to {}", compact(min), compact(max)),
        Kind::Integer { min, max } => format!("{min} to {max}"),
        Kind::Choice(words) => listed(words, "or"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_is_in_the_help_once() {
        let text = help_text();
        for spec in INPUTS {
            let heading = format!("\n  {:<20} ", spec.name);
            assert_eq!(text.matches(&heading).count(), 1, "{}", spec.name);
            assert!(text.contains(spec.help), "{}", spec.name);
        }
    }

    #[test]
    fn types_bounds_and_defaults_are_shown() {
        let text = help_text();
        for line in [
            "  project_id           id, required\n",
            "  region               text, required unless `endpoint` is given\n",
            "  poll_interval        duration, 1s to 10m, default 10s\n",
            "  max_attempts         1 to 20, default 5\n",
            "  on_cancel            `leave` or `stop`, default leave\n",
            "  auth_token           secret\n",
        ] {
            assert!(text.contains(line), "{line}");
        }
    }
}
