//! The real program, as a step of each system.

use std::fs::OpenOptions;
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use codearts_properties::readers;
use codearts_retry::ci::CiSystem;
use codearts_retry::clock::{Clock as _, SystemClock};
use codearts_retry::env::Env;
use codearts_sandbox::{
    ACCESS_KEY_ID, PIPELINE_ID, PROJECT_ID, RUN_ID, SECRET_ACCESS_KEY, Sandbox, TOKEN,
};

use super::values::Runner;

/// A step of this system with valid inputs.
fn step(runner: &Runner, endpoint: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codearts-retry"));
    command.env_clear().stdin(Stdio::null());
    // A coverage run reads what the process writes there.
    command.envs(
        Env::from_process()
            .path("LLVM_PROFILE_FILE")
            .map(|path| ("LLVM_PROFILE_FILE", path)),
    );
    if let Some(marker) = runner.system.marker() {
        command.env(marker.variable, marker.value.unwrap_or("7"));
    }
    command.envs(runner.variables());
    for (name, value) in [
        ("ENDPOINT", endpoint),
        ("PROJECT_ID", PROJECT_ID),
        ("PIPELINE_ID", PIPELINE_ID),
        ("PIPELINE_RUN_ID", RUN_ID),
        ("AUTH_TOKEN", TOKEN),
    ] {
        // Woodpecker's and Drone's way; elsewhere too, where the other one is unset.
        let prefix = match runner.system {
            CiSystem::Woodpecker | CiSystem::Drone => "PLUGIN_",
            _ => "INPUT_",
        };
        command.env(format!("{prefix}{name}"), value);
    }
    command
}

fn said(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn a_good_retry_is_green_on_every_system_and_no_secret_is_in_the_log() {
    let sandbox = Sandbox::start();
    for system in CiSystem::ALL {
        sandbox.reset();
        let runner = Runner::new(system).with_buildkite_agent();
        let output = step(&runner, &sandbox.url()).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{system:?}: {}",
            said(&output)
        );
        assert_eq!(sandbox.counters().retry_effects, 1);
        let shown: Vec<_> = said(&output)
            .lines()
            .filter(|line| !line.contains("add-mask") && !line.contains("task.setsecret"))
            .collect();
        assert!(!shown.concat().contains(TOKEN), "{system:?}");
        let success = match system {
            CiSystem::Forgejo | CiSystem::Gitea | CiSystem::GitHub => {
                readers::github(&runner.file("GITHUB_OUTPUT")).unwrap()["success"].clone()
            }
            CiSystem::Azure => {
                readers::azure(said(&output))
                    .into_iter()
                    .find(|command| command.property("variable") == "success")
                    .unwrap()
                    .data
            }
            CiSystem::TeamCity => readers::teamcity(said(&output))
                .into_iter()
                .find(|command| command.property("name") == "env.CODEARTS_RETRY_SUCCESS")
                .unwrap()
                .property("value")
                .to_owned(),
            CiSystem::Buildkite => {
                let kept = runner.kept_by_agent();
                assert_eq!(kept["redactor add --format none"], TOKEN);
                kept["codearts-retry-success"].clone()
            }
            CiSystem::Drone => {
                readers::harness(&runner.file("DRONE_OUTPUT")).unwrap()["success"].clone()
            }
            CiSystem::Bitbucket => {
                let file = runner.file("BITBUCKET_PIPELINES_VARIABLES_PATH");
                readers::gitlab_dotenv(&file).unwrap()["CODEARTS_RETRY_SUCCESS"].clone()
            }
            CiSystem::CircleCi => {
                assert!(
                    runner
                        .file("BASH_ENV")
                        .contains("export CODEARTS_RETRY_SUCCESS='true'\n")
                );
                continue;
            }
            CiSystem::GitLab | CiSystem::Woodpecker | CiSystem::Jenkins | CiSystem::Plain => {
                continue;
            }
        };
        assert_eq!(success, "true", "{system:?}");
    }
}

