//! Readers of the systems' formats, each written from that system's own rules, not from the writer.

use std::collections::BTreeMap;

/// Values by their names.
pub type Values = BTreeMap<String, String>;

/// A command in a log.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name.
    pub name: String,
    /// Its properties.
    pub properties: Values,
    /// What stands behind them.
    pub data: String,
}

impl Command {
    /// The value of a property; empty where there is none.
    pub fn property(&self, name: &str) -> &str {
        self.properties.get(name).map_or("", String::as_str)
    }
}

/// Azure's agent: `##vso[` anywhere in a line, up to the first `]`; properties split at `;`, then at the first `=`; the
/// four escapes in their order, `%AZP25` last. A line ends at CR, LF or both.
pub fn azure(log: &str) -> Vec<Command> {
    let unescape = |text: &str| {
        text.replace("%3B", ";")
            .replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%5D", "]")
            .replace("%AZP25", "%")
    };
    log.split(['\r', '\n'])
        .filter_map(|line| {
            let (_, command) = line.split_once("##vso[")?;
            let (head, data) = command.split_once(']')?;
            let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
            Some(Command {
                name: name.to_owned(),
                properties: properties
                    .split(';')
                    .filter_map(|pair| pair.split_once('='))
                    .map(|(key, value)| (key.to_owned(), unescape(value)))
                    .collect(),
                data: unescape(data),
            })
        })
        .collect()
}

/// TeamCity: `##teamcity[` anywhere in a line, a name, and attributes in single quotes, each with `|` as its escape
/// character. Anything that does not parse is a command too: the server would complain.
pub fn teamcity(log: &str) -> Vec<Command> {
    log.split(['\r', '\n'])
        .filter_map(|line| line.split_once("##teamcity["))
        .map(|(_, message)| teamcity_message(message).unwrap_or_else(|| panic!("{message}")))
        .collect()
}

fn teamcity_message(message: &str) -> Option<Command> {
    let (name, mut rest) = message.split_once(' ')?;
    let mut properties = Values::new();
    while !rest.starts_with(']') {
        let (key, value) = rest.split_once("='")?;
        let mut units = Vec::new();
        let mut chars = value.char_indices();
        let end = loop {
            match chars.next()? {
                (at, '\'') => break at,
                (_, '[' | ']') => return None,
                (_, '|') => match chars.next()?.1 {
                    'n' => units.push(10),
                    'r' => units.push(13),
                    'x' => units.push(0x85),
                    'l' => units.push(0x2028),
                    'p' => units.push(0x2029),
                    '0' if chars.next()?.1 == 'x' => {
                        let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                        units.push(u16::from_str_radix(&digits, 16).ok()?);
                    }
                    c @ ('|' | '\'' | '[' | ']') => units.push(u16::try_from(u32::from(c)).ok()?),
                    _ => return None,
                },
                (_, c) => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            }
        };
        properties.insert(key.trim().to_owned(), String::from_utf16(&units).ok()?);
        rest = value[end + 1..].trim_start();
    }
    Some(Command {
        name: name.to_owned(),
        properties,
        data: String::new(),
    })
}

/// What TeamCity makes of a parameter's value: `%%` is a percent sign, and `%name%` another parameter.
pub fn teamcity_resolved(value: &str) -> String {
    let mut resolved = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c == '%' {
            assert_eq!(chars.next(), Some('%'), "a reference in {value}");
        }
        resolved.push(c);
    }
    resolved
}

