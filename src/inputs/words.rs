//! Names and foreign text, as a sentence can hold them.

/// `` `a`, `b` and `c` ``.
pub fn listed(names: &[&str], last: &str) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((end, [])) => end.clone(),
        Some((end, start)) => format!("{} {last} {end}", start.join(", ")),
        None => String::new(),
    }
}

/// Text from outside in a form that is safe in one line of a message: cut to about 80 characters, with control and
/// direction characters escaped.
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown = String::new();
    for (at, character) in text.chars().enumerate() {
        if at == LONGEST {
            shown.push('…');
            break;
        }
        // Line and paragraph separators, and the characters that turn the direction of text.
        let misleading = matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || misleading {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_at_a_character() {
        let text = "ä".repeat(100);
        assert_eq!(shown(&text), format!("{}…", "ä".repeat(80)));
        assert_eq!(shown(&"ä".repeat(80)), "ä".repeat(80));
    }

    #[test]
    fn control_and_direction_characters_are_escaped() {
        assert_eq!(
            shown("a\r\n::error::\u{1b}[0m\u{202e}"),
            "a\\r\\n::error::\\u{1b}[0m\\u{202e}"
        );
    }

    #[test]
    fn lists_read_as_in_a_sentence() {
        assert_eq!(listed(&["a"], "and"), "`a`");
        assert_eq!(listed(&["a", "b"], "or"), "`a` or `b`");
        assert_eq!(listed(&["a", "b", "c"], "and"), "`a`, `b` and `c`");
    }
}
