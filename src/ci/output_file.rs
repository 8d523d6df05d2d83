//! `output_file`: ours alone, so it is replaced whole and atomically.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::target::TargetError;
use crate::inputs::{OutputFile, OutputFormat};
use crate::report::Outputs;
use crate::report::files::{directory, dotenv, json, properties, shell};

/// The input's name, for errors.
const NAME: &str = "output_file";

/// Whether it can be written: tries to create a temporary file where the real one is going to be created. A directory
/// is made; a parent is not.
pub fn probe(output_file: &OutputFile) -> Result<(), TargetError> {
    let path = output_file.path.as_path();
    match output_file.format {
        OutputFormat::Directory => make_directory(path)
            .and_then(|()| temporary_in(path).map(drop))
            .map_err(TargetError::io(NAME, path)),
        _ => refuse_directory(path).and_then(|()| {
            temporary_in(parent(path))
                .map(drop)
                .map_err(TargetError::io(NAME, path))
        }),
    }
}

/// Writes all outputs, replacing what an earlier call wrote. In a directory a file that cannot be written does not
/// keep the others from being written; the first error is returned.
pub fn write(output_file: &OutputFile, outputs: &Outputs) -> Result<(), TargetError> {
    let path = output_file.path.as_path();
    let text = match output_file.format {
        OutputFormat::Json => json::render(outputs),
        OutputFormat::Env => dotenv::render(outputs),
        OutputFormat::Properties => properties::render(outputs),
        OutputFormat::Sh => shell::render(outputs),
        OutputFormat::Directory => return write_directory(path, outputs),
    };
    refuse_directory(path)?;
    replace(path, &text).map_err(TargetError::io(NAME, path))
}

fn write_directory(path: &Path, outputs: &Outputs) -> Result<(), TargetError> {
    make_directory(path).map_err(TargetError::io(NAME, path))?;
    let mut result = Ok(());
    for (name, content) in directory::render(outputs) {
        let file = path.join(name);
        let written = refuse_directory(&file)
            .and_then(|()| replace(&file, &content).map_err(TargetError::io(NAME, &file)));
        result = result.and(written);
    }
    result
}

/// A rename onto a directory fails, but only at the end and with words that differ between systems.
fn refuse_directory(path: &Path) -> Result<(), TargetError> {
    if path.is_dir() {
        return Err(TargetError::IsDirectory {
            name: NAME,
            path: path.to_owned(),
        });
    }
    Ok(())
}

fn make_directory(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// Readers see the old content or the new one, never a part.
fn replace(path: &Path, content: &str) -> io::Result<()> {
    let mut file = temporary_in(parent(path))?;
    file.write_all(content.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// On Unix with mode 0666 less umask, as a shell's `>` would create it, where `tempfile` chooses 0600: later steps
/// often run as another user.
fn temporary_in(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".codearts-retry-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{accepted, forbidden};
    use crate::report::{OUTPUTS, Report};
    use crate::secret::Redactor;

    const FILES: [(&str, OutputFormat); 4] = [
        ("o.json", OutputFormat::Json),
        ("o.env", OutputFormat::Env),
        ("o.properties", OutputFormat::Properties),
        ("o.sh", OutputFormat::Sh),
    ];

    fn outputs(message: Option<&str>) -> Outputs {
        let outcome = message.map_or_else(accepted, forbidden);
        Report::from_outcome(&outcome, &Redactor::default()).outputs()
    }

    fn at(path: &Path, format: OutputFormat) -> OutputFile {
        OutputFile {
            path: path.to_owned(),
            format,
        }
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(directory)
            .expect("a directory")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_probe_leaves_no_file_behind() {
        let home = tempfile::tempdir().expect("a directory");
        for (name, format) in FILES {
            probe(&at(&home.path().join(name), format)).expect("writable");
        }
        probe(&at(&home.path().join("results/"), OutputFormat::Directory)).expect("writable");
        assert_eq!(names(home.path()), ["results"]);
        assert_eq!(names(&home.path().join("results")), Vec::<String>::new());
    }

    #[test]
    fn a_second_write_replaces_the_first() {
        let home = tempfile::tempdir().expect("a directory");
        for (name, format) in FILES {
            let file = at(&home.path().join(name), format);
            write(&file, &outputs(None)).expect("written");
            write(&file, &outputs(Some("no"))).expect("written again");
            let text = fs::read_to_string(&file.path).expect("read");
            assert!(
                text.contains("forbidden") && !text.contains("accepted"),
                "{text}"
            );
        }
        assert_eq!(names(home.path()).len(), FILES.len());
    }

    #[test]
    fn a_directory_gets_one_file_per_output() {
        let home = tempfile::tempdir().expect("a directory");
        let file = at(&home.path().join("results"), OutputFormat::Directory);
        write(&file, &outputs(Some("no"))).expect("written");
        write(&file, &outputs(None)).expect("written again");
        assert_eq!(names(&file.path).len(), OUTPUTS.len());
        for (name, value) in outputs(None).iter() {
            assert_eq!(fs::read_to_string(file.path.join(name)).expect(name), value);
        }
    }

    #[test]
    fn one_bad_file_in_a_directory_keeps_no_other_from_being_written() {
        let home = tempfile::tempdir().expect("a directory");
        fs::create_dir(home.path().join("outcome")).expect("made");
        let error = write(&at(home.path(), OutputFormat::Directory), &outputs(None))
            .expect_err("a directory is in the way");
        assert!(
            error.to_string().ends_with("outcome: it is a directory"),
            "{error}"
        );
        assert_eq!(
            fs::read_to_string(home.path().join("success")).expect("written"),
            "true"
        );
        assert!(home.path().join("result").is_file());
    }

    #[test]
    fn unwritable_places_are_found_before_and_at_the_end() {
        let home = tempfile::tempdir().expect("a directory");
        fs::create_dir(home.path().join("o.json")).expect("made");
        fs::write(home.path().join("file"), "").expect("made");
        for (path, format) in [
            ("o.json", OutputFormat::Json),
            ("missing/o.sh", OutputFormat::Sh),
            ("file/o.env", OutputFormat::Env),
            ("missing/results", OutputFormat::Directory),
            ("file", OutputFormat::Directory),
        ] {
            let file = at(&home.path().join(path), format);
            let error = probe(&file).expect_err(path);
            assert!(
                error.to_string().starts_with("cannot write output_file "),
                "{error}"
            );
            write(&file, &outputs(None)).expect_err(path);
        }
        assert_eq!(names(home.path()), ["file", "o.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn other_users_can_read_the_file_as_far_as_the_umask_lets_them() {
        use std::os::unix::fs::PermissionsExt as _;

        let home = tempfile::tempdir().expect("a directory");
        let plain = home.path().join("plain");
        fs::write(&plain, "").expect("written");
        let file = at(&home.path().join("o.json"), OutputFormat::Json);
        write(&file, &outputs(None)).expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode(&file.path), mode(&plain));
    }
}
