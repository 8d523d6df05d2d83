//! An API request before it is signed.

use std::fmt::{self, Write as _};

use crate::secret::Secret;

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

/// One call, without host and credentials. Its `Debug` shows neither headers nor body: those of token services hold
/// secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiRequest {
    /// The method.
    pub method: Method,
    /// The path, unescaped, starting with `/`.
    pub path: String,
    /// Whether `path` is the whole target, escaped already.
    pub is_verbatim: bool,
    /// Headers beside those that every call has; not signed.
    pub headers: Vec<(&'static str, Secret)>,
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
            is_verbatim: false,
            headers: Vec::new(),
            query: Vec::new(),
            body: None,
        }
    }

    /// A call whose path and query are escaped already: another service's URL. Not for signed calls.
    pub fn verbatim(method: Method, target: impl Into<String>) -> Self {
        Self {
            is_verbatim: true,
            ..Self::new(method, target)
        }
    }

    /// Adds a header that is not signed.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: Secret) -> Self {
        self.headers.push((name, value));
        self
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
        if self.is_verbatim {
            return self.path.clone();
        }
        let mut target = escape_path(&self.path);
        for (index, (name, value)) in self.query.iter().enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            write!(target, "{separator}{}={}", escape(name), escape(value))
                .expect("writing to a String cannot fail");
        }
        target
    }
}

impl fmt::Debug for ApiRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.target())
    }
}

/// Everything but `A-Z a-z 0-9 - _ . ~` is escaped (vendor signing guide, devg-apisign).
const ESCAPED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// One path segment, query name or query value, percent-encoded with upper-case digits.
pub fn escape(text: &str) -> String {
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
        let verbatim = ApiRequest::verbatim(Method::Get, "/a%20b//c?x=1");
        assert_eq!(verbatim.target(), "/a%20b//c?x=1");
    }

    #[test]
    fn debug_output_holds_neither_headers_nor_body() {
        let request = ApiRequest::new(Method::Post, "/v3/auth/tokens")
            .with_header("Authorization", Secret::new("hush"))
            .with_body("hush");
        assert_eq!(format!("{request:?}"), "POST /v3/auth/tokens");
    }
}
