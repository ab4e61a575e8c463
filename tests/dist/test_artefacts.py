"""What is in the artefacts, and what must not be."""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import subprocess
from pathlib import Path

import pytest
from artefacts import (
    ARTEFACTS,
    BINARY,
    DIST,
    NODE_PLATFORM,
    NPM_PLATFORM,
    NPM_ROOT,
    ROOT,
    SBOMS,
    SDIST,
    VERSION,
    WHEEL,
    member,
    members,
)

# The oldest C library that the wheel's name and the addon promise to work with.
GLIBC = (2, 17)
PT_INTERP = 3


def test_there_is_what_is_delivered_and_nothing_else() -> None:
    expected = (
        {path.name for path in ARTEFACTS} | {f"sbom/{name}.cdx.json" for name in SBOMS} | {"SHA256SUMS"}
    )
    found = {path.relative_to(DIST).as_posix() for path in DIST.rglob("*") if path.is_file()}
    assert found - {"transcript.txt"} == expected


def test_the_checksums_are_those_of_the_files() -> None:
    lines = (DIST / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert set(sums) == {path.name for path in ARTEFACTS} | {f"sbom/{name}.cdx.json" for name in SBOMS}
    for name, digest in sums.items():
        assert hashlib.sha256((DIST / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("artefact", ARTEFACTS, ids=lambda path: path.name)
def test_no_artefact_names_a_folder_of_the_machine_that_built_it(artefact: Path) -> None:
    cargo = os.environ.get("CARGO_HOME", str(Path.home() / ".cargo"))
    folders = [str(ROOT).encode(), cargo.encode()]
    for name, content in members(artefact):
        for folder in folders:
            at = content.find(folder)
            assert at < 0, f"{name}: {content[max(0, at - 60) : at + 120]!r}"


def metadata(content: bytes, key: str) -> list[str]:
    return re.findall(rf"^{key}: (.*)$", content.decode().split("\n\n")[0], flags=re.M)


def test_the_wheel_has_types_and_its_licence_and_depends_on_nothing() -> None:
    about = member(WHEEL, ".dist-info/METADATA")
    assert (metadata(about, "Name"), metadata(about, "Version")) == (["talos-kernel"], [VERSION])
    assert metadata(about, "Requires-Python") == [">=3.11"]
    assert [wanted for wanted in metadata(about, "Requires-Dist") if "extra ==" not in wanted] == []
    assert metadata(about, "License-Expression") == ["MIT"]
    names = {name for name, _ in members(WHEEL)}
    assert {"talos/py.typed", "talos/_native.pyi", "talos/_native.abi3.so"} <= names
    assert f"talos_kernel-{VERSION}.dist-info/licenses/LICENSE" in names
    assert not [name for name in names if "test" in name or name.endswith(".pyc")]


def test_the_sdist_has_the_sources_and_no_binary() -> None:
    names = {name for name, _ in members(SDIST)}
    top = f"talos_kernel-{VERSION}/"
    assert {
        top + "LICENSE",
        top + "PKG-INFO",
        top + "Cargo.lock",
        top + "bindings/python/src/lib.rs",
    } <= names
    assert not [name for name in names if name.endswith((".so", ".node", ".a", ".whl"))]


def test_the_npm_packages_run_nothing_when_they_are_installed_and_only_one_has_a_binary() -> None:
    for artefact in (NPM_ROOT, NPM_PLATFORM):
        package = json.loads(member(artefact, "package/package.json"))
        assert package["version"] == VERSION
        assert not {"scripts", "dependencies", "devDependencies", "gypfile", "private"} & set(package)
        assert "package/LICENSE" in {name for name, _ in members(artefact)}
        assert not [name for name, _ in members(artefact) if name.endswith("binding.gyp")]
    assert not [
        name for name, content in members(NPM_ROOT) if name.endswith(".node") or content[:4] == b"\x7fELF"
    ]
    brought = json.loads(member(NPM_ROOT, "package/package.json"))["optionalDependencies"]
    assert brought == {f"@talos-kernel/{NODE_PLATFORM}": VERSION}


def test_the_platform_package_is_for_this_platform_and_has_only_the_addon() -> None:
    package = json.loads(member(NPM_PLATFORM, "package/package.json"))
    assert package["name"] == f"@talos-kernel/{NODE_PLATFORM}"
    assert [package["os"], package["libc"], len(package["cpu"])] == [["linux"], ["glibc"], 1]
    names = {name for name, _ in members(NPM_PLATFORM)}
    assert names == {f"package/{name}" for name in ("package.json", "README.md", "LICENSE", package["main"])}


@pytest.mark.parametrize(("artefact", "library"), [(WHEEL, "_native.abi3.so"), (NPM_PLATFORM, ".node")])
def test_the_libraries_work_with_an_old_c_library(artefact: Path, library: str) -> None:
    needed = {
        tuple(map(int, found.split(b".")))
        for found in re.findall(rb"\bGLIBC_([0-9.]+)\0", member(artefact, library))
    }
    assert needed
    assert max(needed) <= GLIBC


def program_headers(elf: bytes) -> list[int]:
    """The types of an ELF file's program headers."""
    offset, size, count = struct.unpack_from("<Q", elf, 32)[0], *struct.unpack_from("<HH", elf, 54)
    return [struct.unpack_from("<I", elf, offset + n * size)[0] for n in range(count)]


def test_the_binary_is_static_and_runs_in_an_empty_environment(tmp_path: Path) -> None:
    content = member(BINARY, "/talos")
    assert PT_INTERP not in program_headers(content)
    talos = tmp_path / "talos"
    talos.write_bytes(content)
    talos.chmod(0o755)
    done = subprocess.run(
        [talos, "--version"], env={}, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"talos {VERSION}\n"
