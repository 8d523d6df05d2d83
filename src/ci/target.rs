//! The places that outputs are written to, and what goes wrong there.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::buildkite_agent::Agent;
use crate::env::Env;

/// Where a CI system's steps leave their outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputChannel {
    /// Nowhere: the system has no such place.
    None,
    /// A file that is appended to.
    File {
        /// The variable that names it.
        variable: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The system has such a file, but does not say where it is.
    Unset {
        /// The variable that should name it.
        variable: &'static str,
        /// The variable that says that the system is there.
        marker: &'static str,
    },
    /// Standard output: the system reads them from the log.
    Stdout,
    /// Meta-data of the build, through `buildkite-agent`.
    Agent(Agent),
    /// The same where the agent is not on the path.
    NoAgent,
}

impl OutputChannel {
    /// The file that this variable names, if it is set.
    pub(super) fn named(env: &Env, variable: &'static str) -> Option<Self> {
        let path = env.path(variable)?;
        Some(Self::File { variable, path })
    }
}

/// What takes the summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SummaryPlace {
    /// A file that is appended to.
    File {
        /// The variable that names it.
        variable: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A file of our own, which a command on standard output tells of.
    Upload {
        /// The variable that names the directory.
        variable: &'static str,
        /// The directory: the file must outlive this step.
        directory: PathBuf,
    },
    /// An annotation of the build, through `buildkite-agent`.
    Agent(Agent),
}

/// Standard output, for the systems that read commands from it.
pub trait Stdout {
    /// Writes in one piece, all of it; an error where nobody reads it.
    fn write(&self, text: &str) -> io::Result<()>;
}

/// Why outputs cannot be written.
#[derive(Debug)]
pub enum TargetError {
    /// The operating system said no.
    Io {
        /// The input or variable that names the place.
        name: &'static str,
        /// The place.
        path: PathBuf,
        /// Its words.
        source: io::Error,
    },
    /// There is a directory where a file should be written.
    IsDirectory {
        /// The input or variable that names the place.
        name: &'static str,
        /// The place.
        path: PathBuf,
    },
    /// The variable that should name the place is not set.
    Unset {
        /// That variable.
        variable: &'static str,
        /// The variable that says that it should be.
        marker: &'static str,
    },
    /// Standard output is closed.
    Stdout {
        /// The words of the operating system.
        source: io::Error,
    },
    /// `buildkite-agent` failed.
    Agent {
        /// How, and its last words.
        reason: String,
    },
}

impl TargetError {
    /// For `map_err`: what the operating system said about this place.
    pub(super) fn io(name: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { name, path, source }
    }

    /// What to do about it: a sentence.
    pub fn advice(&self) -> String {
        match self {
            Self::Io { name, source, .. } => match source.kind() {
                io::ErrorKind::NotFound => {
                    format!(
                        "Create the directory that {name} names, or mount it into the container."
                    )
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    format!("Let this step's user write there, or point {name} elsewhere.")
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "Free some space on that disk.".to_owned()
                }
                _ => format!("Point {name} to a place that this step can write to."),
            },
            Self::IsDirectory { name, .. } => format!(
                "Remove it, or name another place in {name}: a path that ends in / gets one file per output."
            ),
            Self::Unset { variable, marker } => format!(
                "Pass {variable} (and the file it names) into the container, or do not set {marker} there."
            ),
            Self::Stdout { .. } => {
                "Leave standard output open: this CI system reads the outputs from it.".to_owned()
            }
            Self::Agent { .. } => {
                "Pass the job's BUILDKITE_* variables into the container, or take buildkite-agent off its PATH."
                    .to_owned()
            }
        }
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { name, path, source } => {
                write!(f, "cannot write {name} {}: {source}", path.display())
            }
            Self::IsDirectory { name, path } => {
                write!(
                    f,
                    "cannot write {name} {}: it is a directory",
                    path.display()
                )
            }
            Self::Unset { variable, marker } => {
                write!(f, "{variable} is not set although {marker} is")
            }
            Self::Stdout { source } => {
                write!(f, "cannot write the outputs to standard output: {source}")
            }
            Self::Agent { reason } => f.write_str(reason),
        }
    }
}

// The operating system's words are part of the message, so there is no source to tell apart.
impl std::error::Error for TargetError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_input_the_place_and_the_next_thing_to_do() {
        let error = TargetError::io("output_file", Path::new("/x/y.json"))(io::Error::from(
            io::ErrorKind::NotFound,
        ));
        assert_eq!(
            error.to_string(),
            "cannot write output_file /x/y.json: entity not found"
        );
        for (kind, start) in [
            (io::ErrorKind::NotFound, "Create the directory"),
            (io::ErrorKind::PermissionDenied, "Let this step's user"),
            (io::ErrorKind::ReadOnlyFilesystem, "Let this step's user"),
            (io::ErrorKind::StorageFull, "Free some space"),
            (io::ErrorKind::Other, "Point output_file to"),
        ] {
            let error = TargetError::io("output_file", Path::new("/x"))(kind.into());
            assert!(error.advice().starts_with(start), "{}", error.advice());
        }
        let error = TargetError::Unset {
            variable: "GITHUB_OUTPUT",
            marker: "GITHUB_ACTIONS",
        };
        assert_eq!(
            error.to_string(),
            "GITHUB_OUTPUT is not set although GITHUB_ACTIONS is"
        );
    }
}
