//! A bad network: outcome, attempts and what is sent are as they should be.

use std::time::Duration;

use codearts_sandbox::{
    ACCESS_KEY_ID, Certificate, Endpoint, Fault, Moment, Proxy, ProxyMode, SECRET_ACCESS_KEY,
    Sandbox, Status, TOKEN, What,
};

use crate::support::{Ended, Step};

/// A step over TLS that trusts the sandbox's authority.
fn trusting(sandbox: &Sandbox, url: &str) -> Step {
    let step = Step::at(url);
    let file = step.path("ca.pem");
    std::fs::write(&file, sandbox.ca_pem()).unwrap();
    step.variable("SSL_CERT_FILE", file.to_str().unwrap())
}

#[track_caller]
fn assert_unavailable(ended: &Ended, attempts: &str, words: &str) {
    ended
        .assert(6, "unavailable")
        .assert_output("attempts", attempts)
        .assert_output("retried", "false");
    assert!(ended.stdout.contains(words), "{words} in {}", ended.stdout);
}

#[test]
fn one_retry_is_one_connection_with_the_documented_headers() {
    let sandbox = Sandbox::start();
    Step::new(&sandbox).run().assert(0, "accepted");
    sandbox.set_status(Status::Failed);
    Step::new(&sandbox)
        .without("INPUT_AUTH_TOKEN")
        .input("access_key_id", ACCESS_KEY_ID)
        .input("secret_access_key", SECRET_ACCESS_KEY)
        .input("iam_project_id", "abc")
        .run();
    assert_eq!(sandbox.counters().connections, 2);
    let requests = sandbox.requests();
    let header = |index: usize, name: &str| {
        let found = requests[index]
            .headers
            .iter()
            .find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert_eq!(header(0, "X-Auth-Token"), TOKEN);
    for index in [0, 1] {
        assert_eq!(
            header(index, "Content-Type"),
            "application/json;charset=utf-8"
        );
        assert_eq!(
            requests[index]
                .headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .unwrap()
                .1,
            "0"
        );
    }
    assert!(header(1, "Authorization").contains("SignedHeaders=host;x-project-id;x-sdk-date, "));
    assert_eq!(header(1, "X-Project-Id"), "abc");
}

#[test]
fn a_name_that_does_not_resolve_is_tried_again_and_nothing_was_accepted() {
    let ended = Step::at("https://no-such-host.invalid")
        .input("max_attempts", "2")
        .run();
    assert_unavailable(&ended, "2", "no connection to no-such-host.invalid");
}

#[test]
fn a_certificate_that_is_not_good_ends_the_step_at_once() {
    let sandbox = Sandbox::start();
    for certificate in [
        Certificate::Expired,
        Certificate::OtherName,
        Certificate::Untrusted,
    ] {
        let ended = trusting(&sandbox, &sandbox.https_url_with(certificate)).run();
        assert_unavailable(&ended, "1", "SSL_CERT_FILE");
        assert_unavailable(&ended, "1", "nothing was sent");
    }
    trusting(&sandbox, &sandbox.https_url_with(Certificate::Good))
        .run()
        .assert(0, "accepted");
}

#[test]
fn certificates_are_also_taken_from_directories() {
    let sandbox = Sandbox::start();
    let step = Step::at(&sandbox.https_url());
    let [empty, folder] = ["empty", "certs"].map(|name| step.path(name));
    for directory in [&empty, &folder] {
        std::fs::create_dir(directory).unwrap();
    }
    // The name that OpenSSL's rehash gives: only such files are read.
    std::fs::write(folder.join("0123abcd.0"), sandbox.ca_pem()).unwrap();
    let list = std::env::join_paths([&empty, &folder]).unwrap();
    let ended = step.variable("SSL_CERT_DIR", list.to_str().unwrap()).run();
    ended.assert(0, "accepted");
    let warning = format!("SSL_CERT_DIR: no certificate in {}", empty.display());
    assert!(ended.stdout.contains(&warning), "{}", ended.stdout);
}

#[test]
fn an_answer_that_breaks_off_over_tls_is_verified_at_once_and_a_slow_one_is_read() {
    let sandbox = Sandbox::start();
    let (effect, reset) = (true, false);
    for (what, requests) in [
        (What::CutHead { effect, reset }, 2),
        (What::CutBody { effect, reset }, 2),
        (What::NoLength { effect, cut: true }, 2),
        (What::NoLength { effect, cut: false }, 1),
        (
            What::Drip {
                every_ms: 1,
                effect,
            },
            1,
        ),
    ] {
        sandbox.reset();
        sandbox.fault(Fault::new(Endpoint::Retry, what.clone()));
        let ended = trusting(&sandbox, &sandbox.https_url()).run();
        ended.assert(0, "accepted").assert_output("attempts", "1");
        assert_eq!(sandbox.requests().len(), requests, "{what:?}");
        assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    }
}

#[test]
fn a_certificate_file_that_cannot_be_read_is_a_warning() {
    let sandbox = Sandbox::start();
    let ended = Step::at(&sandbox.https_url())
        .variable("SSL_CERT_FILE", "/absent.pem")
        .run();
    assert_unavailable(&ended, "1", "::warning::SSL_CERT_FILE");
}

#[test]
fn a_handshake_that_is_cut_off_is_tried_again_without_reading_the_run() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(
        Endpoint::Any,
        What::Close {
            at: Moment::FirstByte,
            reset: false,
        },
    ));
    let ended = trusting(&sandbox, &sandbox.https_url()).run();
    ended.assert(0, "accepted").assert_output("attempts", "2");
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn a_proxy_that_refuses_ends_the_step_and_names_its_variable() {
    let sandbox = Sandbox::start();
    for status in [403, 407] {
        let proxy = Proxy::with(ProxyMode::Answers(status));
        let ended = trusting(&sandbox, &sandbox.https_url())
            .variable("HTTPS_PROXY", &proxy.url())
            .run();
        assert_unavailable(&ended, "1", "HTTPS_PROXY");
    }
}

