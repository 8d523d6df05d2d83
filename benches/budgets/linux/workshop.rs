//! Where things are, and the programs that are measured: as released, and built here if need be.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// The folders of this run and the program.
pub(crate) struct Workshop {
    /// The project.
    pub(crate) root: PathBuf,
    /// Cargo's folder of artefacts.
    target: PathBuf,
    /// Ours, inside it.
    pub(crate) folder: PathBuf,
    /// The program as released for this machine.
    pub(crate) program: PathBuf,
    /// Whether it is the static program of a release.
    pub(crate) is_static: bool,
    /// What kind of build it is.
    pub(crate) build: String,
}

/// Why something is left out.
pub(crate) type Skip = String;

/// The Rust target of the static program for this machine.
pub(crate) fn static_target() -> String {
    format!("{}-unknown-linux-musl", std::env::consts::ARCH)
}

impl Workshop {
    pub(crate) fn open() -> Result<Self> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let own = std::env::current_exe()?;
        // …/release/deps/budgets-0123456789abcdef
        let target = own
            .ancestors()
            .nth(3)
            .context("this program is in Cargo's folder")?
            .to_owned();
        let folder = target.join("bench");
        std::fs::create_dir_all(&folder)?;
        let mut shop = Self {
            root,
            target,
            folder,
            program: PathBuf::new(),
            is_static: false,
            build: String::new(),
        };
        match shop.released(&static_target(), None)? {
            Ok(program) => {
                shop.program = program;
                shop.is_static = true;
                shop.build = format!(
                    "the static program, by `release/build.sh {}`",
                    static_target()
                );
            }
            Err(why) => {
                shop.program = shop.dynamic()?;
                shop.build = format!(
                    "NOT the static program ({why}) but the one of `cargo build --release`"
                );
            }
        }
        Ok(shop)
    }

    /// Builds the program as it is released, or says why it cannot be built on this machine. With a folder inside ours, it
    /// is built there, and keeps its symbols.
    pub(crate) fn released(
        &self,
        target: &str,
        with_symbols_in: Option<&str>,
    ) -> Result<Result<PathBuf, Skip>> {
        if !self.has_target(target) {
            return Ok(Err(format!("`rustup target add {target}`")));
        }
        let compiler = match target {
            "aarch64-unknown-linux-musl" if std::env::consts::ARCH != "aarch64" => {
                "aarch64-linux-gnu-gcc"
            }
            _ => "cc",
        };
        if !has(compiler) {
            return Ok(Err(format!("there is no {compiler}")));
        }
        let mut command = Command::new(self.root.join("release/build.sh"));
        command.arg(target).env("CARGO_TARGET_DIR", &self.target);
        if compiler == "cc" && !has("musl-gcc") {
            // The C sources of ring need no header of the C library.
            command.env(format!("CC_{}", target.replace('-', "_")), "cc");
        }
        if let Some(name) = with_symbols_in {
            command
                .env("CARGO_TARGET_DIR", self.folder.join(name))
                .env("CARGO_PROFILE_RELEASE_STRIP", "none");
        }
        let path = printed(&mut command)?;
        Ok(Ok(self.root.join(path)))
    }

    fn has_target(&self, target: &str) -> bool {
        let mut command = Command::new("rustc");
        command
            .current_dir(&self.root)
            .args(["--print", "target-libdir", "--target", target]);
        printed(&mut command).is_ok_and(|folder| Path::new(&folder).is_dir())
    }

    fn dynamic(&self) -> Result<PathBuf> {
        let mut command = Command::new("cargo");
        command
            .current_dir(&self.root)
            .args([
                "build",
                "--quiet",
                "--locked",
                "--release",
                "--bin",
                "codearts-retry",
            ])
            .env("CARGO_TARGET_DIR", &self.target);
        printed(&mut command)?;
        Ok(self.target.join("release/codearts-retry"))
    }

    /// A path in our folder, with this content.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf> {
        let path = self.folder.join(name);
        std::fs::write(&path, content).with_context(|| path.display().to_string())?;
        Ok(path)
    }
}

/// Whether there is a command of this name.
pub(crate) fn has(command: &str) -> bool {
    printed(Command::new("sh").args(["-c", "command -v \"$1\"", "sh", command])).is_ok()
}

/// What a command prints, without the last line break.
pub(crate) fn printed(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("{}", command.get_program().display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} ended with {}: {said}",
            command.get_program().display(),
            output.status
        );
    }
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}
