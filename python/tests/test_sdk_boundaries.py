"""What can cross the boundary between Python and the kernel, and what becomes of the rest."""

from __future__ import annotations

import asyncio
import copy
import enum
import json
import math
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest
from talos import (
    BudgetExceeded,
    Bundle,
    ConfigError,
    Decision,
    Denied,
    Door,
    Kernel,
    KernelUnavailable,
    Malformed,
    Policy,
    Run,
    TalosError,
    call,
)
from talos._generated.errors import CLASSES
from talos._generated.registry import REGISTRY
from talos._native import canonical, invoke

MIB = 1024 * 1024
TEXT = json.dumps({"text": '{ "b": [1.0, "\\u0000"] }', "profile": "talos-data"})
ANSWER = rb'{"canonical":"{\"b\":[1,\"\\u0000\"]}"}'


class Word(str):
    """A str that lies about itself."""

    def __str__(self) -> str:
        return "another"

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Pairs(dict[str, object]):
    def items(self) -> Any:
        raise AssertionError("no code of a subclass runs")

    def __iter__(self) -> Any:
        raise AssertionError("no code of a subclass runs")

    def __getitem__(self, name: str) -> Any:
        raise AssertionError("no code of a subclass runs")


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def cyclic_list() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def cyclic_dict() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["self"] = [value]
    return value


@pytest.mark.parametrize(
    "form", [str, str.encode, lambda t: bytearray(t.encode()), lambda t: memoryview(t.encode())]
)
def test_text_and_every_buffer_are_taken(form: Callable[[str], Any]) -> None:
    assert call("json.canonicalize", form(TEXT)) == ANSWER
    assert Door().call("json.canonicalize", form(TEXT)) == ANSWER


def test_a_buffer_with_gaps_is_taken() -> None:
    spread = bytes(byte for char in TEXT.encode() for byte in (char, 0))
    view = memoryview(spread)[::2]
    assert not view.contiguous
    assert call("json.canonicalize", view) == ANSWER


@pytest.mark.parametrize("other", [None, 1, ["a"], memoryview(b"12345678").cast("I")])
def test_what_is_no_text_and_no_bytes_is_a_type_error(other: Any) -> None:
    with pytest.raises(TypeError):
        call("json.canonicalize", other)


PASS: list[tuple[object, str]] = [
    (None, "null"),
    (True, "true"),
    (1, "1"),
    (2**53 - 1, "9007199254740991"),
    (-(2**53) + 1, "-9007199254740991"),
    (2**53, "9007199254740992"),
    (1.5, "1.5"),
    (3.0, "3"),
    ("a\x00b", '"a\\u0000b"'),
    ("\U0001f600", '"\U0001f600"'),
    ((1, "a", [None]), '[1,"a",[null]]'),
    ({"b": 1, "a": 2}, '{"a":2,"b":1}'),
    (OrderedDict(b=1, a=2), '{"a":2,"b":1}'),
    (Word("held"), '"held"'),
    ({Word("held"): Colour.RED}, '{"held":"red"}'),
    (Level.HIGH, "3"),
    (Pairs(a=1), '{"a":1}'),
    ("x" * (16 * MIB - 100), None or '"' + "x" * (16 * MIB - 100) + '"'),
    (nested(64), "[" * 64 + "]" * 64),
]
REFUSED: list[tuple[object, str]] = [
    (2**53 + 1, "malformed.number"),
    (-(2**53) - 1, "malformed.number"),
    (2**64 + 1, "malformed.number"),
    (10**400, "malformed.number"),
    (math.nan, "malformed.number"),
    (math.inf, "malformed.number"),
    (-0.0, "malformed.number"),
    ("\ud800", "malformed.surrogate"),
    ({"\udfff": 1}, "malformed.surrogate"),
    ({1: 2}, "malformed.type"),
    ({b"a": 1}, "malformed.type"),
    (b"bytes", "malformed.type"),
    ({1, 2}, "malformed.type"),
    (object(), "malformed.type"),
    (1j, "malformed.type"),
    (cyclic_list(), "malformed.depth"),
    (cyclic_dict(), "malformed.depth"),
    (nested(65), "malformed.depth"),
    ("x" * (16 * MIB + 1), "malformed.size"),
    (["x" * MIB] * 17, "malformed.size"),
]


