//! HTTP as the sandbox speaks it: what is recorded, what is kept, how it ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use codearts_sandbox::{Endpoint, Sandbox, TOKEN};

use crate::support::{connect, exchange, path, raw, raw_retry, read_all, retry_path};

/// Reads one answer of a kept connection.
fn read_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"}") {
        stream.read_exact(&mut byte).expect("an answer with a body");
        answer.extend_from_slice(&byte);
    }
    String::from_utf8(answer).expect("an answer in ASCII")
}

#[test]
fn a_request_is_recorded_exactly_as_sent() {
    let sandbox = Sandbox::start();
    let target = format!("{}?x=%7E&y", retry_path());
    let body = r#"{"job_run_ids":[]}"#;
    exchange(
        &sandbox,
        &raw(
            "PUT",
            &target,
            "x-ODD-Name:  a b \r\nConnection: close\r\n",
            body,
        ),
    );
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!((request.method.as_str(), &request.target), ("PUT", &target));
    let names: Vec<&str> = request
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "Host",
            "X-Auth-Token",
            "x-ODD-Name",
            "Connection",
            "Content-Length"
        ]
    );
    assert_eq!(request.header("X-Odd-Name"), Some("a b"));
    assert_eq!(request.body, body.as_bytes());
    assert!(request.fresh_connection && !request.tls && request.at_ms > 0);
}

#[test]
fn chunks_of_a_request_are_joined() {
    let sandbox = Sandbox::start();
    let chunked = format!(
        "POST {} HTTP/1.1\r\nHost: s\r\nX-Auth-Token: {TOKEN}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
         5;note=x\r\n{{\"lim\r\n7\r\nit\":1}}\n\r\n0\r\nTrailer: t\r\n\r\n",
        path("/pipeline-runs/list")
    );
    let (answer, _) = exchange(&sandbox, &chunked);
    assert!(answer.contains(r#""limit":1"#), "{answer}");
    assert_eq!(sandbox.requests()[0].body, b"{\"limit\":1}\n");
}

#[test]
fn a_connection_is_kept_until_the_client_says_close() {
    let sandbox = Sandbox::start();
    let mut stream = connect(sandbox.address());
    let detail = raw("GET", &path("/pipeline-runs/detail"), "", "");
    let queue = raw("GET", &path("/queued-pipeline"), "", "");
    // Two at once: the second waits in the buffer.
    stream
        .write_all((queue.clone() + &queue).as_bytes())
        .expect("open");
    for _ in 0..2 {
        let answer = read_answer(&mut stream);
        assert!(answer.contains("Connection: keep-alive\r\n"));
        assert!(answer.ends_with(r#"{"queuedPipelines":[]}"#));
    }
    let last = detail.replace(
        "\r\nContent-Length",
        "\r\nConnection: close\r\nContent-Length",
    );
    stream.write_all(last.as_bytes()).expect("still open");
    let (answer, end) = read_all(&mut stream);
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert_eq!(end, None);
    let fresh: Vec<bool> = sandbox
        .requests()
        .iter()
        .map(|request| request.fresh_connection)
        .collect();
    assert_eq!(fresh, [true, false, false]);
    assert_eq!(sandbox.counters().connections, 1);
}

#[test]
fn every_answer_has_a_request_id_of_its_own() {
    let sandbox = Sandbox::start();
    let ids: Vec<String> = (0..2)
        .map(|_| {
            let (answer, _) = exchange(&sandbox, &raw_retry());
            let (_, rest) = answer.split_once("X-Request-Id: ").expect("a request id");
            rest.chars().take_while(char::is_ascii_hexdigit).collect()
        })
        .collect();
    assert_eq!(ids[0].len(), 32);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn what_is_not_http_is_a_bad_request_and_not_counted() {
    let sandbox = Sandbox::start();
    let (answer, _) = exchange(&sandbox, "\u{1}\u{2}nonsense\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("APIGW.0201"));
    assert_eq!(sandbox.counters().of(Endpoint::Any), 0);
}

#[test]
fn many_sandboxes_start_and_stop_without_waiting() {
    let sandboxes: Vec<Sandbox> = (0..50).map(|_| Sandbox::start()).collect();
    let idle: Vec<TcpStream> = sandboxes.iter().map(|one| connect(one.address())).collect();
    drop(sandboxes);
    for mut stream in idle {
        let (received, _) = read_all(&mut stream);
        assert_eq!(received, b"");
    }
}
