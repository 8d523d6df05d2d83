//! What became of a retry whose answer is unknown: read the run before anything is sent again.

use std::time::Duration;

use super::api::{DetailError, PipelineApi, QueuePlace};
use super::event::{Observer, RunEvent};
use super::judge::{Baseline, Judgement, Snapshot, judge};

/// The second reading of an unchanged run is at least this long after the attempt, and after the queue was first read:
/// a detail may lag behind.
const SETTLING_TIME: Duration = Duration::from_secs(5);

/// What the run shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// It goes on.
    InProgress,
    /// It was started again and is already over.
    Newer,
    /// It ended COMPLETED and was not started again; `may_be_ours`: unless that is what the retry did.
    AlreadyCompleted { may_be_ours: bool },
    /// It waits in the queue.
    Queued { queue_id: Option<String> },
    /// It is as it was, and not in the queue.
    Unchanged,
    /// It cannot be read for now; the reason, as a fragment.
    CannotRead(String),
    /// The endpoint offers no way to read it.
    NoSuchCall,
}

/// Reads the run after an attempt.
pub(super) struct Verifier<'a> {
    pub(super) api: PipelineApi<'a>,
    pub(super) pipeline_run_id: &'a str,
    pub(super) snapshot: Option<&'a Snapshot>,
    pub(super) observer: Observer<'a>,
    /// Whether the run was read in this step: then the endpoint has the call, whatever it answers now.
    pub(super) detail_was_read: bool,
}

/// Whether a single reading is not enough: a detail may lag behind.
fn shows_no_effect(finding: &Finding) -> bool {
    matches!(
        finding,
        Finding::Unchanged | Finding::AlreadyCompleted { .. }
    )
}

impl Verifier<'_> {
    /// Verifies an attempt that has ended; `first_attempt` is when the first one of the call started that may have had
    /// its effect.
    ///
    /// The queue is read before each reading of the run that could say that nothing happened: a retry that leaves the
    /// queue in between is seen in the run. What leaves it just before has the settling time too to show there.
    pub(super) fn verify(&mut self, first_attempt: Duration) -> Finding {
        let first = self.read_once(first_attempt);
        if !shows_no_effect(&first) {
            return first;
        }
        if let Some(found) = self.look_at_queue() {
            return found;
        }
        self.api.client.clock.sleep(SETTLING_TIME);
        if let Some(found) = self.look_at_queue() {
            return found;
        }
        match self.read_once(first_attempt) {
            Finding::Unchanged if first != Finding::Unchanged => {
                Finding::CannotRead("two readings of the run contradict each other".to_owned())
            }
            second => second,
        }
    }

    /// `None`: the retry does not wait there.
    fn look_at_queue(&self) -> Option<Finding> {
        match self.api.queue_place(self.pipeline_run_id, None) {
            Ok(QueuePlace::Absent | QueuePlace::NotOffered) => None,
            Ok(QueuePlace::Waiting { queue_id, .. }) => Some(Finding::Queued { queue_id }),
            Err(failure) => Some(Finding::CannotRead(format!(
                "the pipeline's queue cannot be read: {}",
                failure.reason
            ))),
        }
    }

    fn read_once(&mut self, first_attempt: Duration) -> Finding {
        let asked = self.api.client.clock.monotonic();
        let run = match self
            .api
            .show_pipeline_run_detail(Some(self.pipeline_run_id))
        {
            Ok(run) => run,
            Err(DetailError::NoSuchCall(_)) if !self.detail_was_read => return Finding::NoSuchCall,
            Err(error) => {
                return Finding::CannotRead(format!(
                    "the run cannot be read: {}",
                    error.into_failure().reason
                ));
            }
        };
        let read = self.api.client.clock.monotonic();
        self.detail_was_read = true;
        (self.observer)(RunEvent::Seen(&run));
        let baseline = match self.snapshot {
            Some(snapshot) => Baseline::Snapshot(snapshot),
            None => Baseline::FirstAttempt {
                asked_after: asked.saturating_sub(first_attempt),
                read_after: read.saturating_sub(first_attempt),
            },
        };
        match judge(&run, baseline) {
            Judgement::InProgress => Finding::InProgress,
            Judgement::Newer => Finding::Newer,
            Judgement::Completed => Finding::AlreadyCompleted { may_be_ours: false },
            Judgement::CompletedPerhapsSince => Finding::AlreadyCompleted { may_be_ours: true },
            Judgement::Unchanged => Finding::Unchanged,
            Judgement::Unclear(reason) => Finding::CannotRead(reason.to_owned()),
        }
    }
}
