//! Decides whether a request comes from somebody the service knows.

use super::DateCheck;
use super::date;
use super::identities::{AccessKey, Identities, Membership};
use super::signature::{ALGORITHM, Authorization, canonical_request};
use crate::request::Request;

/// How far the date of a signature may be off: 15 minutes (vendor help page devg-apisign/api-sign-0001).
const SKEW_MS: u64 = 15 * 60 * 1000;

/// Why a request is refused at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 401 `APIGW.0301`.
    Unauthorized(String),
    /// 401 `APIGW.0301` because the signature does not verify; the text echoes the canonical request.
    WrongSignature(String),
    /// 403 `APIGW.0302`.
    Forbidden,
}

impl Identities {
    /// What the sender may do; `Forbidden` and unknown senders are refused. Counts wrong signatures.
    pub(crate) fn check(
        &mut self,
        request: &Request,
        now_ms: u64,
        dates: DateCheck,
    ) -> Result<Membership, Refusal> {
        let signed = request
            .header("Authorization")
            .filter(|value| value.starts_with(ALGORITHM));
        let membership = match (signed, request.header("X-Auth-Token")) {
            (Some(header), _) => self.check_signature(request, header, now_ms, dates)?,
            (None, Some(token)) => self.check_token(token, now_ms)?,
            (None, None) => {
                return Err(unauthorized(
                    "neither X-Auth-Token nor an SDK-HMAC-SHA256 Authorization was sent",
                ));
            }
        };
        match membership {
            Membership::Forbidden => Err(Refusal::Forbidden),
            other => Ok(other),
        }
    }

    fn check_token(&self, token: &str, now_ms: u64) -> Result<Membership, Refusal> {
        self.tokens
            .iter()
            .find(|own| own.token == token && is_current(own.expires_ms, now_ms))
            .map(|own| own.membership)
            .ok_or_else(|| unauthorized("decrypt token fail"))
    }

    fn check_signature(
        &mut self,
        request: &Request,
        header: &str,
        now_ms: u64,
        dates: DateCheck,
    ) -> Result<Membership, Refusal> {
        let authorization = Authorization::parse(header)
            .ok_or_else(|| unauthorized("the Authorization header is incomplete"))?;
        let key = self
            .keys
            .iter()
            .find(|key| key.id == authorization.access && is_current(key.expires_ms, now_ms))
            .ok_or_else(|| unauthorized("Get secretKey failed"))?;
        let wrong = self.wrong_signatures.entry(key.id.clone()).or_default();
        if *wrong >= self.lock_after {
            return Err(unauthorized(
                "AK access failed to reach the limit, forbidden",
            ));
        }
        let date = check_date(request, &authorization, now_ms, dates)?;
        check_covered_headers(request, &authorization, key)?;
        let canonical = canonical_request(request, &authorization.signed_headers);
        if !authorization.is_by(&key.secret, date, &canonical) {
            *wrong += 1;
            let echo = canonical.replace('\n', "|");
            return Err(Refusal::WrongSignature(format!(
                "verify aksk signature fail, canonicalRequest:{echo}"
            )));
        }
        Ok(key.membership)
    }
}

/// The date of the signature, which has to be signed itself and close to now.
fn check_date<'a>(
    request: &'a Request,
    authorization: &Authorization<'_>,
    now_ms: u64,
    dates: DateCheck,
) -> Result<&'a str, Refusal> {
    let text = request
        .header("X-Sdk-Date")
        .ok_or_else(|| unauthorized("X-Sdk-Date was not sent"))?;
    if !authorization.covers("x-sdk-date") {
        return Err(unauthorized("X-Sdk-Date is not signed"));
    }
    let at = date::parse(text).ok_or_else(|| unauthorized("X-Sdk-Date is no date"))?;
    let reference = match dates {
        DateCheck::Clock => now_ms,
        DateCheck::At(fixed) => fixed,
        DateCheck::Off => at,
    };
    if at.abs_diff(reference) > SKEW_MS {
        return Err(unauthorized(
            "request time is out of range, X-Sdk-Date differs by more than 15 minutes",
        ));
    }
    Ok(text)
}

/// The headers that say who is meant have to be signed, and a temporary key needs its own token.
fn check_covered_headers(
    request: &Request,
    authorization: &Authorization<'_>,
    key: &AccessKey,
) -> Result<(), Refusal> {
    for name in ["x-security-token", "x-project-id"] {
        if request.header(name).is_some() && !authorization.covers(name) {
            return Err(unauthorized(&format!("{name} is not signed")));
        }
    }
    let sent = request.header("X-Security-Token");
    if key.security_token.is_some() && sent != key.security_token.as_deref() {
        return Err(unauthorized(
            "the security token does not belong to the key",
        ));
    }
    Ok(())
}

fn is_current(expires_ms: Option<u64>, now_ms: u64) -> bool {
    expires_ms.is_none_or(|end| now_ms < end)
}

fn unauthorized(reason: &str) -> Refusal {
    Refusal::Unauthorized(reason.to_owned())
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
