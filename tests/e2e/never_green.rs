//! What is not the service's clear yes is red, with the right code.

use codearts_sandbox::{Endpoint, Fault, Sandbox, What};

use crate::support::Step;

fn answered(what: What) -> (Sandbox, crate::support::Ended) {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(Endpoint::Retry, what));
    let ended = Step::new(&sandbox).run();
    (sandbox, ended)
}

#[test]
fn answers_that_are_not_a_clear_yes_are_refused() {
    for (body, retried) in [
        (r#"{"success":false}"#, "false"),
        (r#"{"success":"true"}"#, "unknown"),
        (r#"{"success":1}"#, "unknown"),
        (r#"{"success":null}"#, "unknown"),
        ("{}", "unknown"),
        ("[]", "unknown"),
        ("", "unknown"),
        ("<html>welcome</html>", "unknown"),
        (r#"{"result":{"success":true}}"#, "unknown"),
        (
            r#"{"success":true,"error_code":"NEW.1","error_msg":"m"}"#,
            "false",
        ),
        (
            r#"{"success":true,"error":{"code":"NEW.1","message":"m"}}"#,
            "false",
        ),
        (
            r#"{"success":true,"errorCode":"NEW.1","errorMsg":"m"}"#,
            "false",
        ),
        (r#"{"success":true,"code":"NEW.1","message":"m"}"#, "false"),
        (r#"{"success":"#, "unknown"),
    ] {
        let (sandbox, ended) = answered(What::answer(200, &[], body));
        ended
            .assert(9, "refused")
            .assert_output("retried", retried)
            .assert_output("attempts", "1");
        assert_eq!(sandbox.counters().retries_received, 1, "{body}");
    }
}

#[test]
fn an_empty_204_is_refused() {
    answered(What::status(204)).1.assert(9, "refused");
}

#[test]
fn an_answer_over_8_mib_is_refused_and_may_have_been_accepted() {
    let (_sandbox, ended) = answered(What::body_of(8 * 1024 * 1024 + 1));
    ended
        .assert(9, "refused")
        .assert_output("retried", "unknown");
    assert!(
        ended.stdout.contains("may have been accepted"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_redirect_is_refused_and_not_followed() {
    let elsewhere = Sandbox::start();
    let (_sandbox, ended) = answered(What::redirect(307, &format!("{}/login", elsewhere.url())));
    ended
        .assert(9, "refused")
        .assert_output("http_status", "307");
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_known_error_code_decides_even_inside_a_200() {
    for (code, exit, outcome) in [
        ("DEVPIPE.00011412", 5, "not-found"),
        ("DEVCP.00014031", 4, "forbidden"),
        ("DEV.00000001", 3, "unauthorized"),
        ("SOMETHING.NEW", 9, "refused"),
    ] {
        answered(What::error(200, code, "m"))
            .1
            .assert(exit, outcome)
            .assert_output("error_code", code);
    }
}

#[test]
fn hostile_service_text_stays_text() {
    let text = "a\r\n::error::forged\n##[stop-commands]x %0A \u{1b}[31m <b>*bold*</b> ::set-output name=x::y";
    let (_sandbox, ended) = answered(What::error(400, "X::1", text));
    ended.assert(9, "refused");
    for line in ended.stdout.lines() {
        assert!(
            !line.starts_with("::error::forged") && !line.contains('\u{1b}'),
            "{line}"
        );
        assert!(
            line.starts_with("::error") || !line.contains("##[stop-commands]"),
            "{line}"
        );
    }
    assert!(!ended.summary.contains("<b>"), "{}", ended.summary);
}

#[test]
fn no_secret_is_visible_at_trace_level_even_if_the_service_echoes_it() {
    use codearts_sandbox::{SECURITY_TOKEN, TEMPORARY_ACCESS_KEY_ID};
    let sandbox = Sandbox::start();
    let secret = "WrongSecretKeyNotReal000000000000000002";
    let ended = Step::new(&sandbox)
        .without("INPUT_AUTH_TOKEN")
        .input("access_key_id", TEMPORARY_ACCESS_KEY_ID)
        .input("secret_access_key", secret)
        .input("security_token", SECURITY_TOKEN)
        .input("log_level", "trace")
        .variable("RUNNER_DEBUG", "1")
        .variable("RUST_LOG", "trace")
        .run();
    ended.assert(3, "unauthorized");
    let visible = ended.visible();
    ended.assert_hides(&[secret, SECURITY_TOKEN, TEMPORARY_ACCESS_KEY_ID]);
    assert!(visible.contains("debug: PUT"), "{visible}");
}

#[test]
fn the_output_file_says_what_the_step_says() {
    let sandbox = Sandbox::start();
    let step = Step::new(&sandbox);
    let json = step.path("out.json");
    let ended = step.input("output_file", json.to_str().unwrap()).run();
    ended.assert(0, "accepted");
    let written: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(written["success"], true);
    assert_eq!(written["outcome"], "accepted");
}

#[test]
fn unreachable_and_untrusted_hosts_are_unavailable_and_nothing_was_accepted() {
    let sandbox = Sandbox::start();
    let refused = Step::at("http://127.0.0.1:9")
        .input("max_attempts", "2")
        .run();
    refused
        .assert(6, "unavailable")
        .assert_output("attempts", "2")
        .assert_output("retried", "false");
    let untrusted = Step::at(&sandbox.https_url()).run();
    untrusted
        .assert(6, "unavailable")
        .assert_output("attempts", "1");
    assert!(
        untrusted.stdout.contains("SSL_CERT_FILE"),
        "{}",
        untrusted.stdout
    );
    let step = Step::at(&sandbox.https_url());
    let file = step.path("ca.pem");
    std::fs::write(&file, sandbox.ca_pem()).unwrap();
    step.variable("SSL_CERT_FILE", file.to_str().unwrap())
        .run()
        .assert(0, "accepted");
    let plain = Step::at(&sandbox.url().replace("http://", "https://")).run();
    plain
        .assert(6, "unavailable")
        .assert_output("attempts", "1");
}

#[test]
fn a_message_of_5_mb_is_cut_and_stays_one_annotation() {
    let message = "<b>::error::x</b> | `y`\n".repeat(220_000);
    let (_sandbox, ended) = answered(What::error(403, "APIGW.0302", &message));
    ended.assert(4, "forbidden");
    assert!(ended.output("error_message").len() <= 4096);
    assert!(ended.stdout.lines().all(|line| line.len() < 64 * 1024));
    assert!(
        ended.stdout.contains("membership of the CodeArts project"),
        "the advice survives the cut"
    );
    assert!(ended.summary.len() < 1024 * 1024);
}

#[test]
fn outputs_that_can_no_longer_be_written_make_an_accepted_retry_red_and_correct_the_others() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(
        Endpoint::Retry,
        What::Delay {
            ms: 500,
            after_effect: true,
        },
    ));
    let step = Step::new(&sandbox);
    let json = step.path("out.json");
    let step = step.input("output_file", json.to_str().unwrap());
    let child = step
        .command()
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while sandbox.counters().retry_effects == 0 {
        std::thread::yield_now();
    }
    std::fs::remove_file(step.output_file()).unwrap();
    std::fs::create_dir(step.output_file()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(10),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let written: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(written["success"], false);
    assert_eq!(written["outcome"], "output-failed");
    assert_eq!(written["retried"], true);
    assert_eq!(written["result"]["outcome"], "output-failed");
}
