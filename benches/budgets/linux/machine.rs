//! On what was measured.

use std::process::Command;
use std::time::SystemTime;

use super::clients::SDK;
use super::workshop::{Workshop, printed};

/// One line: the date, the machine and the versions.
pub(crate) fn describe(shop: &Workshop) -> String {
    #[expect(clippy::disallowed_methods, reason = "the date of the measurement")]
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let date = now.split('T').next().unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = file("/proc/cpuinfo");
    let model = model
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or_default();
    let load = file("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    let version = |command: &mut Command| {
        let text = printed(command).unwrap_or_default();
        text.lines().next().unwrap_or_default().to_owned()
    };
    let curl = version(Command::new("curl").arg("--version"));
    let curl: Vec<_> = curl
        .split(' ')
        .filter(|word| {
            *word == "curl"
                || word.starts_with(|c: char| c.is_ascii_digit())
                || word.starts_with("OpenSSL")
        })
        .collect();
    [
        date.to_owned(),
        format!(
            "{cores} cores ({})",
            model.trim_start_matches([' ', '\t', ':'])
        ),
        format!("Linux {}", file("/proc/sys/kernel/osrelease").trim()),
        version(Command::new("rustc").arg("--version")),
        curl.join(" "),
        version(Command::new("python3").arg("--version")) + " with " + SDK,
        format!("load {load} at the start"),
    ]
    .join(" · ")
        + &format!("\n\nThe program: {}.", shop.build)
}

fn file(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
