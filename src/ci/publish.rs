//! The order in which the targets are written, and what happens when one cannot be.

use std::fmt;

use super::target::{OutputChannel, Stdout, SummaryPlace, TargetError};
use super::{CiReporter, CiSystem, append_file, output_file};
use crate::env::Env;
use crate::inputs::OutputFile;
use crate::outcome::{Failure, Outcome, OutcomeKind, Retried};
use crate::report::{Outputs, Report};
use crate::secret::Redactor;

/// Everything that this step writes beside its log.
pub struct Targets {
    reporter: &'static dyn CiReporter,
    output_file: Option<OutputFile>,
    channel: OutputChannel,
    summary: Option<SummaryPlace>,
}

/// What came of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// How the step ends now: as before, or as `output-failed`.
    pub outcome: Outcome,
    /// What could not be written although the ending stays as it was: each a fragment.
    pub warnings: Vec<String>,
}

impl Targets {
    /// The targets of a step on this system. `output_file` is `None` too where the inputs could not be read.
    pub fn new(system: CiSystem, env: &Env, output_file: Option<OutputFile>) -> Self {
        let reporter = system.reporter();
        Self {
            reporter,
            output_file,
            channel: reporter.output_channel(env),
            summary: reporter.summary_place(env),
        }
    }

    /// Tries every target but the summary, before anything is sent.
    pub fn probe(&self, stdout: &dyn Stdout) -> Result<(), Unwritable> {
        let tried = [
            self.output_file.as_ref().map_or(Ok(()), output_file::probe),
            match &self.channel {
                OutputChannel::None | OutputChannel::Agent(_) | OutputChannel::NoAgent => Ok(()),
                OutputChannel::File { variable, path } => append_file::probe(variable, path),
                OutputChannel::Unset { variable, marker } => Err(unset(variable, marker)),
                OutputChannel::Stdout => print(stdout, STDOUT_NOTICE),
            },
        ];
        let errors: Vec<_> = tried.into_iter().filter_map(Result::err).collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Unwritable(errors))
        }
    }

    /// Writes `output_file` first and the CI system's own file last. Where one fails and the step would be green, it
    /// becomes red, and whatever can still be written says so; a red step keeps its ending. The summary comes after
    /// both, since it tells the final ending.
    pub fn publish(
        &self,
        outcome: Outcome,
        redactor: &Redactor,
        random: u128,
        stdout: &dyn Stdout,
    ) -> Published {
        let outputs = |outcome: &Outcome| Report::from_outcome(outcome, redactor).outputs();
        let mut ending = Ending::new(outcome);
        if self.channel == OutputChannel::NoAgent {
            ending.warnings.push(NO_AGENT.to_owned());
        }
        if let Err(error) = self.write_output_file(&outputs(&ending.outcome))
            && ending.turns_red(&error)
        {
            // A directory may hold some of the files already.
            let _ = self.write_output_file(&outputs(&ending.outcome));
        }
        if let Err(error) = self.write_channel(&outputs(&ending.outcome), random, stdout)
            && ending.turns_red(&error)
        {
            let corrected = outputs(&ending.outcome);
            if let Err(error) = self.write_output_file(&corrected) {
                ending.warn(&error);
            }
            let _ = self.write_channel(&corrected, random, stdout);
        }
        let report = Report::from_outcome(&ending.outcome, redactor);
        if let Err(error) = self.write_summary(&report, random, stdout) {
            ending.warn(&error);
        }
        ending.published(redactor)
    }

    fn write_output_file(&self, outputs: &Outputs) -> Result<(), TargetError> {
        self.output_file
            .as_ref()
            .map_or(Ok(()), |file| output_file::write(file, outputs))
    }

    fn write_channel(
        &self,
        outputs: &Outputs,
        random: u128,
        stdout: &dyn Stdout,
    ) -> Result<(), TargetError> {
        match &self.channel {
            OutputChannel::None | OutputChannel::NoAgent => Ok(()),
            OutputChannel::Agent(agent) => agent.set_meta_data(outputs).map_err(agent_failed),
            OutputChannel::File { variable, path } => {
                append_file::append(variable, path, &self.reporter.outputs(outputs, random))
            }
            OutputChannel::Unset { variable, marker } => Err(unset(variable, marker)),
            OutputChannel::Stdout => print(stdout, &self.reporter.outputs(outputs, random)),
        }
    }

    fn write_summary(
        &self,
        report: &Report,
        random: u128,
        stdout: &dyn Stdout,
    ) -> Result<(), TargetError> {
        match &self.summary {
            None => Ok(()),
            Some(SummaryPlace::File { variable, path }) => {
                append_file::append(variable, path, &report.summary())
            }
            Some(SummaryPlace::Upload {
                variable,
                directory,
            }) => {
                let path = directory.join(format!("retry-codearts-pipeline-{random:032x}.md"));
                append_file::append(variable, &path, &report.summary())?;
                print(stdout, &self.reporter.upload_summary(&path))
            }
            Some(SummaryPlace::Agent(agent)) => {
                let annotated = agent.annotate(&report.outputs(), report.summary());
                annotated.map_err(agent_failed)
            }
        }
    }
}

