//! The Chinese README keeps step with the English one.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

const ENGLISH: &str = include_str!("../README.md");
const CHINESE: &str = include_str!("../README.zh-CN.md");
const ENGLISH_SWITCH: &str = "English | [简体中文](README.zh-CN.md)";
const CHINESE_SWITCH: &str = "[English](README.md) | 简体中文";

/// One README without the line that switches the language.
#[derive(Default)]
struct Page {
    /// The level of each heading.
    headings: Vec<usize>,
    /// The code blocks with their fences.
    blocks: Vec<String>,
    /// The cells of each row of each table, without the line below its header.
    tables: Vec<Vec<Vec<String>>>,
    /// The section and kind of each paragraph, list item, table and code block, in order.
    outline: Vec<(usize, &'static str)>,
    /// The prose of each section, wrapped lines joined.
    prose: Vec<String>,
}

impl Page {
    fn of(text: &str, switch: &str) -> Self {
        let mut page = Self::default();
        let mut block: Option<String> = None;
        let mut last = "";
        for line in text.lines().filter(|line| *line != switch) {
            let fence = line.starts_with("```");
            if let Some(open) = &mut block {
                open.push_str(line);
                open.push('\n');
                if fence {
                    page.blocks.extend(block.take());
                }
                continue;
            }
            let kind = match line.split(' ').next().unwrap() {
                _ if fence => "block",
                _ if line.is_empty() => "blank",
                "|" => "table",
                "-" => "bullet",
                mark if mark.starts_with('#') => "heading",
                mark if mark.ends_with('.')
                    && mark.starts_with(|first: char| first.is_ascii_digit()) =>
                {
                    "number"
                }
                // A wrapped line goes on with what it wraps.
                _ if ["text", "bullet", "number"].contains(&last) => "",
                _ => "text",
            };
            match kind {
                "block" => block = Some(format!("{line}\n")),
                "heading" => {
                    page.headings.push(line.find(' ').unwrap());
                    page.prose.push(String::new());
                }
                "table" => {
                    if last != kind {
                        page.tables.push(Vec::new());
                    }
                    if !line.starts_with("| ---") {
                        page.tables.last_mut().unwrap().push(cells(line));
                    }
                }
                _ => {}
            }
            if !["", "blank", "heading"].contains(&kind) && (kind != "table" || last != kind) {
                page.outline.push((page.headings.len(), kind));
            }
            if ["", "text", "bullet", "number"].contains(&kind) {
                let prose = page.prose.last_mut().unwrap();
                prose.push(' ');
                prose.push_str(line.trim());
            }
            if !kind.is_empty() {
                last = kind;
            }
        }
        assert!(block.is_none(), "a code block is left open");
        page
    }
}

fn pages() -> (Page, Page) {
    (
        Page::of(ENGLISH, ENGLISH_SWITCH),
        Page::of(CHINESE, CHINESE_SWITCH),
    )
}

fn cells(row: &str) -> Vec<String> {
    row.trim_matches('|')
        .split(" | ")
        .map(|cell| cell.trim().to_owned())
        .collect()
}

/// What stands between backticks, in alphabetical order: languages order their words differently.
fn code_words(text: &str) -> Vec<&str> {
    let mut words: Vec<_> = text.split('`').skip(1).step_by(2).collect();
    words.sort_unstable();
    words
}

/// Where the links and pictures of a text go.
fn targets(text: &str) -> Vec<(bool, &str)> {
    let mut targets: Vec<_> = text
        .match_indices("](")
        .map(|(at, mark)| {
            let is_picture = text[..at]
                .rfind('[')
                .is_some_and(|open| text[..open].ends_with('!'));
            let rest = &text[at + mark.len()..];
            (is_picture, rest.split(')').next().unwrap())
        })
        .collect();
    targets.sort_unstable();
    targets
}

/// The runs of digits of a text, in order of size.
fn numbers(text: &str) -> Vec<&str> {
    let mut numbers: Vec<_> = text
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .collect();
    numbers.sort_unstable();
    numbers
}

fn is_chinese(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

#[test]
fn each_readme_links_to_the_other_below_its_title() {
    assert_eq!(ENGLISH.lines().nth(2), Some(ENGLISH_SWITCH));
    assert_eq!(CHINESE.lines().nth(2), Some(CHINESE_SWITCH));
}

#[test]
fn the_chinese_readme_has_the_headings_paragraphs_lists_and_tables_of_the_english_one_in_order() {
    let (english, chinese) = pages();
    assert_eq!(chinese.headings, english.headings);
    for section in 1..=english.headings.len() {
        let of = |page: &Page| -> Vec<_> {
            let own = page.outline.iter().filter(|(at, _)| *at == section);
            own.map(|(_, kind)| *kind).collect()
        };
        assert_eq!(of(&chinese), of(&english), "section {section}");
    }
}

#[test]
fn the_chinese_readme_has_the_code_blocks_of_the_english_one_byte_for_byte() {
    let (english, chinese) = pages();
    assert!(english.blocks.len() > 5, "the blocks are found");
    assert_eq!(chinese.blocks, english.blocks);
}

#[test]
fn the_chinese_tables_have_the_rows_names_and_codes_of_the_english_ones() {
    let (english, chinese) = pages();
    assert!(english.tables.len() > 8, "the tables are found");
    assert_eq!(chinese.tables.len(), english.tables.len());
    for (chinese, english) in chinese.tables.iter().zip(&english.tables) {
        assert_eq!(chinese.len(), english.len(), "{:?}", english[0]);
        for (chinese, english) in chinese.iter().zip(english) {
            assert_eq!(chinese.len(), english.len(), "{english:?}");
            // Headers, and the names of the ways to authenticate, are words of a language.
            if english[0].starts_with(|letter: char| letter == '`' || letter.is_ascii_digit()) {
                assert_eq!(chinese[0], english[0]);
            }
            for (chinese, english) in chinese.iter().zip(english) {
                assert_eq!(code_words(chinese), code_words(english), "{english}");
                assert_eq!(targets(chinese), targets(english), "{english}");
                assert_eq!(numbers(chinese), numbers(english), "{english}");
            }
        }
    }
}

#[test]
fn the_chinese_inputs_have_the_types_bounds_and_defaults_of_the_english_ones() {
    const TYPES: [(&str, &str); 13] = [
        (
            "required unless `endpoint` is given",
            "未设置 `endpoint` 时必填",
        ),
        ("required", "必填"),
        ("list of ids", "ID 列表"),
        ("true or false", "true 或 false"),
        ("duration", "时长"),
        ("secret", "机密"),
        ("text", "文本"),
        ("path", "路径"),
        ("default ", "默认 "),
        ("id", "ID"),
        (" or ", " 或 "),
        (" to ", " 至 "),
        ("`, `", "`、`"),
    ];
    let (english, chinese) = pages();
    let mut inputs = 0;
    for (chinese, english) in chinese.tables.iter().zip(&english.tables) {
        if english[0][0] != "input" {
            continue;
        }
        for (chinese, english) in chinese.iter().zip(english).skip(1) {
            let translated: String = TYPES
                .iter()
                .fold(english[1].clone(), |cell, (from, to)| {
                    cell.replace(from, to)
                })
                .replace(", ", "，");
            assert_eq!(chinese[1], translated, "{}", english[0]);
            inputs += 1;
        }
    }
    assert_eq!(inputs, codearts_retry::inputs::INPUTS.len());
}

#[test]
fn the_chinese_prose_has_the_code_words_links_and_picture_of_the_english_one() {
    let (english, chinese) = pages();
    assert_eq!(chinese.prose.len(), english.prose.len());
    for (section, (chinese, english)) in chinese.prose.iter().zip(&english.prose).enumerate() {
        assert_eq!(
            code_words(chinese),
            code_words(english),
            "section {section}"
        );
        assert_eq!(targets(chinese), targets(english), "section {section}");
        assert_eq!(numbers(chinese), numbers(english), "section {section}");
    }
}

#[test]
fn the_chinese_readme_is_punctuated_in_full_width_and_its_paragraphs_are_not_wrapped() {
    let (_, chinese) = pages();
    let table_text = chinese.tables.concat().concat();
    for text in chinese.prose.iter().chain(&table_text) {
        let letters: Vec<_> = text.chars().collect();
        for pair in letters.windows(2) {
            let mark = |letter| ",;:?!.()".contains(letter);
            let is_narrow = is_chinese(pair[0]) && mark(pair[1]);
            assert!(
                !is_narrow,
                "a narrow mark after a character: {pair:?} in {text}"
            );
        }
    }
    // A line break inside a paragraph would be shown as a space.
    let wrapped = CHINESE
        .lines()
        .zip(CHINESE.lines().skip(1))
        .find(|(line, next)| {
            !line.starts_with('|') && line.ends_with(is_chinese) && next.starts_with(is_chinese)
        });
    assert_eq!(wrapped, None);
}
