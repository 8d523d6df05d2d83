//! The controls for other processes, under `/_sandbox/`. No credentials are asked for.
//!
//! | request | effect |
//! | --- | --- |
//! | `GET /_sandbox/counters` | [`Counters`](crate::Counters) as JSON |
//! | `GET /_sandbox/requests` | list of [`Request`] as JSON |
//! | `POST /_sandbox/faults` | adds one [`Fault`] or a list of them |
//! | `DELETE /_sandbox/faults` | empties the script |
//! | `POST /_sandbox/run` | a [`RunUpdate`] |
//! | `GET /_sandbox/run?pipeline_run_id=` | `{"status": …}` as it really is |
//! | `POST /_sandbox/approve`, `/refuse` | `{"pipeline_run_id": …}` (or nothing): decides about what is held in a run |
//! | `POST /_sandbox/queue` | `{"strangers": n, "each_ms": ms}`: other people's runs at the end of the queue |
//! | `POST /_sandbox/reset` | back to the start |

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Service;
use super::world::World;
use crate::fault::Fault;
use crate::ids::RUN_ID;
use crate::reply::Reply;
use crate::request::Request;
use crate::run::{Run, Status, Verdict};

const PREFIX: &str = "/_sandbox/";

/// A change to a run from outside; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunUpdate {
    /// The run. Default [`RUN_ID`]. One that there is not yet is added in the shape of [`Run::sample`], as the newest.
    pub pipeline_run_id: Option<String>,
    /// The new state, from now on.
    pub status: Option<Status>,
    /// How the next retries go.
    pub verdicts: Option<Vec<Verdict>>,
}

/// About which run somebody decided. Default [`RUN_ID`].
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Decided {
    pipeline_run_id: Option<String>,
}

/// Runs of other people.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strangers {
    strangers: u32,
    each_ms: u64,
}

pub(crate) fn is_control(request: &Request) -> bool {
    request.path().starts_with(PREFIX)
}

pub(crate) fn update_run(world: &mut World, update: RunUpdate, now_ms: u64, speed: f64) {
    let id = update.pipeline_run_id.unwrap_or_else(|| RUN_ID.to_owned());
    if world.find(&id).is_none() {
        let number = world.latest().map_or(1, |run| run.number + 1);
        world.add_run(Run::sample(id.clone(), number), now_ms, speed);
    }
    if let Some(status) = update.status {
        world.force_status(&id, status, now_ms, speed);
    }
    if let (Some(verdicts), Some(run)) = (update.verdicts, world.find_mut(&id)) {
        run.verdicts = verdicts.into();
    }
}

impl Service {
    pub(crate) fn control(&mut self, request: &Request, now_ms: u64) -> Reply {
        let control = request.path().strip_prefix(PREFIX).unwrap_or_default();
        match (request.method.as_str(), control) {
            ("GET", "counters") => json_of(&self.counters(now_ms)),
            ("GET", "requests") => json_of(&self.requests()),
            ("POST", "faults") => match read_faults(&request.body) {
                Ok(faults) => {
                    for fault in faults {
                        self.fault(fault);
                    }
                    done()
                }
                Err(error) => bad_request(&error),
            },
            ("DELETE", "faults") => {
                self.clear_faults();
                done()
            }
            ("POST", "run") => match serde_json::from_slice::<RunUpdate>(&request.body) {
                Ok(update) => {
                    self.update_run(update, now_ms);
                    done()
                }
                Err(error) => bad_request(&error),
            },
            ("GET", "run") => {
                let id = request.query_value("pipeline_run_id");
                let status = self.run_status(id.as_deref().unwrap_or(RUN_ID), now_ms);
                Reply::json(200, &json!({"status": status}))
            }
            ("POST", "approve" | "refuse") => match read_or_default::<Decided>(&request.body) {
                Ok(decided) => {
                    let id = decided.pipeline_run_id.as_deref().unwrap_or(RUN_ID);
                    let done = self.decide(id, control == "approve", now_ms);
                    Reply::json(200, &json!({"done": done}))
                }
                Err(error) => bad_request(&error),
            },
            ("POST", "queue") => match serde_json::from_slice::<Strangers>(&request.body) {
                Ok(queue) => {
                    self.queue_strangers(queue.strangers, queue.each_ms, now_ms);
                    done()
                }
                Err(error) => bad_request(&error),
            },
            ("POST", "reset") => {
                self.reset(now_ms);
                done()
            }
            _ => Reply::json(404, &json!({"error": "no such control"})),
        }
    }
}

/// One fault or a list of them.
fn read_faults(body: &[u8]) -> Result<Vec<Fault>, serde_json::Error> {
    let value: Value = serde_json::from_slice(body)?;
    match value {
        Value::Array(_) => serde_json::from_value(value),
        one => serde_json::from_value(one).map(|fault| vec![fault]),
    }
}

fn read_or_default<T: serde::de::DeserializeOwned + Default>(
    body: &[u8],
) -> Result<T, serde_json::Error> {
    if body.is_empty() {
        Ok(T::default())
    } else {
        serde_json::from_slice(body)
    }
}

fn json_of(value: &impl Serialize) -> Reply {
    let value = serde_json::to_value(value).expect("keys are text and numbers are finite");
    Reply::json(200, &value)
}

fn done() -> Reply {
    Reply::json(200, &json!({"done": true}))
}

fn bad_request(error: &serde_json::Error) -> Reply {
    Reply::json(400, &json!({"error": error.to_string()}))
}
