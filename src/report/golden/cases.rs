//! The outcomes whose looks are kept.

use std::time::Duration;

use crate::outcome::{FailedJob, Failure, LogTail, Outcome, OutcomeKind, PipelineRun};
use crate::pipeline::{JobRun, PartStatus, RunStatus, StageRun, StepRun, Times};
use crate::report::samples::accepted;

/// When the runs start, in seconds of Unix time: 2026-03-04 09:15:00 UTC.
const START: i64 = 1_772_615_700;

pub(super) fn all() -> Vec<(&'static str, Outcome)> {
    vec![
        ("one-failing-job", one_failing_job()),
        ("three-in-parallel", three_in_parallel()),
        ("failing-gate", failing_gate()),
        ("sub-pipeline", sub_pipeline()),
        ("canceled-run", canceled_run()),
        ("message-of-1-mb", message_of_1_mb()),
        ("hostile-names", hostile_names()),
        ("still-running", still_running()),
        ("completed", completed()),
    ]
}

/// From and to, in seconds after the start; the end is open where it is 0.
fn times(from: i64, to: i64) -> Times {
    let millis = |seconds: i64| (START + seconds) * 1000;
    Times {
        start: Some(millis(from)),
        end: (to > 0).then(|| millis(to)),
    }
}

fn part(status: &str, from: i64, to: i64) -> (PartStatus, Times) {
    (PartStatus::from_text(status), times(from, to))
}

fn not_started() -> (PartStatus, Times) {
    (PartStatus::from_text("INIT"), Times::default())
}

fn step(name: &str, (status, times): (PartStatus, Times)) -> StepRun {
    StepRun {
        name: name.to_owned(),
        status,
        times,
        ..StepRun::default()
    }
}

fn job(name: &str, (status, times): (PartStatus, Times)) -> JobRun {
    JobRun {
        name: name.to_owned(),
        status,
        times,
        ..JobRun::default()
    }
}

fn stage(name: &str, (status, times): (PartStatus, Times), jobs: Vec<JobRun>) -> StageRun {
    StageRun {
        name: name.to_owned(),
        status,
        times,
        jobs,
        ..StageRun::default()
    }
}

fn source() -> StageRun {
    stage(
        "Source",
        part("COMPLETED", 0, 12),
        vec![job("checkout", part("COMPLETED", 0, 12))],
    )
}

fn deploy_not_started() -> StageRun {
    stage("Deploy", not_started(), vec![job("rollout", not_started())])
}

/// An outcome with `wait`, after a run of so many seconds.
fn waited(kind: OutcomeKind, status: &str, seconds: i64, stages: Vec<StageRun>) -> Outcome {
    let status = RunStatus::from_text(status);
    let mut outcome = accepted();
    outcome.kind = kind;
    outcome.run.status = Some(status.to_string());
    outcome.duration = Duration::from_secs(seconds.unsigned_abs() + 7);
    outcome.last_seen = Some(PipelineRun {
        id: None,
        run_number: Some(42),
        times: times(0, if status.is_terminal() { seconds } else { 0 }),
        status,
        current_system_time: Some((START + seconds + 2) * 1000),
        detail_url: None,
        stages,
    });
    outcome
}

fn failed(seconds: i64, stages: Vec<StageRun>, jobs: Vec<FailedJob>) -> Outcome {
    let mut outcome = waited(OutcomeKind::RunFailed, "FAILED", seconds, stages);
    outcome.failure = Some(Failure {
        reason: "the run ended FAILED".to_owned(),
        advice: Some(
            "Open the run, mend what failed, or retry it again if the cause was a passing one."
                .to_owned(),
        ),
        service_code: jobs.first().and_then(|job| job.code.clone()),
        service_message: jobs.first().map(|job| job.message.clone()),
        ..Failure::default()
    });
    outcome.failed_jobs = jobs;
    outcome
}

fn failed_job(stage: &str, job: &str, step: &str, message: &str) -> FailedJob {
    FailedJob {
        stage: stage.to_owned(),
        job: job.to_owned(),
        step: step.to_owned(),
        status: "FAILED".to_owned(),
        message: message.to_owned(),
        ..FailedJob::default()
    }
}

