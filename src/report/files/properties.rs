//! `.properties`: `key=value` as `java.util.Properties` reads it, in ASCII
//! (Java SE, `Properties.load(Reader)`: the escapes of keys and values).

use super::variable_name;
use crate::report::Outputs;

/// One line for each output.
pub fn render(outputs: &Outputs) -> String {
    outputs
        .iter()
        .map(|(name, value)| [&variable_name(name), "=", &escaped(value), "\n"].concat())
        .collect()
}

fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for (index, c) in value.char_indices() {
        match c {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{c}' => text.push_str("\\f"),
            // Blanks after the `=` belong to no value unless they are escaped.
            ' ' if index == 0 => text.push_str("\\ "),
            ' '..='~' => text.push(c),
            _ => {
                let mut units = [0; 2];
                let units = c.encode_utf16(&mut units).iter();
                text.extend(units.map(|unit| format!("\\u{unit:04X}")));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;
    use crate::report::samples::{HOSTILE, forbidden};
    use crate::secret::Redactor;

    /// Java's reader, for the part of the grammar a file of key and value lines uses.
    fn read(file: &str) -> Vec<(String, String)> {
        file.lines()
            .filter(|line| !line.trim_start().is_empty() && !line.starts_with(['#', '!']))
            .map(|line| {
                let (key, value) = line.split_once('=').expect("a key and a value");
                (
                    key.to_owned(),
                    unescaped(value.trim_start_matches([' ', '\t', '\u{c}'])),
                )
            })
            .collect()
    }

    fn unescaped(value: &str) -> String {
        let mut units: Vec<u16> = Vec::new();
        let mut rest = value.chars();
        while let Some(c) = rest.next() {
            let unit = match c {
                '\\' => match rest.next().expect("no continuation line") {
                    'n' => 0xa,
                    'r' => 0xd,
                    't' => 0x9,
                    'f' => 0xc,
                    'u' => {
                        let digits: String = rest.by_ref().take(4).collect();
                        u16::from_str_radix(&digits, 16).expect("four digits")
                    }
                    other => u16::try_from(u32::from(other)).expect("ASCII"),
                },
                other => u16::try_from(u32::from(other)).expect("ASCII"),
            };
            units.push(unit);
        }
        String::from_utf16(&units).expect("whole surrogate pairs")
    }

    #[test]
    fn every_character_that_means_something_is_escaped() {
        assert_eq!(
            escaped(" a b\\c\nd\re\tf\u{c}g=h:é😀\u{1b}"),
            r"\ a b\\c\nd\re\tf\fg=h:\u00E9\uD83D\uDE00\u001B"
        );
    }

    #[test]
    fn java_reads_back_every_value() {
        let outputs = Report::from_outcome(&forbidden(HOSTILE), &Redactor::default()).outputs();
        let file = render(&outputs);
        assert!(file.is_ascii());
        let expected: Vec<_> = outputs
            .iter()
            .map(|(name, value)| (variable_name(name), value.to_owned()))
            .collect();
        assert_eq!(read(&file), expected);
    }
}
