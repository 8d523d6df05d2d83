//! Secrets: a filter that knows one leaves none of it in any text, in whatever form a server or a library may echo it.
//!
//! The bytes are lines: the form of the echo, the secret, what stands before it; the rest stands behind it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codearts_retry::report::{LogBlock, Report};
use codearts_retry::secret::{Redactor, Secret};

use crate::outcomes::red;

/// Fragments of base64 that are shorter would match ordinary words, and stay.
const SHORTEST_FRAGMENT: usize = 8;

pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (form, secret, before, after) = (line(), line().trim(), line(), line());
    // What is put in the place of a secret, or of the rest of a long text, could complete one that has it inside.
    if secret.is_empty() || secret.contains(['*', '…']) {
        return;
    }
    let echo = echo(form.parse().unwrap_or(0), secret, before, after);
    let redactor = Redactor::new([&Secret::new(secret)]);
    let cleaned = redactor.clean(&echo.text);
    assert!(!cleaned.contains(&echo.secret), "{cleaned:?}");
    assert!(!cleaned.contains(secret), "{cleaned:?}");
    assert_eq!(redactor.clean(&cleaned), cleaned);
    check_report(secret, &echo.text, &redactor);
    check_cut(secret, &redactor);
}

/// Where a text is cut inside of a secret, its first half does not stay.
fn check_cut(secret: &str, redactor: &Redactor) {
    const MESSAGE_BYTES: usize = 4096;
    let half: String = secret.chars().take(4).collect();
    let Some(filler) = ['x', '-', '~'].into_iter().find(|c| !secret.contains(*c)) else {
        return;
    };
    let filler = filler.to_string();
    let text = [
        &filler.repeat(MESSAGE_BYTES - 3 - half.len()),
        secret,
        &filler.repeat(99),
    ];
    let mut outcome = red(&["x"]);
    if let Some(failure) = &mut outcome.failure {
        failure.service_message = Some(text.concat());
    }
    let report = Report::from_outcome(&outcome, redactor);
    let message = report.outputs().get("error_message").to_owned();
    let rest = message.trim_start_matches(&filler);
    assert!(secret.len() < 8 || !rest.starts_with(&half), "{rest:?}");
}

/// What leaves the program of an outcome with the echo in every place: also where it is cut, and where characters that
/// stand between the halves of a secret are dropped.
fn check_report(secret: &str, text: &str, redactor: &Redactor) {
    let torn: String = secret.chars().flat_map(|c| [c, '\0']).collect();
    let far = format!("{}{text}", "x".repeat(1020));
    let turned: String = secret.chars().flat_map(|c| [c, '\u{202e}']).collect();
    for text in [text, &torn, &turned, &far] {
        let report = Report::from_outcome(&red(&[text]), redactor);
        let outputs = report.outputs();
        // The others are our own words and numbers, or made of these.
        let told = [
            "status",
            "pipeline_run_id",
            "run_url",
            "queue_id",
            "error_code",
            "error_message",
            "request_id",
        ];
        for name in told {
            let value = outputs.get(name);
            assert!(!value.contains(secret), "{name} is {value:?}");
        }
        assert!(
            !is_plain(secret) || !report.summary().contains(secret),
            "{}",
            report.summary()
        );
        for line in report.failed_job_logs().flat_map(|log| shown_lines(&log)) {
            assert!(!line.contains(secret), "{line:?}");
        }
    }
}

/// Whether the secret is none of our own words, and nothing that is escaped.
fn is_plain(secret: &str) -> bool {
    secret.len() >= 8
        && secret.contains(|c: char| c.is_ascii_digit())
        && secret
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == ' ')
        && !Report::from_outcome(&red(&["x"]), &Redactor::default())
            .summary()
            .contains(secret)
}

/// The lines of a log without our own words, and without the brackets that we set.
fn shown_lines(log: &LogBlock<'_>) -> Vec<String> {
    let is_foreign = |line: &&str| !line.starts_with('…') && *line != "(the log is empty)";
    log.lines()
        .filter(is_foreign)
        .map(|line| line.strip_prefix('(').unwrap_or(line))
        .map(|line| line.strip_suffix(')').unwrap_or(line).to_owned())
        .collect()
}

/// A text with a secret in it, and the form in which it is there.
struct Echo {
    text: String,
    secret: String,
}

fn echo(form: usize, secret: &str, before: &str, after: &str) -> Echo {
    let plain = [before, secret, after].concat();
    let whole = |encode: fn(&str) -> String| Echo {
        text: encode(&plain),
        secret: encode(secret),
    };
    match form % 7 {
        0 => whole(str::to_owned),
        1 => whole(percent_encoded),
        2 => whole(|text| percent_encoded(text).to_lowercase()),
        3 => whole(form_encoded),
        4 => whole(|text| {
            let quoted = serde_json::to_string(text).unwrap();
            quoted[1..quoted.len() - 1].to_owned()
        }),
        5 => whole(html_escaped),
        _ => in_base64(&plain, before.len(), secret),
    }
}

/// The characters that hold bits of the secret alone.
fn in_base64(plain: &str, at: usize, secret: &str) -> Echo {
    let text = STANDARD.encode(plain);
    let first = (at * 8).div_ceil(6);
    let end = (at + secret.len()) * 8 / 6;
    let fragment = text.get(first..end).unwrap_or_default();
    if fragment.len() < SHORTEST_FRAGMENT {
        return Echo {
            text: secret.to_owned(),
            secret: secret.to_owned(),
        };
    }
    Echo {
        secret: fragment.to_owned(),
        text,
    }
}

/// RFC 3986 §2.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => write!(encoded, "%{byte:02X}").unwrap(),
        }
    }
    encoded
}

/// The same in a form, where a blank is a plus sign.
fn form_encoded(text: &str) -> String {
    percent_encoded(text).replace("%20", "+")
}

fn html_escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}
