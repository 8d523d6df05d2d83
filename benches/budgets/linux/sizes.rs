//! How large the programs are, and what they are made of.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::budgets::{Budget, IMAGE, SIZE_ARM64, SIZE_X64};
use super::report::{Report, mib};
use super::workshop::{Workshop, has, printed};

const TARGETS: [(&Budget, &str); 2] = [
    (&SIZE_X64, "x86_64-unknown-linux-musl"),
    (&SIZE_ARM64, "aarch64-unknown-linux-musl"),
];

/// The layer's archive around the one file, the configuration and the manifest of an image.
const AROUND: u64 = 8 * 1024;

/// How many crates are named.
const NAMED: usize = 14;

pub(crate) fn measure(shop: &Workshop, report: &mut Report) -> Result<()> {
    let mut largest = None;
    for (budget, target) in TARGETS {
        match shop.released(target, None)? {
            Ok(program) => {
                let size = std::fs::metadata(program)?.len();
                largest = largest.max(Some(size));
                report.noted(budget, mib(size), &format!("{size} bytes"));
            }
            Err(why) => report.skipped(budget, &why),
        }
    }
    match largest {
        Some(size) => report.noted(
            &IMAGE,
            mib(size + AROUND),
            "the program and 8 KiB around it",
        ),
        None => report.skipped(&IMAGE, "no static program can be built"),
    }
    Ok(())
}

/// By crate, as far as symbols tell: those of a build that keeps them.
pub(crate) fn composition(shop: &Workshop, report: &mut Report) -> Result<()> {
    if !has("nm") {
        report.remark("What the programs are made of: skipped, there is no nm.");
        return Ok(());
    }
    for (_, target) in TARGETS {
        let (Ok(stripped), Ok(program)) = (
            shop.released(target, None)?,
            shop.released(target, Some("symbols"))?,
        ) else {
            continue;
        };
        let size = std::fs::metadata(stripped)?.len();
        let parts = by_crate(&program)?;
        let known: u64 = parts.iter().map(|(_, code, data)| code + data).sum();
        let (named, others) = parts.split_at(NAMED.min(parts.len()));
        let other = |pick: fn(&(String, u64, u64)) -> u64| others.iter().map(pick).sum::<u64>();
        let mut rows: Vec<_> = named
            .iter()
            .map(|(name, code, data)| row(name, *code, *data, size))
            .collect();
        rows.push(row(
            &format!("{} others", others.len()),
            other(|part| part.1),
            other(|part| part.2),
            size,
        ));
        let rest = size.saturating_sub(known);
        rows.push(row(
            "without a symbol: texts, tables, relocations, headers",
            0,
            rest,
            size,
        ));
        report.table(
            &format!("What the program for {target} is made of ({size} bytes)"),
            &["crate", "code", "data", "share"],
            &rows,
        );
    }
    Ok(())
}

fn row(name: &str, code: u64, data: u64, of: u64) -> Vec<String> {
    let kib = |bytes: u64| format!("{} KiB", bytes.div_ceil(1024));
    vec![
        name.to_owned(),
        kib(code),
        kib(data),
        format!("{:.1} %", 100.0 * mib(code + data) / mib(of)),
    ]
}

/// Code and data of each crate, the largest first.
fn by_crate(program: &Path) -> Result<Vec<(String, u64, u64)>> {
    let symbols = printed(
        Command::new("nm")
            .args(["--print-size", "--demangle", "--numeric-sort"])
            .arg(program),
    )?;
    let mut sizes: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut last = "";
    for line in symbols.lines() {
        let words: Vec<_> = line.splitn(4, ' ').collect();
        let [address, size, kind, name] = words[..] else {
            continue;
        };
        let Ok(size) = u64::from_str_radix(size, 16) else {
            continue;
        };
        let is_code = matches!(kind, "t" | "T" | "w" | "W" | "i");
        // Zeroed memory takes no room in the file; a second name of the same place takes none either.
        if matches!(kind, "b" | "B") || address == last {
            continue;
        }
        last = address;
        let entry = sizes.entry(owner(name)).or_default();
        *(if is_code { &mut entry.0 } else { &mut entry.1 }) += size;
    }
    let mut parts: Vec<_> = sizes
        .into_iter()
        .map(|(name, (code, data))| (name, code, data))
        .collect();
    parts.sort_by_key(|(_, code, data)| std::cmp::Reverse(code + data));
    Ok(parts)
}

/// The crate of a symbol: the first path in it. What is generic belongs to the crate that wrote it, wherever it is used.
fn owner(symbol: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = symbol.split("::").next().unwrap_or_default();
    let word = name.rsplit(|c| !is_word(c)).next().unwrap_or_default();
    if !symbol.contains("::") {
        return c_library(symbol).to_owned();
    }
    match word {
        "core" | "alloc" | "std" | "hashbrown" | "compiler_builtins" | "std_detect"
        | "addr2line" | "gimli" | "object" | "rustc_demangle" | "miniz_oxide" | "__rustc" => {
            "Rust's standard library".to_owned()
        }
        "" => "Rust's standard library".to_owned(),
        other => other.to_owned(),
    }
}

/// Symbols without a path are C or assembly.
fn c_library(symbol: &str) -> &'static str {
    const RING: [&str; 10] = [
        "ring_core",
        "ecp_",
        "__ecp",
        "_bssl",
        "fe_",
        "ge_",
        "p256",
        "p384",
        "aes_",
        "_aesni",
    ];
    const RING_PARTS: [&str; 8] = [
        "gcm", "chacha", "poly1305", "25519", "sha256", "sha512", "bn_", "mont",
    ];
    if RING.iter().any(|start| symbol.starts_with(start))
        || RING_PARTS.iter().any(|part| symbol.contains(part))
    {
        "ring, C and assembly"
    } else {
        "C library"
    }
}
