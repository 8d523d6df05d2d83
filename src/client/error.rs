//! What is known about a call that did not succeed.

use std::time::Duration;

/// What a failed attempt allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing of the request was written: any call may be sent again.
    NotSent,
    /// The service refused before it did anything, for now: any call may be sent again after the delay.
    Unprocessed,
    /// The request may have had its effect: a read may be sent again, a change only once its effect is known.
    MaybeProcessed,
    /// Sending again would not help.
    Final(FinalKind),
}

/// Which kind of final failure; each is an outcome of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalKind {
    /// The request cannot be sent as it is: the caller corrects an input.
    InvalidRequest,
    /// 401 or a code that means it: the caller corrects the credentials.
    Unauthorized,
    /// 403 or a code that means it: the caller gets the right.
    Forbidden,
    /// 404 or a code that means it: the caller corrects ids, region or endpoint.
    NotFound,
    /// The other side cannot be reached in a way that waiting does not mend.
    Unavailable,
    /// Every other answer.
    Refused,
}

/// What the verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There was no answer.
    Transport,
    /// There were no credentials to send the request with.
    Credentials,
    /// The HTTP status.
    Status,
    /// A code of the table in `codes.rs`.
    KnownCode,
    /// A code that is in no table, inside a 2xx answer.
    UnknownCode,
    /// A complete 2xx answer that is not what the call promises.
    Unreadable,
    /// An answer beyond the size limit.
    TooLarge,
}

/// A call that did not succeed. All text of the service in it is already without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFailure {
    /// What it allows.
    pub verdict: Verdict,
    /// What the verdict rests on.
    pub cause: Cause,
    /// Our own words: a lower-case fragment.
    pub reason: String,
    /// What to do next: a sentence.
    pub advice: Option<&'static str>,
    /// The service's error code.
    pub service_code: Option<String>,
    /// The service's message.
    pub service_message: Option<String>,
    /// The status of the answer.
    pub http_status: Option<u16>,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// How long the service asks to wait.
    pub retry_after: Option<Duration>,
}

impl CallFailure {
    /// A failure that came without an answer.
    pub fn transport(
        verdict: Verdict,
        reason: impl Into<String>,
        advice: Option<&'static str>,
    ) -> Self {
        Self {
            verdict,
            cause: Cause::Transport,
            reason: reason.into(),
            advice,
            service_code: None,
            service_message: None,
            http_status: None,
            request_id: None,
            retry_after: None,
        }
    }

    /// The failure of a token service as that of the request that it kept from being sent.
    #[must_use]
    pub fn without_credentials(self) -> Self {
        let verdict = match self.verdict {
            Verdict::Final(kind) => Verdict::Final(kind),
            _ => Verdict::NotSent,
        };
        Self {
            verdict,
            cause: Cause::Credentials,
            ..self
        }
    }

    /// Whether the same call may succeed later, when the service or the network is well again.
    pub fn is_passing(&self) -> bool {
        match self.verdict {
            Verdict::NotSent | Verdict::Unprocessed | Verdict::MaybeProcessed => true,
            Verdict::Final(kind) => kind == FinalKind::Unavailable,
        }
    }

    /// Whether a call with an effect may have had it although its answer cannot be used.
    pub fn may_have_had_effect(&self) -> bool {
        matches!(self.verdict, Verdict::MaybeProcessed)
            || matches!(self.cause, Cause::Unreadable | Cause::TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(verdict: Verdict, cause: Cause) -> CallFailure {
        CallFailure {
            cause,
            ..CallFailure::transport(verdict, "it failed", None)
        }
    }

    #[test]
    fn a_token_service_that_fails_for_now_kept_the_request_from_being_sent() {
        let refused = Verdict::Final(FinalKind::Unauthorized);
        for (verdict, expected) in [
            (Verdict::NotSent, Verdict::NotSent),
            (Verdict::Unprocessed, Verdict::NotSent),
            (Verdict::MaybeProcessed, Verdict::NotSent),
            (refused, refused),
        ] {
            assert_eq!(
                failure(verdict, Cause::Status).without_credentials(),
                failure(expected, Cause::Credentials),
                "{verdict:?}"
            );
        }
    }

    #[test]
    fn only_an_unclear_answer_may_have_had_an_effect() {
        let refused = Verdict::Final(FinalKind::Refused);
        for (verdict, cause, may_have) in [
            (Verdict::MaybeProcessed, Cause::Transport, true),
            (refused, Cause::Unreadable, true),
            (refused, Cause::TooLarge, true),
            (refused, Cause::UnknownCode, false),
            (refused, Cause::Status, false),
            (Verdict::NotSent, Cause::Transport, false),
            (Verdict::Unprocessed, Cause::KnownCode, false),
        ] {
            assert_eq!(
                failure(verdict, cause).may_have_had_effect(),
                may_have,
                "{verdict:?} {cause:?}"
            );
        }
    }
}
