//! Why a run failed: the failing path, the message, the end of the log, the cause in a sub-pipeline.

use std::time::Duration;

use codearts_retry::pipeline::{Ending, FailedJob};
use codearts_sandbox::{
    Config, Endpoint, Fault, Gate, Job, LogQuirk, RUN_ID, RUN_NUMBER, Run, Stage, Step, Verdict,
    What, id_for,
};

use crate::support::{Ended, World};

fn job(name: &str, message: &str) -> Job {
    let step = Step::new("run tests", "official_shell_plugin").log(["one", "two", "three"]);
    Job::new(name).lasts_ms(1000).failure(message).step(step)
}

/// A run that fails again in all that failed before.
fn failing(stages: Vec<Stage>) -> Run {
    Run::new(RUN_ID, RUN_NUMBER, stages).verdicts([Verdict::Failed])
}

fn failed(world: &World) -> Ended {
    let ended = world.run();
    assert_eq!(ended.ending, Ending::RunFailed, "{:#?}", ended.lines);
    ended
}

fn lines(job: &FailedJob) -> Vec<&str> {
    let log = job.log.as_ref().expect("its log was read");
    log.lines.iter().map(String::as_str).collect()
}

#[test]
fn three_jobs_that_fail_side_by_side_are_each_told_with_their_message_and_log() {
    let stage = Stage::new("Test")
        .job(job("unit", "unit broke"))
        .job(job(
            "integration",
            "构建失败: {\"errorMessage\":\" it broke \",\"errorCode\":\"DEV-1\"}",
        ))
        .job(job("lint", "lint broke"));
    let world = World::of(failing(vec![stage]));
    let ended = failed(&world);
    let told: Vec<_> = ended
        .failed_jobs
        .iter()
        .map(|job| (job.path(), job.message.clone(), job.code.clone()))
        .collect();
    let path = |name: &str| format!("Test › {name} › run tests");
    assert_eq!(
        told,
        [
            (path("unit"), "unit broke".to_owned(), None),
            (
                path("integration"),
                "构建失败: it broke".to_owned(),
                Some("DEV-1".to_owned())
            ),
            (path("lint"), "lint broke".to_owned(), None),
        ]
    );
    for job in &ended.failed_jobs {
        assert_eq!(lines(job), ["one", "two", "three"]);
    }
}

#[test]
fn the_logs_of_at_most_five_failed_steps_are_read_and_none_if_none_is_asked_for() {
    let mut stage = Stage::new("Test");
    for number in 0..8 {
        stage = stage.job(job(&format!("shard {number}"), "broke"));
    }
    let world = World::of(failing(vec![stage.clone()]));
    let ended = failed(&world);
    assert_eq!(ended.failed_jobs.len(), 8);
    let logs = ended.failed_jobs.iter().filter(|job| job.log.is_some());
    assert_eq!(logs.count(), 5);

    let world = World::of(failing(vec![stage]));
    let ended = world.step().wait(|wait| wait.log_lines = 0).run();
    assert_eq!(ended.ending, Ending::RunFailed);
    assert!(ended.failed_jobs.iter().all(|job| job.log.is_none()));
    assert!(world.request_times("POST", "/logs").is_empty());
}

#[test]
fn a_gate_that_fails_is_told_without_a_job() {
    for (stage, name) in [
        (
            Stage::new("Deploy")
                .pre(Gate::new("approval", "official_devcloud_manualTrigger").failure("refused"))
                .job(Job::new("rollout").lasts_ms(1000)),
            "approval",
        ),
        (
            Stage::new("Deploy")
                .post(Gate::new("quality", "official_devcloud_qualityGate").failure("refused"))
                .job(Job::new("rollout").lasts_ms(1000)),
            "quality",
        ),
    ] {
        let run = Run::new(RUN_ID, RUN_NUMBER, vec![stage])
            .verdicts([Verdict::FailedIn(name.to_owned())]);
        let ended = failed(&World::of(run));
        let [gate] = &ended.failed_jobs[..] else {
            panic!("one failed gate was expected: {:?}", ended.failed_jobs)
        };
        assert_eq!(
            (gate.stage.as_str(), gate.job.as_str(), gate.step.as_str()),
            ("Deploy", "", name)
        );
        assert_eq!(
            (gate.status.as_str(), gate.message.as_str()),
            ("FAILED", "refused")
        );
        assert_eq!(gate.log, None);
    }
}

fn family() -> Vec<Run> {
    let (pipeline, child) = (id_for("child pipeline"), id_for("child run"));
    let call = Job::new("call")
        .lasts_ms(1000)
        .failure("the sub-pipeline failed")
        .step(Step::sub_pipeline(
            "child",
            pipeline.as_str(),
            child.as_str(),
        ));
    let parent = failing(vec![Stage::new("Call").job(call)]);
    vec![parent, Run::sample(child, 99).pipeline_id(pipeline)]
}

#[test]
fn the_cause_in_a_sub_pipeline_is_told_with_the_log_of_its_failed_step() {
    let world = World::with(Config::default(), family());
    let ended = failed(&world);
    let [call] = &ended.failed_jobs[..] else {
        panic!("one failed job was expected: {:?}", ended.failed_jobs)
    };
    assert_eq!(call.path(), "Call › call › child");
    assert_eq!(
        call.message,
        "the sub-pipeline failed\n\
         sub-pipeline run 99, Build › compile › cargo build: compile failed: exit status 101"
    );
    let log = call.log.as_ref().expect("the child's log");
    assert_eq!(log.title, "sub-pipeline Build › compile › cargo build");
    assert!(!log.lines.is_empty());
}

