//! What a person decides about the parts of a run that are held.

use super::model::Run;
use super::stage::{Kind, Part, Stage};
use super::status::Status;

/// Which held parts are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held<'a> {
    /// A job in manual review, by the ids of job and step.
    Review(&'a str, &'a str),
    /// A suspended job, by the ids of job and step.
    Suspension(&'a str, &'a str),
    /// A gate, by its id.
    Gate(&'a str),
    /// Everything that is held.
    Any,
}

impl Held<'_> {
    fn means(self, part: &Part<'_>) -> bool {
        let is_step = |job: &str, step: &str| part.id == job && part.kind == Kind::Job(Some(step));
        match self {
            Self::Review(job, step) => is_step(job, step) && part.work.status != Status::Suspend,
            Self::Suspension(job, step) => {
                is_step(job, step) && part.work.status == Status::Suspend
            }
            Self::Gate(id) => part.id == id && part.kind == Kind::Gate,
            Self::Any => true,
        }
    }
}

impl Run {
    /// Lets the held parts go on, or fails them; false if there is none.
    pub(crate) fn decide(&mut self, held: Held<'_>, pass: bool, now_ms: u64, speed: f64) -> bool {
        let mut decided = false;
        let parts = self.stages.iter_mut().flat_map(Stage::parts_mut);
        for part in parts.filter(|part| part.work.is_held() && held.means(part)) {
            decided = true;
            if pass {
                part.work.go_on(now_ms, speed);
            } else {
                part.work.reject(now_ms);
            }
        }
        if decided {
            self.advance(now_ms, speed);
        }
        decided
    }
}