def shown(value: object) -> str:
    return repr(value)[:40] if not isinstance(value, list | dict) else type(value).__name__


@pytest.mark.parametrize(("value", "text"), PASS, ids=[shown(value) for value, _ in PASS])
def test_a_json_value_is_taken_as_it_is(kernel: Kernel, value: object, text: str) -> None:
    assert canonical(value) == text.encode()
    with kernel.session() as run:
        assert run.decide("look", {"value": value} if text[:2] != "[[" else value).allowed


@pytest.mark.parametrize(("value", "code"), REFUSED, ids=[shown(value) for value, _ in REFUSED])
def test_what_is_no_json_value_is_refused_with_a_receipt(kernel: Kernel, value: object, code: str) -> None:
    ran: list[object] = []
    with kernel.session() as run:
        with pytest.raises(Malformed) as guarded:
            kernel.guard(ran.append, name="look")(value)
        for ask in (run.decide, run.authorize):
            with pytest.raises(Malformed) as asked:
                ask("look", value)
            assert asked.value.code == code
    assert guarded.value.code == code
    assert ran == []
    bodies = [kernel.receipts.at(index).body for index in range(1, 4)]
    assert [body["reasons"] for body in bodies] == [[code]] * 3


def test_a_result_that_is_no_json_value_is_settled_without_one(kernel: Kernel) -> None:
    with kernel.session():
        for result in (object(), cyclic_list(), math.nan):
            assert kernel.guard(lambda kept=result: kept, name="look")() is result
        kernel.guard(lambda: {"a": 1}, name="look")()
    bodies = [kernel.receipts.at(index).body for index in (2, 4, 6, 8)]
    assert [body["outcome"]["status"] for body in bodies] == ["ok"] * 4
    assert ["result_commit" in body["outcome"] for body in bodies] == [False, False, False, True]


def test_a_true_is_no_one(kernel: Kernel) -> None:
    with kernel.session() as run:
        first = run.decide("look", {"a": 1}, call="c")
        assert first.allowed
        assert run.decide("look", {"a": 1.0}, call="c").decision_id == first.decision_id
        assert run.decide("look", {"a": True}, call="c").code == "call.conflict"


@pytest.mark.parametrize(("size", "accepted"), [(16 * MIB - 2, True), (16 * MIB - 1, False)])
def test_texts_end_at_sixteen_mebibytes(size: int, accepted: bool) -> None:
    text = json.dumps({"text": '"' + "x" * (size) + '"', "profile": "talos-data"})
    if accepted:
        assert len(call("json.canonicalize", text)) > 16 * MIB
        return
    with pytest.raises(Malformed) as raised:
        call("json.canonicalize", text)
    assert raised.value.code == "malformed.value"


@pytest.mark.parametrize(
    ("ask", "code", "kind"),
    [
        (lambda: call("no.such", "{}"), "operation.unknown", TalosError),
        (lambda: call("run.open", "{}"), "kernel.not_open", KernelUnavailable),
        (lambda: call("json.canonicalize", "{"), "malformed.syntax", Malformed),
        (lambda: call("json.canonicalize", b"\xff"), "malformed.utf8", Malformed),
        (lambda: call("json.canonicalize", "\ud800"), "malformed.surrogate", Malformed),
        (lambda: invoke("json.canonicalize", {}), "malformed.member_missing", Malformed),
        (lambda: Policy.parse("id: x\nnope: 1\n"), "policy.unknown_key", ConfigError),
        (lambda: Bundle.parse(b"\xff"), "malformed.utf8", Malformed),
        (lambda: Kernel("/proc/nothing/here"), None, TalosError),
        (lambda: Kernel.in_memory("no/such/file.yaml"), "policy.no_policy", TalosError),
    ],
)
def test_errors_have_their_class_and_code(
    ask: Callable[[], object], code: str | None, kind: type[TalosError]
) -> None:
    with pytest.raises(kind) as raised:
        ask()
    error = raised.value
    assert code is None or error.code == code
    assert type(error) is CLASSES[REGISTRY[error.code].class_name]
    assert error.to_problem()["code"] == error.code


