"""Every code block that a reader can copy does what its page says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from blocks import ROOT, Block, blocks_of, pages, program
from exceptions import GIVEN, NOT_RUN
from outputs import normal, shows
from sessions import BlockFailed, Machine, Reader, ask

PROGRAMS = ("python", "ts", "sh")
#: May be excused from running: what installs, needs a network, or is compiled by `make interop`.
EXCUSABLE = ("sh", "kotlin", "swift")


def follow(blocks: list[Block], machine: Machine) -> None:
    """Does what a page says; raises where something else happens."""
    reader = Reader(machine, blocks)
    try:
        for block in blocks:
            if block.key not in NOT_RUN:
                obey(reader, block)
        reader.close()
    finally:
        reader.kill()


def obey(reader: Reader, block: Block) -> None:
    if block.key in GIVEN:
        status, said = ask(reader.machine, ["bash", "-c", GIVEN[block.key]])
        assert status == 0, said
    try:
        printed = reader.run(block) if block.language in PROGRAMS else read(reader, block)
    except BlockFailed as failure:
        raise AssertionError(f"{block}: {failure}") from None
    if block.output is not None and not shows(block.output, printed):
        shown, printed = normal(block.output), normal(printed)
        pytest.fail(f"{block}: the page shows\n{shown}\nand this was printed\n{printed}", pytrace=False)


def read(reader: Reader, block: Block) -> str:
    """Blocks that are data: they are read by what reads them for the reader."""
    if block.file:
        (reader.machine.work / block.file).write_text(block.text + "\n", encoding="utf-8")
    parse = {"json": json.loads, "toml": tomllib.loads}.get(block.language)
    try:
        value: object = parse(block.text) if parse else None
    except ValueError as error:
        raise BlockFailed(str(error)) from None
    if block.language == "json" or (isinstance(value, dict) and "allowed_tools" not in value):
        return ""
    if block.language in ("yaml", "toml"):
        return checked_policy(reader.machine, block)
    raise BlockFailed(f"it is not executed, and not in tests/docs/exceptions.py: {block.language}")


def checked_policy(machine: Machine, block: Block) -> str:
    name = block.file or f"checked.{block.language}"
    (machine.work / name).write_text(block.text + "\n", encoding="utf-8")
    status, said = ask(machine, ["talos", "policy", "check", name])
    if status:
        raise BlockFailed(said)
    return said


@pytest.mark.parametrize("page", pages())
def test_every_block_of_a_page_runs_and_prints_what_the_page_shows(page: str, tmp_path: Path) -> None:
    follow(blocks_of(page), Machine(tmp_path))


def test_the_python_of_the_pages_satisfies_mypy_strict_and_ruff(tmp_path: Path) -> None:
    programs: dict[str, list[Block]] = {}
    for page in pages():
        for block in blocks_of(page):
            if block.language == "python":
                programs.setdefault(f"{page} {block.file or ''}", []).append(block)
    files = []
    for name, blocks in programs.items():
        files.append(str(tmp_path / (re.sub(r"\W+", "_", name) + ".py")))
        Path(files[-1]).write_text(program(blocks))
    if not files:
        return
    environment = {"MYPYPATH": str(ROOT / "python"), "PATH": str(Path(sys.executable).parent)}
    settings = ["--strict", "--config-file=", f"--cache-dir={ROOT / 'target/mypy-docs'}"]
    ruff = ["ruff", "check", "--isolated", "--ignore=E402,F811", *files]
    for command in (["mypy", *settings, *files], ruff):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_not_run_is_in_a_page_and_is_no_python_and_no_typescript() -> None:
    blocks = {block.key: block for page in pages() for block in blocks_of(page)}
    for entry, reason in NOT_RUN.items():
        assert entry in blocks, f"no page has this block any more: {entry}"
        assert blocks[entry].language in EXCUSABLE, f"{blocks[entry]}: {blocks[entry].language} must run"
        assert blocks[entry].output is None, f"{blocks[entry]}: it shows an output that nobody compares"
        assert len(reason) > 20
