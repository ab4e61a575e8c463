"""The files of dist/, by what they are."""

from __future__ import annotations

import os
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DIST = Path(os.environ.get("TALOS_DIST", ROOT / "dist"))
VERSION: str = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
ARCH = os.uname().machine
NODE_PLATFORM = {"x86_64": "linux-x64-gnu", "aarch64": "linux-arm64-gnu"}[ARCH]

WHEEL = DIST / f"talos_kernel-{VERSION}-cp311-abi3-manylinux2014_{ARCH}.manylinux_2_17_{ARCH}.whl"
SDIST = DIST / f"talos_kernel-{VERSION}.tar.gz"
NPM_ROOT = DIST / f"talos-kernel-{VERSION}.tgz"
NPM_PLATFORM = DIST / f"talos-kernel-{NODE_PLATFORM}-{VERSION}.tgz"
BINARY = DIST / f"talos-{VERSION}-{ARCH}-unknown-linux-musl.tar.gz"
ARTEFACTS = (WHEEL, SDIST, NPM_ROOT, NPM_PLATFORM, BINARY)
SBOMS = {
    "wheel": WHEEL,
    "sdist": SDIST,
    "npm": NPM_ROOT,
    f"npm-{NODE_PLATFORM}": NPM_PLATFORM,
    "binary": BINARY,
}


def members(artefact: Path) -> Iterator[tuple[str, bytes]]:
    """The files in an archive, each with its content."""
    if artefact.suffix == ".whl":
        with zipfile.ZipFile(artefact) as wheel:
            yield from ((name, wheel.read(name)) for name in wheel.namelist())
        return
    with tarfile.open(artefact) as archive:
        for member in archive:
            if file := archive.extractfile(member):
                yield member.name, file.read()


def member(artefact: Path, name: str) -> bytes:
    """The one file whose name ends so."""
    (found,) = [content for path, content in members(artefact) if path.endswith(name)]
    return found
