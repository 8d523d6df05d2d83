//! What is known so far: shared between the thread that works and the one that may have to end the step early.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::outcome::{Failure, Outcome, OutcomeKind, Retried, RunFacts};

/// The facts of the step so far.
#[derive(Debug, Default)]
pub struct Progress(Mutex<Facts>);

/// The facts themselves.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The run.
    pub run: RunFacts,
    /// Whether a retry was accepted.
    pub retried: Retried,
    /// HTTP attempts used by the retry call.
    pub attempts: u32,
    /// The place in the queue.
    pub queue_id: Option<String>,
    /// Things the reader should know.
    pub notices: Vec<String>,
}

impl Progress {
    /// Changes the facts.
    pub fn update(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
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
        Outcome {
            kind,
            run: facts.run,
            retried: facts.retried,
            retries: u32::from(facts.retried == Retried::Yes),
            attempts: facts.attempts,
            queue_id: facts.queue_id,
            failure,
            notices: facts.notices,
            failed_jobs: Vec::new(),
            duration,
        }
    }
}
