//! What an answer means: one decision, from status, error code and body. Pure.

use std::time::SystemTime;

use serde_json::{Map, Value};

use super::codes::{self, Meaning};
use super::error::{CallFailure, Cause, FinalKind, Verdict};
use super::error_body::{ErrorBody, errors_come_once};
use super::retry_after;
use super::transport::{Answer, Body, MAX_ANSWER_BYTES};
use crate::secret::{Redactor, Secret};

/// An answer that reports no failure.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// A complete 2xx answer with a JSON object and no error in it.
    Json(JsonReply),
    /// A code that means the retry was accepted and queued.
    Queued {
        /// The place in the queue, where the service names it.
        queue_id: Option<String>,
        /// The status.
        http_status: u16,
        /// The service's id of the request.
        request_id: Option<String>,
    },
}

/// A complete 2xx answer with a JSON object and no error in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonReply {
    /// The status.
    pub http_status: u16,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// When the service sent it, by its own clock.
    pub date: Option<SystemTime>,
    /// The token that the answer hands out.
    pub subject_token: Option<Secret>,
    /// The bytes, for readers that are stricter than a parsed object can be.
    pub body: Vec<u8>,
    /// The object.
    pub object: Map<String, Value>,
}

const OLD_HOST: &str = "Check region, or endpoint if it is given: redirects are not followed, since credentials would go to another host.";
const LATER: &str = "Run the step again later.";
const UNEXPECTED: &str =
    "Check region, or endpoint if it is given, and whether a proxy answers in the service's place.";

/// Decides what an answer means. `now` is this side's time, for a `Retry-After` date in an answer without `Date`.
pub(super) fn classify(
    answer: Answer,
    redactor: &Redactor,
    now: SystemTime,
) -> Result<Reply, CallFailure> {
    let reading = Reading::new(&answer, redactor, now);
    let known = reading.error.code.as_deref().and_then(codes::look_up);
    match (known.map(|known| known.meaning), &answer.body) {
        (_, Body::TooLarge) => Err(reading.too_large()),
        (_, Body::Unfinished(_)) => Err(reading.unfinished()),
        (Some(Meaning::Queued), Body::Complete(bytes)) if !errors_come_once(bytes) => {
            Err(reading.unreadable(&answer, redactor))
        }
        (Some(Meaning::Queued), _) => Ok(Reply::Queued {
            queue_id: reading.error.queue_id,
            http_status: answer.status,
            request_id: reading.request_id,
        }),
        (Some(Meaning::Failed(verdict)), _) => {
            Err(reading.known_code(verdict, known.map(|known| known.advice)))
        }
        (None, Body::Complete(_)) => match (answer.status, reading.object.clone()) {
            (200..=299, Some(object)) if ErrorBody::reports_error(&object) => {
                Err(reading.unknown_code())
            }
            (200..=299, Some(object)) => Ok(Reply::Json(JsonReply {
                http_status: answer.status,
                request_id: reading.request_id,
                date: reading.date,
                subject_token: answer.subject_token,
                body: answer.body.into_bytes(),
                object,
            })),
            (200..=299, None) => Err(reading.unreadable(&answer, redactor)),
            _ => Err(reading.by_status()),
        },
    }
}

/// A complete 2xx answer whose fields are not those the call promises.
pub fn unexpected_fields(reply: &JsonReply, reason: impl Into<String>) -> CallFailure {
    CallFailure {
        verdict: Verdict::Final(FinalKind::Refused),
        cause: Cause::Unreadable,
        reason: reason.into(),
        advice: Some(UNEXPECTED),
        service_code: None,
        service_message: None,
        http_status: Some(reply.http_status),
        request_id: reply.request_id.clone(),
        retry_after: None,
    }
}

/// The parts of an answer that decisions rest on, already without secrets.
struct Reading {
    status: u16,
    object: Option<Map<String, Value>>,
    error: ErrorBody,
    request_id: Option<String>,
    date: Option<SystemTime>,
    retry_after: Option<std::time::Duration>,
    location: Option<String>,
}

impl Reading {
    fn new(answer: &Answer, redactor: &Redactor, now: SystemTime) -> Self {
        let object = match serde_json::from_slice(answer.body.bytes()) {
            Ok(Value::Object(object)) => Some(object),
            _ => None,
        };
        let clean = |text: String| redactor.clean(&text);
        let raw = object
            .as_ref()
            .map(ErrorBody::from_object)
            .unwrap_or_default();
        let error = ErrorBody {
            code: raw.code.map(clean),
            message: raw.message.map(clean),
            request_id: raw.request_id.map(clean),
            queue_id: raw.queue_id.map(clean),
        };
        let date = answer.date.as_deref().and_then(retry_after::parse_date);
        Self {
            status: answer.status,
            object,
            request_id: answer
                .request_id
                .clone()
                .map(clean)
                .or_else(|| error.request_id.clone()),
            retry_after: answer
                .retry_after
                .as_deref()
                .and_then(|value| retry_after::parse(value, date.unwrap_or(now))),
            date,
            location: answer.location.clone().map(clean),
            error,
        }
    }

