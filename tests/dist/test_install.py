"""What is in dist/ is installed into places where there is nothing else, and does what the quick starts say.

dist/transcript.txt is written here: every command, and what it said.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from artefacts import DIST, NODE_PLATFORM, NPM_PLATFORM, NPM_ROOT, ROOT, VERSION
from blocks import Block, blocks_of, program
from outputs import shows
from places import Place, Transcript, assert_empty

PROGRAMS = Path(__file__).parent / "programs"
PIP_INSTALL = ("-m", "pip", "install", "--no-index", "--find-links")
NPM_INSTALL = ("install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund")
# A bundle with one flipped bit, at this many places.
FLIPS = 40
EXCHANGED = ("bundle.json", "log.vkey", "identity.did")


@dataclass(frozen=True)
class Page:
    blocks: list[Block]

    @staticmethod
    def of(name: str, language: str) -> Page:
        return Page([b for b in blocks_of(f"docs/quickstart/{name}.md") if b.language == language or b.file])

    def write_files(self, folder: Path) -> None:
        for block in self.blocks:
            if block.file:
                (folder / block.file).write_text(block.text + "\n")

    def code(self) -> str:
        return program([block for block in self.blocks if not block.file])

    def output(self) -> str:
        return "\n".join(block.output for block in self.blocks if block.output is not None)


@pytest.fixture(scope="session")
def transcript() -> Iterator[Transcript]:
    kept = Transcript(
        [f"Talos {VERSION}: the artefacts of dist/, installed where there is nothing else, and used."]
    )
    yield kept
    (DIST / "transcript.txt").write_text("\n".join(kept.lines) + "\n")


def base_python(minor: int) -> Path | None:
    """The interpreter itself, and not a virtual environment's or a version manager's way to it."""
    command = (f"python3.{minor}", "-c", "import sys; print(sys._base_executable)")
    if not shutil.which(command[0]):
        return None
    # A version manager has names for versions that it would not start.
    done = subprocess.run(command, capture_output=True, text=True)
    return Path(done.stdout.strip()) if done.returncode == 0 else None


#: Every CPython on this machine that the wheel is for; the one that runs the tests is the first.
PYTHONS = {
    minor: path for minor in range(sys.version_info.minor, 20) if (path := base_python(minor)) is not None
}


def python_place(folder: Path, minor: int, transcript: Transcript) -> Place:
    """A virtual environment with the wheel in it, and only that on the PATH."""
    names = {DIST: "dist", folder: "~", PYTHONS[minor]: f"python3.{minor}"}
    place = Place(folder, folder / "venv/bin", transcript, names)
    place.run([PYTHONS[minor], "-m", "venv", "venv"])
    place.run(["venv/bin/python", *PIP_INSTALL, DIST, "talos-kernel"])
    assert_empty(place)
    assert place.find("node") is None
    place.run(
        ["venv/bin/python", "-m", "pip", "list", "--format=freeze", "--exclude=pip", "--exclude=setuptools"]
    )
    return place


def node_place(folder: Path, node: Path, transcript: Transcript) -> Place:
    """A folder with both packages in node_modules, and only `node` on the PATH."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/node").symlink_to(node)
    npm = Path(shutil.which("npm") or "").resolve()
    place = Place(folder, folder / "bin", transcript, {DIST: "dist", folder: "~", npm: "npm"})
    assert_empty(place)
    assert place.find("python3") is None
    command: list[str | Path] = [
        folder / "bin/node",
        npm,
        *NPM_INSTALL,
        "--cache",
        folder / "cache",
        NPM_ROOT,
        NPM_PLATFORM,
    ]
    place.run(command, f"npm {' '.join(NPM_INSTALL)} {NPM_ROOT} {NPM_PLATFORM}")
    found = sorted(path.parent.relative_to(folder) for path in folder.glob("node_modules/**/package.json"))
    assert found == [Path(f"node_modules/@talos-kernel/{NODE_PLATFORM}"), Path("node_modules/talos-kernel")]
    return place