/// Shows at the start that standard output is open, where it is going to carry the outputs.
const STDOUT_NOTICE: &str = "The outputs are set at the end of this log.\n";

/// Said once, where Buildkite's step runs in a container without the agent.
const NO_AGENT: &str = "buildkite-agent is not on the PATH: no meta-data and no annotation are set; output_file has the outputs";

fn print(stdout: &dyn Stdout, text: &str) -> Result<(), TargetError> {
    stdout
        .write(text)
        .map_err(|source| TargetError::Stdout { source })
}

fn agent_failed(reason: String) -> TargetError {
    TargetError::Agent { reason }
}

fn unset(variable: &'static str, marker: &'static str) -> TargetError {
    TargetError::Unset { variable, marker }
}

/// The targets that cannot be written.
#[derive(Debug)]
pub struct Unwritable(Vec<TargetError>);

impl Unwritable {
    /// Why a step that found this ends as `output-failed`.
    pub fn to_failure(&self) -> Failure {
        let advice: Vec<_> = self.0.iter().map(TargetError::advice).collect();
        Failure {
            reason: self.to_string(),
            advice: Some(advice.join(" ")),
            ..Failure::default()
        }
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&reasons.join("; "))
    }
}

impl std::error::Error for Unwritable {}

/// The outcome while targets fail.
struct Ending {
    outcome: Outcome,
    warnings: Vec<String>,
}

impl Ending {
    fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            warnings: Vec::new(),
        }
    }

    /// Takes in that a target failed; whether that turned a green step red.
    fn turns_red(&mut self, error: &TargetError) -> bool {
        if !self.outcome.kind.is_success() {
            self.warn(error);
            return false;
        }
        self.outcome = output_failed(&self.outcome, error);
        true
    }

    /// A warning, unless the ending itself tells the same.
    fn warn(&mut self, error: &TargetError) {
        let warning = error.to_string();
        let is_told = |failure: &Failure| failure.reason.contains(&warning);
        if !self.outcome.failure.as_ref().is_some_and(is_told) {
            self.warnings.push(warning);
        }
    }

    fn published(self, redactor: &Redactor) -> Published {
        Published {
            outcome: self.outcome,
            warnings: self
                .warnings
                .iter()
                .map(|warning| redactor.clean(warning))
                .collect(),
        }
    }
}

