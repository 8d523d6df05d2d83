//! Readings that are older than the last one: a detail answered by a replica that lags behind.

use std::time::Duration;

use codearts_retry::pipeline::Ending;
use codearts_sandbox::{
    Content, Endpoint, Fault, Job, RUN_ID, RUN_NUMBER, Run, RunUpdate, Stage, Status, Step,
    Verdict, What,
};

use crate::support::{START_MS, World};

/// The detail as it was before the step: an end ten minutes before its start.
fn old_end(status: &str) -> What {
    let end = START_MS - 600_000;
    let detail = format!(r#"{{"id":"{RUN_ID}","status":"{status}","end_time":{end}}}"#);
    What::answer(200, &[], &detail)
}

fn run_of(seconds: u64) -> Run {
    let job = Job::new("soak")
        .lasts_ms(seconds * 1000)
        .failure("it broke")
        .step(Step::new("soak", "official_shell_plugin"));
    Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Soak").job(job)])
}

#[test]
fn an_old_failed_that_is_seen_again_after_progress_is_not_the_result_while_a_detail_may_lag() {
    let world = World::of(run_of(100)).fault(
        Fault::new(Endpoint::Detail, old_end("FAILED"))
            .skip(2)
            .times(4),
    );
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed, "{:#?}", ended.lines);
    assert_eq!(world.effects(), 1);
}

#[test]
fn an_old_failed_after_a_refusal_that_attached_is_not_the_result_and_not_retried() {
    let refused_late = What::Delay {
        ms: 1000,
        after_effect: false,
    };
    let world = World::sample()
        .fault(Fault::new(Endpoint::Retry, refused_late))
        .at(1, |service, now_ms| {
            let update = RunUpdate {
                status: Some(Status::Running),
                ..RunUpdate::default()
            };
            service.update_run(update, now_ms);
        })
        .fault(Fault::new(Endpoint::Detail, old_end("FAILED")).skip(2));
    let ended = world.step().wait(|wait| wait.max_retries = 3).run();
    assert_eq!(ended.ending, Ending::Completed, "{:#?}", ended.lines);
    assert_eq!(world.request_times("PUT", "/retry").len(), 1);
}

#[test]
fn an_end_from_before_the_step_attached_is_not_the_result_and_not_retried() {
    let world = World::of(Run::sample(RUN_ID, RUN_NUMBER).status(Status::Running))
        .fault(Fault::new(Endpoint::Detail, old_end("FAILED")).skip(1));
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed, "{:#?}", ended.lines);
    assert_eq!(world.request_times("PUT", "/retry").len(), 0);
}

#[test]
fn an_end_from_before_the_last_one_is_no_result_and_never_green() {
    for status in ["FAILED", "COMPLETED", "CANCELED"] {
        let run = Run::sample(RUN_ID, RUN_NUMBER).verdicts([Verdict::Failed, Verdict::Failed]);
        // The polls after the first retry see it fail with the fourth detail.
        let world = World::of(run).fault(
            Fault::new(Endpoint::Detail, old_end(status))
                .skip(4)
                .times(2),
        );
        let ended = world.step().wait(|wait| wait.max_retries = 2).run();
        assert_eq!(
            ended.ending,
            Ending::RunFailed,
            "{status}: {:#?}",
            ended.lines
        );
        assert_eq!(
            (world.effects(), ended.failed_jobs.len()),
            (2, 1),
            "{status}"
        );
    }
}

#[test]
fn slow_readings_do_not_hide_that_a_lost_retry_started_the_run() {
    // The run that the lost retry started ends before the first reading; each reading is throttled once.
    let lost = What::CutHead {
        effect: true,
        reset: true,
    };
    let world = World::of(run_of(3).verdicts([Verdict::Failed]))
        .fault(Fault::new(Endpoint::Retry, lost))
        .fault(Fault::new(Endpoint::Detail, What::throttled("20")))
        .fault(Fault::new(Endpoint::Detail, What::throttled("20")).skip(1));
    let mut step = world.step();
    step.plan.wait = None;
    let ended = step.timeout(Duration::from_secs(600)).run();
    assert_eq!(world.effects(), 1, "{:?} {:#?}", ended.ending, ended.lines);
}

#[test]
fn an_unreadable_answer_to_a_retry_that_had_its_effect_uses_a_retry_up() {
    let unreadable = What::Answer {
        status: 200,
        headers: Vec::new(),
        body: Content::Text("<html>".to_owned()),
        effect: true,
    };
    let world = World::of(run_of(30).verdicts([Verdict::Failed]))
        .fault(Fault::new(Endpoint::Retry, unreadable));
    let ended = world.run();
    assert_eq!(ended.ending, Ending::RunFailed, "{:#?}", ended.lines);
    assert_eq!(world.effects(), 1, "max_retries is 1");
}
