//! Runs that wait for a person or for a while, and go on.

use codearts_sandbox::{Gate, Job, RUN_ID, Run, Sandbox, Stage, Status, Verdict};
use serde_json::{Value, json};

use crate::support::{World, exchange, raw, split};

fn with_verdict(verdict: Verdict) -> World {
    World::with(Run::sample(RUN_ID, 7).verdicts([verdict]))
}

/// The calls about the last step of the job that waits.
fn about_the_job(world: &mut World, decision: &str) -> Value {
    let run = world.run();
    let job = run.job_run_id("compile").expect("a job");
    let step = run.step_run_id("cargo build").expect("a step");
    world.run_call("POST", &format!("/jobs/{job}/steps/{step}/{decision}"))
}

#[test]
fn an_approved_run_goes_on_and_a_refused_one_fails() {
    for (decision, expected) in [
        ("pass", ["COMPLETED", "COMPLETED", "COMPLETED"]),
        ("refuse", ["COMPLETED", "FAILED", "INIT"]),
    ] {
        let mut world = with_verdict(Verdict::Paused);
        world.retry();
        world.after_ms(3_600_000);
        assert_eq!(world.status(), "PAUSED");
        assert_eq!(about_the_job(&mut world, "resume")["success"], false);
        assert_eq!(about_the_job(&mut world, decision)["success"], true);
        assert_eq!(about_the_job(&mut world, decision)["success"], false);
        world.after_ms(60_000);
        assert_eq!(world.stages(), expected);
        let now_ms = world.now_ms;
        assert_eq!(world.service.counters(now_ms).reviews, 1);
    }
}

#[test]
fn the_reviewer_is_named_as_the_cause_of_a_refusal() {
    let mut world = with_verdict(Verdict::Paused);
    world.retry();
    world.after_ms(60_000);
    about_the_job(&mut world, "refuse");
    let message = world.detail()["stages"][1]["jobs"][0]["message"].clone();
    assert_eq!(message, "rejected in the manual review");
}

#[test]
fn a_suspended_run_is_resumed_not_passed() {
    let mut world = with_verdict(Verdict::Suspend);
    world.retry();
    world.after_ms(60_000);
    assert_eq!(world.stages(), ["COMPLETED", "SUSPEND", "INIT"]);
    assert_eq!(about_the_job(&mut world, "pass")["success"], false);
    assert_eq!(about_the_job(&mut world, "resume")["success"], true);
    assert_eq!(world.stages(), ["COMPLETED", "COMPLETED", "RUNNING"]);
}

#[test]
fn a_pause_may_end_by_itself_in_either_result() {
    for (then, expected) in [
        (Verdict::Completed, "COMPLETED"),
        (Verdict::Failed, "FAILED"),
        (Verdict::FailedIn("rollout".to_owned()), "FAILED"),
    ] {
        let mut world = with_verdict(then.after_pause_ms(30_000));
        world.retry();
        world.after_ms(7_999);
        assert_eq!(world.status(), "RUNNING");
        world.after_ms(1);
        assert_eq!(world.status(), "PAUSED");
        world.after_ms(29_999);
        assert_eq!(world.status(), "PAUSED");
        world.after_ms(1);
        assert_ne!(world.status(), "PAUSED");
        world.after_ms(6_000);
        assert_eq!(world.status(), expected);
    }
}

#[test]
fn holds_follow_one_another() {
    let verdict = Verdict::Failed
        .after_hold(Status::Suspend, Some(1_000))
        .after_review();
    let mut world = with_verdict(verdict);
    world.retry();
    world.after_ms(20_000);
    assert_eq!(world.status(), "PAUSED");
    let now_ms = world.now_ms;
    assert!(world.service.approve(RUN_ID, now_ms));
    assert_eq!(world.status(), "SUSPEND");
    world.after_ms(1_000);
    assert_eq!(world.status(), "FAILED");
    assert!(!world.service.approve(RUN_ID, now_ms + 1_000));
}

#[test]
fn a_job_may_wait_in_every_round_beside_one_that_works() {
    let review = Job::new("review")
        .lasts_ms(10)
        .failure("red")
        .paused_for_ms(1_000);
    let long = Job::new("long").lasts_ms(500).failure("red");
    let stage = Stage::new("Release").job(review).job(long);
    let mut world = World::with(Run::new(RUN_ID, 1, vec![stage]));
    world.retry();
    world.after_ms(499);
    let review = world.detail()["stages"][0]["jobs"][0].clone();
    assert_eq!(review["status"], "PAUSED");
    assert_eq!(world.status(), "RUNNING", "the other one works");
    world.after_ms(1);
    assert_eq!(world.status(), "PAUSED");
    world.after_ms(509);
    assert_eq!(world.status(), "PAUSED");
    world.after_ms(1);
    assert_eq!(world.status(), "COMPLETED");
}

#[test]
fn a_run_found_waiting_goes_on_as_it_was_told_to() {
    let found = |status| {
        Run::sample(RUN_ID, 7)
            .status(status)
            .goes_on(Verdict::Failed)
    };
    let mut world = World::with(found(Status::Paused));
    let now_ms = world.now_ms;
    assert_eq!(world.stages(), ["COMPLETED", "PAUSED", "INIT"]);
    assert!(world.service.approve(RUN_ID, now_ms));
    assert_eq!(world.stages(), ["COMPLETED", "FAILED", "INIT"]);
    let mut world = World::with(found(Status::Running));
    world.after_ms(7_999);
    assert_eq!(world.status(), "RUNNING");
    world.after_ms(1);
    assert_eq!(world.status(), "FAILED");
}

#[test]
fn a_check_point_at_the_entry_of_a_stage_is_passed_or_refused() {
    for (decision, expected) in [("pass", "RUNNING"), ("refuse", "INIT")] {
        let gate = Gate::new("sign off", "official_devcloud_manualTrigger");
        let stage = Stage::new("Deploy")
            .pre(gate.held(Status::Paused, None))
            .job(Job::new("rollout"));
        let run = Run::new(RUN_ID, 1, vec![stage]).status(Status::Paused);
        let id = run.gate_id("sign off").expect("a gate").to_owned();
        let mut world = World::with(run);
        assert_eq!(world.status(), "PAUSED");
        assert_eq!(world.detail()["stages"][0]["jobs"][0]["status"], "INIT");
        let answer = world.run_call("POST", &format!("/steps/{id}/manual/{decision}"));
        assert_eq!(answer, json!({"success": true}));
        let job = world.detail()["stages"][0]["jobs"][0].clone();
        assert_eq!(job["status"], expected);
    }
}

#[test]
fn another_process_decides_without_knowing_ids() {
    for (control, expected) in [("approve", Status::Completed), ("refuse", Status::Failed)] {
        let run = Run::sample(RUN_ID, 7).status(Status::Paused);
        let sandbox = Sandbox::builder().speed(1e9).runs([run]).start();
        for done in ["true", "false"] {
            let target = format!("/_sandbox/{control}");
            let request = raw("POST", &target, "Connection: close\r\n", "");
            let (answer, _) = exchange(&sandbox, &request);
            assert_eq!(split(&answer).1, format!("{{\"done\":{done}}}"));
        }
        assert_eq!(sandbox.run_status(), Some(expected));
    }
}
