//! States and texts of stages, jobs and steps.

use codearts_sandbox::{
    Endpoint, Fault, Gate, Job, RUN_ID, Run, Stage, Status, Step, Verdict, What,
};
use serde_json::json;

use crate::support::World;

#[test]
fn every_state_can_be_shown_of_every_part() {
    for status in Status::ALL {
        let stage = Stage::new("Build")
            .shown_as(status)
            .pre(Gate::new("in", "gate").shown_as(status))
            .job(Job::new("whole").shown_as(status))
            .job(Job::new("in part").step(Step::new("step", "task").shown_as(status)));
        let mut world = World::with(Run::new(RUN_ID, 1, vec![stage]));
        let stage = world.detail()["stages"][0].clone();
        for part in ["", "/pre/0", "/jobs/0", "/jobs/1/steps/0"] {
            let part = stage.pointer(part).expect("a part");
            assert_eq!(part["status"], status.as_str());
        }
        let not_run = ["INIT", "QUEUED", "IGNORED", "SKIPPED", "UNSELECTED"];
        let is_not_run = not_run.contains(&status.as_str());
        assert_eq!(stage["jobs"][0]["start_time"].is_null(), is_not_run);
    }
}

#[test]
fn any_point_of_an_answer_can_be_edited_or_removed() {
    let mut world = World::new();
    let faults = [
        What::edit("/status", "MELTED"),
        What::edit("/stages/1/jobs/0/status", "ODD"),
        What::edit("/stages/0/jobs/0/start_time", "1750000000000"),
        What::Remove {
            pointer: "/stages/2/jobs".to_owned(),
        },
    ];
    for what in faults {
        world.service.fault(Fault::new(Endpoint::Detail, what));
    }
    let edited = world.detail();
    assert_eq!(edited["status"], "MELTED");
    assert_eq!(edited["stages"][1]["jobs"][0]["status"], "ODD");
    assert!(edited["stages"][0]["jobs"][0]["start_time"].is_string());
    assert_eq!(edited["stages"][2].get("jobs"), None);
    assert_eq!(world.status(), "FAILED", "they happen once");
}

#[test]
fn an_edit_has_a_json_form() {
    let text = r#"{"on":"DETAIL","what":{"kind":"EDIT","pointer":"/status","value":null}}"#;
    let fault: Fault = serde_json::from_str(text).expect("a fault");
    let expected = Fault::new(Endpoint::Detail, What::edit("/status", json!(null)));
    assert_eq!(fault, expected);
}

#[test]
fn several_jobs_fail_side_by_side_each_with_its_own_message() {
    let odd = "| `a` | <b>*x*</b> ::error::\r\n[link](https://x) & | ".to_owned();
    let long = "x".repeat(1 << 20);
    let stage = Stage::new(odd.as_str())
        .job(Job::new("one").failure(long.as_str()))
        .job(
            Job::new(odd.as_str())
                .failure(odd.as_str())
                .step(Step::new(odd.as_str(), "task")),
        )
        .job(Job::new("good"));
    let names = vec!["one".to_owned(), odd.clone()];
    let run = Run::new(RUN_ID, 1, vec![stage]).verdicts([Verdict::FailedJobs(names)]);
    let mut world = World::with(run);
    let found = world.detail();
    world.retry();
    world.after_ms(5_000);
    for detail in [found, world.detail()] {
        let stage = &detail["stages"][0];
        let shown = |at: usize| (&stage["jobs"][at]["status"], &stage["jobs"][at]["message"]);
        assert_eq!(stage["name"], odd.as_str());
        assert_eq!(shown(0), (&json!("FAILED"), &json!(long)));
        assert_eq!(shown(1), (&json!("FAILED"), &json!(odd)));
        assert_eq!(shown(2), (&json!("COMPLETED"), &json!("")));
        assert_eq!(stage["jobs"][1]["steps"][0]["message"], odd.as_str());
    }
}

#[test]
fn a_job_fails_in_the_step_that_says_so() {
    let job = Job::new("build")
        .failure("the job failed: step 2")
        .step(Step::new("prepare", "task"))
        .step(Step::new("compile", "task").failure("exit status 2"))
        .step(Step::new("publish", "task"));
    let mut world = World::with(Run::new(RUN_ID, 1, vec![Stage::new("Build").job(job)]));
    let job = world.detail()["stages"][0]["jobs"][0].clone();
    let steps = [0, 1, 2].map(|at| {
        (
            job["steps"][at]["status"].clone(),
            job["steps"][at]["message"].clone(),
        )
    });
    assert_eq!(job["message"], "the job failed: step 2");
    assert_eq!(
        steps,
        [
            (json!("COMPLETED"), json!("")),
            (json!("FAILED"), json!("exit status 2")),
            (json!("INIT"), json!("")),
        ]
    );
}
