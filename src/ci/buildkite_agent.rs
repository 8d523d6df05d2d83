//! Runs `buildkite-agent`, the only way to a build's meta-data, its annotations and the filter of its log
//! (buildkite/agent `clicommand/meta_data_set.go`, `annotate.go`, `redactor_add.go`).

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::clock::{Clock as _, SystemClock};
use crate::env::Env;
use crate::report::Outputs;
use crate::secret::Secret;

/// The agent tries for minutes where the network is down.
const TIME_LIMIT: Duration = Duration::from_secs(8);
/// A step that is cancelled has ten seconds for all there is to do (buildkite/docs `cancel-grace-period`).
const TIME_LIMIT_WHEN_CANCELLED: Duration = Duration::from_secs(2);
/// The filter is a process of the same machine.
const TIME_LIMIT_OF_REDACTOR: Duration = Duration::from_secs(2);
/// Each call is a process and a request of its own.
const CALLS_AT_ONCE: usize = 6;
const PAUSE: Duration = Duration::from_millis(5);

/// The program, and the job it speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    program: PathBuf,
    job: String,
}

/// One run of the program. What it is given is on its standard input: arguments can be seen by others.
struct Call {
    arguments: Vec<String>,
    input: Input,
}

/// What a call is given.
enum Input {
    Text(String),
    Secret(Secret),
}

/// A call, its process, and the file that takes what the process says of a failure.
type Running = (Call, Child, File);

impl Agent {
    /// The name of the program.
    pub const NAME: &str = "buildkite-agent";

    /// The program on the `PATH`.
    pub(super) fn find(env: &Env) -> Option<Self> {
        let name = Self::NAME.to_owned() + std::env::consts::EXE_SUFFIX;
        let path = env.path("PATH")?;
        let program = std::env::split_paths(&path)
            .map(|directory| directory.join(&name))
            .find(|program| program.is_file())?;
        let job = env.get("BUILDKITE_JOB_ID").unwrap_or_default().to_owned();
        Some(Self { program, job })
    }

    /// Sets every output that is not empty: the agent refuses an empty value.
    pub(super) fn set_meta_data(&self, outputs: &Outputs) -> Result<(), String> {
        let calls = outputs.iter().filter(|(_, value)| !value.is_empty());
        let calls = calls.map(|(name, value)| Call {
            arguments: ["meta-data", "set", &meta_data_key(name)]
                .map(str::to_owned)
                .to_vec(),
            input: Input::Text(value.to_owned()),
        });
        self.run_all(calls.collect(), time_limit(outputs))
    }

    /// Shows the summary on the build's page, in a context of this job's own, so that the jobs of a matrix do not
    /// replace each other's.
    pub(super) fn annotate(&self, outputs: &Outputs, summary: String) -> Result<(), String> {
        let style = match outputs.get("success") {
            "true" => "success",
            _ => "error",
        };
        let context = ["codearts-retry-", &self.job].concat();
        let call = Call {
            arguments: ["annotate", "--style", style, "--context", &context]
                .map(str::to_owned)
                .to_vec(),
            input: Input::Text(summary),
        };
        self.run_all(vec![call], time_limit(outputs))
    }

    /// Has the agent take secrets out of the job's log from here on, also where later commands of the job print them.
    /// Each is given as a whole and line by line, since a terminal ends lines in its own way.
    pub fn redact(&self, secrets: &[Secret]) -> Result<(), String> {
        let mut parts: Vec<Secret> = Vec::new();
        for secret in secrets {
            let whole = secret.expose();
            for part in std::iter::once(whole).chain(whole.lines()) {
                let part = Secret::new(part.trim());
                if !part.expose().is_empty() && !parts.contains(&part) {
                    parts.push(part);
                }
            }
        }
        let calls = parts.into_iter().map(|part| Call {
            // A variable of the job may set another format.
            arguments: ["redactor", "add", "--format", "none"]
                .map(str::to_owned)
                .to_vec(),
            input: Input::Secret(part),
        });
        self.run_all(calls.collect(), TIME_LIMIT_OF_REDACTOR)
    }

    /// Runs all calls, a few at a time. One that fails keeps no other from being made; the first reason is returned.
    fn run_all(&self, calls: Vec<Call>, limit: Duration) -> Result<(), String> {
        let clock = SystemClock::new();
        let mut waiting = calls.into_iter();
        let mut running: Vec<Running> = Vec::new();
        let mut failures: Vec<String> = Vec::new();
        loop {
            while running.len() < CALLS_AT_ONCE
                && let Some(call) = waiting.next()
            {
                match self.start(&call) {
                    Ok((child, stderr)) => running.push((call, child, stderr)),
                    Err(error) => failures.push(call.failed(&error.to_string())),
                }
            }
            running.retain_mut(|(call, child, stderr)| {
                let failure = match child.try_wait() {
                    Ok(None) => return true,
                    Ok(Some(status)) if status.success() => return false,
                    Ok(Some(status)) => [&status.to_string(), ", ", &last_words(stderr)].concat(),
                    Err(error) => error.to_string(),
                };
                failures.push(call.failed(&failure));
                false
            });
            if running.is_empty() && waiting.len() == 0 {
                return failures.into_iter().next().map_or(Ok(()), Err);
            }
            if clock.monotonic() > limit {
                for (_, child, _) in &mut running {
                    // It may have ended by itself in this moment.
                    let _ = child.kill();
                    let _ = child.wait();
                }
                failures.push([Self::NAME, " took too long"].concat());
                return Err(failures.swap_remove(0));
            }
            clock.sleep(PAUSE);
        }
    }

