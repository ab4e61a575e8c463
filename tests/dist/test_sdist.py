"""The sdist builds the wheel again, somewhere else, from nothing but itself."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from artefacts import ROOT, SDIST, VERSION, WHEEL


def built(folder: Path) -> Path:
    """The wheel that pip builds from the unpacked sdist, with what scripts/dist.sh has exported."""
    with tarfile.open(SDIST) as archive:
        archive.extractall(folder, filter="data")
    sources = folder / f"talos_kernel-{VERSION}"
    # Without them pip asks for a wheel that is good for this machine only.
    flags = "--zig --compatibility manylinux2014"
    environment = os.environ | {"MATURIN_PEP517_ARGS": flags, "CARGO_TARGET_DIR": str(ROOT / "target")}
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-index",
        "--no-cache-dir",
        "--no-build-isolation",
    ]
    subprocess.run([*command, "--wheel-dir", folder, sources], cwd=folder, env=environment, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def contents(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel but for the SBOM, which `make dist` adds, and the list of the files."""
    with zipfile.ZipFile(wheel) as archive:
        names = [
            name for name in archive.namelist() if "/sboms/" not in name and not name.endswith("/RECORD")
        ]
        return {name: archive.read(name) for name in names}


def test_the_sdist_builds_the_same_wheel_in_another_folder(tmp_path: Path) -> None:
    again = built(tmp_path)
    assert again.name == WHEEL.name
    first, second = contents(WHEEL), contents(again)
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
