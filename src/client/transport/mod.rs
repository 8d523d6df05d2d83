//! One HTTP exchange: the seam between the client and the network.

mod network;
mod proxy;
mod roots;
mod tls;
mod track;
mod ureq;

pub use network::{Connect, Network};
pub use proxy::{ProxyChoice, ProxySettings, Target};
pub use roots::ExtraRoots;
pub use ureq::{InvalidProxy, UreqTransport, UreqTransportSettings};

use std::time::Duration;

use super::error::CallFailure;
use super::request::Method;
use crate::secret::Secret;
use zeroize::Zeroizing;

/// The most that is read of an answer's body, in bytes.
pub const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// A request as it goes over the wire. It holds credentials: it has no `Debug` and is never logged.
pub struct WireRequest {
    /// The method.
    pub method: Method,
    /// The escaped path and query.
    pub target: String,
    /// Header names and values; names in the spelling they are sent with.
    pub headers: Vec<(&'static str, Zeroizing<String>)>,
    /// The body; an empty one is sent as `Content-Length: 0`.
    pub body: String,
    /// The bound of the whole attempt, where it is tighter than the transport's time-outs.
    pub time_limit: Option<Duration>,
}

/// An answer, as far as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The `Date` header.
    pub date: Option<String>,
    /// The `X-Request-Id` header.
    pub request_id: Option<String>,
    /// The `Location` header.
    pub location: Option<String>,
    /// The `X-Subject-Token` header, in which IAM hands a token out.
    pub subject_token: Option<Secret>,
    /// The body.
    pub body: Body,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// `Content-Length` or the last chunk was reached; without either, it does not break off as JSON.
    Complete(Vec<u8>),
    /// It ended early or came too slowly.
    Unfinished(Vec<u8>),
    /// It is larger than [`MAX_ANSWER_BYTES`].
    TooLarge,
}

impl Default for Body {
    fn default() -> Self {
        Self::Complete(Vec::new())
    }
}

impl Body {
    /// What came of it; nothing where it was too large.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Complete(bytes) | Self::Unfinished(bytes) => bytes,
            Self::TooLarge => &[],
        }
    }

    /// What came of it, by value.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Complete(bytes) | Self::Unfinished(bytes) => bytes,
            Self::TooLarge => Vec::new(),
        }
    }
}

/// Sends one request and reads its answer, once.
pub trait Transport: Send + Sync {
    /// Any status is an answer; a failure says whether anything of the request can have been written.
    fn send(&self, request: &WireRequest) -> Result<Answer, CallFailure>;
}
