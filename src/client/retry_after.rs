//! `Retry-After`, in seconds or as an HTTP date (RFC 9110 §10.2.3, dates §5.6.7).

use std::time::{Duration, SystemTime};

/// How long an answer asks to wait. `now` is the answer's own `Date` where it has one, so that a wrong clock on this
/// side does not change the wait. A date that has passed is a wait of zero; a value of neither form is ignored.
pub(super) fn parse(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that do not fit are still a wait, only one that fits no budget.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = parse_date(value)?;
    Some(until.duration_since(now).unwrap_or(Duration::ZERO))
}

/// An HTTP date in any of its three forms.
pub(super) fn parse_date(value: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(value.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "1994-11-06T08:49:00Z";

    fn parsed(value: &str) -> Option<Duration> {
        parse(value, humantime::parse_rfc3339(NOW).unwrap())
    }

    #[test]
    fn seconds_and_all_three_date_forms_are_read() {
        for (value, seconds) in [
            ("0", 0),
            (" 120 ", 120),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
            ("Sun Nov  6 08:49:37 1994", 37),
        ] {
            assert_eq!(parsed(value), Some(Duration::from_secs(seconds)), "{value}");
        }
    }

    #[test]
    fn a_past_date_means_at_once() {
        assert_eq!(
            parsed("Sun, 06 Nov 1994 08:00:00 GMT"),
            Some(Duration::ZERO)
        );
    }

    #[test]
    fn a_number_too_large_is_a_wait_that_fits_no_budget() {
        assert_eq!(
            parsed("99999999999999999999999"),
            Some(Duration::from_secs(u64::MAX))
        );
    }

    #[test]
    fn anything_else_is_ignored() {
        for value in ["", "-1", "1.5", "soon", "1e3", "٣"] {
            assert_eq!(parsed(value), None, "{value}");
        }
    }
}
