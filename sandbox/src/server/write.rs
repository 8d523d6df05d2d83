//! Puts an answer on the wire, in one of the ways of [`Delivery`].

use std::fmt::Write as _;
use std::io::{self, Write as _};

use super::stop::Stop;
use super::stream::{End, Stream};
use crate::fault::Content;
use crate::reply::{Delivery, Reply};

/// What a body of spaces is streamed from.
static SPACES: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// What becomes of the connection.
pub(crate) enum After {
    /// The next request may come.
    Keep,
    /// It ends.
    End(End),
}

/// Sends an answer. `keep` = the client wants the connection kept.
pub(crate) fn deliver(stream: &mut Stream, reply: &Reply, keep: bool, stop: &Stop) -> After {
    let cut = |reset: bool| if reset { End::Reset } else { End::Cut };
    let (sent, end) = match reply.delivery {
        Delivery::Whole => {
            let sent = send(stream, reply, Framing::Length, keep, reply.body.len());
            (sent, (!keep).then_some(End::Orderly))
        }
        Delivery::HalfHead { reset } => {
            let head = head(reply, Framing::Length, false);
            (
                stream.write_all(&head.as_bytes()[..head.len() / 2]),
                Some(cut(reset)),
            )
        }
        Delivery::HalfBody { reset } => {
            let sent = send(stream, reply, Framing::Length, false, reply.body.len() / 2);
            (sent, Some(cut(reset)))
        }
        Delivery::UntilClose { cut } => {
            let length = if cut {
                reply.body.len() / 2
            } else {
                reply.body.len()
            };
            let sent = send(stream, reply, Framing::None, false, length);
            (sent, Some(if cut { End::Cut } else { End::Orderly }))
        }
        Delivery::Chunked { cut: false, .. } => {
            let sent = send_chunks(stream, reply, keep);
            (sent, (!keep).then_some(End::Orderly))
        }
        Delivery::Chunked { cut: true, reset } => {
            (send_first_chunk(stream, reply), Some(cut(reset)))
        }
        Delivery::Drip { every_ms } => {
            let sent = drip(stream, reply, keep, every_ms, stop);
            (sent, (!keep).then_some(End::Orderly))
        }
        Delivery::Close { reset } => (Ok(()), Some(cut(reset))),
        Delivery::Hang => (Ok(()), Some(End::Cut)),
    };
    match (sent.and_then(|()| stream.flush()), end) {
        (Ok(()), None) => After::Keep,
        (Ok(()), Some(end)) => After::End(end),
        (Err(_), _) => After::End(End::Cut),
    }
}

/// Answers what is no request: 400 in the gateway's form (vendor help page devg-apisign/api-sign-errorcode).
pub(crate) fn deliver_malformed(stream: &mut Stream) -> End {
    let reply = Reply::json(
        400,
        &serde_json::json!({"error_code": "APIGW.0201", "error_msg": "Bad request"}),
    );
    match send(stream, &reply, Framing::Length, false, reply.body.len()) {
        Ok(()) => End::Orderly,
        Err(_) => End::Cut,
    }
}

/// How the reader is told where the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length,
    Chunked,
    None,
}

/// Status line and headers. Framing headers that the answer brings itself are left as they are.
fn head(reply: &Reply, framing: Framing, keep: bool) -> String {
    let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status));
    for (name, value) in &reply.headers {
        write_header(&mut head, name, value);
    }
    let framed = reply.header("Content-Length").is_some()
        || reply.header("Transfer-Encoding").is_some()
        || !has_body(reply.status);
    match framing {
        Framing::Length if !framed => {
            write_header(&mut head, "Content-Length", &reply.body.len().to_string());
        }
        Framing::Chunked if !framed => write_header(&mut head, "Transfer-Encoding", "chunked"),
        _ => {}
    }
    if reply.header("Connection").is_none() {
        let connection = if keep { "keep-alive" } else { "close" };
        write_header(&mut head, "Connection", connection);
    }
    head.push_str("\r\n");
    head
}

