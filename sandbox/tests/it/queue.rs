//! The queue with others in it.

use codearts_sandbox::{Concurrency, RUN_ID, Sandbox};
use serde_json::json;

use crate::support::{World, exchange, path, raw, split, text};

fn limited(holds_ms: u64) -> World {
    World::limited(Concurrency {
        holds_ms,
        ..Concurrency::default()
    })
}

/// The runs in the queue, as one page shows them.
fn waiting(world: &mut World, limit: u32, offset: u32) -> Vec<String> {
    let target = path(&format!("/queued-pipeline?limit={limit}&offset={offset}"));
    let (_, page) = world.call("GET", &target, "");
    let entries = page["queuedPipelines"].as_array().expect("a list");
    entries
        .iter()
        .map(|entry| text(&entry["pipeline_run_id"]))
        .collect()
}

#[test]
fn strangers_in_front_leave_one_after_another() {
    let mut world = limited(500);
    let now_ms = world.now_ms;
    world.service.queue_strangers(3, 10_000, now_ms);
    world.retry();
    for in_front in [3, 2, 1, 0] {
        let runs = waiting(&mut world, 10, 0);
        assert_eq!(runs.len(), in_front + 1);
        assert_eq!(runs[in_front], RUN_ID);
        world.after_ms(10_000);
    }
    assert!(waiting(&mut world, 10, 0).is_empty());
    let end = world.now_ms - 9_500;
    let job = world.detail()["stages"][1]["jobs"][0].clone();
    assert_eq!(
        job["start_time"], end,
        "after the last stranger and the own time"
    );
}

#[test]
fn the_queue_is_read_in_pages() {
    let mut world = limited(1_000);
    let now_ms = world.now_ms;
    world.service.queue_strangers(24, 1, now_ms);
    world.retry();
    assert_eq!(waiting(&mut world, 10, 0).len(), 10);
    assert_eq!(waiting(&mut world, 10, 10).len(), 10);
    let last = waiting(&mut world, 10, 20);
    assert_eq!(last.len(), 5);
    assert_eq!(last[4], RUN_ID);
    assert!(waiting(&mut world, 10, 30).is_empty());
}

#[test]
fn a_long_wait_in_the_queue_may_be_left_before_its_end() {
    let mut world = limited(23 * 3_600_000);
    let now_ms = world.now_ms;
    world.service.queue_strangers(1, 1, now_ms);
    let queue_id = text(&world.retry()["error"]["queue_id"]);
    world.after_ms(22 * 3_600_000);
    assert_eq!(waiting(&mut world, 10, 0), [RUN_ID]);
    let cancel = path(&format!("/{RUN_ID}/cancel-queuing/{queue_id}"));
    let (_, answer) = world.call("POST", &cancel, "{}");
    assert_eq!(answer, json!({"success": true}));
    assert!(waiting(&mut world, 10, 0).is_empty());
    world.after_ms(2 * 3_600_000);
    assert_eq!(world.status(), "FAILED");
}

#[test]
fn there_may_be_no_queue_to_look_at() {
    let mut world = World::new();
    world.service.config().has_queue = false;
    let (status, answer) = world.call("GET", &path("/queued-pipeline"), "");
    assert_eq!((status, &answer["error_code"]), (404, &json!("APIGW.0101")));
}

#[test]
fn another_process_can_bring_strangers() {
    let sandbox = Sandbox::start();
    let body = r#"{"strangers":2,"each_ms":3600000}"#;
    let control = raw("POST", "/_sandbox/queue", "Connection: close\r\n", body);
    let (answer, _) = exchange(&sandbox, &control);
    assert_eq!(split(&answer).1, r#"{"done":true}"#);
    sandbox.queue_strangers(1, 1);
    let look = raw(
        "GET",
        &path("/queued-pipeline"),
        "Connection: close\r\n",
        "",
    );
    let (answer, _) = exchange(&sandbox, &look);
    assert_eq!(answer.matches("\"QUEUED\"").count(), 3);
}
