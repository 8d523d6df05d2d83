//! Reads the date of a signature, and writes the dates of what is issued.

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

/// The date of these milliseconds since the Unix epoch as IAM writes it: `YYYY-MM-DDTHH:MM:SS.mmm000Z`.
pub(crate) fn format(at_ms: u64) -> String {
    let (days, ms) = (at_ms / 86_400_000, at_ms % 86_400_000);
    let seconds = ms / 1000;
    // Eras of 400 years that begin in March of the year 0.
    let from_march_0 = days + 719_468;
    let (era, day_of_era) = (from_march_0 / 146_097, from_march_0 % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}000Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        ms % 1000
    )
}

#[cfg(test)]
mod tests {
    use super::{format, parse};

    #[test]
    fn dates_are_written_as_they_are_read() {
        for text in ["19700101T000000Z", "20240229T235959Z", "20250102T030405Z"] {
            let written = format(parse(text).expect("a date"));
            let digits: String = written.chars().filter(char::is_ascii_digit).collect();
            let expected: String = text.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(digits, format!("{expected}000000"), "{written}");
        }
        assert_eq!(format(1_735_787_045_678), "2025-01-02T03:04:05.678000Z");
    }

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
