//! Files that belong to the CI system and may have other writers: appended to, never replaced.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::target::TargetError;

/// Whether the file can be appended to. It is created where it is missing, as a shell's `>>` would.
pub(super) fn probe(name: &'static str, path: &Path) -> Result<(), TargetError> {
    open(path).map(drop).map_err(TargetError::io(name, path))
}

/// Appends the text in one piece, or nothing of it. A last line of another writer that was left open is ended first.
pub(super) fn append(name: &'static str, path: &Path, text: &str) -> Result<(), TargetError> {
    append_whole(path, text).map_err(TargetError::io(name, path))
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(path)
}

fn append_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut file = open(path)?;
    let before = file.metadata()?.len();
    let separator = if is_open_line(&mut file, before)? {
        "\n"
    } else {
        ""
    };
    let written = file.write_all(format!("{separator}{text}").as_bytes());
    if written.is_err() {
        // Half an entry would make the reader refuse the whole file; that this may fail as well changes nothing.
        let _ = file.set_len(before);
    }
    written
}

/// Whether the file ends in the middle of a line. A pipe or a device has no end to look at.
fn is_open_line(file: &mut File, length: u64) -> io::Result<bool> {
    if length == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(length - 1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_entries_stay_and_an_open_line_is_ended() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("output");
        probe("GITHUB_OUTPUT", &path).expect("created");
        append("GITHUB_OUTPUT", &path, "a=1\n").expect("appended");
        append("GITHUB_OUTPUT", &path, "b=2").expect("appended");
        append("GITHUB_OUTPUT", &path, "c=3\n").expect("appended");
        assert_eq!(
            std::fs::read_to_string(&path).expect("read"),
            "a=1\nb=2\nc=3\n"
        );
    }

    #[test]
    fn a_directory_or_a_missing_parent_cannot_be_appended_to() {
        let directory = tempfile::tempdir().expect("a directory");
        for path in [
            directory.path().to_owned(),
            directory.path().join("missing/output"),
        ] {
            let error = probe("GITHUB_OUTPUT", &path).expect_err("not a file");
            assert!(error.to_string().starts_with("cannot write GITHUB_OUTPUT "));
            append("GITHUB_OUTPUT", &path, "a=1\n").expect_err("not a file");
        }
    }
}
