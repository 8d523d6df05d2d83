//! What action.yml adds to a step on Linux: its shells, run as a runner runs them, around the program. What the runner
//! itself takes between two steps is not in it.

use std::path::Path;

use anyhow::{Context as _, Result};
use codearts_sandbox::{OnOtherState, Sandbox};
use saphyr::{LoadableYamlNode as _, Yaml};

use super::budgets::ACTION;
use super::clients;
use super::process::Program;
use super::report::Report;
use super::statistics::{median, milliseconds};
use super::workshop::Workshop;

const ACTION_YML: &str = include_str!("../../../action.yml");

pub(crate) fn measure(shop: &Workshop, rounds: usize, report: &mut Report) -> Result<()> {
    let tree = shop.folder.join("action");
    let arch = if std::env::consts::ARCH == "x86_64" {
        "x64"
    } else {
        "arm64"
    };
    let placed = tree.join(format!("bin/linux-{arch}/codearts-retry"));
    std::fs::create_dir_all(placed.parent().context("a path with a folder")?)?;
    std::fs::copy(&shop.program, &placed)?;

    let sandbox = Sandbox::builder()
        .on_other_state(OnOtherState::Accept)
        .start();
    let bare = clients::step_with_token(shop, &sandbox.url())?;
    let around = |step: &str| -> Result<Program> {
        let script = shop.file(&format!("{step}.sh"), script(step)?)?;
        let mut shell = bare.clone();
        // As a runner does for `shell: sh`.
        shell.words = vec!["sh".into(), "-e".into(), script.into()];
        Ok(shell
            .with("PATH", clients::search_path())
            .with("GITHUB_ACTION_PATH", &tree)
            .with("CODEARTS_RETRY_PROGRAM", &placed))
    };
    let (find, retry) = (around("find-posix")?, around("posix")?);
    let mut added = Vec::new();
    for _ in 0..rounds {
        let alone = bare.measure()?.wall;
        let wrapped = find.measure()?.wall + retry.measure()?.wall;
        added.push(milliseconds(wrapped) - milliseconds(alone));
    }
    let shell = std::fs::canonicalize(Path::new("/bin/sh"))?;
    report.noted(
        &ACTION,
        median(added),
        &format!(
            "`sh` is {}; macOS is measured by nobody here",
            shell.display()
        ),
    );
    Ok(())
}

/// The script of a step.
fn script(id: &str) -> Result<String> {
    let documents = Yaml::load_from_str(ACTION_YML)?;
    let steps = documents[0]["runs"]["steps"]
        .as_vec()
        .context("action.yml has steps")?;
    let step = steps
        .iter()
        .find(|step| step.as_mapping_get("id").and_then(Yaml::as_str) == Some(id));
    let step = step.with_context(|| format!("action.yml has a step {id}"))?;
    Ok(step["run"]
        .as_str()
        .context("the step has a script")?
        .to_owned())
}
