//! `SDK-HMAC-SHA256` request signing (vendor signing guide, devg-apisign/api-sign-algorithm; SDK signer).
//!
//! Everything here is a function of its arguments, the date included.
//!
//! Step 1: the canonical request. Step 2: the string to sign. Step 3: the signature. Step 4: the `Authorization` header.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use ring::{digest, hmac};
use zeroize::Zeroizing;

use super::request::{ApiRequest, escape, escape_path};
use crate::secret::Secret;

/// The name of the algorithm, first in the string to sign and in the header.
const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// A header that takes part in the signature.
pub(super) struct SignedHeader<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
}

/// The end of the year 9999, after which a date has no such form.
const LAST_SECOND: u64 = 253_402_300_799;

/// The `X-Sdk-Date` form of a moment: `YYYYMMDDTHHMMSSZ`, UTC. A clock that is off by thousands of years gets the start
/// of 1970: a date that the service refuses.
pub(super) fn sdk_date(moment: SystemTime) -> String {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH);
    let since = since
        .ok()
        .filter(|since| since.as_secs() <= LAST_SECOND)
        .unwrap_or(Duration::ZERO);
    let mut date = humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since).to_string();
    date.retain(|c| !matches!(c, '-' | ':'));
    date
}

/// The value of the `Authorization` header.
///
/// `headers` are all that are signed, `Host` and `X-Sdk-Date` among them; `date` is the value of the latter.
pub(super) fn authorization(
    request: &ApiRequest,
    headers: &[SignedHeader<'_>],
    date: &str,
    access_key_id: &Secret,
    secret_access_key: &Secret,
) -> Zeroizing<String> {
    let string_to_sign = string_to_sign(date, &canonical_request(request, headers));
    Zeroizing::new(format!(
        "{ALGORITHM} Access={}, SignedHeaders={}, Signature={}",
        access_key_id.expose(),
        signed_header_names(headers),
        signature(secret_access_key, &string_to_sign),
    ))
}

/// Step 1. Holds header values, a security token among them: never log it.
fn canonical_request(request: &ApiRequest, headers: &[SignedHeader<'_>]) -> Zeroizing<String> {
    let mut canonical_headers = Zeroizing::new(String::new());
    for header in sorted(headers) {
        writeln!(
            canonical_headers,
            "{}:{}",
            header.name.to_ascii_lowercase(),
            header.value.trim()
        )
        .expect("writing to a String cannot fail");
    }
    Zeroizing::new(format!(
        "{}\n{}\n{}\n{}\n{}\n{}",
        request.method.as_str(),
        canonical_uri(&request.path),
        canonical_query(&request.query),
        *canonical_headers,
        signed_header_names(headers),
        hex_sha256(request.body.as_deref().unwrap_or_default().as_bytes()),
    ))
}

/// The escaped path; it ends with `/` here even where the request line's does not.
fn canonical_uri(path: &str) -> String {
    let mut uri = escape_path(path);
    if !uri.ends_with('/') {
        uri.push('/');
    }
    uri
}

/// The pairs sorted by unescaped name, then unescaped value; an empty value keeps its `=`.
fn canonical_query(query: &[(&'static str, String)]) -> String {
    let mut pairs: Vec<_> = query.iter().collect();
    pairs.sort();
    pairs
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect::<Vec<_>>()
        .join("&")
}

fn signed_header_names(headers: &[SignedHeader<'_>]) -> String {
    sorted(headers)
        .iter()
        .map(|header| header.name.to_ascii_lowercase())
        .collect::<Vec<_>>()
        .join(";")
}

fn sorted<'a>(headers: &'a [SignedHeader<'a>]) -> Vec<&'a SignedHeader<'a>> {
    let mut sorted: Vec<_> = headers.iter().collect();
    sorted.sort_by_key(|header| header.name.to_ascii_lowercase());
    sorted
}

/// Step 2. Holds only a hash of the request.
fn string_to_sign(date: &str, canonical_request: &str) -> String {
    format!(
        "{ALGORITHM}\n{date}\n{}",
        hex_sha256(canonical_request.as_bytes())
    )
}

/// Step 3. The secret key is used as it is: no derived key, no region.
fn signature(secret_access_key: &Secret, string_to_sign: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret_access_key.expose().as_bytes());
    hex(hmac::sign(&key, string_to_sign.as_bytes()).as_ref())
}

fn hex_sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a String cannot fail");
            text
        })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::client::request::Method;

    #[derive(Deserialize)]
    struct Fixture {
        vectors: Vec<Vector>,
    }

    #[derive(Deserialize)]
    struct Vector {
        name: String,
        input: Input,
        expect: Expect,
    }

    #[derive(Deserialize)]
    struct Input {
        method: String,
        host: String,
        path: String,
        query: Vec<(String, String)>,
        headers: std::collections::BTreeMap<String, String>,
        body: String,
        ak: String,
        sk: String,
        security_token: Option<String>,
        project_id: Option<String>,
        date: String,
    }

    #[derive(Deserialize)]
    struct Expect {
        canonical_uri: String,
        canonical_query: String,
        signed_headers: String,
        canonical_request: String,
        string_to_sign: String,
        signature: String,
        authorization: String,
    }

    #[test]
    fn every_stage_agrees_with_the_vendors_signer() {
        let fixture: Fixture =
            serde_json::from_str(include_str!("../../tests/fixtures/signing/vectors.json"))
                .unwrap();
        assert_eq!(fixture.vectors.len(), 8);
        for Vector {
            name,
            input,
            expect,
        } in &fixture.vectors
        {
            let method = match input.method.as_str() {
                "GET" => Method::Get,
                "POST" => Method::Post,
                _ => Method::Put,
            };
            let request = ApiRequest {
                query: input
                    .query
                    .iter()
                    .map(|(n, v)| (&*n.clone().leak(), v.clone()))
                    .collect(),
                body: (!input.body.is_empty()).then(|| input.body.clone()),
                ..ApiRequest::new(method, input.path.as_str())
            };
            let mut headers: Vec<(&str, &str)> = input
                .headers
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            headers.extend([
                ("Host", input.host.as_str()),
                ("X-Sdk-Date", input.date.as_str()),
            ]);
            headers.extend(input.project_id.as_deref().map(|id| ("X-Project-Id", id)));
            headers.extend(
                input
                    .security_token
                    .as_deref()
                    .map(|token| ("X-Security-Token", token)),
            );
            let headers: Vec<_> = headers
                .into_iter()
                .map(|(name, value)| SignedHeader { name, value })
                .collect();

            assert_eq!(canonical_uri(&request.path), expect.canonical_uri, "{name}");
            assert_eq!(
                canonical_query(&request.query),
                expect.canonical_query,
                "{name}"
            );
            assert_eq!(
                signed_header_names(&headers),
                expect.signed_headers,
                "{name}"
            );
            let canonical = canonical_request(&request, &headers);
            assert_eq!(*canonical, expect.canonical_request, "{name}");
            let to_sign = string_to_sign(&input.date, &canonical);
            assert_eq!(to_sign, expect.string_to_sign, "{name}");
            let secret = Secret::new(input.sk.as_str());
            assert_eq!(signature(&secret, &to_sign), expect.signature, "{name}");
            let header = authorization(
                &request,
                &headers,
                &input.date,
                &Secret::new(input.ak.as_str()),
                &secret,
            );
            assert_eq!(*header, expect.authorization, "{name}");
        }
    }

    #[test]
    fn the_date_is_utc_without_separators() {
        let moment = |text| humantime::parse_rfc3339(text).unwrap();
        for (text, date) in [
            ("2025-01-02T03:04:05.678Z", "20250102T030405Z"),
            ("2025-01-01T19:04:05Z", "20250101T190405Z"),
            ("2024-02-29T23:59:59.999Z", "20240229T235959Z"),
            ("9999-12-31T23:59:59Z", "99991231T235959Z"),
        ] {
            assert_eq!(sdk_date(moment(text)), date);
        }
    }

    #[test]
    fn a_clock_out_of_its_mind_gets_a_date_all_the_same() {
        let epoch = SystemTime::UNIX_EPOCH;
        for moment in [
            epoch - Duration::from_secs(1),
            epoch + Duration::from_secs(LAST_SECOND + 1),
        ] {
            assert_eq!(sdk_date(moment), "19700101T000000Z");
        }
    }
}
