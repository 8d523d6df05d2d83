//! Other people's text in Markdown: shown letter by letter, never as markup.

use super::text::{one_line, push};

/// A name, code or message inside a line or a table cell. `<code>` keeps mentions and references from being linked;
/// what could be markup is an entity, since Markdown is parsed inside `<code>` too.
pub(super) fn inline(text: &str) -> String {
    let line = straight_line(text);
    if line.is_empty() {
        return line;
    }
    format!("<code>{}</code>", escaped(&line, is_markup))
}

/// Sentences: a line stays a line, and the page wraps it.
pub(super) fn prose(text: &str) -> String {
    text.lines()
        .map(|line| escaped(&straight_line(line), is_markup_in_prose))
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("<br>\n")
}

/// The text as one line that reads in one direction. What turns it goes first: it may be all that stands between blanks,
/// or behind them at the end, where `**` closes nothing.
fn straight_line(text: &str) -> String {
    let straight: String = text.chars().filter(|c| !turns(*c)).collect();
    one_line(&straight)
}

/// A character with its neighbours, and whether it may be markup between them.
type IsMarkup = fn(before: Option<char>, c: char, after: Option<char>) -> bool;

fn escaped(line: &str, is_markup: IsMarkup) -> String {
    let mut escaped = String::with_capacity(line.len());
    let mut before = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if is_markup(before, c, rest.peek().copied()) {
            push(&mut escaped, &["&#", &u32::from(c).to_string(), ";"]);
        } else {
            escaped.push(c);
        }
        // GitHub links `@name` and `#1` in the finished page, where an entity is no longer one.
        if matches!(c, '@' | '#') {
            escaped.push_str("&#8203;");
        }
        before = Some(c);
    }
    escaped
}

/// Whether the character turns the reading direction (Unicode, `Bidi_Control`), and with it the text around it.
pub(super) fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character may start, end or separate markup between these neighbours: HTML, emphasis, code, links,
/// strikethrough, mathematics, mentions, table cells, and the addresses GitHub links by itself.
fn is_markup(before: Option<char>, c: char, after: Option<char>) -> bool {
    let is_word = |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_ascii_alphanumeric());
    match c {
        '&' | '<' | '>' | '`' | '*' | '[' | ']' | '\\' | '|' | '~' | '$' | '@' | '#' => true,
        // Within a word it is no emphasis, and codes like `DEV_21_100169` stay searchable.
        '_' => !(is_word(before) && is_word(after)),
        // `https://…` and `www.…` become links.
        ':' => after == Some('/'),
        '.' => before.is_some_and(|c| c.eq_ignore_ascii_case(&'w')),
        _ => false,
    }
}

/// Beside [`is_markup`], what opens a list, a heading or a rule at the start of a line, and `:emoji:`.
fn is_markup_in_prose(before: Option<char>, c: char, after: Option<char>) -> bool {
    match (before, c) {
        (None, '-' | '+' | '=' | '0'..='9') => true,
        (_, ':') => after.is_some_and(|c| !c.is_whitespace()),
        _ => is_markup(before, c, after),
    }
}

/// Markdown as a quotation. Ends with a line break.
pub(super) fn quote(markdown: &str) -> String {
    ["> ", &markdown.replace('\n', "\n> "), "\n"].concat()
}

/// A name in a sentence or a table cell, or inside HTML.
pub(super) fn name(text: &str) -> String {
    escaped(&straight_line(text), is_markup_in_prose)
}

/// A block that opens on demand; the label is HTML on one line. Ends with a line break.
pub(super) fn fold(label: &str, content: &str) -> String {
    [
        "<details>\n<summary>",
        label,
        "</summary>\n\n",
        content,
        "\n</details>\n",
    ]
    .concat()
}

/// Text of several lines: an HTML block in which no Markdown is parsed (GFM §4.6, start condition 1: it ends at
/// `</pre>` alone). Ends with a line break.
pub(super) fn block(text: &str) -> String {
    let shown: String = text
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !c.is_control() && !turns(*c))
        .collect();
    let escaped = shown
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("<pre>{escaped}</pre>\n")
}

/// A link with a label of ours; the label alone where the address is none of the kind.
pub(super) fn link(label: &str, url: &str) -> String {
    if !url.starts_with("https://") {
        return label.to_owned();
    }
    let address: String = url
        .chars()
        .map(|c| match c {
            _ if c.is_ascii_alphanumeric() || "-./:?=%#,;+".contains(c) => c.to_string(),
            // In the page it separates as before; in the source it starts no entity.
            '&' => "&amp;".to_owned(),
            _ => percent_encoding::utf8_percent_encode(
                c.encode_utf8(&mut [0; 4]),
                percent_encoding::NON_ALPHANUMERIC,
            )
            .to_string(),
        })
        .collect();
    format!("[{label}]({address})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::HOSTILE;

    #[test]
    fn codes_and_sentences_stay_readable() {
        assert_eq!(inline("DEV_21_100169"), "<code>DEV_21_100169</code>");
        assert_eq!(
            inline("Not a member (12:30)."),
            "<code>Not a member (12:30).</code>"
        );
        assert_eq!(inline(" \n "), "");
    }

    #[test]
    fn sentences_open_nothing_and_keep_their_lines() {
        assert_eq!(
            prose("- a\n1. b :+1: c\n\n# d: e @f #1\n====\n    g"),
            "&#45; a<br>\n&#49;. b &#58;+1: c<br>\n&#35;&#8203; d: e &#64;&#8203;f &#35;&#8203;1<br>\n\
             &#61;===<br>\ng"
        );
    }

    #[test]
    fn what_turns_the_direction_goes_and_leaves_no_blank_behind() {
        assert_eq!(name("a \u{202e}\n"), "a");
        assert_eq!(inline("a \u{2067} b"), "<code>a b</code>");
        assert_eq!(inline("\u{202e}"), "");
        assert_eq!(prose("a\u{200f} \n\u{202e}\nb"), "a<br>\nb");
    }

    #[test]
    fn markup_becomes_entities() {
        assert_eq!(
            inline("|`*_x_<img>&[a](b)~$@me\\ http://x www.y"),
            "<code>&#124;&#96;&#42;&#95;x&#95;&#60;img&#62;&#38;&#91;a&#93;(b)&#126;&#36;&#64;&#8203;me&#92; \
             http&#58;//x www&#46;y</code>"
        );
    }

    #[test]
    fn hostile_text_holds_no_markup_on_a_line() {
        let shown = inline(HOSTILE);
        let inner = shown
            .strip_prefix("<code>")
            .and_then(|rest| rest.strip_suffix("</code>"))
            .expect("one code element");
        assert!(!inner.contains(['<', '>', '`', '|', '[', ']', '@', '*', '\n', '\r', '\\']));
        assert!(!inner.contains("://"));
    }

    #[test]
    fn hostile_text_ends_no_block() {
        let shown = block(&format!("{HOSTILE}</pre>\n\n# heading"));
        assert_eq!(shown.matches('<').count(), 2);
        assert!(shown.ends_with("# heading</pre>\n"));
        assert!(!shown.contains('\u{1b}'));
    }

    #[test]
    fn a_link_leaves_neither_its_brackets_nor_https() {
        assert_eq!(link("run 1", "javascript:alert(1)"), "run 1");
        assert_eq!(
            link(
                "run 1",
                "https://x.huaweicloud.com/a?b=c&d=(e)|[f]<g> \"h\""
            ),
            "[run 1](https://x.huaweicloud.com/a?b=c&amp;d=%28e%29%7C%5Bf%5D%3Cg%3E%20%22h%22)"
        );
    }
}
