//! Text that must not be shown: a type that cannot print itself, and the filter that takes it out of other text.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

/// A secret value. It has no `Display`, its `Debug` is a constant, and its memory is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the value in; it leaves again only through [`Secret::expose`].
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself: for request headers, signing keys and the mask commands of a CI system, nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Keeps secrets that become known as the step goes on out of sight.
pub trait SecretKeeper: Send + Sync {
    /// Masks them everywhere, before anything else happens with them.
    fn learn(&self, secrets: &[Secret]);

    /// Looks for them no longer: they are out of use, and nothing can echo them.
    fn forget(&self, secrets: &[Secret]);
}

/// What stands where a secret stood.
const REPLACEMENT: &str = "***";

/// Replaces secrets in text, in the forms a server or a library may echo them in: as they are, percent-encoded,
/// JSON-escaped, HTML-escaped, and in base64. A clone is the same filter: it knows what the original learns later.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Longest first, so that a secret which contains another one is taken out whole.
    needles: Arc<RwLock<Vec<Zeroizing<String>>>>,
}

impl Redactor {
    /// A filter for these secrets, each as a whole and line by line.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let redactor = Self::default();
        redactor.set(secrets);
        redactor
    }

    /// Makes it, and every clone of it, a filter for these secrets.
    pub fn set<'a>(&self, secrets: impl IntoIterator<Item = &'a Secret>) {
        let mut needles: Vec<Zeroizing<String>> = Vec::new();
        for secret in secrets {
            for form in forms(secret.expose()) {
                if !form.is_empty() && !needles.iter().any(|known| **known == form) {
                    needles.push(Zeroizing::new(form));
                }
            }
        }
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        *self.needles.write().unwrap_or_else(PoisonError::into_inner) = needles;
    }

    /// The text without any of the secrets.
    pub fn clean(&self, text: &str) -> String {
        let mut cleaned = text.to_owned();
        let needles = self.needles.read().unwrap_or_else(PoisonError::into_inner);
        for needle in needles.iter() {
            if cleaned.contains(needle.as_str()) {
                cleaned = cleaned.replace(needle.as_str(), REPLACEMENT);
            }
        }
        cleaned
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

/// Shorter base64 fragments than this would match ordinary words.
const SHORTEST_BASE64_FRAGMENT: usize = 8;

fn forms(secret: &str) -> Vec<String> {
    let mut forms = Vec::new();
    let whole = std::iter::once(secret);
    let lines = secret
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    for part in whole.chain(lines) {
        forms.push(part.to_owned());
        forms.push(percent_encoded(part));
        forms.push(percent_encoded(part).to_lowercase());
        forms.push(percent_encoded(part).replace("%20", "+"));
        forms.push(json_escaped(part));
        forms.push(json_escaped(part).replace('/', "\\/"));
        forms.push(html_escaped(part));
        // A fragment inside a larger base64 text starts at one of three offsets; its first and last characters
        // also carry bits of the neighbours and are left out.
        for offset in 0..3 {
            let fragment = base64_fragment(part.as_bytes(), offset);
            if fragment.len() >= SHORTEST_BASE64_FRAGMENT {
                forms.push(fragment.replace('+', "-").replace('/', "_"));
                forms.push(fragment);
            }
        }
    }
    forms
}

fn percent_encoded(text: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    percent_encoding::utf8_percent_encode(text, KEPT).to_string()
}

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn html_escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The base64 characters that depend on `bytes` alone when `offset` other bytes stand before them in a group.
fn base64_fragment(bytes: &[u8], offset: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = |index: usize| -> Option<u8> {
        index
            .checked_sub(offset * 8)
            .and_then(|bit| bytes.get(bit / 8).map(|byte| byte >> (7 - bit % 8) & 1))
    };
    (0..(bytes.len() + offset) * 8 / 6)
        .filter_map(|group| {
            (group * 6..group * 6 + 6)
                .map(bits)
                .try_fold(0_u8, |value, bit| bit.map(|bit| value << 1 | bit))
        })
        .map(|value| char::from(ALPHABET[usize::from(value)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_holds_nothing_of_the_value() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(***)");
    }

    #[test]
    fn a_secret_goes_in_each_form_a_server_may_echo() {
        let redactor = Redactor::new([&Secret::new("a+b/c\"d==&e 012345")]);
        for echoed in [
            "x a+b/c\"d==&e 012345 y",
            "x a%2Bb%2Fc%22d%3D%3D%26e%20012345 y",
            "x a%2bb%2fc%22d%3d%3d%26e%20012345 y",
            "x a+b\\/c\\\"d==&e 012345 y",
            "x a+b/c\\\"d==&e 012345 y",
            "x a+b/c&quot;d==&amp;e 012345 y",
        ] {
            assert_eq!(redactor.clean(echoed), "x *** y", "{echoed}");
        }
    }

    #[test]
    fn a_secret_goes_from_base64_at_every_alignment() {
        let redactor = Redactor::new([&Secret::new("correct horse battery")]);
        for encoded in [
            "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5",         // the secret alone
            "eGNvcnJlY3QgaG9yc2UgYmF0dGVyeQ==",     // after "x"
            "eHhjb3JyZWN0IGhvcnNlIGJhdHRlcnk=",     // after "xx"
            "eHh4Y29ycmVjdCBob3JzZSBiYXR0ZXJ5eHh4", // between "xxx" and "xxx"
        ] {
            let cleaned = redactor.clean(encoded);
            assert!(cleaned.contains("***"), "{encoded} became {cleaned}");
        }
    }

    #[test]
    fn a_clone_knows_what_the_original_learns_later() {
        let redactor = Redactor::default();
        let clone = redactor.clone();
        redactor.set([&Secret::new("late")]);
        assert_eq!(clone.clean("too late"), "too ***");
    }

    #[test]
    fn each_line_of_a_secret_goes_and_the_longest_match_wins() {
        let redactor = Redactor::new([&Secret::new("first\nsecond"), &Secret::new("fir")]);
        assert_eq!(redactor.clean("second, first, fir"), "***, ***, ***");
    }
}
