//! What a job and a gate have in common: it works for its time, may be held, and ends.

use std::collections::VecDeque;
use std::sync::Arc;

use super::status::Status;

/// A time in which a part has done its work but does not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) status: Status,
    pub(crate) for_ms: Option<u64>,
}

/// The working side of a job or a gate.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) lasts_ms: u64,
    pub(crate) failure: Option<Arc<str>>,
    /// Holds it in every round.
    pub(crate) hold: Option<Hold>,
    /// What the outside sees in place of the state.
    pub(crate) shown_as: Option<Status>,
    pub(crate) status: Status,
    pub(crate) start_time: Option<u64>,
    pub(crate) end_time: Option<u64>,
    /// When its work is done; what comes after that are holds.
    pub(crate) busy_until: Option<u64>,
    pub(crate) round: u32,
    /// When the next thing happens to it.
    due: Option<u64>,
    held: bool,
    rejected: bool,
    /// The holds still to come in this round.
    holds: VecDeque<Hold>,
    /// How it ends after them.
    ends: Status,
}

impl Work {
    pub(crate) fn new(lasts_ms: u64) -> Self {
        Self {
            lasts_ms,
            failure: None,
            hold: None,
            shown_as: None,
            status: Status::Init,
            start_time: None,
            end_time: None,
            busy_until: None,
            round: 0,
            due: None,
            held: false,
            rejected: false,
            holds: VecDeque::new(),
            ends: Status::Completed,
        }
    }

    /// Decides how its next start goes.
    pub(crate) fn plan(&mut self, holds: Vec<Hold>, ends: Status) {
        self.holds = self.hold.into_iter().chain(holds).collect();
        self.ends = ends;
    }

    /// Back to before its start.
    pub(crate) fn reset(&mut self, round: u32) {
        self.put(Status::Init, None, None);
        self.round = round;
    }

    /// Finds it in a state; a held one has its own hold behind it when it is let go on.
    pub(crate) fn put(&mut self, status: Status, start: Option<u64>, end: Option<u64>) {
        self.status = status;
        self.start_time = start;
        self.end_time = end;
        self.busy_until = None;
        self.due = None;
        self.rejected = false;
        self.held = matches!(status, Status::Paused | Status::Suspend);
        if self.held && self.hold.is_some() {
            self.holds.pop_front();
        }
    }

    pub(crate) fn start(&mut self, at_ms: u64, round: u32, speed: f64) {
        let done = at_ms.saturating_add(scaled(self.lasts_ms, speed));
        self.status = Status::Running;
        self.start_time = Some(at_ms);
        self.busy_until = Some(done);
        self.due = Some(done);
        self.round = round;
    }

    /// Brings it to its state at `now_ms`.
    pub(crate) fn advance(&mut self, now_ms: u64, speed: f64) {
        while let Some(due) = self.due.filter(|due| *due <= now_ms) {
            self.go_on(due, speed);
        }
    }

    /// Ends its work or its hold: the next hold comes, or the end.
    pub(crate) fn go_on(&mut self, at_ms: u64, speed: f64) {
        if let Some(hold) = self.holds.pop_front() {
            self.held = true;
            self.status = hold.status;
            self.due = hold
                .for_ms
                .map(|ms| at_ms.saturating_add(scaled(ms, speed)));
        } else {
            self.end(self.ends, at_ms);
        }
    }

    /// Fails it, as a person may who was asked.
    pub(crate) fn reject(&mut self, at_ms: u64) {
        self.rejected = true;
        self.end(Status::Failed, at_ms);
    }

    /// Stops it if it goes on.
    pub(crate) fn cancel(&mut self, at_ms: u64) {
        if !self.status.is_ended() && self.status != Status::Init {
            self.end(Status::Canceled, at_ms);
        }
    }

    fn end(&mut self, status: Status, at_ms: u64) {
        self.status = status;
        self.end_time = Some(at_ms);
        self.due = None;
        self.held = false;
        self.holds.clear();
    }

    pub(crate) fn is_going_on(&self) -> bool {
        self.held || self.status == Status::Running
    }

    pub(crate) fn is_held(&self) -> bool {
        self.held
    }

    /// Whether it did not end well, or has not ended.
    pub(crate) fn is_broken(&self) -> bool {
        !matches!(self.status, Status::Completed | Status::Init)
    }

    /// What the service says of a failure; empty without one.
    pub(crate) fn message<'a>(&'a self, otherwise: &'a str) -> &'a str {
        match (self.status, &self.failure) {
            (Status::Failed, _) if self.rejected => "rejected in the manual review",
            (Status::Failed, Some(message)) => message,
            (Status::Failed, None) => otherwise,
            _ => "",
        }
    }

    /// State, start and end as the outside sees them.
    pub(crate) fn shown(&self) -> (Status, Option<u64>, Option<u64>) {
        match self.shown_as {
            Some(status) if status.is_not_run() => (status, None, None),
            Some(status) => (status, self.start_time, self.end_time),
            None => (self.status, self.start_time, self.end_time),
        }
    }
}

/// The state of parts that run side by side while one of them goes on, held ones included.
pub(crate) fn standing<'a>(works: impl Iterator<Item = &'a Work>) -> Option<Status> {
    let mut standing = None;
    for work in works.filter(|work| work.is_going_on()) {
        match (work.status, standing) {
            (Status::Paused, None | Some(Status::Suspend)) => standing = Some(Status::Paused),
            (Status::Suspend, None) => standing = Some(Status::Suspend),
            (Status::Paused | Status::Suspend, _) => {}
            _ => return Some(Status::Running),
        }
    }
    standing
}

/// The worse of the bad ends, if there is one.
pub(crate) fn worst(statuses: impl Iterator<Item = Status>) -> Option<Status> {
    let mut worst = None;
    for status in statuses {
        match status {
            Status::Failed => return Some(status),
            Status::Canceled => worst = Some(status),
            _ => {}
        }
    }
    worst
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a duration of a simulated job; a fraction of a millisecond does not matter"
)]
fn scaled(ms: u64, speed: f64) -> u64 {
    (ms as f64 / speed).round() as u64
}
