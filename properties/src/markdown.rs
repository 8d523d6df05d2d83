//! The summary, as a parser of Markdown sees it that knows nothing of who wrote it: somebody else's text is text, letter
//! by letter, and the page has the parts that it has with harmless words in the same places.
//!
//! The bytes are texts of the service, separated by U+001F: they stand in every place that has one.

use std::collections::BTreeMap;

use codearts_retry::outcome::{Outcome, OutcomeKind};
use codearts_retry::report::Report;
use codearts_retry::secret::Redactor;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::outcomes::{red, texts};

pub(crate) fn check(data: &[u8]) {
    let texts = texts(data);
    let harmless: Vec<String> = texts.iter().map(|text| harmless(text)).collect();
    for kind in [OutcomeKind::RunFailed, OutcomeKind::Refused] {
        let report = |texts: &[String]| {
            let outcome = Outcome { kind, ..red(texts) };
            Report::from_outcome(&outcome, &Redactor::default())
        };
        let told = report(&texts);
        let source = told.summary();
        let page = check_page(&source);
        let plain = Page::of(&report(&harmless).summary());
        assert_eq!(page.parts, plain.parts, "{source}");
        let outputs = told.outputs();
        for (name, output) in [
            ("Status", "status"),
            ("Queue id", "queue_id"),
            ("Error code", "error_code"),
            ("Request id", "request_id"),
        ] {
            let cell = page.facts.get(name).map_or("", String::as_str);
            assert_eq!(cell, shown(outputs.get(output)), "{source}");
        }
        let said = shown_lines(outputs.get("error_message"));
        if kind == OutcomeKind::Refused && !said.is_empty() && has_words(&texts[said_at(&texts)]) {
            assert_eq!(page.quotes[0], said, "{source}");
        }
    }
}

/// Which of the texts is the service's message: see `red`.
fn said_at(texts: &[String]) -> usize {
    7 % texts.len()
}

/// Another text of the same kind: nothing stays nothing, a status stays, an address stays one.
fn harmless(text: &str) -> String {
    let line = one_line(text);
    let is_word = line
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if is_word || !has_words(text) || line.len() > 1000 && line.starts_with("https://") {
        text.to_owned()
    } else if line.starts_with("https://") {
        "https://x.example/".to_owned()
    } else {
        "plain".to_owned()
    }
}

fn has_words(text: &str) -> bool {
    text.chars().any(|c| !is_blank(c) && !turns(c))
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}

/// Whether it turns the direction of what stands after it.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn one_line(text: &str) -> String {
    let words = text.split(is_blank).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// How a text is to be seen: in one line, nothing of it turned, and nobody mentioned by it.
fn shown(text: &str) -> String {
    let straight: String = text.chars().filter(|c| !turns(*c)).collect();
    one_line(&straight)
        .replace('@', "@\u{200b}")
        .replace('#', "#\u{200b}")
}

