//! The service as a pure state machine: requests and the time go in, answers come out.
//!
//! ```text
//!  request ─► admit ──► Plan ──► answer ─► Reply ─► (server) delivery
//!             record    faults   credentials
//!             count              call on the world
//!                                what the faults make of it
//! ```

mod config;
mod control;
mod envelope;
mod hand;
mod list;
mod logs;
mod outputs;
mod plan;
mod pointer;
mod queue;
mod retry;
mod review;
mod show;
mod stop;
mod world;

use std::collections::VecDeque;

pub use config::{Concurrency, Config, LogQuirk, OnOtherState};
pub use control::RunUpdate;
pub(crate) use envelope::error;
pub use plan::Plan;

use crate::auth::{Identities, Membership, Refusal};
use crate::counters::Counters;
use crate::endpoint::{Call, Endpoint, Route, route};
use crate::fault::{Fault, Moment};
use crate::ids::id_for;
use crate::reply::Reply;
use crate::request::Request;
use crate::run::Run;
use crate::script::Script;
use crate::tokens::{self, TokenCall};
use world::World;

/// The stand-in for the service, without network and without a clock of its own.
#[derive(Debug)]
pub struct Service {
    config: Config,
    initial_runs: Vec<Run>,
    initial_identities: Identities,
    identities: Identities,
    world: World,
    script: Script,
    counters: Counters,
    requests: VecDeque<Request>,
    answered: u64,
}

impl Service {
    /// A service that holds these runs, placed at `now_ms`, and knows these credentials.
    pub fn new(config: Config, runs: Vec<Run>, identities: Identities, now_ms: u64) -> Self {
        let mut service = Self {
            config,
            initial_runs: runs,
            initial_identities: identities,
            identities: Identities::none(),
            world: World::default(),
            script: Script::default(),
            counters: Counters::default(),
            requests: VecDeque::new(),
            answered: 0,
        };
        service.reset(now_ms);
        service
    }

    /// Back to the start: runs and credentials as configured, no faults, no counts, no records.
    pub fn reset(&mut self, now_ms: u64) {
        self.identities = self.initial_identities.clone();
        self.world = World::new(&self.initial_runs, now_ms, self.config.speed);
        self.script.clear();
        self.counters = Counters::default();
        self.requests.clear();
    }

    /// Takes a request in and answers it; the delays of a fault are left to the caller of
    /// [`admit`](Self::admit) and [`answer`](Self::answer).
    pub fn handle(&mut self, request: &Request, now_ms: u64) -> Reply {
        let plan = self.admit(request);
        self.answer(request, &plan, now_ms)
    }

    /// Records and counts a request, and decides which faults happen to it.
    pub fn admit(&mut self, request: &Request) -> Plan {
        if control::is_control(request) {
            return Plan::control();
        }
        let endpoint = route(request)
            .map(|route| route.call.endpoint())
            .or_else(|| tokens::route(request))
            .unwrap_or(Endpoint::Other);
        *self.counters.requests.entry(endpoint).or_default() += 1;
        if endpoint == Endpoint::Retry {
            self.counters.retries_received += 1;
        }
        self.requests.push_back(request.clone());
        while self.requests.len() > self.config.kept_requests {
            self.requests.pop_front();
        }
        let faults = self.script.on_request(endpoint);
        self.counters.faults += faults.len() as u64;
        Plan::of(faults)
    }

    /// Answers an admitted request at `now_ms`.
    pub fn answer(&mut self, request: &Request, plan: &Plan, now_ms: u64) -> Reply {
        self.world.advance(now_ms, self.config.speed);
        if plan.is_control() {
            return self.control(request, now_ms);
        }
        self.answered += 1;
        let request_id = id_for(&format!("{}/{}", self.config.seed, self.answered));
        let mut reply = if plan.has_effect() {
            let mut world = std::mem::take(&mut self.world);
            let reply = self.process(&mut world, request, plan, &request_id, now_ms);
            self.world = world;
            reply
        } else {
            let mut copy = self.world.clone();
            self.process(&mut copy, request, plan, &request_id, now_ms)
        };
        plan.apply(&mut reply, &request_id);
        reply.add_header("X-Request-Id", request_id);
        reply
    }

