"""The SBOMs: valid, complete, and about what is delivered."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from typing import Any

import pytest
from artefacts import ARCH, BINARY, DIST, NODE_PLATFORM, ROOT, SBOMS, VERSION, WHEEL, member
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

GNU, MUSL = f"{ARCH}-unknown-linux-gnu", f"{ARCH}-unknown-linux-musl"
CRATES = {
    "wheel": ("talos-python", GNU),
    "sdist": ("talos-python", GNU),
    f"npm-{NODE_PLATFORM}": ("talos-node", GNU),
    "binary": ("talos-gateway", MUSL),
}
# It reads the schema once.
VALIDATOR = JsonStrictValidator(SchemaVersion.V1_5)
# What is linked in without being a crate.
BESIDE = {"rust-std", "sqlite", "musl"}


def text(name: str) -> str:
    return (DIST / "sbom" / f"{name}.cdx.json").read_text()


def bom(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text(name))
    return found


def tree(crate: str, target: str) -> dict[tuple[str, str], str]:
    """The crates that are compiled into a crate as cargo itself lists them, with their licences."""
    command = ("cargo", "tree", "--locked", "--package", crate, "--edges", "normal", "--target", target)
    shape = ("--prefix", "none", "--no-dedupe", "--format", "{p}|{l}")
    listed = subprocess.run([*command, *shape], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = {}
    for line in filter(None, listed.splitlines()):
        package, licence = line.split("|")
        name, version = package.split()[:2]
        found[name, version.removeprefix("v")] = licence
    return found


@pytest.mark.parametrize("name", SBOMS)
def test_it_is_valid_cyclonedx(name: str) -> None:
    assert VALIDATOR.validate_str(text(name)) is None


@pytest.mark.parametrize("name", CRATES)
def test_it_lists_exactly_the_crates_that_are_compiled_in(name: str) -> None:
    listed = {(c["name"], c["version"]): c for c in bom(name)["components"] if c["name"] not in BESIDE}
    expected = tree(*CRATES[name])
    assert len(expected) > 50
    assert set(listed) == set(expected)
    for (crate, version), component in listed.items():
        assert component["purl"] == f"pkg:cargo/{crate}@{version}"
        # The old way to write "or".
        assert component["licenses"] == [{"expression": expected[crate, version].replace("/", " OR ")}], crate


@pytest.mark.parametrize("name", CRATES)
def test_the_crates_in_it_have_the_checksums_of_the_lock_file(name: str) -> None:
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    expected = {(p["name"], p["version"]): p.get("checksum") for p in lock}
    for component in bom(name)["components"]:
        if component["name"] not in BESIDE:
            checksum = component["hashes"][0]["content"] if "hashes" in component else None
            assert checksum == expected[component["name"], component["version"]], component["name"]


@pytest.mark.parametrize(
    ("name", "file"), [("wheel", ".so"), (f"npm-{NODE_PLATFORM}", ".node"), ("binary", "/talos")]
)
def test_it_lists_every_crate_that_the_machine_code_names(name: str, file: str) -> None:
    """Places in sources, kept for panics, name crates: a list that nobody computed from manifests."""
    code = member(SBOMS[name], file)
    named = {found.decode() for found in re.findall(rb"/registry/src/[^/]+/([\w-]+-\d[\w.+-]*)/", code)}
    assert len(named) > 10
    assert named <= {
        f"{c['name']}-{c['version']}" for c in bom(name)["components"] if c["name"] not in BESIDE
    }


@pytest.mark.parametrize("name", CRATES)
def test_it_names_the_c_code_and_the_standard_library(name: str) -> None:
    beside = {c["name"] for c in bom(name)["components"]} & BESIDE
    assert beside == (BESIDE if CRATES[name][1] == MUSL else BESIDE - {"musl"})


def test_that_of_the_package_without_a_binary_names_the_package_that_it_brings() -> None:
    (brought,) = bom("npm")["components"]
    assert brought["purl"] == bom(f"npm-{NODE_PLATFORM}")["metadata"]["component"]["purl"]


@pytest.mark.parametrize("name", SBOMS)
def test_everything_in_it_is_reached_from_the_artefact(name: str) -> None:
    content = bom(name)
    subject = content["metadata"]["component"]
    assert subject["version"] == VERSION
    depends = {d["ref"]: d.get("dependsOn", []) for d in content["dependencies"]}
    reached, waiting = set(), [subject["bom-ref"]]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += depends[ref]
    assert reached == {subject["bom-ref"]} | {c["bom-ref"] for c in content["components"]}


@pytest.mark.parametrize("name", SBOMS)
def test_it_names_no_folder(name: str) -> None:
    assert "file:" not in text(name)
    assert str(ROOT) not in text(name)


def test_the_wheel_and_the_archive_carry_their_own() -> None:
    assert member(WHEEL, ".dist-info/sboms/wheel.cdx.json").decode() == text("wheel")
    assert member(BINARY, "binary.cdx.json").decode() == text("binary")
