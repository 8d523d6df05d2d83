//! The program and its rivals, each with the same request to make.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use codearts_sandbox::{ACCESS_KEY_ID, PIPELINE_ID, PROJECT_ID, RUN_ID, SECRET_ACCESS_KEY, TOKEN};

use super::process::Program;
use super::workshop::{Skip, Workshop, has, printed};

/// The vendor's SDK as measured.
pub(crate) const SDK: &str = "huaweicloudsdkcodeartspipeline==3.1.219";

const SAMPLE: &str = include_str!("sample.py");

/// The program as a step on GitHub.
pub(crate) fn step(shop: &Workshop, endpoint: &str) -> Result<Program> {
    let outputs = shop.file("github_output", "")?;
    let program = Program::new([&shop.program])
        .with("GITHUB_ACTIONS", "true")
        .with("GITHUB_OUTPUT", outputs)
        .with("INPUT_ENDPOINT", endpoint)
        .with("INPUT_PROJECT_ID", PROJECT_ID)
        .with("INPUT_PIPELINE_ID", PIPELINE_ID)
        .with("INPUT_PIPELINE_RUN_ID", RUN_ID);
    Ok(program)
}

/// The program with a token.
pub(crate) fn step_with_token(shop: &Workshop, endpoint: &str) -> Result<Program> {
    Ok(step(shop, endpoint)?.with("INPUT_AUTH_TOKEN", TOKEN))
}

/// The program with a key, as the vendor's sample has it.
pub(crate) fn step_with_key(shop: &Workshop, endpoint: &str) -> Result<Program> {
    Ok(step(shop, endpoint)?
        .with("INPUT_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .with("INPUT_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY))
}

/// curl with the request that the program sends with a token.
pub(crate) fn curl(endpoint: &str) -> Result<Program, Skip> {
    if !has("curl") {
        return Err("there is no curl".to_owned());
    }
    let url = format!(
        "{endpoint}/v5/{PROJECT_ID}/api/pipelines/{PIPELINE_ID}/pipeline-runs/{RUN_ID}/retry"
    );
    let path = std::env::split_paths(&search_path())
        .map(|folder| folder.join("curl"))
        .find(|file| file.is_file());
    let words = [
        "--disable",
        "--silent",
        "--show-error",
        "--fail",
        "--request",
        "PUT",
        "--data",
        "",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([
        "--header".to_owned(),
        "Content-Type: application/json;charset=utf-8".to_owned(),
    ])
    .chain(["--header".to_owned(), format!("X-Auth-Token: {TOKEN}"), url]);
    let curl = path
        .unwrap_or_else(|| PathBuf::from("curl"))
        .display()
        .to_string();
    Ok(Program::new(std::iter::once(curl).chain(words)))
}

/// Certificates for the two clients: the same set for both. The program adds its file to the system's store, curl reads one
/// file in the place of it.
pub(crate) struct Trust {
    extra: PathBuf,
    all: PathBuf,
    /// How many there are.
    pub(crate) count: usize,
}

impl Trust {
    pub(crate) fn new(shop: &Workshop, ca_pem: &str) -> Result<Self> {
        let system = [
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        ]
        .into_iter()
        .find_map(|bundle| std::fs::read_to_string(bundle).ok())
        .unwrap_or_default();
        let all = system + "\n" + ca_pem;
        Ok(Self {
            count: all.matches("-----BEGIN CERTIFICATE-----").count(),
            extra: shop.file("ca.pem", ca_pem)?,
            all: shop.file("all.pem", all)?,
        })
    }

    pub(crate) fn of_the_program(&self, program: Program) -> Program {
        program.with("SSL_CERT_FILE", &self.extra)
    }

    pub(crate) fn of_curl(&self, mut curl: Program) -> Program {
        curl.words.insert(1, "--cacert".into());
        curl.words.insert(2, self.all.clone().into());
        curl
    }
}

/// The vendor's sample for this call, in a virtual environment that is made once.
pub(crate) fn sdk(shop: &Workshop, endpoint: &str) -> Result<Result<Program, Skip>> {
    let folder = shop.folder.join("venv");
    let python = folder.join("bin/python");
    let stamp = folder.join("installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == SDK) {
        return Ok(Ok(sample(shop, &python, endpoint)?));
    }
    if !has("python3") {
        return Ok(Err("there is no python3".to_owned()));
    }
    eprintln!("installing {SDK} into {}", folder.display());
    let _ = std::fs::remove_dir_all(&folder);
    let made = printed(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    let installed = made.and_then(|_| {
        printed(Command::new(&python).args(["-m", "pip", "install", "--quiet", SDK]))
    });
    if installed.is_err() {
        return Ok(Err(format!("{SDK} cannot be installed here")));
    }
    std::fs::write(stamp, SDK)?;
    Ok(Ok(sample(shop, &python, endpoint)?))
}

fn sample(shop: &Workshop, python: &Path, endpoint: &str) -> Result<Program> {
    let script = shop.file("sample.py", SAMPLE)?;
    Ok(Program::new([python, &script])
        .with("CLOUD_SDK_AK", ACCESS_KEY_ID)
        .with("CLOUD_SDK_SK", SECRET_ACCESS_KEY)
        .with("ENDPOINT", endpoint)
        .with("PROJECT_ID", PROJECT_ID)
        .with("PIPELINE_ID", PIPELINE_ID)
        .with("PIPELINE_RUN_ID", RUN_ID))
}

#[expect(clippy::disallowed_methods, reason = "the search path of this machine")]
pub(crate) fn search_path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}
