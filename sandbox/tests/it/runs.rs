//! Runs on a clock that is moved by hand: rounds, queue, stop, stale detail.

use codearts_sandbox::{
    Concurrency, Endpoint, Fault, Job, OnOtherState, RUN_ID, Run, Stage, Status, Step, Verdict,
    What, id_for,
};
use serde_json::{Value, json};

use crate::support::{World, path, retry_path, text};

fn accepted() -> Value {
    json!({"success": true})
}

fn refused() -> Value {
    json!({"success": false})
}

fn sample() -> Run {
    Run::sample(RUN_ID, 7)
}

fn effects(world: &mut World) -> u64 {
    let now_ms = world.now_ms;
    world.service.counters(now_ms).retry_effects
}

#[test]
fn a_retried_run_moves_through_its_stages_to_its_end() {
    let mut world = World::new();
    let before = world.detail();
    assert_eq!(world.retry(), accepted());
    assert_eq!(world.status(), "RUNNING");
    assert_eq!(world.stages(), ["COMPLETED", "RUNNING", "INIT"]);
    assert_eq!(world.detail()["end_time"], Value::Null);
    world.after_ms(7_999);
    assert_eq!(world.stages(), ["COMPLETED", "RUNNING", "INIT"]);
    world.after_ms(1);
    assert_eq!(world.stages(), ["COMPLETED", "COMPLETED", "RUNNING"]);
    world.after_ms(60_000);
    let after = world.detail();
    assert_eq!(after["status"], "COMPLETED");
    // The end is where the work ended, not where somebody looked.
    assert_eq!(after["end_time"], json!(world.now_ms - 54_000));
    assert_eq!(after["id"], before["id"]);
    let dispatch = |detail: &Value, stage: usize| {
        detail["stages"][stage]["jobs"][0]["last_dispatch_id"].clone()
    };
    assert_ne!(dispatch(&after, 1), dispatch(&before, 1));
    assert_eq!(dispatch(&after, 0), dispatch(&before, 0));
    assert_eq!(effects(&mut world), 1);
}

#[test]
fn steps_of_a_running_job_go_one_after_another() {
    let mut world = World::new();
    world.retry();
    world.after_ms(5_000);
    let steps = world.detail()["stages"][1]["jobs"][0]["steps"].clone();
    assert_eq!(steps[0]["status"], "COMPLETED");
    assert_eq!(steps[1]["status"], "RUNNING");
}

#[test]
fn rounds_end_as_scripted() {
    let verdicts = [
        Verdict::Failed,
        Verdict::FailedIn("rollout".to_owned()),
        Verdict::Canceled,
    ];
    let mut world = World::with(sample().verdicts(verdicts));
    for expected in [
        ["COMPLETED", "FAILED", "INIT"],
        ["COMPLETED", "COMPLETED", "FAILED"],
        ["COMPLETED", "COMPLETED", "CANCELED"],
        ["COMPLETED", "COMPLETED", "COMPLETED"],
    ] {
        assert_eq!(world.retry(), accepted());
        world.after_ms(60_000);
        assert_eq!(world.stages(), expected);
    }
    assert_eq!(world.status(), "COMPLETED");
    assert_eq!(effects(&mut world), 4);
}

#[test]
fn a_run_may_wait_for_a_person_until_it_is_stopped() {
    let mut world = World::with(sample().verdicts([Verdict::Paused]));
    world.retry();
    world.after_ms(60_000);
    assert_eq!(world.stages(), ["COMPLETED", "PAUSED", "INIT"]);
    let stop = path(&format!("/pipeline-runs/{RUN_ID}/stop"));
    assert_eq!(world.call("POST", &stop, "").1, accepted());
    assert_eq!(world.stages(), ["COMPLETED", "CANCELED", "INIT"]);
    assert_eq!(world.call("POST", &stop, "").1, refused());
    let now_ms = world.now_ms;
    assert_eq!(world.service.counters(now_ms).stops, 1);
}

#[test]
fn the_jobs_named_are_the_ones_that_run_again() {
    let two = Stage::new("Test")
        .job(
            Job::new("unit")
                .lasts_ms(10)
                .failure("red")
                .step(Step::new("run", "test")),
        )
        .job(Job::new("lint").lasts_ms(10).failure("red"));
    let run = Run::new(RUN_ID, 1, vec![two]);
    let id = run.job_run_id("unit").expect("a job").to_owned();
    let mut world = World::with(run);
    let body = json!({"job_run_ids": [id], "repo_https_url": "https://x"}).to_string();
    assert_eq!(world.call("PUT", &retry_path(), &body).1, accepted());
    world.after_ms(10);
    let jobs = world.detail()["stages"][0]["jobs"].clone();
    assert_eq!(
        (&jobs[0]["status"], &jobs[1]["status"]),
        (&json!("COMPLETED"), &json!("FAILED"))
    );
    assert_eq!(world.status(), "FAILED");
    let unknown = json!({"job_run_ids": [id_for("unknown")]}).to_string();
    let (_, answer) = world.call("PUT", &retry_path(), &unknown);
    assert_eq!(answer["error_code"], "DEVCP.00014004");
    assert_eq!(effects(&mut world), 1);
}

