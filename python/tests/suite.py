"""The shared vectors (vectors/README.md) as cases for `call`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parents[2] / "vectors"
MANIFEST: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_bytes())

# Forms that no operation reads, and why: they are run where what they are about can be reached.
ELSEWHERE = {
    "views": "the views of a text are inside the policy: core/text",
    "builtin": "the policy without a text: test_sdk_runs.py",
    "runs": "steps through an open kernel: test_sdk_runs.py",
}


class Case(NamedTuple):
    """One thing to ask, and what has to come of it: an output, a code, or a decision without its messages."""

    name: str
    operation: str
    input: dict[str, Any]
    output: Any = None
    error: str | None = None
    decision: Any = None


def content(path: str) -> dict[str, Any]:
    """A file, which is what the manifest says that it is."""
    data = (FOLDER / path).read_bytes()
    assert hashlib.sha256(data).hexdigest() == MANIFEST["files"][path]["sha256"], path
    parsed: dict[str, Any] = json.loads(data)
    return parsed


def files(*forms: str) -> Iterator[str]:
    """The files of these forms."""
    return (path for path, about in MANIFEST["files"].items() if about["form"] in forms)


@cache
def cases(path: str) -> list[list[Case]]:
    """What to ask for each case of a file."""
    read = {"call": _calls, "mistakes": _mistakes, "decisions": _decisions}[MANIFEST["files"][path]["form"]]
    return list(read(content(path)))


def text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def included(case: dict[str, Any]) -> dict[str, Any]:
    """The files that the policy of a case includes."""
    return {"files": case["files"]} if "files" in case else {}


def _calls(file: dict[str, Any]) -> Iterator[list[Case]]:
    for case in file["cases"]:
        input = dict(case["input"])
        if repeat := case.get("repeat"):
            member = repeat["member"]
            input[member] = input[member].replace("<repeat>", repeat["unit"] * repeat["times"])
        yield [Case(case["name"], case["operation"], input, case.get("output"), case.get("error"))]


def _mistakes(file: dict[str, Any]) -> Iterator[list[Case]]:
    action = {"kind": "tool_call", "target": "t"}
    for case in file["cases"]:
        policy, format, errors = text(case["policy"]), case["format"], case["errors"]
        files = included(case)
        check = {"text": policy, "format": format, **files}
        decide = {"policy": policy, "format": format, "action": action, **files}
        yield [
            Case(case["name"], "policy.check", check, {"valid": False, "errors": errors}),
            Case(case["name"], "policy.decide", decide, error=errors[0]["code"]),
        ]


def _decisions(file: dict[str, Any]) -> Iterator[list[Case]]:
    for group in file["groups"]:
        for case in group["cases"]:
            input = {
                "policy": text(case.get("policy", group["policy"])),
                "format": group["format"],
                "action": case["action"],
                "state": case.get("state", {}),
                "subject": case.get("subject", {}),
                **included(group),
            }
            name = f"{group['name']} / {case['name']}"
            yield [Case(name, "policy.decide", input, decision=case["expect"])]


def codes(output: Any) -> Any:
    """The answer of policy.decide with the codes alone of its reasons."""
    return {**output, "reasons": [reason["code"] for reason in output["reasons"]]}