    fn failure(
        &self,
        verdict: Verdict,
        cause: Cause,
        reason: impl Into<String>,
        advice: &'static str,
    ) -> CallFailure {
        let hint = self.error.message.as_deref().and_then(codes::hint);
        CallFailure {
            verdict,
            cause,
            reason: reason.into(),
            advice: Some(hint.unwrap_or(advice)),
            service_code: self.error.code.clone(),
            service_message: self.error.message.clone(),
            http_status: Some(self.status),
            request_id: self.request_id.clone(),
            retry_after: self.retry_after,
        }
    }

    fn known_code(&self, verdict: Verdict, advice: Option<&'static str>) -> CallFailure {
        let advice = advice.unwrap_or(UNEXPECTED);
        self.failure(verdict, Cause::KnownCode, verdict_reason(verdict), advice)
    }

    fn unknown_code(&self) -> CallFailure {
        self.failure(
            Verdict::Final(FinalKind::Refused),
            Cause::UnknownCode,
            "the service reports an error inside a success answer",
            "Look the code up in the service's error list, or ask its support with the request id.",
        )
    }

    /// Refused credentials and rights stand even if the rest of the answer is missing; they are never sent again.
    fn stands_by_status(&self) -> bool {
        matches!(self.status, 401 | 403)
    }

    fn too_large(&self) -> CallFailure {
        if self.stands_by_status() {
            return self.by_status();
        }
        let limit = MAX_ANSWER_BYTES / 1024 / 1024;
        self.failure(
            Verdict::Final(FinalKind::Refused),
            Cause::TooLarge,
            format!("the answer is larger than {limit} MiB"),
            UNEXPECTED,
        )
    }

    fn unfinished(&self) -> CallFailure {
        if self.stands_by_status() {
            return self.by_status();
        }
        self.failure(
            Verdict::MaybeProcessed,
            Cause::Transport,
            "the answer broke off before its end",
            LATER,
        )
    }

    fn unreadable(&self, answer: &Answer, redactor: &Redactor) -> CallFailure {
        let excerpt = excerpt(&redactor.clean(&String::from_utf8_lossy(answer.body.bytes())));
        let reason = if excerpt.is_empty() {
            "the answer is empty where a JSON object was expected".to_owned()
        } else {
            format!("the answer is not a JSON object but \"{excerpt}\"")
        };
        self.failure(
            Verdict::Final(FinalKind::Refused),
            Cause::Unreadable,
            reason,
            UNEXPECTED,
        )
    }

    fn by_status(&self) -> CallFailure {
        let (verdict, advice) = match self.status {
            401 => (
                Verdict::Final(FinalKind::Unauthorized),
                codes::CHECK_CREDENTIALS,
            ),
            403 => (Verdict::Final(FinalKind::Forbidden), codes::GRANT_THE_RIGHT),
            404 => (Verdict::Final(FinalKind::NotFound), codes::CHECK_IDS),
            429 => (Verdict::Unprocessed, LATER),
            501 | 505 => (Verdict::Final(FinalKind::Refused), UNEXPECTED),
            408 | 500.. => (Verdict::MaybeProcessed, LATER),
            300..=399 => {
                let to = self
                    .location
                    .as_deref()
                    .map(|to| format!(" to {}", excerpt(to)))
                    .unwrap_or_default();
                let reason = format!("the answer is a redirect{to}");
                return self.failure(
                    Verdict::Final(FinalKind::Refused),
                    Cause::Status,
                    reason,
                    OLD_HOST,
                );
            }
            _ => (Verdict::Final(FinalKind::Refused), UNEXPECTED),
        };
        let reason = match self.status {
            408 => "the service gave up waiting for the request",
            501 | 505 => "the service does not support the call",
            _ => verdict_reason(verdict),
        };
        self.failure(verdict, Cause::Status, reason, advice)
    }
}

const fn verdict_reason(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotSent => "the request was not sent",
        Verdict::Unprocessed => "the service takes no more calls or runs at the moment",
        Verdict::MaybeProcessed => "the service failed",
        Verdict::Final(FinalKind::Unauthorized) => "the service does not accept the credentials",
        Verdict::Final(FinalKind::Forbidden) => "the service denies the call to this identity",
        Verdict::Final(FinalKind::NotFound) => {
            "the service does not find the project, pipeline, run or call"
        }
        Verdict::Final(FinalKind::Unavailable) => "the service cannot be reached",
        Verdict::Final(FinalKind::InvalidRequest | FinalKind::Refused) => {
            "the service refused the call"
        }
    }
}

