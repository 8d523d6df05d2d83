//! A stage of a run.

use super::gate::Gate;
use super::job::Job;
use super::status::Status;
use super::work::{Work, standing, worst};

/// A stage: its entry gates, then its jobs, then its exit gates; those of a kind run side by side.
#[derive(Debug, Clone)]
pub struct Stage {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) run_always: bool,
    pub(crate) shown_as: Option<Status>,
    pub(crate) status: Status,
    pub(crate) start_time: Option<u64>,
    pub(crate) end_time: Option<u64>,
    pub(crate) pre: Vec<Gate>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) post: Vec<Gate>,
}

/// A job or a gate, as rounds and reviews look at it.
pub(crate) struct Part<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) kind: Kind<'a>,
    pub(crate) work: &'a mut Work,
}

/// What a part is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    Gate,
    /// With the id of the step that waits when the job is held.
    Job(Option<&'a str>),
}

impl Stage {
    /// A stage without jobs. An entry gate that passes at once is added if it gets no other.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            name: name.into(),
            run_always: false,
            shown_as: None,
            status: Status::Init,
            start_time: None,
            end_time: None,
            pre: Vec::new(),
            jobs: Vec::new(),
            post: Vec::new(),
        }
    }

    /// Adds a job.
    #[must_use]
    pub fn job(mut self, job: Job) -> Self {
        self.jobs.push(job);
        self
    }

    /// Adds an entry gate. If one fails, the run fails and the jobs stay INIT.
    #[must_use]
    pub fn pre(mut self, gate: Gate) -> Self {
        self.pre.push(gate);
        self
    }

    /// Adds an exit gate. If one fails, the run fails although the jobs are COMPLETED.
    #[must_use]
    pub fn post(mut self, gate: Gate) -> Self {
        self.post.push(gate);
        self
    }

    /// Lets the stage run even after a stage that failed.
    #[must_use]
    pub fn run_always(mut self) -> Self {
        self.run_always = true;
        self
    }

    /// Shows it in this state, whatever it does.
    #[must_use]
    pub fn shown_as(mut self, status: Status) -> Self {
        self.shown_as = Some(status);
        self
    }

    /// Entry gates, jobs, exit gates.
    pub(crate) fn phases(&self) -> [Vec<&Work>; 3] {
        [
            self.pre.iter().map(|gate| &gate.work).collect(),
            self.jobs.iter().map(|job| &job.work).collect(),
            self.post.iter().map(|gate| &gate.work).collect(),
        ]
    }

    pub(crate) fn phases_mut(&mut self) -> [Vec<&mut Work>; 3] {
        [
            self.pre.iter_mut().map(|gate| &mut gate.work).collect(),
            self.jobs.iter_mut().map(|job| &mut job.work).collect(),
            self.post.iter_mut().map(|gate| &mut gate.work).collect(),
        ]
    }

    /// Gates and jobs, for whom the difference does not matter.
    pub(crate) fn parts_mut(&mut self) -> impl Iterator<Item = Part<'_>> {
        let jobs = self.jobs.iter_mut().map(|job| Part {
            id: &job.id,
            name: &job.name,
            kind: Kind::Job(job.steps.last().map(|step| step.id.as_str())),
            work: &mut job.work,
        });
        let gates = self.pre.iter_mut().chain(&mut self.post);
        let gates = gates.map(|gate| Part {
            id: &gate.id,
            name: &gate.name,
            kind: Kind::Gate,
            work: &mut gate.work,
        });
        gates.chain(jobs)
    }

    /// The ids of the gates and jobs in such a state.
    pub(crate) fn ids_of(&self, wanted: impl Fn(&Work) -> bool) -> Vec<String> {
        let gates = self.pre.iter().chain(&self.post);
        let gates = gates.map(|gate| (&gate.id, &gate.work));
        let jobs = self.jobs.iter().map(|job| (&job.id, &job.work));
        gates
            .chain(jobs)
            .filter(|(_, work)| wanted(work))
            .map(|(id, _)| id.clone())
            .collect()
    }

    pub(crate) fn start(&mut self, at_ms: u64) {
        self.status = Status::Running;
        self.start_time = Some(at_ms);
        self.end_time = None;
    }

    /// Brings the stage to its state at `now_ms`; gives the moment of its end if it has ended.
    pub(crate) fn advance(&mut self, now_ms: u64, round: u32, speed: f64) -> Option<u64> {
        let mut at_ms = self.start_time.unwrap_or(now_ms);
        let mut status = Status::Completed;
        for mut phase in self.phases_mut() {
            for work in &mut phase {
                if work.status == Status::Init {
                    work.start(at_ms, round, speed);
                }
                work.advance(now_ms, speed);
            }
            let bad = worst(phase.iter().map(|work| work.status));
            if let Some(reached) = standing(phase.iter().map(|work| &**work)).or(bad) {
                status = reached;
            }
            let ends = phase.iter().filter_map(|work| work.end_time);
            at_ms = ends.fold(at_ms, u64::max);
            if status != Status::Completed {
                break;
            }
        }
        self.status = status;
        self.end_time = status.is_ended().then_some(at_ms);
        self.end_time
    }
}
