//! Every way a wait ends.

use std::time::Duration;

use codearts_retry::client::{FinalKind, Verdict};
use codearts_retry::pipeline::{Ending, Retried, RunStatus, RunTarget};
use codearts_sandbox::{
    Endpoint, Fault, Job, RUN_ID, RUN_NUMBER, Run, RunUpdate, Stage, Status, Verdict as Fate, What,
};

use crate::support::World;

fn force(status: Status) -> impl FnOnce(&mut codearts_sandbox::Service, u64) + Send + 'static {
    move |service, now_ms| {
        let update = RunUpdate {
            status: Some(status),
            ..RunUpdate::default()
        };
        service.update_run(update, now_ms);
    }
}

fn final_kind(ending: &Ending) -> Option<FinalKind> {
    match ending {
        Ending::Failed(failure) => match failure.verdict {
            Verdict::Final(kind) => Some(kind),
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn a_run_that_completes_is_completed_and_noticed_within_an_interval() {
    let world = World::sample();
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed);
    assert_eq!(ended.retries, 1);
    // Build takes 8 s and Deploy 6 s; the polls come 2, 5, 10 and 18 s after the acceptance.
    assert!(ended.at < Duration::from_secs(19), "{:?}", ended.at);
    assert_eq!(world.effects(), 1);
}

#[test]
fn progress_is_told_change_by_change() {
    let ended = World::sample().run();
    for line in [
        "retry 1 of 1",
        ": FAILED → RUNNING",
        "Build › compile: FAILED → RUNNING",
        "Build › compile: RUNNING → COMPLETED",
        ": RUNNING → COMPLETED",
    ] {
        assert!(
            ended.lines.iter().any(|own| own == line),
            "{line} in {:#?}",
            ended.lines
        );
    }
    assert!(!ended.lines.iter().any(|line| line.starts_with("person")));
}

#[test]
fn a_run_that_fails_again_is_failed_with_its_job_message_and_log() {
    let run = Run::sample(RUN_ID, RUN_NUMBER).verdicts([Fate::Failed]);
    let ended = World::of(run).run();
    assert_eq!(ended.ending, Ending::RunFailed);
    let [job] = &ended.failed_jobs[..] else {
        panic!("one failed job was expected: {:?}", ended.failed_jobs)
    };
    assert_eq!((job.stage.as_str(), job.job.as_str()), ("Build", "compile"));
    assert_eq!(job.message, "compile failed: exit status 101");
    let log = job.log.as_ref().expect("the step has a log");
    assert!(!log.lines.is_empty() && log.problem.is_none(), "{log:?}");
}

#[test]
fn a_run_that_somebody_stops_is_canceled() {
    let world = World::sample().at(4, force(Status::Canceled));
    let ended = world.run();
    assert_eq!(ended.ending, Ending::RunCanceled(RunStatus::Canceled));
}

#[test]
fn a_completed_run_is_left_alone() {
    let world = World::of(Run::sample(RUN_ID, RUN_NUMBER).status(Status::Completed));
    let ended = world.run();
    assert_eq!(ended.ending, Ending::AlreadyCompleted);
    assert_eq!((world.effects(), ended.retried), (0, Retried::No));
}

#[test]
fn a_run_in_progress_is_attached_to_and_not_retried() {
    let world = World::of(Run::sample(RUN_ID, RUN_NUMBER).status(Status::Running));
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed);
    assert_eq!((world.effects(), ended.retries), (0, 0));
}

#[test]
fn an_attached_run_that_fails_is_retried_since_all_retries_are_left() {
    let world = World::of(Run::sample(RUN_ID, RUN_NUMBER).status(Status::Running))
        .at(3, force(Status::Failed));
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed);
    assert_eq!((world.effects(), ended.retries), (1, 1));
}

#[test]
fn a_stale_failed_is_never_the_result_for_as_long_as_a_detail_may_lag() {
    for lag in (0..=110).step_by(10) {
        let world = World::sample().fault(Fault::new(
            Endpoint::Retry,
            What::StaleDetail { ms: lag * 1000 },
        ));
        let ended = world.run();
        assert_eq!(ended.ending, Ending::Completed, "a lag of {lag} s");
        assert_eq!(world.effects(), 1);
    }
}

#[test]
fn a_stale_failed_of_the_first_retry_is_not_the_result_of_the_second() {
    let run = Run::sample(RUN_ID, RUN_NUMBER).verdicts([Fate::Failed]);
    let world = World::of(run)
        .fault(Fault::new(Endpoint::Retry, What::StaleDetail { ms: 50_000 }).times(2));
    let ended = world.step().wait(|wait| wait.max_retries = 3).run();
    assert_eq!(ended.ending, Ending::Completed);
    assert_eq!((world.effects(), ended.retries), (2, 2));
}

