//! Serves the sandbox alone, until it is ended from outside.

mod options;

use std::io::{self, Write as _};
use std::process::ExitCode;

use codearts_sandbox::{
    ACCESS_KEY_ID, PIPELINE_ID, PROJECT_ID, RUN_ID, Run, RunUpdate, SECRET_ACCESS_KEY, Sandbox,
    TOKEN, TokenServices,
};
use options::{Options, Wanted};

fn main() -> ExitCode {
    match options::read(arguments()) {
        Ok(Wanted::Help) => finish(write!(io::stdout(), "{}", options::HELP)),
        Ok(Wanted::Serve(options)) => finish(serve(options)),
        Err(problem) => {
            report(&problem);
            ExitCode::from(2)
        }
    }
}

/// Starts the sandbox, says where it is, and stays.
fn serve(options: Options) -> io::Result<()> {
    let mut run = Run::sample(RUN_ID, codearts_sandbox::RUN_NUMBER);
    if let Some(url) = options.detail_url {
        run = run.detail_url(url);
    }
    let sandbox = Sandbox::builder()
        .host(options.host)
        .port(options.port)
        .speed(1.0 / options.tick_scale)
        .runs([run])
        .try_start()?;
    sandbox.update_run(RunUpdate {
        pipeline_run_id: None,
        status: options.status,
        verdicts: Some(options.verdicts),
    });
    for fault in options.faults {
        sandbox.fault(fault);
    }
    let mut out = io::stdout();
    writeln!(out, "listening on {}", sandbox.url())?;
    if let Some(path) = options.ca_file {
        std::fs::write(&path, sandbox.ca_pem())?;
        writeln!(out, "listening on {}", sandbox.https_url())?;
    }
    writeln!(out, "project_id        {PROJECT_ID}")?;
    writeln!(out, "pipeline_id       {PIPELINE_ID}")?;
    writeln!(out, "pipeline_run_id   {RUN_ID}")?;
    writeln!(out, "auth_token        {TOKEN}")?;
    writeln!(out, "access_key_id     {ACCESS_KEY_ID}")?;
    writeln!(out, "secret_access_key {SECRET_ACCESS_KEY}")?;
    let known = TokenServices::default();
    writeln!(out, "It is IAM, STS and GitHub's ID token service too:")?;
    writeln!(out, "iam_domain_name   {}", known.domain_name)?;
    writeln!(out, "iam_user_name     {}", known.user_name)?;
    writeln!(out, "iam_password      {}", known.password)?;
    writeln!(out, "oidc_provider_urn {}", known.provider_urn)?;
    writeln!(out, "oidc_agency_urn   {}", known.agency_urn)?;
    writeln!(out, "oidc_idp_id       {}", known.idp_id)?;
    writeln!(out, "oidc_audience     {}", known.trust.audience)?;
    writeln!(
        out,
        "ACTIONS_ID_TOKEN_REQUEST_URL   {}/github/idtoken?api-version=2.0",
        sandbox.url()
    )?;
    writeln!(
        out,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN {}",
        known.request_token
    )?;
    writeln!(
        out,
        "All credentials are fake. Control it under /_sandbox/."
    )?;
    out.flush()?;
    loop {
        std::thread::park();
    }
}

fn finish(result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Says what went wrong; there is nobody left to tell if that fails.
fn report(problem: &str) {
    drop(writeln!(io::stderr(), "codearts-sandbox: {problem}"));
}

/// The arguments without the program's name; what is not UTF-8 in them is no value of ours.
fn arguments() -> impl Iterator<Item = String> {
    std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
}
