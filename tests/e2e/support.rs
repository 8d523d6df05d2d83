//! A fluent harness: set inputs, run the program, read what it left behind.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use codearts_retry::endpoint::Endpoint;
use codearts_retry::env::Env;
use codearts_sandbox::{PIPELINE_ID, PROJECT_ID, RUN_ID, Sandbox, TOKEN};
use serde_json::Value;
use tempfile::TempDir;

/// One step of a CI job.
pub(crate) struct Step {
    folder: TempDir,
    variables: BTreeMap<String, String>,
    arguments: Vec<String>,
    metadata: Option<String>,
}

/// Names the metadata service to the program where it runs inside this test binary.
const METADATA_VARIABLE: &str = "E2E_METADATA_ENDPOINT";

/// What a step left behind.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
    pub(crate) took: Duration,
    /// Keeps what the step wrote.
    _folder: TempDir,
}

impl Step {
    /// A step on GitHub with valid ids and a token, against the sandbox.
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        Self::at(&sandbox.url())
    }

    /// The same against any endpoint.
    pub(crate) fn at(endpoint: &str) -> Self {
        let step = Self {
            folder: TempDir::new().unwrap(),
            variables: BTreeMap::new(),
            arguments: Vec::new(),
            metadata: None,
        };
        std::fs::write(step.output_file(), "").unwrap();
        std::fs::write(step.summary_file(), "").unwrap();
        let (output, summary) = (step.output_file(), step.summary_file());
        step.variable("GITHUB_ACTIONS", "true")
            .variable("GITHUB_OUTPUT", output.to_str().unwrap())
            .variable("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())
            .input("endpoint", endpoint)
            .input("project_id", PROJECT_ID)
            .input("pipeline_id", PIPELINE_ID)
            .input("pipeline_run_id", RUN_ID)
            .input("auth_token", TOKEN)
            .input("log_level", "trace")
            .input("backoff", "1ms")
            .input("max_backoff", "2ms")
    }

    pub(crate) fn input(self, name: &str, value: &str) -> Self {
        self.variable(&format!("INPUT_{}", name.to_uppercase()), value)
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// On a host whose metadata service is there: on every ECS host the address is the same, and no test can have it.
    /// The program is then its library entry point, in a process of this test binary.
    pub(crate) fn on_ecs_host(mut self, metadata: &str) -> Self {
        self.metadata = Some(metadata.to_owned());
        self
    }

    pub(crate) fn output_file(&self) -> PathBuf {
        self.folder.path().join("github_output")
    }

    fn summary_file(&self) -> PathBuf {
        self.folder.path().join("summary.md")
    }

    /// A path inside the step's own folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command, for tests that need the process itself.
    pub(crate) fn command(&self) -> Command {
        let mut command = if self.metadata.is_none() {
            Command::new(env!("CARGO_BIN_EXE_codearts-retry"))
        } else {
            Command::new(std::env::current_exe().unwrap())
        };
        if self.metadata.is_some() {
            command.args([
                "--exact",
                "support::the_program_on_an_ecs_host",
                "--nocapture",
            ]);
        }
        command
            .args(&self.arguments)
            .env_clear()
            .envs(&self.variables)
            .envs(self.metadata.iter().map(|url| (METADATA_VARIABLE, url)))
            .env("HOME", self.folder.path())
            .env("USERPROFILE", self.folder.path())
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        for name in ["SystemRoot", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
    }

    pub(crate) fn run(self) -> Ended {
        let started = Instant::now();
        let output = self.command().output().unwrap();
        self.ended(&output, started.elapsed())
    }

    /// Reads back what the process left.
    pub(crate) fn ended(self, output: &std::process::Output, took: Duration) -> Ended {
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
            outputs: read_outputs(&std::fs::read_to_string(self.output_file()).unwrap_or_default()),
            summary: std::fs::read_to_string(self.summary_file()).unwrap_or_default(),
            took,
            _folder: self.folder,
        }
    }
}

/// The other side of [`Step::on_ecs_host`]; a test like any other only by its form.
#[test]
#[expect(clippy::exit, reason = "it is a whole process")]
fn the_program_on_an_ecs_host() {
    if let Some(url) = std::env::var_os(METADATA_VARIABLE) {
        let metadata = Endpoint::parse(url.to_str().unwrap()).unwrap();
        let code = codearts_retry::app::run_on(&Env::from_process(), &[], &metadata);
        std::process::exit(code.into());
    }
}

impl Ended {
    /// Exit code, `outcome`, `success` and `result` say the same.
    #[track_caller]
    pub(crate) fn assert(&self, code: i32, outcome: &str) -> &Self {
        let all = format!("{}\n{}\n{:?}", self.stdout, self.stderr, self.outputs);
        assert_eq!(
            (self.code, self.output("outcome")),
            (code, outcome),
            "{all}"
        );
        assert_eq!(
            self.output("success"),
            if code == 0 { "true" } else { "false" },
            "{all}"
        );
        let result: Value = serde_json::from_str(self.output("result")).expect(&all);
        assert_eq!(result["success"], Value::Bool(code == 0), "{all}");
        assert_eq!(result["outcome"], outcome, "{all}");
        assert_eq!(
            result["attempts"].to_string(),
            self.output("attempts"),
            "{all}"
        );
        let errors = self
            .stdout
            .lines()
            .filter(|line| line.starts_with("::error"))
            .count();
        assert_eq!(
            errors,
            self.expected_annotations(),
            "one error annotation when red, or one for each failed job: {all}"
        );
        assert_eq!(self.output("error_message").is_empty(), code == 0, "{all}");
        assert_eq!(self.stderr, "", "{all}");
        self.assert_hides(&[TOKEN]);
        self
    }

    /// None when green; one when red; where the run failed, one for each failed job, ten at most.
    fn expected_annotations(&self) -> usize {
        if self.code == 0 {
            return 0;
        }
        let jobs: Value = serde_json::from_str(self.output("failed_jobs")).unwrap();
        match self.output("outcome") {
            "run-failed" => jobs.as_array().unwrap().len().clamp(1, 10),
            _ => 1,
        }
    }

    #[track_caller]
    pub(crate) fn assert_output(&self, name: &str, value: &str) -> &Self {
        assert_eq!(
            self.output(name),
            value,
            "{name} in {:?}\n{}",
            self.outputs,
            self.stdout
        );
        self
    }

    /// None of the secrets is visible, neither as it is nor in a form that is easily turned back.
    #[track_caller]
    pub(crate) fn assert_hides(&self, secrets: &[&str]) {
        let visible = self.visible();
        let joined: String = visible.split_whitespace().collect();
        // A hex dump breaks a secret into groups of two bytes, beside their characters.
        let dumped: String = visible
            .split_whitespace()
            .filter(|word| word.len() == 4 && word.chars().all(|c| c.is_ascii_hexdigit()))
            .collect();
        for secret in secrets {
            let hex = secret
                .bytes()
                .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
            let percent = secret
                .replace('=', "%3D")
                .replace('/', "%2F")
                .replace('+', "%2B");
            let base64 = base64_of(secret);
            for form in [*secret, &hex, &hex.to_uppercase(), &percent, &base64] {
                assert!(
                    [&visible, &joined, &dumped]
                        .iter()
                        .all(|text| !text.contains(form)),
                    "{form} in {visible}"
                );
            }
        }
    }

    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// Everything a reader of the job can see, less the mask commands that the runner swallows.
    pub(crate) fn visible(&self) -> String {
        let unmasked = self
            .stdout
            .lines()
            .filter(|line| !line.starts_with("::add-mask::"));
        let log: Vec<_> = unmasked.collect();
        format!(
            "{}\n{}\n{:?}\n{}",
            log.join("\n"),
            self.stderr,
            self.outputs,
            self.summary
        )
    }
}

/// The base64 form, less the last group, which depends on what follows.
fn base64_of(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.as_bytes()
        .chunks_exact(3)
        .flat_map(|group| {
            let bits = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
            [18, 12, 6, 0].map(|shift| char::from(ALPHABET[(bits >> shift & 63) as usize]))
        })
        .collect()
}

/// Reads the output file as the runner does: heredoc entries, the last one of a name wins.
fn read_outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line
            .split_once("<<")
            .expect("only heredoc entries are written");
        let value: Vec<_> = lines
            .by_ref()
            .take_while(|line| *line != delimiter)
            .collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}
