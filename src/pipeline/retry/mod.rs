//! The retry call: sent again only where that cannot start the run twice.

mod words;

use std::time::Duration;

use super::api::{PipelineApi, acceptance};
use super::event::{Observer, Retried, RunEvent};
use super::judge::Snapshot;
use super::model::PipelineRun;
use super::verify::{Finding, Verifier};
use crate::client::{
    ApiRequest, AttemptRecord, CallFailure, Exhausted, FinalKind, Renewal, Reply, Schedule, Verdict,
};

use words::{
    Earlier, LOOK_FIRST, MAY_HAVE_BEEN_ACCEPTED, NOT_ACCEPTED, denied, exhausted, too_late,
};

/// What a look at the run's state may take that only explains a refusal.
const GLANCE: Duration = Duration::from_secs(10);

/// One retry of one run.
pub(super) struct RetryCall<'a> {
    pub(super) api: PipelineApi<'a>,
    pub(super) pipeline_run_id: &'a str,
    pub(super) job_run_ids: &'a [String],
    /// The run before the retry, where it was read.
    pub(super) snapshot: Option<Snapshot>,
    pub(super) observer: Observer<'a>,
}

/// How the call ended.
#[derive(Debug)]
pub(super) enum RetryEnd {
    /// The service accepted it.
    Accepted,
    /// The service accepted and queued it.
    Queued,
    /// The run is COMPLETED, and not by this retry.
    AlreadyCompleted,
    /// The verdict is a final one.
    Failed {
        failure: CallFailure,
        /// Whether it was the time that ran out, not the attempts.
        out_of_time: bool,
        /// The run, where a refusal was explained by reading it.
        run: Option<Box<PipelineRun>>,
    },
}

impl RetryEnd {
    fn failed(failure: CallFailure) -> Self {
        Self::Failed {
            failure,
            out_of_time: false,
            run: None,
        }
    }

    fn exhausted(failure: CallFailure, why: Exhausted, most: u32, earlier: Earlier) -> Self {
        Self::Failed {
            failure: exhausted(failure, why, most, earlier),
            out_of_time: matches!(why, Exhausted::Budget { .. }),
            run: None,
        }
    }
}

/// The service's yes.
struct Acceptance {
    end: RetryEnd,
    queue_id: Option<String>,
    http_status: u16,
    request_id: Option<String>,
}

fn in_time(is_late: bool) -> Result<(), Exhausted> {
    let no_time = Exhausted::Budget {
        wait: Duration::ZERO,
        asked_by_service: false,
    };
    if is_late { Err(no_time) } else { Ok(()) }
}

