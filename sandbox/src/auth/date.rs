//! Reads the date of a signature.

/// Milliseconds since the Unix epoch of a `YYYYMMDDTHHMMSSZ` date; `None` if it is not of that form.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let form = bytes.len() == 16
        && bytes[8] == b'T'
        && bytes[15] == b'Z'
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| at == 8 || at == 15 || byte.is_ascii_digit());
    if !form {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    let in_range = year >= 1970
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    in_range.then(|| {
        (((days_since_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000
    })
}

/// Days from 1970-01-01 in the Gregorian calendar, with the year beginning in March.
fn days_since_epoch(year: u64, month: u64, day: u64) -> u64 {
    let year = if month > 2 { year } else { year - 1 };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dates_are_counted_from_the_epoch() {
        assert_eq!(parse("19700101T000000Z"), Some(0));
        assert_eq!(parse("20250102T030405Z"), Some(1_735_787_045_000));
        assert_eq!(parse("20240229T235959Z"), Some(1_709_251_199_000));
    }

    #[test]
    fn other_forms_are_no_date() {
        for text in ["", "20250102", "2025-01-02T03:04Z", "20251302T030405Z"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
