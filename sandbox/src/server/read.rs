//! Reads one request, exactly as it was sent.

use std::io::{Read, Write};

use crate::request::Request;

/// The longest head and the longest body the gateway takes (vendor help pages: headers < 128 KB, body < 12 MB).
const MAX_HEAD: usize = 128 * 1024;
const MAX_BODY: usize = 12 * 1024 * 1024;
const MAX_HEADERS: usize = 128;

/// What came in.
pub(crate) enum Incoming {
    /// A request, and whether the client wants the connection kept.
    Request(Request, bool),
    /// The end of the connection, or of what can be read from it.
    Nothing,
    /// Not HTTP/1, or too much of it.
    Malformed,
}

/// Why there is no request.
enum Failure {
    Ended,
    Malformed,
}

/// Reads a request; `buffer` holds what was read too far, for the next one.
pub(crate) fn read_request(stream: &mut (impl Read + Write), buffer: &mut Vec<u8>) -> Incoming {
    let read = read_head_parts(stream, buffer).and_then(|(mut request, minor)| {
        let keep = wants_keep(&request, minor);
        let waits = request
            .header("Expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
        if waits && buffer.is_empty() {
            let said = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
            said.map_err(|_| Failure::Ended)?;
        }
        request.body = read_body(stream, buffer, &request)?;
        Ok((request, keep))
    });
    match read {
        Ok((request, keep)) => Incoming::Request(request, keep),
        Err(Failure::Ended) => Incoming::Nothing,
        Err(Failure::Malformed) => Incoming::Malformed,
    }
}

/// Reads a head only, as a proxy does before it becomes a pipe; `None` if there is none.
pub(crate) fn read_head(stream: &mut impl Read, buffer: &mut Vec<u8>) -> Option<Request> {
    read_head_parts(stream, buffer)
        .ok()
        .map(|(request, _)| request)
}

/// The request without its body, and the minor version of HTTP/1.
fn read_head_parts(stream: &mut impl Read, buffer: &mut Vec<u8>) -> Result<(Request, u8), Failure> {
    loop {
        let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Request::new(&mut lines);
        let status = parsed.parse(buffer).map_err(|_| Failure::Malformed)?;
        if let httparse::Status::Complete(length) = status {
            let headers = parsed
                .headers
                .iter()
                .map(|line| {
                    let value = String::from_utf8_lossy(line.value).into_owned();
                    (line.name.to_owned(), value)
                })
                .collect();
            let request = Request {
                method: parsed.method.unwrap_or_default().to_owned(),
                target: parsed.path.unwrap_or_default().to_owned(),
                headers,
                ..Request::default()
            };
            let minor = parsed.version.unwrap_or_default();
            buffer.drain(..length);
            return Ok((request, minor));
        }
        if buffer.len() > MAX_HEAD {
            return Err(Failure::Malformed);
        }
        read_more(stream, buffer)?;
    }
}

fn wants_keep(request: &Request, minor: u8) -> bool {
    let says = |word: &str| {
        request.header("Connection").is_some_and(|value| {
            value
                .split(',')
                .any(|own| own.trim().eq_ignore_ascii_case(word))
        })
    };
    if minor == 0 {
        says("keep-alive")
    } else {
        !says("close")
    }
}

fn read_body(
    stream: &mut impl Read,
    buffer: &mut Vec<u8>,
    request: &Request,
) -> Result<Vec<u8>, Failure> {
    let chunked = request
        .header("Transfer-Encoding")
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("chunked"));
    if chunked {
        return read_chunks(stream, buffer);
    }
    match request.header("Content-Length") {
        None => Ok(Vec::new()),
        Some(length) => {
            let length = length.parse().map_err(|_| Failure::Malformed)?;
            take(stream, buffer, length)
        }
    }
}

/// The bodies of all chunks; trailers are read and forgotten.
fn read_chunks(stream: &mut impl Read, buffer: &mut Vec<u8>) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    loop {
        let line = take_line(stream, buffer)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| Failure::Malformed)?;
        if size == 0 {
            while !take_line(stream, buffer)?.is_empty() {}
            return Ok(body);
        }
        body.extend(take(stream, buffer, size)?);
        if body.len() > MAX_BODY || !take_line(stream, buffer)?.is_empty() {
            return Err(Failure::Malformed);
        }
    }
}

fn take_line(stream: &mut impl Read, buffer: &mut Vec<u8>) -> Result<String, Failure> {
    loop {
        if let Some(end) = buffer.windows(2).position(|pair| pair == b"\r\n") {
            let line = String::from_utf8_lossy(&buffer[..end]).into_owned();
            buffer.drain(..end + 2);
            return Ok(line);
        }
        if buffer.len() > MAX_HEAD {
            return Err(Failure::Malformed);
        }
        read_more(stream, buffer)?;
    }
}

fn take(stream: &mut impl Read, buffer: &mut Vec<u8>, length: usize) -> Result<Vec<u8>, Failure> {
    if length > MAX_BODY {
        return Err(Failure::Malformed);
    }
    while buffer.len() < length {
        read_more(stream, buffer)?;
    }
    let rest = buffer.split_off(length);
    Ok(std::mem::replace(buffer, rest))
}

fn read_more(stream: &mut impl Read, buffer: &mut Vec<u8>) -> Result<(), Failure> {
    let mut chunk = [0; 8 * 1024];
    match stream.read(&mut chunk) {
        Ok(count @ 1..) => {
            buffer.extend_from_slice(&chunk[..count]);
            Ok(())
        }
        Ok(0) | Err(_) => Err(Failure::Ended),
    }
}
