//! What can be wrong with the inputs, in words that name the input and say what to do.

use std::borrow::Cow;
use std::fmt;

use super::words::{listed, shown};
use crate::endpoint::{self, UrlProblem};

/// One thing that is wrong. `Display` is one line: a lower-case fragment without a full stop, and without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputError {
    /// A required input is not given.
    Missing {
        /// The input.
        input: &'static str,
        /// What to give.
        hint: &'static str,
    },
    /// A value is not of its type.
    Invalid {
        /// The input.
        input: &'static str,
        /// What it must be.
        expected: Cow<'static, str>,
        /// What it is; `None` for a secret.
        found: Option<String>,
    },
    /// A value is not the URL of an endpoint.
    Url {
        /// The input.
        input: &'static str,
        /// What is wrong with it.
        problem: UrlProblem,
        /// The URL.
        found: String,
    },
    /// The region is not in the table, and no endpoint is given.
    UnknownRegion {
        /// The region.
        region: String,
        /// The variable that it came from, where the input was not given.
        variable: Option<&'static str>,
    },
    /// A value is not UTF-8.
    NotUnicode {
        /// The input.
        input: &'static str,
        /// The variable that holds it.
        variable: String,
    },
    /// Two variables give one input different values.
    Spellings {
        /// The input.
        input: &'static str,
        /// The variables.
        variables: [String; 2],
    },
    /// An input asks for something that happens only while waiting.
    NeedsWait {
        /// The input.
        input: &'static str,
        /// The value, as it would be said: "above 1", "stop".
        value: &'static str,
    },
    /// The first delay is longer than the longest one.
    BackoffAboveMaximum {
        /// `backoff`, as it was written.
        backoff: String,
        /// `max_backoff`, as it was written, or its default.
        max_backoff: String,
    },
    /// A keyless way without an ID token.
    NoIdToken,
    /// More than one way to get credentials.
    SeveralWays {
        /// The inputs given, by way.
        ways: Vec<Vec<&'static str>>,
    },
    /// Part of one way to get credentials.
    HalfWay {
        /// The inputs given.
        given: Vec<&'static str>,
        /// The inputs that are missing.
        missing: Vec<&'static str>,
    },
    /// Inputs that do not belong to the way that is given.
    WrongCompany {
        /// The inputs that do not belong.
        strangers: Vec<&'static str>,
        /// The inputs of the way.
        given: Vec<&'static str>,
    },
    /// No way to get credentials: none given, none in the environment, no profile file.
    NoCredentials {
        /// What was found but is not complete.
        passed_over: Vec<String>,
    },
    /// Something outside the inputs holds what cannot be used.
    Unusable {
        /// The variable, or the entry of the profile file.
        place: String,
        /// What is wrong: the end of the sentence that the place begins.
        problem: String,
    },
}

