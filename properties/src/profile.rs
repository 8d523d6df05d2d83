//! The profile file: read as its description says, against a reader that works the other way round, and no text that
//! is told depends on a value in it.
//!
//! The bytes are the file.

use std::io::Write as _;
use std::path::Path;

use codearts_retry::credentials::{Credentials, IdTokenOrigin, Origin, Resolved, resolve};
use codearts_retry::env::Env;
use codearts_retry::inputs::{CredentialInputs, InputError};
use codearts_retry::secret::Secret;
use tempfile::NamedTempFile;

use crate::wording;

pub(crate) fn check(data: &[u8]) {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(data).unwrap();
    let found = read(file.path());

    let text = String::from_utf8_lossy(data);
    let entries = Entries::of(&text);
    match (&found, entries.expected()) {
        (Ok(resolved), Some(expected)) => assert_eq!(found_in(&resolved.origin), expected),
        (Err(_), None) => {}
        (found, expected) => panic!("{found:?}, where {expected:?} is in the file"),
    }
    if let Ok(resolved) = &found {
        let kept = &resolved.secrets;
        assert!(entries.secrets().all(|own| kept.contains(&own)));
    }

    let mut others = NamedTempFile::new().unwrap();
    others.write_all(&with_other_values(data)).unwrap();
    assert_eq!(
        told(&found, file.path()),
        told(&read(others.path()), others.path())
    );
}

fn read(path: &Path) -> Result<Resolved, Vec<InputError>> {
    let env = Env::from_pairs([("HUAWEICLOUD_SDK_CREDENTIALS_FILE", path)]);
    resolve(&CredentialInputs::default(), &env)
}

/// Everything that is said, with the path left out.
fn told(found: &Result<Resolved, Vec<InputError>>, path: &Path) -> Vec<String> {
    let told = match found {
        Ok(resolved) => [
            &resolved.warnings[..],
            std::slice::from_ref(&resolved.source),
        ]
        .concat(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    };
    let path = path.to_string_lossy();
    told.iter()
        .map(|text| text.replace(&*path, "FILE"))
        .collect()
}

/// The same file with another value wherever there may be one.
fn with_other_values(data: &[u8]) -> Vec<u8> {
    let mut changed = Vec::new();
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        let is_separator = |byte: &u8| matches!(byte, b'=' | b':');
        let is_section = line.trim_ascii_start().starts_with(b"[") || line.contains(&b'[');
        let value_at = line.iter().position(is_separator).filter(|_| !is_section);
        let (kept, value) = line.split_at(value_at.unwrap_or(line.len()));
        changed.extend_from_slice(kept);
        changed.extend(wording::other_bytes(value));
    }
    changed
}

/// What a profile can say, in the order of the names below.
type Values<'a> = [Option<&'a str>; 5];

const NAMES: [&str; 5] = ["idp_id", "id_token_file", "ak", "sk", "security_token"];

/// The entries that hold.
struct Entries<'a>(Values<'a>);

impl<'a> Entries<'a> {
    /// From the end: the first value that is met is the one that holds, in the section whose head is met next.
    fn of(text: &'a str) -> Self {
        let mut sections: [Values<'a>; 2] = Default::default();
        let mut met: [Option<&'a str>; 5] = Default::default();
        for line in text.trim_start_matches('\u{feff}').lines().rev() {
            let line = line.trim();
            if line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(head) = line.strip_prefix('[') {
                let name = head.split(']').next().unwrap_or_default().trim();
                let at = ["basic", "global"]
                    .iter()
                    .position(|own| name.eq_ignore_ascii_case(own));
                if let Some(at) = at {
                    for (own, met) in sections[at].iter_mut().zip(met) {
                        *own = own.or(met);
                    }
                }
                met = Default::default();
                continue;
            }
            let Some(end) = line.find(['=', ':']) else {
                continue;
            };
            let name = line[..end].trim();
            if let Some(at) = NAMES.iter().position(|own| name.eq_ignore_ascii_case(own)) {
                met[at] = met[at].or(Some(line[end + 1..].trim()));
            }
        }
        let filled =
            |values: Values<'a>| values.map(|value| value.filter(|value| !value.is_empty()));
        let [basic, global] = sections.map(filled);
        let is_blank = basic.iter().all(Option::is_none);
        Self(if is_blank { global } else { basic })
    }

    /// What the origin is made of; `None` where the file is not enough, or is wrong.
    fn expected(&self) -> Option<Values<'a>> {
        let [idp_id, id_token_file, ak, sk, token] = self.0;
        if idp_id.is_some() && id_token_file.is_some() {
            return Some([idp_id, id_token_file, None, None, None]);
        }
        let fits_a_header = |text: &str| text.is_ascii() && !text.chars().any(char::is_control);
        let is_good = ak.is_some_and(fits_a_header)
            && sk.is_some_and(|sk| !sk.chars().any(char::is_control))
            && token.is_none_or(fits_a_header);
        is_good.then_some([None, None, ak, sk, token])
    }

    fn secrets(&self) -> impl Iterator<Item = Secret> + use<'a> {
        let expected = self.expected().unwrap_or_default();
        expected.into_iter().skip(2).flatten().map(Secret::new)
    }
}

fn found_in(origin: &Origin) -> Values<'_> {
    match origin {
        Origin::ExchangedIdToken {
            idp_id,
            id_token: IdTokenOrigin::File { path, .. },
            project_name: None,
        } => [Some(idp_id), path.to_str(), None, None, None],
        Origin::Given(Credentials::AccessKey {
            access_key_id,
            secret_access_key,
            security_token,
        }) => [
            None,
            None,
            Some(access_key_id.expose()),
            Some(secret_access_key.expose()),
            security_token.as_ref().map(Secret::expose),
        ],
        other => panic!("{other:?} from a profile file"),
    }
}
