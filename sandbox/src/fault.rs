//! The script of faults: what goes wrong, where, when and how often. Also in a JSON form for other processes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::endpoint::Endpoint;

/// One entry of the script.
///
/// For each request the script is read from the top. Entries that are used up or do not match are passed over; one that
/// matches but still has `skip` left counts down and is passed over too. The first other one happens. A
/// [modifier](What::is_modifier) happens in addition, and the reading goes on.
///
/// JSON: `{"on":"RETRY","skip":0,"times":1,"what":{"kind":"ERROR","status":429,"code":"APIGW.0308"}}`; only `what` is
/// required, `"times":null` means forever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The requests it matches. Default: any.
    #[serde(default)]
    pub on: Endpoint,
    /// How many matching requests pass first. Default 0.
    #[serde(default)]
    pub skip: u32,
    /// How often it happens; `None` = forever. Default once.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// What happens.
    pub what: What,
}

#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
fn once() -> Option<u32> {
    Some(1)
}

impl Fault {
    /// A fault that happens once, at the first matching request.
    pub fn new(on: Endpoint, what: What) -> Self {
        Self {
            on,
            skip: 0,
            times: Some(1),
            what,
        }
    }

    /// Lets that many matching requests pass first.
    #[must_use]
    pub fn skip(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }

    /// Happens that often.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Happens at every matching request.
    #[must_use]
    pub fn forever(mut self) -> Self {
        self.times = None;
        self
    }

    /// Whether it happens now; counts down.
    pub(crate) fn fires(&mut self) -> bool {
        if self.times == Some(0) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if let Some(times) = &mut self.times {
            *times -= 1;
        }
        true
    }
}

/// What goes wrong.
///
/// `effect: true` = the request is processed first (credentials checked, run changed) and its real answer is what gets
/// lost, cut or replaced; `false` = nothing changes, and what is sent is the answer it would have got. All times are
/// milliseconds of real time unless said otherwise: the server waits for `Delay`, `Drip` and `Hang` also where the clock
/// is moved by hand, and [`Service::handle`](crate::Service::handle) does not wait at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum What {
    /// Any answer: status, headers (a redirect's `Location`, `Retry-After`, …) and body.
    Answer {
        /// HTTP status.
        status: u16,
        /// Header lines besides the framing ones.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// The body.
        #[serde(default)]
        body: Content,
        /// See [`What`].
        #[serde(default)]
        effect: bool,
    },
    /// An answer with `error_code` and `error_msg` in a JSON body.
    Error {
        /// HTTP status; the service puts errors into a 200 too.
        status: u16,
        /// `error_code`.
        code: String,
        /// `error_msg`.
        #[serde(default)]
        message: String,
        /// See [`What`].
        #[serde(default)]
        effect: bool,
    },
    /// The real answer, late.
    Delay {
        /// How late.
        ms: u64,
        /// Whether the wait comes after the effect instead of before it.
        #[serde(default)]
        after_effect: bool,
    },
    /// No answer; the connection stays open until the client closes it or the server stops.
    Hang {
        /// See [`What`].
        #[serde(default)]
        effect: bool,
    },
    /// No answer; the connection is ended. For the two moments at which the request is not known yet, `on` is not
    /// looked at, and `skip` and `times` count connections.
    Close {
        /// When.
        at: Moment,
        /// By RST instead of FIN.
        #[serde(default)]
        reset: bool,
    },
    /// Half of the status line and headers, then the end of the connection.
    CutHead {
        /// By RST instead of FIN.
        #[serde(default)]
        reset: bool,
        /// See [`What`].
        #[serde(default)]
        effect: bool,
    },
    /// `Content-Length` of the whole body, half of the body, then the end of the connection.
    CutBody {
        /// By RST instead of FIN.
        #[serde(default)]
        reset: bool,
        /// See [`What`].
        #[serde(default)]
        effect: bool,
    },
    /// The real answer without `Content-Length`, ended by the end of the connection.
    NoLength {
        /// Half of the body only.
        #[serde(default)]
        cut: bool,
        /// See [`What`].
        #[serde(default)]
        effect: bool,
    },
    /// The real answer in chunks.
    Chunked {
        /// Half of the body only, without the last chunk, then the end of the connection.
        #[serde(default)]
        cut: bool,
        /// That end by RST instead of FIN.
        #[serde(default)]
        reset: bool,
        /// See [`What`].
        #[serde(default)]
        effect: bool,
    },
    /// The real answer, one byte at a time.
    Drip {
        /// Pause before each byte.
        every_ms: u64,
        /// See [`What`].
        #[serde(default)]
        effect: bool,
    },
    /// Modifier, on a retry: once it is accepted, detail and list show the run as before for `ms` of service time.
    StaleDetail {
        /// How long.
        ms: u64,
    },
    /// The same, but the run list shows the run as it is.
    StaleDetailOnly {
        /// How long.
        ms: u64,
    },
    /// Modifier, on a detail: the answer has no `current_system_time`.
    NoSystemTime,
    /// Modifier, on a detail: the answer gives this text as the run's status.
    RunStatus {
        /// The text.
        status: String,
    },
    /// Modifier: sets something in the JSON of the answer.
    Edit {
        /// What, as a JSON pointer, such as `/stages/1/jobs/0/status`. What is not there is added to its parent.
        pointer: String,
        /// The new value.
        value: Value,
    },
    /// Modifier: removes something from the JSON of the answer.
    Remove {
        /// What, as a JSON pointer.
        pointer: String,
    },
}