#[test]
fn an_accepted_retry_without_effect_is_refused_after_two_minutes_whatever_the_interval() {
    for interval in [1, 10, 600] {
        let nothing = What::answer(200, &[], r#"{"success":true}"#);
        let world = World::sample().fault(Fault::new(Endpoint::Retry, nothing));
        let ended = world
            .step()
            .wait(|wait| wait.poll_interval = Duration::from_secs(interval))
            .run();
        assert_eq!(final_kind(&ended.ending), Some(FinalKind::Refused));
        let Ending::Failed(failure) = &ended.ending else {
            unreachable!("it is refused")
        };
        assert!(
            failure.reason.contains("did not start again"),
            "{failure:?}"
        );
        let at = ended.at.as_secs_f64();
        assert!((120.0..132.0).contains(&at), "interval {interval}: {at} s");
        assert_eq!(ended.retried, Retried::Yes);
    }
}

#[test]
fn the_deadline_ends_a_wait_that_has_not_ended() {
    let world = World::of(Run::sample(RUN_ID, RUN_NUMBER).verdicts([Fate::Paused]));
    let ended = world.step().timeout(Duration::from_secs(300)).run();
    assert!(
        matches!(ended.ending, Ending::WaitTimeout(_)),
        "{:?}",
        ended.ending
    );
    let at = ended.at.as_secs_f64();
    assert!((300.0..300.2).contains(&at), "{at} s");
}

#[test]
fn a_run_that_ends_in_the_last_interval_is_seen_by_a_look_at_the_deadline() {
    let world = World::sample();
    let ended = world
        .step()
        .wait(|wait| wait.poll_interval = Duration::from_secs(600))
        .timeout(Duration::from_secs(15))
        .run();
    assert_eq!(ended.ending, Ending::Completed, "the run ends after 14 s");
}

#[test]
fn a_refusal_while_polling_ends_the_wait_and_says_that_the_retry_was_accepted() {
    for (status, kind) in [
        (401, FinalKind::Unauthorized),
        (403, FinalKind::Forbidden),
        (404, FinalKind::NotFound),
    ] {
        let world =
            World::sample().fault(Fault::new(Endpoint::Detail, What::status(status)).skip(2));
        let ended = world.run();
        assert_eq!(final_kind(&ended.ending), Some(kind));
        let Ending::Failed(failure) = &ended.ending else {
            unreachable!("it is final")
        };
        assert!(
            failure.reason.contains("the retry was accepted"),
            "{failure:?}"
        );
        assert_eq!(ended.retried, Retried::Yes);
    }
}

#[test]
fn a_run_that_waits_for_a_person_is_told_once_and_goes_on_after_the_approval() {
    let world = World::of(Run::sample(RUN_ID, RUN_NUMBER).verdicts([Fate::Paused])).at(
        200,
        |service, now_ms| {
            assert!(service.approve(RUN_ID, now_ms), "it is waiting");
        },
    );
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed);
    let told = ended.lines.iter().filter(|line| *line == "person: PAUSED");
    assert_eq!(told.count(), 1, "{:#?}", ended.lines);
    assert!(ended.at > Duration::from_secs(200));
}

#[test]
fn a_status_that_is_not_known_counts_as_in_progress_with_one_warning() {
    let new_one = What::RunStatus {
        status: "REBOOTING".to_owned(),
    };
    let world = World::sample().fault(Fault::new(Endpoint::Detail, new_one).skip(1).times(10));
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed);
    let warnings: Vec<_> = ended
        .warnings
        .iter()
        .filter(|(_, text)| text.contains("REBOOTING"))
        .collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
}

#[test]
fn a_refused_retry_of_a_run_that_turns_out_to_be_in_progress_attaches() {
    // Somebody else retries it between our snapshot and our retry.
    let world = World::sample()
        .fault(Fault::new(
            Endpoint::Retry,
            What::Delay {
                ms: 1000,
                after_effect: false,
            },
        ))
        .at(1, force(Status::Running));
    let ended = world.run();
    assert_eq!(ended.ending, Ending::Completed, "{:#?}", ended.lines);
    assert_eq!((world.effects(), ended.retried), (0, Retried::No));
}

