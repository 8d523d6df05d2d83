//! Every ending that is reachable without `wait`: exit code, outcome and outputs agree.

use codearts_sandbox::{Endpoint, Fault, RUN_ID, Sandbox, Status, What};

use crate::support::Step;

#[test]
fn a_good_retry_is_accepted_with_one_request() {
    let sandbox = Sandbox::start();
    Step::new(&sandbox)
        .run()
        .assert(0, "accepted")
        .assert_output("retried", "true")
        .assert_output("retries", "1")
        .assert_output("attempts", "1")
        .assert_output("pipeline_run_id", RUN_ID);
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(sandbox.counters().retry_effects, 1);
}

#[test]
fn signed_requests_are_accepted_with_fixed_and_temporary_keys() {
    use codearts_sandbox::{
        ACCESS_KEY_ID, SECRET_ACCESS_KEY, SECURITY_TOKEN, TEMPORARY_ACCESS_KEY_ID,
        TEMPORARY_SECRET_ACCESS_KEY,
    };
    let sandbox = Sandbox::start();
    let step = || {
        Step::new(&sandbox)
            .without("INPUT_AUTH_TOKEN")
            .input("iam_project_id", "0123456789abcdef")
    };
    step()
        .input("access_key_id", ACCESS_KEY_ID)
        .input("secret_access_key", SECRET_ACCESS_KEY)
        .run()
        .assert(0, "accepted");
    sandbox.reset();
    step()
        .variable("HUAWEICLOUD_SDK_AK", TEMPORARY_ACCESS_KEY_ID)
        .variable("HUAWEICLOUD_SDK_SK", TEMPORARY_SECRET_ACCESS_KEY)
        .variable("HUAWEICLOUD_SDK_SECURITY_TOKEN", SECURITY_TOKEN)
        .run()
        .assert(0, "accepted");
}

#[test]
fn a_retry_beyond_the_concurrency_limit_is_queued() {
    let sandbox = Sandbox::start();
    let queued =
        r#"{"error_code":"DEVPIPE.00011169","error_msg":"queued","error":{"queue_id":"q-17"}}"#;
    sandbox.fault(Fault::new(Endpoint::Retry, What::answer(200, &[], queued)));
    Step::new(&sandbox)
        .run()
        .assert(0, "queued")
        .assert_output("queue_id", "q-17")
        .assert_output("retried", "true");
}

#[test]
fn latest_that_has_completed_is_left_alone() {
    let sandbox = Sandbox::start();
    sandbox.set_status(Status::Completed);
    Step::new(&sandbox)
        .input("pipeline_run_id", "latest")
        .run()
        .assert(0, "already-completed")
        .assert_output("retried", "false")
        .assert_output("status", "COMPLETED")
        .assert_output("pipeline_run_id", RUN_ID);
    assert_eq!(sandbox.counters().retries_received, 0);
}

#[test]
fn latest_in_progress_is_left_alone() {
    let sandbox = Sandbox::start();
    sandbox.set_status(Status::Running);
    Step::new(&sandbox)
        .input("pipeline_run_id", "latest")
        .run()
        .assert(0, "already-running");
    assert_eq!(sandbox.counters().retries_received, 0);
}

#[test]
fn latest_that_has_failed_is_retried() {
    let sandbox = Sandbox::start();
    Step::new(&sandbox)
        .input("pipeline_run_id", "latest")
        .run()
        .assert(0, "accepted")
        .assert_output("run_number", "7");
    assert_eq!(sandbox.counters().retry_effects, 1);
}

#[test]
fn latest_of_a_pipeline_without_runs_is_not_found() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(
        Endpoint::List,
        What::answer(200, &[], r#"{"pipeline_runs":[],"total":0}"#),
    ));
    sandbox.fault(Fault::new(Endpoint::Detail, What::status(404)));
    let ended = Step::new(&sandbox).input("pipeline_run_id", "latest").run();
    ended.assert(5, "not-found");
    assert!(
        ended
            .output("error_message")
            .contains("the pipeline has no run")
    );
}

#[test]
fn a_dry_run_checks_and_changes_nothing() {
    let sandbox = Sandbox::start();
    Step::new(&sandbox)
        .input("dry_run", "true")
        .run()
        .assert(0, "dry-run")
        .assert_output("status", "FAILED")
        .assert_output("retried", "false");
    assert_eq!(sandbox.counters().retries_received, 0);
    assert_eq!(sandbox.counters().retry_effects, 0);
}

