"""Every shared vector through `call`, through the generated functions, and through classes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from suite import ELSEWHERE, MANIFEST, Case, cases, codes, files
from talos import Bundle, Policy, TalosError, Verification, call, operations
from talos._evidence import verify_receipt

FORMS = ("call", "mistakes", "decisions")
SAFE_INTEGER = 2**53 - 1


@pytest.fixture(autouse=True)
def no_binary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may find the binary `talos`, or any other."""
    monkeypatch.setenv("PATH", "")
    assert shutil.which("talos") is None


def through_call(case: Case) -> Any:
    # As the text has it: numbers that no double keeps are for the strict parser to refuse.
    return json.loads(call(case.operation, json.dumps(case.input)))


def counts(value: Any) -> Any:
    """Counts beyond 2^53 - 1 in the form in which contracts carry them: decimal digits."""
    if isinstance(value, int) and not isinstance(value, bool) and value > SAFE_INTEGER:
        return str(value)
    return value


def through_function(case: Case) -> Any:
    area, _, name = case.operation.partition(".")
    return getattr(getattr(operations, area), name)(
        **{name: counts(value) for name, value in case.input.items()}
    )


def verified(found: Verification) -> Any:
    """What a verifier answered, as the contract has it."""
    names = ("valid", "reason", "trusted", "receipt_id", "index", "size", "receipt")
    assert bool(found) is found.valid
    return {name: getattr(found, name) for name in names if getattr(found, name) is not None}


def has_types(case: Case) -> bool:
    """Whether a class takes the members at all: its parameters are no JSON values of any type."""
    return all(isinstance(case.input.get(name, []), list) for name in ("log_keys", "issuers")) and isinstance(
        case.input.get("bundle", ""), str | dict
    )


def through_class(case: Case) -> Any:
    members = dict(case.input)
    if not has_types(case) or "files" in members:
        return through_function(case)
    match case.operation:
        case "policy.check":
            return Policy.check(**members)
        case "policy.decide":
            policy = Policy.parse(members["policy"], members.get("format", "yaml"))
            return policy.decide(members["action"], members.get("state"), members.get("subject"))
        case "bundle.verify":
            return verified(Bundle.parse(members.pop("bundle")).verify(**members))
        case "receipt.verify":
            return verified(verify_receipt(members["envelope"], members.get("issuers")))
    raise AssertionError(case.operation)


def fault(case: Case, ask: Callable[[Case], Any]) -> str | None:
    """What is wrong with the answer to a case."""
    try:
        found = ask(case)
        found = codes(found) if case.decision is not None else found
    except TalosError as error:
        found = error.code
    except TypeError as error:
        # A function has no parameter for a member that does not exist.
        found = "malformed.member_unknown" if "unexpected keyword" in str(error) else repr(error)
        found = "malformed.member_missing" if "required keyword" in str(error) else found
    expected = case.error or case.decision or case.output
    same = found == expected if isinstance(expected, str) else text_of(found) == text_of(expected)
    return None if same else f"{case.operation}: {case.name}\n  expected {expected}\n  found    {found}"


def text_of(value: Any) -> bytes:
    # A number that is no integer has more spellings than one, and both sides are Python's.
    return json.dumps(value, sort_keys=True).encode()


def run(ask: Callable[[Case], Any], *of: str) -> int:
    """Asks everything, and gives the number of cases."""
    executed, faults = 0, []
    for path in files(*FORMS):
        for steps in cases(path):
            mine = [step for step in steps if not of or step.operation in of]
            executed += bool(mine)
            faults += [f"{path}: {wrong}" for step in mine if (wrong := fault(step, ask))]
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:20])
    return executed


@pytest.mark.parametrize("ask", [through_call, through_function])
def test_every_case_is_answered_as_the_vectors_say(ask: Callable[[Case], Any]) -> None:
    elsewhere = sum(MANIFEST["files"][path]["cases"] for path in files(*ELSEWHERE))
    assert run(ask) + elsewhere == MANIFEST["cases"]


def test_the_classes_answer_as_the_vectors_say() -> None:
    covered = ("policy.check", "policy.decide", "bundle.verify", "receipt.verify")
    expected = sum(
        any(step.operation in covered for step in steps) for path in files(*FORMS) for steps in cases(path)
    )
    assert run(through_class, *covered) == expected > 600
