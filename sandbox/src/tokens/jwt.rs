//! ID tokens: JSON Web Tokens with an HMAC (RFC 7515, RFC 7519). GitHub signs its own with RSA; who verifies them here
//! has the same key.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

const KEY: &[u8] = b"the sandbox signs its ID tokens with this";
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Who a token is from, for and about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdClaims {
    /// `iss`.
    pub issuer: String,
    /// `aud`.
    pub audience: String,
    /// `sub`.
    pub subject: String,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JwtProblem {
    /// It is no token, or its signature is wrong.
    Signature,
    /// Its time is over.
    Expired,
    /// It is from another issuer.
    Issuer,
    /// It is for another audience.
    Audience,
    /// It is about somebody else.
    Subject,
}

impl IdClaims {
    /// A signed token that is good until `expires_ms`, milliseconds of the service's clock (whole seconds count).
    pub fn sign(&self, expires_ms: u64) -> String {
        let header = json!({"alg": "HS256", "typ": "JWT"});
        let claims = json!({
            "iss": self.issuer,
            "aud": self.audience,
            "sub": self.subject,
            "exp": expires_ms / 1000,
        });
        let signed = format!(
            "{}.{}",
            encode(header.to_string().as_bytes()),
            encode(claims.to_string().as_bytes())
        );
        let signature = encode(&mac(&signed).finalize().into_bytes());
        format!("{signed}.{signature}")
    }

    /// Whether a token is signed by us, in time, and says these claims.
    pub(super) fn verify(&self, token: &str, now_ms: u64) -> Result<(), JwtProblem> {
        let (signed, signature) = token.rsplit_once('.').ok_or(JwtProblem::Signature)?;
        let signature = decode(signature).ok_or(JwtProblem::Signature)?;
        mac(signed)
            .verify_slice(&signature)
            .map_err(|_| JwtProblem::Signature)?;
        let claims: Value = signed
            .split_once('.')
            .and_then(|(_, claims)| decode(claims))
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or(JwtProblem::Signature)?;
        if claims["exp"]
            .as_u64()
            .is_none_or(|end| now_ms >= end * 1000)
        {
            return Err(JwtProblem::Expired);
        }
        for (name, expected, problem) in [
            ("iss", &self.issuer, JwtProblem::Issuer),
            ("aud", &self.audience, JwtProblem::Audience),
            ("sub", &self.subject, JwtProblem::Subject),
        ] {
            if claims[name].as_str() != Some(expected) {
                return Err(problem);
            }
        }
        Ok(())
    }
}

fn mac(signed: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).expect("an HMAC takes a key of any length");
    mac.update(signed.as_bytes());
    mac
}

/// Base64 for URLs, without padding (RFC 4648 §5).
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .chain([0; 3].iter())
            .take(3)
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for place in 0..=group.len() {
            text.push(char::from(ALPHABET[bits >> (18 - 6 * place) & 63]));
        }
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|own| *own == character)?;
        bits = (bits << 6 | u32::try_from(value).ok()?) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> IdClaims {
        IdClaims {
            issuer: "i".to_owned(),
            audience: "a".to_owned(),
            subject: "s".to_owned(),
        }
    }

    #[test]
    fn base64_comes_back_at_every_length() {
        for length in 0..9 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte * 31 + 200_u8 % 7).collect();
            assert_eq!(decode(&encode(&bytes)), Some(bytes), "{length}");
        }
        assert_eq!(encode(b"\xfb\xff"), "-_8");
        assert_eq!(decode("a+b"), None);
    }

    #[test]
    fn a_token_is_good_until_its_end_and_for_its_claims_only() {
        let token = claims().sign(10_000);
        assert_eq!(claims().verify(&token, 9_999), Ok(()));
        assert_eq!(claims().verify(&token, 10_000), Err(JwtProblem::Expired));
        let other = |change: fn(&mut IdClaims)| {
            let mut other = claims();
            change(&mut other);
            other.verify(&token, 0)
        };
        assert_eq!(other(|c| c.issuer.push('x')), Err(JwtProblem::Issuer));
        assert_eq!(other(|c| c.audience.push('x')), Err(JwtProblem::Audience));
        assert_eq!(other(|c| c.subject.push('x')), Err(JwtProblem::Subject));
    }

    #[test]
    fn a_changed_token_is_not_taken() {
        let token = claims().sign(10_000);
        let later = claims().sign(20_000);
        let (_, signature) = token.rsplit_once('.').expect("three parts");
        let (signed, _) = later.rsplit_once('.').expect("three parts");
        for forged in [
            format!("{signed}.{signature}"),
            "x".to_owned(),
            "a.b.c".to_owned(),
        ] {
            assert_eq!(
                claims().verify(&forged, 0),
                Err(JwtProblem::Signature),
                "{forged}"
            );
        }
    }
}
