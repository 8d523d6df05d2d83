//! Outcomes to write, and a place to write them to.

use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use codearts_properties::readers::Values;
use codearts_retry::ci::CiSystem;
use codearts_retry::ci::publish::{Published, Targets};
use codearts_retry::ci::target::Stdout;
use codearts_retry::env::Env;
use codearts_retry::outcome::{FailedJob, Failure, Outcome, OutcomeKind, Retried, RunFacts};
use codearts_retry::report::{Outputs, Report};
use codearts_retry::secret::Redactor;
use tempfile::TempDir;

/// A red outcome in which every text of the service is this one.
pub(crate) fn red(text: &str) -> Outcome {
    let own = || Some(text.to_owned());
    Outcome {
        kind: OutcomeKind::RunFailed,
        run: RunFacts {
            pipeline_run_id: text.to_owned(),
            run_number: Some(7),
            run_url: own(),
            status: own(),
        },
        retried: Retried::Yes,
        retries: 1,
        attempts: 2,
        queue_id: own(),
        failure: Some(Failure {
            reason: text.to_owned(),
            advice: own(),
            service_code: own(),
            service_message: own(),
            http_status: Some(403),
            request_id: own(),
        }),
        notices: vec![text.to_owned()],
        failed_jobs: vec![job(text)],
        last_seen: None,
        duration: Duration::from_millis(2900),
    }
}

pub(crate) fn job(text: &str) -> FailedJob {
    FailedJob {
        stage: text.to_owned(),
        job: text.to_owned(),
        step: text.to_owned(),
        status: text.to_owned(),
        message: text.to_owned(),
        ..FailedJob::default()
    }
}

/// A green outcome.
pub(crate) fn green() -> Outcome {
    Outcome {
        kind: OutcomeKind::Accepted,
        failure: None,
        failed_jobs: Vec::new(),
        notices: Vec::new(),
        ..red("x")
    }
}

/// The most there can be of everything.
pub(crate) fn widest() -> Outcome {
    let mut outcome = red(&"é\"'😀 ".repeat(9_000));
    outcome.failed_jobs = vec![job(&"\\😀".repeat(999)); 200];
    outcome
}

pub(crate) fn report(outcome: &Outcome) -> Report {
    Report::from_outcome(outcome, &Redactor::default())
}

pub(crate) fn outputs(outcome: &Outcome) -> Outputs {
    report(outcome).outputs()
}

pub(crate) fn map(outputs: &Outputs) -> Values {
    outputs
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Standard output as the CI system gets it.
#[derive(Default)]
pub(crate) struct Log(Mutex<String>);

impl Stdout for Log {
    fn write(&self, text: &str) -> io::Result<()> {
        self.0.lock().unwrap().push_str(text);
        Ok(())
    }
}

/// A runner: its variables, and what the step leaves there.
pub(crate) struct Runner {
    pub(crate) system: CiSystem,
    folder: TempDir,
    pub(crate) log: Log,
}

/// Every variable that names a file for outputs or for a summary.
const FILES: [&str; 5] = [
    "GITHUB_OUTPUT",
    "GITHUB_STEP_SUMMARY",
    "DRONE_OUTPUT",
    "BASH_ENV",
    "BITBUCKET_PIPELINES_VARIABLES_PATH",
];

impl Runner {
    pub(crate) fn new(system: CiSystem) -> Self {
        Self {
            system,
            folder: TempDir::new().unwrap(),
            log: Log::default(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let mut variables: Vec<_> = FILES.map(|name| (name, self.path(name))).to_vec();
        variables.push(("PATH", self.folder.path().to_owned()));
        variables.push(("AGENT_TEMPDIRECTORY", self.folder.path().to_owned()));
        variables
    }

    pub(crate) fn targets(&self) -> Targets {
        Targets::new(self.system, &Env::from_pairs(self.variables()), None)
    }

    pub(crate) fn publish(&self, outcome: &Outcome) -> Published {
        let targets = self.targets();
        targets.probe(&self.log).unwrap();
        targets.publish(outcome.clone(), &Redactor::default(), 7, &self.log)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn said(&self) -> String {
        self.log.0.lock().unwrap().clone()
    }

    /// Puts a program there that keeps its input in a file named like its arguments.
    #[cfg(unix)]
    pub(crate) fn with_buildkite_agent(self) -> Self {
        self.with_program("")
    }

    /// The same, but it does this when it is asked to hide something.
    #[cfg(unix)]
    pub(crate) fn with_buildkite_agent_that_redacts_by(self, script: &str) -> Self {
        self.with_program(&format!(
            "if [ \"$1\" = redactor ]; then echo \"$*\" >> \"$0 redactor calls\"; {script}; fi\n"
        ))
    }

    #[cfg(unix)]
    fn with_program(self, first: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;

        let program = self.path("buildkite-agent");
        let script = format!(
            "#!/bin/sh\n{first}[ \"$1\" = meta-data ] && exec /bin/cat > \"$0 $3\"\nexec /bin/cat > \"$0 $*\"\n"
        );
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// The files that the program above kept, by what follows its name.
    #[cfg(unix)]
    pub(crate) fn kept_by_agent(&self) -> Values {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        entries
            .filter_map(|entry| {
                let path = entry.unwrap().path();
                let name = path
                    .file_name()?
                    .to_str()?
                    .strip_prefix("buildkite-agent ")?;
                Some((name.to_owned(), std::fs::read_to_string(&path).unwrap()))
            })
            .collect()
    }
}
