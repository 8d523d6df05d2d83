//! A run, and how a test describes one.

use std::collections::VecDeque;

use super::gate::Gate;
use super::job::Job;
use super::stage::Stage;
use super::status::Status;
use super::verdict::Verdict;
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
    /// How a run that is found going on goes on.
    pub(crate) current: Verdict,
    /// The pipeline it is of; `None` = the one that is configured.
    pub(crate) pipeline_id: Option<String>,
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
            current: Verdict::Completed,
            pipeline_id: None,
            round: 0,
            detail_url: None,
            listed: true,
        };
        run.name_parts();
        run
    }

    /// The state the run is found in. Default FAILED.
    ///
    /// FAILED, CANCELED and RUNNING fall on the first stage with a job or gate that has a failure message, PAUSED and
    /// SUSPEND on the first with one that is held (else on the second stage); earlier stages are COMPLETED, later ones
    /// INIT, or at their end where they run always after a failure. A RUNNING run goes on by the clock.
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

    /// How a run that is found RUNNING, PAUSED or SUSPEND goes on, as if its last retry had this verdict. Default
    /// COMPLETED.
    #[must_use]
    pub fn goes_on(mut self, verdict: Verdict) -> Self {
        self.current = verdict;
        self
    }

    /// Makes it a run of another pipeline than the configured one, as the child of a sub-pipeline step is.
    #[must_use]
    pub fn pipeline_id(mut self, pipeline_id: impl Into<String>) -> Self {
        self.pipeline_id = Some(pipeline_id.into());
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

    /// The id of the first entry or exit gate of that name, as the check point calls take it.
    pub fn gate_id(&self, gate_name: &str) -> Option<&str> {
        self.stages
            .iter()
            .flat_map(|stage| stage.pre.iter().chain(&stage.post))
            .find(|gate| gate.name == gate_name)
            .map(|gate| gate.id.as_str())
    }

    /// Whether it is of this pipeline, where `configured` is the one of runs that were not told.
    pub(crate) fn is_of(&self, pipeline_id: &str, configured: &str) -> bool {
        self.pipeline_id.as_deref().unwrap_or(configured) == pipeline_id
    }

    pub(crate) fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.stages.iter().flat_map(|stage| &stage.jobs)
    }

    /// Gives every part an id that depends on its place in the run only, and every stage an entry gate.
    fn name_parts(&mut self) {
        for (stage_at, stage) in self.stages.iter_mut().enumerate() {
            let stage_key = format!("{}/{stage_at}", self.id);
            stage.id = id_for(&stage_key);
            if stage.pre.is_empty() {
                stage.pre.push(Gate::automatic());
            }
            for (kind, gates) in [("pre", &mut stage.pre), ("post", &mut stage.post)] {
                for (gate_at, gate) in gates.iter_mut().enumerate() {
                    gate.id = id_for(&format!("{stage_key}/{kind}/{gate_at}"));
                }
            }
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