#[test]
fn a_run_that_cannot_be_read_at_first_is_not_retried() {
    let world = World::sample().fault(Fault::new(Endpoint::Detail, What::status(503)).forever());
    let ended = world.run();
    assert_eq!(final_kind(&ended.ending), Some(FinalKind::Unavailable));
    assert_eq!(world.effects(), 0);
    let Ending::Failed(failure) = &ended.ending else {
        unreachable!("it is final")
    };
    assert!(failure.reason.contains("no retry was sent"), "{failure:?}");
}

#[test]
fn no_retry_is_sent_after_the_deadline_however_long_the_run_took_to_be_read() {
    let late = What::Delay {
        ms: 12_000,
        after_effect: true,
    };
    let world = World::sample().fault(Fault::new(Endpoint::Detail, late.clone()));
    let ended = world.step().timeout(Duration::from_secs(10)).run();
    assert_eq!(final_kind(&ended.ending), Some(FinalKind::Unavailable));
    assert!(world.request_times("PUT", "/retry").is_empty());

    // The same between two attempts, where the first one had no effect.
    let world = World::sample()
        .fault(Fault::new(Endpoint::Retry, What::status(503)))
        .fault(Fault::new(Endpoint::Detail, late).skip(2));
    let ended = world.step().timeout(Duration::from_secs(10)).run();
    let Ending::Failed(failure) = &ended.ending else {
        panic!("{:?}", ended.ending)
    };
    assert!(failure.reason.contains("was not accepted"), "{failure:?}");
    assert_eq!(world.request_times("PUT", "/retry").len(), 1);
    assert_eq!(ended.retried, Retried::No);
}

#[test]
fn a_deadline_in_the_retry_of_a_run_that_was_attached_to_is_a_wait_that_timed_out() {
    let world = World::of(Run::sample(RUN_ID, RUN_NUMBER).status(Status::Running))
        .fault(Fault::new(Endpoint::Retry, What::throttled("1")).forever())
        .at(3, force(Status::Failed));
    let mut step = world.step().timeout(Duration::from_secs(15));
    step.max_attempts = 20;
    let ended = step.run();
    assert!(
        matches!(ended.ending, Ending::WaitTimeout(_)),
        "{:?}",
        ended.ending
    );
}

#[test]
fn the_latest_of_a_list_without_run_numbers_is_its_first() {
    let listed = format!(
        r#"{{"pipeline_runs":[{{"pipeline_run_id":"{RUN_ID}"}},{{"pipeline_run_id":"older"}}]}}"#
    );
    let world = World::sample()
        .fault(Fault::new(Endpoint::List, What::answer(200, &[], &listed)))
        .fault(Fault::new(Endpoint::Detail, What::status(404)));
    let mut step = world.step();
    step.plan.target = RunTarget::Latest;
    assert_eq!(step.run().ending, Ending::Completed);
}

#[test]
fn the_latest_is_not_taken_from_the_list_alone_while_the_newest_run_cannot_be_read_for_now() {
    for passing in [
        What::status(503),
        What::status(500),
        What::Hang { effect: false },
    ] {
        let world = World::sample().fault(Fault::new(Endpoint::Detail, passing.clone()).forever());
        let mut step = world.step();
        step.plan.target = RunTarget::Latest;
        let ended = step.run();
        let Ending::Failed(failure) = &ended.ending else {
            unreachable!("{passing:?}: {:?}", ended.ending)
        };
        assert_eq!(final_kind(&ended.ending), Some(FinalKind::Unavailable));
        assert!(
            failure
                .reason
                .starts_with("whether the list misses a newer run is not known"),
            "{failure:?}"
        );
    }
    let world = World::sample().fault(Fault::new(Endpoint::Detail, What::status(403)));
    let mut step = world.step();
    step.plan.target = RunTarget::Latest;
    assert_eq!(step.run().ending, Ending::Completed);
}

#[test]
fn no_retry_is_sent_again_after_the_deadline_however_long_its_verification_took() {
    let slow = What::Delay {
        ms: 20_000,
        after_effect: true,
    };
    let world = World::sample()
        .fault(Fault::new(Endpoint::Retry, What::Hang { effect: false }).forever())
        .fault(Fault::new(Endpoint::Detail, slow).skip(1).times(2));
    let ended = world.step().timeout(Duration::from_secs(60)).run();
    let sent = world.request_times("PUT", "/retry");
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(final_kind(&ended.ending), Some(FinalKind::Unavailable));
    let Ending::Failed(failure) = &ended.ending else {
        unreachable!("it is final")
    };
    assert!(
        failure
            .reason
            .contains("the time budget is used up; the retry was not accepted"),
        "{failure:?}"
    );
}

