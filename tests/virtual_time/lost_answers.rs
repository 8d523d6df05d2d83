//! What is found out about a retry whose answer was lost.

use codearts_retry::client::{CallFailure, FinalKind, Verdict};
use codearts_retry::pipeline::{Ending, Retried};
use codearts_sandbox::{
    Concurrency, Config, Endpoint, Fault, Job, Moment, OnOtherState, RUN_ID, RUN_NUMBER, Run,
    Stage, Status, Verdict as Fate, What,
};

use crate::support::{Ended, World};

fn lost_after_the_effect() -> Fault {
    let close = What::Close {
        at: Moment::AfterEffect,
        reset: true,
    };
    Fault::new(Endpoint::Retry, close)
}

/// A step that retries without waiting, and so has not read the run before.
fn only_retries(world: &World) -> Ended {
    let mut step = world.step();
    step.plan.wait = None;
    step.run()
}

fn failure(ended: &Ended) -> &CallFailure {
    let Ending::Failed(failure) = &ended.ending else {
        panic!("{:?}", ended.ending)
    };
    failure
}

fn lost_without_effect() -> Fault {
    Fault::new(Endpoint::Retry, What::status(502))
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
    let ended = only_retries(&world);
    assert_eq!(ended.ending, Ending::Accepted);
    assert_eq!((world.effects(), ended.retried), (1, Retried::Yes));
}

