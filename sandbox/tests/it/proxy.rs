//! The proxy in each of its modes.

use std::io::Write as _;

use codearts_sandbox::{Proxy, ProxyMode, Sandbox};

use crate::support::{connect, raw_retry, read_all};

/// Asks for a tunnel and sends a retry into it without waiting.
fn through(proxy: &Proxy, target: &str) -> String {
    let mut stream = connect(proxy.address());
    let connect = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
    // A proxy that closes early may leave no time to write.
    drop(stream.write_all((connect + &raw_retry()).as_bytes()));
    String::from_utf8_lossy(&read_all(&mut stream).0).into_owned()
}

#[test]
fn a_working_proxy_is_a_pipe() {
    let sandbox = Sandbox::start();
    let proxy = Proxy::start();
    let target = sandbox.address().to_string();
    let answer = through(&proxy, &target);
    assert!(answer.starts_with("HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK"));
    assert!(answer.ends_with(r#"{"success":true}"#));
    assert_eq!(proxy.connects(), [target]);
}

#[test]
fn any_target_can_lead_to_the_sandbox() {
    let sandbox = Sandbox::start();
    let proxy = Proxy::with(ProxyMode::To(sandbox.address()));
    let answer = through(&proxy, "service.example:443");
    assert!(answer.ends_with(r#"{"success":true}"#));
    assert_eq!(proxy.connects(), ["service.example:443"]);
}

#[test]
fn a_proxy_refuses_or_says_nothing() {
    let proxy = Proxy::start();
    for status in [403, 407, 502] {
        proxy.set_mode(ProxyMode::Answers(status));
        let answer = through(&proxy, "service.example:443");
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        assert_eq!(answer.contains("Proxy-Authenticate"), status == 407);
    }
    proxy.set_mode(ProxyMode::Closes);
    assert_eq!(through(&proxy, "service.example:443"), "");
    assert_eq!(proxy.connects().len(), 4);
}

#[test]
fn nobody_behind_the_proxy_is_a_502() {
    let proxy = Proxy::start();
    let nobody = Sandbox::start().address().to_string();
    assert!(through(&proxy, &nobody).starts_with("HTTP/1.1 502 "));
}