#[test]
fn no_retry_is_sent_where_reading_the_run_took_the_whole_time() {
    let slow = What::Delay {
        ms: 20_000,
        after_effect: true,
    };
    let world = World::sample().fault(Fault::new(Endpoint::Detail, slow));
    let ended = world.step().timeout(Duration::from_secs(15)).run();
    assert_eq!(final_kind(&ended.ending), Some(FinalKind::Unavailable));
    let Ending::Failed(failure) = &ended.ending else {
        unreachable!("it is final")
    };
    assert!(failure.reason.contains("no retry was sent"), "{failure:?}");
    assert_eq!(world.request_times("PUT", "/retry").len(), 0);
    assert_eq!(ended.retried, Retried::No);
}

#[test]
fn a_run_that_was_attached_to_and_cannot_be_waited_for_was_not_retried() {
    let world = World::of(Run::sample(RUN_ID, RUN_NUMBER).status(Status::Running))
        .fault(Fault::new(Endpoint::Detail, What::status(403)).skip(1));
    let ended = world.run();
    let Ending::Failed(failure) = &ended.ending else {
        panic!("{:?}", ended.ending)
    };
    assert_eq!(
        failure.reason,
        "the service denies the call to this identity; the run was in progress, but its end cannot be waited for"
    );
}

#[test]
fn a_lost_retry_of_a_run_that_reads_completed_is_the_waits_end_if_one_was_accepted() {
    let world = |accepted: usize| {
        let run = Run::sample(RUN_ID, RUN_NUMBER).verdicts(vec![Fate::Failed; accepted]);
        let lost = Fault::new(Endpoint::Retry, What::status(502));
        World::of(run).fault(lost.skip(u32::try_from(accepted).unwrap()))
    };
    let run = |world: &World| world.step().wait(|wait| wait.max_retries = 2).run();
    for (accepted, expected) in [(0, Ending::AlreadyCompleted), (1, Ending::Completed)] {
        let rehearsal = world(accepted);
        run(&rehearsal);
        let lost_at = rehearsal.request_times("PUT", "/retry")[accepted];
        let mut readings = rehearsal.request_times("GET", "/detail");
        readings.retain(|at| *at < lost_at);
        let completed = What::RunStatus {
            status: "COMPLETED".to_owned(),
        };
        let completed = Fault::new(Endpoint::Detail, completed)
            .skip(u32::try_from(readings.len()).unwrap())
            .forever();
        let world = world(accepted).fault(completed);
        let ended = run(&world);
        assert_eq!(ended.ending, expected, "{:#?}", ended.lines);
        assert_eq!(world.effects(), accepted as u64);
    }
}

#[test]
fn a_deadline_in_a_later_retry_is_a_wait_that_timed_out() {
    let run = Run::sample(RUN_ID, RUN_NUMBER).verdicts([Fate::Failed]);
    let throttled = Fault::new(Endpoint::Retry, What::throttled("100"));
    let world = World::of(run).fault(throttled.skip(1).forever());
    let step = world.step().wait(|wait| wait.max_retries = 2);
    let ended = step.timeout(Duration::from_secs(60)).run();
    assert!(
        matches!(ended.ending, Ending::WaitTimeout(_)),
        "{:?}",
        ended.ending
    );
}

#[test]
fn a_run_that_fails_again_at_the_deadline_has_failed_though_retries_are_left() {
    // It fails after 12 s: the polls come 2, 5 and 10 s after the acceptance, and at the deadline.
    let job = Job::new("unit").lasts_ms(12_000).failure("it broke");
    let run = Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Test").job(job)]);
    let world = World::of(run.verdicts([Fate::Failed]));
    let ended = world
        .step()
        .wait(|wait| {
            wait.poll_interval = Duration::from_secs(600);
            wait.max_retries = 2;
        })
        .timeout(Duration::from_secs(15))
        .run();
    assert_eq!(ended.ending, Ending::RunFailed);
    assert_eq!(ended.failed_jobs.len(), 1);
}

#[test]
fn a_deadline_says_why_the_last_look_failed() {
    let world = World::sample().fault(
        Fault::new(Endpoint::Detail, What::status(503))
            .skip(1)
            .forever(),
    );
    let ended = world.step().timeout(Duration::from_secs(60)).run();
    let Ending::WaitTimeout(failure) = &ended.ending else {
        panic!("{:?}", ended.ending)
    };
    assert_eq!(
        failure.reason,
        "the run had not ended when wait_timeout passed; the last look at it failed: the service failed"
    );
}

