//! What a test asks about afterwards.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::endpoint::Endpoint;

/// How often what happened since the start or the last reset. Requests under `/_sandbox/` do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Connections accepted (of the control requests too).
    pub connections: u64,
    /// Requests read to their end, by call.
    pub requests: BTreeMap<Endpoint, u64>,
    /// Retry requests read to their end, whatever became of them.
    pub retries_received: u64,
    /// How often a retry set the run to work; a queued one counts when it leaves the queue for work.
    pub retry_effects: u64,
    /// How often a retry was put into the queue.
    pub retries_queued: u64,
    /// How often a stop ended the run.
    pub stops: u64,
    /// How often a retry was taken off the queue by a cancel.
    pub cancel_queuings: u64,
    /// How often a review, a check point or a resume let something go on or failed it; the controls do not count.
    pub reviews: u64,
    /// Requests refused for their credentials (401 and 403).
    pub refused_credentials: u64,
    /// Signatures that did not verify.
    pub wrong_signatures: u64,
    /// How often a fault of the script happened, connections ended early included.
    pub faults: u64,
}

impl Counters {
    /// Requests to one call, or all of them for [`Endpoint::Any`].
    pub fn of(&self, endpoint: Endpoint) -> u64 {
        self.requests
            .iter()
            .filter(|(own, _)| endpoint.matches(**own))
            .map(|(_, count)| count)
            .sum()
    }
}
