//! One process, from its start to its end: time, CPU, memory.
//!
//! A process starts out with the memory of the one that forked it on its account, so the program is started by a process
//! of its own that has next to none: this program again, with [`MEASURE`] as its first argument.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

/// The argument that makes this program the one that starts another and measures it.
pub(crate) const MEASURE: &str = "--measure";

/// A program with its arguments and its whole environment.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) words: Vec<OsString>,
    pub(crate) environment: BTreeMap<String, OsString>,
}

/// What one process took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    /// From the start to the end.
    pub(crate) wall: Duration,
    /// In the program and in the kernel.
    pub(crate) cpu: Duration,
    /// The most memory it had at once, in bytes.
    pub(crate) peak: u64,
}

impl Program {
    pub(crate) fn new(words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        Self {
            words: words
                .into_iter()
                .map(|word| word.as_ref().to_owned())
                .collect(),
            environment: BTreeMap::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment
            .insert(name.to_owned(), value.as_ref().to_owned());
        self
    }

    /// The command, with nothing of this machine's environment.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command
            .args(&self.words[1..])
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null());
        command
    }

    /// Runs it once. It must succeed, since a failure is quick.
    pub(crate) fn measure(&self) -> Result<Spent> {
        let output = Command::new(std::env::current_exe()?)
            .arg(MEASURE)
            .args(&self.words)
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::null())
            .output()?;
        let name = self.words[0].display();
        if !output.status.success() {
            bail!(
                "{name} ended with {}: {}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let text = String::from_utf8(output.stdout)?;
        let numbers: Vec<u64> = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let [wall, cpu, peak] = numbers[..] else {
            bail!("{name} was measured as {text:?}");
        };
        Ok(Spent {
            wall: Duration::from_nanos(wall),
            cpu: Duration::from_micros(cpu),
            peak,
        })
    }
}

/// Starts what the arguments say, and prints nanoseconds, microseconds of CPU and bytes.
#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
pub(crate) fn measure(words: &[OsString]) -> ExitCode {
    let run = || -> Result<bool> {
        let mut command = Command::new(words.first().context("a program to measure")?);
        // The standard library forks, instead of sharing this process's memory with the child, where it is to set a user.
        command
            .args(&words[1..])
            .stdout(Stdio::null())
            .uid(std::fs::metadata("/proc/self")?.uid());
        let start = Instant::now();
        let status = command.status()?;
        let wall = start.elapsed();
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let cpu = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        println!("{} {cpu} {}", wall.as_nanos(), usage.max_rss() * 1024);
        Ok(status.success())
    };
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