impl RetryCall<'_> {
    /// Sends the retry until its fate is known or the attempts are used up.
    pub(super) fn carry_out(&self) -> RetryEnd {
        let client = self.api.client;
        if client.clock.monotonic() >= client.policy.deadline {
            return RetryEnd::Failed {
                failure: too_late(),
                out_of_time: true,
                run: None,
            };
        }
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
        // When the first attempt started that may have had its effect: what the run did before that is not ours.
        let mut first_unclear = None;
        loop {
            let record_number = schedule.attempt();
            let started = client.clock.monotonic();
            (self.observer)(RunEvent::AttemptStarted);
            let (answer, took) = self.attempt(&request, &mut renewal);
            let record = AttemptRecord {
                request: &request,
                number: record_number,
                took,
            };
            let failure = match answer {
                Ok(accepted) => {
                    record.log_success(accepted.http_status, accepted.request_id.as_deref());
                    // The queue first: a step that is cancelled in between has to take the retry off it.
                    if matches!(accepted.end, RetryEnd::Queued) {
                        self.tell_of_the_queue(accepted.queue_id.as_deref());
                    }
                    self.settle(Retried::Yes);
                    return accepted.end;
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
                            let most = client.policy.max_attempts;
                            return RetryEnd::exhausted(failure, why, most, earlier);
                        }
                    }
                }
                Verdict::MaybeProcessed => {
                    if let Ok(delay) = next {
                        self.announce_and_sleep(&failure, delay);
                    }
                    let first = *first_unclear.get_or_insert(started);
                    match verifier.verify(first) {
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
                    // Verifying takes its time, too.
                    let is_late = client.clock.monotonic() >= client.policy.deadline;
                    if let Err(why) = next.and_then(|_| in_time(is_late)) {
                        let most = client.policy.max_attempts;
                        return RetryEnd::exhausted(failure, why, most, earlier);
                    }
                }
                Verdict::Final(kind) => {
                    let first = first_unclear.unwrap_or(started);
                    return self.final_answer(failure, kind, earlier, &mut verifier, first);
                }
            }
        }
    }

    fn attempt(
        &self,
        request: &ApiRequest,
        renewal: &mut Renewal,
    ) -> (Result<Acceptance, CallFailure>, Duration) {
        let (answer, took) = self.api.client.attempt(request, renewal);
        let accepted = answer.and_then(|reply| match reply {
            Reply::Queued {
                queue_id,
                http_status,
                request_id,
            } => Ok(Acceptance {
                end: RetryEnd::Queued,
                queue_id,
                http_status,
                request_id,
            }),
            Reply::Json(reply) if acceptance(&reply)? => Ok(Acceptance {
                end: RetryEnd::Accepted,
                queue_id: None,
                http_status: reply.http_status,
                request_id: reply.request_id,
            }),
            Reply::Json(reply) => Err(denied(&reply)),
        });
        (accepted, took)
    }

    fn tell_of_the_queue(&self, queue_id: Option<&str>) {
        (self.observer)(RunEvent::InQueue { queue_id });
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

    fn tell_of_a_lost_answer(&self, finding: &str) {
        let doubt = if self.snapshot.is_none() {
            " It may have been in progress before."
        } else {
            ""
        };
        (self.observer)(RunEvent::Notice(format!(
            "The answer to the retry was lost, but {finding}.{doubt}"
        )));
    }

    /// The ending that a finding settles; an unchanged run and an endpoint without the call settle nothing.
    fn found(&self, finding: Finding, failure: CallFailure) -> RetryEnd {
        match finding {
            Finding::InProgress => {
                self.settle(Retried::Yes);
                self.tell_of_a_lost_answer("the run is in progress: accepted");
                RetryEnd::Accepted
            }
            Finding::Newer => {
                self.settle(Retried::Yes);
                self.tell_of_a_lost_answer("the run was started again, and is already over");
                RetryEnd::Accepted
            }
            Finding::Queued { queue_id } => {
                self.tell_of_the_queue(queue_id.as_deref());
                self.settle(Retried::Yes);
                RetryEnd::Queued
            }
            Finding::AlreadyCompleted { may_be_ours } => {
                self.settle(if may_be_ours {
                    Retried::Unknown
                } else {
                    Retried::No
                });
                RetryEnd::AlreadyCompleted
            }
            Finding::CannotRead(why) => {
                let reason = format!(
                    "{}; {why}; {MAY_HAVE_BEEN_ACCEPTED} and was not sent again",
                    failure.reason
                );
                RetryEnd::failed(CallFailure {
                    verdict: Verdict::Final(FinalKind::Unavailable),
                    reason,
                    advice: Some(LOOK_FIRST),
                    ..failure
                })
            }
            Finding::Unchanged | Finding::NoSuchCall => RetryEnd::failed(failure),
        }
    }

    fn final_answer(
        &self,
        failure: CallFailure,
        kind: FinalKind,
        earlier: Earlier,
        verifier: &mut Verifier<'_>,
        first_unclear: Duration,
    ) -> RetryEnd {
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
            match verifier.verify(first_unclear) {
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
        let mut run = None;
        if kind == FinalKind::Refused
            && let Ok(read) = self
                .api
                .once(GLANCE)
                .show_pipeline_run_detail(Some(self.pipeline_run_id))
        {
            (self.observer)(RunEvent::Seen(&read));
            reason = format!("{reason}; the run is {}", read.status);
            run = Some(Box::new(read));
        }
        RetryEnd::Failed {
            failure: CallFailure { reason, ..failure },
            out_of_time: false,
            run,
        }
    }
}
