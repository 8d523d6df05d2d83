//! How often the run is looked at, and what failed looks do: nothing.

use std::time::Duration;

use codearts_retry::pipeline::Ending;
use codearts_sandbox::{Endpoint, Fault, Job, RUN_ID, RUN_NUMBER, Run, Stage, Step, Verdict, What};

use crate::support::{Dice, World};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A run whose retry takes this long.
fn long_run(lasts: Duration) -> Run {
    let lasts_ms = lasts.as_secs() * 1000;
    let job = Job::new("soak")
        .lasts_ms(lasts_ms)
        .failure("it broke")
        .step(Step::new("soak", "official_shell_plugin"));
    Run::new(RUN_ID, RUN_NUMBER, vec![Stage::new("Soak").job(job)])
}

/// The pauses between the polls after the retry, in milliseconds.
fn pauses(world: &World) -> Vec<u64> {
    let accepted = world.request_times("PUT", "/retry")[0];
    let polls = world.request_times("GET", "/detail");
    let after: Vec<u64> = polls.into_iter().filter(|at| *at > accepted).collect();
    std::iter::once(accepted)
        .chain(after.iter().copied())
        .zip(after.iter().copied())
        .map(|(before, at)| at - before)
        .collect()
}

#[test]
fn polls_come_after_2_3_5_and_8_seconds_and_then_at_the_interval_a_tenth_more_or_less() {
    for (jitter, factor) in [(0.0, 0.9), (0.5, 1.0), (0.999_999, 1.1)] {
        let world = World::of(long_run(Duration::from_secs(120)));
        let mut step = world.step();
        step.jitter = jitter;
        assert_eq!(step.run().ending, Ending::Completed);
        let pauses = pauses(&world);
        for (at, pause) in pauses.iter().enumerate() {
            let base = [2.0, 3.0, 5.0, 8.0].get(at).copied().unwrap_or(10.0);
            // Each pause also holds the exchange before it, 20 ms.
            let pause = Duration::from_millis(*pause).as_secs_f64() - 0.020;
            assert!((pause - base * factor).abs() < 0.01, "{at}: {pause} {base}");
        }
    }
}

#[test]
fn a_day_of_waiting_takes_a_poll_an_interval_and_ends_well() {
    let world = World::of(long_run(DAY));
    let ended = world.step().timeout(DAY + DAY).run();
    assert_eq!(ended.ending, Ending::Completed);
    let polls = pauses(&world).len();
    assert!((8_500..8_800).contains(&polls), "{polls} polls");
    assert!(ended.at < DAY + Duration::from_secs(12), "{:?}", ended.at);
    // A sign of life a minute, and a few changes.
    assert!(ended.lines.len() < 24 * 60 + 20, "{}", ended.lines.len());
    assert!(ended.warnings.is_empty());
}

#[test]
fn the_end_is_noticed_within_an_interval_and_a_tenth_and_one_request() {
    for lasts in (1..400).step_by(7) {
        for (interval, jitter) in [(1, 0.999_999), (10, 0.999_999), (60, 0.0)] {
            let world = World::of(long_run(Duration::from_secs(lasts)));
            let mut step = world
                .step()
                .wait(|wait| wait.poll_interval = Duration::from_secs(interval));
            step.jitter = jitter;
            let ended = step.run();
            assert_eq!(ended.ending, Ending::Completed);
            let accepted = world.request_times("PUT", "/retry")[0];
            let end = Duration::from_millis(accepted) + Duration::from_secs(lasts);
            let late = ended
                .at
                .checked_sub(end)
                .expect("the end is not seen before it is there");
            let most = Duration::from_millis(interval * 1100 + 60);
            assert!(late <= most, "{lasts} s at {interval} s: {late:?} late");
        }
    }
}

#[test]
fn half_of_all_polls_failing_in_every_way_change_neither_verdict_nor_pace() {
    for (seed, fate) in [(1, Verdict::Completed), (2, Verdict::Failed)] {
        let dice = Dice::new(seed);
        let lasts = Duration::from_secs(6 * 60 * 60);
        let mut world = World::of(long_run(lasts).verdicts([fate.clone()]));
        for poll in 1..3000 {
            if dice.roll(2) == 0 {
                continue;
            }
            let what = match dice.roll(8) {
                0 => What::CutHead {
                    effect: true,
                    reset: true,
                },
                1 => What::status(502),
                2 => What::throttled("3"),
                3 => What::html(200),
                4 => What::answer(
                    200,
                    &[],
                    r#"{"error_code":"DEVCP.00010000","error_msg":"x"}"#,
                ),
                5 => What::CutBody {
                    effect: true,
                    reset: false,
                },
                6 => What::Hang { effect: true },
                _ => What::answer(200, &[], "{}"),
            };
            // Each fault is reached once all entries before it have counted the poll down.
            world = world.fault(Fault::new(Endpoint::Detail, what).skip(poll));
        }
        let ended = world.step().timeout(DAY).run();
        let expected = match fate {
            Verdict::Completed => Ending::Completed,
            _ => Ending::RunFailed,
        };
        assert_eq!(ended.ending, expected, "seed {seed}");
        assert_eq!(world.effects(), 1);
        let minutes = usize::try_from(ended.at.as_secs() / 60).unwrap();
        assert!(
            ended.warnings.len() <= minutes + 1,
            "{}",
            ended.warnings.len()
        );
        assert!(ended.warnings.len() > 30, "{}", ended.warnings.len());
        let intervals = usize::try_from(ended.at.as_secs() / 10).unwrap();
        let polls = pauses(&world).len();
        assert!(
            polls <= intervals * 115 / 100 + 4,
            "{polls} for {intervals}"
        );
        for pair in ended.warnings.windows(2) {
            let apart = pair[1].0.checked_sub(pair[0].0).unwrap();
            assert!(apart >= Duration::from_secs(60), "{pair:?}");
        }
        // The polls hang for up to 30 s, so the end can be seen that much later.
        assert!(
            ended.at < lasts + Duration::from_secs(300),
            "{:?}",
            ended.at
        );
    }
}

#[test]
fn a_retry_after_only_moves_the_next_poll() {
    let world = World::of(long_run(Duration::from_secs(100)))
        .fault(Fault::new(Endpoint::Detail, What::throttled("45")).skip(3));
    assert_eq!(world.run().ending, Ending::Completed);
    let pauses = pauses(&world);
    assert!((45_000..45_100).contains(&pauses[3]), "{pauses:?}");
    assert!((10_000..10_100).contains(&pauses[4]), "{pauses:?}");
}

#[test]
fn a_retry_after_holds_also_where_the_run_has_not_started_yet() {
    let nothing = What::answer(200, &[], r#"{"success":true}"#);
    let world = World::sample()
        .fault(Fault::new(Endpoint::Retry, nothing))
        .fault(Fault::new(Endpoint::Detail, What::throttled("300")).skip(2));
    world.run();
    let pauses = pauses(&world);
    assert!((300_000..300_100).contains(&pauses[2]), "{pauses:?}");
}

#[test]
fn a_retry_after_beyond_the_deadline_moves_the_poll_to_the_deadline() {
    let world = World::of(long_run(Duration::from_secs(100)))
        .fault(Fault::new(Endpoint::Detail, What::throttled("9999")).skip(3));
    let ended = world.step().timeout(Duration::from_secs(200)).run();
    assert_eq!(
        ended.ending,
        Ending::Completed,
        "the run ends before the deadline"
    );
    assert!(ended.at < Duration::from_secs(201));
}
