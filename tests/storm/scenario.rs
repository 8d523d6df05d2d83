//! What a seed stands for: the inputs of a step, the run it finds, and what other people do to that run meanwhile.

use std::time::Duration;

use codearts_retry::pipeline::{Plan, RunTarget, WaitPlan};
use codearts_sandbox::{
    Concurrency, Config, Job, LogQuirk, OnOtherState, PIPELINE_ID, PROJECT_ID, RUN_ID, RUN_NUMBER,
    Run, Stage, Status, Step, TOKEN, Verdict, id_for,
};

use crate::dice::Dice;

/// What happens to the run from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A person lets go on what is held.
    Approve,
    /// A person fails what is held.
    Refuse,
    /// The run is in this state from now on: somebody stopped it, or it was set by hand.
    Force(Status),
}

/// One seed's world and step.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of its own, rolled on its own"
)]
pub(crate) struct Scenario {
    pub(crate) seed: u64,
    pub(crate) wait: Option<WaitPlan>,
    pub(crate) is_latest: bool,
    pub(crate) dry_run: bool,
    pub(crate) names_jobs: bool,
    pub(crate) max_attempts: u32,
    pub(crate) backoff: Duration,
    pub(crate) max_backoff: Duration,
    /// `wait_timeout`, and without `wait` the ten minutes of the contract.
    pub(crate) budget: Duration,
    pub(crate) status: Status,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) jobs_last_ms: [u64; 2],
    pub(crate) ended_ago_ms: u64,
    pub(crate) has_child: bool,
    pub(crate) has_older: bool,
    pub(crate) is_unlisted: bool,
    pub(crate) on_other_state: OnOtherState,
    pub(crate) concurrency: Option<Concurrency>,
    pub(crate) has_queue: bool,
    pub(crate) log_quirk: LogQuirk,
    /// How many runs of other people wait in the queue, and for how long each.
    pub(crate) strangers: Option<(u32, u64)>,
    pub(crate) deeds: Vec<(u64, Deed)>,
    /// How many of a hundred requests of each kind meet a fault.
    pub(crate) roughness: Roughness,
}

/// How many of a hundred requests meet a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Roughness {
    pub(crate) retry: u64,
    pub(crate) detail: u64,
    pub(crate) other: u64,
    /// How many of a hundred faults are ones that end the step.
    pub(crate) deadly: u64,
}

const QUEUE_CODES: [&str; 2] = ["DEVPIPE.00011169", "DEVPIPE.00011170"];
const MOST_POLLS: u32 = 200;
const SHORT_MS: [u64; 7] = [0, 50, 1_000, 4_000, 8_000, 30_000, 400_000];

impl Scenario {
    /// The scenario of a seed. One in five may be anything; the others are each drawn to a place where much can go wrong,
    /// and away from faults that end the step before it gets there.
    pub(crate) fn of(seed: u64) -> Self {
        let mut scenario = Self::anything(seed);
        let mut dice = Dice::new(seed, "theme");
        match dice.roll(5) {
            0 => {}
            1 => scenario.found_in_another_state(&mut dice),
            2 => scenario.with_a_queue(&mut dice),
            3 => scenario.with_further_retries(&mut dice),
            _ => scenario.with_lost_answers(&mut dice),
        }
        if let Some(wait) = scenario.wait {
            // Thousands of polls would only take time.
            scenario.budget = scenario.budget.min(wait.poll_interval * MOST_POLLS);
        }
        scenario
    }

    /// Runs that need no retry, or get none.
    fn found_in_another_state(&mut self, dice: &mut Dice) {
        self.status = dice.pick(&[
            Status::Completed,
            Status::Completed,
            Status::Running,
            Status::Paused,
            Status::Ignored,
        ]);
        self.roughness.detail = dice.pick(&[0, 5]);
        self.roughness.other = dice.pick(&[0, 5]);
        self.roughness.deadly = dice.pick(&[0, 5]);
    }

    /// Retries that wait in the queue when their answer is lost, and leave it while they are looked for.
    fn with_a_queue(&mut self, dice: &mut Dice) {
        self.can_be_retried(dice);
        self.deeds.clear();
        self.has_queue = !dice.chance(5);
        self.strangers = None;
        self.concurrency = Some(Concurrency {
            code: dice.pick(&QUEUE_CODES).to_owned(),
            holds_ms: dice.pick(&[2_000, 5_000, 5_010, 5_030, 5_050, 10_050, 20_000]),
            retries: Some(1),
        });
        // A run that has ended again can be started twice.
        self.jobs_last_ms = [dice.pick(&[0, 1, 8_000]), 0];
        self.roughness.retry = 80;
        self.roughness.detail = dice.pick(&[0, 5]);
        self.roughness.other = dice.pick(&[0, 5]);
    }