/// GitLab's parser of dotenv reports: split at the first `=`, both sides trimmed; any other line, or another key, or
/// 5 KB, and the whole file is refused. The last of two wins.
pub fn gitlab_dotenv(file: &str) -> Option<Values> {
    if file.len() >= 5_000 {
        return None;
    }
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
    file.split_terminator('\n')
        .map(|line| {
            let (key, value) = line.split_once('=')?;
            let key = key.trim();
            (!key.is_empty() && key.chars().all(valid))
                .then(|| (key.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// The runner's reading of `GITHUB_OUTPUT`, with what act and its like refuse or lose made an error: blank lines, CR at
/// the end of a line, blank lines at the start of a value, lines of 64 KiB.
pub fn github(file: &str) -> Result<Values, String> {
    let mut values = Values::new();
    let mut lines = file.split_terminator('\n');
    let check = |line: &str| {
        if line.ends_with('\r') || line.len() >= 64 * 1024 {
            return Err(line.to_owned());
        }
        Ok(())
    };
    while let Some(line) = lines.next() {
        check(line)?;
        let heredoc = line.find("<<").unwrap_or(usize::MAX);
        if let Some(equals) = line.find('=').filter(|equals| *equals < heredoc) {
            values.insert(line[..equals].to_owned(), line[equals + 1..].to_owned());
            continue;
        }
        let (name, end) = line.split_once("<<").ok_or("Invalid format")?;
        let mut value = Vec::new();
        loop {
            let line = lines.next().ok_or("Matching delimiter not found")?;
            if line == end {
                break;
            }
            check(line)?;
            value.push(line);
        }
        if value.first().is_some_and(|line| line.trim().is_empty()) {
            return Err(format!("{name} starts with a blank line"));
        }
        values.insert(name.to_owned(), value.join("\n"));
    }
    Ok(values)
}

/// Harness's reader (godotenv): a line has less than 64 KiB; what follows a `#` outside of quotes is a comment; quotes
/// at both ends go; `$NAME` is replaced; a value that starts with `__B64__` is decoded afterwards.
pub fn harness(file: &str) -> Result<Values, String> {
    let mut values = Values::new();
    for line in file.split_terminator('\n') {
        if line.len() >= 64 * 1024 {
            return Err("token too long".to_owned());
        }
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let at = line.find(['=', ':']).ok_or("no separator")?;
        let (key, value) = (line[..at].trim(), line[at + 1..].trim_matches(' '));
        // What the reader would take for more than text must not be there at all.
        if value.contains(['#', '$', '\'', '"', '\\', '`', ' ', '\r']) {
            return Err(format!("{key} is not read as it stands: {value}"));
        }
        let value = match value.strip_prefix("__B64__") {
            Some(encoded) => {
                String::from_utf8(base64(encoded)?).map_err(|error| error.to_string())?
            }
            None => value.to_owned(),
        };
        values.insert(key.to_owned(), value);
    }
    Ok(values)
}

/// RFC 4648 §4, padding required.
fn base64(text: &str) -> Result<Vec<u8>, String> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if !text.len().is_multiple_of(4) {
        return Err("no padding".to_owned());
    }
    let digits = text.trim_end_matches('=');
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for c in digits.chars() {
        let digit = ALPHABET.find(c).ok_or("not a digit")?;
        bits = (bits << 6) | u32::try_from(digit).map_err(|error| error.to_string())?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).map_err(|error| error.to_string())?);
        }
    }
    Ok(bytes)
}

/// `java.util.Properties.load`, after its specification: natural lines joined at an odd number of backslashes, comments,
/// keys ended by an unescaped `=`, `:` or blank, and the escapes of both sides.
pub fn properties(file: &str) -> Values {
    const BLANK: [char; 3] = [' ', '\t', '\u{c}'];
    let mut values = Values::new();
    let mut natural = file.split(['\n', '\r']);
    while let Some(line) = natural.next() {
        let mut logical = line.trim_start_matches(BLANK).to_owned();
        if logical.is_empty() || logical.starts_with(['#', '!']) {
            continue;
        }
        while (logical.len() - logical.trim_end_matches('\\').len()) % 2 == 1 {
            logical.pop();
            logical.push_str(natural.next().unwrap_or_default().trim_start_matches(BLANK));
        }
        let mut escaped = false;
        let end = logical.find(|c: char| {
            let ends = !escaped && (BLANK.contains(&c) || c == '=' || c == ':');
            escaped = c == '\\' && !escaped;
            ends
        });
        let (key, rest) = logical.split_at(end.unwrap_or(logical.len()));
        let rest = rest.trim_start_matches(BLANK);
        let value = rest
            .strip_prefix(['=', ':'])
            .unwrap_or(rest)
            .trim_start_matches(BLANK);
        values.insert(properties_text(key), properties_text(value));
    }
    values
}

fn properties_text(text: &str) -> String {
    let mut units = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('f') => '\u{c}',
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap());
                    continue;
                }
                Some(other) => other,
                None => continue,
            },
            // Read as ISO 8859-1 by older versions, so nothing beyond ASCII may be there.
            c => {
                assert!(c.is_ascii(), "{c}");
                c
            }
        };
        units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16(&units).unwrap()
}

/// A POSIX shell's reading of assignments (XCU 2.2.2, 2.2.1): literal text between single quotes, and `\'` outside of
/// them. Anything else would be code.
pub fn shell(script: &str, before: &str) -> Values {
    let mut values = Values::new();
    let mut rest = script;
    while !rest.is_empty() {
        rest = rest.strip_prefix(before).unwrap();
        let (name, mut word) = rest.split_once('=').unwrap();
        let mut value = String::new();
        rest = loop {
            if let Some(quoted) = word.strip_prefix('\'') {
                let (text, after) = quoted.split_once('\'').unwrap();
                value.push_str(text);
                word = after;
            } else if let Some(after) = word.strip_prefix("\\'") {
                value.push('\'');
                word = after;
            } else {
                break word.strip_prefix('\n').unwrap();
            }
        };
        values.insert(name.to_owned(), value);
    }
    values
}

