//! Each kind of fault, as bytes on a socket.

use std::io::{ErrorKind, Read as _, Write as _};
use std::time::Duration;

use codearts_sandbox::{Endpoint, Fault, Moment, Sandbox, What};

use crate::support::{connect, exchange, raw_retry, read_all, split};

const ACCEPTED: &str = r#"{"success":true}"#;

fn with(what: What) -> Sandbox {
    Sandbox::builder()
        .fault(Fault::new(Endpoint::Any, what))
        .start()
}

fn effects(sandbox: &Sandbox) -> u64 {
    sandbox.counters().retry_effects
}

/// What a retry gets under a fault: the bytes, the error at the end, and how often it had its effect.
fn retry_under(what: What) -> (String, Option<ErrorKind>, u64) {
    let sandbox = with(what);
    let (answer, end) = exchange(&sandbox, &raw_retry());
    assert_eq!(sandbox.counters().faults, 1);
    (answer, end, effects(&sandbox))
}

#[test]
fn an_answer_replaces_the_real_one_with_or_without_the_effect() {
    let what = What::answer(503, &[("Retry-After", "7")], "busy");
    let (answer, end, effects) = retry_under(what.clone());
    assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
    assert!(answer.contains("Retry-After: 7\r\n") && answer.ends_with("\r\n\r\nbusy"));
    assert_eq!((end, effects), (None, 0));
    let (answer, _, effects) = retry_under(what.with_effect());
    assert!(answer.starts_with("HTTP/1.1 503"));
    assert_eq!(effects, 1);
}

