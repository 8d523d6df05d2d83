//! The inputs of the step: `INPUT_*` and `PLUGIN_*` variables, read into types, all errors at once.

mod error;
mod gather;
mod help;
mod read;
mod reader;
mod table;
mod typo;
mod value;
mod words;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::InputError;
pub use help::help_text;
pub use table::{Group, INPUTS, InputSpec, Kind, LONGEST, Required, find};
pub use value::{Id, OnCancel, OutputFile, OutputFormat, RunSelector, secret_problem};
pub use words::{listed, shown};

use crate::endpoint::Endpoint;
use crate::env::Env;
use crate::secret::Secret;

/// The inputs that are not about credentials. Meanings and defaults are in [`INPUTS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// The `CodeArts` project.
    pub project_id: Id,
    /// The pipeline.
    pub pipeline_id: Id,
    /// The run to retry.
    pub pipeline_run_id: RunSelector,
    /// The job runs to retry; empty means all that failed.
    pub job_run_ids: Vec<Id>,
    /// The region, from the input or from `HUAWEI_CLOUD_REGION` or `HW_REGION_NAME`. It is in the region table unless
    /// `endpoint` was given.
    pub region: Option<String>,
    /// The host of the service: as given, else the region's.
    pub endpoint: Endpoint,
    /// The host of IAM, if given.
    pub iam_endpoint: Option<Endpoint>,
    /// The host of STS, if given.
    pub sts_endpoint: Option<Endpoint>,
    /// The IAM project to send as `X-Project-Id`: ASCII in one line.
    pub iam_project_id: Option<String>,
    /// Whether to wait for the run's end.
    pub wait: bool,
    /// How long to wait, from the start of the step; above zero.
    pub wait_timeout: Duration,
    /// The steady interval of polls; 1 s to 10 min.
    pub poll_interval: Duration,
    /// How often the run may be retried in this step; 1 to 10, above 1 only with `wait`.
    pub max_retries: u32,
    /// What to do with the run when the step is cancelled; `Stop` only with `wait`.
    pub on_cancel: OnCancel,
    /// HTTP attempts per call, counting the first; 1 to 20.
    pub max_attempts: u32,
    /// The delay before the second attempt; at most `max_backoff`, may be zero.
    pub backoff: Duration,
    /// The longest delay between attempts; may be zero.
    pub max_backoff: Duration,
    /// The time that connecting may take; above zero.
    pub connect_timeout: Duration,
    /// The time that one attempt may take; above zero.
    pub request_timeout: Duration,
    /// Whether to check everything and change nothing.
    pub dry_run: bool,
    /// Log lines to show of each failed step; 0 to 1000.
    pub log_lines: u32,
    /// Where else to write the outputs.
    pub output_file: Option<OutputFile>,
    /// How much to log: as given, raised by `RUNNER_DEBUG=1`.
    pub log_level: log::LevelFilter,
}

impl Inputs {
    /// Whether the step waits for the run's end: `dry_run` overrides `wait`.
    pub const fn waits(&self) -> bool {
        self.wait && !self.dry_run
    }
}

/// The inputs about credentials, each checked on its own. Which way they choose is decided where credentials are
/// resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CredentialInputs {
    /// A user token.
    pub auth_token: Option<Secret>,
    /// The access key.
    pub access_key_id: Option<Secret>,
    /// Its secret key.
    pub secret_access_key: Option<Secret>,
    /// The token of a temporary access key.
    pub security_token: Option<Secret>,
    /// The account of the IAM user.
    pub iam_domain_name: Option<String>,
    /// The IAM user.
    pub iam_user_name: Option<String>,
    /// The user's password.
    pub iam_password: Option<Secret>,
    /// The IAM project of a token.
    pub iam_project_name: Option<String>,
    /// The identity provider, for STS.
    pub oidc_provider_urn: Option<String>,
    /// The agency, for STS.
    pub oidc_agency_urn: Option<String>,
    /// The identity provider, for IAM v3.
    pub oidc_idp_id: Option<String>,
    /// The audience to ask GitHub for.
    pub oidc_audience: Option<String>,
    /// The id token.
    pub oidc_id_token: Option<Secret>,
    /// The file that holds the id token.
    pub oidc_id_token_file: Option<PathBuf>,
    /// Whether to ask the metadata service of the ECS host.
    pub ecs_metadata: bool,
}

/// What the environment says about inputs. The parts beside `inputs` are there whether or not something is wrong.
pub struct Reading {
    /// The inputs, or everything that is wrong, in the order of [`INPUTS`].
    pub inputs: Result<Inputs, Vec<InputError>>,
    /// The inputs about credentials; `None` if one of them is wrong, which `inputs` then reports.
    pub credentials: Option<CredentialInputs>,
    /// Names that are probably misspelled: one sentence fragment each.
    pub warnings: Vec<String>,
    /// Every secret that was given, in whatever spelling, used or not: to be masked before anything is said.
    pub secrets: Vec<Secret>,
    /// Where else to write the outputs, if that input is valid.
    pub output_file: Option<OutputFile>,
    /// How much to log: as given, `info` if that is wrong, raised by `RUNNER_DEBUG=1`.
    pub log_level: log::LevelFilter,
}

/// Reads the inputs. It looks at the file system once, to see whether `output_file` is a directory.
pub fn read(env: &Env) -> Reading {
    read_with(env, &|path| path.is_dir())
}

/// Variables that may name the region: of the vendor's auth-action, and of the Terraform provider.
const REGION_VARIABLES: [&str; 2] = ["HUAWEI_CLOUD_REGION", "HW_REGION_NAME"];

fn read_with(env: &Env, is_directory: &dyn Fn(&Path) -> bool) -> Reading {
    let mut gathered = gather::gather(env);
    for spec in INPUTS {
        if let Some(default) = spec.default {
            let value = gathered.values.entry(spec.name);
            value.or_insert_with(|| default.to_owned());
        }
    }
    let pairs = gathered
        .values
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    let raw = envy::from_iter(pairs).expect("every field is text that may be missing");
    let context = read::Context {
        region: REGION_VARIABLES
            .iter()
            .find_map(|variable| Some((env.get(variable)?, *variable))),
        is_directory,
    };
    let mut errors = gathered.errors;
    let typed = read::read(raw, &context, &mut errors);
    let position = |error: &InputError| INPUTS.iter().position(|s| Some(s.name) == error.input());
    errors.sort_by_key(position);
    let mut log_level = typed.log_level.unwrap_or(log::LevelFilter::Info);
    if env.get("RUNNER_DEBUG") == Some("1") {
        log_level = log_level.max(log::LevelFilter::Debug);
    }
    let inputs = match typed.inputs {
        Some(inputs) if errors.is_empty() => Ok(Inputs {
            log_level,
            ..inputs
        }),
        _ => Err(errors),
    };
    Reading {
        inputs,
        credentials: typed.credentials,
        warnings: gathered.warnings,
        secrets: gathered.secrets,
        output_file: typed.output_file,
        log_level,
    }
}

#[cfg(test)]
mod tests;
