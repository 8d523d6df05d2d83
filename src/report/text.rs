//! Making text fit: one form of line break, cuts between characters, and durations for people.

use std::time::Duration;

/// What stands at the end of a text that was cut.
const ELLIPSIS: char = '…';

/// The text with `\n` as its only line break and without NUL, trimmed: the readers of the CI systems disagree about
/// CR at the end of a line and about blank lines at the start of a value, and NUL is in no environment variable.
pub(super) fn normalised(text: &str) -> String {
    let unified = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\0', "");
    unified
        .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
        .to_owned()
}

/// The text as one line: every run of blanks, line breaks and control characters becomes a single space.
pub(super) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Adds these parts to a text.
pub(super) fn push(text: &mut String, parts: &[&str]) {
    for part in parts {
        text.push_str(part);
    }
}

/// The text in at most `limit` bytes, cut between characters and marked with `…` where that fits.
pub(super) fn cut(text: &str, limit: usize) -> String {
    cut_by(text, limit, char::len_utf8)
}

/// The text at a cost of at most `limit`, each character costing what `cost` says.
pub(super) fn cut_by(text: &str, limit: usize, cost: fn(char) -> usize) -> String {
    if text.chars().map(cost).sum::<usize>() <= limit {
        return text.to_owned();
    }
    let Some(room) = limit.checked_sub(cost(ELLIPSIS)) else {
        return String::new();
    };
    let mut kept = String::new();
    let mut spent = 0;
    for c in text.chars() {
        spent += cost(c);
        if spent > room {
            break;
        }
        kept.push(c);
    }
    kept.truncate(kept.trim_end().len());
    kept.push(ELLIPSIS);
    kept
}

/// `45s`, `1m12s`, `1h02m`: the two largest units, the rest dropped.
pub fn short_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (large, small, units) = match seconds {
        0..60 => return seconds.to_string() + "s",
        60..3600 => (seconds / 60, seconds % 60, ["m", "s"]),
        _ => (seconds / 3600, seconds / 60 % 60, ["h", "m"]),
    };
    let zero = if small < 10 { "0" } else { "" };
    [
        &large.to_string(),
        units[0],
        zero,
        &small.to_string(),
        units[1],
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_shown_in_its_two_largest_units() {
        for (seconds, shown) in [
            (0, "0s"),
            (45, "45s"),
            (60, "1m00s"),
            (72, "1m12s"),
            (3599, "59m59s"),
            (3600, "1h00m"),
            (3725, "1h02m"),
            (86_400, "24h00m"),
            (u64::MAX, "5124095576030431h00m"),
        ] {
            assert_eq!(short_duration(Duration::from_secs(seconds)), shown);
        }
        assert_eq!(short_duration(Duration::from_millis(1999)), "1s");
    }

    #[test]
    fn a_cut_falls_between_characters() {
        for limit in 0..=12 {
            let kept = cut("😀😀😀", limit);
            assert!(kept.len() <= limit, "{kept} in {limit}");
        }
        assert_eq!(cut("😀😀😀", 12), "😀😀😀");
        assert_eq!(cut("😀😀😀", 11), "😀😀…");
        assert_eq!(cut("😀😀😀", 10), "😀…");
        assert_eq!(cut("😀😀😀", 2), "");
    }

    #[test]
    fn line_breaks_become_one_kind_and_edges_go() {
        assert_eq!(normalised("\u{feff}\r\n\r\n a\r\nb\rc\0d \n\n"), "a\nb\ncd");
    }

    #[test]
    fn one_line_has_single_spaces_only() {
        assert_eq!(
            one_line("\u{feff} a\r\n\tb\u{2028}c\u{85}\u{1b}[0m "),
            "a b c [0m"
        );
    }
}