#[test]
fn an_error_code_comes_in_a_200() {
    let (answer, _, effects) = retry_under(What::error(200, "DEVPIPE.00011104", "too many"));
    assert!(answer.starts_with("HTTP/1.1 200 OK"));
    assert!(answer.contains(r#""error_code":"DEVPIPE.00011104""#));
    assert_eq!(effects, 0);
}

#[test]
fn redirects_pages_and_throttling_look_like_it() {
    let (answer, _, _) = retry_under(What::redirect(302, "https://elsewhere/"));
    assert!(answer.contains("Location: https://elsewhere/\r\n"));
    let (answer, _, _) = retry_under(What::html(502));
    assert!(answer.contains("Content-Type: text/html\r\n") && answer.ends_with("</html>"));
    let (answer, _, _) = retry_under(What::throttled("3"));
    assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("APIGW.0308"));
}

#[test]
fn a_delay_comes_before_or_after_the_effect() {
    for (after_effect, effects_while_waiting) in [(false, 0), (true, 1)] {
        let sandbox = with(What::Delay {
            ms: 60,
            after_effect,
        });
        let mut stream = connect(sandbox.address());
        stream.write_all(raw_retry().as_bytes()).expect("connected");
        let quick = Some(Duration::from_millis(20));
        stream.set_read_timeout(quick).expect("above zero");
        assert!(stream.read(&mut [0]).is_err(), "answered at once");
        assert_eq!(effects(&sandbox), effects_while_waiting);
        let long = Some(Duration::from_secs(5));
        stream.set_read_timeout(long).expect("above zero");
        let (answer, end) = read_all(&mut stream);
        assert!(answer.ends_with(ACCEPTED.as_bytes()));
        assert_eq!((end, effects(&sandbox)), (None, 1));
    }
}

#[test]
fn a_hanging_request_ends_when_the_sandbox_does() {
    for (effect, expected) in [(false, 0), (true, 1)] {
        let sandbox = with(What::Hang { effect });
        let mut stream = connect(sandbox.address());
        stream.write_all(raw_retry().as_bytes()).expect("connected");
        let quick = Some(Duration::from_millis(15));
        stream.set_read_timeout(quick).expect("above zero");
        assert!(stream.read(&mut [0]).is_err(), "answered");
        assert_eq!(effects(&sandbox), expected);
        drop(sandbox);
        let long = Some(Duration::from_secs(5));
        stream.set_read_timeout(long).expect("above zero");
        let (answer, _) = read_all(&mut stream);
        assert_eq!(answer, b"");
    }
}

#[test]
fn a_connection_ends_at_each_moment_by_fin_or_by_rst() {
    for (at, expected) in [
        (Moment::Accept, 0),
        (Moment::FirstByte, 0),
        (Moment::BeforeEffect, 0),
        (Moment::AfterEffect, 1),
    ] {
        let (answer, end, effects) = retry_under(What::Close { at, reset: false });
        assert_eq!((answer.as_str(), end), ("", None), "{at:?}");
        assert_eq!(effects, expected, "{at:?}");
        let (answer, end, effects) = retry_under(What::Close { at, reset: true });
        assert_eq!(answer, "", "{at:?}");
        let reset = matches!(
            end,
            Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
        );
        assert!(reset, "{at:?}: {end:?}");
        assert_eq!(effects, expected, "{at:?}");
    }
}

#[test]
fn an_early_close_keeps_the_request_from_being_received() {
    let close = What::Close {
        at: Moment::FirstByte,
        reset: true,
    };
    let sandbox = with(close);
    exchange(&sandbox, &raw_retry());
    assert_eq!(sandbox.counters().of(Endpoint::Any), 0);
    let (answer, _) = exchange(&sandbox, &raw_retry());
    assert!(answer.ends_with(ACCEPTED), "the second one passes");
    assert_eq!(sandbox.counters().connections, 2);
}

#[test]
fn a_head_is_cut_in_its_middle() {
    for reset in [false, true] {
        let what = What::CutHead {
            reset,
            effect: true,
        };
        let (answer, end, effects) = retry_under(what);
        // A reset may overtake the bytes.
        assert!(reset && answer.is_empty() || answer.starts_with("HTTP/1.1 200"));
        assert!(!answer.contains("\r\n\r\n"));
        assert_eq!((end.is_some(), effects), (reset, 1));
    }
}

#[test]
fn a_body_is_shorter_than_its_content_length() {
    let what = What::CutBody {
        reset: false,
        effect: false,
    };
    let (answer, end, effects) = retry_under(what.clone());
    let (head, body) = split(&answer);
    assert!(head.contains("Content-Length: 16"));
    assert_eq!((body, end, effects), (&ACCEPTED[..8], None, 0));
    let (_, _, effects) = retry_under(what.with_effect());
    assert_eq!(effects, 1);
}

#[test]
fn a_body_without_length_is_whole_or_cut() {
    for (cut, expected) in [(false, ACCEPTED), (true, &ACCEPTED[..8])] {
        let (answer, end, _) = retry_under(What::NoLength { cut, effect: true });
        let (head, body) = split(&answer);
        assert!(!head.contains("Content-Length") && !head.contains("Transfer-Encoding"));
        assert_eq!((body, end), (expected, None));
    }
}

#[test]
fn a_body_in_chunks_is_whole_or_cut() {
    let chunked = |cut| What::Chunked {
        cut,
        reset: false,
        effect: true,
    };
    let (answer, _, _) = retry_under(chunked(false));
    let (head, body) = split(&answer);
    assert!(head.contains("Transfer-Encoding: chunked"));
    assert_eq!(body, "8\r\n{\"succes\r\n8\r\ns\":true}\r\n0\r\n\r\n");
    let (answer, end, _) = retry_under(chunked(true));
    assert_eq!(split(&answer).1, "8\r\n{\"succes\r\n");
    assert_eq!(end, None);
}

#[test]
fn a_dripping_answer_comes_whole_but_byte_by_byte() {
    let sandbox = with(What::Drip {
        every_ms: 1,
        effect: true,
    });
    let mut stream = connect(sandbox.address());
    stream.write_all(raw_retry().as_bytes()).expect("connected");
    let mut first = [0; 512];
    let count = stream.read(&mut first).expect("a first byte");
    assert!(count < 100, "{count} bytes at once");
    let (rest, end) = read_all(&mut stream);
    assert!(rest.ends_with(ACCEPTED.as_bytes()));
    assert_eq!(end, None);
}

#[test]
fn a_body_is_as_large_as_asked_for() {
    const SIZE: u64 = 8 * 1024 * 1024 + 1;
    let sandbox = with(What::body_of(SIZE));
    let mut stream = connect(sandbox.address());
    stream.write_all(raw_retry().as_bytes()).expect("connected");
    let (answer, end) = read_all(&mut stream);
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = answer.len() - head.expect("a whole head") - 4;
    assert_eq!((body as u64, end), (SIZE, None));
}

#[test]
fn an_answer_may_bring_its_own_framing() {
    let what = What::answer(200, &[("Content-Length", "99")], "short");
    let (answer, _, _) = retry_under(what);
    assert_eq!(answer.matches("Content-Length").count(), 1);
    assert!(answer.contains("Content-Length: 99\r\n"));
}
