//! How the service behaves where the real one's behaviour is a setting, or unknown.

use crate::auth::DateCheck;
use crate::ids;
use crate::tokens::TokenServices;

/// The behaviour of a [`Service`](super::Service).
#[derive(Debug, Clone)]
pub struct Config {
    /// The one project there is. Default [`PROJECT_ID`](crate::PROJECT_ID).
    pub project_id: String,
    /// The one pipeline there is. Default [`PIPELINE_ID`](crate::PIPELINE_ID).
    pub pipeline_id: String,
    /// What retry answers for a run that is neither FAILED nor CANCELED. Default [`OnOtherState::Refuse`].
    pub on_other_state: OnOtherState,
    /// The concurrency limit. Default none.
    pub concurrency: Option<Concurrency>,
    /// Whether the queue can be looked at; without it the call is an unknown API, 404. Default true.
    pub has_queue: bool,
    /// What is odd about the pages of logs. Default [`LogQuirk::None`].
    pub log_quirk: LogQuirk,
    /// Against which time signatures are held. Default [`DateCheck::Clock`].
    pub dates: DateCheck,
    /// What the token services know.
    pub tokens: TokenServices,
    /// Durations of jobs are divided by it. Default 1.
    pub speed: f64,
    /// What makes request ids differ from those of another service. Default `sandbox`.
    pub seed: String,
    /// How many requests are kept for [`Service::requests`](super::Service::requests); older ones are forgotten.
    /// Default 10 000.
    pub kept_requests: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            project_id: ids::PROJECT_ID.to_owned(),
            pipeline_id: ids::PIPELINE_ID.to_owned(),
            on_other_state: OnOtherState::Refuse,
            concurrency: None,
            has_queue: true,
            log_quirk: LogQuirk::None,
            dates: DateCheck::Clock,
            speed: 1.0,
            tokens: TokenServices::default(),
            seed: "sandbox".to_owned(),
            kept_requests: 10_000,
        }
    }
}

/// What retry answers for a run that is neither FAILED nor CANCELED; no source says what the real service does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnOtherState {
    /// 200 with `{"success": false}`.
    Refuse,
    /// An error body.
    Error {
        /// HTTP status.
        status: u16,
        /// `error_code`.
        code: String,
        /// `error_msg`.
        message: String,
    },
    /// 200 with `{"success": true}`, and the run starts over.
    Accept,
}

/// A concurrency limit that puts retries into the queue (error codes as the Terraform provider handles them).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concurrency {
    /// `error_code` of the 200 answer. Default `DEVPIPE.00011169`, the limit of a pipeline.
    pub code: String,
    /// How long a retry stays in the queue once it is the first, in milliseconds of service time. Default 1 000.
    pub holds_ms: u64,
    /// How many retries are queued before the limit no longer holds; `None` = no end. Default `None`.
    pub retries: Option<u32>,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self {
            code: "DEVPIPE.00011169".to_owned(),
            holds_ms: 1_000,
            retries: None,
        }
    }
}

/// What may be odd about the pages of logs; no source says how the real offsets go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogQuirk {
    /// Nothing: offsets count lines and are texts, `has_more` tells of a next page.
    #[default]
    None,
    /// There is no end: behind the last line come empty pages whose offsets stand still, with `has_more` true.
    Endless,
    /// Every page is the first one, offsets included, with `has_more` true.
    StandingStill,
    /// The pages have no `has_more`.
    NoHasMore,
    /// The offsets are numbers.
    NumericOffsets,
    /// The first page (of a log read forward) is empty, with `has_more` true and offsets that move on by one; then the
    /// lines come.
    EmptyFirstPage,
}
