//! Text that no runner takes for a command: the one place that knows what a command looks like at its start.

/// The text as one line without anything that a runner, a terminal or a log viewer could obey. Line breaks of every
/// kind become a space; other control and invisible characters go, since some runners compare as if they were not
/// there; a `::` at the start and every `##…[` is broken up by a space, and one is put before what opens a group.
pub fn safe_line(text: &str) -> String {
    let visible = visible(text);
    let mut broken = break_old_form(&visible);
    if let Some(rest) = broken.trim_start().strip_prefix("::") {
        return [": :", &break_new_form(rest)].concat();
    }
    if GROUP_STARTS.iter().any(|start| broken.starts_with(start)) {
        broken.insert(0, ' ');
    }
    broken
}

/// What opens a group in Buildkite's log at the very start of a line (buildkite/docs `managing-log-output`; fact sheet
/// §2).
const GROUP_STARTS: [&str; 4] = ["---", "+++", "~~~", "^^^"];

/// The lines of a text, each safe, joined with `\n`.
pub fn safe_lines(text: &str) -> String {
    text.lines().map(safe_line).collect::<Vec<_>>().join("\n")
}

/// The text without any `::`: act-style runners end the head of a command at the last one in the line (fact sheet
/// §1.8), so the data of a command must have none, and must not start with half of one.
pub fn break_new_form(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    for c in text.chars() {
        if c == ':' && (broken.is_empty() || broken.ends_with(':')) {
            broken.push(' ');
        }
        broken.push(c);
    }
    broken
}

fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\t' => visible.push(' '),
            _ if is_line_break(c) => visible.push(' '),
            _ if c.is_control() || is_invisible(c) => {}
            _ => visible.push(c),
        }
    }
    visible
}

/// Unicode's mandatory breaks: LF, VT, FF, CR, NEL, LS, PS (UAX #14, class BK and the like).
fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Characters that culture-sensitive comparison passes over, or that turn the reading direction (Unicode,
/// `Default_Ignorable_Code_Point`, and the annotation characters).
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Breaks up `##[`, `##vso[`, `##teamcity[` and their like, which are found anywhere in a line (fact sheet §1.3, §2).
fn break_old_form(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    for (index, c) in text.char_indices() {
        if broken.ends_with("##") && opens_bracket(&text[index..]) {
            broken.push(' ');
        }
        broken.push(c);
    }
    broken
}

/// Whether the text is letters, possibly none, and then `[`.
fn opens_bracket(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .starts_with('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_at_the_start_of_a_line_is_a_command() {
        for (text, safe) in [
            ("::error::x", ": :error: :x"),
            ("  ::error::x", ": :error: :x"),
            ("\u{a0}::error::x", ": :error: :x"),
            ("\u{200b}::error::x", ": :error: :x"),
            (":\u{200d}:error::x", ": :error: :x"),
            ("::::", ": : : :"),
            ("see [::1]:80 and a::b", "see [::1]:80 and a::b"),
            ("a\r\n::error::x", "a ::error::x"),
            ("a\u{2028}b\u{85}c\u{b}d\u{c}e\rf", "a b c d e f"),
            ("\u{1b}[31mred\u{7}", "[31mred"),
            ("--- a/file", " --- a/file"),
            ("\u{200b}+++ b", " +++ b"),
            ("~~~ c", " ~~~ c"),
            ("^^^ +++", " ^^^ +++"),
            (" --- d", " --- d"),
        ] {
            assert_eq!(safe_line(text), safe, "{text:?}");
        }
    }

    #[test]
    fn old_form_commands_are_broken_up_anywhere() {
        for (text, safe) in [
            ("a ##[stop-commands]x", "a ## [stop-commands]x"),
            ("###[error]x", "### [error]x"),
            ("##vso[task.complete]x", "## vso[task.complete]x"),
            ("##\u{200d}[error]", "## [error]"),
            ("##TeamCity[x", "## TeamCity[x"),
            ("## heading [x]", "## heading [x]"),
            ("##a##[x", "##a## [x"),
        ] {
            assert_eq!(safe_line(text), safe, "{text:?}");
        }
    }

    #[test]
    fn every_line_of_a_text_is_safe() {
        assert_eq!(safe_lines("a\n::x::\r\nb"), "a\n: :x: :\nb");
    }

    #[test]
    fn data_has_no_pair_of_colons_and_starts_with_none() {
        assert_eq!(break_new_form("a::b:::c"), "a: :b: : :c");
        assert_eq!(break_new_form(":a"), " :a");
    }
}