#[test]
fn a_proxy_that_fails_for_now_is_tried_again() {
    let sandbox = Sandbox::start();
    for mode in [ProxyMode::Answers(502), ProxyMode::Closes] {
        let proxy = Proxy::with(mode);
        let step = trusting(&sandbox, &sandbox.https_url()).input("max_attempts", "2");
        assert_unavailable(
            &step.variable("https_proxy", &proxy.url()).run(),
            "2",
            "https_proxy",
        );
        assert_eq!(proxy.connects().len(), 2);
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_proxy_is_used_for_https_and_left_out_where_no_proxy_or_loopback_says_so() {
    let sandbox = Sandbox::start();
    let proxy = Proxy::start();
    let step = || trusting(&sandbox, &sandbox.https_url()).variable("ALL_PROXY", &proxy.url());
    step().run().assert(0, "accepted");
    assert_eq!(proxy.connects().len(), 1);
    step()
        .variable("NO_PROXY", "other.example, 127.0.0.1, localhost")
        .run();
    Step::new(&sandbox)
        .variable("HTTP_PROXY", &proxy.url())
        .run();
    assert_eq!(proxy.connects().len(), 1);
}

#[test]
fn a_lost_answer_through_a_proxy_is_verified_too() {
    let sandbox = Sandbox::start();
    let proxy = Proxy::start();
    sandbox.fault(Fault::new(
        Endpoint::Retry,
        What::CutHead {
            effect: true,
            reset: true,
        },
    ));
    trusting(&sandbox, &sandbox.https_url())
        .variable("HTTPS_PROXY", &proxy.url())
        .run()
        .assert(0, "accepted")
        .assert_output("attempts", "1");
    assert_eq!(sandbox.counters().retry_effects, 1);
}

#[test]
fn the_password_of_a_proxy_is_never_shown() {
    let proxy = Proxy::with(ProxyMode::Answers(407));
    let url = proxy
        .url()
        .replace("http://", "http://user:pr0xy-password@");
    let ended = Step::at("https://127.0.0.1:9")
        .variable("HTTPS_PROXY", &url)
        .run();
    ended
        .assert(6, "unavailable")
        .assert_hides(&["pr0xy-password"]);
    let wrong = Step::at("https://127.0.0.1:9")
        .variable("HTTPS_PROXY", "ftp://user:pr0xy-password@host")
        .run();
    wrong
        .assert(2, "invalid-input")
        .assert_hides(&["pr0xy-password"]);
    assert!(wrong.output("error_message").contains("HTTPS_PROXY"));
}

#[test]
fn a_silent_server_is_given_up_after_request_timeout() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(Endpoint::Any, What::Hang { effect: false }).forever());
    let ended = Step::new(&sandbox)
        .input("request_timeout", "200ms")
        .input("max_attempts", "2")
        .run();
    ended
        .assert(6, "unavailable")
        .assert_output("retried", "unknown")
        .assert_output("attempts", "1");
    assert!(ended.took < Duration::from_secs(3), "{:?}", ended.took);
    assert_eq!(sandbox.counters().retries_received, 1);
}
