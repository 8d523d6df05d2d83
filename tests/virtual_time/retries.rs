//! More than one retry, lost answers in between, and the queue.

use std::time::Duration;

use codearts_retry::pipeline::{Ending, Retried};
use codearts_sandbox::{
    Concurrency, Config, Endpoint, Fault, Job, PIPELINE_ID, PROJECT_ID, RUN_ID, RUN_NUMBER,
    Request, Run, Stage, TOKEN, Verdict, What,
};

use crate::support::{Ended, World};

fn flaky(failures: usize) -> Run {
    Run::sample(RUN_ID, RUN_NUMBER).verdicts(vec![Verdict::Failed; failures])
}

#[test]
fn a_run_that_fails_twice_and_then_completes_takes_exactly_three_retries() {
    let world = World::of(flaky(2));
    let ended = world.step().wait(|wait| wait.max_retries = 3).run();
    assert_eq!(ended.ending, Ending::Completed);
    assert_eq!((world.effects(), ended.retries), (3, 3));
    assert!(ended.failed_jobs.is_empty(), "{:?}", ended.failed_jobs);
}

#[test]
fn lost_answers_in_between_change_nothing() {
    for effect in [true, false] {
        for lost in [
            What::CutHead {
                effect,
                reset: true,
            },
            What::Hang { effect },
            What::CutBody {
                effect,
                reset: false,
            },
        ] {
            let world = World::of(flaky(2))
                .fault(Fault::new(Endpoint::Retry, lost.clone()))
                .fault(Fault::new(Endpoint::Retry, lost.clone()).skip(1))
                .fault(
                    Fault::new(Endpoint::Detail, What::status(502))
                        .skip(3)
                        .times(2),
                );
            let ended = world.step().wait(|wait| wait.max_retries = 3).run();
            assert_eq!(
                ended.ending,
                Ending::Completed,
                "{lost:?} {:#?}",
                ended.lines
            );
            assert_eq!((world.effects(), ended.retries), (3, 3), "{lost:?}");
        }
    }
}

#[test]
fn when_the_retries_are_used_up_the_last_failure_is_explained() {
    let world = World::of(flaky(5));
    let ended = world.step().wait(|wait| wait.max_retries = 2).run();
    assert_eq!(ended.ending, Ending::RunFailed);
    assert_eq!((world.effects(), ended.retries), (2, 2));
    assert_eq!(ended.failed_jobs.len(), 1);
}

#[test]
fn no_retry_starts_after_the_deadline() {
    let world = World::of(flaky(9));
    let ended = world
        .step()
        .wait(|wait| wait.max_retries = 10)
        .timeout(Duration::from_secs(15))
        .run();
    assert_eq!(u64::from(ended.retries), world.effects());
    assert!(
        matches!(ended.ending, Ending::RunFailed | Ending::WaitTimeout(_)),
        "{:?}",
        ended.ending
    );
    assert!(ended.at < Duration::from_secs(16));
}

fn queueing(holds_ms: u64) -> World {
    let config = Config {
        concurrency: Some(Concurrency {
            holds_ms,
            retries: Some(1),
            ..Concurrency::default()
        }),
        ..Config::default()
    };
    World::with(config, vec![Run::sample(RUN_ID, RUN_NUMBER)])
}

#[test]
fn a_queued_retry_is_waited_for_however_long_it_is_queued() {
    let world = queueing(900_000);
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed, "{:#?}", ended.lines);
    assert_eq!((world.effects(), ended.retried), (1, Retried::Yes));
    assert!(ended.at > Duration::from_secs(900));
    assert!(
        ended
            .lines
            .iter()
            .any(|line| line == "in the queue: number 1"),
        "{:#?}",
        ended.lines
    );
}

#[test]
fn waiting_in_the_queue_costs_one_request_an_interval_and_the_end_is_noticed_as_fast() {
    let world = queueing(900_000);
    let ended = world.run();
    let polls = world.request_times("GET", "/detail").len()
        + world.request_times("GET", "/queued-pipeline").len();
    assert!(world.request_times("GET", "/queued-pipeline").len() > polls * 3 / 4);
    let intervals = usize::try_from(ended.at.as_secs() / 10).unwrap();
    assert!(polls <= intervals + 5, "{polls} for {intervals}");
    // The run takes 14 s once it has left the queue.
    assert!(
        ended.at < Duration::from_secs(900 + 14 + 12),
        "{:?}",
        ended.at
    );
}

#[test]
fn a_queue_that_still_lists_a_run_in_progress_hides_nothing() {
    let queue = format!(r#"{{"queuedPipelines":[{{"id":"q","pipeline_run_id":"{RUN_ID}"}}]}}"#);
    let world = queueing(5_000)
        .fault(Fault::new(Endpoint::Queue, What::answer(200, &[], &queue)).forever());
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed, "{:#?}", ended.lines);
    assert!(ended.at < Duration::from_secs(60), "{:?}", ended.at);
}

