//! Waiting with the real program: every ending, its exit code and its outputs.

use std::time::Duration;

use codearts_sandbox::{
    Concurrency, Endpoint, Fault, Job, RUN_ID, RUN_NUMBER, Run, Sandbox, Stage, Status,
    Step as RunStep, TOKEN, Verdict, What,
};
use serde_json::Value;

use crate::support::Step;

fn waiting(sandbox: &Sandbox) -> Step {
    Step::new(sandbox)
        .input("wait", "true")
        .input("poll_interval", "1s")
}

fn sandbox_of(run: Run) -> Sandbox {
    Sandbox::builder().runs([run]).start()
}

fn sample() -> Run {
    Run::sample(RUN_ID, RUN_NUMBER)
}

#[test]
fn a_run_that_completes_is_completed() {
    let sandbox = Sandbox::start();
    let ended = waiting(&sandbox).run();
    ended
        .assert(0, "completed")
        .assert_output("status", "COMPLETED")
        .assert_output("retried", "true")
        .assert_output("retries", "1")
        .assert_output("failed_jobs", "[]");
    assert!(ended.summary.contains("compile"), "{}", ended.summary);
    assert_eq!(sandbox.counters().retry_effects, 1);
}

#[test]
fn a_run_that_is_completed_is_already_completed() {
    let sandbox = Sandbox::start();
    sandbox.set_status(Status::Completed);
    waiting(&sandbox)
        .run()
        .assert(0, "already-completed")
        .assert_output("retried", "false");
    assert_eq!(sandbox.counters().retries_received, 0);
}

#[test]
fn latest_in_progress_is_attached_to() {
    let sandbox = Sandbox::start();
    sandbox.set_status(Status::Running);
    waiting(&sandbox)
        .input("pipeline_run_id", "latest")
        .run()
        .assert(0, "completed")
        .assert_output("retried", "false")
        .assert_output("pipeline_run_id", RUN_ID);
    assert_eq!(sandbox.counters().retries_received, 0);
}

#[test]
fn a_run_that_fails_again_is_red_and_explained() {
    let sandbox = sandbox_of(sample().verdicts([Verdict::Failed]));
    let ended = waiting(&sandbox).run();
    ended
        .assert(1, "run-failed")
        .assert_output("status", "FAILED")
        .assert_output("retries", "1")
        .assert_output("error_message", "compile failed: exit status 101");
    let jobs: Value = serde_json::from_str(ended.output("failed_jobs")).unwrap();
    assert_eq!(jobs[0]["job"], "compile");
    assert_eq!(jobs.as_array().unwrap().len(), 1);
}

#[test]
fn a_run_that_somebody_stops_is_canceled() {
    let sandbox = sandbox_of(sample().verdicts([Verdict::Canceled]));
    waiting(&sandbox)
        .run()
        .assert(8, "run-canceled")
        .assert_output("status", "CANCELED");
}

#[test]
fn an_ignored_run_counts_as_canceled() {
    let sandbox = Sandbox::start();
    let ignored = What::RunStatus {
        status: "IGNORED".to_owned(),
    };
    sandbox.fault(Fault::new(Endpoint::Detail, ignored).skip(1).forever());
    waiting(&sandbox).run().assert(8, "run-canceled");
}

#[test]
fn the_deadline_after_an_acceptance_is_a_timeout_whatever_the_last_poll_said() {
    for fault in [None, Some(What::status(503))] {
        let sandbox = sandbox_of(sample().verdicts([Verdict::Paused]));
        if let Some(what) = fault {
            sandbox.fault(Fault::new(Endpoint::Detail, what).skip(1).forever());
        }
        let ended = waiting(&sandbox).input("wait_timeout", "2s").run();
        ended
            .assert(7, "wait-timeout")
            .assert_output("retried", "true");
        assert!(ended.took < Duration::from_secs(4), "{:?}", ended.took);
    }
}

