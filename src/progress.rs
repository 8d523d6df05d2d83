//! What is known so far: shared between the thread that works and the one that may have to end the step early.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::outcome::{FailedJob, Failure, Outcome, OutcomeKind, PipelineRun, Retried, RunFacts};
use crate::pipeline::Remote;

/// The facts of the step so far.
#[derive(Debug, Default)]
pub struct Progress(Mutex<Facts>);

/// The facts themselves.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The run.
    pub run: RunFacts,
    /// Whether the last retry was accepted.
    pub retried: Retried,
    /// How many were accepted.
    pub retries: u32,
    /// HTTP attempts used by the retry call.
    pub attempts: u32,
    /// The place in the queue.
    pub queue_id: Option<String>,
    /// Things the reader should know.
    pub notices: Vec<String>,
    /// The jobs that failed.
    pub failed_jobs: Vec<FailedJob>,
    /// The run as it was seen last while it was waited for.
    pub last_seen: Option<PipelineRun>,
    /// What a cancelled step would leave behind.
    pub remote: Remote,
    /// Whether the step has ended: no further attempt may start.
    is_closed: bool,
}

impl Progress {
    /// Changes the facts.
    pub fn update(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Ends the step: an attempt that has not begun by now never will, so that the outcome can be told.
    pub fn close(&self) {
        self.update(|facts| facts.is_closed = true);
    }

    /// Counts an attempt of the retry call, which may be accepted from here on. Does not return once the step has
    /// ended: the process is about to exit, and the thread that works must not send anything more.
    pub fn begin_attempt(&self) {
        let mut is_closed = false;
        self.update(|facts| {
            is_closed = facts.is_closed;
            if !is_closed {
                facts.attempts += 1;
                facts.retried = Retried::Unknown;
                facts.remote = Remote::Run;
            }
        });
        if is_closed {
            loop {
                std::thread::park();
            }
        }
    }

    /// What became of a retry.
    pub fn settle(&self, retried: Retried) {
        self.update(|facts| {
            facts.retried = retried;
            match retried {
                Retried::Yes => facts.retries += 1,
                Retried::No => facts.remote = Remote::Nothing,
                Retried::Unknown => {}
            }
        });
    }

    /// Whether the step has ended.
    pub fn is_closed(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_closed
    }

    /// The facts as they are.
    pub fn facts(&self) -> Facts {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The outcome that the facts and an ending make.
    pub fn outcome(
        &self,
        kind: OutcomeKind,
        failure: Option<Failure>,
        duration: Duration,
    ) -> Outcome {
        let facts = self.facts();
        let retried = facts.retried_at_all();
        Outcome {
            kind,
            run: facts.run,
            retried,
            retries: facts.retries,
            attempts: facts.attempts,
            queue_id: facts.queue_id,
            failure,
            notices: facts.notices,
            failed_jobs: facts.failed_jobs,
            last_seen: facts.last_seen,
            duration,
        }
    }
}

impl Facts {
    /// Whether any retry of the step was accepted.
    pub fn retried_at_all(&self) -> Retried {
        if self.retries > 0 {
            Retried::Yes
        } else {
            self.retried
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn an_attempt_may_be_accepted_from_its_start() {
        let progress = Progress::default();
        progress.begin_attempt();
        assert_eq!(
            (progress.facts().attempts, progress.facts().retried),
            (1, Retried::Unknown)
        );
    }

    #[test]
    fn no_attempt_starts_once_the_step_has_ended() {
        let progress = Arc::new(Progress::default());
        progress.close();
        let worker = Arc::clone(&progress);
        let started = std::thread::spawn(move || worker.begin_attempt());
        for _ in 0..100 {
            std::thread::yield_now();
        }
        assert!(!started.is_finished());
        assert_eq!(
            (progress.facts().attempts, progress.facts().retried),
            (0, Retried::No)
        );
    }
}
