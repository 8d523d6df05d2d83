//! A detail that lags behind what really happens.

use codearts_sandbox::{Concurrency, Endpoint, Fault, RUN_ID, Run, Status, Verdict, What};
use serde_json::json;

use crate::support::{World, path};

fn listed_status(world: &mut World) -> String {
    let (_, list) = world.call("POST", &path("/pipeline-runs/list"), "");
    crate::support::text(&list["pipeline_runs"][0]["status"])
}

#[test]
fn the_old_end_is_shown_for_any_lag_after_each_retry() {
    for lag_s in (0..=110).step_by(10) {
        let run = Run::sample(RUN_ID, 7).verdicts([Verdict::Failed]);
        let mut world = World::with(run);
        let stale = What::StaleDetail { ms: lag_s * 1_000 };
        let stale = Fault::new(Endpoint::Retry, stale).times(2);
        world.service.fault(stale);
        for truth in [Status::Failed, Status::Completed] {
            let before = world.detail();
            assert_eq!(world.retry(), json!({"success": true}));
            let accepted_ms = world.now_ms;
            for second in 0..lag_s {
                world.now_ms = accepted_ms + second * 1_000 + 999;
                let shown = world.detail();
                assert_eq!(shown["status"], "FAILED", "{lag_s} s");
                assert_eq!(shown["end_time"], before["end_time"], "{lag_s} s");
                assert_eq!(listed_status(&mut world), "FAILED");
            }
            world.now_ms = accepted_ms + lag_s * 1_000;
            assert_ne!(world.detail()["end_time"], before["end_time"], "{lag_s} s");
            world.after_ms(60_000);
            assert_eq!(world.status(), truth.as_str(), "{lag_s} s");
        }
    }
}

#[test]
fn the_list_may_know_more_than_the_detail() {
    let mut world = World::new();
    let stale = What::StaleDetailOnly { ms: 10_000 };
    world.service.fault(Fault::new(Endpoint::Retry, stale));
    world.retry();
    assert_eq!(world.status(), "FAILED");
    assert_eq!(listed_status(&mut world), "RUNNING");
    world.after_ms(10_000);
    assert_eq!(world.status(), "RUNNING");
}

#[test]
fn a_queued_retry_lags_once_it_has_left_the_queue() {
    let mut world = World::limited(Concurrency::default());
    let stale = What::StaleDetail { ms: 5_000 };
    world.service.fault(Fault::new(Endpoint::Retry, stale));
    world.retry();
    world.after_ms(5_999);
    assert_eq!(world.status(), "FAILED");
    assert_eq!(
        world.service.run_status(RUN_ID, world.now_ms),
        Some(Status::Running)
    );
    world.after_ms(1);
    assert_eq!(world.status(), "RUNNING");
}
