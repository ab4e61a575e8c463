"""What a product weighs before the first call: its import, its package, and what it brings along."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from figures import Key, Row, Samples, Table

# What every virtual environment has.
COMMON = re.compile(r"pip|setuptools|pkg_resources|_distutils_hack|distutils-precedence\.pth|__pycache__")
PYTHONS = {
    "talos": (("talos",), "Talos"),
    "5.0": (("agentmesh.governance", "agent_os.lite", "agent_os"), "toolkit-core 5.0.0"),
    "4.1": (("agentmesh.governance", "agent_os.lite", "agent_os"), "toolkit-core 4.1.0"),
    "3.7": (("agentmesh.governance", "agent_os.lite", "agent_os"), "3.7.0"),
}
NODES = {"talos-js": ("talos-kernel", "Talos"), "rival-js": ("@microsoft/agent-governance-sdk", "4.0.0")}


def _seconds(command: Sequence[str], cwd: Path | None = None) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=cwd)
    return time.perf_counter() - begun


def _importtime(python: str, module: str) -> float:
    """Microseconds of `-X importtime`, with everything that the module imports."""
    done = subprocess.run(
        [python, "-X", "importtime", "-c", f"import {module}"], check=True, capture_output=True, text=True
    )
    lines = re.findall(r"^import time:\s+\d+ \|\s+(\d+) \| (\S+)$", done.stderr, re.MULTILINE)
    return float(next(total for total, name in lines if name == module))


def _python_starts(installed: Path, samples: Samples, rows: list[Row], once: bool) -> None:
    for name, (modules, label) in PYTHONS.items():
        python = installed / name / "bin/python"
        if not python.exists():
            continue
        bare = Key(name, "start")
        samples.add(bare, _seconds([str(python), "-c", "pass"]) * 1e9)
        if once:
            rows.append(Row(f"bare Python in the environment of {label}", bare))
        for module in modules:
            key = Key(name, f"import {module}")
            samples.add(key, _seconds([str(python), "-W", "ignore", "-c", f"import {module}"]) * 1e9)
            if once:
                rows.append(Row(f"import {module}, {label}, whole process", key, beyond=bare))
        if name == "talos":
            key = Key(name, "importtime talos")
            samples.add(key, _importtime(str(python), "talos") * 1e3)
            if once:
                rows.append(Row("import talos, by -X importtime", key))


def _node_starts(installed: Path, samples: Samples, rows: list[Row], once: bool) -> None:
    for name, (package, label) in NODES.items():
        directory = installed / name
        if not (directory / "node_modules" / package).exists():
            continue
        bare = Key(name, "start")
        samples.add(bare, _seconds(["node", "-e", "0"], directory) * 1e9)
        key = Key(name, f"require {package}")
        samples.add(key, _seconds(["node", "-e", f"require({package!r})"], directory) * 1e9)
        if once:
            rows.append(Row("bare Node", bare))
            rows.append(Row(f"require {package}, {label}, whole process", key, beyond=bare))


def starts(installed: Path, count: int) -> tuple[Table, Samples]:
    """Whole processes, in turn. The first round fills the disk's cache and is not counted."""
    rows: list[Row] = []
    samples = Samples()
    for part in (_python_starts, _node_starts):
        part(installed, Samples(), rows, True)
    for _ in range(count):
        for part in (_python_starts, _node_starts):
            part(installed, samples, rows, False)
    return Table("start and import (goal: import talos within 50 ms)", rows), samples


def _bytes(path: Path) -> int:
    return (
        path.stat().st_size
        if path.is_file()
        else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
    )


def _site(installed: Path, name: str) -> Path | None:
    return next(iter(sorted((installed / name).glob("lib/python3*/site-packages"))), None)


def _python_sizes(installed: Path, samples: Samples, rows: list[Row]) -> None:
    for wheel in sorted((installed / "wheels").glob("*.whl")):
        key = Key("wheel", wheel.name)
        samples.add(key, _bytes(wheel))
        rows.append(Row(f"wheel {'-'.join(wheel.name.split('-')[:2])}", key))
    for name, (_, label) in PYTHONS.items():
        site = _site(installed, name)
        if site is None:
            continue
        key = Key(name, "installed")
        there = [path for path in site.iterdir() if not COMMON.match(path.name)]
        samples.add(key, sum(map(_bytes, there)))
        count = sum(path.suffix == ".dist-info" for path in there)
        rows.append(Row(f"installed: {label}, {count} distribution{'s' if count != 1 else ''}", key))


def _packed(package: Path) -> int:
    """Bytes of the tarball that npm makes of an installed package."""
    command = ["npm", "pack", "--dry-run", "--json", "--ignore-scripts", str(package)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(json.loads(done.stdout)[0]["size"])


def _node_sizes(installed: Path, samples: Samples, rows: list[Row]) -> None:
    for name, (package, label) in NODES.items():
        modules = installed / name / "node_modules"
        if not (modules / package).exists():
            continue
        # The native part of Talos is a package of its own, one for each platform.
        for part in (modules / package, *sorted(modules.glob(f"@{package}/*"))):
            key = Key(name, f"tarball {part.relative_to(modules)}")
            samples.add(key, _packed(part))
            rows.append(Row(f"tarball {part.relative_to(modules)}, {label}", key))
        packages = [path for path in modules.rglob("package.json") if _is_package(path)]
        samples.add(key := Key(name, "installed"), _bytes(modules))
        rows.append(Row(f"installed: {package}, {label}, {len(packages)} packages", key))


def _is_package(manifest: Path) -> bool:
    parent = manifest.parent.parent
    return parent.name == "node_modules" or (
        parent.name.startswith("@") and parent.parent.name == "node_modules"
    )


def sizes(installed: Path) -> tuple[Table, Samples]:
    """Packages as they are fetched, and what is on the disk afterwards with all that they need."""
    samples, rows = Samples(unit="bytes"), list[Row]()
    _python_sizes(installed, samples, rows)
    _node_sizes(installed, samples, rows)
    return Table("sizes", rows), samples