    /// The real answer, given in a world that it may change.
    fn process(
        &mut self,
        world: &mut World,
        request: &Request,
        plan: &Plan,
        request_id: &str,
        now_ms: u64,
    ) -> Reply {
        if let Some(endpoint) = tokens::route(request) {
            // What is issued without effect is good nowhere.
            let mut copy = Identities::none();
            return TokenCall {
                config: &self.config.tokens,
                identities: if plan.has_effect() {
                    &mut self.identities
                } else {
                    &mut copy
                },
                request,
                request_id,
                now_ms,
            }
            .answer(endpoint);
        }
        let Some(route) = route(request) else {
            return envelope::no_such_api(request_id);
        };
        let checked = self.identities.check(request, now_ms, self.config.dates);
        let membership = match checked {
            Ok(membership) => membership,
            Err(refusal) => {
                self.counters.refused_credentials += 1;
                if matches!(refusal, Refusal::WrongSignature(_)) {
                    self.counters.wrong_signatures += 1;
                }
                return envelope::refusal(&refusal, request_id);
            }
        };
        if let Some(reply) = self.wrong_place(world, &route, membership) {
            return reply;
        }
        let config = &self.config;
        match route.call {
            Call::Retry(run) => retry::retry(world, config, run, &request.body, plan.lag(), now_ms),
            Call::Detail => show::detail(world, config, route.pipeline_id, request, now_ms),
            Call::List => list::list(world, config, route.pipeline_id, &request.body, now_ms),
            Call::Queue if !config.has_queue => envelope::no_such_api(request_id),
            Call::Queue => queue::show(world, request),
            Call::CancelQueuing { run, queue_id } => queue::cancel(world, run, queue_id),
            Call::Stop(run) => stop::stop(world, run, now_ms),
            Call::Logs { run, job, step } => {
                logs::logs(world, config, (run, job, step), &request.body, now_ms)
            }
            Call::Outputs(run) => outputs::outputs(world, run, request, now_ms),
            Call::Review { run, held, pass } => {
                review::review(world, config, run, held, pass, now_ms)
            }
            Call::Definition => show::definition(world, config, route.pipeline_id),
        }
    }

    /// The answer to a call outside the one project there is and the pipelines in it, or by somebody outside of it.
    fn wrong_place(
        &self,
        world: &World,
        route: &Route<'_>,
        membership: Membership,
    ) -> Option<Reply> {
        if membership == Membership::NotAMember {
            return Some(match route.call {
                Call::List => list::empty(),
                _ => envelope::project_not_found(),
            });
        }
        if route.project_id != self.config.project_id {
            return Some(envelope::project_not_found());
        }
        let configured = &self.config.pipeline_id;
        let is_here = |run: &Run| run.is_of(route.pipeline_id, configured);
        if route.pipeline_id != configured && !world.runs.iter().any(is_here) {
            return Some(envelope::pipeline_not_found());
        }
        let named = route.call.run().and_then(|id| world.find(id));
        named
            .is_some_and(|run| !is_here(run))
            .then(envelope::run_not_found)
    }

    /// Counts a connection and says whether it ends before its request is known: when, and by RST or not.
    pub(crate) fn connected(&mut self) -> Option<(Moment, bool)> {
        self.counters.connections += 1;
        let ended = self.script.on_connection();
        self.counters.faults += u64::from(ended.is_some());
        ended
    }

    /// Adds a fault to the end of the script.
    pub fn fault(&mut self, fault: Fault) {
        self.script.push(fault);
    }

    /// Empties the script.
    pub fn clear_faults(&mut self) {
        self.script.clear();
    }

    /// The counts so far, effects up to `now_ms` included.
    pub fn counters(&mut self, now_ms: u64) -> Counters {
        self.world.advance(now_ms, self.config.speed);
        let effects = self.world.effects;
        Counters {
            retry_effects: effects.retries,
            retries_queued: effects.queued,
            stops: effects.stops,
            cancel_queuings: effects.cancel_queuings,
            reviews: effects.reviews,
            ..self.counters.clone()
        }
    }

    /// The requests so far, oldest first; at most the last [`Config::kept_requests`].
    pub fn requests(&self) -> Vec<Request> {
        self.requests.iter().cloned().collect()
    }

    /// The credentials, to add to or take from.
    pub fn identities(&mut self) -> &mut Identities {
        &mut self.identities
    }

    /// How it behaves, to change on the way.
    pub fn config(&mut self) -> &mut Config {
        &mut self.config
    }
}