#[test]
fn a_further_retry_names_what_failed_and_how_much_more_did() {
    let stage = |jobs: usize| {
        (0..jobs).fold(Stage::new("Test"), |stage, number| {
            let job = Job::new(format!("shard {number}")).lasts_ms(1000);
            stage.job(job.failure("it broke"))
        })
    };
    for (jobs, named) in [
        (1, ": Test › shard 0"),
        (3, ": Test › shard 0, Test › shard 1, Test › shard 2"),
        (
            4,
            ": Test › shard 0, Test › shard 1, Test › shard 2 and more",
        ),
    ] {
        let run = Run::new(RUN_ID, RUN_NUMBER, vec![stage(jobs)]).verdicts([Fate::Failed]);
        let world = World::of(run);
        let ended = world.step().wait(|wait| wait.max_retries = 2).run();
        let line = format!("The run ended FAILED again{named}; it is retried once more.");
        assert!(ended.lines.contains(&line), "{line} in {:#?}", ended.lines);
    }
    let no_stages = What::Remove {
        pointer: "/stages".to_owned(),
    };
    let world = World::of(Run::sample(RUN_ID, RUN_NUMBER).verdicts([Fate::Failed]))
        .fault(Fault::new(Endpoint::Detail, no_stages).forever());
    let ended = world.step().wait(|wait| wait.max_retries = 2).run();
    let line = "The run ended FAILED again; it is retried once more.".to_owned();
    assert!(ended.lines.contains(&line), "{:#?}", ended.lines);
}

#[test]
fn the_latest_run_that_list_and_detail_agree_on_is_read_once() {
    let world = World::sample();
    let mut step = world.step();
    step.plan.target = RunTarget::Latest;
    step.plan.wait = None;
    assert_eq!(step.run().ending, Ending::Accepted);
    assert_eq!(world.request_times("GET", "/detail").len(), 1);
}

#[test]
fn a_pipeline_without_runs_has_no_latest_and_says_what_to_check() {
    let world = World::with(codearts_sandbox::Config::default(), Vec::new());
    let mut step = world.step();
    step.plan.target = RunTarget::Latest;
    let Ending::Failed(failure) = step.run().ending else {
        panic!("there is no run")
    };
    assert_eq!(failure.verdict, Verdict::Final(FinalKind::NotFound));
    assert!(
        failure
            .advice
            .is_some_and(|advice| advice.contains("pipeline_id"))
    );
}

#[test]
fn a_dry_run_says_what_would_be_done_with_the_run() {
    for (status, would) in [
        (Status::Failed, "FAILED, a retry would be sent"),
        (Status::Completed, "COMPLETED, it has completed"),
        (Status::Running, "RUNNING, it is in progress"),
    ] {
        let world = World::of(Run::sample(RUN_ID, RUN_NUMBER).status(status));
        let mut step = world.step();
        step.plan.dry_run = true;
        let ended = step.run();
        assert_eq!(ended.ending, Ending::DryRun);
        let line = format!("Dry run: the run is {would}; nothing was changed.");
        assert_eq!(ended.lines, [line]);
        assert_eq!(world.effects(), 0);
    }
}

#[test]
fn the_latest_run_is_the_one_with_the_highest_number_wherever_it_is_listed() {
    let older = r#"{"id":"older","run_number":1,"status":"COMPLETED"}"#;
    let world = World::sample().fault(Fault::new(Endpoint::Detail, What::answer(200, &[], older)));
    let mut step = world.step();
    step.plan.target = RunTarget::Latest;
    step.plan.wait = None;
    assert_eq!(step.run().ending, Ending::Accepted);
    assert_eq!(world.effects(), 1);

    let listed = r#"{"pipeline_runs":[{"pipeline_run_id":"older","run_number":1}]}"#;
    let world = World::sample().fault(Fault::new(Endpoint::List, What::answer(200, &[], listed)));
    let mut step = world.step();
    step.plan.target = RunTarget::Latest;
    step.plan.wait = None;
    assert_eq!(step.run().ending, Ending::Accepted);
    assert_eq!(world.effects(), 1);
}

#[test]
fn the_latest_run_is_left_alone_in_a_status_that_is_not_known() {
    let status = "REBOOTING".to_owned();
    let world =
        World::sample().fault(Fault::new(Endpoint::Detail, What::RunStatus { status }).forever());
    let mut step = world.step();
    step.plan.target = RunTarget::Latest;
    step.plan.wait = None;
    let ended = step.run();
    assert_eq!(final_kind(&ended.ending), Some(FinalKind::Refused));
    assert_eq!(world.effects(), 0);
}
