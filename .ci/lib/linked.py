"""Compares the last table of docs/dependencies.md with the crates that Cargo links into the program on each released platform."""

import re
import subprocess
import sys
from pathlib import Path

PLATFORMS = {
    "linux-x64": ["Linux"],
    "linux-arm64": ["Linux"],
    "macos-x64": ["macOS"],
    "macos-arm64": ["macOS"],
    "windows-x64": ["Windows"],
    "windows-arm64": ["Windows", "Windows on arm64 also"],
}


def documented():
    section = Path("docs/dependencies.md").read_text(encoding="utf-8").split("\n## What they bring along\n")[1]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", section, re.M)
    return {platforms: set(crates.split(", ")) for platforms, crates in rows}


def linked(target):
    """The names of the crates, without ours and without macros."""
    command = ["cargo", "tree", "--locked", "-p", "codearts-retry", "-e", "normal,no-proc-macro", "--target", target]
    tree = subprocess.run([*command, "--prefix", "none"], check=True, capture_output=True, text=True).stdout
    return {line.split(" ")[0] for line in tree.splitlines()} - {"codearts-retry"}


table = documented()
differences = []
for line in Path("release/platforms").read_text(encoding="utf-8").splitlines():
    name, target, _ = line.split(" ")
    listed = table["every one"].union(*(table[row] for row in PLATFORMS[name]))
    found = linked(target)
    print(f"{target}: {len(found)} crates")
    differences += [f"{target}: {crate} is linked and not in the table" for crate in sorted(found - listed)]
    differences += [f"{target}: {crate} is in the table and not linked" for crate in sorted(listed - found)]
if differences:
    sys.exit("\n".join(differences))
