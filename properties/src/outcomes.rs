//! Outcomes in which every text of the service is somebody else's.

use std::time::Duration;

use codearts_retry::outcome::{
    FailedJob, Failure, LogTail, Outcome, OutcomeKind, PipelineRun, Retried, RunFacts,
};
use codearts_retry::pipeline::{JobRun, PartStatus, RunStatus, StageRun, StepRun, Times};

/// Separates texts that are used in different places.
const SEPARATOR: char = '\u{1f}';

/// The texts in the bytes: what is not UTF-8 is replaced, as everywhere in the program.
pub(crate) fn texts(data: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(data);
    text.split(SEPARATOR).map(str::to_owned).collect()
}

/// A red outcome with these texts, in turn, in every place that has one.
pub(crate) fn red<T: AsRef<str>>(texts: &[T]) -> Outcome {
    let mut turn = 0;
    let mut next = || {
        turn += 1;
        texts[(turn - 1) % texts.len()].as_ref().to_owned()
    };
    Outcome {
        kind: OutcomeKind::RunFailed,
        run: RunFacts {
            pipeline_run_id: next(),
            run_number: Some(7),
            run_url: Some(next()),
            status: Some(next()),
        },
        retried: Retried::Yes,
        retries: 1,
        attempts: 2,
        queue_id: Some(next()),
        failure: Some(Failure {
            reason: next(),
            advice: Some(next()),
            service_code: Some(next()),
            service_message: Some(next()),
            http_status: Some(403),
            request_id: Some(next()),
        }),
        notices: vec![next(), next()],
        failed_jobs: vec![
            FailedJob {
                stage: next(),
                job: next(),
                step: next(),
                status: next(),
                message: next(),
                code: Some(next()),
                log: Some(LogTail {
                    title: next(),
                    lines: vec![next(), next()],
                    is_cut: true,
                    problem: None,
                }),
            },
            FailedJob {
                job: next(),
                log: Some(LogTail {
                    problem: Some(next()),
                    ..LogTail::default()
                }),
                ..FailedJob::default()
            },
        ],
        last_seen: Some(run(&mut next)),
        duration: Duration::from_millis(2900),
    }
}

/// A run that stands at a step, with a gate that waits.
fn run(next: &mut dyn FnMut() -> String) -> PipelineRun {
    let times = Times {
        start: Some(1_790_000_000_000),
        end: Some(1_790_000_060_000),
    };
    let step = |name: String, status: &str| StepRun {
        name,
        status: PartStatus::from_text(status),
        times,
        ..StepRun::default()
    };
    PipelineRun {
        id: None,
        run_number: Some(7),
        status: RunStatus::Running,
        times,
        current_system_time: Some(1_790_000_090_000),
        detail_url: None,
        stages: vec![StageRun {
            name: next(),
            status: PartStatus::from_text(next()),
            times,
            entry: vec![step(next(), "RUNNING")],
            jobs: vec![
                JobRun {
                    name: next(),
                    status: PartStatus::from_text("RUNNING"),
                    times,
                    steps: vec![step(next(), "RUNNING")],
                    ..JobRun::default()
                },
                JobRun {
                    name: next(),
                    status: PartStatus::from_text(next()),
                    times,
                    ..JobRun::default()
                },
            ],
            exit: Vec::new(),
        }],
    }
}