def nodes() -> list[Path]:
    """The Node that is installed, and any other that TALOS_NODES names."""
    first = subprocess.run(
        ["node", "-p", "process.execPath"], check=True, capture_output=True, text=True
    ).stdout
    return [
        Path(first.strip()),
        *map(Path, filter(None, os.environ.get("TALOS_NODES", "").split(os.pathsep))),
    ]


def program_for(place: Place, name: str, suffix: str, imported: str) -> str:
    """A program of this folder as an ES module or as CommonJS: they differ in how they import."""
    files = "readFileSync, writeFileSync"
    form = {"mjs": 'import {{ {0} }} from "{1}";\n', "cjs": 'const {{ {0} }} = require("{1}");\n'}[suffix]
    before = form.format(files, "node:fs") + form.format(imported, "talos-kernel")
    (place.folder / f"{name}.{suffix}").write_text(before + (PROGRAMS / f"{name}.js").read_text())
    return f"{name}.{suffix}"


def compiled(page: Page, place: Place) -> str:
    """The page's TypeScript as an ES module: with this checkout's compiler, and the types of the package."""
    page.write_files(place.folder)
    (place.folder / "page.mts").write_text(page.code())
    modules = ROOT / "node" / "node_modules"
    options = [
        "--strict",
        "--noUncheckedIndexedAccess",
        "--target",
        "es2022",
        "--module",
        "nodenext",
        "--pretty",
        "false",
    ]
    types = ["--typeRoots", str(modules / "@types"), "--types", "node"]
    done = subprocess.run(
        [str(modules / ".bin/tsc"), *options, *types, "page.mts"],
        cwd=place.folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return "page.mjs"


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory, transcript: Transcript) -> Place:
    transcript.title("Python: the wheel, and the quick start")
    place = python_place(tmp_path_factory.mktemp("python"), sys.version_info.minor, transcript)
    follow_python(place)
    return place


def follow_python(place: Place) -> None:
    page = Page.of("python", "python")
    page.write_files(place.folder)
    (place.folder / "quickstart.py").write_text(page.code())
    printed = place.run(["venv/bin/python", "quickstart.py"])
    assert shows(page.output(), printed)


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory, transcript: Transcript) -> Place:
    transcript.title("Node: the packages, and the quick start as an ES module")
    place = node_place(tmp_path_factory.mktemp("node"), nodes()[0], transcript)
    follow_node(place)
    return place


def follow_node(place: Place) -> None:
    page = Page.of("typescript", "ts")
    compiled(page, place)
    place.run(["node", "--version"])
    printed = place.run(["node", "page.mjs"])
    assert shows(page.output(), printed)


def flipped(bundle: Path, folder: Path) -> list[str]:
    """Copies of a bundle with one bit flipped, spread evenly over it."""
    content = bundle.read_bytes()
    names = []
    for n in range(FLIPS):
        bit = n * (len(content) * 8 - 1) // (FLIPS - 1)
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        names.append(f"flipped-{bit}.json")
        (folder / names[-1]).write_bytes(damaged)
    return names


def verify_in(place: Place, command: list[str], evidence: Path) -> None:
    """In this place, the bundle of another one is valid with its keys, and refused after one flipped bit."""
    for name in EXCHANGED:
        shutil.copy(evidence / name, place.folder / f"their-{name}")
    keys = ["their-log.vkey", "their-identity.did"]
    assert place.run([*command, *keys, "their-bundle.json"]) == "their-bundle.json valid\n"
    # The keys of another log and issuer are no trust.
    assert " valid" not in place.run([*command, "log.vkey", "identity.did", "their-bundle.json"])
    names = flipped(evidence / "bundle.json", place.folder)
    said = place.run([*command, *keys, *names], shown=f"{' '.join([*command, *keys])} flipped-*.json")
    assert [line.split()[:2] for line in said.splitlines()] == [[name, "refused"] for name in names]


