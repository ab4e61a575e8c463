"""The package itself: what it imports, what it does not do, and its command line."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import talos
from talos import KernelUnavailable, _native

PACKAGE = Path(talos.__file__).parent
ROOT = PACKAGE.parents[1]


def sources() -> Iterator[Path]:
    return (path for path in PACKAGE.rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_the_package_depends_on_nothing() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == []
    standard = sys.stdlib_module_names | {"talos"}
    # Adapters may import what they adapt: they are modules of their own, and nothing imports them.
    adapters = {"fastapi.py"}
    for path in sources():
        if path.name not in adapters:
            names = {name.partition(".")[0] for name in imported(ast.parse(path.read_text()))}
            assert names <= standard, path


def fresh(program: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    """Python without the site's packages: nothing but the standard library and this one."""
    program = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\n{program}"
    command = [sys.executable, "-I", "-S", *options, "-c", program]
    return subprocess.run(command, capture_output=True, check=False, timeout=60)


def test_importing_it_is_quick_and_brings_no_framework(tmp_path: Path) -> None:
    program = """
import json, time
before = set(sys.modules)
begin = time.process_time()
import talos
seconds = time.process_time() - begin
print(json.dumps([seconds, sorted(set(sys.modules) - before)]))
"""
    # The first run compiles, as an installation does.
    runs = [json.loads(fresh(program, "-X", f"pycache_prefix={tmp_path}").stdout) for _ in range(6)]
    modules = {name.partition(".")[0] for name in runs[0][1]}
    assert modules.isdisjoint(
        {"asyncio", "dataclasses", "fastapi", "inspect", "logging", "pydantic", "starlette"}
    )
    assert modules.isdisjoint({"typing_extensions", "unittest", "http", "ssl", "socket", "multiprocessing"})
    assert min(seconds for seconds, _ in runs) < 0.05


def test_a_native_module_of_other_contracts_is_refused() -> None:
    for name, value in (("MANIFEST_HASH", "another"), ("ABI", _native.ABI + 1)):
        program = f"""
import importlib.machinery, importlib.util, pathlib
path = next(pathlib.Path({str(PACKAGE)!r}).glob("_native*.so"))
loader = importlib.machinery.ExtensionFileLoader("talos._native", str(path))
spec = importlib.util.spec_from_loader("talos._native", loader)
module = importlib.util.module_from_spec(spec)
loader.exec_module(module)
module.{name} = {value!r}
sys.modules["talos._native"] = module
import talos
"""
        ended = fresh(program)
        assert ended.returncode == 1
        assert b"kernel.mismatch" in ended.stderr, ended.stderr


def test_the_names_that_are_exported_exist() -> None:
    assert all(hasattr(talos, name) for name in talos.__all__)
    assert talos.__version__ == _native.VERSION
    assert len(talos.MANIFEST_HASH) == 43
    with pytest.raises(AttributeError):
        getattr(talos, "nothing")  # noqa: B009
    assert issubclass(KernelUnavailable, talos.TalosError)


def command(*arguments: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "talos", *arguments], input=input, capture_output=True, check=False, timeout=60
    )


GIVEN = b'{"profile":"talos-data","text":"[1.0]"}'
ANSWER = b'{"canonical":"[1]"}\n'


def test_the_command_calls_operations() -> None:
    assert (command("call", "json.canonicalize", input=GIVEN).stdout) == ANSWER
    assert (command("call", "json.canonicalize", "-", input=GIVEN).stdout) == ANSWER
    assert (command("call", "json.canonicalize", GIVEN.decode()).stdout) == ANSWER
    failed = command("call", "json.canonicalize", "{")
    assert failed.returncode == 1
    assert json.loads(failed.stdout)["code"] == "malformed.syntax"
    assert json.loads(command("call", "run.open", "{}").stdout)["code"] == "kernel.not_open"


def test_the_command_answers_each_line() -> None:
    answered = command("call", "--lines", "json.canonicalize", input=GIVEN + b"\n\n\xff\n" + GIVEN)
    assert answered.returncode == 0
    first, empty, broken, last = answered.stdout.splitlines(keepends=True)
    assert (first, last) == (ANSWER, ANSWER)
    assert [json.loads(line)["code"] for line in (empty, broken)] == ["malformed.syntax", "malformed.utf8"]


def test_the_command_answers_before_the_next_line_is_written() -> None:
    asked = [sys.executable, "-m", "talos", "call", "--lines", "json.canonicalize"]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for _ in range(3):
            process.stdin.write(GIVEN + b"\n")
            process.stdin.flush()
            assert process.stdout.readline() == ANSWER
        process.stdin.close()
        assert process.wait(20) == 0


def test_the_command_has_help_and_refuses_what_it_does_not_know() -> None:
    shown = command("call", "--help")
    assert shown.returncode == 0
    assert b"Call a pure operation" in shown.stdout
    listed = command("call", "list").stdout.decode().splitlines()
    assert "json.canonicalize" in [line.split()[0] for line in listed]
    for wrong in ([], ["call"], ["nothing"], ["call", "a", "b", "c"], ["call", "--lines", "a", "b"]):
        ended = command(*wrong)
        assert (ended.returncode, ended.stdout) == (2, b"")
        assert b"Usage" in ended.stderr


def built() -> Path:
    """The gateway's binary. Who tests everything has built it before."""
    binary = ROOT / "target" / "debug" / "talos"
    if not binary.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("the binary `talos` has not been built")
    return binary


def test_the_command_is_that_of_the_gateway() -> None:
    """The same answers, byte for byte."""
    binary = built()

    def ours_and_theirs(*arguments: str, input: bytes = b"") -> list[Any]:
        theirs = subprocess.run(
            [binary, *arguments], input=input, capture_output=True, check=False, timeout=60
        )
        ours = command(*arguments, input=input)
        return [(ended.returncode, ended.stdout) for ended in (ours, theirs)]

    for arguments, input in (
        (["call", "json.canonicalize"], GIVEN),
        (["call", "json.canonicalize"], b"["),
        (["call", "json.canonicalize", "--lines"], GIVEN + b"\n\n" + GIVEN),
        (["call", "no.such"], b"{}"),
        (["call", "run.open"], b"{}"),
        (["call", "list"], b""),
    ):
        ours, theirs = ours_and_theirs(*arguments, input=input)
        assert ours == theirs, arguments