#[test]
fn azure_masks_the_secret_before_anything_else_and_finds_the_summary() {
    let sandbox = Sandbox::start();
    let runner = Runner::new(CiSystem::Azure);
    let output = step(&runner, &sandbox.url()).output().unwrap();
    let commands = readers::azure(said(&output));
    assert_eq!(
        (commands[0].name.as_str(), commands[0].data.as_str()),
        ("task.setsecret", TOKEN)
    );
    let upload = commands
        .iter()
        .find(|command| command.name == "task.uploadsummary")
        .unwrap();
    assert!(
        std::fs::read_to_string(&upload.data)
            .unwrap()
            .starts_with("### ")
    );
}

#[test]
fn every_fold_in_the_log_of_a_step_is_closed_under_its_name() {
    let sandbox = Sandbox::start();
    let run = |system| {
        sandbox.reset();
        let output = step(&Runner::new(system), &sandbox.url()).output().unwrap();
        said(&output).to_owned()
    };
    // GitLab: the marker, its time, its name, CR.
    let log = run(CiSystem::GitLab);
    let sections = |edge: &str| -> Vec<String> {
        let marker = ["\u{1b}[0Ksection_", edge, ":"].concat();
        let found = log.split(marker.as_str()).skip(1);
        found
            .map(|rest| {
                let (time, name) = rest.split_once('\r').unwrap().0.split_once(':').unwrap();
                assert!(time.parse::<u64>().unwrap() > 1_700_000_000);
                name.to_owned()
            })
            .collect()
    };
    assert_eq!(sections("start"), ["codearts_retry_1"]);
    assert_eq!(sections("start"), sections("end"));
    let blocks = readers::teamcity(&run(CiSystem::TeamCity));
    let named = |name: &str| -> Vec<_> {
        let blocks = blocks.iter().filter(|command| command.name == name);
        blocks
            .map(|command| command.property("name").to_owned())
            .collect()
    };
    assert_eq!(named("blockOpened").len(), 1);
    assert_eq!(named("blockOpened"), named("blockClosed"));
    let log = run(CiSystem::Azure);
    assert_eq!(log.matches("##[group]").count(), 1);
    assert_eq!(log.matches("##[endgroup]").count(), 1);
}

/// Runs the step with a standard output that nobody can read, and returns its exit code. Nothing may be sent.
fn on_closed_stdout(system: CiSystem, run: impl FnOnce(Command) -> Option<i32>) -> Option<i32> {
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    service.set_nonblocking(true).unwrap();
    let endpoint = format!("http://{}", service.local_addr().unwrap());
    let runner = Runner::new(system);
    let mut step = step(&runner, &endpoint);
    step.env("INPUT_MAX_ATTEMPTS", "1")
        .env("INPUT_REQUEST_TIMEOUT", "1s");
    let code = run(step);
    let error = service.accept().unwrap_err();
    assert_eq!(
        error.kind(),
        std::io::ErrorKind::WouldBlock,
        "{system:?} sent something"
    );
    code
}

/// Places that take no output, or show it to nobody.
const DEAD_ENDS: &[&str] = if cfg!(target_os = "linux") {
    &["/dev/full", "/dev/null"]
} else {
    &["/dev/null"]
};

#[test]
fn a_closed_standard_output_that_carries_the_outputs_ends_the_step_before_anything_is_sent() {
    for system in [CiSystem::Azure, CiSystem::TeamCity] {
        for device in DEAD_ENDS {
            let code = on_closed_stdout(system, |mut step| {
                let device = OpenOptions::new().write(true).open(device).unwrap();
                step.stdout(device).status().unwrap().code()
            });
            assert_eq!(code, Some(10), "{system:?} {device}");
        }
        // Closed before the start, as by `>&-`.
        let code = on_closed_stdout(system, |step| {
            let mut shell = Command::new("/bin/sh");
            shell
                .args(["-c", "exec \"$0\" >&-"])
                .arg(step.get_program())
                .env_clear();
            for (name, value) in step.get_envs() {
                shell.env(name, value.unwrap());
            }
            shell.status().unwrap().code()
        });
        assert_eq!(code, Some(10), "{system:?}");
        // A reader that has gone.
        let code = on_closed_stdout(system, |mut step| {
            let (reader, pipe) = std::io::pipe().unwrap();
            drop(reader);
            step.stdout(pipe).status().unwrap().code()
        });
        assert_eq!(code, Some(10), "{system:?}");
    }
}

