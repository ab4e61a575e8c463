"""Writes the SBOM of each artefact of `make dist`: CycloneDX 1.5, from cargo-cyclonedx.

What cargo-cyclonedx says is about a crate in a workspace: it writes beside every manifest, names folders
of this machine, and counts optional crates that nothing switches on, as `cargo metadata` does. Here it
works on a copy; what `cargo tree` does not list is left out; the artefact becomes the subject and the
crate one of its components; and what is linked in without being a crate is added.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import tempfile
import tomllib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import npm

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("core", "adapters", "bindings", "gateway")
SPEC = "1.5"
# Any fixed namespace: it makes serial numbers a function of the content.
NAMESPACE = uuid.UUID("5b2d6e0e-7c1c-5a55-9c6e-6b1f2d8f7a10")
Json = dict[str, Any]


@dataclass(frozen=True)
class Artefact:
    """What is delivered, and the crate that is compiled into it."""

    name: str
    purl: str
    kind: str
    crate: str
    target: str


def artefacts(version: str, arch: str) -> list[Artefact]:
    gnu, musl = f"{arch}-unknown-linux-gnu", f"{arch}-unknown-linux-musl"
    python, node = "bindings/python", "bindings/node"
    platform = npm.platform(arch)
    return [
        Artefact("wheel", f"pkg:pypi/talos-kernel@{version}", "library", python, gnu),
        Artefact(
            "sdist",
            f"pkg:pypi/talos-kernel@{version}?file_name=talos_kernel-{version}.tar.gz",
            "library",
            python,
            gnu,
        ),
        Artefact(f"npm-{platform}", f"pkg:npm/%40talos-kernel/{platform}@{version}", "library", node, gnu),
        Artefact("binary", f"pkg:generic/talos@{version}", "application", "gateway", musl),
    ]


def run(*command: str, cwd: Path = ROOT) -> str:
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout


def copied_workspace(tree: Path, crate: str) -> None:
    """A copy of the workspace with one member and what it depends on."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("target", "node_modules"))
    shutil.copy(ROOT / "Cargo.lock", tree)
    manifest = (ROOT / "Cargo.toml").read_text()
    manifest, members = re.subn(r"^members = \[.*?\]$", f'members = ["{crate}"]', manifest, flags=re.M | re.S)
    manifest, excluded = re.subn(r"^exclude = \[.*?\]\n", "", manifest, flags=re.M | re.S)
    if (members, excluded) != (1, 1):
        raise SystemExit("Cargo.toml has not the one `members` and the one `exclude` that are replaced here")
    (tree / "Cargo.toml").write_text(manifest)


def described(artefact: Artefact) -> Json:
    """What cargo-cyclonedx says of the artefact's crate."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        copied_workspace(tree, artefact.crate)
        run(
            "cargo", "cyclonedx", "-qq", "--format", "json", "--spec-version", SPEC, "--no-build-deps",
            "--target", artefact.target, "--manifest-path", "Cargo.toml", cwd=tree,
        )  # fmt: skip
        found: Json = json.loads(next((tree / artefact.crate).glob("*.cdx.json")).read_text())
        return found


def compiled(artefact: Artefact) -> set[tuple[str, str]]:
    """Names and versions of the crates that are compiled into the artefact's crate, and of itself."""
    manifest = str(ROOT / artefact.crate / "Cargo.toml")
    listed = run(
        "cargo", "tree", "--locked", "--manifest-path", manifest, "--target", artefact.target,
        "--edges", "normal", "--prefix", "none", "--format", "{p}",
    )  # fmt: skip
    return {(name, version[1:]) for name, version, *_ in map(str.split, filter(None, listed.splitlines()))}


def purl_of(component: Json) -> str:
    """The package URL without qualifiers: they hold folders."""
    return str(component["purl"]).split("?")[0]


def linked_in(artefact: Artefact) -> list[tuple[str, Json]]:
    """What is in the artefact without being a crate, beside the crate that brings it ("": itself)."""
    rust = run("rustc", "--version").split()[1]
    parts = [("", part("rust-std", rust, "MIT OR Apache-2.0", "the standard library of Rust"))]
    if artefact.target.endswith("-musl"):
        shipped = f"the C library, as zig {importlib.metadata.version('ziglang')} ships it"
        parts.append(("", part("musl", None, "MIT", shipped)))
    metadata = json.loads(run("cargo", "metadata", "--locked", "--format-version", "1"))
    bundled = next(p for p in metadata["packages"] if p["name"] == "libsqlite3-sys")
    header = (Path(bundled["manifest_path"]).parent / "sqlite3" / "sqlite3.h").read_text()
    found = re.search(r'^#define SQLITE_VERSION\s+"([0-9.]+)"', header, flags=re.M)
    if found is None:
        raise SystemExit("libsqlite3-sys does not say which SQLite it bundles")
    parts.append(
        (
            "libsqlite3-sys",
            part("sqlite", found[1], "blessing", "compiled in from the sources in libsqlite3-sys"),
        )
    )
    return parts