/// What GitHub's runner and act take for a mask: the new form of a command, whose data act ends at the last `::`, and
/// the old one (actions/runner `ActionCommand.cs`; act `command.go`).
pub fn github_masks(log: &str) -> Vec<String> {
    log.split_terminator('\n')
        .map(|line| {
            if let Some(data) = line.strip_prefix("##[add-mask]") {
                return github_unescaped(&data.replace("%3B", ";").replace("%5D", "]"));
            }
            let data = line.strip_prefix("::add-mask::").unwrap();
            assert!(!data.contains("::") && !data.starts_with(':'), "{line}");
            github_unescaped(data)
        })
        .collect()
}

/// What the log of Gitea and Forgejo takes for a mask: the new form alone, `^::([^ :]+)( .*)?::(.*)$`, with a value that
/// Gitea decodes. It shows any other line as it is (`internal/pkg/report/reporter.go` of both runners).
pub fn gitea_masks(log: &str, is_decoded: bool) -> Vec<String> {
    log.split_terminator('\n')
        .map(|line| {
            let value = line.strip_prefix("::add-mask::");
            let value = value.unwrap_or_else(|| panic!("shown as it is: {line}"));
            if is_decoded {
                github_unescaped(value)
            } else {
                value.to_owned()
            }
        })
        .collect()
}

fn github_unescaped(data: &str) -> String {
    data.replace("%0D", "\r")
        .replace("%0A", "\n")
        .replace("%25", "%")
}

/// Everything that some runner would obey, in the strictest reading of all: lines that end at CR too, GitHub's new form
/// after white space, the old form and the others' commands anywhere, groups at the start of a line.
pub fn obeyed(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.split(['\n', '\r']) {
        let start = line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{200b}');
        if let Some(command) = start.strip_prefix("::") {
            let head = command.split("::").next().unwrap_or_default();
            found.push(format!("::{}", head.split(' ').next().unwrap_or_default()));
        }
        if let Some((_, command)) = line.split_once("##[") {
            found.push(format!(
                "##[{}",
                command.split(']').next().unwrap_or_default()
            ));
        }
        if let Some((_, section)) = line.split_once("\u{1b}[0Ksection_") {
            found.push(format!(
                "section_{}",
                section.split(':').next().unwrap_or_default()
            ));
        }
        let marks = ["---", "+++", "~~~", "^^^"];
        found.extend(
            marks
                .iter()
                .filter(|mark| line.starts_with(**mark))
                .map(|mark| (*mark).to_owned()),
        );
        found.extend(
            line.contains('\u{1b}')
                .then(|| "escape".to_owned())
                .filter(|_| !line.contains("\u{1b}[0K")),
        );
    }
    found.extend(azure(text).into_iter().map(|command| command.name));
    found.extend(teamcity(text).into_iter().map(|command| command.name));
    found
}

#[test]
fn the_readers_read_what_the_systems_document() {
    let command =
        &azure("log ##vso[task.setvariable variable=a;isOutput=true]x%AZP250A%3B%5D%0Ay")[0];
    assert_eq!(command.name, "task.setvariable");
    assert_eq!(command.property("isOutput"), "true");
    assert_eq!(command.data, "x%0A;]\ny");
    let message = &teamcity("##teamcity[testStarted name='foo|'s test|n|0x00E9' x='']")[0];
    assert_eq!(message.property("name"), "foo's test\né");
    assert_eq!(message.property("x"), "");
    assert_eq!(teamcity_resolved("50%% of"), "50% of");
    assert_eq!(gitlab_dotenv("A=1\n\nB=2\n"), None);
    assert_eq!(gitlab_dotenv("A = b=c \n").unwrap()["A"], "b=c");
    assert_eq!(
        github("k<<E\none\n\ntwo=2\nE\n").unwrap()["k"],
        "one\n\ntwo=2"
    );
    assert_eq!(harness("a=b\nc=__B64__aSfCow==\n").unwrap()["c"], "i'£");
    let read = properties("# c\n k\\ 1 : v\\u00e9\\\n   w\\n\n!x\nfruit  apple\n");
    assert_eq!(read["k 1"], "véw\n");
    assert_eq!(read["fruit"], "apple");
}