#[test]
fn a_queue_that_cannot_be_read_does_not_end_the_wait() {
    for status in [403, 404, 405, 501, 503] {
        let refused = Fault::new(Endpoint::Queue, What::status(status)).forever();
        let ended = queueing(900_000).fault(refused).run();
        assert_eq!(
            ended.ending,
            Ending::Completed,
            "{status}: {:#?}",
            ended.lines
        );
        assert!(ended.at > Duration::from_secs(900));
    }
}

#[test]
fn a_deadline_in_the_queue_says_so() {
    let ended = queueing(u64::MAX / 4).run();
    let Ending::WaitTimeout(failure) = &ended.ending else {
        panic!("{:?}", ended.ending)
    };
    assert!(failure.reason.contains("queue"), "{}", failure.reason);
}

#[test]
fn an_end_before_the_attempt_that_was_lost_is_not_taken_for_its_effect() {
    // The first attempt is refused unprocessed; the run ends while the second one waits; the second one is lost.
    let world = World::sample()
        .fault(Fault::new(Endpoint::Retry, What::throttled("10")))
        .fault(Fault::new(Endpoint::Retry, What::Hang { effect: false }))
        .at(2, |service, now_ms| {
            service.set_run(Run::sample(RUN_ID, RUN_NUMBER).ended_ago_ms(0), now_ms);
        });
    let mut step = world.step();
    step.plan.wait = None;
    let ended = step.run();
    assert_eq!(ended.retried, Retried::Yes, "{:?}", ended.lines);
    assert_eq!(world.effects(), 1);
}