/// The green outcome with its outputs lost: everything that is known about the run stays.
fn output_failed(green: &Outcome, error: &TargetError) -> Outcome {
    let word = green.kind.word();
    let again = match green.retried {
        Retried::No => "",
        Retried::Yes | Retried::Unknown => {
            " The retry itself has been sent: look at the run before this step is run again."
        }
    };
    Outcome {
        kind: OutcomeKind::OutputFailed,
        failure: Some(Failure {
            reason: format!(
                "the step would have ended as {word}, but its outputs are lost: {error}"
            ),
            advice: Some(format!("{}{again}", error.advice())),
            ..Failure::default()
        }),
        ..green.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;
    use std::path::Path;

    use super::*;
    use crate::inputs::OutputFormat;
    use crate::report::samples::{accepted, forbidden};

    /// A standard output that takes everything.
    struct Open;

    impl Stdout for Open {
        fn write(&self, _text: &str) -> io::Result<()> {
            Ok(())
        }
    }

    /// A home with a CI file, a summary file and `o.json`, each in place unless something is in its way.
    struct Home(tempfile::TempDir);

    impl Home {
        fn new() -> Self {
            let home = tempfile::tempdir().expect("a directory");
            fs::write(home.path().join("output"), "").expect("made");
            fs::write(home.path().join("summary"), "").expect("made");
            Self(home)
        }

        /// Puts a directory where this file should be.
        fn block(self, name: &str) -> Self {
            let _ = fs::remove_file(self.0.path().join(name));
            fs::create_dir(self.0.path().join(name)).expect("made");
            self
        }

        fn path(&self, name: &str) -> String {
            self.0.path().join(name).to_string_lossy().into_owned()
        }

        fn targets_with(&self, name: &str, format: OutputFormat) -> Targets {
            let env = Env::from_pairs([
                ("GITHUB_OUTPUT", self.path("output")),
                ("GITHUB_STEP_SUMMARY", self.path("summary")),
            ]);
            let output_file = OutputFile {
                path: self.0.path().join(name),
                format,
            };
            Targets::new(CiSystem::GitHub, &env, Some(output_file))
        }

        fn targets(&self) -> Targets {
            self.targets_with("o.json", OutputFormat::Json)
        }

        fn publish(&self, outcome: Outcome) -> Published {
            self.targets()
                .publish(outcome, &Redactor::default(), 7, &Open)
        }

        fn json(&self) -> serde_json::Value {
            let text = fs::read_to_string(self.path("o.json")).expect("written");
            serde_json::from_str(&text).expect("a document")
        }

        fn output(&self) -> String {
            fs::read_to_string(self.path("output")).expect("written")
        }
    }

    fn entry(name: &str, value: &str) -> String {
        let boundary = "codearts_retry_00000000000000000000000000000007";
        format!("{name}<<{boundary}\n{value}\n{boundary}\n")
    }

    #[test]
    fn a_good_step_writes_every_target_once() {
        let home = Home::new();
        home.targets().probe(&Open).expect("writable");
        let published = home.publish(accepted());
        assert_eq!(published.outcome, accepted());
        assert_eq!(published.warnings, Vec::<String>::new());
        assert_eq!(home.json()["success"], true);
        assert_eq!(home.output().matches("success<<").count(), 1);
        assert!(home.output().contains(&entry("outcome", "accepted")));
        let summary = fs::read_to_string(home.path("summary")).expect("written");
        assert!(summary.starts_with("### ✅"));
    }

    #[test]
    fn a_probe_names_every_target_that_cannot_be_written() {
        let home = Home::new().block("output").block("o.json");
        let failure = home
            .targets()
            .probe(&Open)
            .expect_err("blocked")
            .to_failure();
        assert!(failure.reason.contains("output_file"), "{}", failure.reason);
        assert!(
            failure.reason.contains("GITHUB_OUTPUT"),
            "{}",
            failure.reason
        );
        let targets = Targets::new(CiSystem::GitHub, &Env::default(), None);
        assert_eq!(
            targets.probe(&Open).expect_err("unset").to_string(),
            "GITHUB_OUTPUT is not set although GITHUB_ACTIONS is"
        );
        let plain = Targets::new(CiSystem::Plain, &Env::default(), None);
        plain.probe(&Open).expect("nothing to write");
    }

    #[test]
    fn a_lost_output_file_makes_a_green_step_red_in_the_other_target() {
        let home = Home::new().block("o.json");
        let published = home.publish(accepted());
        assert_eq!(published.outcome.kind, OutcomeKind::OutputFailed);
        assert_eq!(published.outcome.retried, Retried::Yes);
        assert!(home.output().contains(&entry("success", "false")));
        assert!(!home.output().contains(&entry("success", "true")));
        let failure = published.outcome.failure.expect("a reason");
        assert!(failure.reason.contains("output_file"), "{}", failure.reason);
        assert!(failure.advice.expect("advice").contains("look at the run"));
    }

    #[test]
    fn outputs_lost_by_a_step_that_retried_nothing_do_not_warn_of_a_retry() {
        let home = Home::new().block("o.json");
        let published = home.publish(Outcome {
            kind: OutcomeKind::AlreadyCompleted,
            retried: Retried::No,
            ..accepted()
        });
        assert_eq!(published.outcome.kind, OutcomeKind::OutputFailed);
        let advice = published.outcome.failure.and_then(|failure| failure.advice);
        assert!(!advice.expect("advice").contains("retry"));
    }

    #[test]
    fn outputs_that_nothing_takes_leave_a_red_step_and_a_warning() {
        let home = Home::new().block("o.json").block("output");
        let published = home.publish(accepted());
        assert_eq!(published.outcome.kind, OutcomeKind::OutputFailed);
        let reason = published.outcome.failure.expect("a reason").reason;
        assert!(reason.contains("output_file"), "{reason}");
        let [warning] = &published.warnings[..] else {
            unreachable!("{:?}", published.warnings)
        };
        assert!(warning.contains("GITHUB_OUTPUT"), "{warning}");
    }

    #[test]
    fn a_lost_ci_file_makes_a_green_step_red_in_the_written_output_file() {
        let home = Home::new().block("output");
        let published = home.publish(accepted());
        assert_eq!(published.outcome.kind, OutcomeKind::OutputFailed);
        assert_eq!(home.json()["success"], false);
        assert_eq!(home.json()["outcome"], "output-failed");
        assert_eq!(home.json()["result"]["success"], false);
        assert_eq!(published.warnings, Vec::<String>::new());
        let summary = fs::read_to_string(home.path("summary")).expect("written");
        assert!(summary.starts_with("### ❌"));
    }

    #[test]
    fn a_directory_that_fails_half_way_is_corrected() {
        let home = Home::new().block("results");
        fs::create_dir(Path::new(&home.path("results")).join("result")).expect("made");
        let published = home
            .targets_with("results", OutputFormat::Directory)
            .publish(accepted(), &Redactor::default(), 7, &Open);
        assert_eq!(published.outcome.kind, OutcomeKind::OutputFailed);
        for (name, value) in [("success", "false"), ("outcome", "output-failed")] {
            let file = Path::new(&home.path("results")).join(name);
            assert_eq!(fs::read_to_string(file).expect("written"), value);
        }
    }

    #[test]
    fn a_red_step_keeps_its_ending_and_gets_warnings() {
        let home = Home::new().block("output").block("o.json").block("summary");
        let published = home.publish(forbidden("no"));
        assert_eq!(published.outcome, forbidden("no"));
        assert_eq!(published.warnings.len(), 3, "{:?}", published.warnings);
    }

    #[test]
    fn what_the_failure_tells_is_no_warning_again() {
        let home = Home::new().block("output");
        let failure = home
            .targets()
            .probe(&Open)
            .expect_err("blocked")
            .to_failure();
        let published = home.publish(Outcome {
            kind: OutcomeKind::OutputFailed,
            failure: Some(failure),
            ..accepted()
        });
        assert_eq!(published.warnings, Vec::<String>::new());
        assert_eq!(home.json()["outcome"], "output-failed");
    }

    #[test]
    fn a_lost_summary_is_a_warning_only() {
        let home = Home::new().block("summary");
        let published = home.publish(accepted());
        assert_eq!(published.outcome, accepted());
        assert_eq!(published.warnings.len(), 1);
        assert!(published.warnings[0].starts_with("cannot write GITHUB_STEP_SUMMARY "));
        assert_eq!(home.json()["success"], true);
    }

    /// A standard output that keeps what it takes, until it is closed.
    #[derive(Default)]
    struct Pipe {
        taken: std::sync::Mutex<String>,
        is_closed: bool,
    }

    impl Stdout for Pipe {
        fn write(&self, text: &str) -> io::Result<()> {
            if self.is_closed {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.taken.lock().expect("not poisoned").push_str(text);
            Ok(())
        }
    }

    fn on(system: CiSystem, home: &Home) -> Targets {
        let env = Env::from_pairs([("AGENT_TEMPDIRECTORY", home.0.path())]);
        let output_file = OutputFile {
            path: home.0.path().join("o.json"),
            format: OutputFormat::Json,
        };
        Targets::new(system, &env, Some(output_file))
    }

    #[test]
    fn a_closed_standard_output_that_carries_the_outputs_makes_the_step_red() {
        let pipe = Pipe {
            is_closed: true,
            ..Pipe::default()
        };
        for system in [CiSystem::Azure, CiSystem::TeamCity] {
            let home = Home::new();
            let targets = on(system, &home);
            let failure = targets.probe(&pipe).expect_err("closed").to_failure();
            assert!(
                failure
                    .reason
                    .starts_with("cannot write the outputs to standard output: ")
            );
            assert!(failure.advice.expect("advice").contains("open"));
            let published = targets.publish(accepted(), &Redactor::default(), 7, &pipe);
            assert_eq!(published.outcome.kind, OutcomeKind::OutputFailed);
            assert_eq!(published.warnings.len(), 0, "{:?}", published.warnings);
            assert_eq!(home.json()["outcome"], "output-failed");
        }
    }

    #[test]
    fn a_summary_to_upload_outlives_the_step() {
        let home = Home::new();
        let pipe = Pipe::default();
        let targets = on(CiSystem::Azure, &home);
        targets.probe(&pipe).expect("open");
        targets.publish(accepted(), &Redactor::default(), 7, &pipe);
        let said = pipe.taken.into_inner().expect("not poisoned");
        let (_, path) = said
            .split_once("##vso[task.uploadsummary]")
            .expect("a command");
        let summary = fs::read_to_string(path.trim_end()).expect("written");
        assert!(summary.starts_with("### ✅"));
        assert!(said.starts_with(STDOUT_NOTICE));
        assert_eq!(said.matches("setvariable variable=success;").count(), 1);
    }

    #[test]
    fn a_missing_agent_is_a_warning() {
        let targets = Targets::new(CiSystem::Buildkite, &Env::default(), None);
        targets.probe(&Open).expect("nothing to write");
        let published = targets.publish(accepted(), &Redactor::default(), 7, &Open);
        assert_eq!(published.outcome, accepted());
        assert_eq!(published.warnings, [NO_AGENT]);
    }

    /// A stand-in for the agent.
    #[cfg(unix)]
    fn agent(home: &Home, script: &str) -> Targets {
        use std::os::unix::fs::PermissionsExt as _;

        let program = home.0.path().join("buildkite-agent");
        fs::write(&program, ["#!/bin/sh\n", script].concat()).expect("written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("set");
        let env = Env::from_pairs([
            ("PATH", home.0.path().as_os_str()),
            ("BUILDKITE_JOB_ID", "0190-job".as_ref()),
        ]);
        Targets::new(CiSystem::Buildkite, &env, None)
    }

    #[cfg(unix)]
    #[test]
    fn the_agent_gets_names_as_arguments_and_values_as_input() {
        let home = Home::new();
        let targets = agent(
            &home,
            "/bin/cat > \"$0.$1.$3\"\necho \"$*\" >> \"$0.calls\"\n",
        );
        let published = targets.publish(forbidden("no\n--x"), &Redactor::default(), 7, &Open);
        assert_eq!(published.warnings, Vec::<String>::new());
        let read = |name: &str| {
            fs::read_to_string(home.path(&["buildkite-agent.", name].concat())).expect(name)
        };
        assert_eq!(read("meta-data.codearts-retry-error-message"), "no\n--x");
        assert_eq!(read("meta-data.codearts-retry-http-status"), "403");
        assert!(read("annotate.error").starts_with("### ❌"));
        let calls = read("calls");
        assert!(calls.contains("annotate --style error --context codearts-retry-0190-job\n"));
        assert!(calls.contains("meta-data set codearts-retry-success\n"));
        assert!(!calls.contains("queue-id"), "an empty value is refused");
    }

    #[cfg(unix)]
    #[test]
    fn an_agent_that_fails_loses_the_outputs() {
        let home = Home::new();
        let targets = agent(
            &home,
            "echo 'info' >&2\necho 'fatal: no token' >&2\nexit 3\n",
        );
        let published = targets.publish(accepted(), &Redactor::default(), 7, &Open);
        assert_eq!(published.outcome.kind, OutcomeKind::OutputFailed);
        let failure = published.outcome.failure.expect("a reason");
        assert!(
            failure.reason.contains("fatal: no token"),
            "{}",
            failure.reason
        );
    }
}