#[test]
fn wrong_inputs_are_reported_together_and_nothing_is_sent() {
    let sandbox = Sandbox::start();
    let ended = Step::new(&sandbox)
        .input("project_id", "short")
        .input("wait_timeout", "soon")
        .input("max_attempts", "21")
        .run();
    ended
        .assert(2, "invalid-input")
        .assert_output("attempts", "0")
        .assert_output("retried", "false");
    for name in ["project_id", "wait_timeout", "max_attempts"] {
        assert!(
            ended.output("error_message").contains(name),
            "{}",
            ended.output("error_message")
        );
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn an_argument_is_an_invalid_input() {
    let sandbox = Sandbox::start();
    Step::new(&sandbox)
        .argument("--retry")
        .run()
        .assert(2, "invalid-input");
    Step::new(&sandbox)
        .argument("--help")
        .argument("x")
        .run()
        .assert(2, "invalid-input");
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_token_that_is_not_accepted_is_unauthorized_and_sent_once() {
    let sandbox = Sandbox::start();
    let ended = Step::new(&sandbox)
        .input("auth_token", "MIIPnotthisone")
        .run();
    ended
        .assert(3, "unauthorized")
        .assert_output("http_status", "401")
        .assert_output("retried", "false");
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn a_caller_without_the_right_is_forbidden_and_told_what_to_do() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(
        Endpoint::Retry,
        What::error(403, "APIGW.0302", "no"),
    ));
    let ended = Step::new(&sandbox).run();
    ended
        .assert(4, "forbidden")
        .assert_output("error_code", "APIGW.0302")
        .assert_output("error_message", "no");
    assert!(
        ended.stdout.contains("membership of the CodeArts project"),
        "{}",
        ended.stdout
    );
    assert!(ended.summary.contains("membership"), "{}", ended.summary);
}

#[test]
fn what_is_not_there_is_not_found() {
    let sandbox = Sandbox::start();
    for (name, code) in [
        ("project_id", "DEVPIPE.00011412"),
        ("pipeline_id", "DEVPIPE.00011401"),
        ("pipeline_run_id", "DEVCP.00012002"),
    ] {
        let ended = Step::new(&sandbox)
            .input(name, "0123456789abcdef0123456789abcdef")
            .run();
        ended
            .assert(5, "not-found")
            .assert_output("error_code", code);
    }
}

#[test]
fn a_service_that_stays_down_is_unavailable() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(Endpoint::Retry, What::throttled("0")).forever());
    Step::new(&sandbox)
        .input("max_attempts", "3")
        .run()
        .assert(6, "unavailable")
        .assert_output("attempts", "3")
        .assert_output("retried", "false");
    assert_eq!(sandbox.counters().retries_received, 3);
}

#[test]
fn a_retry_after_beyond_the_budget_fails_at_once() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(Endpoint::Retry, What::throttled("3600")).forever());
    let ended = Step::new(&sandbox).run();
    ended
        .assert(6, "unavailable")
        .assert_output("attempts", "1");
    assert!(
        ended.output("error_message").len() > 4 && ended.stdout.contains("does not fit"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_run_that_cannot_be_retried_is_refused_with_its_state() {
    let sandbox = Sandbox::start();
    sandbox.set_status(Status::Completed);
    let ended = Step::new(&sandbox).run();
    ended
        .assert(9, "refused")
        .assert_output("status", "COMPLETED")
        .assert_output("retried", "false");
    assert!(
        ended
            .stdout
            .contains("success: false; the run is COMPLETED"),
        "{}",
        ended.stdout
    );
}

#[test]
fn an_output_file_that_cannot_be_written_is_found_before_anything_is_sent() {
    let sandbox = Sandbox::start();
    Step::new(&sandbox)
        .input("output_file", "absent/outputs.json")
        .run()
        .assert(10, "output-failed");
    let unset = Step::new(&sandbox).without("GITHUB_OUTPUT").run();
    assert_eq!(unset.code, 10, "{}", unset.stdout);
    assert!(sandbox.requests().is_empty());
}

#[test]
fn job_run_ids_go_into_the_body_and_only_then_is_there_one() {
    let sandbox = Sandbox::start();
    Step::new(&sandbox).run();
    Step::new(&sandbox)
        .input("job_run_ids", "0123456789abcdef0123456789abcdef")
        .run();
    let bodies: Vec<_> = sandbox
        .requests()
        .into_iter()
        .filter(|request| request.method == "PUT")
        .map(|request| String::from_utf8(request.body).unwrap())
        .collect();
    assert_eq!(
        bodies,
        [
            "",
            r#"{"job_run_ids":["0123456789abcdef0123456789abcdef"]}"#
        ]
    );
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_hanging_request_within_a_second_with_outputs() {
    use std::io::Read as _;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let sandbox = Sandbox::start();
        sandbox.fault(Fault::new(Endpoint::Retry, What::Hang { effect: false }));
        let step = Step::new(&sandbox);
        let mut child = step
            .command()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let limit = Instant::now() + Duration::from_secs(10);
        while sandbox.counters().retries_received == 0 && Instant::now() < limit {
            std::thread::yield_now();
        }
        let sent = Instant::now();
        Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .status()
            .unwrap();
        let status = child.wait().unwrap();
        let took = sent.elapsed();
        let mut stdout = Vec::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_end(&mut stdout)
            .unwrap();
        let output = std::process::Output {
            status,
            stdout,
            stderr: Vec::new(),
        };
        let ended = step.ended(&output, took);
        ended
            .assert(code, "interrupted")
            .assert_output("retried", "unknown");
        assert!(ended.took < Duration::from_secs(1), "{:?}", ended.took);
    }
}

#[test]
fn each_attempt_is_one_line_of_the_debug_log_with_what_comes_after_it() {
    let sandbox = Sandbox::start();
    let attempts = |status: u16| {
        sandbox.reset();
        let failing = What::error(status, "NEW.1", "no");
        sandbox.fault(Fault::new(Endpoint::Retry, failing));
        let ended = Step::new(&sandbox).run();
        let lines = ended.stdout.lines().chain(ended.stderr.lines());
        lines
            .filter_map(|line| line.split_once("/retry attempt "))
            .map(|(_, rest)| rest.to_owned())
            .collect::<Vec<_>>()
    };
    let [first, second] = &attempts(429)[..] else {
        panic!("two attempts were expected")
    };
    assert!(first.starts_with("1: 429, NEW.1, request id "), "{first}");
    assert!(first.contains("; next in "), "{first}");
    assert!(second.starts_with("2: 200, request id "), "{second}");
    let [refused] = &attempts(400)[..] else {
        panic!("one attempt was expected")
    };
    assert!(refused.starts_with("1: 400, NEW.1"), "{refused}");
    assert!(refused.ends_with("; no further attempt"), "{refused}");
}
