//! The log: no text of the service is a command of any system, whichever the step runs on, and the mask of a secret
//! hides that secret.
//!
//! The bytes are text: it stands in lines, groups and annotations, and it is a secret to be masked.

use codearts_retry::ci::{CiSystem, Group};
use codearts_retry::report::Annotation;
use codearts_retry::secret::Secret;
use log::Level;

use crate::readers::{self, obeyed};

const GROUP: Group = Group {
    number: 1,
    unix_seconds: 1_700_000_000,
};

pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for system in CiSystem::ALL {
        check_text(system, &text);
        check_mask(system, &text);
    }
}

fn check_text(system: CiSystem, text: &str) {
    // A line with nothing in it may be told in another way.
    if !text.chars().any(char::is_alphanumeric) {
        return;
    }
    for (shown, own) in texts(system, text).iter().zip(texts(system, "plain")) {
        assert!(shown.ends_with('\n'), "{system:?}: {shown:?}");
        assert_eq!(obeyed(shown), obeyed(&own), "{system:?}: {shown:?}");
        let own_bytes = shown
            .replace("\r\u{1b}[0K", "")
            .replace("\u{1b}[0Ksection_", "");
        let hides = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{2028}' | '\u{202e}');
        assert!(!own_bytes.contains(hides), "{system:?}: {shown:?}");
    }
    for level in [Level::Error, Level::Warn, Level::Info] {
        let line = system.reporter().log_line(level, text);
        assert_eq!(line.matches('\n').count(), 1, "{system:?}: {line:?}");
    }
}

/// The texts that a reporter makes of one text of the service.
pub fn texts(system: CiSystem, text: &str) -> Vec<String> {
    let reporter = system.reporter();
    let annotation = Annotation {
        title: text.to_owned(),
        message: text.to_owned(),
    };
    vec![
        reporter.log_line(Level::Error, text),
        reporter.log_line(Level::Warn, text),
        reporter.log_line(Level::Info, text),
        reporter.log_line(Level::Debug, text),
        reporter.log_line(Level::Trace, text),
        reporter.begin_group(GROUP, text),
        reporter.annotation(&annotation),
    ]
}

/// The secret as a whole, and each of its lines; the whole may be left out where a mask is not decoded and logs are masked
/// line by line.
fn check_mask(system: CiSystem, secret: &str) {
    let text = system.reporter().mask(&Secret::new(secret));
    let readings = match system {
        CiSystem::GitHub => vec![readers::github_masks(&text)],
        CiSystem::Gitea | CiSystem::Forgejo => [true, false]
            .map(|is_decoded| readers::gitea_masks(&text, is_decoded))
            .to_vec(),
        CiSystem::Azure => vec![azure_masks(&text)],
        _ => {
            assert_eq!(text, "", "{system:?}");
            return;
        }
    };
    for (reading, masks) in readings.iter().enumerate() {
        assert_eq!(text.matches('\n').count(), masks.len(), "{text:?}");
        let parts = std::iter::once(secret).chain(secret.lines().map(str::trim));
        let is_read = |part: &&str| reading == 0 || !part.contains(['\r', '\n']);
        for part in parts.filter(|part| !part.trim().is_empty()).filter(is_read) {
            let is_masked = masks.iter().any(|mask| mask == part);
            assert!(is_masked, "{system:?}: {part:?} is not in {text:?}");
        }
    }
}

fn azure_masks(log: &str) -> Vec<String> {
    let commands = readers::azure(log).into_iter();
    let data = commands.map(|command| {
        assert_eq!(command.name, "task.setsecret");
        command.data
    });
    data.collect()
}
