//! Puts the tables into a page, between two marks.

use std::path::Path;

use anyhow::{Context as _, Result};

const START: &str = "<!-- printed by cargo bench: -->\n";
const END: &str = "<!-- end of what cargo bench printed -->\n";

/// Replaces what is between the marks.
pub(crate) fn write(path: &Path, tables: &str) -> Result<()> {
    let shown = || path.display().to_string();
    let page = std::fs::read_to_string(path).with_context(shown)?;
    let (before, rest) = page
        .split_once(START)
        .with_context(|| format!("{} has no line {}", shown(), START.trim_end()))?;
    let (_, after) = rest
        .split_once(END)
        .with_context(|| format!("{} has no line {}", shown(), END.trim_end()))?;
    std::fs::write(path, format!("{before}{START}\n{tables}\n{END}{after}")).with_context(shown)
}
