//! What the script of faults makes of one request.

use serde_json::{Value, json};

use super::pointer;
use super::world::Lag;
use crate::fault::{Content, Moment, What};
use crate::reply::{Delivery, Reply};

/// The faults that happen to one request.
#[derive(Debug, Clone)]
pub struct Plan {
    faults: Vec<What>,
    control: bool,
}

impl Plan {
    pub(crate) fn of(faults: Vec<What>) -> Self {
        Self {
            faults,
            control: false,
        }
    }

    pub(crate) fn control() -> Self {
        Self {
            faults: Vec::new(),
            control: true,
        }
    }

    pub(crate) fn is_control(&self) -> bool {
        self.control
    }

    /// How long to wait before the answer is worked out, in milliseconds.
    pub fn delay_before_ms(&self) -> u64 {
        self.delay_ms(false)
    }

    /// How long to wait before the answer is sent, in milliseconds.
    pub fn delay_after_ms(&self) -> u64 {
        self.delay_ms(true)
    }

    fn delay_ms(&self, after: bool) -> u64 {
        self.faults
            .iter()
            .map(|fault| match fault {
                What::Delay { ms, after_effect } if *after_effect == after => *ms,
                _ => 0,
            })
            .sum()
    }

    /// Whether the request changes anything.
    pub(crate) fn has_effect(&self) -> bool {
        self.faults.iter().all(|fault| match fault {
            What::Answer { effect, .. }
            | What::Error { effect, .. }
            | What::Hang { effect }
            | What::CutHead { effect, .. }
            | What::CutBody { effect, .. }
            | What::NoLength { effect, .. }
            | What::Chunked { effect, .. }
            | What::Drip { effect, .. } => *effect,
            What::Close { at, .. } => *at == Moment::AfterEffect,
            What::Delay { .. }
            | What::StaleDetail { .. }
            | What::StaleDetailOnly { .. }
            | What::NoSystemTime
            | What::RunStatus { .. }
            | What::Edit { .. }
            | What::Remove { .. } => true,
        })
    }

    /// How long an accepted retry stays invisible, and where.
    pub(crate) fn lag(&self) -> Option<Lag> {
        self.faults.iter().find_map(|fault| match fault {
            What::StaleDetail { ms } => Some(Lag {
                ms: *ms,
                in_list: true,
            }),
            What::StaleDetailOnly { ms } => Some(Lag {
                ms: *ms,
                in_list: false,
            }),
            _ => None,
        })
    }

    /// Turns the real answer into the one that is sent.
    pub(crate) fn apply(&self, reply: &mut Reply, request_id: &str) {
        for fault in &self.faults {
            apply(fault, reply, request_id);
        }
    }
}

fn apply(fault: &What, reply: &mut Reply, request_id: &str) {
    match fault {
        What::Answer {
            status,
            headers,
            body,
            ..
        } => {
            *reply = Reply {
                status: *status,
                headers: headers.clone(),
                body: body.clone(),
                delivery: Delivery::Whole,
            };
        }
        What::Error {
            status,
            code,
            message,
            ..
        } => {
            let body = json!({"error_code": code, "error_msg": message, "request_id": request_id});
            *reply = Reply::json(*status, &body);
        }
        What::Hang { .. } => reply.delivery = Delivery::Hang,
        What::Close { reset, .. } => reply.delivery = Delivery::Close { reset: *reset },
        What::CutHead { reset, .. } => reply.delivery = Delivery::HalfHead { reset: *reset },
        What::CutBody { reset, .. } => reply.delivery = Delivery::HalfBody { reset: *reset },
        What::NoLength { cut, .. } => reply.delivery = Delivery::UntilClose { cut: *cut },
        What::Chunked { cut, reset, .. } => {
            reply.delivery = Delivery::Chunked {
                cut: *cut,
                reset: *reset,
            };
        }
        What::Drip { every_ms, .. } => {
            reply.delivery = Delivery::Drip {
                every_ms: *every_ms,
            };
        }
        What::NoSystemTime => edit(reply, |body| {
            body.remove("current_system_time");
        }),
        What::RunStatus { status } => edit(reply, |body| {
            if let Some(own) = body.get_mut("status") {
                *own = json!(status);
            }
        }),
        What::Edit { pointer, value } => edit_value(reply, |body| {
            pointer::set(body, pointer, value.clone());
        }),
        What::Remove { pointer } => edit_value(reply, |body| pointer::remove(body, pointer)),
        What::Delay { .. } | What::StaleDetail { .. } | What::StaleDetailOnly { .. } => {}
    }
}

/// Changes the JSON object that the body is; leaves another body alone.
fn edit(reply: &mut Reply, change: impl FnOnce(&mut serde_json::Map<String, Value>)) {
    edit_value(reply, |body| {
        if let Value::Object(body) = body {
            change(body);
        }
    });
}

/// Changes the JSON that the body is; leaves another body alone.
fn edit_value(reply: &mut Reply, change: impl FnOnce(&mut Value)) {
    let mut body = reply.body_json();
    if !body.is_null() {
        change(&mut body);
        reply.body = Content::Text(body.to_string());
    }
}