/// Enough of an answer to recognise what sent it.
fn excerpt(text: &str) -> String {
    const EXCERPT_CHARS: usize = 120;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(EXCERPT_CHARS) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::secret::Secret;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            body: Body::Complete(body.into()),
            ..Answer::default()
        }
    }

    fn verdict(answer: Answer) -> Result<(), Verdict> {
        classify(answer, &Redactor::default(), SystemTime::UNIX_EPOCH)
            .map(|_| ())
            .map_err(|failure| failure.verdict)
    }

    const UNAUTHORIZED: Verdict = Verdict::Final(FinalKind::Unauthorized);
    const FORBIDDEN: Verdict = Verdict::Final(FinalKind::Forbidden);
    const NOT_FOUND: Verdict = Verdict::Final(FinalKind::NotFound);
    const REFUSED: Verdict = Verdict::Final(FinalKind::Refused);

    #[test]
    fn a_status_without_a_known_code_decides() {
        for (status, expected) in [
            (300, REFUSED),
            (302, REFUSED),
            (307, REFUSED),
            (400, REFUSED),
            (401, UNAUTHORIZED),
            (403, FORBIDDEN),
            (404, NOT_FOUND),
            (405, REFUSED),
            (408, Verdict::MaybeProcessed),
            (409, REFUSED),
            (429, Verdict::Unprocessed),
            (500, Verdict::MaybeProcessed),
            (501, REFUSED),
            (502, Verdict::MaybeProcessed),
            (503, Verdict::MaybeProcessed),
            (504, Verdict::MaybeProcessed),
            (505, REFUSED),
            (599, Verdict::MaybeProcessed),
        ] {
            for body in [
                "",
                "<html>",
                r#"{"error_code":"NEW.1","error_msg":"m"}"#,
                r#"{"success":true}"#,
            ] {
                assert_eq!(
                    verdict(answer(status, body)),
                    Err(expected),
                    "{status} {body}"
                );
            }
        }
    }

    #[test]
    fn a_status_says_in_words_what_it_decides() {
        for (status, reason) in [
            (400, "the service refused the call"),
            (401, "the service does not accept the credentials"),
            (403, "the service denies the call to this identity"),
            (
                404,
                "the service does not find the project, pipeline, run or call",
            ),
            (408, "the service gave up waiting for the request"),
            (429, "the service takes no more calls or runs at the moment"),
            (500, "the service failed"),
            (501, "the service does not support the call"),
            (505, "the service does not support the call"),
        ] {
            let failure = classify(
                answer(status, ""),
                &Redactor::default(),
                SystemTime::UNIX_EPOCH,
            )
            .unwrap_err();
            assert_eq!(failure.reason, reason, "{status}");
        }
    }

    #[test]
    fn an_object_without_an_error_is_the_reply_with_all_that_came_beside_it() {
        let body = r#"{"success":true,"error":null}"#;
        let answer = Answer {
            request_id: Some("r".to_owned()),
            date: Some("Thu, 01 Jan 1970 00:00:07 GMT".to_owned()),
            subject_token: Some(Secret::new("token")),
            ..answer(201, body)
        };
        let object = [("success", Value::Bool(true)), ("error", Value::Null)];
        assert_eq!(
            classify(answer, &Redactor::default(), SystemTime::UNIX_EPOCH),
            Ok(Reply::Json(JsonReply {
                http_status: 201,
                request_id: Some("r".to_owned()),
                date: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(7)),
                subject_token: Some(Secret::new("token")),
                body: body.into(),
                object: object
                    .map(|(name, value)| (name.to_owned(), value))
                    .into_iter()
                    .collect(),
            }))
        );
    }

    #[test]
    fn a_known_code_decides_before_the_status() {
        for status in [200, 400, 401, 500, 503] {
            for (code, expected) in [
                ("APIGW.0301", UNAUTHORIZED),
                ("DEVCP.00021018", FORBIDDEN),
                ("DEVPIPE.00011412", NOT_FOUND),
                ("APIG.0308", Verdict::Unprocessed),
                ("DEVCP.00020500", Verdict::MaybeProcessed),
            ] {
                let body = format!(r#"{{"success":true,"error_code":"{code}","error_msg":"m"}}"#);
                assert_eq!(
                    verdict(answer(status, &body)),
                    Err(expected),
                    "{status} {code}"
                );
            }
        }
    }

    #[test]
    fn the_gateways_catch_all_code_is_left_to_the_status() {
        let body = r#"{"error_code":"APIGW.0201","error_msg":"m"}"#;
        assert_eq!(verdict(answer(400, body)), Err(REFUSED));
        assert_eq!(verdict(answer(504, body)), Err(Verdict::MaybeProcessed));
    }

    #[test]
    fn a_queue_code_is_an_acceptance_with_its_queue_id() {
        let body = r#"{"error_code":"DEVPIPE.00011170","error_msg":"m","error":{"queue_id":"q1"}}"#;
        assert_eq!(
            classify(
                answer(200, body),
                &Redactor::default(),
                SystemTime::UNIX_EPOCH
            ),
            Ok(Reply::Queued {
                queue_id: Some("q1".to_owned()),
                http_status: 200,
                request_id: None
            })
        );
    }

    #[test]
    fn a_queue_code_that_hides_another_is_no_acceptance() {
        let body = r#"{"error_code":"X.1","error_code":"DEVPIPE.00011169"}"#;
        for status in [200, 400] {
            let failure = classify(
                answer(status, body),
                &Redactor::default(),
                SystemTime::UNIX_EPOCH,
            )
            .unwrap_err();
            assert!(failure.may_have_had_effect(), "{failure:?}");
        }
    }

    #[test]
    fn a_success_answer_with_an_error_or_without_json_is_refused() {
        for (body, cause) in [
            (
                r#"{"success":true,"error_code":"NEW.1"}"#,
                Cause::UnknownCode,
            ),
            (
                r#"{"success":true,"error":{"code":"x"}}"#,
                Cause::UnknownCode,
            ),
            ("", Cause::Unreadable),
            ("<html></html>", Cause::Unreadable),
            ("[]", Cause::Unreadable),
            ("true", Cause::Unreadable),
            (r#"{"success":true} trailing"#, Cause::Unreadable),
        ] {
            for status in [200, 201, 204] {
                let failure = classify(
                    answer(status, body),
                    &Redactor::default(),
                    SystemTime::UNIX_EPOCH,
                )
                .unwrap_err();
                assert_eq!(
                    (failure.verdict, failure.cause),
                    (REFUSED, cause),
                    "{status} {body}"
                );
            }
        }
    }

    #[test]
    fn an_answer_that_breaks_off_may_have_been_processed_unless_it_refuses_the_caller() {
        for (status, expected) in [
            (200, Verdict::MaybeProcessed),
            (404, Verdict::MaybeProcessed),
            (401, UNAUTHORIZED),
            (403, FORBIDDEN),
        ] {
            let answer = Answer {
                status,
                body: Body::Unfinished(b"{\"suc".to_vec()),
                ..Answer::default()
            };
            assert_eq!(verdict(answer), Err(expected), "{status}");
        }
    }

    #[test]
    fn an_answer_that_is_too_large_is_refused_and_may_have_had_effect() {
        let answer = Answer {
            status: 200,
            body: Body::TooLarge,
            ..Answer::default()
        };
        let failure = classify(answer, &Redactor::default(), SystemTime::UNIX_EPOCH).unwrap_err();
        assert_eq!(failure.verdict, REFUSED);
        assert_eq!(failure.reason, "the answer is larger than 8 MiB");
        assert!(failure.may_have_had_effect());
    }

    #[test]
    fn secrets_leave_the_message_the_code_and_the_excerpt() {
        let redactor = Redactor::new([&Secret::new("s3cr3t-value")]);
        let body = r#"{"error_code":"X s3cr3t-value","error_msg":"echo s3cr3t-value|end","request_id":"s3cr3t-value"}"#;
        let failure = classify(answer(401, body), &redactor, SystemTime::UNIX_EPOCH).unwrap_err();
        assert_eq!(failure.service_message.as_deref(), Some("echo ***|end"));
        assert_eq!(failure.service_code.as_deref(), Some("X ***"));
        assert_eq!(failure.request_id.as_deref(), Some("***"));
        let failure = classify(
            answer(200, "<p>s3cr3t-value</p>"),
            &redactor,
            SystemTime::UNIX_EPOCH,
        )
        .unwrap_err();
        assert_eq!(
            failure.reason,
            "the answer is not a JSON object but \"<p>***</p>\""
        );
    }

    #[test]
    fn the_wait_is_counted_from_the_answers_own_date() {
        let answer = Answer {
            status: 503,
            retry_after: Some("Sun, 06 Nov 1994 08:50:00 GMT".to_owned()),
            date: Some("Sun, 06 Nov 1994 08:49:00 GMT".to_owned()),
            ..Answer::default()
        };
        let failure = classify(answer, &Redactor::default(), SystemTime::UNIX_EPOCH).unwrap_err();
        assert_eq!(failure.retry_after, Some(Duration::from_secs(60)));
    }

    #[test]
    fn a_redirect_names_its_target() {
        let answer = Answer {
            status: 302,
            location: Some("https://login.example/".to_owned()),
            ..Answer::default()
        };
        let failure = classify(answer, &Redactor::default(), SystemTime::UNIX_EPOCH).unwrap_err();
        assert_eq!(
            failure.reason,
            "the answer is a redirect to https://login.example/"
        );
    }
}
