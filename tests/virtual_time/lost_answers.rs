//! What is found out about a retry whose answer was lost.

use codearts_retry::pipeline::{Ending, Retried};
use codearts_sandbox::{
    Concurrency, Config, Endpoint, Fault, Job, Moment, OnOtherState, RUN_ID, RUN_NUMBER, Run,
    Stage, Status, Verdict as Fate, What,
};

use crate::support::World;

fn lost_after_the_effect() -> Fault {
    let close = What::Close {
        at: Moment::AfterEffect,
        reset: true,
    };
    Fault::new(Endpoint::Retry, close)
}

#[test]
fn a_lost_retry_that_leaves_the_queue_while_it_is_looked_for_is_not_sent_again() {
    for lag in [0, 4_000] {
        for holds_ms in (4_800..5_400).step_by(20) {
            let config = Config {
                concurrency: Some(Concurrency {
                    holds_ms,
                    retries: Some(1),
                    ..Concurrency::default()
                }),
                ..Config::default()
            };
            // It fails again at once: a second retry would start it once more.
            let job = Job::new("quick").lasts_ms(1).failure("it broke");
            let run = Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Only").job(job)])
                .verdicts([Fate::Failed, Fate::Failed]);
            let world = World::with(config, vec![run])
                .fault(Fault::new(Endpoint::Retry, What::StaleDetail { ms: lag }))
                .fault(lost_after_the_effect());
            let ended = world.run();
            assert_eq!(
                (&ended.ending, ended.retried, world.effects()),
                (&Ending::RunFailed, Retried::Yes, 1),
                "{holds_ms} ms in the queue, and a lag of {lag} ms"
            );
        }
    }
}

#[test]
fn a_completed_run_that_a_lost_retry_has_started_is_not_taken_for_completed() {
    let config = Config {
        on_other_state: OnOtherState::Accept,
        ..Config::default()
    };
    let run = Run::sample(RUN_ID, RUN_NUMBER).status(Status::Completed);
    let world = World::with(config, vec![run])
        .fault(Fault::new(Endpoint::Retry, What::StaleDetail { ms: 4_000 }))
        .fault(lost_after_the_effect());
    let mut step = world.step();
    step.plan.wait = None;
    let ended = step.run();
    assert_eq!(ended.ending, Ending::Accepted);
    assert_eq!((world.effects(), ended.retried), (1, Retried::Yes));
}

#[test]
fn a_completed_run_that_does_not_say_when_it_ended_may_have_been_retried() {
    let pointer = "/end_time".to_owned();
    let world = World::sample()
        .fault(Fault::new(Endpoint::Detail, What::Remove { pointer }).forever())
        .fault(Fault::new(Endpoint::Retry, What::Hang { effect: true }));
    let mut step = world.step();
    step.plan.wait = None;
    let ended = step.run();
    assert_eq!(ended.ending, Ending::AlreadyCompleted);
    assert_eq!((world.effects(), ended.retried), (1, Retried::Unknown));
}

#[test]
fn a_refusal_of_a_later_retry_leaves_it_open_whether_an_earlier_one_was_accepted() {
    let run = Run::sample(RUN_ID, RUN_NUMBER).verdicts([Fate::Failed]);
    let unreadable = What::answer(200, &[], "{}").with_effect();
    let refused = What::error(400, "APIGW.0201", "no");
    let world = World::of(run)
        .fault(Fault::new(Endpoint::Retry, unreadable))
        .fault(Fault::new(Endpoint::Retry, refused));
    let ended = world.step().wait(|wait| wait.max_retries = 2).run();
    assert!(
        matches!(ended.ending, Ending::Failed(_)),
        "{:?}",
        ended.ending
    );
    assert_eq!((world.effects(), ended.retried), (1, Retried::Unknown));
}
