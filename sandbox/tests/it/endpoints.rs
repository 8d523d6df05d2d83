//! The shape of each answer, and who gets one.

use codearts_sandbox::{
    Endpoint, Fault, Membership, PIPELINE_ID, PROJECT_ID, RUN_ID, Request, Run, Status, TOKEN,
    UserToken, What, id_for,
};
use serde_json::{Value, json};

use crate::support::{World, path, request, retry_path, text};

fn has_fields(value: &Value, names: &[&str]) {
    let object = value.as_object().expect("an object");
    for name in names {
        assert!(object.contains_key(*name), "{name} is missing");
    }
}

fn code(answer: &(u16, Value)) -> (u16, String) {
    (answer.0, text(&answer.1["error_code"]))
}

#[test]
#[expect(clippy::too_many_lines, reason = "one answer, with every field of it")]
fn the_detail_has_the_fields_of_the_model_at_each_level() {
    let mut world = World::new();
    let detail = world.detail();
    has_fields(
        &detail,
        &[
            "id",
            "pipeline_id",
            "name",
            "description",
            "manifest_version",
            "language",
            "region",
            "domain_id",
            "project_id",
            "component_id",
            "group_id",
            "group_name",
            "subject_id",
            "is_publish",
            "executor_id",
            "executor_name",
            "status",
            "trigger_type",
            "run_number",
            "start_time",
            "end_time",
            "current_system_time",
            "pause_time",
            "stages",
            "sources",
            "artifacts",
            "detail_url",
        ],
    );
    let stage = &detail["stages"][1];
    has_fields(
        stage,
        &[
            "id",
            "category",
            "name",
            "identifier",
            "run_always",
            "parallel",
            "is_select",
            "sequence",
            "depends_on",
            "condition",
            "status",
            "start_time",
            "end_time",
            "pause_time",
            "pre",
            "post",
            "jobs",
        ],
    );
    let job = &stage["jobs"][0];
    has_fields(
        job,
        &[
            "id",
            "category",
            "sequence",
            "async",
            "name",
            "identifier",
            "depends_on",
            "condition",
            "resource",
            "is_select",
            "timeout",
            "last_dispatch_id",
            "status",
            "message",
            "start_time",
            "end_time",
            "steps",
            "exec_id",
        ],
    );
    let step = &job["steps"][0];
    has_fields(
        step,
        &[
            "id",
            "name",
            "task",
            "business_type",
            "inputs",
            "sequence",
            "official_task_version",
            "identifier",
            "multi_step_editable",
            "endpoint_ids",
            "last_dispatch_id",
            "status",
            "message",
            "start_time",
            "end_time",
            "daily_build_number",
        ],
    );
    assert_eq!(
        text(&stage["pre"][0]["task"]),
        "official_devcloud_autoTrigger"
    );
    for id in [&detail["id"], &stage["id"], &job["id"], &step["id"]] {
        assert_eq!(text(id).len(), 32);
    }
    assert_eq!(detail["current_system_time"], json!(world.now_ms));
}

#[test]
fn the_default_run_failed_in_build() {
    let mut world = World::new();
    let detail = world.detail();
    assert_eq!(world.stages(), ["COMPLETED", "FAILED", "INIT"]);
    let job = &detail["stages"][1]["jobs"][0];
    assert_eq!(text(&job["message"]), "compile failed: exit status 101");
    assert_eq!(text(&job["steps"][0]["status"]), "COMPLETED");
    assert_eq!(text(&job["steps"][1]["status"]), "FAILED");
    assert_eq!(
        detail["stages"][2]["jobs"][0]["steps"][0]["start_time"],
        Value::Null
    );
    assert_eq!(detail["end_time"], json!(world.now_ms - 600_000));
}