impl What {
    /// Whether it only alters the answer or the state, so that another fault can happen to the same request.
    pub fn is_modifier(&self) -> bool {
        matches!(
            self,
            Self::StaleDetail { .. }
                | Self::StaleDetailOnly { .. }
                | Self::NoSystemTime
                | Self::RunStatus { .. }
                | Self::Edit { .. }
                | Self::Remove { .. }
        )
    }

    /// A bare status with an empty body, without effect.
    pub fn status(status: u16) -> Self {
        Self::answer(status, &[], "")
    }

    /// An answer with headers and a text body, without effect.
    pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        Self::Answer {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: Content::Text(body.to_owned()),
            effect: false,
        }
    }

    /// An error in the service's JSON form, without effect.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::Error {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            effect: false,
        }
    }

    /// Throttled: 429 with `APIGW.0308` and a `Retry-After` of that value, without effect.
    pub fn throttled(retry_after: &str) -> Self {
        Self::answer(
            429,
            &[
                ("Retry-After", retry_after),
                ("Content-Type", "application/json"),
            ],
            r#"{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached: policy user over ratelimit, limit:1, time:1 minute"}"#,
        )
    }

    /// The answer with another value at a JSON pointer.
    pub fn edit(pointer: &str, value: impl Into<Value>) -> Self {
        Self::Edit {
            pointer: pointer.to_owned(),
            value: value.into(),
        }
    }

    /// A redirect, without effect.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::answer(status, &[("Location", location)], "")
    }

    /// An HTML page, as a proxy or a portal sends it, without effect.
    pub fn html(status: u16) -> Self {
        Self::answer(
            status,
            &[("Content-Type", "text/html")],
            "<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>Gateway</h1></body></html>",
        )
    }

    /// A 200 with a body of that many bytes, without effect; streamed.
    pub fn body_of(bytes: u64) -> Self {
        Self::Answer {
            status: 200,
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: Content::Filler(bytes),
            effect: false,
        }
    }

    /// The same, but with the request processed first where that is a choice.
    #[must_use]
    pub fn with_effect(mut self) -> Self {
        match &mut self {
            Self::Answer { effect, .. }
            | Self::Error { effect, .. }
            | Self::Hang { effect }
            | Self::CutHead { effect, .. }
            | Self::CutBody { effect, .. }
            | Self::NoLength { effect, .. }
            | Self::Chunked { effect, .. }
            | Self::Drip { effect, .. } => *effect = true,
            Self::Close { at, .. } => *at = Moment::AfterEffect,
            Self::Delay { after_effect, .. } => *after_effect = true,
            Self::StaleDetail { .. }
            | Self::StaleDetailOnly { .. }
            | Self::NoSystemTime
            | Self::RunStatus { .. }
            | Self::Edit { .. }
            | Self::Remove { .. } => {}
        }
        self
    }

    /// The moment of a close that comes before the request is known.
    pub(crate) fn early_moment(&self) -> Option<Moment> {
        match self {
            Self::Close { at, .. } if matches!(at, Moment::Accept | Moment::FirstByte) => Some(*at),
            _ => None,
        }
    }
}

/// When a connection is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Moment {
    /// As soon as it is accepted. Over TLS: before the handshake.
    Accept,
    /// As soon as the client has sent something, which is not read. Over TLS: in the handshake.
    FirstByte,
    /// After the request was read, without effect.
    BeforeEffect,
    /// After the request had its effect.
    AfterEffect,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Content {
    /// UTF-8 text.
    Text(String),
    /// Any bytes.
    Bytes(Vec<u8>),
    /// That many spaces, streamed.
    Filler(u64),
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_form_needs_no_more_than_what_happens() {
        let fault: Fault =
            serde_json::from_str(r#"{"what":{"kind":"HANG"}}"#).expect("a valid fault");
        assert_eq!(
            fault,
            Fault::new(Endpoint::Any, What::Hang { effect: false })
        );
        let text = serde_json::to_string(&Fault::new(Endpoint::Retry, What::body_of(9)).forever())
            .expect("faults serialize");
        let back: Fault = serde_json::from_str(&text).expect("the own form is read");
        assert_eq!(back.times, None);
        assert!(serde_json::from_str::<Fault>(r#"{"what":{"kind":"HANG"},"tims":2}"#).is_err());
    }
}
