//! The retry call: sent again only where that cannot start the run twice.

use std::time::Duration;

use super::api::{PipelineApi, acceptance};
use super::event::{Observer, Retried, RunEvent};
use super::judge::Snapshot;
use super::run::Ending;
use super::verify::{Finding, Verifier};
use crate::client::{
    ApiRequest, AttemptRecord, CallFailure, Cause, Exhausted, FinalKind, JsonReply, Renewal, Reply,
    Schedule, Verdict,
};

/// One retry of one run.
pub(super) struct RetryCall<'a> {
    pub(super) api: PipelineApi<'a>,
    pub(super) pipeline_run_id: &'a str,
    pub(super) job_run_ids: &'a [String],
    /// The run before the retry, where it was read.
    pub(super) snapshot: Option<Snapshot>,
    pub(super) observer: Observer<'a>,
}

/// The service's yes.
struct Acceptance {
    ending: Ending,
    http_status: u16,
    request_id: Option<String>,
}

/// What earlier attempts of the call may have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Earlier {
    /// None was unclear.
    Nothing,
    /// One was unclear, and the run shows no effect of it.
    VerifiedUnchanged,
    /// One was unclear, and the run cannot be read here.
    Unverified,
}

const MAY_HAVE_BEEN_ACCEPTED: &str = "the retry may have been accepted";
const NOT_ACCEPTED: &str = "the retry was not accepted, as far as the run shows";
const LOOK_FIRST: &str = "Look at the run before it is retried again: it may be in progress.";
const RUN_AGAIN: &str = "Run the step again later.";

