//! The log of a step: lines that are there, or made when they are read.

use std::sync::Arc;

/// The lines of a log, without line ends. Copies share them.
#[derive(Debug, Clone)]
pub(crate) enum Log {
    Lines(Arc<[String]>),
    Numbered(usize),
}

impl Default for Log {
    fn default() -> Self {
        Self::Numbered(0)
    }
}

impl Log {
    pub(crate) fn of(lines: Vec<String>) -> Self {
        Self::Lines(lines.into())
    }

    pub(crate) fn numbered(lines: usize) -> Self {
        Self::Numbered(lines)
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.len(),
            Self::Numbered(lines) => *lines,
        }
    }

    /// Line number `index`, counted from 0.
    pub(crate) fn line(&self, index: usize) -> String {
        match self {
            Self::Lines(lines) => lines.get(index).cloned().unwrap_or_default(),
            Self::Numbered(_) => format!("line {}", index + 1),
        }
    }
}
