"""Prints the SBOM of the program as CycloneDX 1.5: the crates that are linked into it on any of the released platforms.

usage: sbom.py TREE

The same tree gives the same bytes: no time stamp, and a serial number that is made of the rest.
"""

import json
import subprocess
import sys
import tomllib
import uuid
from pathlib import Path


def main() -> None:
    tree = Path(sys.argv[1])
    targets = [line.split()[1] for line in (tree / "release/platforms").read_text(encoding="utf-8").splitlines()]
    command = ["cargo", "metadata", "--locked", "--offline", "--format-version", "1"]
    for target in targets:
        command += ["--filter-platform", target]
    metadata = json.loads(subprocess.run(command, cwd=tree, check=True, capture_output=True).stdout)
    checksums = {
        (package["name"], package["version"]): package["checksum"]
        for package in tomllib.loads((tree / "Cargo.lock").read_text(encoding="utf-8"))["package"]
        if "checksum" in package
    }
    packages = {package["id"]: package for package in metadata["packages"]}
    root = next(package["id"] for package in metadata["packages"] if package["name"] == "codearts-retry")

    # Normal dependencies alone: what tests and build scripts need is not in the program.
    linked = {
        node["id"]: sorted(
            dependency["pkg"]
            for dependency in node["deps"]
            if any(kind["kind"] is None for kind in dependency["dep_kinds"])
        )
        for node in metadata["resolve"]["nodes"]
    }
    reached, waiting = set(), [root]
    while waiting:
        package_id = waiting.pop()
        if package_id not in reached:
            reached.add(package_id)
            waiting += linked[package_id]

    def reference(package_id: str) -> str:
        return f"pkg:cargo/{packages[package_id]['name']}@{packages[package_id]['version']}"

    def component(package_id: str, kind: str) -> dict:
        package = packages[package_id]
        described = {
            "type": kind,
            "bom-ref": reference(package_id),
            "name": package["name"],
            "version": package["version"],
            "purl": reference(package_id),
        }
        if package["license"]:
            # Older crates separate alternatives with a slash.
            described["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
        checksum = checksums.get((package["name"], package["version"]))
        if checksum:
            described["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        return described

    order = sorted(reached, key=reference)
    content = {
        "metadata": {"component": component(root, "application")},
        "components": [component(package_id, "library") for package_id in order if package_id != root],
        "dependencies": [
            {"ref": reference(package_id), "dependsOn": sorted({reference(other) for other in linked[package_id]})}
            for package_id in order
        ],
    }
    # actions/attest takes no document without a serial number.
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(content))
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{serial}", "version": 1} | content
    json.dump(document, sys.stdout, indent=2)
    print()


main()
