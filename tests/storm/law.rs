//! What has to hold after every step, whatever the weather.

use std::time::Duration;

use codearts_retry::client::{CallFailure, FinalKind, Verdict};
use codearts_retry::pipeline::{Ending, Retried};
use codearts_sandbox::{Endpoint, RUN_ID, Status, TOKEN};

use crate::step::Ended;
use crate::witness::{Exchange, Said};

/// The longest exchange: `request_timeout`, and what the wire takes.
const EXCHANGE: Duration = Duration::from_millis(30_030);
/// An exchange during which much may happen.
const LONG: Duration = Duration::from_millis(900);
const FORENSICS: Duration = Duration::from_secs(10);
/// A run that cannot be verified since nothing here shows runs.
const BLIND: &str = "cannot be read here, so an unclear answer cannot be verified";
/// A retry whose answer is not usable, of a run that goes on.
const ATTACHED: &str = "is not usable, but the run is";
const MAYBE: &str = "may have been accepted";

/// The laws that a step has broken, each a sentence.
pub(crate) fn broken(ended: &Ended) -> Vec<String> {
    let Some(ending) = &ended.ending else {
        return vec!["it panicked".to_owned()];
    };
    let case = Case::new(ended, ending);
    let mut broken = Vec::new();
    case.never_twice(&mut broken);
    case.never_green_by_mistake(&mut broken);
    case.red_for_a_reason(&mut broken);
    case.consistent_outputs(&mut broken);
    case.in_time(&mut broken);
    case.never_a_leak(&mut broken);
    case.stopped_once(&mut broken);
    broken
}

struct Case<'a> {
    ended: &'a Ended,
    ending: &'a Ending,
    /// The retry requests.
    puts: Vec<&'a Exchange>,
    yes: u64,
    unclear: u64,
    is_blind: bool,
}

/// Notes a law that does not hold.
macro_rules! law {
    ($broken:expr, $holds:expr, $($text:tt)*) => {{
        let holds: bool = $holds;
        if !holds {
            $broken.push(format!($($text)*));
        }
    }};
}

impl<'a> Case<'a> {
    fn new(ended: &'a Ended, ending: &'a Ending) -> Self {
        let puts: Vec<_> = ended
            .exchanges
            .iter()
            .filter(|exchange| exchange.endpoint == Endpoint::Retry)
            .collect();
        let count =
            |wanted: &[Said]| puts.iter().filter(|put| wanted.contains(&put.said)).count() as u64;
        Self {
            yes: count(&[Said::Yes, Said::Queued]),
            unclear: count(&[Said::Unclear, Said::Unreadable]),
            is_blind: ended.heard.texts.iter().any(|text| text.contains(BLIND)),
            ended,
            ending,
            puts,
        }
    }

    fn never_twice(&self, broken: &mut Vec<String>) {
        let Ended {
            scenario, effects, ..
        } = self.ended;
        let most = scenario.most_effects();
        law!(
            broken,
            *effects <= most || self.is_blind,
            "twice: {effects} effects, at most {most} are allowed"
        );
        law!(
            broken,
            !self.is_blind || (!scenario.waits() && !scenario.is_latest),
            "blind: the run had been read, and yet an unclear answer was not verified"
        );
        law!(
            broken,
            self.yes <= most,
            "twice: {} were accepted",
            self.yes
        );
        law!(
            broken,
            !scenario.dry_run || self.puts.is_empty(),
            "dry run: a retry was sent"
        );
        let is_over = |put: &&&Exchange| matches!(put.said, Said::Yes | Said::Queued);
        law!(
            broken,
            scenario.waits() || self.puts.iter().rev().skip(1).all(|put| !is_over(&put)),
            "twice: a retry was sent after one that was accepted"
        );
        let looks_first = scenario.waits() || scenario.is_latest;
        law!(
            broken,
            !(looks_first && scenario.status == Status::Completed && scenario.is_left_alone())
                || self.puts.is_empty(),
            "a completed run was retried"
        );
        self.looks_between(broken);
    }

    /// After an unclear answer the run is read before anything is sent again.
    fn looks_between(&self, broken: &mut Vec<String>) {
        let mut exchanges = self.ended.exchanges.iter().peekable();
        while let Some(exchange) = exchanges.next() {
            if exchange.endpoint == Endpoint::Retry
                && exchange.said == Said::Unclear
                && let Some(next) = exchanges.peek()
            {
                law!(
                    broken,
                    next.endpoint != Endpoint::Retry,
                    "blind: at {:?} a retry was sent right after an unclear answer",
                    next.from
                );
            }
        }
    }

