//! A terminal, or a CI system without a syntax of its own: plain text, and no file beside `output_file`.

use log::Level;

use super::CiReporter;
use super::plain_text::{safe_line, safe_lines};
use crate::report::Annotation;

/// The reporter that always works.
pub struct Plain;

impl CiReporter for Plain {}

/// Information as it is, anything else behind its level.
pub(super) fn log_line(level: Level, text: &str) -> String {
    let prefix = match level {
        Level::Error => "error: ",
        Level::Warn => "warning: ",
        Level::Info => "",
        Level::Debug => "debug: ",
        Level::Trace => "trace: ",
    };
    [prefix, &safe_line(text), "\n"].concat()
}

/// Every line behind the word, so that a search for `error:` finds them all.
pub(super) fn annotation(annotation: &Annotation) -> String {
    let title = safe_line(&annotation.title);
    let message = safe_lines(&annotation.message);
    std::iter::once(title.as_str())
        .chain(message.lines().filter(|line| !line.trim().is_empty()))
        .map(|line| ["error: ", line, "\n"].concat())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn an_annotation_is_a_few_lines_of_text() {
        let annotation = Annotation {
            title: "Retry CodeArts Pipeline: forbidden".to_owned(),
            message: "the service refused the retry\n\n::error::x\nAdd the identity.".to_owned(),
        };
        assert_eq!(
            Plain.annotation(&annotation),
            "error: Retry CodeArts Pipeline: forbidden\nerror: the service refused the retry\n\
             error: : :error: :x\nerror: Add the identity.\n"
        );
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(Plain.mask(&Secret::new("hunter2")), "");
    }

    #[test]
    fn levels_stand_in_front() {
        assert_eq!(Plain.log_line(Level::Info, "a"), "a\n");
        assert_eq!(Plain.log_line(Level::Warn, "a"), "warning: a\n");
        assert_eq!(Plain.log_line(Level::Debug, "a\nb"), "debug: a b\n");
    }
}
