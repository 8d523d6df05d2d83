//! A request as it came in.

use serde::{Deserialize, Serialize};

/// A request with everything that was sent; also what [`Sandbox::requests`](crate::Sandbox::requests) records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The method as sent.
    pub method: String,
    /// The request target as sent: path and query, not decoded.
    pub target: String,
    /// Header lines in the order sent, names as sent, values without surrounding blanks (text that is not UTF-8 is
    /// replaced by U+FFFD).
    pub headers: Vec<(String, String)>,
    /// The bytes of the body, chunks joined.
    pub body: Vec<u8>,
    /// When the request was complete, in milliseconds of the service's clock.
    pub at_ms: u64,
    /// Whether it was the first on its connection.
    pub fresh_connection: bool,
    /// Whether it came over TLS.
    pub tls: bool,
}

impl Request {
    /// A request without headers and body, for [`Service::handle`](crate::Service::handle).
    pub fn new(method: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            target: target.into(),
            ..Self::default()
        }
    }

    /// Adds a header line.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The value of the first header of that name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The target up to the `?`.
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The target after the `?`; empty without one.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The decoded value of a query parameter.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        self.query()
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .find(|(own, _)| percent_decode(own) == name.as_bytes())
            .map(|(_, value)| String::from_utf8_lossy(&percent_decode(value)).into_owned())
    }
}

/// Undoes percent-encoding; a `%` that is not followed by two digits stays, and so does `+`.
pub(crate) fn percent_decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = match tail {
            [high, low, ..] if byte == b'%' => hex_digit(*high).zip(hex_digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            decoded.push(high << 4 | low);
            rest = &tail[2..];
        } else {
            decoded.push(byte);
            rest = tail;
        }
    }
    decoded
}

/// The value of one hexadecimal digit.
pub(crate) fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