def test_python_verifies_what_node_proved(python: Place, node: Place, transcript: Transcript) -> None:
    transcript.title("Python verifies the bundle of Node, and refuses it after one flipped bit")
    shutil.copy(PROGRAMS / "verify.py", python.folder)
    verify_in(python, ["venv/bin/python", "verify.py"], node.folder)


@pytest.mark.parametrize("suffix", ["mjs", "cjs"])
def test_node_verifies_what_python_proved(
    python: Place, node: Place, transcript: Transcript, suffix: str
) -> None:
    transcript.title(f"Node verifies the bundle of Python, and refuses it after one flipped bit ({suffix})")
    verify_in(node, ["node", program_for(node, "verify", suffix, "Bundle")], python.folder)


@pytest.mark.parametrize("suffix", ["mjs", "cjs"])
def test_a_program_of_either_kind_of_module_guards_its_functions(
    node: Place, python: Place, transcript: Transcript, suffix: str
) -> None:
    transcript.title(f"Node guards a function and proves the denial of another one ({suffix})")
    place = Place(node.folder / suffix, node.bin, transcript, {node.folder: "~"})
    place.folder.mkdir()
    printed = place.run(["node", program_for(place, "guard", suffix, "Kernel, Policy, PolicyDenied")])
    assert printed == "Bronze does not tire.\ntrue policy.tool_not_allowed; ran: Bronze\n"
    shutil.copy(PROGRAMS / "verify.py", python.folder)
    verify_in(python, ["venv/bin/python", "verify.py"], place.folder)


def test_both_say_the_same_version_and_contracts_and_have_a_command(
    python: Place, node: Place, transcript: Transcript
) -> None:
    transcript.title("Versions, contracts, and the command of each package")
    in_python = python.run(
        ["venv/bin/python", "-c", "import talos; print(talos.__version__, talos.MANIFEST_HASH)"]
    )
    script = "const t = require('talos-kernel'); console.log(t.VERSION, t.MANIFEST_HASH)"
    in_node = node.run(["node", "-e", script])
    assert in_python == in_node
    assert in_python.split()[0] == VERSION
    listed = python.run(["venv/bin/python", "-m", "talos", "call", "list"])
    assert node.run(["node", "node_modules/talos-kernel/dist/cli.js", "call", "list"]) == listed


def test_the_package_that_is_imported_is_the_one_that_was_installed(python: Place, node: Place) -> None:
    script = "import talos, talos._native; print(talos.__file__, talos._native.__file__)"
    for found in python.run(["venv/bin/python", "-c", script]).split():
        assert Path(found).is_relative_to(python.folder / "venv/lib")
    script = "require('talos-kernel'); console.log(...Object.keys(require.cache))"
    loaded = node.run(["node", "-e", script]).split()
    assert [name for name in loaded if name.endswith(".node")]
    for found in loaded:
        assert Path(found).is_relative_to(node.folder / "node_modules")


def test_the_same_wheel_works_in_every_later_python_of_this_machine(
    tmp_path: Path, transcript: Transcript
) -> None:
    for minor in list(PYTHONS)[1:]:
        transcript.title(f"The same wheel in Python 3.{minor}")
        (tmp_path / str(minor)).mkdir()
        follow_python(python_place(tmp_path / str(minor), minor, transcript))


def test_the_same_packages_work_in_every_other_node_that_is_named(
    tmp_path: Path, transcript: Transcript
) -> None:
    for other in nodes()[1:]:
        transcript.title("The same packages in another Node")
        follow_node(node_place(tmp_path / f"{len(list(tmp_path.iterdir()))}", other, transcript))


def test_without_the_package_of_the_platform_the_import_says_what_is_missing(
    tmp_path: Path, transcript: Transcript
) -> None:
    transcript.title("Without the package of the platform")
    place = node_place(tmp_path, nodes()[0], transcript)
    shutil.rmtree(tmp_path / "node_modules/@talos-kernel")
    script = "try { require('talos-kernel') } catch (e) { console.log(e.code, e.message) }"
    said = place.run(["node", "-e", script])
    assert said.startswith("kernel.mismatch ")
    assert f"@talos-kernel/{NODE_PLATFORM}" in said