impl InputError {
    /// The input that this is about, where it is about one.
    pub const fn input(&self) -> Option<&'static str> {
        match self {
            Self::Missing { input, .. }
            | Self::Invalid { input, .. }
            | Self::Url { input, .. }
            | Self::NotUnicode { input, .. }
            | Self::Spellings { input, .. }
            | Self::NeedsWait { input, .. } => Some(input),
            Self::UnknownRegion { .. } => Some("region"),
            Self::BackoffAboveMaximum { .. } => Some("backoff"),
            Self::NoIdToken
            | Self::SeveralWays { .. }
            | Self::HalfWay { .. }
            | Self::WrongCompany { .. }
            | Self::NoCredentials { .. }
            | Self::Unusable { .. } => None,
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { input, hint } => write!(f, "`{input}` is required: give {hint}"),
            Self::Invalid {
                input,
                expected,
                found: Some(found),
            } => write!(f, "`{input}` must be {expected}, found `{}`", shown(found)),
            Self::Invalid {
                input, expected, ..
            } => write!(f, "`{input}` must be {expected}"),
            Self::Url {
                input,
                problem,
                found,
            } => {
                let found = shown(&endpoint::without_secrets(found));
                write!(f, "`{input}` must {problem}, found `{found}`")
            }
            Self::UnknownRegion { region, variable } => unknown_region(f, region, *variable),
            Self::NotUnicode { input, variable } => write!(
                f,
                "`{input}` is not valid UTF-8 in the variable {}: write it in UTF-8",
                shown(variable)
            ),
            Self::Spellings {
                input,
                variables: [one, other],
            } => write!(
                f,
                "`{input}` is given twice with different values, by {} and {}: keep one",
                shown(one),
                shown(other)
            ),
            Self::NeedsWait { input, value } => write!(
                f,
                "`{input}` {value} needs `wait: true`: set `wait`, or leave `{input}` out"
            ),
            Self::BackoffAboveMaximum {
                backoff,
                max_backoff,
            } => write!(
                f,
                "`backoff` must not be above `max_backoff`, found `{}` and `{}`: raise `max_backoff` or lower `backoff`",
                shown(backoff),
                shown(max_backoff)
            ),
            Self::NoIdToken => f.write_str(
                "no ID token for the keyless way: on GitHub give the job `permissions: id-token: write`, elsewhere give \
                 `oidc_id_token` or `oidc_id_token_file`",
            ),
            Self::SeveralWays { ways } => {
                let ways: Vec<_> = ways.iter().map(|way| listed(way, "and")).collect();
                write!(
                    f,
                    "credentials are given in more than one way: by {}: keep one way",
                    ways.join("; by ")
                )
            }
            Self::HalfWay { given, missing } => write!(
                f,
                "{} {} not enough for credentials: {} {} missing",
                listed(given, "and"),
                is_or_are(given),
                listed(missing, "and"),
                is_or_are(missing)
            ),
            Self::WrongCompany { strangers, given } => write!(
                f,
                "{} {} not used with {}: leave {} out",
                listed(strangers, "and"),
                is_or_are(strangers),
                listed(given, "and"),
                if strangers.len() == 1 { "it" } else { "them" }
            ),
            Self::NoCredentials { passed_over } => no_credentials(f, passed_over),
            Self::Unusable { place, problem } => write!(f, "{place} {problem}"),
        }
    }
}

impl std::error::Error for InputError {}

fn unknown_region(f: &mut fmt::Formatter<'_>, region: &str, variable: Option<&str>) -> fmt::Result {
    write!(
        f,
        "`region` must be one whose host is known, found `{}`",
        shown(region)
    )?;
    if let Some(variable) = variable {
        write!(f, " in {variable}")?;
    }
    let known: Vec<_> = endpoint::regions().collect();
    write!(
        f,
        ": give `endpoint` for another one (known: {})",
        known.join(", ")
    )
}

fn no_credentials(f: &mut fmt::Formatter<'_>, passed_over: &[String]) -> fmt::Result {
    f.write_str(
        "no credentials found: give `access_key_id` and `secret_access_key`; or `auth_token`; or `iam_domain_name`, \
         `iam_user_name` and `iam_password`; or, without a secret, `oidc_provider_urn` and `oidc_agency_urn`, \
         `oidc_idp_id`, or `ecs_metadata`; or set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, \
         HUAWEI_CLOUD_ACCESS_KEY_ID and HUAWEI_CLOUD_SECRET_ACCESS_KEY, CLOUD_SDK_AK and CLOUD_SDK_SK, HW_ACCESS_KEY \
         and HW_SECRET_KEY, HUAWEICLOUD_SDK_IDP_ID and HUAWEICLOUD_SDK_ID_TOKEN_FILE, or \
         HUAWEICLOUD_OIDC_PROVIDER_URN and HUAWEICLOUD_OIDC_AGENCY_URN; or keep them in the profile file \
         (HUAWEICLOUD_SDK_CREDENTIALS_FILE, else ~/.huaweicloud/credentials)",
    )?;
    if passed_over.is_empty() {
        return Ok(());
    }
    write!(f, "; passed over: {}", passed_over.join("; "))
}

const fn is_or_are(names: &[&str]) -> &'static str {
    if names.len() == 1 { "is" } else { "are" }
}