fn write_header(head: &mut String, name: &str, value: &str) {
    write!(head, "{name}: {value}\r\n").expect("writing to a string cannot fail");
}

fn has_body(status: u16) -> bool {
    status != 204 && status != 304
}

/// The head and the first `length` bytes of the body, in one piece if they are small.
fn send(
    stream: &mut Stream,
    reply: &Reply,
    framing: Framing,
    keep: bool,
    length: u64,
) -> io::Result<()> {
    let mut first = head(reply, framing, keep).into_bytes();
    if !has_body(reply.status) {
        return stream.write_all(&first);
    }
    match &reply.body {
        Content::Filler(_) => {
            stream.write_all(&first)?;
            send_spaces(stream, length)
        }
        Content::Text(text) => {
            first.extend_from_slice(first_bytes(text.as_bytes(), length));
            stream.write_all(&first)
        }
        Content::Bytes(bytes) => {
            first.extend_from_slice(first_bytes(bytes, length));
            stream.write_all(&first)
        }
    }
}

fn send_spaces(stream: &mut Stream, mut length: u64) -> io::Result<()> {
    while length > 0 {
        let piece = first_bytes(&SPACES, length);
        stream.write_all(piece)?;
        length -= piece.len() as u64;
    }
    Ok(())
}

fn first_bytes(bytes: &[u8], length: u64) -> &[u8] {
    let length = usize::try_from(length).map_or(bytes.len(), |length| length.min(bytes.len()));
    &bytes[..length]
}

/// The whole body in chunks, at least two if it is longer than a byte.
fn send_chunks(stream: &mut Stream, reply: &Reply, keep: bool) -> io::Result<()> {
    let mut out = head(reply, Framing::Chunked, keep).into_bytes();
    let total = reply.body.len();
    let size = total.div_ceil(2).clamp(1, SPACES.len() as u64);
    let mut from = 0;
    while from < total {
        let length = size.min(total - from);
        out.extend_from_slice(format!("{length:x}\r\n").as_bytes());
        out.extend(reply.body.bytes(from, length));
        out.extend_from_slice(b"\r\n");
        stream.write_all(&out)?;
        out.clear();
        from += length;
    }
    out.extend_from_slice(b"0\r\n\r\n");
    stream.write_all(&out)
}

/// Half of the body as the first of several chunks.
fn send_first_chunk(stream: &mut Stream, reply: &Reply) -> io::Result<()> {
    let mut out = head(reply, Framing::Chunked, false).into_bytes();
    let length = reply.body.len() / 2;
    if length > 0 {
        out.extend_from_slice(format!("{length:x}\r\n").as_bytes());
        out.extend(reply.body.bytes(0, length));
        out.extend_from_slice(b"\r\n");
    }
    stream.write_all(&out)
}

fn drip(
    stream: &mut Stream,
    reply: &Reply,
    keep: bool,
    every_ms: u64,
    stop: &Stop,
) -> io::Result<()> {
    let head = head(reply, Framing::Length, keep);
    for byte in head.bytes().chain(reply.body.bytes(0, reply.body.len())) {
        stop.wait_ms(every_ms);
        if stop.is_stopped() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        stream.write_all(&[byte])?;
        stream.flush()?;
    }
    Ok(())
}

impl Content {
    /// Its length in bytes.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Filler(length) => *length,
        }
    }

    /// The `length` bytes from `from` on.
    fn bytes(&self, from: u64, length: u64) -> impl Iterator<Item = u8> + '_ {
        (from..from + length).map(move |at| {
            let held = match self {
                Self::Text(text) => text.as_bytes(),
                Self::Bytes(bytes) => bytes,
                Self::Filler(_) => &[],
            };
            usize::try_from(at)
                .ok()
                .and_then(|at| held.get(at).copied())
                .unwrap_or(b' ')
        })
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Status",
    }
}
