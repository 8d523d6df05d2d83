//! An outcome made fit to be shown: redacted, line breaks unified, every text bounded.

use super::markdown::turns;
use super::text::{cut, normalised, one_line};
use crate::outcome::{FailedJob, Failure, LogTail, Outcome, RunFacts};
use crate::pipeline::{JobRun, PartStatus, Phase, PipelineRun, RunStatus, StageRun, StepRun};
use crate::secret::Redactor;

/// Bytes of `error_message` (DESIGN §3).
const MESSAGE_BYTES: usize = 4 * 1024;
/// Bytes of a failed job's message (DESIGN §3).
const JOB_MESSAGE_BYTES: usize = 1024;
/// Bytes of a stage's, job's or step's name.
const NAME_BYTES: usize = 256;
/// Bytes of an id, a code or a status: so few that all of them fit into the 2 048 bytes of a directory.
const WORD_BYTES: usize = 128;
/// Bytes of the link. A longer one is left out, since half a link leads nowhere.
const URL_BYTES: usize = 1024;
/// Bytes of the advice, and of a notice.
const ADVICE_BYTES: usize = 2 * 1024;
/// Notices shown.
const NOTICES: usize = 50;
/// Failed jobs kept: more of them than fit into an output.
const FAILED_JOBS: usize = 1000;
/// Lines of a log (DESIGN §2, `log_lines`).
const LOG_LINES: usize = 1000;
/// Bytes of a log line.
const LOG_LINE_BYTES: usize = 4 * 1024;
/// Bytes of a log: the logs of five steps fit into a summary.
const LOG_BYTES: usize = 160 * 1024;
/// Stages of the run.
const STAGES: usize = 100;
/// Jobs of the run.
pub(super) const JOBS: usize = 200;
/// Steps of a gate.
const GATE_STEPS: usize = 5;

/// The outcome without secrets and within the bounds.
pub(super) fn presentable(outcome: &Outcome, redactor: &Redactor) -> Outcome {
    let view = View { redactor };
    Outcome {
        run: RunFacts {
            pipeline_run_id: view.word(&outcome.run.pipeline_run_id),
            run_number: outcome.run.run_number,
            run_url: view.optional(outcome.run.run_url.as_deref(), View::url),
            status: view.optional(outcome.run.status.as_deref(), View::word),
        },
        queue_id: view.optional(outcome.queue_id.as_deref(), View::word),
        failure: outcome
            .failure
            .as_ref()
            .filter(|_| !outcome.kind.is_success())
            .map(|failure| view.failure(failure)),
        notices: outcome
            .notices
            .iter()
            .take(NOTICES)
            .map(|notice| view.text(notice, ADVICE_BYTES))
            .filter(|notice| !notice.is_empty())
            .collect(),
        failed_jobs: outcome
            .failed_jobs
            .iter()
            .take(FAILED_JOBS)
            .map(|job| view.failed_job(job))
            .collect(),
        last_seen: outcome.last_seen.as_ref().map(|run| view.run(run)),
        ..*outcome
    }
}

struct View<'a> {
    redactor: &'a Redactor,
}