#[test]
fn a_run_is_found_by_id_by_number_or_as_the_latest() {
    let mut world = World::new();
    let older = id_for("older");
    let now_ms = world.now_ms;
    let run = Run::sample(older.clone(), 3).status(Status::Completed);
    world.service.add_run(run, now_ms);
    let mut id = |query: &str| {
        let target = path(&format!("/pipeline-runs/detail{query}"));
        world.call("GET", &target, "").1["id"].clone()
    };
    assert_eq!(id(""), json!(RUN_ID));
    assert_eq!(id(&format!("?pipeline_run_id={older}")), json!(older));
    assert_eq!(id("?pipeline_run_number=3"), json!(older));
    assert_eq!(id("?pipeline_run_number=4"), Value::Null);
}

#[test]
fn the_list_is_newest_first_and_filtered_and_paged() {
    let mut world = World::new();
    let now_ms = world.now_ms;
    for (number, status) in [(3, Status::Completed), (9, Status::Running)] {
        let run = Run::sample(id_for(&number.to_string()), number).status(status);
        world.service.add_run(run.ended_ago_ms(5_000_000), now_ms);
    }
    let hidden = Run::sample(id_for("hidden"), 10).unlisted();
    world.service.add_run(hidden, now_ms);
    let mut numbers = |body: &str| {
        let (_, list) = world.call("POST", &path("/pipeline-runs/list"), body);
        let runs = list["pipeline_runs"].as_array().expect("a list").clone();
        let numbers: Vec<u64> = runs
            .iter()
            .map(|run| run["run_number"].as_u64().expect("a number"))
            .collect();
        (numbers, list["total"].as_u64())
    };
    assert_eq!(numbers(""), (vec![9, 7, 3], Some(3)));
    assert_eq!(numbers(r#"{"limit":1,"offset":1}"#), (vec![7], Some(3)));
    assert_eq!(
        numbers(r#"{"sort_dir":"asc","sort_key":"start_time"}"#).0,
        [3, 7, 9]
    );
    assert_eq!(numbers(r#"{"status":["FAILED","COMPLETED"]}"#).0, [7, 3]);
    assert!(numbers(r#"{"trigger_type":["Scheduler"]}"#).0.is_empty());
}

#[test]
fn an_entry_of_the_list_has_the_fields_of_the_model() {
    let mut world = World::new();
    let (_, list) = world.call("POST", &path("/pipeline-runs/list"), "{}");
    let run = &list["pipeline_runs"][0];
    has_fields(
        run,
        &[
            "pipeline_id",
            "pipeline_run_id",
            "executor_id",
            "executor_name",
            "stage_status_list",
            "status",
            "run_number",
            "trigger_type",
            "build_params",
            "artifact_params",
            "start_time",
            "end_time",
            "detail_url",
            "modify_url",
        ],
    );
    assert!(run["stage_status_list"][0]["start_time"].is_string());
    let bad = world.call("POST", &path("/pipeline-runs/list"), r#"{"limit":"x"}"#);
    assert_eq!(code(&bad), (200, "DEVCP.00014004".to_owned()));
}

#[test]
fn the_definition_is_a_string_of_json() {
    let mut world = World::new();
    let (status, body) = world.call("GET", &path(""), "");
    let definition: Value =
        serde_json::from_str(&text(&body["definition"])).expect("JSON inside the string");
    assert_eq!(status, 200);
    assert_eq!(definition["stages"][1]["jobs"][0]["name"], "compile");
    assert_eq!(body["concurrency_control"]["exceed_action"], "ABORT");
}

#[test]
fn a_log_is_read_forward_and_backward_by_its_offsets() {
    let mut world = World::new();
    let now_ms = world.now_ms;
    let run = world.service.run(RUN_ID, now_ms).expect("the default run");
    let job = run.job_run_id("compile").expect("a job");
    let step = run.step_run_id("cargo build").expect("a step");
    let target = path(&format!(
        "/pipeline-runs/{RUN_ID}/jobs/{job}/steps/{step}/logs"
    ));
    let mut read = |sort: &str| {
        let (mut start, mut end) = (json!(0), json!(0));
        let (mut log, mut pages) = (String::new(), 0);
        loop {
            let body = json!({
                "start_offset": start, "end_offset": end, "limit": 25, "sort": sort,
            });
            let (_, page) = world.call("POST", &target, &body.to_string());
            log.push_str(&text(&page["log"]));
            pages += 1;
            assert!(page["start_offset"].is_string() && page["end_offset"].is_string());
            if page["has_more"] == json!(false) {
                return (log, pages);
            }
            start = page["start_offset"].clone();
            end = page["end_offset"].clone();
        }
    };
    let (forward, pages) = read("asc");
    assert_eq!((forward.lines().count(), pages), (60, 3));
    assert!(forward.ends_with("exit status 101\n"));
    let (backward, _) = read("desc");
    let turned: Vec<&str> = backward.lines().rev().collect();
    assert_eq!(turned, forward.lines().collect::<Vec<_>>());
    let bad = world.call("POST", &target, r#"{"limit":5}"#);
    assert_eq!(code(&bad).1, "DEVCP.00014004");
}

#[test]
fn wrong_places_have_their_own_codes() {
    let mut world = World::new();
    let right = path("/pipeline-runs/detail");
    let other = id_for("other");
    for (target, expected) in [
        (right.replace(PROJECT_ID, &other), (200, "DEVPIPE.00011412")),
        (
            right.replace(PIPELINE_ID, &other),
            (200, "DEVPIPE.00011401"),
        ),
        (
            format!("{right}?pipeline_run_id={other}"),
            (200, "DEVCP.00012002"),
        ),
        (right.replace("detail", "nothing"), (404, "APIGW.0101")),
    ] {
        let answer = world.call("GET", &target, "");
        assert_eq!(
            code(&answer),
            (expected.0, expected.1.to_owned()),
            "{target}"
        );
    }
    for suffix in ["retry", "stop"] {
        let method = if suffix == "retry" { "PUT" } else { "POST" };
        let target = path(&format!("/pipeline-runs/{other}/{suffix}"));
        assert_eq!(code(&world.call(method, &target, "")).1, "DEVCP.00012002");
    }
}

#[test]
fn callers_are_known_by_their_credentials() {
    let mut world = World::new();
    let now_ms = world.now_ms;
    let anonymous = Request {
        headers: Vec::new(),
        ..request("PUT", &retry_path(), "")
    };
    let reply = world.service.handle(&anonymous, now_ms);
    assert_eq!(reply.status, 401);
    assert_eq!(reply.body_json()["error_code"], "APIGW.0301");
    let id = reply.header("X-Request-Id").expect("a request id");
    assert_eq!(reply.body_json()["request_id"], id);

    let mut as_user = |membership| {
        let token = UserToken::new(TOKEN).membership(membership);
        world.service.identities().add_token(token);
        code(&world.call("PUT", &retry_path(), ""))
    };
    assert_eq!(
        as_user(Membership::Forbidden),
        (403, "APIGW.0302".to_owned())
    );
    assert_eq!(
        as_user(Membership::NotAMember),
        (200, "DEVPIPE.00011412".to_owned())
    );
    let (_, list) = world.call("POST", &path("/pipeline-runs/list"), "");
    assert_eq!(list["total"], 0);
    let counters = world.service.counters(now_ms);
    assert_eq!(
        (counters.refused_credentials, counters.retry_effects),
        (2, 0)
    );
}

#[test]
fn modifiers_change_the_detail_only_in_their_point() {
    let mut world = World::new();
    let status = What::RunStatus {
        status: "MELTED".to_owned(),
    };
    world
        .service
        .fault(Fault::new(Endpoint::Detail, What::NoSystemTime));
    world.service.fault(Fault::new(Endpoint::Detail, status));
    let detail = world.detail();
    assert_eq!(detail["status"], "MELTED");
    assert_eq!(detail.get("current_system_time"), None);
    assert_eq!(detail["id"], RUN_ID);
    assert_eq!(world.status(), "FAILED");
}