fn shown_lines(text: &str) -> String {
    let lines = text.lines().map(shown).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// A page as it is parsed.
#[derive(Default)]
pub(crate) struct Page {
    /// Elements as they open and close, without the line breaks inside of sentences.
    parts: Vec<String>,
    /// The second cell of a row, by its first.
    facts: BTreeMap<String, String>,
    quotes: Vec<String>,
    links: Vec<String>,
    cells: Vec<String>,
    text: String,
    block: Block,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Block {
    #[default]
    Markdown,
    Code,
    Html,
    Pre,
}

/// Checks that a page has nothing but the elements that the program writes.
pub(crate) fn check_page(source: &str) -> Page {
    assert!(source.len() < 1024 * 1024 && source.ends_with('\n'));
    let page = Page::of(source);
    assert!(page.links.len() <= 1, "{:?}", page.links);
    for link in &page.links {
        let is_one_word = link.bytes().all(|byte| byte.is_ascii_graphic());
        assert!(link.starts_with("https://") && is_one_word, "{link}");
    }
    page
}

impl Page {
    /// Parses with everything that GitHub's own parser knows beside `CommonMark`.
    fn of(source: &str) -> Self {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_MATH
            | Options::ENABLE_GFM;
        let mut page = Self::default();
        for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
            page.take(event, &source[range]);
        }
        assert!(page.block == Block::Markdown, "{source}");
        page
    }

    fn take(&mut self, event: Event<'_>, source: &str) {
        match event {
            Event::Start(tag) => self.open(&tag),
            Event::End(tag) => self.close(tag),
            Event::Text(text) if self.block == Block::Code => {
                // The width of the names is in a line that may be there.
                let lines = text.lines().filter(|line| !line.starts_with("%%{init"));
                self.parts.extend(lines.map(|_| "line".to_owned()));
            }
            Event::Text(text) => {
                check_text(source);
                self.text.push_str(&text);
            }
            Event::Code(word) => {
                let is_ours = word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
                assert!(is_ours, "{source}");
                self.parts.push("word".to_owned());
                self.text.push_str(&word);
            }
            Event::InlineHtml(tag) => {
                assert!(matches!(&*tag, "<code>" | "</code>" | "<br>"), "{source}");
                if &*tag != "<br>" {
                    self.parts.push(tag.into_string());
                }
            }
            Event::Html(html) => self.take_html(&html),
            Event::SoftBreak => self.text.push('\n'),
            other => panic!("{other:?}: {source}"),
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph
            | Tag::Heading {
                level: HeadingLevel::H3 | HeadingLevel::H4,
                ..
            }
            | Tag::BlockQuote(None)
            | Tag::List(None)
            | Tag::Item
            | Tag::Table(_)
            | Tag::TableHead
            | Tag::TableRow
            | Tag::Strong
            | Tag::Emphasis => {}
            Tag::TableCell => self.text.clear(),
            Tag::Link { dest_url, .. } => self.links.push(dest_url.to_string()),
            Tag::HtmlBlock => self.block = Block::Html,
            Tag::CodeBlock(CodeBlockKind::Fenced(language)) if &**language == "mermaid" => {
                self.block = Block::Code;
            }
            other => panic!("{other:?} is no element of ours"),
        }
        if matches!(tag, Tag::BlockQuote(_)) {
            self.text.clear();
        }
        let name = match tag {
            Tag::Link { .. } => "link".to_owned(),
            tag => format!("{tag:?}"),
        };
        self.parts.push(name);
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::TableCell => self.cells.push(self.text.clone()),
            TagEnd::TableRow | TagEnd::TableHead => {
                let mut cells = std::mem::take(&mut self.cells).into_iter();
                if let (Some(name), Some(value)) = (cells.next(), cells.next()) {
                    self.facts.insert(name, value);
                }
            }
            TagEnd::BlockQuote(_) => self.quotes.push(self.text.clone()),
            TagEnd::HtmlBlock | TagEnd::CodeBlock => self.block = Block::Markdown,
            _ => {}
        }
        self.parts.push(format!("{tag:?}"));
    }

    /// A line of an HTML block: its tags are ours, and a line of a log has none.
    fn take_html(&mut self, html: &str) {
        for (at, piece) in html.split('<').enumerate() {
            if at == 0 {
                assert!(!piece.contains('>'), "{html}");
                continue;
            }
            let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
            let is_ours = ["details", "/details", "summary", "/summary", "pre", "/pre"];
            assert!(is_ours.contains(&tag) && !text.contains('>'), "{html}");
            self.block = if tag == "pre" {
                Block::Pre
            } else {
                Block::Html
            };
            if tag == "summary" {
                check_text(text);
            }
            self.parts.push(tag.to_owned());
        }
    }
}

/// What the pages of GitHub link by themselves, in the source of a text: addresses, mentions, numbers.
fn check_text(source: &str) {
    let source = source.to_ascii_lowercase();
    for address in ["://", "www.", "@"] {
        assert!(!source.contains(address), "{address} in {source}");
    }
}
