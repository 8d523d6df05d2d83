//! Stands between the program and the service: lets the weather strike, and writes down what went over the wire and
//! what was true meanwhile.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codearts_retry::client::{Answer, Body, CallFailure, Transport, Verdict, WireRequest};
use codearts_retry::clock::Clock as _;
use codearts_sandbox::{Endpoint, RUN_ID, Status};
use serde_json::Value;

use crate::support::World;
use crate::weather::{Strike, Weather};

/// What an answer says, read by a reader that shares nothing with the program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// `success: true`, and no error beside it.
    Yes,
    /// A code of the queue.
    Queued,
    /// Not now: nothing was done.
    NotNow,
    /// No: nothing was done.
    No,
    /// No, because of who asks (401, 403).
    Denied,
    /// No, because there is no such thing (404).
    NotThere,
    /// The connection was refused.
    NotSent,
    /// Nobody knows.
    Unclear,
    /// A complete answer that is not understood.
    Unreadable,
    /// For everything but a retry: some object, or a code in it.
    Other,
}

/// One request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) endpoint: Endpoint,
    pub(crate) target: String,
    pub(crate) from: Duration,
    pub(crate) to: Duration,
    pub(crate) said: Said,
    /// The status and the head of the body, or why there is none.
    answer: String,
    strike: Strike,
    /// What the run really was before and after.
    pub(crate) truth: [Option<Status>; 2],
    /// How often the run was started, at the end of it.
    pub(crate) effects: u64,
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [before, after] = self.truth;
        write!(
            f,
            "{:>9.3} s {:?} → {:?} {} | in truth {} → {}, {} effects",
            self.from.as_secs_f64(),
            self.endpoint,
            self.said,
            self.answer,
            before.map_or("-", Status::as_str),
            after.map_or("-", Status::as_str),
            self.effects,
        )?;
        if self.strike.is_refused {
            write!(f, "\n            refused")?;
        }
        for fault in &self.strike.faults {
            write!(f, "\n            {:?}", fault.what)?;
        }
        Ok(())
    }
}

struct Notes {
    weather: Weather,
    exchanges: Vec<Exchange>,
}

pub(crate) struct Witness {
    world: World,
    notes: Mutex<Notes>,
}

impl Witness {
    pub(crate) fn new(world: World, weather: Weather) -> Self {
        Self {
            world,
            notes: Mutex::new(Notes {
                weather,
                exchanges: Vec::new(),
            }),
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.notes().exchanges.clone()
    }
}

impl Transport for Witness {
    fn send(&self, request: &WireRequest) -> Result<Answer, CallFailure> {
        let endpoint = endpoint_of(request);
        let names_a_run = request.target.contains("pipeline_run_id=");
        let strike = self.notes().weather.strike(endpoint, names_a_run);
        let from = self.world.monotonic();
        let before = truth(&self.world);
        let answer = if strike.is_refused {
            self.world.sleep(Duration::from_millis(5));
            Err(CallFailure::transport(
                Verdict::NotSent,
                "the connection was refused",
                None,
            ))
        } else {
            self.world.service(|service, _| {
                for fault in &strike.faults {
                    service.fault(fault.clone());
                }
            });
            let answer = self.world.send(request);
            self.world.service(|service, _| service.clear_faults());
            answer
        };
        let exchange = Exchange {
            endpoint,
            target: request.target.clone(),
            from,
            to: self.world.monotonic(),
            said: said(endpoint, &answer),
            answer: shown(&answer),
            strike,
            truth: [before, truth(&self.world)],
            effects: self.world.effects(),
        };
        self.notes().exchanges.push(exchange);
        answer
    }
}

fn truth(world: &World) -> Option<Status> {
    world.service(|service, now_ms| service.run_status(RUN_ID, now_ms))
}

fn endpoint_of(request: &WireRequest) -> Endpoint {
    let path = request.target.split('?').next().unwrap_or_default();
    let ends = [
        ("/retry", Endpoint::Retry),
        ("/detail", Endpoint::Detail),
        ("/list", Endpoint::List),
        ("/queued-pipeline", Endpoint::Queue),
        ("/stop", Endpoint::Stop),
        ("/logs", Endpoint::Logs),
        ("/outputs", Endpoint::Outputs),
    ];
    let known = ends.into_iter().find(|(end, _)| path.ends_with(end));
    match known {
        Some((_, endpoint)) => endpoint,
        None if path.contains("/cancel-queuing/") => Endpoint::CancelQueuing,
        None => Endpoint::Other,
    }
}

fn shown(answer: &Result<Answer, CallFailure>) -> String {
    match answer {
        Ok(answer) => {
            let bytes = answer.body.bytes();
            let text = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned();
            let asks = answer.retry_after.as_deref().unwrap_or_default();
            format!("{} {asks} {text}", answer.status)
        }
        Err(failure) => failure.reason.clone(),
    }
}

const BUSY: [&str; 3] = ["DEVCP.00020500", "DEVCP.00010000", "COCT.0070500"];
const QUEUED: [&str; 2] = ["DEVPIPE.00011169", "DEVPIPE.00011170"];
const NOT_NOW: [&str; 4] = [
    "COCT.0070003",
    "DEVPIPE.00011104",
    "DEVPIPE.00011105",
    "APIG.0308",
];
const DENIED: [&str; 3] = ["APIGW.0301", "APIGW.0302", "DEVCP.00021018"];
const NOT_THERE: [&str; 2] = ["DEVPIPE.30011001", "DEVPIPE.00011412"];

fn said(endpoint: Endpoint, answer: &Result<Answer, CallFailure>) -> Said {
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) if failure.verdict == Verdict::NotSent => return Said::NotSent,
        Err(_) => return Said::Unclear,
    };
    if matches!(answer.status, 401 | 403) {
        return Said::Denied;
    }
    let bytes = match &answer.body {
        Body::Unfinished(_) => return Said::Unclear,
        Body::TooLarge => return Said::Unreadable,
        Body::Complete(bytes) => bytes,
    };
    let object = match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    };
    let field = |name: &str| object.as_ref().and_then(|object| object.get(name));
    let code = field("error_code").and_then(Value::as_str).unwrap_or("");
    match answer.status {
        _ if BUSY.contains(&code) => Said::Unclear,
        _ if QUEUED.contains(&code) => Said::Queued,
        _ if NOT_NOW.contains(&code) || code == "APIGW.0308" => Said::NotNow,
        _ if DENIED.contains(&code) => Said::Denied,
        _ if NOT_THERE.contains(&code) => Said::NotThere,
        429 => Said::NotNow,
        404 => Said::NotThere,
        501 | 505 => Said::No,
        408 | 500.. => Said::Unclear,
        300..=499 => Said::No,
        _ if object.is_none() => Said::Unreadable,
        _ if !code.is_empty() => Said::No,
        _ if endpoint != Endpoint::Retry => Said::Other,
        _ => {
            let twice = String::from_utf8_lossy(bytes)
                .matches("\"success\"")
                .count()
                > 1;
            match field("success") {
                Some(Value::Bool(true)) if !twice => Said::Yes,
                Some(Value::Bool(false)) if !twice => Said::No,
                _ => Said::Unreadable,
            }
        }
    }
}
