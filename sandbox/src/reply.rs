//! An answer, and the way it is put on the wire.

use std::borrow::Cow;

use serde_json::Value;

use crate::fault::Content;

/// What the service answers to one request.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Header lines, without the framing ones.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Content,
    /// How the answer is sent, if at all.
    pub delivery: Delivery,
}

/// The way an answer is put on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// With `Content-Length`, whole.
    Whole,
    /// Half of the head, then the end of the connection.
    HalfHead {
        /// By RST instead of FIN.
        reset: bool,
    },
    /// `Content-Length` of the whole body, but half of it, then the end of the connection.
    HalfBody {
        /// By RST instead of FIN.
        reset: bool,
    },
    /// No `Content-Length`; the end of the connection ends the body.
    UntilClose {
        /// Half of the body only.
        cut: bool,
    },
    /// In chunks.
    Chunked {
        /// Half of the body only, without the last chunk, then the end of the connection.
        cut: bool,
        /// That end by RST instead of FIN.
        reset: bool,
    },
    /// One byte every `every_ms` milliseconds, head included.
    Drip {
        /// Pause before each byte, in milliseconds.
        every_ms: u64,
    },
    /// Nothing: the connection is closed.
    Close {
        /// By RST instead of FIN.
        reset: bool,
    },
    /// Nothing, and the connection stays open until the client closes it or the server stops.
    Hang,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![(
                "Content-Type".to_owned(),
                "application/json;charset=UTF-8".to_owned(),
            )],
            body: Content::Text(body.to_string()),
            delivery: Delivery::Whole,
        }
    }

    /// Adds a header unless the answer has one of that name.
    pub(crate) fn add_header(&mut self, name: &str, value: String) {
        let known = self
            .headers
            .iter()
            .any(|(own, _)| own.eq_ignore_ascii_case(name));
        if !known {
            self.headers.push((name.to_owned(), value));
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as text; what is not UTF-8 is replaced by U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        match &self.body {
            Content::Text(text) => Cow::Borrowed(text),
            Content::Bytes(bytes) => String::from_utf8_lossy(bytes),
            Content::Filler(bytes) => {
                Cow::Owned(" ".repeat(usize::try_from(*bytes).unwrap_or(usize::MAX)))
            }
        }
    }

    /// The body as JSON, `null` if it is none.
    pub fn body_json(&self) -> Value {
        match &self.body {
            Content::Text(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            Content::Bytes(bytes) => serde_json::from_slice(bytes).unwrap_or(Value::Null),
            Content::Filler(_) => Value::Null,
        }
    }
}