#[test]
fn the_deadline_before_anything_was_sent_is_unavailable() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(Endpoint::Detail, What::throttled("1")).forever());
    let ended = waiting(&sandbox).input("wait_timeout", "1s").run();
    ended
        .assert(6, "unavailable")
        .assert_output("retried", "false");
    assert!(
        ended.stdout.contains("no retry was sent"),
        "{}",
        ended.stdout
    );
    assert_eq!(sandbox.counters().retries_received, 0);
}

#[test]
fn a_refusal_while_polling_has_its_own_code_and_keeps_the_retry() {
    for (status, code, outcome) in [
        (401, 3, "unauthorized"),
        (403, 4, "forbidden"),
        (404, 5, "not-found"),
    ] {
        let sandbox = Sandbox::start();
        sandbox.fault(Fault::new(Endpoint::Detail, What::status(status)).skip(1));
        let ended = waiting(&sandbox).run();
        ended
            .assert(code, outcome)
            .assert_output("retried", "true")
            .assert_output("http_status", &status.to_string());
        assert!(
            ended.stdout.contains("its end cannot be waited for"),
            "{}",
            ended.stdout
        );
    }
}

#[test]
fn a_refused_retry_says_the_runs_state() {
    let sandbox = Sandbox::start();
    let no = What::answer(200, &[], r#"{"success":false}"#);
    sandbox.fault(Fault::new(Endpoint::Retry, no));
    let ended = waiting(&sandbox).run();
    ended.assert(9, "refused").assert_output("retried", "false");
    assert!(
        ended.stdout.contains("the run is FAILED"),
        "{}",
        ended.stdout
    );
}

#[test]
fn outputs_that_cannot_be_written_after_a_good_wait_are_red() {
    let sandbox = Sandbox::start();
    let step = waiting(&sandbox);
    let folder = step.path("gone");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("out.json");
    let step = step.input("output_file", file.to_str().unwrap());
    let child = step
        .command()
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while sandbox.counters().retry_effects == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let output = child.wait_with_output().unwrap();
    step.ended(&output, Duration::ZERO)
        .assert(10, "output-failed");
}

#[test]
fn a_dry_run_does_not_wait() {
    let sandbox = sandbox_of(sample().status(Status::Running));
    let ended = waiting(&sandbox).input("dry_run", "true").run();
    ended.assert(0, "dry-run");
    assert_eq!(sandbox.counters().of(Endpoint::Detail), 1);
}

#[test]
fn a_run_that_fails_twice_and_then_completes_is_green_with_three_retries() {
    let sandbox = sandbox_of(sample().verdicts([Verdict::Failed, Verdict::Failed]));
    waiting(&sandbox)
        .input("max_retries", "3")
        .run()
        .assert(0, "completed")
        .assert_output("retries", "3")
        .assert_output("attempts", "3");
    assert_eq!(sandbox.counters().retry_effects, 3);
}

#[test]
fn a_queued_retry_is_waited_for() {
    let sandbox = Sandbox::builder()
        .runs([sample()])
        .concurrency(Concurrency {
            holds_ms: 1500,
            retries: Some(1),
            ..Concurrency::default()
        })
        .start();
    let ended = waiting(&sandbox).run();
    ended
        .assert(0, "completed")
        .assert_output("retried", "true");
    assert!(!ended.output("queue_id").is_empty());
    assert!(
        ended.stdout.contains("in the queue: number 1"),
        "{}",
        ended.stdout
    );
}

#[test]
fn polls_that_fail_in_every_way_of_a_network_do_not_end_the_wait() {
    let job = Job::new("soak").lasts_ms(600_000).failure("it broke");
    let run = Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Soak").job(job)]);
    let sandbox = sandbox_of(run);
    for what in [
        What::CutHead {
            effect: true,
            reset: true,
        },
        What::Close {
            at: codearts_sandbox::Moment::AfterEffect,
            reset: false,
        },
        What::CutBody {
            effect: true,
            reset: true,
        },
        What::html(502),
        What::throttled("1"),
    ] {
        sandbox.fault(Fault::new(Endpoint::Detail, what).skip(1));
    }
    let ended = waiting(&sandbox).run();
    ended.assert(0, "completed");
    let warnings = ended
        .stdout
        .lines()
        .filter(|line| line.contains("could not be read"));
    assert_eq!(warnings.count(), 1, "{}", ended.stdout);
}

#[test]
fn a_token_in_the_log_of_a_failed_step_is_not_shown() {
    use codearts_sandbox::{Step as RunStep, TOKEN};
    let leak = format!("curl -H 'X-Auth-Token: {TOKEN}' https://x");
    // One that a cut at 4 KiB would go through.
    let long = format!("{}{TOKEN}", "x".repeat(4096 - TOKEN.len() / 2));
    let job = Job::new("compile")
        .lasts_ms(1000)
        .failure(format!("::error::the token {TOKEN} was refused"))
        .step(RunStep::new("call", "official_shell_plugin").log([
            leak.as_str(),
            long.as_str(),
            "::set-output name=success::true",
            "##vso[task.complete result=Succeeded]",
        ]));
    let run = Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Build").job(job)])
        .verdicts([Verdict::Failed]);
    let ended = waiting(&sandbox_of(run)).run();
    ended.assert(1, "run-failed");
    assert!(ended.stdout.contains("curl -H"), "{}", ended.stdout);
    assert!(
        !ended.visible().contains(&TOKEN[..16]),
        "{}",
        ended.visible()
    );
    assert!(
        !ended
            .stdout
            .lines()
            .any(|line| line.starts_with("::set-output"))
    );
    assert!(!ended.stdout.contains("##vso["));
}

#[test]
fn a_secret_in_a_log_line_that_is_cut_leaves_no_half_of_itself() {
    let half = TOKEN.len() / 2;
    let line = format!("{}{TOKEN}", "x".repeat(4096 - half));
    let job = Job::new("leaky")
        .lasts_ms(10)
        .failure("it broke")
        .step(RunStep::new("leaky", "official_shell_plugin").log([line]));
    let run = Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Leak").job(job)]);
    let sandbox = Sandbox::builder()
        .runs([run.verdicts([Verdict::Failed])])
        .start();
    let ended = Step::new(&sandbox)
        .input("wait", "true")
        .input("poll_interval", "1s")
        .run();
    ended.assert(1, "run-failed");
    assert!(ended.stdout.contains("xxx"), "the log is shown");
    assert!(!ended.visible().contains(&TOKEN[..half - 8]));
}

#[test]
fn a_secret_with_invisible_characters_in_it_is_not_joined_where_they_are_dropped() {
    let (head, tail) = TOKEN.split_at(TOKEN.len() / 2);
    let broken = format!("{head}\u{200b}{tail}");
    let job = Job::new(broken.clone())
        .lasts_ms(10)
        .failure(broken.clone())
        .step(RunStep::new("leaky", "official_shell_plugin").log([broken]));
    let run = Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Leak").job(job)]);
    let sandbox = Sandbox::builder()
        .runs([run.verdicts([Verdict::Failed])])
        .start();
    Step::new(&sandbox)
        .input("wait", "true")
        .input("poll_interval", "1s")
        .run()
        .assert(1, "run-failed");
}

#[test]
fn what_is_wrong_with_the_inputs_of_a_wait_is_invalid_input() {
    let sandbox = Sandbox::start();
    let ended = waiting(&sandbox)
        .input("poll_interval", "1ms")
        .input("max_retries", "11")
        .run();
    ended.assert(2, "invalid-input");
    assert!(sandbox.requests().is_empty());
    for name in ["poll_interval", "max_retries"] {
        assert!(ended.stdout.contains(name), "{}", ended.stdout);
    }
}

#[test]
fn transient_failures_that_outlast_the_attempts_of_the_retry_are_unavailable() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::new(Endpoint::Retry, What::throttled("0")).forever());
    waiting(&sandbox)
        .input("max_attempts", "3")
        .run()
        .assert(6, "unavailable")
        .assert_output("retried", "false")
        .assert_output("attempts", "3");
}
