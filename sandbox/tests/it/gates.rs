//! Gates at both ends of a stage, and stages that run whatever came before.

use codearts_sandbox::{Gate, Job, OnOtherState, RUN_ID, Run, Stage, Verdict};
use serde_json::Value;

use crate::support::World;

const CHECK: &str = "official_devcloud_standardPipelineGate";

fn job(name: &str) -> Job {
    Job::new(name).lasts_ms(1_000)
}

fn failing_gate() -> Gate {
    Gate::new("quality", CHECK).failure("3 critical issues")
}

fn gated(stage: Stage) -> World {
    let stages = vec![
        Stage::new("Source").job(job("checkout")),
        stage.job(job("build")),
    ];
    World::with(Run::new(RUN_ID, 1, stages))
}

fn assert_gate_failed(detail: &Value, end: &str, job_status: &str) {
    let stage = &detail["stages"][1];
    let gates = stage[end].as_array().expect("a list");
    let gate = gates.last().expect("a gate");
    assert_eq!(detail["status"], "FAILED");
    assert_eq!(stage["status"], "FAILED");
    assert_eq!(
        (&gate["name"], &gate["task"]),
        (&"quality".into(), &CHECK.into())
    );
    assert_eq!(gate["status"], "FAILED");
    assert_eq!(gate["message"], "3 critical issues");
    assert_eq!(stage["jobs"][0]["status"], job_status);
    assert_eq!(stage["jobs"][0]["message"], "");
}

#[test]
fn a_failed_gate_fails_the_run_without_a_failed_job() {
    for (end, job_status) in [("pre", "INIT"), ("post", "COMPLETED")] {
        let stage = Stage::new("Build");
        let stage = if end == "pre" {
            stage.pre(failing_gate())
        } else {
            stage.post(failing_gate())
        };
        let mut world = gated(stage);
        assert_gate_failed(&world.detail(), end, job_status);
        let id = world.run().gate_id("quality").map(str::to_owned);
        let again = Run::clone(&world.run()).verdicts([Verdict::Failed]);
        let now_ms = world.now_ms;
        world.service.set_run(again, now_ms);
        world.retry();
        world.after_ms(5_000);
        assert_gate_failed(&world.detail(), end, job_status);
        world.retry();
        world.after_ms(5_000);
        let detail = world.detail();
        assert_eq!(detail["status"], "COMPLETED", "{end}");
        assert_eq!(
            detail["stages"][1][end][0]["id"],
            id.expect("a gate").as_str()
        );
    }
}

#[test]
fn a_gate_takes_its_time_before_the_jobs_and_after_them() {
    let gate = |name| Gate::new(name, CHECK).lasts_ms(100);
    let mut world = gated(
        Stage::new("Build")
            .pre(gate("in").failure("x"))
            .post(gate("out")),
    );
    world.retry();
    let state = |world: &mut World| {
        let stage = world.detail()["stages"][1].clone();
        ["pre", "jobs", "post"].map(|kind| stage[kind][0]["status"].clone())
    };
    assert_eq!(state(&mut world), ["RUNNING", "INIT", "INIT"]);
    world.after_ms(100);
    assert_eq!(state(&mut world), ["COMPLETED", "RUNNING", "INIT"]);
    world.after_ms(1_000);
    assert_eq!(state(&mut world), ["COMPLETED", "COMPLETED", "RUNNING"]);
    world.after_ms(100);
    assert_eq!(world.status(), "COMPLETED");
    let end = world.detail()["end_time"].clone();
    assert_eq!(end, world.now_ms);
    world.service.config().on_other_state = OnOtherState::Accept;
    world.retry();
    world.after_ms(1_000);
    assert_eq!(
        state(&mut world),
        ["COMPLETED", "RUNNING", "INIT"],
        "passed once, left again"
    );
}

#[test]
fn a_stage_that_runs_always_runs_after_a_failure_and_changes_nothing_about_it() {
    for (failing, cleanup_ends) in [
        (vec!["build"], "COMPLETED"),
        (vec!["build", "cleanup"], "FAILED"),
    ] {
        let stages = vec![
            Stage::new("Build").job(job("build").failure("red")),
            Stage::new("Deploy").job(job("deploy")),
            Stage::new("Cleanup").run_always().job(job("cleanup")),
        ];
        let names = failing.into_iter().map(str::to_owned).collect();
        let run = Run::new(RUN_ID, 1, stages).verdicts([Verdict::FailedJobs(names)]);
        let mut world = World::with(run);
        assert_eq!(world.stages(), ["FAILED", "INIT", "COMPLETED"], "as found");
        world.retry();
        world.after_ms(1_500);
        assert_eq!(world.stages(), ["FAILED", "INIT", "RUNNING"]);
        assert_eq!(world.status(), "RUNNING");
        world.after_ms(500);
        assert_eq!(world.stages(), ["FAILED", "INIT", cleanup_ends]);
        let detail = world.detail();
        assert_eq!(detail["status"], "FAILED");
        assert_eq!(detail["stages"][2]["run_always"], true);
        assert_eq!(detail["end_time"], world.now_ms);
        world.retry();
        world.after_ms(60_000);
        assert_eq!(world.stages(), ["COMPLETED", "COMPLETED", "COMPLETED"]);
    }
}
