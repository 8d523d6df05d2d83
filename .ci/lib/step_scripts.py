"""Writes the scripts of the `shell: sh` steps of action.yml to a directory, one file each, for shellcheck."""

import sys
from pathlib import Path

import yaml

target = Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
for number, step in enumerate(yaml.safe_load(Path("action.yml").read_text(encoding="utf-8"))["runs"]["steps"]):
    if step["shell"] != "pwsh":
        name = step.get("id", f"step-{number}")
        (target / f"{name}.sh").write_text(step["run"], encoding="utf-8")