#[test]
fn every_state_can_be_found_at_the_start() {
    for status in [
        Status::Init,
        Status::Queued,
        Status::Running,
        Status::Paused,
        Status::Suspend,
        Status::Completed,
        Status::Failed,
        Status::Canceled,
        Status::Ignored,
    ] {
        let mut world = World::with(sample().status(status));
        let detail = world.detail();
        assert_eq!(text(&detail["status"]), status.as_str());
        assert_eq!(
            detail["end_time"].is_null(),
            !status.is_ended(),
            "{status:?}"
        );
    }
    let mut world = World::with(sample().status(Status::Running));
    assert_eq!(world.stages(), ["COMPLETED", "RUNNING", "INIT"]);
    world.after_ms(14_000);
    assert_eq!(world.status(), "COMPLETED");
}

#[test]
fn a_run_that_did_not_fail_is_answered_as_configured() {
    for status in [Status::Running, Status::Completed] {
        let mut world = World::with(sample().status(status));
        assert_eq!(world.retry(), refused());
        world.service.config().on_other_state = OnOtherState::Error {
            status: 400,
            code: "DEVPIPE.1".to_owned(),
            message: "no".to_owned(),
        };
        let (http, body) = world.call("PUT", &retry_path(), "");
        assert_eq!((http, &body["error_code"]), (400, &json!("DEVPIPE.1")));
        assert_eq!(effects(&mut world), 0);
        world.service.config().on_other_state = OnOtherState::Accept;
        assert_eq!(world.retry(), accepted());
        assert_eq!(world.status(), "RUNNING");
        assert_eq!(effects(&mut world), 1);
    }
}

#[test]
fn a_stale_detail_shows_the_old_run_for_a_while() {
    let mut world = World::new();
    let stale = What::StaleDetail { ms: 3_000 };
    world.service.fault(Fault::new(Endpoint::Retry, stale));
    let before = world.detail();
    assert_eq!(world.retry(), accepted());
    world.after_ms(2_999);
    let mut during = world.detail();
    during["current_system_time"] = before["current_system_time"].clone();
    assert_eq!(during, before);
    let now_ms = world.now_ms;
    assert_eq!(
        world.service.run_status(RUN_ID, now_ms),
        Some(Status::Running)
    );
    world.after_ms(1);
    assert_eq!(world.status(), "RUNNING");
}

#[test]
fn a_queued_retry_starts_when_its_time_comes() {
    let mut world = World::limited(Concurrency::default());
    let answer = world.retry();
    assert_eq!(answer["error_code"], "DEVPIPE.00011169");
    assert_eq!(answer["error"]["pipeline_run_id"], RUN_ID);
    let queue = path("/queued-pipeline?limit=10&offset=0");
    let (_, entries) = world.call("GET", &queue, "");
    let entry = &entries["queuedPipelines"][0];
    assert_eq!(entry["id"], answer["error"]["queue_id"]);
    assert_eq!(entry["pipeline_run_id"], RUN_ID);
    assert_eq!(world.status(), "FAILED");
    assert_eq!(world.retry(), answer, "a second one finds the place taken");
    assert_eq!(effects(&mut world), 0);
    world.after_ms(1_000);
    assert_eq!(world.status(), "RUNNING");
    let (_, entries) = world.call("GET", &queue, "");
    assert_eq!(entries, json!({"queuedPipelines": []}));
    assert_eq!(effects(&mut world), 1);
}

#[test]
fn a_queued_retry_can_be_taken_off_the_queue() {
    let limit = Concurrency {
        retries: Some(1),
        ..Concurrency::default()
    };
    let mut world = World::limited(limit);
    let queue_id = text(&world.retry()["error"]["queue_id"]);
    let cancel = path(&format!("/{RUN_ID}/cancel-queuing/{queue_id}"));
    assert_eq!(world.call("POST", &cancel, "{}").1, accepted());
    assert_eq!(world.call("POST", &cancel, "{}").1, refused());
    world.after_ms(5_000);
    assert_eq!(world.status(), "FAILED");
    let now_ms = world.now_ms;
    let counters = world.service.counters(now_ms);
    assert_eq!((counters.retries_queued, counters.cancel_queuings), (1, 1));
    assert_eq!(world.retry(), accepted(), "the limit held one retry only");
}

#[test]
fn a_request_without_effect_gets_the_answer_it_would_have_got() {
    let mut world = World::new();
    let cut = What::Chunked {
        cut: false,
        reset: false,
        effect: false,
    };
    world.service.fault(Fault::new(Endpoint::Retry, cut));
    assert_eq!(world.retry(), accepted());
    assert_eq!(world.status(), "FAILED");
    assert_eq!(effects(&mut world), 0);
}