impl View<'_> {
    fn failure(&self, failure: &Failure) -> Failure {
        Failure {
            reason: self.text(&failure.reason, MESSAGE_BYTES),
            advice: self.optional(failure.advice.as_deref(), |view, text| {
                view.text(text, ADVICE_BYTES)
            }),
            service_code: self.optional(failure.service_code.as_deref(), View::word),
            service_message: self.optional(failure.service_message.as_deref(), |view, text| {
                view.text(text, MESSAGE_BYTES)
            }),
            http_status: failure.http_status,
            request_id: self.optional(failure.request_id.as_deref(), View::word),
        }
    }

    fn failed_job(&self, job: &FailedJob) -> FailedJob {
        FailedJob {
            stage: self.name(&job.stage),
            job: self.name(&job.job),
            step: self.name(&job.step),
            status: self.word(&job.status),
            message: self.text(&job.message, JOB_MESSAGE_BYTES),
            code: self.optional(job.code.as_deref(), View::word),
            log: job.log.as_ref().map(|log| self.log(log)),
        }
    }

    fn log(&self, log: &LogTail) -> LogTail {
        let mut room = LOG_BYTES;
        let mut lines = Vec::new();
        for line in log.lines.iter().rev().take(LOG_LINES) {
            let line = cut(&self.clean(line, log_line), LOG_LINE_BYTES);
            if line.len() >= room {
                break;
            }
            room -= line.len() + "\n".len();
            lines.push(line);
        }
        lines.reverse();
        LogTail {
            title: cut(&self.line(&log.title), 4 * NAME_BYTES),
            is_cut: log.is_cut || lines.len() < log.lines.len(),
            lines,
            problem: self.optional(log.problem.as_deref(), |view, text| {
                view.text(text, ADVICE_BYTES)
            }),
        }
    }

    /// What is shown of a run: its parts, without their ids and messages.
    fn run(&self, run: &PipelineRun) -> PipelineRun {
        let mut jobs_left = JOBS;
        PipelineRun {
            id: None,
            run_number: run.run_number,
            status: RunStatus::from_text(&self.word(&run.status.to_string())),
            times: run.times,
            current_system_time: run.current_system_time,
            detail_url: None,
            stages: run
                .stages
                .iter()
                .take(STAGES)
                .map(|stage| self.stage(stage, &mut jobs_left))
                .collect(),
        }
    }

    fn stage(&self, stage: &StageRun, jobs_left: &mut usize) -> StageRun {
        let jobs = stage.jobs.iter().take(*jobs_left);
        let jobs: Vec<_> = jobs.map(|job| self.job(job)).collect();
        *jobs_left -= jobs.len();
        StageRun {
            name: self.name(&stage.name),
            status: self.status(&stage.status),
            times: stage.times,
            entry: self.steps(&stage.entry),
            jobs,
            exit: self.steps(&stage.exit),
        }
    }

    /// Of the steps, only the one at which the job stands.
    fn job(&self, job: &JobRun) -> JobRun {
        let stands_at = job
            .steps
            .iter()
            .position(|step| matches!(step.status.phase(), Phase::Running | Phase::Waiting));
        let steps = stands_at.map_or(0..0, |index| index..index + 1);
        JobRun {
            name: self.name(&job.name),
            status: self.status(&job.status),
            times: job.times,
            steps: self.steps(&job.steps[steps]),
            ..JobRun::default()
        }
    }

    fn steps(&self, steps: &[StepRun]) -> Vec<StepRun> {
        let shown = steps.iter().take(GATE_STEPS).map(|step| StepRun {
            name: self.name(&step.name),
            status: self.status(&step.status),
            times: step.times,
            ..StepRun::default()
        });
        shown.collect()
    }

    fn status(&self, status: &PartStatus) -> PartStatus {
        PartStatus::from_text(self.word(status.as_str()))
    }

    fn name(&self, text: &str) -> String {
        cut(&self.line(text), NAME_BYTES)
    }

    /// `None` where nothing is left.
    fn optional(&self, text: Option<&str>, shown: fn(&Self, &str) -> String) -> Option<String> {
        text.map(|text| shown(self, text))
            .filter(|text| !text.is_empty())
    }

    fn text(&self, text: &str, limit: usize) -> String {
        cut(&self.clean(text, normalised), limit)
    }

    fn word(&self, text: &str) -> String {
        cut(&self.line(text), WORD_BYTES)
    }

    fn url(&self, text: &str) -> String {
        Some(self.line(text))
            .filter(|url| url.len() <= URL_BYTES)
            .unwrap_or_default()
    }

    fn line(&self, text: &str) -> String {
        self.clean(text, one_line)
    }

    /// Redacted before and after the change, since dropped characters may join the halves of a secret; and so may what
    /// the summary drops and makes one blank of later.
    fn clean(&self, text: &str, change: fn(&str) -> String) -> String {
        let changed = self.redactor.clean(&change(&self.redactor.clean(text)));
        let straight: String = changed.chars().filter(|c| !turns(*c)).collect();
        let single_spaced: Vec<_> = straight.lines().map(one_line).collect();
        [single_spaced.join("\n"), straight]
            .into_iter()
            .find_map(|shown| Some(self.redactor.clean(&shown)).filter(|cleaned| *cleaned != shown))
            .unwrap_or(changed)
    }
}

