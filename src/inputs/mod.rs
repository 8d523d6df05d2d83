//! The inputs of the step.

use std::path::PathBuf;

/// The value of `output_file`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// The file or directory, as it was given.
    pub path: PathBuf,
    /// How the outputs are written there.
    pub format: OutputFormat,
}

/// The form of `output_file`, taken from the end of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// `.json`
    Json,
    /// `.env`
    Env,
    /// `.properties`
    Properties,
    /// `.sh`
    Sh,
    /// An existing directory, or a path that ends in `/`.
    Directory,
}
