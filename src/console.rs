//! Standard output: masks, commands and log text, all on one stream, each piece in one write, without secrets.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use log::{Level, LevelFilter};

use crate::ci::CiReporter;
use crate::ci::plain_text::safe_line;
use crate::report::Annotation;
use crate::secret::{Redactor, Secret};

/// The step's log.
pub struct Console {
    reporter: &'static dyn CiReporter,
    secrets: Mutex<Vec<Secret>>,
    redactor: Redactor,
    group_is_open: AtomicBool,
}

impl Console {
    /// A console that speaks the CI system's syntax.
    pub fn new(reporter: &'static dyn CiReporter) -> Arc<Self> {
        Arc::new(Self {
            reporter,
            secrets: Mutex::default(),
            redactor: Redactor::default(),
            group_is_open: AtomicBool::new(false),
        })
    }

    /// Masks secrets: from here on neither the CI system nor this console shows them.
    pub fn mask(&self, secrets: impl IntoIterator<Item = Secret>) {
        let mut known = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            if !known.contains(&secret) {
                write_out(&self.reporter.mask(&secret));
                known.push(secret);
            }
        }
        self.redactor.set(known.iter());
    }

    /// The filter for everything that leaves by another way than this console; it follows later masks.
    pub fn redactor(&self) -> Redactor {
        self.redactor.clone()
    }

    /// One log line.
    pub fn line(&self, level: Level, text: &str) {
        write_out(&self.reporter.log_line(level, &self.shown(text)));
    }

    /// Opens a group that folds where the CI system can.
    pub fn begin_group(&self, title: &str) {
        self.group_is_open.store(true, Ordering::Relaxed);
        write_out(&self.reporter.begin_group(&self.shown(title)));
    }

    /// Closes the group, if one is open.
    pub fn end_group(&self) {
        if self.group_is_open.swap(false, Ordering::Relaxed) {
            write_out(&self.reporter.end_group());
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
            ..*annotation
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

/// A closed standard output must not change how the step ends: where it carries the outputs, their writer says so.
fn write_out(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}