def part(name: str, version: str | None, licence: str, description: str) -> Json:
    purl = f"pkg:generic/{name}" + (f"@{version}" if version else "")
    component: Json = {"type": "library", "bom-ref": purl, "name": name}
    if version:
        component["version"] = version
    return component | {"description": description, "licenses": [{"expression": licence}], "purl": purl}


def of_crate(artefact: Artefact, version: str) -> Json:
    """The SBOM of an artefact with compiled Rust in it, or with the sources of it."""
    raw = described(artefact)
    crate = {k: v for k, v in raw["metadata"]["component"].items() if k != "components"} | {"type": "library"}
    wanted = compiled(artefact)
    components = [c for c in (crate, *raw["components"]) if (c["name"], c["version"]) in wanted]
    purls = {c["bom-ref"]: purl_of(c) for c in components}
    if len(set(purls.values())) != len(wanted):
        raise SystemExit(f"cargo-cyclonedx does not list what cargo tree lists for {artefact.crate}")
    edges = {d["ref"]: d.get("dependsOn", []) for d in raw["dependencies"]}
    depends = {purl: sorted(purls[r] for r in edges[ref] if r in purls) for ref, purl in purls.items()}
    components = [c | {"bom-ref": purl_of(c), "purl": purl_of(c)} for c in components]
    depends[artefact.purl] = [purl_of(crate)]
    for owner, extra in linked_in(artefact):
        components.append(extra)
        depends[extra["bom-ref"]] = []
        name = next(c["bom-ref"] for c in components if c["name"] == owner) if owner else artefact.purl
        depends[name] = sorted([*depends[name], extra["bom-ref"]])
    return bom(
        artefact.purl, artefact.kind, version, components, depends, raw["metadata"]["tools"], artefact.target
    )


def of_npm_root(arch: str, version: str) -> Json:
    """The SBOM of the package without a binary: the packages that it may bring, all of them ours."""
    package = npm.root_manifest(arch)
    if package.get("dependencies"):
        raise SystemExit(
            "node/package.json has got dependencies: their own dependencies belong into its SBOM"
        )
    subject = f"pkg:npm/{package['name']}@{version}"
    brought: list[Json] = []
    for name, wanted in sorted(package["optionalDependencies"].items()):
        component = part(name, wanted, package["license"], "the kernel, compiled for one platform")
        purl = f"pkg:npm/{name.replace('@', '%40')}@{wanted}"
        brought.append(component | {"bom-ref": purl, "purl": purl, "scope": "optional"})
    depends: dict[str, list[str]] = {c["bom-ref"]: [] for c in brought}
    depends[subject] = [c["bom-ref"] for c in brought]
    tools = [{"name": "talos scripts/sbom.py", "version": version}]
    return bom(subject, "library", version, brought, depends, tools, None)


def bom(
    subject: str,
    kind: str,
    version: str,
    components: list[Json],
    depends: dict[str, list[str]],
    tools: list[Json],
    target: str | None,
) -> Json:
    """Sorted, dated by SOURCE_DATE_EPOCH, numbered by its content: the same inputs give the same bytes."""
    name = unquote(subject.split("?")[0].rsplit("@", 1)[0].split("/", 1)[1])
    component = {
        "type": kind,
        "bom-ref": subject,
        "name": name,
        "version": version,
        "licenses": [{"expression": "MIT"}],
        "purl": subject,
    }
    date = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata: Json = {"timestamp": date, "tools": tools, "component": component}
    if target:
        metadata["properties"] = [{"name": "cdx:rustc:sbom:target:triple", "value": target}]
    content = {
        "metadata": metadata,
        "components": sorted(components, key=lambda c: str(c["bom-ref"])),
        "dependencies": [{"ref": r, "dependsOn": d} if d else {"ref": r} for r, d in sorted(depends.items())],
    }
    serial = uuid.uuid5(NAMESPACE, json.dumps(content, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
    } | content


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--arch", required=True, help="as Rust names it: x86_64")
    given = parser.parse_args()
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    boms = {a.name: of_crate(a, version) for a in artefacts(version, given.arch)}
    boms["npm"] = of_npm_root(given.arch, version)
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, content in boms.items():
        (given.folder / f"{name}.cdx.json").write_text(
            json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        )
        print(f"{name}: {content['metadata']['component']['purl']}, {len(content['components'])} components")


if __name__ == "__main__":
    main()