    fn last_reading(&self) -> Option<&Exchange> {
        let is_of_the_run = |exchange: &&Exchange| {
            exchange.endpoint == Endpoint::Detail
                && (exchange.target.contains(RUN_ID)
                    || !exchange.target.contains("pipeline_run_id"))
        };
        let mut latest_first = self.ended.exchanges.iter().rev();
        latest_first.find(is_of_the_run)
    }

    /// What the run really was when it was read last.
    fn last_truth(&self) -> [Option<Status>; 2] {
        self.last_reading().map_or([None; 2], |read| read.truth)
    }

    fn was_in_truth(&self, wanted: &[Status]) -> bool {
        let Some(read) = self.last_reading() else {
            return false;
        };
        if !self.ended.scenario.is_left_alone() && read.to > read.from + LONG {
            // Other people may have changed it more than once meanwhile.
            return true;
        }
        let mut truth = read.truth.into_iter().flatten();
        truth.any(|status| wanted.contains(&status))
    }

    fn never_green_by_mistake(&self, broken: &mut Vec<String>) {
        let Ended {
            scenario, effects, ..
        } = self.ended;
        let was_going_on = !scenario.status.is_ended() || !scenario.is_left_alone();
        let truth = self.last_truth();
        let said = |wanted| self.puts.iter().any(|put| put.said == wanted);
        match self.ending {
            Ending::Accepted => law!(
                broken,
                !scenario.waits()
                    && (said(Said::Yes) || self.unclear > 0 && (*effects > 0 || was_going_on)),
                "green by mistake: accepted"
            ),
            Ending::Queued => law!(
                broken,
                !scenario.waits() && (said(Said::Queued) || self.unclear > 0 && *effects > 0),
                "green by mistake: queued"
            ),
            Ending::Completed => law!(
                broken,
                scenario.waits() && self.was_in_truth(&[Status::Completed]),
                "green by mistake: completed, but the run was {truth:?}"
            ),
            Ending::AlreadyCompleted => law!(
                broken,
                self.was_in_truth(&[Status::Completed])
                    && (*effects == 0 || self.ended.heard.retried() == Retried::Unknown),
                "green by mistake: already-completed, but the run was {truth:?}, with {effects} effects"
            ),
            Ending::AlreadyRunning => law!(
                broken,
                scenario.is_latest
                    && !scenario.waits()
                    && self.puts.is_empty()
                    && self.was_in_truth(&[Status::Running, Status::Paused, Status::Suspend]),
                "green by mistake: already-running, but the run was {truth:?}"
            ),
            Ending::DryRun => law!(broken, scenario.dry_run, "green by mistake: dry-run"),
            _ => {}
        }
    }

    fn red_for_a_reason(&self, broken: &mut Vec<String>) {
        let Ended {
            scenario,
            effects,
            heard,
            at,
            ..
        } = self.ended;
        let truth = self.last_truth();
        match self.ending {
            Ending::RunFailed => {
                law!(
                    broken,
                    scenario.waits() && self.was_in_truth(&[Status::Failed]),
                    "red by mistake: run-failed, but the run was {truth:?}"
                );
                let used_up = heard.starts >= scenario.most_effects();
                law!(
                    broken,
                    used_up || *at >= scenario.budget || self.unclear > 0,
                    "red too early: retries were left"
                );
                law!(
                    broken,
                    self.puts.iter().any(|put| put.said != Said::NotSent) || *at >= scenario.budget,
                    "red by mistake: run-failed without a retry"
                );
            }
            Ending::RunCanceled(_) => law!(
                broken,
                scenario.waits() && self.was_in_truth(&[Status::Canceled, Status::Ignored]),
                "red by mistake: run-canceled, but the run was {truth:?}"
            ),
            Ending::WaitTimeout(reason) => law!(
                broken,
                scenario.waits() && !reason.reason.is_empty(),
                "wait-timeout without a wait"
            ),
            Ending::Failed(failure) => self.fails_for_a_reason(failure, *effects, broken),
            _ => {}
        }
    }

