"""One version and one set of contracts for everything that is delivered."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib

from artefacts import ROOT, VERSION


def test_every_crate_has_the_version_of_the_workspace() -> None:
    command = ("cargo", "metadata", "--locked", "--no-deps", "--format-version", "1")
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    versions = {package["name"]: package["version"] for package in metadata["packages"]}
    assert "talos-gateway" in versions
    assert versions == dict.fromkeys(versions, VERSION)


def test_the_python_package_takes_its_version_from_the_crate() -> None:
    project = tomllib.loads((ROOT / "python/pyproject.toml").read_text())["project"]
    assert "version" not in project
    assert "version" in project["dynamic"]


def test_the_node_package_has_the_version_of_the_workspace() -> None:
    for name in ("package.json", "package-lock.json"):
        assert json.loads((ROOT / "node" / name).read_text())["version"] == VERSION, name


def test_each_language_exports_the_hash_of_the_same_contracts() -> None:
    places = {
        "core/contracts/src/generated/operations.rs": r'MANIFEST_HASH: &str = "([^"]+)"',
        "python/talos/_generated/operations.py": r'MANIFEST_HASH: Final = "([^"]+)"',
        "node/src/generated/operations.ts": r'MANIFEST_HASH = "([^"]+)"',
    }
    hashes = {}
    for place, pattern in places.items():
        found = re.findall(pattern, (ROOT / place).read_text())
        assert len(found) == 1, place
        hashes[place] = found[0]
    assert len(set(hashes.values())) == 1, hashes
