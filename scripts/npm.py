"""Lays out the npm packages of `make dist`: the one without a binary, and the one for this platform.

In the repository, node/package.json also describes how the package is built and tested; people who install it
get neither scripts nor the tools for them. The package of the platform exists only here.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NAME = "talos-kernel"
# As Node names them, by the name that Rust has.
CPUS = {"x86_64": "x64", "aarch64": "arm64"}
# What of node/package.json is only for this repository.
PRIVATE = ("scripts", "devDependencies", "private")
Json = dict[str, Any]


def platform(arch: str) -> str:
    return f"linux-{CPUS[arch]}-gnu"


def root_manifest(arch: str) -> Json:
    """The package without a binary. It may bring the platform's, of exactly its own version."""
    here: Json = json.loads((ROOT / "node" / "package.json").read_text())
    optional = {f"@{NAME}/{platform(arch)}": here["version"]}
    return {k: v for k, v in here.items() if k not in PRIVATE} | {"optionalDependencies": optional}


def platform_manifest(arch: str) -> Json:
    root = root_manifest(arch)
    return {
        "name": f"@{NAME}/{platform(arch)}",
        "version": root["version"],
        "description": f"The native part of {NAME} for Linux on {CPUS[arch]} with glibc.",
        "license": root["license"],
        "engines": root["engines"],
        "os": ["linux"],
        "cpu": [CPUS[arch]],
        "libc": ["glibc"],
        "main": f"{NAME}.{platform(arch)}.node",
        "files": [f"{NAME}.{platform(arch)}.node"],
    }


def write(folder: Path, manifest: Json) -> None:
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps(manifest, indent=2) + "\n")
    shutil.copy(ROOT / "LICENSE", folder)


def main() -> None:
    parser = argparse.ArgumentParser(description="Lays out the npm packages.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--arch", required=True, choices=CPUS)
    parser.add_argument("--javascript", type=Path, required=True, help="the compiled node/src")
    parser.add_argument("--addon", type=Path, required=True, help="the compiled bindings/node")
    given = parser.parse_args()
    root = given.folder / NAME
    write(root, root_manifest(given.arch))
    shutil.copytree(given.javascript, root / "dist")
    shutil.copy(ROOT / "node" / "README.md", root)
    native = platform_manifest(given.arch)
    folder = given.folder / platform(given.arch)
    write(folder, native)
    shutil.copy(given.addon, folder / str(native["main"]))
    (folder / "README.md").write_text(
        f"# {native['name']}\n\n{native['description']} Install `{NAME}`; it brings this package.\n"
    )


if __name__ == "__main__":
    main()