#[test]
fn a_completed_run_that_does_not_say_when_it_ended_may_have_been_retried() {
    let pointer = "/end_time".to_owned();
    let world = World::sample()
        .fault(Fault::new(Endpoint::Detail, What::Remove { pointer }).forever())
        .fault(Fault::new(Endpoint::Retry, What::Hang { effect: true }));
    let ended = only_retries(&world);
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

/// What a step told in sentences of its own.
fn notices(ended: &Ended) -> Vec<&str> {
    let lines = ended.lines.iter().map(String::as_str);
    lines.filter(|line| line.contains("was lost")).collect()
}

#[test]
fn what_became_of_a_lost_retry_is_told_with_the_doubt_where_the_run_was_not_read_before() {
    let accepted = "The answer to the retry was lost, but the run is in progress: accepted.";
    let lost = World::sample().fault(lost_after_the_effect());
    assert_eq!(notices(&lost.run()), [accepted]);

    let lost = World::sample().fault(lost_after_the_effect());
    assert_eq!(
        notices(&only_retries(&lost)),
        [format!("{accepted} It may have been in progress before.")]
    );

    let hangs = Fault::new(Endpoint::Retry, What::Hang { effect: true });
    assert_eq!(
        notices(&World::sample().fault(hangs).run()),
        ["The answer to the retry was lost, but the run was started again, and is already over."]
    );
}

#[test]
fn a_lost_retry_of_a_run_that_cannot_be_read_is_unavailable_and_says_to_look_first() {
    let world = World::sample()
        .fault(lost_without_effect())
        .fault(Fault::new(Endpoint::Detail, What::status(503)).forever());
    let ended = only_retries(&world);
    let failure = failure(&ended);
    assert_eq!(failure.verdict, Verdict::Final(FinalKind::Unavailable));
    assert_eq!(
        failure.reason,
        "the service failed; the run cannot be read: the service failed; the retry may have been accepted and was not sent again"
    );
    assert!(
        failure
            .advice
            .is_some_and(|advice| advice.starts_with("Look at the run"))
    );
}

#[test]
fn each_pause_says_what_comes_after_it() {
    for (what, line) in [
        (
            What::throttled("3"),
            "the service takes no more calls or runs at the moment (HTTP 429); sending again in 3.0s",
        ),
        (
            What::status(502),
            "the service failed (HTTP 502); reading the run in 500.0ms",
        ),
    ] {
        let ended = World::sample()
            .fault(Fault::new(Endpoint::Retry, what))
            .run();
        assert!(
            ended.lines.iter().any(|told| told == line),
            "{:#?}",
            ended.lines
        );
    }
}

#[test]
fn the_detail_of_another_run_is_not_taken_for_that_of_this_one() {
    let other = r#"{"id":"another","status":"COMPLETED"}"#;
    let world = World::sample()
        .fault(Fault::new(Endpoint::Detail, What::answer(200, &[], other)).forever());
    let ended = world.run();
    let reason = &failure(&ended).reason;
    assert!(reason.contains("another run's detail"), "{reason}");
    assert_eq!(world.effects(), 0);
}

#[test]
fn an_effect_that_is_seen_needs_no_second_look() {
    let world = World::sample().fault(lost_after_the_effect());
    assert_eq!(only_retries(&world).ending, Ending::Accepted);
    assert_eq!(world.request_times("GET", "/detail").len(), 1);
    assert_eq!(world.request_times("GET", "/queued-pipeline").len(), 0);
}

#[test]
fn two_readings_that_contradict_each_other_are_no_reason_to_send_again() {
    let completed = r#"{"status":"COMPLETED","end_time":1,"current_system_time":900000}"#;
    let world = World::sample()
        .fault(lost_without_effect())
        .fault(Fault::new(
            Endpoint::Detail,
            What::answer(200, &[], completed),
        ));
    let ended = only_retries(&world);
    assert!(
        failure(&ended)
            .reason
            .contains("two readings of the run contradict each other"),
        "{}",
        failure(&ended).reason
    );
    assert_eq!((world.effects(), ended.retried), (0, Retried::Unknown));
}

#[test]
fn a_call_that_was_there_and_is_not_now_is_no_reason_to_send_again() {
    let world = World::sample().fault(lost_without_effect()).fault(
        Fault::new(Endpoint::Detail, What::status(404))
            .skip(1)
            .forever(),
    );
    let ended = world.run();
    let reason = &failure(&ended).reason;
    assert!(reason.contains("the run cannot be read"), "{reason}");
    assert_eq!((world.effects(), ended.retried), (0, Retried::Unknown));
    assert_eq!(world.request_times("PUT", "/retry").len(), 1);
}

#[test]
fn a_refusal_says_what_an_earlier_attempt_may_have_done_and_what_the_run_is() {
    let is_failed = "the service refused the call; the run is FAILED";
    let unauthorized = "the service does not accept the credentials";
    for (earlier, status, reason, retried) in [
        (None, 400, is_failed.to_owned(), Retried::No),
        (None, 401, unauthorized.to_owned(), Retried::No),
        (Some(502), 400, is_failed.to_owned(), Retried::No),
        (Some(429), 401, unauthorized.to_owned(), Retried::No),
        (
            Some(502),
            401,
            format!("{unauthorized}; an earlier attempt may have been accepted"),
            Retried::Unknown,
        ),
    ] {
        let mut world = World::sample();
        for status in earlier.into_iter().chain([status]) {
            world = world.fault(Fault::new(Endpoint::Retry, What::status(status)));
        }
        let ended = only_retries(&world);
        assert_eq!(
            (&failure(&ended).reason, ended.retried),
            (&reason, retried),
            "{earlier:?} {status}"
        );
        assert_eq!(world.effects(), 0);
    }
}

#[test]
fn an_answer_that_cannot_be_used_may_be_an_acceptance_and_says_so() {
    let world = World::sample().fault(Fault::new(Endpoint::Retry, What::answer(200, &[], "<p>")));
    let ended = only_retries(&world);
    assert_eq!(
        failure(&ended).reason,
        "the answer is not a JSON object but \"<p>\"; the retry may have been accepted; the run is FAILED"
    );
    assert_eq!(ended.retried, Retried::Unknown);
}

#[test]
fn used_up_attempts_say_how_many_there_were_and_what_they_may_have_done() {
    let later = Some("Run the step again later.");
    let look = Some("Look at the run before it is retried again: it may be in progress.");
    let not_accepted = "the retry was not accepted, as far as the run shows";
    for (attempts, has_detail, answers, limit, effect, advice, retried) in [
        (
            1,
            true,
            vec![429],
            "max_attempts (1) is used up",
            "nothing was accepted",
            later,
            Retried::No,
        ),
        (
            2,
            true,
            vec![429; 2],
            "all 2 attempts of max_attempts are used up",
            "nothing was accepted",
            later,
            Retried::No,
        ),
        (
            2,
            true,
            vec![502; 2],
            "all 2 attempts of max_attempts are used up",
            not_accepted,
            later,
            Retried::No,
        ),
        (
            2,
            true,
            vec![502, 429],
            "all 2 attempts of max_attempts are used up",
            not_accepted,
            later,
            Retried::No,
        ),
        (
            2,
            false,
            vec![502, 429],
            "all 2 attempts of max_attempts are used up",
            "the retry may have been accepted",
            look,
            Retried::Unknown,
        ),
    ] {
        let mut world = World::sample();
        for status in &answers {
            world = world.fault(Fault::new(Endpoint::Retry, What::status(*status)));
        }
        if !has_detail {
            world = world.fault(Fault::new(Endpoint::Detail, What::status(404)).forever());
        }
        let mut step = world.step();
        step.plan.wait = None;
        step.max_attempts = attempts;
        let ended = step.run();
        let failure = failure(&ended);
        assert_eq!(failure.verdict, Verdict::Final(FinalKind::Unavailable));
        let end = format!("; {limit}; {effect}");
        assert!(failure.reason.ends_with(&end), "{}", failure.reason);
        assert_eq!(
            (failure.advice, ended.retried),
            (advice, retried),
            "{answers:?}"
        );
    }
}
