//! The service's message about a failed part: plain text, or JSON inside text after any prefix. Pure.

use serde_json::{Map, Value};

use super::model::text;

/// A message made readable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) text: String,
    /// The code in it, where it has one.
    pub(super) code: Option<String>,
}

/// The names under which the vendor's services put a message and a code (a published answer; error bodies).
const TEXTS: [&str; 5] = [
    "errorMessage",
    "error_msg",
    "errorMsg",
    "error_message",
    "message",
];
const CODES: [&str; 3] = ["errorCode", "error_code", "code"];

/// Braces that are tried: a text with many is no wrapped message.
const MOST_BRACES: usize = 8;

/// Reads a message. What is not understood stays as it is.
pub(super) fn readable(raw: &str) -> Message {
    let raw = raw.trim();
    let braces = raw.match_indices('{').take(MOST_BRACES);
    for (at, _) in braces {
        let mut values =
            serde_json::Deserializer::from_str(&raw[at..]).into_iter::<Map<String, Value>>();
        let Some(Ok(object)) = values.next() else {
            continue;
        };
        let first = |names: &[&str]| names.iter().find_map(|name| text(&object, name));
        let Some(message) = first(&TEXTS) else {
            continue;
        };
        let prefix = raw[..at].trim();
        let rest = raw[at + values.byte_offset()..].trim();
        let parts = [prefix, &message, rest];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        return Message {
            text: parts.join(" "),
            code: first(&CODES),
        };
    }
    Message {
        text: raw.to_owned(),
        code: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_inside_a_text_gives_its_message_and_code() {
        let message = readable(
            r#"构建失败: {"errorMessage":" exit status 101 ","errorCode":"DEV-CODECI-35002","x":{}}"#,
        );
        assert_eq!(message.text, "构建失败: exit status 101");
        assert_eq!(message.code.as_deref(), Some("DEV-CODECI-35002"));
    }

    #[test]
    fn json_alone_and_with_text_after_it_is_read_too() {
        assert_eq!(
            readable(r#"{"error_msg":"no"} (step 2)"#).text,
            "no (step 2)"
        );
        assert_eq!(
            readable(r#"use {x} or {"message":"m","code":"C.1"}"#).text,
            "use {x} or m"
        );
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for raw in [
            "plain",
            "a {b} c",
            r#"{"errorMessage":7}"#,
            "{",
            r#"["x"]"#,
            "",
        ] {
            assert_eq!(readable(raw).text, raw);
            assert_eq!(readable(raw).code, None);
        }
        let braces = "{".repeat(1 << 20);
        assert_eq!(readable(&braces).text, braces);
    }
}
