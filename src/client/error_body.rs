//! Error codes and messages, in every shape the service and its gateways put them.
//!
//! | shape | where |
//! | --- | --- |
//! | `error_code`, `error_msg`, `request_id` | the API gateway; Pipeline itself, also inside a 200 |
//! | the same with `error: {queue_id, …}` | a queued retry (vendor's Terraform provider) |
//! | `error: {code, message}` | sister services; IAM, with a number as code |
//! | `errorCode`, `errorMsg`; `code`, `message` | some services (vendor's Python SDK) |
//! | `details: [{error_code, error_msg}]` | IAM v5 denials (SDK model) |

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// What an answer says went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ErrorBody {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
    /// `error.queue_id` of a queued retry.
    pub(super) queue_id: Option<String>,
}

impl ErrorBody {
    /// Reads the error fields of a JSON object; all are empty where there is no error.
    pub(super) fn from_object(object: &Map<String, Value>) -> Self {
        let nested = object.get("error").and_then(Value::as_object);
        let nested_text = |name| nested.and_then(|error| text(error, name));
        let error_text = object
            .get("error")
            .and_then(Value::as_str)
            .and_then(non_empty);
        let detail = object
            .get("details")
            .and_then(Value::as_array)
            .and_then(|details| details.first())
            .and_then(Value::as_object);
        Self {
            code: text(object, "error_code")
                .or_else(|| text(object, "errorCode"))
                .or_else(|| nested_text("code"))
                .or_else(|| nested_text("error_code"))
                .or_else(|| text(object, "code"))
                .or_else(|| detail.and_then(|detail| text(detail, "error_code"))),
            message: text(object, "error_msg")
                .or_else(|| text(object, "errorMsg"))
                .or_else(|| text(object, "errorMessage"))
                .or_else(|| nested_text("message"))
                .or_else(|| nested_text("error_msg"))
                .or_else(|| nested_text("title"))
                .or_else(|| text(object, "message"))
                .or_else(|| detail.and_then(|detail| text(detail, "error_msg")))
                .or_else(|| error_text.clone()),
            request_id: text(object, "request_id").or_else(|| nested_text("request_id")),
            queue_id: nested_text("queue_id"),
        }
    }

    /// Whether the object reports an error at all: a code, an entry of `details` that has one, even an empty one, or an
    /// `error` member that says something.
    pub(super) fn reports_error(object: &Map<String, Value>) -> bool {
        let has_code = |entry: &Value| entry.get("error_code").is_some();
        let is_in_details = match object.get("details") {
            Some(Value::Array(entries)) => entries.iter().any(has_code),
            Some(entry) => has_code(entry),
            None => false,
        };
        Self::from_object(object).code.is_some()
            || is_in_details
            || match object.get("error") {
                None | Some(Value::Null | Value::Bool(false)) => false,
                Some(Value::String(text)) => !text.trim().is_empty(),
                Some(Value::Object(members)) => !members.is_empty(),
                Some(Value::Array(items)) => !items.is_empty(),
                Some(Value::Bool(true) | Value::Number(_)) => true,
            }
    }
}

/// Whether no member that an error is read from comes twice: of two the second takes back what the first says, and a
/// code could hide behind another.
pub(crate) fn errors_come_once(body: &[u8]) -> bool {
    /// The derived reader refuses a field that comes twice.
    #[derive(Deserialize)]
    struct Carriers {
        #[serde(default, rename = "error_code")]
        _error_code: Option<IgnoredAny>,
        #[serde(default, rename = "errorCode")]
        _error_code_in_camel_case: Option<IgnoredAny>,
        #[serde(default, rename = "code")]
        _code: Option<IgnoredAny>,
        #[serde(default, rename = "error")]
        _error: Option<IgnoredAny>,
        #[serde(default, rename = "details")]
        _details: Option<IgnoredAny>,
    }
    serde_json::from_slice::<Carriers>(body).is_ok()
}

