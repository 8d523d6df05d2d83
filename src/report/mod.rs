//! What to say about an [`Outcome`]: outputs, annotations, summary and log lines as values and text, the same for
//! every CI system. Where to say it, and in which syntax, is `ci`'s.

pub mod annotation;
pub mod files;
mod headline;
mod log_block;
mod markdown;
pub mod outputs;
mod result_line;
mod summary;
mod text;
mod view;

pub use annotation::Annotation;
pub use log_block::LogBlock;
pub use outputs::{OUTPUTS, OutputSpec, Outputs};
pub use text::short_duration;

use crate::outcome::Outcome;
use crate::secret::Redactor;

/// The product's name, as readers of a log know it.
pub const PRODUCT: &str = "Retry CodeArts Pipeline";

/// An outcome as it may be shown: without secrets, and with every text bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report(Outcome);

impl Report {
    /// Takes the secrets out first and cuts afterwards, so that no half of a secret survives a cut.
    pub fn from_outcome(outcome: &Outcome, redactor: &Redactor) -> Self {
        Self(view::presentable(outcome, redactor))
    }

    /// The output values.
    pub fn outputs(&self) -> Outputs {
        Outputs::of(&self.0)
    }

    /// The error annotations of a red step: one for each of the first ten failed jobs, or the only one; none for a
    /// green step.
    pub fn annotations(&self) -> Vec<Annotation> {
        annotation::all(&self.0)
    }

    /// The ends of the failed steps' logs, for the log of this step.
    pub fn failed_job_logs(&self) -> impl Iterator<Item = LogBlock<'_>> {
        self.0.failed_jobs.iter().filter_map(LogBlock::of)
    }

    /// The last line of the log, without a line break.
    pub fn result_line(&self) -> String {
        result_line::of(&self.0)
    }

    /// The job summary: Markdown that ends with a line break, under 1 MiB.
    pub fn summary(&self) -> String {
        summary::of(&self.0)
    }
}

#[cfg(test)]
mod golden;

#[cfg(test)]
pub(crate) mod samples {
    //! Outcomes for the tests of this crate.

    use std::time::Duration;

    use crate::outcome::{Failure, Outcome, OutcomeKind, PipelineRun, Retried, RunFacts};
    use crate::pipeline::{RunStatus, StageRun, Times};

    /// A run that is seen to have failed, with these stages.
    pub(crate) fn failed_run(stages: Vec<StageRun>) -> PipelineRun {
        PipelineRun {
            id: None,
            run_number: None,
            status: RunStatus::Failed,
            times: Times::default(),
            current_system_time: None,
            detail_url: None,
            stages,
        }
    }

    /// A good retry without `wait`.
    pub(crate) fn accepted() -> Outcome {
        Outcome {
            kind: OutcomeKind::Accepted,
            run: RunFacts {
                pipeline_run_id: "0123456789abcdef0123456789abcdef".to_owned(),
                run_number: Some(42),
                run_url: Some(
                    "https://devcloud.cn-north-4.huaweicloud.com/cicd/project/p/pipeline/detail/x/r"
                        .to_owned(),
                ),
                status: Some("FAILED".to_owned()),
            },
            retried: Retried::Yes,
            retries: 1,
            attempts: 1,
            queue_id: None,
            failure: None,
            notices: Vec::new(),
            failed_jobs: Vec::new(),
            last_seen: None,
            duration: Duration::from_millis(2900),
        }
    }

    /// A refused retry whose message is the given one.
    pub(crate) fn forbidden(message: &str) -> Outcome {
        Outcome {
            kind: OutcomeKind::Forbidden,
            retried: Retried::No,
            retries: 0,
            failure: Some(Failure {
                reason: "the service refused the retry".to_owned(),
                advice: Some("Add the identity to the CodeArts project.".to_owned()),
                service_code: Some("DEVCP.00021018".to_owned()),
                service_message: Some(message.to_owned()),
                http_status: Some(403),
                request_id: Some("req-1".to_owned()),
            }),
            ..accepted()
        }
    }

    /// Text that tries to be something else everywhere it is printed.
    pub(crate) const HOSTILE: &str = "\u{feff}\n\nfirst\r\n::error::boom\r::set-output name=x::y\n\
        a ##[stop-commands]x ##vso[task.complete]x ##teamcity[buildProblem 'x']\n\n100%0A %25 \u{1b}[31mred\u{0}\n\
        EOF\nghadelimiter_x\nname<<EOF\nkey=value\n| a | `b` ``` <img src=x onerror=y> [l](http://x) @octocat \
        $HOME `id` 'q' \"d\" \\ \u{2028}::warning::x\u{85}::notice::y\u{b}\u{c}😀";
}