impl RetryCall<'_> {
    /// Sends the retry until its fate is known or the attempts are used up.
    pub(super) fn carry_out(&self) -> Ending {
        let client = self.api.client;
        let request = self
            .api
            .retry_request(self.pipeline_run_id, self.job_run_ids);
        let mut schedule = Schedule::new(client.policy);
        let mut verifier = Verifier {
            api: self.api,
            pipeline_run_id: self.pipeline_run_id,
            snapshot: self.snapshot.as_ref(),
            observer: self.observer,
            detail_was_read: self.snapshot.is_some(),
        };
        let mut renewal = Renewal::default();
        let mut earlier = Earlier::Nothing;
        let first_attempt = client.clock.monotonic();
        loop {
            let record_number = schedule.attempt();
            (self.observer)(RunEvent::AttemptStarted);
            let (answer, took) = self.attempt(&request, &mut renewal);
            let attempt_ended = client.clock.monotonic();
            let record = AttemptRecord {
                request: &request,
                number: record_number,
                took,
            };
            let failure = match answer {
                Ok(accepted) => {
                    record.log_success(accepted.http_status, accepted.request_id.as_deref());
                    self.settle(Retried::Yes);
                    return accepted.ending;
                }
                Err(failure) => failure,
            };
            let next = match failure.verdict {
                Verdict::Final(_) => Err(Exhausted::Attempts),
                _ => schedule.next(&failure, client.clock.monotonic(), client.random),
            };
            record.log_failure(&failure, next.ok());
            match failure.verdict {
                Verdict::NotSent | Verdict::Unprocessed => {
                    self.settle(earlier.retried());
                    match next {
                        Ok(delay) => self.announce_and_sleep(&failure, delay),
                        Err(why) => {
                            return Ending::Failed(exhausted(
                                failure,
                                why,
                                client.policy.max_attempts,
                                earlier,
                            ));
                        }
                    }
                }
                Verdict::MaybeProcessed => {
                    if let Ok(delay) = next {
                        self.announce_and_sleep(&failure, delay);
                    }
                    match verifier.verify(first_attempt, attempt_ended) {
                        Finding::Unchanged => {
                            earlier = earlier.max_with(Earlier::VerifiedUnchanged);
                            self.settle(earlier.retried());
                        }
                        Finding::NoSuchCall => {
                            earlier = Earlier::Unverified;
                            let warning = "The run cannot be read here, so an unclear answer cannot be verified: the retry is sent again without it.";
                            (self.observer)(RunEvent::Warning(warning.to_owned()));
                        }
                        found => return self.found(found, failure),
                    }
                    if let Err(why) = next {
                        return Ending::Failed(exhausted(
                            failure,
                            why,
                            client.policy.max_attempts,
                            earlier,
                        ));
                    }
                }
                Verdict::Final(kind) => {
                    return self.final_answer(
                        failure,
                        kind,
                        earlier,
                        &mut verifier,
                        first_attempt,
                        attempt_ended,
                    );
                }
            }
        }
    }

    fn attempt(
        &self,
        request: &ApiRequest,
        renewal: &mut Renewal,
    ) -> (Result<Acceptance, CallFailure>, Duration) {
        let (answer, took) = self.api.client.attempt_with(request, renewal);
        let accepted = answer.and_then(|reply| match reply {
            Reply::Queued {
                queue_id,
                http_status,
                request_id,
            } => Ok(Acceptance {
                ending: Ending::Queued { queue_id },
                http_status,
                request_id,
            }),
            Reply::Json(reply) if acceptance(&reply)? => Ok(Acceptance {
                ending: Ending::Accepted,
                http_status: reply.http_status,
                request_id: reply.request_id,
            }),
            Reply::Json(reply) => Err(denied(&reply)),
        });
        (accepted, took)
    }

    fn settle(&self, retried: Retried) {
        (self.observer)(RunEvent::Settled(retried));
    }

    fn announce_and_sleep(&self, failure: &CallFailure, delay: Duration) {
        let next = if failure.verdict == Verdict::MaybeProcessed {
            "reading the run"
        } else {
            "sending again"
        };
        let status = failure
            .http_status
            .map(|status| format!(" (HTTP {status})"))
            .unwrap_or_default();
        (self.observer)(RunEvent::Progress(format!(
            "{}{status}; {next} in {delay:.1?}",
            failure.reason
        )));
        self.api.client.clock.sleep(delay);
    }

    /// The ending that a finding settles; an unchanged run and an endpoint without the call settle nothing.
    fn found(&self, finding: Finding, failure: CallFailure) -> Ending {
        match finding {
            Finding::InProgress => {
                self.settle(Retried::Yes);
                let doubt = if self.snapshot.is_none() {
                    " It may have been in progress before."
                } else {
                    ""
                };
                (self.observer)(RunEvent::Notice(format!(
                    "The answer to the retry was lost, but the run is in progress: accepted.{doubt}"
                )));
                Ending::Accepted
            }
            Finding::Newer => {
                self.settle(Retried::Yes);
                (self.observer)(RunEvent::Notice(
                    "The answer to the retry was lost, but the run was started again, and is already over.".to_owned(),
                ));
                Ending::Accepted
            }
            Finding::Queued { queue_id } => {
                self.settle(Retried::Yes);
                Ending::Queued { queue_id }
            }
            Finding::AlreadyCompleted => {
                self.settle(Retried::No);
                Ending::AlreadyCompleted
            }
            Finding::CannotRead(why) => {
                let reason = format!(
                    "{}; {why}; {MAY_HAVE_BEEN_ACCEPTED} and was not sent again",
                    failure.reason
                );
                Ending::Failed(CallFailure {
                    verdict: Verdict::Final(FinalKind::Unavailable),
                    reason,
                    advice: Some(LOOK_FIRST),
                    ..failure
                })
            }
            Finding::Unchanged | Finding::NoSuchCall => Ending::Failed(failure),
        }
    }

    fn final_answer(
        &self,
        failure: CallFailure,
        kind: FinalKind,
        earlier: Earlier,
        verifier: &mut Verifier<'_>,
        first_attempt: Duration,
        attempt_ended: Duration,
    ) -> Ending {
        let mut retried = if failure.may_have_had_effect() {
            Retried::Unknown
        } else {
            earlier.retried()
        };
        let stands = matches!(kind, FinalKind::Unauthorized | FinalKind::Forbidden);
        let mut reason = failure.reason.clone();
        if stands && earlier != Earlier::Nothing {
            retried = Retried::Unknown;
            reason.push_str("; an earlier attempt may have been accepted");
        } else if earlier != Earlier::Nothing
            && matches!(kind, FinalKind::Refused | FinalKind::NotFound)
        {
            // A refusal may only say that the earlier attempt started the run.
            match verifier.verify(first_attempt, attempt_ended) {
                Finding::Unchanged => {}
                Finding::NoSuchCall => {
                    retried = Retried::Unknown;
                    reason.push_str("; an earlier attempt may have been accepted");
                }
                found => return self.found(found, failure),
            }
        }
        if kind == FinalKind::Unavailable {
            let effect = match earlier {
                Earlier::Nothing => "nothing was sent",
                Earlier::VerifiedUnchanged => NOT_ACCEPTED,
                Earlier::Unverified => MAY_HAVE_BEEN_ACCEPTED,
            };
            reason = format!("{reason}; {effect}");
        }
        if failure.may_have_had_effect() && retried == Retried::Unknown {
            reason = format!("{reason}; {MAY_HAVE_BEEN_ACCEPTED}");
        }
        self.settle(retried);
        if kind == FinalKind::Refused
            && let Some(run) = self.api.glance_at_run(self.pipeline_run_id)
        {
            (self.observer)(RunEvent::Seen(&run));
            reason = format!("{reason}; the run is {}", run.status);
        }
        Ending::Failed(CallFailure { reason, ..failure })
    }
}

