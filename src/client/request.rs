//! An API request before it is signed.

use std::fmt::Write as _;

/// The methods the API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Lists, logs, stops.
    Post,
    /// Retries.
    Put,
}

impl Method {
    /// The method as it stands in the request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// One call of the API, without host and credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRequest {
    /// The method.
    pub method: Method,
    /// The path, unescaped, starting with `/`.
    pub path: String,
    /// Query pairs, unescaped.
    pub query: Vec<(&'static str, String)>,
    /// A JSON document, if the call has one.
    pub body: Option<String>,
}

impl ApiRequest {
    /// A call without query and body.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            body: None,
        }
    }

    /// Adds a query pair.
    #[must_use]
    pub fn with_query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Sets the JSON body.
    #[must_use]
    pub fn with_body(mut self, json: impl Into<String>) -> Self {
        self.body = Some(json.into());
        self
    }

    /// The escaped path and query, as they stand in the request line.
    pub fn target(&self) -> String {
        let mut target = escape_path(&self.path);
        for (index, (name, value)) in self.query.iter().enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            write!(target, "{separator}{}={}", escape(name), escape(value))
                .expect("writing to a String cannot fail");
        }
        target
    }
}

/// Everything but `A-Z a-z 0-9 - _ . ~` is escaped (vendor signing guide, devg-apisign).
const ESCAPED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// One path segment, query name or query value, percent-encoded with upper-case digits.
pub(super) fn escape(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, ESCAPED).to_string()
}

/// A path with each of its segments escaped.
pub(super) fn escape_path(path: &str) -> String {
    path.split('/').map(escape).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_escapes_path_segments_and_query_values() {
        let request = ApiRequest::new(Method::Get, "/v5/a b/é")
            .with_query("x", "1&2")
            .with_query("y", "");
        assert_eq!(request.target(), "/v5/a%20b/%C3%A9?x=1%262&y=");
    }
}
