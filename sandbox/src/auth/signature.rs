//! Verifies an `SDK-HMAC-SHA256` signature from the bytes that were received.
//!
//! Written from the description in the vendor's signing guide, not from a signer, so that it can contradict one.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::ids::hex;
use crate::request::{Request, hex_digit, percent_decode};

/// The name of the algorithm, as the header and the string to sign begin.
pub(crate) const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// The three parts of an `Authorization` header.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Authorization<'a> {
    pub(crate) access: &'a str,
    pub(crate) signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// `SDK-HMAC-SHA256 Access=…, SignedHeaders=a;b, Signature=…`; `None` if a part is missing.
    pub(crate) fn parse(header: &'a str) -> Option<Self> {
        let fields: Vec<(&str, &str)> = header
            .strip_prefix(ALGORITHM)?
            .split(',')
            .filter_map(|field| field.trim().split_once('='))
            .collect();
        let field = |name: &str| {
            fields
                .iter()
                .find(|(own, _)| *own == name)
                .map(|(_, value)| *value)
        };
        Some(Self {
            access: field("Access")?,
            signed_headers: field("SignedHeaders")?.split(';').collect(),
            signature: field("Signature")?,
        })
    }

    /// Whether the header of that name (lower case) is covered.
    pub(crate) fn covers(&self, name: &str) -> bool {
        self.signed_headers.contains(&name)
    }

    /// Whether the signature was made of this canonical request with this secret; takes the same time either way.
    pub(crate) fn is_by(&self, secret: &str, date: &str, canonical: &str) -> bool {
        let Some(signature) = from_hex(self.signature) else {
            return false;
        };
        let hash = hex(&Sha256::digest(canonical.as_bytes()));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(format!("{ALGORITHM}\n{date}\n{hash}").as_bytes());
        mac.verify_slice(&signature).is_ok()
    }
}

/// The canonical request; names that are signed but were not sent count as empty, which no signer agrees with.
pub(crate) fn canonical_request(request: &Request, signed_headers: &[&str]) -> String {
    let mut names: Vec<String> = signed_headers
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect();
    names.sort_unstable();
    let mut headers = String::new();
    for name in &names {
        headers.push_str(name);
        headers.push(':');
        headers.push_str(request.header(name).unwrap_or_default().trim());
        headers.push('\n');
    }
    [
        request.method.to_ascii_uppercase(),
        canonical_uri(request.path()),
        canonical_query(request.query()),
        headers,
        names.join(";"),
        payload_hash(request),
    ]
    .join("\n")
}

/// Lower-case hex SHA-256 of the body, or what `X-Sdk-Content-Sha256` says (for a body that is not signed).
fn payload_hash(request: &Request) -> String {
    match request.header("X-Sdk-Content-Sha256") {
        Some(given) => given.to_owned(),
        None => hex(&Sha256::digest(&request.body)),
    }
}

/// The path, decoded, escaped again segment by segment, with a slash at its end.
fn canonical_uri(path: &str) -> String {
    let decoded = percent_decode(path);
    let segments: Vec<String> = decoded.split(|byte| *byte == b'/').map(escape).collect();
    let mut uri = segments.join("/");
    if !uri.ends_with('/') {
        uri.push('/');
    }
    uri
}

/// The decoded pairs sorted by name and then value, escaped again.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (percent_decode(name), percent_decode(value)))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect();
    pairs.join("&")
}

/// Percent-encodes everything but `A-Z a-z 0-9 - _ . ~`, with upper-case digits.
fn escape(bytes: &[u8]) -> String {
    let mut escaped = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.push_str(&hex(&[byte]).to_ascii_uppercase());
        }
    }
    escaped
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(hex_digit(*high)? << 4 | hex_digit(*low)?))
        .collect()
}