impl Earlier {
    fn retried(self) -> Retried {
        match self {
            Self::Nothing | Self::VerifiedUnchanged => Retried::No,
            Self::Unverified => Retried::Unknown,
        }
    }

    fn max_with(self, other: Self) -> Self {
        if self == Self::Unverified {
            self
        } else {
            other
        }
    }
}

/// The failure behind `success: false`.
fn denied(reply: &JsonReply) -> CallFailure {
    CallFailure {
        verdict: Verdict::Final(FinalKind::Refused),
        cause: Cause::Status,
        reason: "the service answered success: false".to_owned(),
        advice: Some("Look at the run: only one that has ended FAILED or CANCELED can be retried."),
        service_code: None,
        service_message: None,
        http_status: Some(reply.http_status),
        request_id: reply.request_id.clone(),
        retry_after: None,
    }
}

/// The failure of a call whose attempts or budget are used up.
fn exhausted(
    failure: CallFailure,
    why: Exhausted,
    max_attempts: u32,
    earlier: Earlier,
) -> CallFailure {
    let limit = match why {
        Exhausted::Attempts if max_attempts == 1 => "max_attempts (1) is used up".to_owned(),
        Exhausted::Attempts => format!("all {max_attempts} attempts of max_attempts are used up"),
        Exhausted::Budget {
            wait,
            asked_by_service: true,
        } => {
            format!("the service asks to wait {wait:.0?}, which does not fit the time budget")
        }
        Exhausted::Budget { .. } => "the time budget is used up".to_owned(),
    };
    let (effect, advice) = match earlier {
        Earlier::Nothing => ("nothing was accepted", failure.advice.unwrap_or(RUN_AGAIN)),
        Earlier::VerifiedUnchanged => (NOT_ACCEPTED, RUN_AGAIN),
        Earlier::Unverified => (MAY_HAVE_BEEN_ACCEPTED, LOOK_FIRST),
    };
    CallFailure {
        verdict: Verdict::Final(FinalKind::Unavailable),
        reason: format!("{}; {limit}; {effect}", failure.reason),
        advice: Some(advice),
        ..failure
    }
}
