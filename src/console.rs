//! Standard output: masks, commands and log text, all on one stream, each piece in one write, without secrets.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use log::{Level, LevelFilter};

use crate::ci::buildkite_agent::Agent;
use crate::ci::plain_text::safe_line;
use crate::ci::target::Stdout;
use crate::ci::{CiReporter, Group};
use crate::clock::{Clock as _, SystemClock};
use crate::env::Env;
use crate::report::Annotation;
use crate::secret::{Redactor, Secret, SecretKeeper};

/// The step's log.
pub struct Console {
    reporter: &'static dyn CiReporter,
    /// What hides secrets in the whole job's log, until it fails.
    filter: Mutex<Option<Agent>>,
    secrets: Mutex<Secrets>,
    redactor: Redactor,
    clock: SystemClock,
    groups: AtomicU32,
    group_is_open: AtomicBool,
}

/// What this step keeps out of sight.
#[derive(Default)]
struct Secrets {
    /// They were there at the start.
    given: Vec<Secret>,
    /// They came later, and may go.
    learned: Vec<Secret>,
}

/// What it means that the job's filter failed.
const FILTER_FAILED: &str =
    "; this step takes its secrets out of the log itself, later commands of the job may not";

impl Secrets {
    fn contains(&self, secret: &Secret) -> bool {
        self.given.contains(secret) || self.learned.contains(secret)
    }
}

impl Console {
    /// A console that speaks the CI system's syntax.
    pub fn new(reporter: &'static dyn CiReporter, env: &Env, clock: SystemClock) -> Arc<Self> {
        Arc::new(Self {
            reporter,
            filter: Mutex::new(reporter.log_filter(env)),
            secrets: Mutex::default(),
            redactor: Redactor::default(),
            clock,
            groups: AtomicU32::new(0),
            group_is_open: AtomicBool::new(false),
        })
    }

    /// Masks secrets: from here on neither the CI system nor this console shows them.
    pub fn mask(&self, secrets: impl IntoIterator<Item = Secret>) {
        self.hide(secrets, |known| &mut known.given);
    }

    fn hide(
        &self,
        secrets: impl IntoIterator<Item = Secret>,
        place: impl Fn(&mut Secrets) -> &mut Vec<Secret>,
    ) {
        let mut new = Vec::new();
        let mut known = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            if !known.contains(&secret) {
                write_out(&self.reporter.mask(&secret));
                new.push(secret.clone());
                place(&mut known).push(secret);
            }
        }
        // A new filter takes all forms of all secrets, a third of what starting up costs.
        if !new.is_empty() {
            self.redact(&known);
        }
        drop(known);
        self.tell_filter(&new);
    }

    fn redact(&self, known: &Secrets) {
        self.redactor.set(known.given.iter().chain(&known.learned));
    }

    /// Asks the job's own filter too. One that fails is asked once: this step shows no secret without it either.
    fn tell_filter(&self, secrets: &[Secret]) {
        let mut filter = self.filter.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = filter
            .as_ref()
            .and_then(|agent| agent.redact(secrets).err());
        if let Some(reason) = failed {
            *filter = None;
            drop(filter);
            let warning = [&reason, FILTER_FAILED].concat();
            self.line(Level::Warn, &warning);
        }
    }

    /// The filter for everything that leaves by another way than this console; it follows later masks.
    pub fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }

    /// One log line.
    pub fn line(&self, level: Level, text: &str) {
        write_out(&self.reporter.log_line(level, &self.shown(text)));
    }

    /// Opens a group that folds where the CI system can, and closes the one before it: not every system nests them.
    pub fn begin_group(&self, title: &str) {
        self.end_group();
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.group_is_open.store(true, Ordering::Relaxed);
        let title = self.shown(title);
        write_out(&self.reporter.begin_group(self.group(), &title));
    }

    /// Closes the group, if one is open.
    pub fn end_group(&self) {
        if self.group_is_open.swap(false, Ordering::Relaxed) {
            write_out(&self.reporter.end_group(self.group()));
        }
    }

    fn group(&self) -> Group {
        let since = self.clock.now().duration_since(SystemTime::UNIX_EPOCH);
        Group {
            number: self.groups.load(Ordering::Relaxed),
            unix_seconds: since.unwrap_or_default().as_secs(),
        }
    }

    /// An annotation.
    pub fn annotate(&self, annotation: &Annotation) {
        let message = annotation.message.lines();
        let shown = Annotation {
            title: self.shown(&annotation.title),
            message: message
                .map(|line| self.shown(line))
                .collect::<Vec<_>>()
                .join("\n"),
        };
        write_out(&self.reporter.annotation(&shown));
    }

    /// A line as it is shown. Secrets go before and after that, since dropped characters may join the halves of one.
    fn shown(&self, text: &str) -> String {
        self.redactor.clean(&safe_line(&self.redactor.clean(text)))
    }

    /// Lets this program's own log records through, and no others: the HTTP library dumps headers at trace level.
    pub fn take_log_records(self: &Arc<Self>, level: LevelFilter) {
        let console = Arc::clone(self);
        let logger = env_logger::Builder::new()
            .filter_module(env!("CARGO_CRATE_NAME"), level)
            .format(move |_, record| {
                console.line(record.level(), &record.args().to_string());
                Ok(())
            })
            .target(env_logger::Target::Pipe(Box::new(io::sink())))
            .try_init();
        if logger.is_err() {
            self.line(
                Level::Warn,
                "another logger is already set up: log records are not shown",
            );
        }
    }
}

impl SecretKeeper for Console {
    fn learn(&self, secrets: &[Secret]) {
        self.hide(secrets.iter().cloned(), |known| &mut known.learned);
    }

    fn forget(&self, secrets: &[Secret]) {
        let mut known = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        known.learned.retain(|secret| !secrets.contains(secret));
        self.redact(&known);
    }
}

impl Stdout for Console {
    fn write(&self, text: &str) -> io::Result<()> {
        if is_null_device() {
            return Err(io::Error::other("it leads nowhere"));
        }
        try_write(text)
    }
}

/// Whether standard output is `/dev/null`, which is also what the standard library opens in the place of one that was
/// closed before the start.
#[cfg(unix)]
fn is_null_device() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;

    let stdout = io::stdout().as_fd().try_clone_to_owned();
    let device = stdout.and_then(|stdout| std::fs::File::from(stdout).metadata());
    let null = std::fs::metadata("/dev/null");
    match (device, null) {
        (Ok(device), Ok(null)) => device.rdev() == null.rdev(),
        (Err(_), _) => true,
        (_, Err(_)) => false,
    }
}

#[cfg(not(unix))]
fn is_null_device() -> bool {
    false
}

/// A closed standard output must not change how the step ends: where it carries the outputs, their writer says so.
fn write_out(text: &str) {
    let _ = try_write(text);
}

fn try_write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ci::CiSystem;

    #[test]
    fn what_was_learned_can_be_forgotten_and_what_was_given_cannot() {
        let system = CiSystem::detect(&Env::default());
        let console = Console::new(system.reporter(), &Env::default(), SystemClock::new());
        let redactor = console.redactor();
        let [given, learned] = ["given-1", "learned-1"].map(Secret::new);
        console.mask([given.clone()]);
        console.learn(&[given.clone(), learned.clone()]);
        assert_eq!(redactor.clean("given-1 learned-1"), "*** ***");
        console.forget(&[given, learned]);
        assert_eq!(redactor.clean("given-1 learned-1"), "*** learned-1");
    }
}