/// A member as text; `null` and `""` count as absent, numbers are written out.
fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) => non_empty(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn non_empty(text: &str) -> Option<String> {
    let trimmed = text.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> ErrorBody {
        ErrorBody::from_object(
            serde_json::from_str::<Value>(json)
                .unwrap()
                .as_object()
                .unwrap(),
        )
    }

    fn reports(json: &str) -> bool {
        ErrorBody::reports_error(
            serde_json::from_str::<Value>(json)
                .unwrap()
                .as_object()
                .unwrap(),
        )
    }

    #[test]
    fn every_shape_gives_its_code_and_message() {
        for json in [
            r#"{"error_code":"C","error_msg":"m","request_id":"r"}"#,
            r#"{"errorCode":"C","errorMsg":"m","request_id":"r"}"#,
            r#"{"code":"C","message":"m","request_id":"r"}"#,
            r#"{"error":{"code":"C","message":"m","request_id":"r"},"status":"failed"}"#,
            r#"{"error":{"error_code":"C","error_msg":"m","request_id":"r"}}"#,
            r#"{"details":[{"error_code":"C","error_msg":"m"}],"request_id":"r"}"#,
        ] {
            let body = read(json);
            assert_eq!(
                (
                    body.code.as_deref(),
                    body.message.as_deref(),
                    body.request_id.as_deref()
                ),
                (Some("C"), Some("m"), Some("r")),
                "{json}"
            );
            assert!(reports(json), "{json}");
        }
    }

    #[test]
    fn a_numeric_code_survives() {
        let body = read(r#"{"error":{"code":401,"message":"m","title":"Unauthorized"}}"#);
        assert_eq!(
            (body.code.as_deref(), body.message.as_deref()),
            (Some("401"), Some("m"))
        );
    }

    #[test]
    fn the_queue_id_stands_beside_the_code() {
        let body = read(
            r#"{"error_code":"DEVPIPE.00011169","error_msg":"m","error":{"pipeline_run_id":"p","queue_id":"q"}}"#,
        );
        assert_eq!(
            (body.code.as_deref(), body.queue_id.as_deref()),
            (Some("DEVPIPE.00011169"), Some("q"))
        );
    }

    #[test]
    fn null_and_blank_count_as_no_error() {
        for json in [
            r#"{"success":true}"#,
            r#"{"success":true,"error_code":null,"error_msg":null}"#,
            r#"{"success":true,"error_code":"","error":null}"#,
            r#"{"success":true,"error":{}}"#,
            r#"{"success":true,"error":""}"#,
            r#"{"success":true,"error":[]}"#,
            r#"{"success":true,"error":false}"#,
            r#"{"success":true,"details":[{"reason":"none"}]}"#,
        ] {
            assert!(!reports(json), "{json}");
        }
        for json in [
            r#"{"success":true,"error":"no"}"#,
            r#"{"success":true,"error":true}"#,
            r#"{"success":true,"error":["no"]}"#,
            r#"{"success":true,"error":{"reason":"no"}}"#,
            r#"{"success":true,"error_code":7}"#,
            r#"{"success":true,"details":[{},{"error_code":"C"}]}"#,
            r#"{"success":true,"details":[{"error_code":"C","error_code":null}]}"#,
            r#"{"success":true,"details":{"error_code":"C"}}"#,
        ] {
            assert!(reports(json), "{json}");
        }
    }

    #[test]
    fn a_member_that_carries_an_error_comes_once() {
        for name in ["error_code", "errorCode", "code", "error", "details"] {
            let once = format!(r#"{{"success":true,"{name}":"X.1"}}"#);
            let twice = format!(r#"{{"{name}":"X.1","success":true,"{name}":null}}"#);
            assert!(errors_come_once(once.as_bytes()), "{once}");
            assert!(!errors_come_once(twice.as_bytes()), "{twice}");
        }
    }
}
