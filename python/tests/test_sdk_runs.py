"""The shared vectors that need an open kernel, and that every operation of it has its method."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from suite import content, files, text
from talos import Decision, Door, Kernel, Permit, Run, TalosError, _native
from talos._generated.operations import OPERATIONS
from talos._kernel import Audit, Receipts

Invoke = Callable[[str, dict[str, Any]], Any]

# For every operation of an open kernel, what does the same in the hand-shaped API.
METHODS: dict[str, Any] = {
    "kernel.open": Kernel.__new__,
    "kernel.describe": Kernel.describe,
    "kernel.identity": Kernel.identity,
    "kernel.close": Kernel.close,
    "run.open": Kernel.open_run,
    "run.decide": Run.decide,
    "run.authorize": Run.authorize,
    "run.refuse": _native.Tool.begin,
    "run.start": Permit.start,
    "run.settle": Permit.settle,
    "run.release": Permit.release,
    "run.permit": Run.permit,
    "run.counters": Run.counters,
    "run.close": Run.close,
    "receipt.get": Receipts.get,
    "audit.prove": _native.Kernel.prove,
    "audit.checkpoint": Audit.checkpoint,
    "audit.verify_log": Audit.verify,
}


def test_every_operation_of_an_open_kernel_has_its_method() -> None:
    assert {id for id, operation in OPERATIONS.items() if not operation.pure} == set(METHODS)
    assert all(callable(method) for method in METHODS.values())


def test_every_pure_operation_has_its_function() -> None:
    from talos import operations

    for id in (id for id, operation in OPERATIONS.items() if operation.pure):
        area, _, name = id.partition(".")
        assert callable(getattr(getattr(operations, area), name)), id


def at(value: Any, pointer: str) -> Any:
    """The value that a JSON pointer points at; None if it is absent."""
    for step in pointer.split("/")[1:]:
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = None if value is None else value.get(step)
    return value


def filled(value: Any, kept: dict[str, Any]) -> Any:
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        return kept[value[1:-1]]
    if isinstance(value, list):
        return [filled(item, kept) for item in value]
    return {name: filled(item, kept) for name, item in value.items()} if isinstance(value, dict) else value


def fault(invoke: Invoke, step: dict[str, Any], kept: dict[str, Any]) -> str | None:
    """What is wrong with the answer to a step."""
    try:
        answer = invoke(step["operation"], filled(step["input"], kept))
    except TalosError as error:
        return None if error.code == step.get("error") else f"{step['operation']}: {error}"
    if "error" in step:
        return f"{step['operation']}: expected {step['error']}, found {answer}"
    for pointer, expected in step["output"].items():
        if at(answer, pointer) != filled(expected, kept):
            return f"{step['operation']}: {pointer} is {at(answer, pointer)}"
    kept |= {name: at(answer, pointer) for name, pointer in step.get("keep", {}).items()}
    return None


def through_text(door: Door) -> Invoke:
    return lambda operation, input: json.loads(door.call(operation, json.dumps(input)))


@pytest.mark.parametrize("way", [through_text, lambda door: door.invoke], ids=["call", "invoke"])
def test_every_run_goes_as_the_vectors_say(way: Callable[[Door], Invoke]) -> None:
    faults, executed = [], 0
    for path in files("runs"):
        for case in content(path)["cases"]:
            invoke, kept = way(Door()), dict[str, Any]()
            if (policy := case.get("policy")) is not None:
                opening = {"memory": True} | ({"policy": text(policy)} if policy else {})
                invoke("kernel.open", opening)
                kept["run"] = invoke("run.open", {})["run"]
            wrong = (fault(invoke, step, kept) for step in case["steps"])
            faults += [f"{case['name']}: {found}" for found in wrong if found][:1]
            executed += 1
    assert not faults, "\n".join(faults)
    assert executed == sum(content(path)["cases"].__len__() for path in files("runs"))


def test_the_policy_without_a_text_decides_as_the_vectors_say() -> None:
    executed = 0
    with Kernel.in_memory() as kernel, kernel.session() as run:
        for path in files("builtin"):
            for case in content(path)["groups"][0]["cases"]:
                action = dict(case["action"])
                found = run.decide(action.pop("target"), **action)
                codes = [reason["code"] for reason in found.reasons]
                assert (found.verdict, found.effect, codes) == tuple(case["expect"].values()), case["name"]
                executed += 1
    assert executed == 10


def test_a_decision_says_what_the_contract_says(kernel: Kernel) -> None:
    with kernel.session(user="ada") as run:
        allowed, denied = run.decide("look", {"a": 1}), run.decide("nothing")
    assert (allowed.verdict, allowed.allowed, allowed.effect, allowed.code) == ("allow", True, "read", None)
    assert (denied.verdict, denied.allowed, denied.permit) == ("deny", False, None)
    assert denied.code == "policy.tool_not_allowed"
    assert denied.to_dict()["reasons"] == denied.reasons
    assert allowed.permit is not None
    assert allowed.permit.call == allowed.call
    assert allowed.policy == kernel.policy
    assert Decision.from_dict(allowed.to_dict()).to_dict() == allowed.to_dict()


def test_a_kernel_answers_operations_as_the_door_does(kernel: Kernel) -> None:
    about = json.loads(kernel.call("kernel.describe", "{}"))
    assert about == kernel.describe()
    run = json.loads(kernel.call("run.open", b"{}"))["run"]
    action = {"run": run, "kind": "tool_call", "target": "look"}
    answer = json.loads(kernel.call("run.decide", json.dumps({"action": action})))
    assert answer["decision"]["verdict"] == "allow"
    with pytest.raises(TalosError) as raised:
        kernel.call("kernel.open", '{"memory":true}')
    assert raised.value.code == "kernel.already_open"
