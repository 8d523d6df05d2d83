//! Reads the collected values into their types, in the order of the table, and reports everything that is wrong.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::error::InputError;
use super::reader::Reader;
use super::table::{self, InputSpec};
use super::value::{self, Expected, OnCancel, OutputFile};
use super::{CredentialInputs, Inputs};
use crate::endpoint::Endpoint;

/// The inputs as text. All are optional here: what must be given is decided with everything else, so that all errors
/// are reported together.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    project_id: Option<String>,
    pipeline_id: Option<String>,
    pipeline_run_id: Option<String>,
    job_run_ids: Option<String>,
    region: Option<String>,
    endpoint: Option<String>,
    iam_endpoint: Option<String>,
    sts_endpoint: Option<String>,
    auth_token: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    security_token: Option<String>,
    iam_domain_name: Option<String>,
    iam_user_name: Option<String>,
    iam_password: Option<String>,
    iam_project_name: Option<String>,
    oidc_provider_urn: Option<String>,
    oidc_agency_urn: Option<String>,
    oidc_idp_id: Option<String>,
    oidc_audience: Option<String>,
    oidc_id_token: Option<String>,
    oidc_id_token_file: Option<String>,
    iam_project_id: Option<String>,
    ecs_metadata: Option<String>,
    wait: Option<String>,
    wait_timeout: Option<String>,
    poll_interval: Option<String>,
    max_retries: Option<String>,
    on_cancel: Option<String>,
    max_attempts: Option<String>,
    backoff: Option<String>,
    max_backoff: Option<String>,
    connect_timeout: Option<String>,
    request_timeout: Option<String>,
    dry_run: Option<String>,
    log_lines: Option<String>,
    output_file: Option<String>,
    log_level: Option<String>,
}

/// What surrounds the inputs and bears on them.
pub(super) struct Context<'a> {
    /// The region that the environment names, with its variable: holds where the input is not given.
    pub(super) region: Option<(&'a str, &'static str)>,
    /// Whether a path is an existing directory.
    pub(super) is_directory: &'a dyn Fn(&Path) -> bool,
}

/// The typed inputs; a part is `None` where something in it is wrong.
pub(super) struct Typed {
    pub(super) inputs: Option<Inputs>,
    pub(super) credentials: Option<CredentialInputs>,
    pub(super) output_file: Option<OutputFile>,
    pub(super) log_level: Option<log::LevelFilter>,
}

/// Reads every input, and adds what is wrong to `errors`.
pub(super) fn read(mut raw: Raw, context: &Context<'_>, errors: &mut Vec<InputError>) -> Typed {
    let mut reader = Reader::new(errors);
    let credentials = reader.credentials(&mut raw);
    let output_file = reader.value("output_file", raw.output_file.take(), |text| {
        value::output_file(text, context.is_directory)
    });
    let log_level = reader
        .choice("log_level", raw.log_level.take())
        .and_then(|word| word.parse().ok());
    let inputs = reader.inputs(raw, context, output_file.clone(), log_level);
    let has_error = |spec: &InputSpec| errors.iter().any(|e| e.input() == Some(spec.name));
    let credentials_are_wrong = table::INPUTS
        .iter()
        .any(|spec| spec.group == table::Group::Credentials && has_error(spec));
    Typed {
        inputs: inputs.filter(|_| errors.is_empty()),
        credentials: (!credentials_are_wrong).then_some(credentials),
        output_file,
        log_level,
    }
}

