//! An answer that is lost never starts the run twice, and never hides that it was not started at all.

use codearts_sandbox::{Endpoint, Fault, Moment, RUN_ID, Sandbox, What};

use crate::support::Step;

fn step(sandbox: &Sandbox) -> Step {
    Step::new(sandbox).input("request_timeout", "400ms")
}

/// Every way to lose an answer.
fn ambiguous() -> Vec<(&'static str, What)> {
    vec![
        ("500", What::status(500)),
        ("502", What::status(502)),
        ("503", What::status(503)),
        ("504", What::status(504)),
        ("408", What::status(408)),
        ("busy code", What::error(200, "DEVCP.00020500", "busy")),
        (
            "unknown service error",
            What::error(500, "DEVCP.00010000", "unknown"),
        ),
        (
            "cut head",
            What::CutHead {
                effect: false,
                reset: false,
            },
        ),
        (
            "reset in the head",
            What::CutHead {
                effect: false,
                reset: true,
            },
        ),
        (
            "cut body",
            What::CutBody {
                effect: false,
                reset: false,
            },
        ),
        (
            "reset in the body",
            What::CutBody {
                effect: false,
                reset: true,
            },
        ),
        (
            "cut chunk",
            What::Chunked {
                cut: true,
                effect: false,
                reset: false,
            },
        ),
        (
            "body without length cut",
            What::NoLength {
                cut: true,
                effect: false,
            },
        ),
        (
            "drip",
            What::Drip {
                every_ms: 100,
                effect: false,
            },
        ),
        (
            "closed",
            What::Close {
                at: Moment::BeforeEffect,
                reset: false,
            },
        ),
        (
            "reset",
            What::Close {
                at: Moment::BeforeEffect,
                reset: true,
            },
        ),
        ("silence", What::Hang { effect: false }),
    ]
}

#[test]
fn a_lost_answer_after_the_effect_is_one_effect_and_green() {
    for (name, what) in ambiguous() {
        let sandbox = Sandbox::start();
        sandbox.fault(Fault::new(Endpoint::Retry, what.with_effect()));
        let ended = step(&sandbox).run();
        ended
            .assert(0, "accepted")
            .assert_output("retried", "true")
            .assert_output("attempts", "1");
        assert_eq!(
            sandbox.counters().retry_effects,
            1,
            "{name}: {}",
            ended.stdout
        );
    }
}

#[test]
fn a_lost_answer_without_effect_is_sent_again_and_is_one_effect() {
    std::thread::scope(|scope| {
        for (name, what) in ambiguous() {
            scope.spawn(move || {
                let sandbox = Sandbox::start();
                sandbox.fault(Fault::new(Endpoint::Retry, what));
                let ended = step(&sandbox).run();
                ended.assert(0, "accepted").assert_output("attempts", "2");
                assert_eq!(
                    sandbox.counters().retry_effects,
                    1,
                    "{name}: {}",
                    ended.stdout
                );
            });
        }
    });
}

#[test]
fn an_unclear_last_attempt_is_verified_too() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(Endpoint::Retry, What::status(502)).forever());
    let ended = step(&sandbox).input("max_attempts", "1").run();
    ended
        .assert(6, "unavailable")
        .assert_output("retried", "false")
        .assert_output("attempts", "1");
    assert!(
        ended
            .stdout
            .contains("not accepted, as far as the run shows"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_run_that_cannot_be_read_for_now_is_not_sent_again() {
    for detail in [
        What::status(503),
        What::html(200),
        What::error(200, "DEVPIPE.00011401", "gone"),
        What::status(401),
        What::answer(
            200,
            &[],
            r#"{"id":"94511c7207474053ab5f6e2dd5624cd5","status":"NEW"}"#,
        ),
        What::answer(
            200,
            &[],
            r#"{"id":"94511c7207474053ab5f6e2dd5624cd5","status":"FAILED"}"#,
        ),
        What::answer(
            200,
            &[],
            r#"{"id":"00000000000000000000000000000000","status":"RUNNING"}"#,
        ),
    ] {
        let sandbox = Sandbox::start();
        sandbox.fault(Fault::new(Endpoint::Retry, What::status(502).with_effect()));
        sandbox.fault(Fault::new(Endpoint::Detail, detail.clone()).forever());
        let ended = step(&sandbox).input("max_attempts", "2").run();
        ended
            .assert(6, "unavailable")
            .assert_output("retried", "unknown");
        assert!(
            ended.stdout.contains("may have been accepted"),
            "{}",
            ended.stdout
        );
        assert_eq!(sandbox.counters().retries_received, 1, "{detail:?}");
    }
}

#[test]
fn a_refusal_after_an_unclear_attempt_is_verified_before_it_is_believed() {
    // The effect comes late: the run is read as unchanged, the second attempt meets a run in progress.
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(Endpoint::Retry, What::status(502)));
    sandbox.fault(
        Fault::new(
            Endpoint::Retry,
            What::answer(200, &[], r#"{"success":false}"#).with_effect(),
        )
        .skip(0),
    );
    let ended = step(&sandbox).run();
    ended
        .assert(0, "accepted")
        .assert_output("attempts", "2")
        .assert_output("retried", "true");
    assert_eq!(sandbox.counters().retry_effects, 1);
}

#[test]
fn a_401_after_an_unclear_attempt_stands_and_says_so() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(Endpoint::Retry, What::status(502)));
    sandbox.fault(Fault::new(Endpoint::Retry, What::status(401)));
    let ended = step(&sandbox).run();
    ended
        .assert(3, "unauthorized")
        .assert_output("retried", "unknown");
    assert!(
        ended
            .stdout
            .contains("an earlier attempt may have been accepted"),
        "{}",
        ended.stdout
    );
}

#[test]
fn an_endpoint_without_the_detail_call_is_sent_again() {
    let mut server = mockito::Server::new();
    let path = format!(
        "/v5/{}/api/pipelines/{}/pipeline-runs/{RUN_ID}/retry",
        codearts_sandbox::PROJECT_ID,
        codearts_sandbox::PIPELINE_ID
    );
    let unavailable = server
        .mock("PUT", path.as_str())
        .with_status(503)
        .expect(2)
        .create();
    let accepted = server
        .mock("PUT", path.as_str())
        .with_body(r#"{"success":true}"#)
        .expect(1)
        .create();
    let ended = Step::at(&server.url()).run();
    ended.assert(0, "accepted").assert_output("attempts", "3");
    unavailable.assert();
    accepted.assert();
    assert!(ended.stdout.contains("::warning"), "{}", ended.stdout);
}

#[test]
fn a_run_found_in_the_queue_is_queued_and_not_sent_again() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(Endpoint::Retry, What::status(504)));
    let queue = format!(r#"{{"queuedPipelines":[{{"id":"q-3","pipeline_run_id":"{RUN_ID}"}}]}}"#);
    sandbox.fault(Fault::new(Endpoint::Queue, What::answer(200, &[], &queue)));
    step(&sandbox)
        .run()
        .assert(0, "queued")
        .assert_output("queue_id", "q-3");
    assert_eq!(sandbox.counters().retries_received, 1);
}