    /// Runs that fail again and again.
    fn with_further_retries(&mut self, dice: &mut Dice) {
        self.can_be_retried(dice);
        let wait = self.wait.get_or_insert(WaitPlan {
            poll_interval: Duration::from_secs(10),
            max_retries: 2,
            log_lines: 50,
        });
        wait.max_retries = dice.pick(&[1, 2, 3]);
        self.verdicts = vec![Verdict::Failed; 5];
        self.budget = Duration::from_secs(dice.pick(&[130, 900, 3600]));
        self.jobs_last_ms = [dice.pick(&[0, 50, 4_000, 30_000]), 0];
        self.roughness.detail = dice.pick(&[0, 20]);
    }

    /// Answers that are lost on the way back, before and after the run has ended again.
    fn with_lost_answers(&mut self, dice: &mut Dice) {
        if dice.chance(70) {
            self.can_be_retried(dice);
        }
        self.max_attempts = dice.pick(&[2, 3, 5]);
        self.roughness = Roughness {
            retry: 90,
            detail: dice.pick(&[0, 5, 20]),
            other: 0,
            deadly: dice.pick(&[0, 10]),
        };
    }

    fn can_be_retried(&mut self, dice: &mut Dice) {
        self.dry_run = false;
        self.status = dice.pick(&[Status::Failed, Status::Failed, Status::Canceled]);
        self.roughness.deadly = dice.pick(&[0, 0, 5]);
    }

    fn anything(seed: u64) -> Self {
        let mut dice = Dice::new(seed, "scenario");
        let dry_run = dice.chance(6);
        let waits = dice.chance(65);
        let wait = waits.then(|| WaitPlan {
            poll_interval: Duration::from_secs(dice.pick(&[1, 2, 5, 10, 10, 30, 60, 600])),
            max_retries: dice.pick(&[1, 1, 2, 3, 5]),
            log_lines: dice.pick(&[0, 1, 50, 1000]),
        });
        let budget = match wait {
            Some(_) => dice.pick(&[1, 5, 15, 40, 130, 300, 900, 3600]),
            None => 600,
        };
        let status = dice.pick(&[
            Status::Failed,
            Status::Failed,
            Status::Failed,
            Status::Failed,
            Status::Failed,
            Status::Canceled,
            Status::Completed,
            Status::Running,
            Status::Paused,
            Status::Suspend,
            Status::Ignored,
        ]);
        let concurrency = dice.chance(25).then(|| Concurrency {
            code: dice
                .pick(&["DEVPIPE.00011169", "DEVPIPE.00011170"])
                .to_owned(),
            holds_ms: dice.pick(&[0, 500, 3_000, 4_900, 5_000, 5_030, 6_000, 20_000, 400_000]),
            retries: dice.pick(&[None, Some(1), Some(2)]),
        });
        let mut deeds = deeds(&mut dice);
        if concurrency.is_some() {
            // Who sets by hand how a run ended whose retry waits in the queue makes an end that only looks like its own.
            deeds.retain(|(_, deed)| !matches!(deed, Deed::Force(_)));
        }
        let has_older = dice.chance(30);
        Self {
            seed,
            wait,
            is_latest: dice.chance(25),
            dry_run,
            names_jobs: dice.chance(15),
            max_attempts: dice.pick(&[1, 2, 3, 5, 5, 8, 20]),
            backoff: Duration::from_secs(dice.pick(&[0, 1, 1, 5])),
            max_backoff: Duration::from_secs(dice.pick(&[0, 2, 30])),
            budget: Duration::from_secs(budget),
            status,
            verdicts: (0..dice.roll(5)).map(|_| verdict(&mut dice)).collect(),
            jobs_last_ms: [dice.pick(&SHORT_MS), dice.pick(&SHORT_MS)],
            ended_ago_ms: dice.pick(&[1, 500, 4_000, 60_000, 600_000, 86_400_000]),
            has_child: dice.chance(15),
            has_older,
            // With an older run in a list that lags, and no detail to be had, the older one is the newest there is.
            is_unlisted: !has_older && dice.chance(10),
            on_other_state: on_other_state(&mut dice),
            concurrency,
            has_queue: !dice.chance(15),
            log_quirk: dice.pick(&[
                LogQuirk::None,
                LogQuirk::None,
                LogQuirk::Endless,
                LogQuirk::StandingStill,
                LogQuirk::NoHasMore,
                LogQuirk::NumericOffsets,
                LogQuirk::EmptyFirstPage,
            ]),
            strangers: dice
                .chance(10)
                .then(|| (dice.pick(&[1, 9, 10, 25]), dice.pick(&[10, 700, 30_000]))),
            deeds,
            roughness: Roughness {
                retry: dice.pick(&[0, 20, 50, 80, 100]),
                detail: dice.pick(&[0, 5, 20, 50, 90]),
                other: dice.pick(&[0, 20, 60]),
                deadly: dice.pick(&[0, 3, 30]),
            },
        }
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            on_other_state: self.on_other_state.clone(),
            concurrency: self.concurrency.clone(),
            has_queue: self.has_queue,
            log_quirk: self.log_quirk,
            ..Config::default()
        }
    }

    /// The run, its child where it has one, and an older one.
    pub(crate) fn runs(&self) -> Vec<Run> {
        let child_pipeline = id_for("child pipeline");
        let child_run = id_for("child run");
        let step = if self.has_child {
            Step::sub_pipeline("call", &child_pipeline, &child_run)
        } else {
            Step::new("cargo build", "official_devcloud_cloudBuild")
        };
        let [first, second] = self.jobs_last_ms;
        let build = Job::new("compile")
            .lasts_ms(first)
            // Somebody's script prints the token that the step is given.
            .failure(format!("it broke: exit status 101, token {TOKEN}"))
            .step(step.log(["one".to_owned(), format!("token {TOKEN}"), "three".to_owned()]));
        let mut run = Run::new(
            RUN_ID,
            RUN_NUMBER,
            vec![
                Stage::new("Build").job(build),
                Stage::new("Deploy").job(Job::new("rollout").lasts_ms(second)),
                // And a name that is made of it.
                Stage::new(format!("Tell {TOKEN}")).job(Job::new("tell").lasts_ms(0)),
            ],
        )
        .status(self.status)
        .ended_ago_ms(self.ended_ago_ms)
        .verdicts(self.verdicts.clone());
        if self.is_unlisted {
            run = run.unlisted();
        }
        let mut runs = vec![run];
        if self.has_older {
            runs.push(Run::sample(id_for("older"), RUN_NUMBER - 1).status(Status::Completed));
        }
        if self.has_child {
            runs.push(Run::sample(child_run, RUN_NUMBER - 2).pipeline_id(child_pipeline));
        }
        runs
    }

    pub(crate) fn job_run_ids(&self) -> Vec<String> {
        let runs = self.runs();
        let id = runs[0].job_run_id("compile").filter(|_| self.names_jobs);
        id.map(str::to_owned).into_iter().collect()
    }

    pub(crate) fn plan(&self) -> Plan {
        Plan {
            project_id: PROJECT_ID.to_owned(),
            pipeline_id: PIPELINE_ID.to_owned(),
            target: if self.is_latest {
                RunTarget::Latest
            } else {
                RunTarget::Id(RUN_ID.to_owned())
            },
            job_run_ids: self.job_run_ids(),
            dry_run: self.dry_run,
            wait: self.wait.filter(|_| !self.dry_run),
        }
    }

    /// How many retries the step may cause.
    pub(crate) fn most_effects(&self) -> u64 {
        match self.wait {
            _ if self.dry_run => 0,
            Some(wait) => u64::from(wait.max_retries),
            None => 1,
        }
    }

    pub(crate) fn waits(&self) -> bool {
        self.wait.is_some() && !self.dry_run
    }

    /// Whether nobody but the step starts the run.
    pub(crate) fn is_left_alone(&self) -> bool {
        let starts = |deed: &Deed| matches!(deed, Deed::Force(_));
        !self.deeds.iter().any(|(_, deed)| starts(deed))
    }
}

