//! Runs of other pipelines, and the outputs of steps that name them.

use codearts_sandbox::{
    Config, Identities, Job, PIPELINE_ID, RUN_ID, Run, Service, Stage, Step, id_for,
};
use serde_json::{Value, json};

use crate::support::{START_MS, World, path};

/// A parent run with a child, and the ids of the child's pipeline and run.
fn family() -> (World, String, String) {
    let (pipeline, child) = (id_for("child pipeline"), id_for("child run"));
    let job = Job::new("call")
        .failure("the sub-pipeline failed")
        .step(Step::sub_pipeline(
            "child",
            pipeline.as_str(),
            child.as_str(),
        ))
        .step(
            Step::new("odd", "task")
                .output("count", 3)
                .output("list", json!([1, "two"]))
                .output("nothing", Value::Null),
        )
        .step(Step::new("silent", "task"));
    let stages = vec![Stage::new("Call").job(job)];
    let parent = Run::new(RUN_ID, 7, stages);
    let child_run = Run::sample(child.as_str(), 99).pipeline_id(pipeline.as_str());
    let mut world = World::new();
    let runs = vec![parent, child_run];
    world.service = Service::new(Config::default(), runs, Identities::default(), START_MS);
    (world, pipeline, child)
}

fn outputs(world: &mut World, steps: &[&str]) -> Value {
    let run = world.run();
    let ids: Vec<&str> = steps
        .iter()
        .map(|name| run.step_run_id(name).unwrap_or(name))
        .collect();
    world.run_call(
        "GET",
        &format!("/steps/outputs?step_run_ids={}", ids.join(",")),
    )
}

#[test]
fn the_outputs_of_a_sub_pipeline_step_lead_to_the_detail_of_the_child() {
    let (mut world, pipeline, child) = family();
    assert_eq!(
        world.detail()["stages"][0]["jobs"][0]["steps"][0]["task"],
        "official_devcloud_subPipeline"
    );
    let answer = outputs(&mut world, &["child"]);
    let results = &answer["step_outputs"][0]["output_result"];
    assert_eq!(results[0], json!({"key": "pipeline_id", "value": pipeline}));
    assert_eq!(
        results[1],
        json!({"key": "pipeline_run_id", "value": child})
    );
    assert_eq!(answer["current_system_time"], world.now_ms);
    let target = path(&format!("/pipeline-runs/detail?pipeline_run_id={child}"));
    let target = target.replace(PIPELINE_ID, &pipeline);
    let (_, detail) = world.call("GET", &target, "");
    assert_eq!(detail["pipeline_id"], pipeline.as_str());
    assert_eq!(
        detail["stages"][1]["jobs"][0]["message"],
        "compile failed: exit status 101"
    );
}

#[test]
fn outputs_may_be_odd_missing_or_asked_of_nobody() {
    let (mut world, _, _) = family();
    let answer = outputs(&mut world, &["silent", "odd", "unknown"]);
    let entries = answer["step_outputs"].as_array().expect("a list");
    assert_eq!(entries.len(), 2);
    assert_eq!(
        entries[0]["output_result"],
        json!([
            {"key": "count", "value": 3},
            {"key": "list", "value": [1, "two"]},
            {"key": "nothing", "value": null},
        ])
    );
    assert_eq!(entries[1]["output_result"], json!([]));
    world.retry();
    let early = outputs(&mut world, &["odd"]);
    assert_eq!(
        early["step_outputs"][0]["output_result"],
        json!([]),
        "not started"
    );
    let none = world.run_call("GET", "/steps/outputs");
    assert_eq!(none["error_code"], "DEVCP.00014004");
}

#[test]
fn runs_of_different_pipelines_do_not_see_each_other() {
    let (mut world, pipeline, child) = family();
    assert_eq!(
        world.detail()["id"],
        RUN_ID,
        "the child has a higher number"
    );
    let list = world.call("POST", &path("/pipeline-runs/list"), "").1;
    assert_eq!(list["total"], 1);
    let of_parent = path(&format!("/pipeline-runs/{child}/stop"));
    for (method, target) in [
        ("POST", of_parent.as_str()),
        (
            "GET",
            &path(&format!("/pipeline-runs/detail?pipeline_run_id={child}")),
        ),
    ] {
        let (_, answer) = world.call(method, target, "");
        assert_eq!(answer["error_code"], "DEVCP.00012002", "{target}");
    }
    let list = path("/pipeline-runs/list").replace(PIPELINE_ID, &pipeline);
    let (_, list) = world.call("POST", &list, "");
    assert_eq!(list["pipeline_runs"][0]["pipeline_run_id"], child.as_str());
    assert_eq!(list["pipeline_runs"][0]["pipeline_id"], pipeline.as_str());
}
