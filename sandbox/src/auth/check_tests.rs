//! Signatures of the vendor's own signer, right, altered and too many.

use serde_json::Value;

use super::*;
use crate::auth::UserToken;
use crate::ids;

const DATE_MS: u64 = 1_735_787_045_000;

/// A request as the vector says it is sent, its key, and its expected canonical request.
fn vectors() -> Vec<(String, Request, AccessKey, String)> {
    let text = include_str!("../../tests/fixtures/signing-vectors.json");
    let file: Value = serde_json::from_str(text).expect("the fixture is JSON");
    file["vectors"]
        .as_array()
        .expect("a list of vectors")
        .iter()
        .map(vector)
        .collect()
}

fn vector(vector: &Value) -> (String, Request, AccessKey, String) {
    let text = |part: &str, name: &str| vector[part][name].as_str().map(str::to_owned);
    let given = |name: &str| text("input", name);
    let needed = |part: &str, name: &str| text(part, name).expect("a text in every vector");
    let mut headers = vec![
        ("Host".to_owned(), needed("input", "host")),
        ("X-Sdk-Date".to_owned(), needed("input", "date")),
        (
            "Authorization".to_owned(),
            needed("expect", "authorization"),
        ),
    ];
    for (name, value) in vector["input"]["headers"].as_object().expect("an object") {
        headers.push((name.clone(), value.as_str().expect("a text").to_owned()));
    }
    let optional = [
        ("X-Project-Id", given("project_id")),
        ("X-Security-Token", given("security_token")),
    ];
    for (name, value) in optional {
        headers.extend(value.map(|value| (name.to_owned(), value)));
    }
    let path = needed("expect", "canonical_uri");
    let path = path
        .strip_suffix('/')
        .expect("ends with a slash")
        .to_owned();
    let query = needed("expect", "canonical_query");
    let target = if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    };
    let request = Request {
        method: needed("input", "method"),
        target,
        headers,
        body: needed("input", "body").into_bytes(),
        ..Request::default()
    };
    let mut key = AccessKey::new(needed("input", "ak"), needed("input", "sk"));
    key.security_token = given("security_token");
    let canonical = needed("expect", "canonical_request");
    (needed("input", "method"), request, key, canonical)
}

fn knowing(key: AccessKey) -> Identities {
    let mut identities = Identities::none();
    identities.add_key(key);
    identities
}

fn message(refusal: Result<Membership, Refusal>) -> String {
    match refusal {
        Err(Refusal::Unauthorized(text) | Refusal::WrongSignature(text)) => text,
        other => panic!("not refused for the credentials: {other:?}"),
    }
}

#[test]
fn every_vector_of_the_vendor_verifies() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 8);
    for (_, request, key, canonical) in vectors {
        let header = request.header("Authorization").expect("signed");
        let authorization = Authorization::parse(header).expect("complete");
        assert_eq!(
            canonical_request(&request, &authorization.signed_headers),
            canonical
        );
        let checked = knowing(key).check(&request, DATE_MS, DateCheck::Clock);
        assert_eq!(checked, Ok(Membership::Member), "{}", request.target);
    }
}

#[test]
fn a_changed_byte_anywhere_does_not_verify() {
    for (_, request, key, _) in vectors() {
        let mut altered = vec![request.clone(); 5];
        altered[0].method = "DELETE".to_owned();
        altered[1].target.push('x');
        altered[2].body.push(b' ');
        altered[3].headers[0].1.push('1');
        let authorization = &mut altered[4].headers[2].1;
        let last = authorization.pop().expect("not empty");
        authorization.push(if last == '0' { '1' } else { '0' });
        for request in altered {
            let checked = knowing(key.clone()).check(&request, DATE_MS, DateCheck::Clock);
            assert!(matches!(checked, Err(Refusal::WrongSignature(_))));
        }
    }
}

#[test]
fn a_wrong_signature_is_answered_with_the_canonical_request() {
    let (_, mut request, key, canonical) = vectors().remove(3);
    request.body.push(b'x');
    let text = message(knowing(key).check(&request, DATE_MS, DateCheck::Clock));
    let until_hash = canonical.rfind('\n').expect("six parts");
    assert!(text.contains(&canonical[..until_hash].replace('\n', "|")));
    assert!(text.contains("FAKE-SECURITY-TOKEN"));
}

#[test]
fn a_key_is_locked_after_too_many_wrong_signatures() {
    let (_, good, key, _) = vectors().remove(0);
    let mut bad = good.clone();
    bad.body.push(b'x');
    let mut identities = knowing(key);
    identities.lock_after(2);
    for _ in 0..2 {
        let checked = identities.check(&bad, DATE_MS, DateCheck::Clock);
        assert!(matches!(checked, Err(Refusal::WrongSignature(_))));
    }
    let text = message(identities.check(&good, DATE_MS, DateCheck::Clock));
    assert_eq!(text, "AK access failed to reach the limit, forbidden");
}

#[test]
fn the_date_has_to_be_close_to_the_reference() {
    let (_, request, key, _) = vectors().remove(0);
    let mut identities = knowing(key);
    let mut passes = |now, dates| identities.check(&request, now, dates).is_ok();
    assert!(passes(DATE_MS + SKEW_MS, DateCheck::Clock));
    assert!(!passes(DATE_MS + SKEW_MS + 1, DateCheck::Clock));
    assert!(!passes(DATE_MS - SKEW_MS - 1, DateCheck::Clock));
    assert!(passes(0, DateCheck::At(DATE_MS)));
    assert!(passes(0, DateCheck::Off));
}

#[test]
fn an_unknown_key_and_a_wrong_token_are_told_apart() {
    let (_, request, _, _) = vectors().remove(0);
    let text = message(Identities::none().check(&request, DATE_MS, DateCheck::Clock));
    assert_eq!(text, "Get secretKey failed");
    let request = with_token("no such token");
    let text = message(Identities::default().check(&request, 0, DateCheck::Clock));
    assert_eq!(text, "decrypt token fail");
}

#[test]
fn identity_headers_have_to_be_signed_when_sent() {
    let (_, mut request, key, _) = vectors().remove(0);
    request
        .headers
        .push(("X-Project-Id".to_owned(), "abc".to_owned()));
    let text = message(knowing(key).check(&request, DATE_MS, DateCheck::Clock));
    assert_eq!(text, "x-project-id is not signed");
}

#[test]
fn a_temporary_key_needs_its_own_token() {
    let (_, request, key, _) = vectors().remove(3);
    let other = key.security_token("another token");
    let text = message(knowing(other).check(&request, DATE_MS, DateCheck::Clock));
    assert_eq!(text, "the security token does not belong to the key");
}

#[test]
fn a_token_ends_when_it_expires_or_is_revoked() {
    let mut identities = Identities::none();
    identities.add_token(UserToken::new(ids::TOKEN).expires_ms(100));
    let request = with_token(ids::TOKEN);
    assert!(identities.check(&request, 99, DateCheck::Clock).is_ok());
    assert!(identities.check(&request, 100, DateCheck::Clock).is_err());
    identities.add_token(UserToken::new(ids::TOKEN).membership(Membership::Forbidden));
    let checked = identities.check(&request, 0, DateCheck::Clock);
    assert_eq!(checked, Err(Refusal::Forbidden));
    identities.revoke_token(ids::TOKEN);
    assert!(identities.check(&request, 0, DateCheck::Clock).is_err());
}

fn with_token(token: &str) -> Request {
    Request {
        headers: vec![("x-auth-token".to_owned(), token.to_owned())],
        ..Request::default()
    }
}