fn verdict(dice: &mut Dice) -> Verdict {
    let plain = dice.pick(&[
        Verdict::Completed,
        Verdict::Failed,
        Verdict::Failed,
        Verdict::FailedIn("rollout".to_owned()),
        Verdict::Canceled,
        Verdict::Paused,
        Verdict::Suspend,
    ]);
    match dice.roll(8) {
        0 => plain.after_pause_ms(20_000),
        1 => plain.after_review(),
        _ => plain,
    }
}

fn on_other_state(dice: &mut Dice) -> OnOtherState {
    match dice.roll(5) {
        0 => OnOtherState::Accept,
        1 => OnOtherState::Error {
            status: 400,
            code: "DEVPIPE.00011999".to_owned(),
            message: "the run cannot be retried".to_owned(),
        },
        _ => OnOtherState::Refuse,
    }
}

fn deeds(dice: &mut Dice) -> Vec<(u64, Deed)> {
    let count = dice.pick(&[0, 0, 0, 1, 1, 3]);
    (0..count)
        .map(|_| {
            let at = dice.pick(&[0, 1, 3, 6, 20, 100, 250]);
            let deed = dice.pick(&[
                Deed::Approve,
                Deed::Approve,
                Deed::Refuse,
                Deed::Force(Status::Canceled),
                Deed::Force(Status::Completed),
                Deed::Force(Status::Failed),
                Deed::Force(Status::Running),
            ]);
            (at, deed)
        })
        .collect()
}