impl Reader<'_> {
    fn inputs(
        &mut self,
        raw: Raw,
        context: &Context<'_>,
        output_file: Option<OutputFile>,
        log_level: Option<log::LevelFilter>,
    ) -> Option<Inputs> {
        let project_id = self.required("project_id", raw.project_id, value::id);
        let pipeline_id = self.required("pipeline_id", raw.pipeline_id, value::id);
        let run = self.required("pipeline_run_id", raw.pipeline_run_id, value::run_selector);
        let job_run_ids = self.value("job_run_ids", raw.job_run_ids, value::id_list);
        let (region, endpoint) = self.host(raw.region, raw.endpoint, context);
        let iam_endpoint = self.url("iam_endpoint", raw.iam_endpoint);
        let sts_endpoint = self.url("sts_endpoint", raw.sts_endpoint);
        let iam_project_id = self.value("iam_project_id", raw.iam_project_id, header_text);
        let wait = self.value("wait", raw.wait, value::boolean);
        let wait_timeout = self.duration("wait_timeout", raw.wait_timeout);
        let poll_interval = self.duration("poll_interval", raw.poll_interval);
        let max_retries = self.integer("max_retries", raw.max_retries);
        let on_cancel = self
            .choice("on_cancel", raw.on_cancel)
            .map(|word| match word {
                "stop" => OnCancel::Stop,
                _ => OnCancel::Leave,
            });
        self.check_wait(wait, max_retries, on_cancel);
        let max_attempts = self.integer("max_attempts", raw.max_attempts);
        let backoff = self.backoff(raw.backoff, raw.max_backoff);
        let connect_timeout = self.duration("connect_timeout", raw.connect_timeout);
        let request_timeout = self.duration("request_timeout", raw.request_timeout);
        let dry_run = self.value("dry_run", raw.dry_run, value::boolean);
        let log_lines = self.integer("log_lines", raw.log_lines);
        let (backoff, max_backoff) = backoff?;
        Some(Inputs {
            project_id: project_id?,
            pipeline_id: pipeline_id?,
            pipeline_run_id: run?,
            job_run_ids: job_run_ids.unwrap_or_default(),
            region,
            endpoint: endpoint?,
            iam_endpoint,
            sts_endpoint,
            iam_project_id,
            wait: wait?,
            wait_timeout: wait_timeout?,
            poll_interval: poll_interval?,
            max_retries: max_retries?,
            on_cancel: on_cancel?,
            max_attempts: max_attempts?,
            backoff,
            max_backoff,
            connect_timeout: connect_timeout?,
            request_timeout: request_timeout?,
            dry_run: dry_run?,
            log_lines: log_lines?,
            output_file,
            log_level: log_level?,
        })
    }

    fn credentials(&mut self, raw: &mut Raw) -> CredentialInputs {
        let ecs_metadata = self.value("ecs_metadata", raw.ecs_metadata.take(), value::boolean);
        CredentialInputs {
            auth_token: self.header_secret("auth_token", raw.auth_token.take()),
            access_key_id: self.header_secret("access_key_id", raw.access_key_id.take()),
            secret_access_key: self.secret("secret_access_key", raw.secret_access_key.take()),
            security_token: self.header_secret("security_token", raw.security_token.take()),
            iam_domain_name: self.line("iam_domain_name", raw.iam_domain_name.take()),
            iam_user_name: self.line("iam_user_name", raw.iam_user_name.take()),
            iam_password: self.secret("iam_password", raw.iam_password.take()),
            iam_project_name: self.line("iam_project_name", raw.iam_project_name.take()),
            oidc_provider_urn: self.line("oidc_provider_urn", raw.oidc_provider_urn.take()),
            oidc_agency_urn: self.line("oidc_agency_urn", raw.oidc_agency_urn.take()),
            oidc_idp_id: self.line("oidc_idp_id", raw.oidc_idp_id.take()),
            oidc_audience: self.line("oidc_audience", raw.oidc_audience.take()),
            oidc_id_token: self.secret("oidc_id_token", raw.oidc_id_token.take()),
            oidc_id_token_file: self
                .line("oidc_id_token_file", raw.oidc_id_token_file.take())
                .map(PathBuf::from),
            ecs_metadata: ecs_metadata.unwrap_or_default(),
        }
    }

    /// The region and the endpoint. An endpoint that is given decides alone; the region then need not be known.
    fn host(
        &mut self,
        region: Option<String>,
        endpoint: Option<String>,
        context: &Context<'_>,
    ) -> (Option<String>, Option<Endpoint>) {
        let region_given = region.is_some() || self.has_error("region");
        let (region, variable) = match (self.line("region", region), context.region) {
            (None, Some((region, variable))) if !region_given => {
                (Some(region.to_owned()), Some(variable))
            }
            (region, _) => (region, None),
        };
        let endpoint_given = endpoint.is_some() || self.has_error("endpoint");
        let endpoint = self.url("endpoint", endpoint);
        if endpoint_given || self.has_error("region") {
            return (region, endpoint);
        }
        let Some(region) = region else {
            self.report(InputError::Missing {
                input: "region",
                hint: "a region such as cn-north-4, or `endpoint`",
            });
            return (None, None);
        };
        let endpoint = Endpoint::of_region(&region);
        if endpoint.is_none() {
            self.report(InputError::UnknownRegion {
                region: region.clone(),
                variable,
            });
        }
        (Some(region), endpoint)
    }

    /// `max_backoff` below the default of `backoff` lowers that; a `backoff` that was set to more than `max_backoff` is
    /// an error.
    fn backoff(
        &mut self,
        backoff: Option<String>,
        max_backoff: Option<String>,
    ) -> Option<(Duration, Duration)> {
        let written = backoff.clone().zip(max_backoff.clone());
        let backoff = self.duration("backoff", backoff);
        let max_backoff = self.duration("max_backoff", max_backoff);
        let (backoff, max_backoff) = backoff.zip(max_backoff)?;
        let is_default = default_duration("backoff") == Some(backoff);
        if backoff > max_backoff && !is_default {
            let (backoff, max_backoff) = written?;
            self.report(InputError::BackoffAboveMaximum {
                backoff,
                max_backoff,
            });
            return None;
        }
        Some((backoff.min(max_backoff), max_backoff))
    }

    /// Judged as written, with `dry_run` too. Where one of the values is wrong itself, that is enough.
    fn check_wait(
        &mut self,
        wait: Option<bool>,
        max_retries: Option<u32>,
        on_cancel: Option<OnCancel>,
    ) {
        if wait != Some(false) {
            return;
        }
        let mut needs_wait = |input, value| {
            self.report(InputError::NeedsWait { input, value });
        };
        if max_retries.is_some_and(|retries| retries > 1) {
            needs_wait("max_retries", "above 1");
        }
        if on_cancel == Some(OnCancel::Stop) {
            needs_wait("on_cancel", "`stop`");
        }
    }
}

fn default_duration(input: &str) -> Option<Duration> {
    let default = table::find(input)?.default?;
    value::duration(default, Duration::ZERO, table::LONGEST).ok()
}

/// Text that is sent as a header.
fn header_text(text: &str) -> Result<String, Expected> {
    if !text.is_ascii() {
        return Err(Expected::Borrowed("ASCII text, as headers are"));
    }
    value::line(text)
}