#[test]
fn a_queue_that_answers_what_is_not_understood_does_not_hide_the_run() {
    let world = queueing(60_000)
        .fault(Fault::new(Endpoint::Queue, What::answer(200, &[], r#"{"queue":[]}"#)).forever());
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed, "{:#?}", ended.lines);
    assert!(ended.at < Duration::from_secs(100), "{:?}", ended.at);
}

/// The sandbox's own run behind this many others, which wait in the queue for good.
fn crowded(others: u64) -> World {
    let config = Config {
        concurrency: Some(Concurrency {
            holds_ms: u64::MAX / 4,
            ..Concurrency::default()
        }),
        ..Config::default()
    };
    let others: Vec<String> = (0..others).map(|at| format!("{at:032}")).collect();
    let mut runs: Vec<_> = (1..)
        .zip(&others)
        .map(|(number, id)| Run::sample(id, number))
        .collect();
    runs.push(Run::sample(RUN_ID, RUN_NUMBER));
    let world = World::with(config, runs);
    for id in &others {
        let target =
            format!("/v5/{PROJECT_ID}/api/pipelines/{PIPELINE_ID}/pipeline-runs/{id}/retry");
        let request = Request {
            method: "PUT".to_owned(),
            target,
            headers: vec![("X-Auth-Token".to_owned(), TOKEN.to_owned())],
            ..Request::default()
        };
        world.service(|service, now_ms| service.handle(&request, now_ms));
    }
    world
}

#[test]
fn a_place_far_back_in_the_queue_takes_one_request_a_poll() {
    let world = crowded(25);
    let ended = world.step().timeout(Duration::from_secs(1000)).run();
    assert!(
        ended
            .lines
            .iter()
            .any(|line| line == "in the queue: number 26"),
        "{:#?}",
        ended.lines
    );
    let requests = world.request_times("GET", "/queued-pipeline").len();
    assert!(
        requests <= 4 + 2 + 98 * 115 / 100,
        "{requests} requests in 1000 s"
    );
}

#[test]
fn a_queue_that_lists_a_run_which_has_left_it_does_not_hide_that_run() {
    let listed = format!(r#"{{"queuedPipelines":[{{"id":"q","pipeline_run_id":"{RUN_ID}"}}]}}"#);
    let world = queueing(60_000)
        .fault(Fault::new(Endpoint::Queue, What::answer(200, &[], &listed)).forever());
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed, "{:#?}", ended.lines);
    assert!(ended.at < Duration::from_secs(150), "{:?}", ended.at);
}

#[test]
fn an_overdue_run_whose_queue_cannot_be_read_takes_one_request_a_poll_and_is_told_once_it_can() {
    let nothing = What::answer(200, &[], r#"{"success":true}"#);
    let world = World::sample()
        .fault(Fault::new(Endpoint::Retry, nothing))
        .fault(Fault::new(Endpoint::Queue, What::status(503)).times(40));
    let ended = world.run();
    assert!(
        matches!(ended.ending, Ending::Failed(_)),
        "{:?}",
        ended.ending
    );
    let minutes = ended.at.as_secs() / 60;
    assert!((8..10).contains(&minutes), "{:?}", ended.at);
    let requests = world.request_times("GET", "/queued-pipeline").len()
        + world.request_times("GET", "/detail").len();
    let intervals = usize::try_from(ended.at.as_secs() / 10).unwrap();
    assert!(
        requests <= 4 + intervals * 115 / 100,
        "{requests} for {intervals}"
    );
}

#[test]
fn a_queue_that_is_read_to_its_end_does_not_have_the_run_however_long_it_is() {
    for others in [0, 9, 10, 15, 195] {
        let nothing = What::answer(200, &[], r#"{"success":true}"#);
        let world = crowded(others).fault(Fault::new(Endpoint::Retry, nothing));
        let ended = world.run();
        assert!(
            matches!(ended.ending, Ending::Failed(_)),
            "{others}: {:?}",
            ended.ending
        );
        assert!(ended.at < Duration::from_secs(130), "{:?}", ended.at);
    }
}

#[test]
fn a_queue_that_is_longer_than_is_read_may_have_the_run() {
    let nothing = What::answer(200, &[], r#"{"success":true}"#);
    let world = crowded(200).fault(Fault::new(Endpoint::Retry, nothing));
    let ended = world.step().timeout(Duration::from_secs(300)).run();
    let Ending::WaitTimeout(failure) = &ended.ending else {
        panic!("{:?}", ended.ending)
    };
    assert!(
        failure.reason.contains("the queue is longer than is read"),
        "{}",
        failure.reason
    );
}

#[test]
fn a_queue_that_lists_all_on_every_page_keeps_the_place_of_a_run_far_back() {
    let mut entries = vec!["{}".to_owned(); 229];
    entries.push(format!(r#"{{"id":"q","pipeline_run_id":"{RUN_ID}"}}"#));
    let queue = format!(r#"{{"queuedPipelines":[{}]}}"#, entries.join(","));
    let world = queueing(u64::MAX / 4)
        .fault(Fault::new(Endpoint::Queue, What::answer(200, &[], &queue)).forever());
    let ended = world.step().timeout(Duration::from_secs(300)).run();
    let places: Vec<_> = ended
        .lines
        .iter()
        .filter(|line| line.contains("of the queue") || line.contains("in the queue: "))
        .filter(|line| !line.starts_with("still"))
        .collect();
    assert_eq!(places, ["in the queue: number 230"], "{:#?}", ended.lines);
}

#[test]
fn a_queue_without_a_list_is_empty() {
    let nothing = What::answer(200, &[], r#"{"success":true}"#);
    let null = What::answer(200, &[], r#"{"queuedPipelines":null}"#);
    let world = World::sample()
        .fault(Fault::new(Endpoint::Retry, nothing))
        .fault(Fault::new(Endpoint::Queue, null).forever());
    let ended = world.run();
    assert!(
        matches!(ended.ending, Ending::Failed(_)),
        "{:?}",
        ended.ending
    );
    assert!(ended.at < Duration::from_secs(130), "{:?}", ended.at);
}

/// The signs of life of a step, each once.
fn signs(ended: &Ended) -> Vec<&str> {
    let is_sign = |line: &&str| line.starts_with("still") || line.contains("not started again");
    let mut signs: Vec<_> = ended.lines.iter().map(String::as_str).collect();
    signs.retain(is_sign);
    signs.dedup();
    signs
}

#[test]
fn a_wait_in_the_queue_gives_a_sign_of_life_a_minute() {
    let world = queueing(u64::MAX / 4);
    let ended = world.step().timeout(Duration::from_secs(600)).run();
    let all = ended.lines.iter().filter(|line| line.starts_with("still"));
    assert!((7..=9).contains(&all.count()), "{:#?}", ended.lines);
    assert_eq!(signs(&ended), ["still in the queue: number 1"]);

    let not_offered = Fault::new(Endpoint::Queue, What::status(404)).forever();
    let world = queueing(u64::MAX / 4).fault(not_offered);
    let ended = world.step().timeout(Duration::from_secs(600)).run();
    assert_eq!(signs(&ended), ["still in the queue"]);
}

#[test]
fn a_run_that_takes_long_or_does_not_start_gives_a_sign_of_life_too() {
    let job = Job::new("soak").lasts_ms(200_000).failure("it broke");
    let run = Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Test").job(job)]);
    let ended = World::of(run).run();
    assert_eq!(signs(&ended), ["still RUNNING: Test › soak"]);

    let stale = What::StaleDetail { ms: 100_000 };
    let ended = World::sample()
        .fault(Fault::new(Endpoint::Retry, stale))
        .run();
    assert_eq!(signs(&ended), ["the run has not started again yet"]);

    let no_stages = What::Remove {
        pointer: "/stages".to_owned(),
    };
    let paused = Run::sample(RUN_ID, RUN_NUMBER).verdicts([Verdict::Paused]);
    let world = World::of(paused).fault(Fault::new(Endpoint::Detail, no_stages).forever());
    let ended = world.step().timeout(Duration::from_secs(300)).run();
    assert_eq!(signs(&ended).last(), Some(&"still PAUSED"));
}

#[test]
fn the_place_on_a_full_page_counts_the_pages_before_it() {
    let world = crowded(29);
    let ended = world.step().timeout(Duration::from_secs(60)).run();
    let place = "in the queue: number 30".to_owned();
    assert!(ended.lines.contains(&place), "{:#?}", ended.lines);
}
