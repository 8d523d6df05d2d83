//! The main job without an account: a CI step that retries a pipeline run, against a stand-in for the service.
//!
//! `cargo run --example demo` starts the sandbox and runs the real program as a CI step would, five times: a clean
//! retry, one whose answer is lost after it had its effect, one that is forbidden, a wait that ends well, and one that
//! ends FAILED. Each step is this example again, which then calls the same entry point as `main.rs`.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, ensure};
use codearts_retry::app;
use codearts_retry::env::Env;
use codearts_sandbox::{
    Endpoint, Fault, Job, PIPELINE_ID, PROJECT_ID, RUN_ID, RUN_NUMBER, Run, Sandbox, Stage, Step,
    TOKEN, Verdict, What,
};
use tempfile::TempDir;

/// Set for the process that plays the CI step.
const STEP_MARKER: &str = "CODEARTS_RETRY_DEMO_STEP";

/// How much faster than the clock the run of a scene is: it takes 14 s by the clock.
const SPEED: f64 = 4.0;

struct Scene {
    title: &'static str,
    run: Run,
    faults: Vec<Fault>,
    /// Beside those that every scene has.
    inputs: &'static [(&'static str, &'static str)],
    exit_code: i32,
    retries: u64,
}

const WAITING: &[(&str, &str)] = &[("INPUT_WAIT", "true"), ("INPUT_POLL_INTERVAL", "1s")];
const WAITING_TWICE: &[(&str, &str)] = &[
    ("INPUT_WAIT", "true"),
    ("INPUT_POLL_INTERVAL", "1s"),
    ("INPUT_MAX_RETRIES", "2"),
];