fn log(title: &str, lines: &[&str]) -> LogTail {
    LogTail {
        title: title.to_owned(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        is_cut: true,
        problem: None,
    }
}

const CARGO_LOG: [&str; 16] = [
    "[2026-03-04 09:16:02] $ cargo test --locked --workspace",
    "[2026-03-04 09:16:02]    Compiling orders v1.8.0 (/workspace/orders)",
    "[2026-03-04 09:16:19]     Finished `test` profile [unoptimized + debuginfo] target(s) in 17.21s",
    "[2026-03-04 09:16:19]      Running unittests src/lib.rs (target/debug/deps/orders-5b0c8e1f3a)",
    "[2026-03-04 09:16:20] test price::rounds_half_up ... ok",
    "[2026-03-04 09:16:20] test price::sums_an_empty_order ... ok",
    "[2026-03-04 09:16:21] test stock::reserves_the_last_item_once ... FAILED",
    "[2026-03-04 09:16:21] ",
    "[2026-03-04 09:16:21] ---- stock::reserves_the_last_item_once stdout ----",
    "[2026-03-04 09:16:21] thread 'stock::reserves_the_last_item_once' panicked at src/stock.rs:88:9:",
    "[2026-03-04 09:16:21] assertion `left == right` failed: both orders got the item",
    "[2026-03-04 09:16:21]   left: 2",
    "[2026-03-04 09:16:21]  right: 1",
    "[2026-03-04 09:16:21] ",
    "[2026-03-04 09:16:21] test result: FAILED. 41 passed; 1 failed; 0 ignored; finished in 2.04s",
    "[2026-03-04 09:16:24] [ERROR] the command ended with exit code 101",
];

/// A job of three fails in its second step; what comes after is not started.
fn one_failing_job() -> Outcome {
    let mut cause = failed_job(
        "Build",
        "compile",
        "run tests",
        "the command ended with exit code 101",
    );
    cause.code = Some("DEV-CODECI-35002".to_owned());
    cause.log = Some(log("Build › compile › run tests", &CARGO_LOG));
    failed(
        84,
        vec![
            source(),
            stage(
                "Build",
                part("FAILED", 12, 84),
                vec![
                    job("lint", part("COMPLETED", 12, 31)),
                    job("compile", part("FAILED", 12, 84)),
                    job("package", part("UNSELECTED", 12, 12)),
                ],
            ),
            deploy_not_started(),
        ],
        vec![cause],
    )
}

/// Three jobs fail side by side: with a log, without a message, with a log that cannot be read.
fn three_in_parallel() -> Outcome {
    let names = ["unit tests", "browser tests", "load tests"];
    let messages = ["2 of 1 204 tests failed", "", "the agent was lost"];
    let mut jobs: Vec<_> = names
        .iter()
        .zip(messages)
        .map(|(name, message)| failed_job("Test", name, "run", message))
        .collect();
    jobs[0].log = Some(log("Test › unit tests › run", &CARGO_LOG[4..8]));
    jobs[1].log = Some(LogTail {
        title: jobs[1].path(),
        ..LogTail::default()
    });
    jobs[2].log = Some(LogTail {
        title: jobs[2].path(),
        problem: Some("the log cannot be read: HTTP 500, DEVCP.00010000".to_owned()),
        ..LogTail::default()
    });
    failed(
        260,
        vec![
            source(),
            stage(
                "Test",
                part("FAILED", 12, 260),
                vec![
                    job("unit tests", part("FAILED", 12, 95)),
                    job("browser tests", part("FAILED", 14, 260)),
                    job("load tests", part("ASYNC_FAILED", 14, 40)),
                    job("licence check", part("COMPLETED", 12, 19)),
                ],
            ),
            deploy_not_started(),
        ],
        jobs,
    )
}

/// The entry gate of a stage fails: there is no job.
fn failing_gate() -> Outcome {
    let mut deploy = stage(
        "Deploy",
        part("FAILED", 90, 3800),
        vec![job("rollout", not_started())],
    );
    deploy.entry = vec![
        step("change window", part("COMPLETED", 90, 200)),
        step("manual review", part("FAILED", 200, 3800)),
    ];
    let build = stage(
        "Build",
        part("COMPLETED", 12, 90),
        vec![job("compile", part("COMPLETED", 12, 90))],
    );
    failed(
        3800,
        vec![source(), build, deploy],
        vec![failed_job(
            "Deploy",
            "",
            "manual review",
            "rejected by zhang.wei: wait for the fix of the stock service",
        )],
    )
}

/// The cause is in the run of another pipeline.
fn sub_pipeline() -> Outcome {
    let mut cause = failed_job(
        "Deploy",
        "regions",
        "run sub-pipeline",
        "the sub-pipeline failed\n\
         sub-pipeline run 7, cn-north-4 › rollout › apply: the deployment was not ready within 300 s\n\
         sub-pipeline run 7, cn-east-3 › rollout › apply: quota exceeded",
    );
    cause.code = Some("DEPLOY.0042".to_owned());
    cause.log = Some(log(
        "sub-pipeline cn-north-4 › rollout › apply",
        &[
            "$ kubectl rollout status deployment/orders",
            "error: timed out waiting for the condition",
        ],
    ));
    failed(
        400,
        vec![
            source(),
            stage(
                "Deploy",
                part("FAILED", 12, 400),
                vec![job("regions", part("FAILED", 12, 400))],
            ),
        ],
        vec![cause],
    )
}

fn canceled_run() -> Outcome {
    let mut outcome = waited(
        OutcomeKind::RunCanceled,
        "CANCELED",
        50,
        vec![
            source(),
            stage(
                "Build",
                part("CANCELED", 12, 50),
                vec![job("compile", part("CANCELED", 12, 50))],
            ),
            deploy_not_started(),
        ],
    );
    outcome.failure = Some(Failure {
        reason: "the run ended CANCELED".to_owned(),
        advice: Some("Somebody or something stopped the run: open it to see who.".to_owned()),
        ..Failure::default()
    });
    outcome
}

fn message_of_1_mb() -> Outcome {
    let message = "line of a message without end\n".repeat(1 << 20 >> 5);
    let mut outcome = one_failing_job();
    outcome.failed_jobs[0].message.clone_from(&message);
    outcome
}

/// Names that try to be Markdown, HTML, a command of a runner, or Mermaid.
pub(super) fn hostile_names() -> Outcome {
    const NAMES: [&str; 6] = [
        "section A: B; C # D, E %% F",
        "</summary></details><script>alert(1)</script><img src=x onerror=alert(2)>",
        "**bold** `code` ``` | cell | [link](https://example.com) https://example.com @octocat #1",
        "end\n\n```\n# heading\n::error::boom ##[error]boom\n<h1>x",
        "a%% comment \"quoted\" 'single' {brace} %%{init: {\"theme\":\"dark\"}}%% &lt;b&gt; #35; \u{202e}txt",
        "click a href \"javascript:alert(3)\"",
    ];
    let mut jobs = Vec::new();
    let mut stages = Vec::new();
    for (index, name) in NAMES.into_iter().enumerate() {
        let from = i64::try_from(index).unwrap() * 10;
        let mut cause = failed_job(name, name, name, name);
        cause.status = if index == 0 { name } else { "FAILED" }.to_owned();
        cause.code = Some(name.to_owned());
        cause.log = Some(log(name, &NAMES));
        jobs.push(cause);
        let status = if index == 2 { name } else { "FAILED" };
        let mut own = stage(
            name,
            part("FAILED", from, from + 9),
            vec![
                job(name, part(status, from, from + 9)),
                job("", part("RUNNING", from, 0)),
            ],
        );
        own.jobs[1].steps = vec![step(name, part("RUNNING", from, 0))];
        own.exit = vec![step(name, part("FAILED", from + 8, from + 9))];
        stages.push(own);
    }
    let mut outcome = failed(60, stages, jobs);
    outcome.run.pipeline_run_id = NAMES[2].to_owned();
    outcome.notices = NAMES.map(str::to_owned).to_vec();
    outcome
}

/// The deadline passes while a gate waits for a person, in a run retried a day after it started.
fn still_running() -> Outcome {
    const DAY: i64 = 86_400;
    let mut deploy = stage(
        "Deploy",
        part("SUSPEND", DAY + 80, 0),
        vec![job("rollout", not_started())],
    );
    deploy.entry = vec![step("manual review", part("SUSPEND", DAY + 80, 0))];
    let mut test = job("browser tests", part("RUNNING", DAY + 10, 0));
    test.steps = vec![
        step("install", part("COMPLETED", DAY + 10, DAY + 20)),
        step("run", part("RUNNING", DAY + 20, 0)),
    ];
    let mut outcome = waited(
        OutcomeKind::WaitTimeout,
        "RUNNING",
        DAY + 3600,
        vec![
            source(),
            stage(
                "Test",
                part("RUNNING", DAY + 10, 0),
                vec![
                    job("unit tests", part("COMPLETED", DAY + 10, DAY + 80)),
                    test,
                ],
            ),
            deploy,
        ],
    );
    outcome.duration = Duration::from_secs(3600);
    outcome.notices = vec!["The run is SUSPEND: it waits for a person.".to_owned()];
    outcome.failure = Some(Failure {
        reason: "the run had not ended when wait_timeout passed; the run was last seen RUNNING".to_owned(),
        advice: Some(
            "Open the run to see how far it is; raise wait_timeout if it needs longer, or run the step again: \
             it waits for a run in progress."
                .to_owned(),
        ),
        ..Failure::default()
    });
    outcome
}

fn completed() -> Outcome {
    waited(
        OutcomeKind::Completed,
        "COMPLETED",
        130,
        vec![
            source(),
            stage(
                "Build",
                part("COMPLETED", 12, 84),
                vec![job("compile", part("COMPLETED", 12, 84))],
            ),
            stage(
                "Deploy",
                part("COMPLETED", 84, 130),
                vec![job("rollout", part("COMPLETED", 84, 130))],
            ),
        ],
    )
}
