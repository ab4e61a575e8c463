"""datamodel-code-generator reads the contracts like our own generator does, for Python."""

from __future__ import annotations

import json
import subprocess
import sys
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from contract_schemas import ROOT, everything, generated_name

#: Members whose types differ by a defect of the oracle, and the defect; the test fails when one is gone.
DEFECTS: dict[str, str] = {}


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("oracle")
    source, target = folder / "everything.json", folder / "everything.py"
    source.write_text(json.dumps(everything()))
    options = [
        "--input-file-type",
        "jsonschema",
        "--output-model-type",
        "typing.TypedDict",
        "--disable-timestamp",
    ]
    options += [
        "--target-python-version",
        "3.11",
        "--enum-field-as-literal",
        "all",
        "--no-use-closed-typed-dict",
    ]
    program = [
        sys.executable,
        "-m",
        "datamodel_code_generator",
        "--input",
        str(source),
        "--output",
        str(target),
    ]
    subprocess.run([*program, *options], check=True, capture_output=True, text=True)
    return run(target, "everything")


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    return run(ROOT / "python/talos/_generated/types.py", "ours")


def run(path: Path, name: str) -> dict[str, Any]:
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(path.read_text(), str(path), "exec"), module.__dict__)  # noqa: S102 (generated in this test)
    return module.__dict__


def form(annotation: Any, names: dict[str, Any]) -> Any:
    """What a type says, without the names that it gives to parts."""
    if annotation is Any or annotation == names.get("JsonValue"):
        return "any value"
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Required, typing.NotRequired, typing.Annotated):
        return form(arguments[0], names)
    if origin is typing.Literal:
        return ("one of", frozenset(arguments))
    if origin in (typing.Union, types.UnionType):
        return ("either", frozenset(form(each, names) for each in arguments))
    if origin in (list, Sequence):
        return ("list of", form(arguments[0], names))
    if origin in (dict, Mapping):
        return "any object"
    if typing.is_typeddict(annotation):
        hints = typing.get_type_hints(annotation, names, include_extras=True)
        optional = {name for name, hint in hints.items() if typing.get_origin(hint) is typing.NotRequired}
        return (
            "object",
            frozenset((name, name not in optional, form(hint, names)) for name, hint in hints.items()),
        )
    assert annotation in (str, int, bool), annotation
    return annotation


def test_members_requiredness_and_literals_are_those_of_the_oracle(
    oracle: dict[str, Any], ours: dict[str, Any]
) -> None:
    members = typing.get_type_hints(oracle["Everything"], oracle)
    assert list(members) == list(everything()["properties"])
    differing = {
        name
        for name, theirs in members.items()
        if form(theirs, oracle) != form(ours[generated_name(name)], ours)
    }
    assert differing == set(DEFECTS)


# Bodies of HTTP requests to a mailbox and of its answers (docs/spec/mailbox.md): in no operation, and read by
# the core alone.
BODIES = {
    "MailboxAck",
    "MailboxAcked",
    "MailboxBundle",
    "MailboxFrame",
    "MailboxFrames",
    "MailboxKeys",
    "MailboxPosted",
}


def test_every_type_is_reached(ours: dict[str, Any]) -> None:
    """What no contract and no operation leads to would not be compared."""
    reached = {generated_name(name) for name in everything()["properties"]}
    kinds = {name for name, value in ours.items() if typing.is_typeddict(value)}
    inner = {inner for name in reached for inner in below(ours[name])}
    assert kinds == reached | inner | BODIES


def below(annotation: Any) -> set[str]:
    names = {annotation.__name__} if typing.is_typeddict(annotation) else set()
    hints = typing.get_type_hints(annotation).values() if names else typing.get_args(annotation)
    return names.union(*(below(each) for each in hints if not isinstance(each, str)))