fn main() -> ExitCode {
    let env = Env::from_process();
    if env.get(STEP_MARKER).is_some() {
        return ExitCode::from(app::run(&env, &[]));
    }
    match play() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A closed output leaves nobody to tell.
            let _ = writeln!(io::stderr(), "the demo failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn play() -> anyhow::Result<()> {
    let scenes = [
        Scene {
            title: "A failed run is retried",
            run: sample(),
            faults: Vec::new(),
            inputs: &[],
            exit_code: 0,
            retries: 1,
        },
        Scene {
            title: "The answer is lost after the retry had its effect: it is not sent twice",
            run: sample(),
            faults: vec![Fault::new(
                Endpoint::Retry,
                What::CutHead {
                    effect: true,
                    reset: true,
                },
            )],
            inputs: &[],
            exit_code: 0,
            retries: 1,
        },
        Scene {
            title: "The identity lacks the right: the step fails and says what to do",
            run: sample(),
            faults: vec![Fault::new(
                Endpoint::Retry,
                What::error(403, "APIGW.0302", "IAM user not allowed"),
            )],
            inputs: &[],
            exit_code: 4,
            retries: 1,
        },
        Scene {
            title: "Waiting: the run fails once more, is retried again and completes; a look that fails changes nothing",
            run: sample().verdicts([Verdict::Failed]),
            faults: vec![Fault::new(Endpoint::Detail, What::html(502)).skip(2)],
            inputs: WAITING_TWICE,
            exit_code: 0,
            retries: 2,
        },
        Scene {
            title: "Waiting: the run ends FAILED, and the step says why",
            run: failing_tests(),
            faults: Vec::new(),
            inputs: WAITING,
            exit_code: 1,
            retries: 1,
        },
    ];
    for (number, scene) in scenes.into_iter().enumerate() {
        let shown = perform(number + 1, scene)?;
        io::stdout()
            .write_all(shown.as_bytes())
            .context("the demo cannot be shown")?;
    }
    Ok(())
}

fn sample() -> Run {
    Run::sample(RUN_ID, RUN_NUMBER)
}

/// A run that failed to compile; retried, it compiles, and one of its test jobs fails.
fn failing_tests() -> Run {
    const SHELL: &str = "official_shell_plugin";
    let compile = Job::new("compile")
        .lasts_ms(8_000)
        .failure("the mirror of the registry did not answer")
        .step(Step::new("cargo build", SHELL));
    let unit = Job::new("unit")
        .lasts_ms(6_000)
        .step(Step::new("run tests", SHELL));
    let integration = Job::new("integration").lasts_ms(14_000).step(
        Step::new("run tests", SHELL)
            .failure(r#"Build failed: {"errorMessage":"the command ended with exit code 101","errorCode":"DEV-CODECI-35002"}"#)
            .log([
                "     Running tests/orders.rs",
                "test an_empty_order_is_refused ... ok",
                "test the_last_item_is_sold_once ... FAILED",
                "",
                "---- the_last_item_is_sold_once stdout ----",
                "thread 'the_last_item_is_sold_once' panicked at tests/orders.rs:88:9:",
                "assertion `left == right` failed: both orders got the item",
                "  left: 2",
                " right: 1",
                "",
                "41 tests went well, 1 did not, in 2.04s",
                "[ERROR] the command ended with exit code 101",
            ]),
    );
    let lint = Job::new("lint")
        .lasts_ms(3_000)
        .step(Step::new("clippy", SHELL));
    let rollout = Job::new("rollout")
        .lasts_ms(6_000)
        .step(Step::new("apply", SHELL));
    let stages = vec![
        Stage::new("Source").job(Job::new("checkout").lasts_ms(4_000)),
        Stage::new("Build").job(compile),
        Stage::new("Test").job(lint).job(unit).job(integration),
        Stage::new("Deploy").job(rollout),
    ];
    Run::new(RUN_ID, RUN_NUMBER, stages).verdicts([Verdict::FailedIn("integration".to_owned())])
}

fn perform(number: usize, scene: Scene) -> anyhow::Result<String> {
    let sandbox = Sandbox::builder().speed(SPEED).runs([scene.run]).start();
    for fault in scene.faults {
        sandbox.fault(fault);
    }
    let folder = TempDir::new().context("the demo needs a folder for temporary files")?;
    let outputs = folder.path().join("outputs");
    let summary = folder.path().join("summary.md");
    for file in [&outputs, &summary] {
        std::fs::write(file, "").context("the files of the CI system cannot be made")?;
    }
    let step = Command::new(std::env::current_exe().context("the demo does not find itself")?)
        .env_clear()
        .envs(step_variables(&sandbox.url(), &outputs, &summary))
        .envs(scene.inputs.iter().copied())
        .output()
        .context("the step cannot be started")?;
    let exit_code = step.status.code().context("the step was killed")?;
    let effects = sandbox.counters().retries_received;

    let mut shown = format!("\n════ {number}. {} ════\n\n", scene.title);
    write!(
        shown,
        "── log ──\n{}\n",
        String::from_utf8_lossy(&step.stdout)
    )?;
    write!(
        shown,
        "── outputs ──\n{}\n",
        std::fs::read_to_string(&outputs)?
    )?;
    write!(
        shown,
        "── summary ──\n{}\n",
        std::fs::read_to_string(&summary)?
    )?;
    writeln!(
        shown,
        "exit code {exit_code}; the service received {effects} retry request(s)"
    )?;

    ensure!(
        exit_code == scene.exit_code,
        "{shown}\nexit code {} was expected",
        scene.exit_code
    );
    ensure!(
        effects == scene.retries,
        "{shown}\n{} retry request(s) were expected",
        scene.retries
    );
    Ok(shown)
}

fn step_variables(endpoint: &str, outputs: &Path, summary: &Path) -> Vec<(&'static str, OsString)> {
    vec![
        (STEP_MARKER, "1".into()),
        ("GITHUB_ACTIONS", "true".into()),
        ("GITHUB_OUTPUT", outputs.into()),
        ("GITHUB_STEP_SUMMARY", summary.into()),
        ("INPUT_ENDPOINT", endpoint.into()),
        ("INPUT_REGION", "cn-north-4".into()),
        ("INPUT_PROJECT_ID", PROJECT_ID.into()),
        ("INPUT_PIPELINE_ID", PIPELINE_ID.into()),
        ("INPUT_PIPELINE_RUN_ID", RUN_ID.into()),
        ("INPUT_AUTH_TOKEN", TOKEN.into()),
    ]
}
