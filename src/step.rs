//! What the parts of a step share.

use std::sync::Arc;

use crate::client::Network;
use crate::clock::SystemClock;
use crate::console::Console;
use crate::endpoint::Endpoint;
use crate::env::Env;
use crate::inputs::Inputs;
use crate::progress::Progress;

/// The step as its parts see it.
pub struct Step<'a> {
    /// The environment.
    pub env: &'a Env,
    /// Where the metadata service of the host is.
    pub metadata: &'a Endpoint,
    /// Its monotonic time starts with the step.
    pub clock: SystemClock,
    /// The log.
    pub console: &'a Arc<Console>,
    /// What is known so far.
    pub progress: &'a Arc<Progress>,
}

impl Step<'_> {
    /// Opens connections with the proxies and certificates of the environment and the time-outs of the inputs.
    pub fn network(&self, inputs: &Inputs) -> Network {
        Network::new(self.env, inputs.connect_timeout, inputs.request_timeout)
    }
}