    fn fails_for_a_reason(&self, failure: &CallFailure, effects: u64, broken: &mut Vec<String>) {
        let reason = &failure.reason;
        let answered = |wanted: &[Said]| {
            let mut exchanges = self.ended.exchanges.iter();
            exchanges.any(|exchange| wanted.contains(&exchange.said))
        };
        let is_explained = match failure.verdict {
            Verdict::Final(FinalKind::Unauthorized | FinalKind::Forbidden) => {
                answered(&[Said::Denied])
            }
            // A run list without a run would mean it too, but the sandbox always has one; it may be unlisted.
            Verdict::Final(FinalKind::NotFound) => {
                answered(&[Said::NotThere]) || self.ended.scenario.is_unlisted
            }
            Verdict::Final(FinalKind::Refused | FinalKind::Unavailable) => true,
            _ => false,
        };
        law!(broken, is_explained, "red without a reason: {failure:?}");
        law!(broken, !reason.trim().is_empty(), "a mystery: no reason");
        for (words, holds) in [
            ("no retry was sent", self.puts.is_empty()),
            ("nothing was sent", self.arrived() == 0),
            ("nothing was accepted", self.nothing_since(effects)),
            (
                "was not accepted, as far as the run shows",
                self.nothing_since(effects),
            ),
            ("success: false", answered(&[Said::No])),
        ] {
            law!(
                broken,
                holds || !reason.contains(words),
                "the reason is wrong: {reason}; {effects} effects"
            );
        }
        // The detail lags less than two minutes here: an effect would have been seen.
        let did_not_start = reason.contains("did not start again");
        let last_yes = self
            .puts
            .iter()
            .rev()
            .find(|put| matches!(put.said, Said::Yes | Said::Queued));
        let had_effect = last_yes.is_some_and(|put| put.effects < effects);
        law!(
            broken,
            !did_not_start || last_yes.is_some() && !had_effect || self.lied_last(),
            "the reason is wrong: the run did start"
        );
        let texts = &self.ended.heard.texts;
        let has_attached = texts.iter().any(|text| text.contains(ATTACHED));
        if self.ended.heard.retries == 0 && !has_attached {
            law!(
                broken,
                (self.ended.heard.retried() == Retried::Unknown) == reason.contains(MAYBE),
                "unknown: retried is {:?}, but the reason says: {reason}",
                self.ended.heard.retried()
            );
        }
    }

    /// How many retry requests may have reached the service.
    fn arrived(&self) -> usize {
        self.puts
            .iter()
            .filter(|put| put.said != Said::NotSent)
            .count()
    }

    /// Whether the last retry had no effect; earlier ones of a wait may have, also where their answer was not usable.
    fn nothing_since(&self, effects: u64) -> bool {
        let texts = self.ended.heard.texts.iter();
        let attached = texts.filter(|text| text.contains(ATTACHED)).count() as u64;
        effects <= self.ended.heard.retries + attached
    }

    /// Whether the last answer was `success: true` and nothing was done.
    fn lied_last(&self) -> bool {
        let last = self.puts.last();
        last.is_some_and(|put| put.said == Said::Yes)
    }

    fn consistent_outputs(&self, broken: &mut Vec<String>) {
        let Ended {
            scenario,
            heard,
            effects,
            ..
        } = self.ended;
        law!(
            broken,
            heard.attempts == self.puts.len() as u64,
            "attempts: {} were told, {} were sent",
            heard.attempts,
            self.puts.len()
        );
        let (low, high) = (self.yes, self.yes + self.unclear);
        law!(
            broken,
            (low..=high).contains(&heard.retries) && heard.retries <= scenario.most_effects(),
            "retries: {} were told; {low} were accepted, {} unclear",
            heard.retries,
            self.unclear
        );
        match heard.retried() {
            Retried::No => law!(
                broken,
                *effects == 0 && self.yes == 0,
                "retried: No, but there were {effects} effects"
            ),
            Retried::Yes => law!(broken, high > 0, "retried: Yes, but nothing was accepted"),
            Retried::Unknown => law!(
                broken,
                self.unclear > 0,
                "unknown: every answer was clear, and yet retried is unknown"
            ),
        }
        let is_green = matches!(
            self.ending,
            Ending::Accepted | Ending::Queued | Ending::AlreadyRunning
        );
        law!(
            broken,
            !is_green || heard.retried() != Retried::Unknown,
            "unknown: the step is green, and yet retried is unknown"
        );
    }