#[test]
fn elsewhere_a_closed_standard_output_changes_nothing() {
    let sandbox = Sandbox::start();
    for system in [CiSystem::GitHub, CiSystem::GitLab, CiSystem::CircleCi] {
        sandbox.reset();
        let runner = Runner::new(system);
        // A reader that has gone.
        let (reader, pipe) = std::io::pipe().unwrap();
        drop(reader);
        let status = step(&runner, &sandbox.url()).stdout(pipe).status().unwrap();
        assert_eq!(status.code(), Some(0), "{system:?}");
    }
}

#[test]
fn a_buildkite_agent_that_cannot_hide_secrets_is_a_warning_and_asked_once() {
    let sandbox = Sandbox::start();
    for (script, said_of_it) in [
        (
            "echo \"No help topic for 'redactor'\" >&2; exit 3",
            "exit status: 3, No help topic for 'redactor'",
        ),
        ("exec /bin/sleep 600", "buildkite-agent took too long"),
    ] {
        sandbox.reset();
        let runner = Runner::new(CiSystem::Buildkite).with_buildkite_agent_that_redacts_by(script);
        let mut step = step(&runner, &sandbox.url());
        step.env_remove("INPUT_AUTH_TOKEN");
        step.env("HTTPS_PROXY", "http://user:hunter2hunter2@127.0.0.1:1");
        // More secrets, which are found after the first.
        let profile = format!("[basic]\nak = {ACCESS_KEY_ID}\nsk = {SECRET_ACCESS_KEY}\n");
        std::fs::write(runner.path("profile"), profile).unwrap();
        step.env("HUAWEICLOUD_SDK_CREDENTIALS_FILE", runner.path("profile"));
        let clock = SystemClock::new();
        let output = step.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(clock.monotonic() < Duration::from_secs(8));
        let warnings: Vec<_> = said(&output)
            .lines()
            .filter(|line| line.starts_with("warning: buildkite-agent "))
            .collect();
        assert_eq!(warnings.len(), 1, "{}", said(&output));
        assert!(warnings[0].contains(said_of_it), "{}", warnings[0]);
        assert!(!said(&output).contains(SECRET_ACCESS_KEY));
        let kept = runner.kept_by_agent();
        assert_eq!(kept["codearts-retry-success"], "true");
        assert_eq!(kept["redactor calls"], "redactor add --format none\n");
    }
}

#[test]
fn a_slow_buildkite_agent_is_given_all_secrets_of_the_start_at_once() {
    let sandbox = Sandbox::start();
    // Each waits for the others: one at a time, the first would wait until it is ended.
    let script = "echo begins >> \"$0 order\"; n=0; while [ \"$n\" -lt 3 ]; do n=0; \
        while read -r _; do n=$((n + 1)); done < \"$0 order\"; done; echo ends >> \"$0 order\"";
    let runner = Runner::new(CiSystem::Buildkite).with_buildkite_agent_that_redacts_by(script);
    let mut step = step(&runner, &sandbox.url());
    step.env("HTTPS_PROXY", "http://user:hunter2hunter2@127.0.0.1:1");
    step.env("HW_SECRET_KEY", "half a family");
    let output = step.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let order = &runner.kept_by_agent()["order"];
    for (word, times) in [("begins\n", 3), ("ends\n", 3)] {
        assert_eq!(order.matches(word).count(), times, "{order}");
    }
}

#[test]
fn a_missing_buildkite_agent_is_a_warning_in_the_log() {
    let sandbox = Sandbox::start();
    let runner = Runner::new(CiSystem::Buildkite);
    let output = step(&runner, &sandbox.url()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(said(&output).contains("\nwarning: buildkite-agent is not on the PATH"));
}
