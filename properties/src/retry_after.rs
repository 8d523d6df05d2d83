//! `Retry-After`: seconds, or a date in one of the three forms of RFC 9110 §5.6.7, against a reader of its own. What is
//! waited is never less than asked, and never passes the deadline.
//!
//! The bytes are two lines: the header, and the `Date` of the answer.

use std::time::Duration;

use codearts_retry::client::{Answer, Exhausted, RetryPolicy, Schedule};
use codearts_retry::secret::Redactor;

use crate::exchange::{START, attempt, json_answer};

const DEADLINE: Duration = Duration::from_secs(600);

pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (value, of_answer) = text.split_once('\n').unwrap_or((&text, ""));
    let answer = Answer {
        retry_after: Some(value.to_owned()),
        date: Some(of_answer.to_owned()),
        ..json_answer(429, "{}")
    };
    let failure = attempt(&answer, &Redactor::default()).unwrap_err();
    let now = seconds_of_date(of_answer.trim()).unwrap_or(START);
    assert_eq!(failure.retry_after, expected(value.trim(), now), "{text:?}");

    let mut schedule = Schedule::new(RetryPolicy {
        max_attempts: 2,
        backoff: Duration::from_secs(1),
        max_backoff: Duration::from_secs(30),
        deadline: DEADLINE,
    });
    let now = Duration::from_secs(10);
    match schedule.next(&failure, now, &|| 0.5) {
        Ok(delay) => {
            assert!(delay >= failure.retry_after.unwrap_or_default());
            assert!(delay >= Duration::from_millis(500) && now + delay < DEADLINE);
        }
        Err(Exhausted::Budget { wait, .. }) => assert!(now.saturating_add(wait) >= DEADLINE),
        Err(Exhausted::Attempts) => panic!("there is an attempt left"),
    }
}

fn expected(value: &str, now: u64) -> Option<Duration> {
    if !value.is_empty() && value.chars().all(|c| c.is_ascii_digit()) {
        let digits = value.trim_start_matches('0');
        let seconds = match digits.len() {
            0 => 0,
            1..=19 => digits
                .bytes()
                .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')),
            _ => digits.parse().unwrap_or(u64::MAX),
        };
        return Some(Duration::from_secs(seconds));
    }
    let until = seconds_of_date(value)?;
    Some(Duration::from_secs(until.saturating_sub(now)))
}

/// The Unix time of an HTTP date, from 1970 to 9999.
fn seconds_of_date(text: &str) -> Option<u64> {
    const DAYS: [&str; 7] = [
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
    ];
    let short = |name: &str| DAYS.iter().position(|day| &day[..3] == name);
    let text = with_its_blank(text);
    let words: Vec<&str> = text.split(' ').collect();
    let (weekday, day, month, year, time) = match words[..] {
        [weekday, day, month, year, time, "GMT"] => (
            short(weekday.strip_suffix(',')?)?,
            number(day, 2)?,
            month_of(month)?,
            number(year, 4)?,
            time,
        ),
        [weekday, date, time, "GMT"] => {
            let parts: Vec<&str> = date.split('-').collect();
            let [day, month, year] = parts[..] else {
                return None;
            };
            let name = weekday.strip_suffix(',')?;
            let weekday = DAYS.iter().position(|day| *day == name)?;
            let year = number(year, 2)?;
            // The library's century; the form itself died with the last one.
            let year = if year < 70 { year + 2000 } else { year + 1900 };
            (weekday, number(day, 2)?, month_of(month)?, year, time)
        }
        [weekday, month, "", day, time, year] => (
            short(weekday)?,
            number(day, 1)?,
            month_of(month)?,
            number(year, 4)?,
            time,
        ),
        [weekday, month, day, time, year] => (
            short(weekday)?,
            number(day, 2)?,
            month_of(month)?,
            number(year, 4)?,
            time,
        ),
        _ => return None,
    };
    let time: Vec<&str> = time.split(':').collect();
    let [hour, minute, second] = time[..] else {
        return None;
    };
    let (hour, minute, second) = (number(hour, 2)?, number(minute, 2)?, number(second, 2)?);
    if hour > 23 || minute > 59 || second > 59 || year < 1970 || day < 1 {
        return None;
    }
    if day > days_of_month(month, year) {
        return None;
    }
    let years: u64 = (1970..year).map(days_of_year).sum();
    let months: u64 = (0..month).map(|month| days_of_month(month, year)).sum();
    let days = years + months + day - 1;
    if days % 7 != weekday as u64 {
        return None;
    }
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// In the second form the library takes any character where the blank before the time should be, which is no harm.
fn with_its_blank(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let day = characters.iter().position(|c| *c == ' ').unwrap_or(0) + 1;
    if text.is_ascii()
        && characters.get(day + 2) == Some(&'-')
        && let Some(blank) = characters.get_mut(day + "06-Nov-94".len())
    {
        *blank = ' ';
    }
    characters.into_iter().collect()
}

fn number(text: &str, digits: usize) -> Option<u64> {
    let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

const MONTHS: [(&str, u64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

fn month_of(name: &str) -> Option<usize> {
    MONTHS.iter().position(|(month, _)| *month == name)
}

fn days_of_month(month: usize, year: u64) -> u64 {
    MONTHS[month].1 + u64::from(month == 1 && is_leap_year(year))
}

fn days_of_year(year: u64) -> u64 {
    365 + u64::from(is_leap_year(year))
}

fn is_leap_year(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[test]
fn the_reader_of_dates_knows_what_a_clock_says() {
    for (text, seconds) in [
        ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
        ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
        ("Thu, 29 Feb 2024 00:00:00 GMT", Some(1_709_164_800)),
        ("Mon, 06 Nov 1994 08:49:37 GMT", None),
        ("Wed, 29 Feb 2023 00:00:00 GMT", None),
    ] {
        assert_eq!(seconds_of_date(text), seconds, "{text}");
    }
}