#[test]
fn a_sub_pipeline_that_cannot_be_read_leaves_the_message_of_the_parent() {
    for what in [
        What::status(403),
        What::status(503),
        What::answer(200, &[], "[]"),
    ] {
        let world = World::with(Config::default(), family())
            .fault(Fault::new(Endpoint::Outputs, what).forever());
        let ended = failed(&world);
        assert_eq!(ended.failed_jobs[0].message, "the sub-pipeline failed");
    }
}

#[test]
fn a_message_of_a_megabyte_is_told() {
    let message = "x".repeat(1 << 20);
    let world = World::of(failing(vec![Stage::new("Test").job(job("unit", &message))]));
    let ended = failed(&world);
    assert_eq!(ended.failed_jobs[0].message.len(), 1 << 20);
}

#[test]
fn jobs_that_failed_before_a_stage_that_always_runs_are_told_and_its_good_ones_are_not() {
    let run = failing(vec![
        Stage::new("Test").job(job("unit", "broke")),
        Stage::new("Clean up")
            .run_always()
            .job(Job::new("notify").lasts_ms(1000)),
    ]);
    let ended = failed(&World::of(run));
    let paths: Vec<_> = ended.failed_jobs.iter().map(FailedJob::path).collect();
    assert_eq!(paths, ["Test › unit › run tests"]);
}

/// A run whose only failed step has a log of this many lines.
fn long_log(lines: usize) -> Run {
    let step = Step::new("soak", "official_shell_plugin").numbered_log(lines);
    let job = Job::new("soak").lasts_ms(1000).failure("broke").step(step);
    failing(vec![Stage::new("Soak").job(job)])
}

#[test]
fn the_last_lines_of_a_log_of_a_hundred_thousand_are_found() {
    let world = World::of(long_log(100_000));
    let ended = failed(&world);
    let tail = lines(&ended.failed_jobs[0]);
    assert_eq!(
        (tail.len(), tail[0], tail[49]),
        (50, "line 99951", "line 100000")
    );
    let log = ended.failed_jobs[0].log.as_ref().expect("its log was read");
    assert!(log.is_cut && log.problem.is_none(), "{log:?}");
    assert!(world.request_times("POST", "/logs").len() <= 100);
}

#[test]
fn a_log_without_an_end_stops_somewhere_and_says_so() {
    let world = World::of(long_log(1_000_000));
    let ended = failed(&world);
    let log = ended.failed_jobs[0].log.as_ref().expect("its log was read");
    assert_eq!(log.lines.len(), 50);
    assert_eq!(
        log.problem.as_deref(),
        Some("the log is longer than is read")
    );
    assert_eq!(world.request_times("POST", "/logs").len(), 100);
}

#[test]
fn odd_pages_of_a_log_are_read_as_far_as_they_go() {
    for (quirk, most_requests) in [
        (LogQuirk::Endless, 5),
        (LogQuirk::StandingStill, 2),
        (LogQuirk::NoHasMore, 4),
        (LogQuirk::NumericOffsets, 3),
        (LogQuirk::EmptyFirstPage, 4),
    ] {
        let config = Config {
            log_quirk: quirk,
            ..Config::default()
        };
        let world = World::with(config, vec![long_log(2_500)]);
        let ended = failed(&world);
        let requests = world.request_times("POST", "/logs").len();
        assert!(requests <= most_requests, "{quirk:?}: {requests} requests");
        let tail = lines(&ended.failed_jobs[0]);
        let last = match quirk {
            LogQuirk::StandingStill => "line 1000",
            _ => "line 2500",
        };
        assert_eq!(tail.last(), Some(&last), "{quirk:?}");
    }
}

#[test]
fn logs_that_hang_take_ten_seconds_for_all_together() {
    let mut stage = Stage::new("Test");
    for number in 0..5 {
        stage = stage.job(job(&format!("shard {number}"), "broke"));
    }
    let world = World::of(failing(vec![stage]))
        .fault(Fault::new(Endpoint::Logs, What::Hang { effect: true }).forever());
    let ended = failed(&world);
    let polls = world.request_times("GET", "/detail");
    let last_poll = Duration::from_millis(*polls.last().expect("the run was polled"));
    let took = ended.at.checked_sub(last_poll).expect("the logs come last");
    assert!(took < Duration::from_millis(10_200), "{took:?}");
    for job in &ended.failed_jobs {
        let log = job.log.as_ref().expect("the attempt is told");
        assert!(log.problem.is_some(), "{log:?}");
    }
}

#[test]
fn one_failed_page_costs_no_log_and_two_are_told() {
    let once = World::of(long_log(1_500)).fault(Fault::new(Endpoint::Logs, What::status(502)));
    let ended = failed(&once);
    assert_eq!(lines(&ended.failed_jobs[0]).last(), Some(&"line 1500"));
    let twice =
        World::of(long_log(1_500)).fault(Fault::new(Endpoint::Logs, What::status(502)).times(2));
    let ended = failed(&twice);
    let log = ended.failed_jobs[0]
        .log
        .as_ref()
        .expect("the attempt is told");
    let problem = log.problem.as_deref().expect("it failed");
    assert!(problem.starts_with("the log cannot be read: "), "{problem}");
}

#[test]
fn a_sub_pipeline_that_answers_slowly_is_told_if_the_time_for_all_suffices() {
    for (ms, is_told) in [(2_000, true), (10_500, false)] {
        let late = What::Delay {
            ms,
            after_effect: false,
        };
        let world = World::with(Config::default(), family())
            .fault(Fault::new(Endpoint::Outputs, late).forever());
        let ended = failed(&world);
        let message = &ended.failed_jobs[0].message;
        assert_eq!(message.contains("sub-pipeline run 99"), is_told, "{ms} ms");
    }
}