def test_a_limit_is_a_budget_exceeded() -> None:
    policy = Policy.parse(
        "id: one\nallowed_tools: [{name: look, effect: read}]\nmax_tool_calls_per_request: 1\n"
    )
    with Kernel.in_memory(policy) as kernel, kernel.session():
        look = kernel.guard(lambda: 1, name="look")
        look()
        with pytest.raises(BudgetExceeded):
            look()


@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])  # noqa: S301
def test_errors_and_decisions_are_pickled_and_copied(kernel: Kernel, again: Callable[[Any], Any]) -> None:
    with kernel.session() as run:
        with pytest.raises(Denied) as raised:
            run.authorize("unknown")
        decision = run.decide("look")
    error = again(raised.value)
    assert type(error) is type(raised.value)
    assert (error.code, error.receipt_id, error.decision, str(error)) == (
        raised.value.code,
        raised.value.receipt_id,
        raised.value.decision,
        str(raised.value),
    )
    found = again(decision)
    assert isinstance(found, Decision)
    assert found.to_dict() == decision.to_dict()


@pytest.mark.parametrize("handle", ["kernel", "run", "permit"])
def test_a_handle_is_not_pickled(kernel: Kernel, handle: str) -> None:
    with kernel.session() as run:
        value = {"kernel": kernel, "run": run, "permit": run.authorize("look")}[handle]
        with pytest.raises(TypeError):
            pickle.dumps(value)


def asks(kernel: Kernel, run: Run, permit: Any) -> list[Callable[[], object]]:
    return [
        lambda: run.decide("look"),
        lambda: run.authorize("look"),
        run.counters,
        run.close,
        permit.start,
        permit.settle,
        permit.release,
        lambda: permit.state,
        kernel.describe,
        kernel.receipts.last,
        kernel.audit.checkpoint,
        kernel.audit.verify,
        kernel.open_run,
        lambda: kernel.identity("agent"),
        lambda: kernel.call("kernel.describe", "{}"),
        kernel.guard(lambda: pytest.fail("it ran"), name="look").in_run(run),
    ]


def test_after_closing_every_handle_answers_that_it_is_closed(policy: Policy) -> None:
    kernel = Kernel.in_memory(policy)
    run = kernel.open_run()
    permit = run.authorize("look")
    kernel.close()
    kernel.close()
    for ask in asks(kernel, run, permit):
        with pytest.raises(KernelUnavailable) as raised:
            ask()
        assert raised.value.code == "kernel.closed"


def test_a_panic_poisons_and_every_later_call_fails(policy: Policy) -> None:
    kernel = Kernel.in_memory(policy)
    run = kernel.open_run()
    permit = run.authorize("look")
    with pytest.raises(KernelUnavailable) as raised:
        # Only a module of the test profile can be made to panic, and only such a module is tested here.
        getattr(kernel, "_fault")()  # noqa: B009
    assert raised.value.code == "internal.panic"
    for ask in asks(kernel, run, permit):
        with pytest.raises(KernelUnavailable) as raised:
            ask()
        assert raised.value.code == "kernel.poisoned"


def test_sixteen_threads_share_one_handle(kernel: Kernel) -> None:
    calls, threads = 50, 16
    failures: list[BaseException] = []

    with kernel.session() as run:
        guarded = run.guard(lambda n: n, name="look")

        def work() -> None:
            try:
                assert [guarded(n) for n in range(calls)] == list(range(calls))
                run.authorize("write").release()
            except BaseException as error:
                failures.append(error)

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert not failures
        assert run.counters()["tool_calls_admitted"] == calls * threads
        assert run.counters()["tool_calls_in_flight"] == 0
    assert kernel.audit.verify()["open"] == 0


def test_four_event_loops_share_one_kernel(kernel: Kernel) -> None:
    failures: list[BaseException] = []

    async def write(n: int) -> int:
        await asyncio.sleep(0)
        return n

    async def main() -> None:
        async with kernel.session():
            guarded = kernel.guard(write)
            assert await asyncio.gather(*(guarded(n) for n in range(20))) == list(range(20))

    def work() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures


def test_a_loop_that_is_closed_loses_nothing(tmp_path: Any, policy: Policy) -> None:
    async def leave(run: Run) -> None:
        run.authorize_async("write")

    with Kernel(tmp_path, policy=policy) as kernel:
        run = kernel.open_run()
        asyncio.run(leave(run))
        run.close()
        assert kernel.audit.verify()["open"] == 0
