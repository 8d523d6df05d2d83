//! What a run is made of, and how a test describes one.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::status::{Status, Verdict};
use crate::ids::id_for;

/// A pipeline run. Default: the shape of [`Run::sample`].
#[derive(Debug, Clone)]
pub struct Run {
    pub(crate) id: String,
    pub(crate) number: u64,
    pub(crate) status: Status,
    pub(crate) trigger_type: String,
    pub(crate) executor_id: String,
    pub(crate) ended_ago_ms: u64,
    pub(crate) start_time: u64,
    pub(crate) end_time: Option<u64>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) verdicts: VecDeque<Verdict>,
    pub(crate) fate: Verdict,
    pub(crate) fated: BTreeSet<String>,
    pub(crate) round: u32,
    pub(crate) detail_url: Option<String>,
    pub(crate) listed: bool,
}

impl Run {
    /// A run of the given stages. Default status FAILED, ended ten minutes ago, every retry ends COMPLETED.
    pub fn new(id: impl Into<String>, number: u64, stages: Vec<Stage>) -> Self {
        let mut run = Self {
            id: id.into(),
            number,
            status: Status::Failed,
            trigger_type: "Manual".to_owned(),
            executor_id: id_for("executor"),
            ended_ago_ms: 600_000,
            start_time: 0,
            end_time: None,
            stages,
            verdicts: VecDeque::new(),
            fate: Verdict::Completed,
            fated: BTreeSet::new(),
            round: 0,
            detail_url: None,
            listed: true,
        };
        run.name_parts();
        run
    }

    /// The state the run is found in. Default FAILED.
    ///
    /// FAILED, CANCELED, PAUSED, SUSPEND and RUNNING fall on the first stage with a job that has a failure message
    /// (else on the second stage); earlier stages are COMPLETED, later ones INIT. A RUNNING run goes on by the clock.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// How long ago an ended run ended, in milliseconds. Default 600 000.
    #[must_use]
    pub fn ended_ago_ms(mut self, ms: u64) -> Self {
        self.ended_ago_ms = ms;
        self
    }

    /// How the next rounds go, one entry for each retry. Default, and after the last entry: COMPLETED.
    #[must_use]
    pub fn verdicts(mut self, verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        self.verdicts = verdicts.into_iter().collect();
        self
    }

    /// What started the run (SDK model: Manual, Scheduler, MR, Push, …). Default `Manual`.
    #[must_use]
    pub fn trigger_type(mut self, trigger_type: impl Into<String>) -> Self {
        self.trigger_type = trigger_type.into();
        self
    }

    /// The console link in `detail_url`. Default: none, JSON `null`.
    #[must_use]
    pub fn detail_url(mut self, url: impl Into<String>) -> Self {
        self.detail_url = Some(url.into());
        self
    }

    /// Leaves the run out of the run list, which shows new runs late (public scripts saw minutes).
    #[must_use]
    pub fn unlisted(mut self) -> Self {
        self.listed = false;
        self
    }

    /// The id of the run.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The id of the first job of that name, as `job_run_ids` and the log call take it.
    pub fn job_run_id(&self, job_name: &str) -> Option<&str> {
        self.jobs()
            .find(|job| job.name == job_name)
            .map(|job| job.id.as_str())
    }

    /// The id of the first step of that name, as the log call takes it.
    pub fn step_run_id(&self, step_name: &str) -> Option<&str> {
        self.jobs()
            .flat_map(|job| &job.steps)
            .find(|step| step.name == step_name)
            .map(|step| step.id.as_str())
    }

    pub(crate) fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.stages.iter().flat_map(|stage| &stage.jobs)
    }

    /// Gives every part an id that depends on its place in the run only.
    fn name_parts(&mut self) {
        for (stage_at, stage) in self.stages.iter_mut().enumerate() {
            let stage_key = format!("{}/{stage_at}", self.id);
            stage.id = id_for(&stage_key);
            for (job_at, job) in stage.jobs.iter_mut().enumerate() {
                let job_key = format!("{stage_key}/{job_at}");
                job.id = id_for(&job_key);
                for (step_at, step) in job.steps.iter_mut().enumerate() {
                    step.id = id_for(&format!("{job_key}/{step_at}"));
                }
            }
        }
    }
}

/// A stage: its jobs run side by side.
#[derive(Debug, Clone)]
pub struct Stage {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) start_time: Option<u64>,
    pub(crate) end_time: Option<u64>,
    pub(crate) jobs: Vec<Job>,
}

impl Stage {
    /// A stage without jobs.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            name: name.into(),
            status: Status::Init,
            start_time: None,
            end_time: None,
            jobs: Vec::new(),
        }
    }

    /// Adds a job.
    #[must_use]
    pub fn job(mut self, job: Job) -> Self {
        self.jobs.push(job);
        self
    }
}

/// A job: its steps run in order, each for the same share of the job's duration.
#[derive(Debug, Clone)]
pub struct Job {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) lasts_ms: u64,
    pub(crate) failure: Option<String>,
    pub(crate) start_time: Option<u64>,
    pub(crate) due: Option<u64>,
    pub(crate) end_time: Option<u64>,
    pub(crate) round: u32,
    pub(crate) steps: Vec<Step>,
}

impl Job {
    /// A job without steps that lasts 5 s.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            name: name.into(),
            status: Status::Init,
            lasts_ms: 5_000,
            failure: None,
            start_time: None,
            due: None,
            end_time: None,
            round: 0,
            steps: Vec::new(),
        }
    }

    /// How long the job works, in milliseconds, before the clock's speed. Default 5 000.
    #[must_use]
    pub fn lasts_ms(mut self, ms: u64) -> Self {
        self.lasts_ms = ms;
        self
    }

    /// The message of the job and its last step when it fails. A run found FAILED failed in the first such job.
    #[must_use]
    pub fn failure(mut self, message: impl Into<String>) -> Self {
        self.failure = Some(message.into());
        self
    }

    /// Adds a step.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

/// A step: one plugin at work, with a log.
#[derive(Debug, Clone)]
pub struct Step {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) task: String,
    pub(crate) log: Arc<Vec<String>>,
}

impl Step {
    /// A step of the given plugin (`task`), with an empty log.
    pub fn new(name: impl Into<String>, task: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            name: name.into(),
            task: task.into(),
            log: Arc::default(),
        }
    }

    /// The lines of the log, without line ends.
    #[must_use]
    pub fn log<L: Into<String>>(mut self, lines: impl IntoIterator<Item = L>) -> Self {
        self.log = Arc::new(lines.into_iter().map(Into::into).collect());
        self
    }
}