/// A line of a log keeps its blanks, and nothing that breaks it or hides in it.
fn log_line(text: &str) -> String {
    let shown = |c: &char| !c.is_control() || *c == '\t';
    text.trim_end().chars().filter(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;
    use crate::report::samples::{accepted, forbidden};
    use crate::secret::Secret;

    #[test]
    fn what_the_summary_drops_does_not_join_a_secret() {
        for (secret, echo) in [
            ("hunter2-hunter2", "bad hunter2\u{202e}-hunter2 x"),
            ("hunter2 hunter2", "bad hunter2\thunter2 x"),
            ("hunter2 hunter2", "bad hunter2  \u{200f} hunter2 x"),
        ] {
            let redactor = Redactor::new([&Secret::new(secret)]);
            let page = Report::from_outcome(&forbidden(echo), &redactor).summary();
            assert!(!page.contains(secret), "{page}");
            assert!(page.contains("bad &#42;&#42;&#42; x"), "{page}");
        }
    }

    fn message(outcome: &Outcome) -> String {
        outcome
            .failure
            .as_ref()
            .and_then(|failure| failure.service_message.clone())
            .unwrap_or_default()
    }

    #[test]
    fn a_secret_across_the_cut_leaves_no_half() {
        let redactor = Redactor::new([&Secret::new("correct-horse-battery")]);
        for before in 4070..4100 {
            let text = format!("{}correct-horse-battery", "x".repeat(before));
            let shown = message(&presentable(&forbidden(&text), &redactor));
            assert!(shown.len() <= MESSAGE_BYTES);
            assert!(!shown.contains("cor"), "{before}");
        }
    }

    #[test]
    fn a_secret_split_by_a_dropped_character_goes() {
        let redactor = Redactor::new([&Secret::new("hunter2hunter2")]);
        let shown = message(&presentable(&forbidden("hunter2\0hunter2"), &redactor));
        assert_eq!(shown, "***");
    }

    #[test]
    fn a_green_outcome_shows_no_failure() {
        let mut outcome = accepted();
        outcome.failure = Some(Failure::default());
        assert_eq!(presentable(&outcome, &Redactor::default()).failure, None);
    }

    #[test]
    fn a_link_that_is_too_long_is_left_out() {
        let mut outcome = accepted();
        outcome.run.run_url = Some(format!("https://x.huaweicloud.com/{}", "a".repeat(1024)));
        assert_eq!(
            presentable(&outcome, &Redactor::default()).run.run_url,
            None
        );
    }

    #[test]
    fn a_secret_in_any_part_of_a_run_or_log_goes() {
        let redactor = Redactor::new([&Secret::new("correct-horse")]);
        let text = || "a correct-horse".to_owned();
        let step = StepRun {
            id: Some(text()),
            name: text(),
            task: Some(text()),
            status: PartStatus::from_text("RUNNING"),
            message: Some(text()),
            last_dispatch_id: Some(text()),
            ..StepRun::default()
        };
        let job = JobRun {
            id: Some(text()),
            name: text(),
            status: PartStatus::from_text(text()),
            message: Some(text()),
            last_dispatch_id: Some(text()),
            steps: vec![step.clone()],
            ..JobRun::default()
        };
        let stage = StageRun {
            name: text(),
            status: PartStatus::from_text(text()),
            entry: vec![step.clone()],
            jobs: vec![job],
            exit: vec![step],
            ..StageRun::default()
        };
        let outcome = Outcome {
            failed_jobs: vec![FailedJob {
                code: Some(text()),
                log: Some(LogTail {
                    title: text(),
                    lines: vec![text(), "\tcorrect\0-horse \r".to_owned()],
                    is_cut: false,
                    problem: Some(text()),
                }),
                ..FailedJob::default()
            }],
            last_seen: Some(run_of(vec![stage])),
            ..accepted()
        };
        let shown = presentable(&outcome, &redactor);
        let everything = format!("{shown:?}");
        assert!(!everything.contains("horse"), "{everything}");
        let log = shown.failed_jobs[0].log.as_ref().expect("a log");
        assert_eq!(log.lines, ["a ***", "\t***"]);
        assert_eq!(
            shown.last_seen.expect("a run").stages[0].jobs[0].name,
            "a ***"
        );
    }

    fn run_of(stages: Vec<StageRun>) -> PipelineRun {
        PipelineRun {
            id: Some("a correct-horse".to_owned()),
            run_number: None,
            status: RunStatus::from_text("a correct-horse"),
            times: crate::pipeline::Times::default(),
            current_system_time: None,
            detail_url: Some("https://correct-horse".to_owned()),
            stages,
        }
    }

    #[test]
    fn of_a_long_log_the_end_is_shown() {
        let shown = |lines: Vec<String>| {
            let log = LogTail {
                lines,
                ..LogTail::default()
            };
            let redactor = Redactor::default();
            View {
                redactor: &redactor,
            }
            .log(&log)
        };
        let many = shown((0..3000).map(|number| number.to_string()).collect());
        assert!(many.is_cut);
        assert_eq!((many.lines.len(), many.lines[0].as_str()), (1000, "2000"));
        let long = shown(vec!["é".repeat(9000); 100]);
        assert!(long.is_cut && long.lines.len() > 30);
        assert!(long.lines.iter().all(|line| line.len() <= LOG_LINE_BYTES));
        assert!(long.lines.iter().map(String::len).sum::<usize>() <= LOG_BYTES);
        assert!(!shown(vec![String::new(); 1000]).is_cut);
    }

    #[test]
    fn of_a_large_run_a_bounded_part_is_kept() {
        let step = StepRun {
            status: PartStatus::from_text("RUNNING"),
            ..StepRun::default()
        };
        let job = JobRun {
            name: "x".repeat(1000),
            steps: vec![step.clone(); 10],
            ..JobRun::default()
        };
        let stage = StageRun {
            entry: vec![step; 100],
            jobs: vec![job; 150],
            ..StageRun::default()
        };
        let redactor = Redactor::default();
        let run = View {
            redactor: &redactor,
        }
        .run(&run_of(vec![stage; 300]));
        assert_eq!(run.stages.len(), STAGES);
        let jobs: Vec<_> = run.stages.iter().flat_map(|stage| &stage.jobs).collect();
        assert_eq!(jobs.len(), JOBS);
        assert!(
            jobs.iter()
                .all(|job| job.steps.len() == 1 && job.name.len() <= NAME_BYTES)
        );
        assert!(
            run.stages
                .iter()
                .all(|stage| stage.entry.len() == GATE_STEPS)
        );
    }
    #[test]
    fn every_text_is_shown_up_to_a_bound_of_its_own() {
        let long = || "x".repeat(9000);
        let mut outcome = forbidden(&long());
        outcome.run.pipeline_run_id = long();
        outcome.run.status = Some(long());
        outcome.queue_id = Some(long());
        outcome.notices = vec![long(); NOTICES + 1];
        outcome.failure = outcome.failure.map(|failure| Failure {
            reason: long(),
            advice: Some(long()),
            service_code: Some(long()),
            request_id: Some(long()),
            ..failure
        });
        let job = FailedJob {
            stage: long(),
            job: long(),
            step: long(),
            status: long(),
            message: long(),
            code: Some(long()),
            log: Some(LogTail {
                title: long(),
                lines: vec![long()],
                problem: Some(long()),
                is_cut: false,
            }),
        };
        outcome.failed_jobs = vec![job];
        outcome
            .failed_jobs
            .resize(FAILED_JOBS + 1, FailedJob::default());
        let shown = presentable(&outcome, &Redactor::default());
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let failure = shown.failure.expect("a failure");
        assert_eq!((shown.notices.len(), shown.failed_jobs.len()), (50, 1000));
        let job = &shown.failed_jobs[0];
        let tail = job.log.as_ref().expect("a log");
        for (length, bound) in [
            (shown.run.pipeline_run_id.len(), 128),
            (length(&shown.run.status), 128),
            (length(&shown.queue_id), 128),
            (shown.notices[49].len(), 2048),
            (failure.reason.len(), 4096),
            (length(&failure.advice), 2048),
            (length(&failure.service_message), 4096),
            (length(&failure.service_code), 128),
            (length(&failure.request_id), 128),
            (job.stage.len(), 256),
            (job.job.len(), 256),
            (job.step.len(), 256),
            (job.status.len(), 128),
            (job.message.len(), 1024),
            (length(&job.code), 128),
            (tail.title.len(), 1024),
            (tail.lines[0].len(), 4096),
            (length(&tail.problem), 2048),
        ] {
            assert_eq!(length, bound);
        }
    }

    #[test]
    fn what_is_empty_once_it_is_clean_is_left_out() {
        let mut outcome = forbidden(" \r\n ");
        outcome.queue_id = Some("\t".to_owned());
        outcome.notices = vec![" ".to_owned(), "kept".to_owned()];
        let shown = presentable(&outcome, &Redactor::default());
        assert_eq!((message(&shown), shown.queue_id), (String::new(), None));
        assert_eq!(shown.notices, ["kept"]);
    }

    #[test]
    fn a_log_is_kept_up_to_its_last_byte() {
        let shown = |lines: Vec<String>| {
            let log = LogTail {
                lines,
                ..LogTail::default()
            };
            let redactor = Redactor::default();
            let view = View {
                redactor: &redactor,
            };
            let shown = view.log(&log);
            (shown.lines.len(), shown.is_cut)
        };
        let line = || "x".repeat(1023);
        assert_eq!(shown(vec![line(); 160]), (160, false));
        assert_eq!(shown(vec![line(); 161]), (160, true));
        let mut lines = vec![line(); 160];
        lines.push(String::new());
        assert_eq!(shown(lines), (160, true));
    }

    #[test]
    fn of_a_job_the_step_at_which_it_stands_is_shown() {
        let step = |name: &str, status: &str| StepRun {
            name: name.to_owned(),
            status: PartStatus::from_text(status),
            times: crate::pipeline::Times {
                start: Some(1),
                end: Some(2),
            },
            ..StepRun::default()
        };
        let stage = |last: &str| StageRun {
            status: PartStatus::from_text("RUNNING"),
            jobs: vec![JobRun {
                status: PartStatus::from_text("RUNNING"),
                times: step("", "").times,
                steps: vec![step("a", "COMPLETED"), step("b", last), step("c", "INIT")],
                ..JobRun::default()
            }],
            exit: vec![step("gate", "INIT")],
            ..StageRun::default()
        };
        let redactor = Redactor::default();
        let view = View {
            redactor: &redactor,
        };
        let run = view.run(&run_of(vec![stage("RUNNING"), stage("FAILED")]));
        let [running, failed] = &run.stages[..] else {
            panic!("two stages were expected")
        };
        assert_eq!(running.jobs[0].steps, [step("b", "RUNNING")]);
        assert_eq!(failed.jobs[0].steps, []);
        assert_eq!(running.jobs[0].times, step("", "").times);
        assert_eq!(running.status, PartStatus::from_text("RUNNING"));
        assert_eq!(running.exit, [step("gate", "INIT")]);
    }

    #[test]
    fn a_link_of_the_longest_length_is_kept() {
        let mut outcome = accepted();
        let link = format!("https://x.huaweicloud.com/{}", "a".repeat(1024 - 26));
        outcome.run.run_url = Some(link.clone());
        let shown = presentable(&outcome, &Redactor::default());
        assert_eq!(shown.run.run_url, Some(link));
    }
}
