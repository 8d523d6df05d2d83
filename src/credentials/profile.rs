//! The profile file of the SDKs and the vendor's command line.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::origin::{IdTokenOrigin, Origin};
use super::{Found, access_key};
use crate::env::Env;
use crate::inputs::{InputError, shown};

/// Names the profile file (SDK: profile provider).
const FILE_VARIABLE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";

/// The home directory, where the file is `.huaweicloud/credentials` (SDK: profile provider).
const HOME_VARIABLE: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

/// Sections in order of precedence: project-level credentials, then account-level ones.
const SECTIONS: [&str; 2] = ["basic", "global"];

/// A profile is a few lines; what is longer is no profile. Also keeps an endless device from filling the memory.
pub(super) const LONGEST_FILE: u64 = 1024 * 1024;

/// The text of the file; bytes that are not UTF-8 are replaced, and can only spoil the line they are in.
pub(super) fn read_file(path: &Path, longest: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(longest + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        let problem = format!("it is larger than {} KiB", longest / 1024);
        return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The credentials in the profile file. A file that a variable names must be readable; the default one need not be
/// there. What is there but incomplete is noted in `passed_over`.
pub(super) fn find(
    env: &Env,
    read_file: &dyn Fn(&Path) -> io::Result<String>,
    passed_over: &mut Vec<String>,
) -> Result<Option<Found>, Vec<InputError>> {
    let Some((path, named)) = locate(env) else {
        return Ok(None);
    };
    let source = format!("profile file {}", shown(&path.to_string_lossy()));
    let text = match read_file(&path) {
        Ok(text) => text,
        Err(error) if named => {
            return Err(vec![InputError::Unusable {
                place: FILE_VARIABLE.to_owned(),
                problem: format!("names a {source} that cannot be read: {error}"),
            }]);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            passed_over.push(format!("{source}, which cannot be read: {error}"));
            return Ok(None);
        }
    };
    let profile = Profile::parse(&text);
    if let (Some(idp_id), Some(file)) = (profile.idp_id, profile.id_token_file) {
        return Ok(Some(Found {
            origin: Origin::ExchangedIdToken {
                idp_id: idp_id.to_owned(),
                id_token: IdTokenOrigin::File {
                    path: PathBuf::from(file),
                    place: format!("id_token_file in the {source}"),
                },
                project_name: None,
            },
            source,
        }));
    }
    let (Some(ak), Some(sk)) = (profile.ak, profile.sk) else {
        passed_over.push(format!(
            "{source}, which has neither `ak` and `sk` nor `idp_id` and `id_token_file` in [basic] or [global]"
        ));
        return Ok(None);
    };
    let name = |key| format!("{key} in the {source}");
    let (ak_name, sk_name, token_name) = (name("ak"), name("sk"), name("security_token"));
    let origin = access_key(
        (&ak_name, ak),
        (&sk_name, sk),
        profile
            .security_token
            .map(|token| (token_name.as_str(), token)),
    )?;
    Ok(Some(Found { origin, source }))
}

/// The path of the file, and whether a variable names it.
fn locate(env: &Env) -> Option<(PathBuf, bool)> {
    let is_blank = |path: &PathBuf| path.to_str().is_some_and(|text| text.trim().is_empty());
    if let Some(path) = env.path(FILE_VARIABLE).filter(|path| !is_blank(path)) {
        return Some((path, true));
    }
    let home = env.path(HOME_VARIABLE)?;
    Some((home.join(".huaweicloud").join("credentials"), false))
}

/// The entries of one section that matter here.
#[derive(Default)]
struct Profile<'a> {
    ak: Option<&'a str>,
    sk: Option<&'a str>,
    security_token: Option<&'a str>,
    idp_id: Option<&'a str>,
    id_token_file: Option<&'a str>,
}

impl<'a> Profile<'a> {
    /// Reads the first of [`SECTIONS`] that has an entry of interest. Sections and keys fold case, `=` or `:` separates,
    /// lines that begin with `#` or `;` are comments, a blank value counts as missing, and of one key given twice the
    /// last holds. What is not understood is skipped.
    fn parse(text: &'a str) -> Self {
        SECTIONS
            .iter()
            .map(|section| Self::section(text, section))
            .find(|profile| !profile.is_empty())
            .unwrap_or_default()
    }

    fn section(text: &'a str, section: &str) -> Self {
        let mut profile = Self::default();
        let mut inside = false;
        for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
            if line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = line.strip_prefix('[') {
                let name = name.split(']').next().unwrap_or_default().trim();
                inside = name.eq_ignore_ascii_case(section);
                continue;
            }
            let Some((key, value)) = line.split_once(['=', ':']) else {
                continue;
            };
            if inside {
                profile.set(key.trim(), value.trim());
            }
        }
        profile
    }

    fn set(&mut self, key: &str, value: &'a str) {
        let entry = match key.to_ascii_lowercase().as_str() {
            "ak" => &mut self.ak,
            "sk" => &mut self.sk,
            "security_token" => &mut self.security_token,
            "idp_id" => &mut self.idp_id,
            "id_token_file" => &mut self.id_token_file,
            _ => return,
        };
        *entry = (!value.is_empty()).then_some(value);
    }

    const fn is_empty(&self) -> bool {
        self.ak.is_none()
            && self.sk.is_none()
            && self.security_token.is_none()
            && self.idp_id.is_none()
            && self.id_token_file.is_none()
    }
}
