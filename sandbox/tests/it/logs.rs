//! Long logs, and pages with odd offsets.

use codearts_sandbox::{Job, LogQuirk, RUN_ID, Run, Stage, Step};
use serde_json::{Value, json};

use crate::support::{World, path, text};

fn with_lines(lines: usize) -> World {
    let job = Job::new("build")
        .failure("red")
        .step(Step::new("make", "task").numbered_log(lines));
    World::with(Run::new(RUN_ID, 1, vec![Stage::new("Build").job(job)]))
}

/// A page of 100 lines after the one that ended at `offset`.
fn page(world: &mut World, offset: &Value) -> Value {
    let run = world.run();
    let job = run.job_run_id("build").expect("a job");
    let step = run.step_run_id("make").expect("a step");
    let target = path(&format!(
        "/pipeline-runs/{RUN_ID}/jobs/{job}/steps/{step}/logs"
    ));
    let body = json!({"start_offset": 0, "end_offset": offset, "limit": 100, "sort": "asc"});
    world.call("POST", &target, &body.to_string()).1
}

#[test]
fn a_hundred_thousand_lines_are_there_page_by_page() {
    let mut world = with_lines(100_000);
    let mut offset = json!("0");
    let mut lines = 0;
    for _ in 0..1_000 {
        let page = page(&mut world, &offset);
        lines += text(&page["log"]).lines().count();
        offset = page["end_offset"].clone();
    }
    assert_eq!((lines, &offset), (100_000, &json!("100000")));
    let last = page(&mut world, &json!("99999"));
    assert_eq!(
        (&last["log"], &last["has_more"]),
        (&json!("line 100000\n"), &json!(false))
    );
}

#[test]
fn each_oddity_shows_at_its_place_only() {
    let first = "line 1\n";
    for (quirk, expected) in [
        (
            LogQuirk::None,
            [("0", "1", Some(false), first), ("1", "1", Some(false), "")],
        ),
        (
            LogQuirk::Endless,
            [("0", "1", Some(true), first), ("1", "1", Some(true), "")],
        ),
        (LogQuirk::StandingStill, [("0", "1", Some(true), first); 2]),
        (
            LogQuirk::NoHasMore,
            [("0", "1", None, first), ("1", "1", None, "")],
        ),
        (
            LogQuirk::EmptyFirstPage,
            [("1", "1", Some(true), ""), ("1", "2", Some(false), first)],
        ),
    ] {
        let mut world = with_lines(1);
        world.service.config().log_quirk = quirk;
        let mut offset = json!("0");
        for (start, end, has_more, log) in expected {
            let page = page(&mut world, &offset);
            let offsets = (&page["start_offset"], &page["end_offset"]);
            assert_eq!(offsets, (&json!(start), &json!(end)), "{quirk:?}");
            assert_eq!(
                page.get("has_more").and_then(Value::as_bool),
                has_more,
                "{quirk:?}"
            );
            assert_eq!(page["log"], log, "{quirk:?}");
            offset = page["end_offset"].clone();
        }
    }
    let mut world = with_lines(1);
    world.service.config().log_quirk = LogQuirk::NumericOffsets;
    assert_eq!(page(&mut world, &json!(0))["end_offset"], 1);
}