    fn in_time(&self, broken: &mut Vec<String>) {
        let Ended {
            scenario,
            heard,
            exchanges,
            at,
            ..
        } = self.ended;
        let deadline = scenario.budget;
        // One attempt that started in time, two readings and the queue to verify it, one more look; or one poll.
        let bound = deadline + EXCHANGE * 6 + Duration::from_secs(6) + FORENSICS;
        law!(
            broken,
            *at <= bound,
            "late: {at:?} after the start, {deadline:?} were allowed"
        );
        let last = exchanges
            .last()
            .map_or(Duration::ZERO, |exchange| exchange.to);
        law!(
            broken,
            *at == last,
            "it slept from {last:?} to {at:?}, and then ended"
        );
        for put in &self.puts {
            law!(
                broken,
                put.from <= deadline,
                "late: a retry was sent at {:?}, after the deadline",
                put.from
            );
        }
        let is_verified = self
            .puts
            .last()
            .is_some_and(|put| put.said == Said::Unclear || self.unclear > 0);
        let mut before = Duration::ZERO;
        for look in exchanges {
            let slept = look.from > before;
            before = look.to;
            law!(
                broken,
                !slept || look.from <= deadline || is_verified,
                "late: a look at {:?}, after the deadline",
                look.from
            );
        }
        self.not_too_often(heard.starts.max(1), broken);
    }

    fn not_too_often(&self, starts: u64, broken: &mut Vec<String>) {
        let Ended {
            scenario,
            exchanges,
            at,
            ..
        } = self.ended;
        let attempts = u64::from(scenario.max_attempts);
        let outside = scenario.deeds.len() as u64;
        law!(
            broken,
            self.puts.len() as u64 <= attempts * starts,
            "too often: {} retry requests in {starts} retries",
            self.puts.len()
        );
        law!(
            broken,
            starts <= scenario.most_effects().max(1) + outside,
            "too often: {starts} retries were started"
        );
        let interval = scenario
            .wait
            .map_or(600.0, |wait| wait.poll_interval.as_secs_f64());
        let polls = at.as_secs_f64() / interval.mul_add(0.9, 0.0)
            + 6.0 * f64::from(u32::try_from(starts).unwrap_or(u32::MAX));
        let verifying = f64::from(u32::try_from(self.unclear + 2).unwrap_or(u32::MAX))
            * f64::from(scenario.max_attempts)
            * 6.0;
        let looks = exchanges
            .iter()
            .filter(|exchange| matches!(exchange.endpoint, Endpoint::Detail | Endpoint::Queue))
            .count();
        let looks = f64::from(u32::try_from(looks).unwrap_or(u32::MAX));
        // A look may be one at the run and three pages of the queue.
        law!(
            broken,
            looks <= polls * 4.0 + verifying,
            "too often: {looks} looks in {at:?}"
        );
        let logs = exchanges
            .iter()
            .filter(|exchange| exchange.endpoint == Endpoint::Logs)
            .count();
        law!(broken, logs <= 5 * 101, "too often: {logs} pages of logs");
    }

    fn never_a_leak(&self, broken: &mut Vec<String>) {
        let told = self.ended.heard.texts.iter().map(String::as_str);
        let failure = match self.ending {
            Ending::Failed(failure) => Some(failure),
            _ => None,
        };
        let said = failure.into_iter().flat_map(|failure| {
            [
                Some(failure.reason.as_str()),
                failure.service_message.as_deref(),
                failure.service_code.as_deref(),
                failure.request_id.as_deref(),
            ]
        });
        let reason = match self.ending {
            Ending::WaitTimeout(reason) => Some(reason.reason.as_str()),
            _ => None,
        };
        for text in told.chain(said.flatten()).chain(reason) {
            law!(broken, !text.contains(TOKEN), "a leak: {text}");
        }
    }

    fn stopped_once(&self, broken: &mut Vec<String>) {
        let Some(stopped) = &self.ended.stopped else {
            return;
        };
        let [before, after] = &stopped.counters;
        law!(
            broken,
            stopped.exchanges.len() == 1,
            "stop: {} requests",
            stopped.exchanges.len()
        );
        law!(
            broken,
            stopped.took <= Duration::from_millis(3_600),
            "stop: it took {:?}",
            stopped.took
        );
        law!(
            broken,
            stopped.answer != Ok(true) || after.stops > before.stops,
            "stop: the run is said to be stopped"
        );
        if let Err(failure) = &stopped.answer {
            law!(
                broken,
                !format!("{failure:?}").contains(TOKEN),
                "a leak: {failure:?}"
            );
        }
    }
}