    fn start(&self, call: &Call) -> std::io::Result<(Child, File)> {
        // Files, since a pipe that nobody reads, or that a process of the agent's keeps open, would hold this step up.
        let stdin = match &call.input {
            Input::Text(text) => {
                let mut file = tempfile::tempfile()?;
                file.write_all(text.as_bytes())?;
                file.rewind()?;
                file.into()
            }
            Input::Secret(_) => Stdio::piped(),
        };
        let stderr = tempfile::tempfile()?;
        let mut child = Command::new(&self.program)
            .args(&call.arguments)
            .stdin(stdin)
            .stdout(Stdio::null())
            .stderr(stderr.try_clone()?)
            .spawn()?;
        if let (Input::Secret(secret), Some(mut pipe)) = (&call.input, child.stdin.take()) {
            // No secret on a disk. Nobody waits for this thread: an agent that does not read says how it ended.
            let secret = secret.clone();
            thread::Builder::new().spawn(move || pipe.write_all(secret.expose().as_bytes()))?;
        }
        Ok((child, stderr))
    }
}

impl Call {
    fn failed(&self, reason: &str) -> String {
        [Agent::NAME, " ", &self.arguments.join(" "), ": ", reason].concat()
    }
}

fn time_limit(outputs: &Outputs) -> Duration {
    match outputs.get("outcome") {
        "interrupted" => TIME_LIMIT_WHEN_CANCELLED,
        _ => TIME_LIMIT,
    }
}

/// `codearts-retry-run-url`.
fn meta_data_key(output: &str) -> String {
    ["codearts-retry-", output].concat().replace('_', "-")
}

/// The last line that the agent wrote about its failure.
fn last_words(stderr: &mut File) -> String {
    let mut text = Vec::new();
    // What cannot be read is not shown.
    let _ = stderr.rewind().and_then(|()| stderr.read_to_end(&mut text));
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines().map(str::trim);
    let last = lines.rfind(|line| !line.is_empty());
    last.unwrap_or("no message").to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::outcome::{Outcome, OutcomeKind, Signal};
    use crate::report::Report;
    use crate::report::samples::accepted;
    use crate::secret::Redactor;

    #[test]
    fn a_process_that_the_agent_leaves_behind_holds_nothing_up() {
        let home = tempfile::tempdir().expect("a directory");
        let program = home.path().join(Agent::NAME);
        std::fs::write(
            &program,
            "#!/bin/sh\n/bin/sleep 20 &\necho bad >&2\nexit 1\n",
        )
        .expect("written");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("set");
        let agent = Agent {
            program,
            job: String::new(),
        };
        let outputs = Report::from_outcome(&accepted(), &Redactor::default()).outputs();
        let clock = SystemClock::new();
        let reason = agent.set_meta_data(&outputs).expect_err("it failed");
        assert!(reason.ends_with("bad"), "{reason}");
        assert!(clock.monotonic() < TIME_LIMIT);
    }

    #[test]
    fn a_cancelled_step_waits_for_the_agent_in_its_grace_period_only() {
        let limit = |kind| {
            let outcome = Outcome { kind, ..accepted() };
            time_limit(&Report::from_outcome(&outcome, &Redactor::default()).outputs())
        };
        let cancelled = limit(OutcomeKind::Interrupted(Signal::Terminate));
        // The outputs, once more where they failed, and the annotation.
        assert!(cancelled * 3 < Duration::from_secs(10));
        assert!(limit(OutcomeKind::Accepted) > cancelled);
    }

    #[test]
    fn an_agent_that_hangs_is_stopped() {
        let home = tempfile::tempdir().expect("a directory");
        let program = home.path().join(Agent::NAME);
        std::fs::write(&program, "#!/bin/sh\nexec /bin/sleep 600\n").expect("written");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("set");
        let agent = Agent {
            program,
            job: String::new(),
        };
        let call = Call {
            arguments: Vec::new(),
            input: Input::Text(String::new()),
        };
        assert_eq!(
            agent.run_all(vec![call], Duration::ZERO),
            Err("buildkite-agent took too long".to_owned())
        );
    }

    #[test]
    fn a_secret_goes_to_the_filter_whole_and_line_by_line_and_never_as_an_argument() {
        let home = tempfile::tempdir().expect("a directory");
        let program = home.path().join(Agent::NAME);
        std::fs::write(
            &program,
            "#!/bin/sh\n/bin/cat > \"$0.$$\"\necho \"$*\" >> \"$0 arguments\"\n",
        )
        .expect("written");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("set");
        let agent = Agent {
            program: program.clone(),
            job: String::new(),
        };
        let long = "x".repeat(200_000);
        let secrets = ["first\r\n  second\n\n", "first", " ", &long].map(Secret::new);
        assert_eq!(agent.redact(&secrets), Ok(()));
        let mut given: Vec<String> = std::fs::read_dir(home.path())
            .expect("a directory")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.to_string_lossy().contains("buildkite-agent."))
            .map(|path| std::fs::read_to_string(path).expect("read"))
            .collect();
        given.sort_unstable();
        assert_eq!(given, ["first", "first\r\n  second", "second", &long]);
        let arguments =
            std::fs::read_to_string(home.path().join("buildkite-agent arguments")).expect("read");
        assert_eq!(arguments, "redactor add --format none\n".repeat(4));
    }

    #[test]
    fn an_agent_that_cannot_be_started_says_why() {
        let agent = Agent {
            program: PathBuf::from("/nowhere/buildkite-agent"),
            job: String::new(),
        };
        let outputs = Report::from_outcome(&accepted(), &Redactor::default()).outputs();
        let error = agent
            .annotate(&outputs, String::new())
            .expect_err("no program");
        assert!(
            error.starts_with("buildkite-agent annotate --style success"),
            "{error}"
        );
    }
}
