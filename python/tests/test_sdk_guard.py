"""Guarded functions of every shape: what is denied runs zero times, what ran is settled by how it ended."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import json
import types
import typing
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from talos import ContextMissing, Denied, Kernel, Malformed, Policy, PolicyDenied, Run, TalosError
from talos._guard import OnDeny

RAN: list[object] = []


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    RAN.clear()


class Failure(Exception):
    """What the functions raise."""


def act(what: object) -> object:
    """The body of each function."""
    RAN.append(what)
    if what == "fail":
        raise Failure
    return what


def sync(what: object) -> object:
    """Acts."""
    return act(what)


async def coroutine(what: object) -> object:
    """Acts."""
    await asyncio.sleep(0)
    return act(what)


def generator(what: object) -> Generator[object, object, object]:
    """Acts."""
    got = yield act(what)
    yield got
    return what


async def async_generator(what: object) -> AsyncGenerator[object, object]:
    """Acts."""
    got = yield act(what)
    yield got


Guarding = Callable[[Any], Any]


def under(kernel: Kernel, name: str, on_deny: OnDeny = "raise") -> Guarding:
    """What guards a function as this tool."""
    return lambda function: kernel.guard(function, name=name, on_deny=on_deny)


class Service:
    """Methods of every kind."""

    def __init__(self, guard: Guarding) -> None:
        self.method = guard(self.raw)

    def raw(self, what: object) -> object:
        return act(what)


class CallableObject:
    def __call__(self, what: object) -> object:
        return act(what)


class AsyncCallable:
    async def __call__(self, what: object) -> object:
        return act(what)


def call_sync(guarded: Any, what: object) -> object:
    return guarded(what)


def call_coroutine(guarded: Any, what: object) -> object:
    made = guarded(what)
    # A function that is not asynchronous itself is denied where it is called.
    return asyncio.run(made) if inspect.iscoroutine(made) else made


def call_generator(guarded: Any, what: object) -> object:
    return next(iter(list(guarded(what))))


def call_async_generator(guarded: Any, what: object) -> object:
    async def items() -> list[object]:
        return [item async for item in guarded(what)]

    return asyncio.run(items())[0]


def class_with(guard: Guarding, kind: Callable[..., Any], inside: bool) -> Any:
    """A method, class method or static method, decorated inside or outside of its own decorator."""

    def method(self: Any, what: object) -> object:
        assert self is not None
        return act(what)

    def static(what: object) -> object:
        return act(what)

    function = static if kind is staticmethod else method
    # As in the body of a class.
    function.__qualname__ = "Holder.method"
    made = kind(guard(function)) if inside else guard(kind(function))
    return type("Holder", (), {"method": made})().method


Shape = tuple[Callable[[Guarding], Any], Callable[[Any, object], object]]
SHAPES: dict[str, Shape] = {
    "sync": (lambda guard: guard(sync), call_sync),
    "coroutine": (lambda guard: guard(coroutine), call_coroutine),
    "generator": (lambda guard: guard(generator), call_generator),
    "async generator": (lambda guard: guard(async_generator), call_async_generator),
    "bound method": (lambda guard: Service(guard).method, call_sync),
    "method": (lambda guard: class_with(guard, lambda f: f, inside=True), call_sync),
    "class method": (lambda guard: class_with(guard, classmethod, inside=True), call_sync),
    "static method": (lambda guard: class_with(guard, staticmethod, inside=True), call_sync),
    "of a class method": (lambda guard: class_with(guard, classmethod, inside=False), call_sync),
    "of a static method": (lambda guard: class_with(guard, staticmethod, inside=False), call_sync),
    "callable object": (lambda guard: guard(CallableObject()), call_sync),
    "async callable": (lambda guard: guard(AsyncCallable()), call_coroutine),
    "partial": (lambda guard: guard(functools.partial(sync)), call_sync),
    "lambda of a coroutine": (
        lambda guard: guard(lambda what: coroutine(what)),
        call_coroutine,
    ),
}
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
EFFECTS = ("look", "write", "erase")


def outcomes(kernel: Kernel) -> list[str]:
    """How the calls of the log ended, in order."""
    size = int(kernel.audit.verify()["size"])
    bodies = [kernel.receipts.at(index).body for index in range(size)]
    return [body["outcome"]["status"] for body in bodies if body["kind"] == "outcome"]


def in_flight(run: Run) -> int:
    return run.counters()["tool_calls_in_flight"]


@shapes
@pytest.mark.parametrize("name", EFFECTS)
def test_what_is_allowed_runs_once_and_is_settled(kernel: Kernel, shape: Shape, name: str) -> None:
    make, call = shape
    with kernel.session() as run:
        assert call(make(under(kernel, name)), "x") == "x"
        assert RAN == ["x"]
        assert in_flight(run) == 0
    assert outcomes(kernel) == ["ok"]


@shapes
def test_what_is_denied_runs_zero_times(kernel: Kernel, shape: Shape) -> None:
    make, call = shape
    with kernel.session():
        with pytest.raises(PolicyDenied) as raised:
            call(make(under(kernel, "unknown")), "x")
        with pytest.raises(PolicyDenied) as pattern:
            call(make(under(kernel, "look")), "a SECRET")
        with pytest.raises(Malformed) as malformed:
            call(make(under(kernel, "look")), b"bytes")
    assert RAN == []
    assert raised.value.code == "policy.tool_not_allowed"
    assert pattern.value.code == "policy.blocked_pattern"
    assert malformed.value.code == "malformed.type"
    for error in (raised.value, pattern.value, malformed.value):
        assert error.receipt_id is not None
        assert kernel.receipts.get(error.receipt_id).body["verdict"] == "deny"


@shapes
def test_without_a_run_nothing_runs(kernel: Kernel, shape: Shape) -> None:
    make, call = shape
    with pytest.raises(ContextMissing):
        call(make(under(kernel, "look")), "x")
    with Kernel.in_memory() as other, other.session(), pytest.raises(ContextMissing):
        call(make(under(kernel, "look")), "x")
    with kernel.session():
        pass
    with pytest.raises(ContextMissing):
        call(make(under(kernel, "look")), "x")
    assert RAN == []


@shapes
@pytest.mark.parametrize("name", EFFECTS)
def test_an_exception_goes_on_and_is_settled(kernel: Kernel, shape: Shape, name: str) -> None:
    make, call = shape
    with kernel.session() as run:
        with pytest.raises(Failure):
            call(make(under(kernel, name)), "fail")
        assert in_flight(run) == 0
    assert outcomes(kernel) == ["error"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_is_settled_too(kernel: Kernel, stop: type[BaseException]) -> None:
    def interrupted() -> None:
        raise stop

    async def interrupted_async() -> None:
        raise stop

    with kernel.session() as run:
        with pytest.raises(stop):
            kernel.guard(interrupted, name="write")()
        with pytest.raises(stop):
            asyncio.run(kernel.guard(interrupted_async, name="write")())
        assert in_flight(run) == 0
    assert outcomes(kernel) == ["error", "error"]


@shapes
def test_a_denial_is_what_on_deny_says(kernel: Kernel, shape: Shape) -> None:
    make, call = shape

    def answer(on_deny: OnDeny) -> object:
        return call(make(under(kernel, "unknown", on_deny)), "x")

    with kernel.session():
        returned = answer("return")
        assert isinstance(returned, PolicyDenied)
        assert answer(lambda error: f"no: {error.code}") == "no: policy.tool_not_allowed"
    assert RAN == []


def test_what_is_no_denial_is_raised_in_any_case(kernel: Kernel) -> None:
    guarded = kernel.guard(sync, name="look", on_deny="return")
    with pytest.raises(ContextMissing):
        guarded("x")
    run = kernel.open_run()
    kernel.close()
    with pytest.raises(TalosError) as raised:
        guarded.in_run(run)("x")
    assert raised.value.code == "kernel.closed"
    assert RAN == []


def test_a_run_that_is_named_comes_before_the_open_one_and_that_before_the_bound_one(kernel: Kernel) -> None:
    bound, named = kernel.open_run(), kernel.open_run()
    guarded = bound.guard(sync, name="look")
    guarded(1)
    with kernel.session() as opened:
        guarded(2)
        guarded.in_run(named)(3)
        with kernel.session() as inner:
            guarded(4)
            guarded(5)
        guarded(6)
    admitted = [run.counters()["tool_calls_admitted"] for run in (bound, named)]
    assert admitted == [1, 1]
    bodies = [kernel.receipts.at(i).body for i in range(int(kernel.audit.verify()["size"]))]
    decided = [body["run"] for body in bodies if body["kind"] == "decision"]
    assert decided == [bound.id, opened.id, named.id, inner.id, inner.id, opened.id]
    with Kernel.in_memory() as other, pytest.raises(ContextMissing):
        guarded.in_run(other.open_run())


def test_tasks_and_threads_have_their_own_runs(kernel: Kernel) -> None:
    async def one(user: str) -> str | None:
        async with kernel.session(user=user) as run:
            await asyncio.sleep(0)
            guarded = kernel.guard(coroutine, name="look")
            await asyncio.gather(*(guarded(user) for _ in range(3)))
            assert run.counters()["tool_calls_admitted"] == 3
            return run.id

    async def both() -> list[str | None]:
        return list(await asyncio.gather(one("ada"), one("bob")))

    first, second = asyncio.run(both())
    assert first != second


def documented(where: str, /, count: int = 1, *more: str, deep: bool = False, **rest: str) -> list[Failure]:
    """Documentation."""
    act((where, count, more, deep, rest))
    return []


def test_a_guarded_function_looks_like_the_function(kernel: Kernel) -> None:
    guarded = kernel.tool(documented)
    assert inspect.signature(guarded) == inspect.signature(documented, eval_str=True)
    assert (guarded.__name__, guarded.__doc__) == ("documented", "Documentation.")
    assert (guarded.__module__, guarded.__qualname__) == (documented.__module__, "documented")
    assert typing.get_type_hints(guarded) == typing.get_type_hints(documented)
    for predicate in (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction):
        for function in (sync, coroutine, generator, async_generator):
            assert predicate(kernel.guard(function)) == predicate(function)
            assert predicate(kernel.guard(function).in_run(kernel.open_run())) == predicate(function)
    assert inspect.iscoroutinefunction(kernel.guard(AsyncCallable()))


def reachable(value: Any, depth: int = 5) -> typing.Iterator[object]:
    """What attributes, closures, items and defaults lead to; not what only the garbage collector sees."""
    yield value
    if depth and not isinstance(value, str | int | type | types.ModuleType):
        cells = [cell.cell_contents for cell in getattr(value, "__closure__", None) or ()]
        items = list(value) if isinstance(value, tuple | list) else []
        members = [
            getattr(value, name, None) for name in ("__func__", "__self__", "__defaults__", "__wrapped__")
        ]
        named = [getattr(value, name) for name in dir(value) if not name.startswith("__")]
        for inner in [*cells, *items, *members, *named, *vars_of(value)]:
            if not inspect.isbuiltin(inner) and inner is not value:
                yield from reachable(inner, depth - 1)


def vars_of(value: object) -> typing.Iterable[object]:
    return getattr(value, "__dict__", {}).values()


def test_nothing_about_a_guarded_function_leads_to_the_function(kernel: Kernel) -> None:
    def secret(what: object) -> object:
        return act(what)

    @functools.wraps(secret)
    def decorated(what: object) -> object:
        return secret(what)

    assert not hasattr(kernel.guard(decorated), "__wrapped__")
    guarded = kernel.guard(secret, name="unknown")
    assert not hasattr(guarded, "__wrapped__")
    assert secret not in list(reachable(guarded))
    assert inspect.unwrap(guarded) is guarded


def test_a_call_runs_its_function_once(kernel: Kernel) -> None:
    from talos._native import Tool

    tool = Tool(act, lambda what: {"what": what}, "look", "read")
    with kernel.session() as run:
        begun = tool.begin(run, ("x",), {})
        assert begun.run() == "x"
        with pytest.raises(Denied) as raised:
            begun.run()
        begun.settle("ok")
    assert raised.value.code == "call.state"
    assert RAN == ["x"]


def test_arguments_are_those_that_were_given_under_their_names(tmp_path: Path, policy: Policy) -> None:
    seen: list[object] = []

    def note(*args: Any, **kwargs: Any) -> object:
        seen.append((args, kwargs))
        return {"noted": len(args)}

    class Holder:
        def method(self, what: str) -> None:
            act(what)

    Kernel(tmp_path).close()
    with (tmp_path / "talos.toml").open("a") as configuration:
        configuration.write("store_bodies = true\n")
    with Kernel(tmp_path, policy=policy) as kernel, kernel.session():
        kernel.tool(name="look")(documented)("a", 2, "b", deep=True, e="f")
        kernel.guard(documented, name="look", args=note)("a", 2)
        kernel.guard(Holder.method, name="look")(Holder(), what="b")
        kernel.guard(len, name="look")("abc")
        with pytest.raises(TypeError):
            kernel.tool(name="look")(documented)()  # type: ignore[call-arg]
    with Kernel(tmp_path, policy=policy) as kernel:
        bundles = [kernel.receipts.at(index).prove(disclose=True) for index in (1, 3, 5, 7)]
    assert [json.loads(bundle.text)["bodies"]["args"]["value"] for bundle in bundles] == [
        {"where": "a", "count": 2, "more": ["b"], "deep": True, "rest": {"e": "f"}},
        {"noted": 2},
        {"what": "b"},
        {"obj": "abc"},
    ]
    # Once to decide and once to see that nothing has changed.
    assert seen == [(("a", 2), {})] * 2


def test_arguments_that_change_while_the_disk_is_waited_for_do_not_run(
    tmp_path: Path, policy: Policy
) -> None:
    paths = ["harmless"]

    async def write(paths: list[str]) -> None:
        act(list(paths))

    async def main(kernel: Kernel) -> None:
        async with kernel.session():
            task = asyncio.ensure_future(kernel.guard(write)(paths))
            await asyncio.sleep(0)
            paths[0] = "harmful"
            await task

    with Kernel(tmp_path, policy=policy) as kernel:
        with pytest.raises(Denied) as raised:
            asyncio.run(main(kernel))
        assert raised.value.code == "call.args_mismatch"
        assert not hasattr(raised.value, "__notes__")
        # The receipt of the decision on what did not run.
        assert raised.value.receipt_id is not None
        assert kernel.receipts.get(raised.value.receipt_id).body["verdict"] == "allow"
        assert outcomes(kernel) == ["cancelled"]
    assert RAN == []


def test_a_generator_is_authorised_at_its_first_item(kernel: Kernel) -> None:
    guarded = kernel.guard(generator, name="write")
    with kernel.session() as run:
        made = guarded("x")
        assert run.counters()["tool_calls_in_flight"] == 0
        assert next(made) == "x"
        assert in_flight(run) == 1
        assert made.send("sent") == "sent"
        with pytest.raises(StopIteration) as stopped:
            next(made)
        assert stopped.value.value == "x"
        assert in_flight(run) == 0
        guarded("never read")
    assert outcomes(kernel) == ["ok"]


def thrown(made: Generator[object, object, object]) -> None:
    with pytest.raises(Failure):
        made.throw(Failure())


def abandoned(made: Generator[object, object, object]) -> None:
    del made
    gc.collect()


ENDS: dict[str, tuple[Callable[[Any], None], str]] = {
    "closed": (lambda made: made.close(), "cancelled"),
    "thrown into": (thrown, "error"),
    "abandoned": (abandoned, "cancelled"),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("name", EFFECTS)
def test_a_generator_is_settled_however_it_ends(
    kernel: Kernel, end: tuple[Callable[[Any], None], str], name: str
) -> None:
    finish, status = end
    guarded = kernel.guard(generator, name=name)
    with kernel.session() as run:
        finish((lambda made: (next(made), made)[1])(guarded("x")))
        assert in_flight(run) == 0
    assert outcomes(kernel) == [status]


def test_an_async_generator_relays_what_is_sent_and_thrown(kernel: Kernel) -> None:
    cleaned: list[str] = []

    async def talk() -> AsyncGenerator[object, object]:
        try:
            got = yield "first"
            try:
                yield got
            except Failure:
                yield "caught"
        finally:
            cleaned.append("closed")

    async def main() -> None:
        async with kernel.session() as run:
            guarded = kernel.guard(talk, name="write")
            made = guarded()
            assert await anext(made) == "first"
            assert await made.asend("sent") == "sent"
            assert await made.athrow(Failure()) == "caught"
            await made.aclose()
            assert cleaned == ["closed"]
            other = guarded()
            await anext(other)
            with pytest.raises(Failure):
                await other.athrow(Failure())
            third = guarded()
            await anext(third)
            del third
            gc.collect()
            await asyncio.sleep(0.05)
            assert in_flight(run) == 0

    asyncio.run(main())
    assert outcomes(kernel) == ["cancelled", "error", "cancelled"]


def test_no_context_is_set_while_a_generator_waits(kernel: Kernel) -> None:
    import contextvars

    guarded = kernel.guard(generator, name="look")
    with kernel.session():
        made = guarded("x")
        before = dict(contextvars.copy_context())
        next(made)
        assert dict(contextvars.copy_context()) == before
        made.close()


def test_a_cancelled_task_is_settled_as_cancelled(kernel: Kernel) -> None:
    async def sleeps() -> None:
        act("started")
        await asyncio.sleep(60)

    async def main() -> None:
        async with kernel.session() as run:
            task = asyncio.ensure_future(kernel.guard(sleeps, name="write")())
            while not RAN:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert in_flight(run) == 0

    asyncio.run(main())
    assert outcomes(kernel) == ["cancelled"]


def test_a_task_that_is_cancelled_while_it_waits_for_the_disk_does_not_run(
    tmp_path: Path, policy: Policy
) -> None:
    async def main(kernel: Kernel) -> None:
        async with kernel.session() as run:
            task = asyncio.ensure_future(kernel.guard(coroutine, name="write")("x"))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            for _ in range(200):
                if in_flight(run) == 0:
                    break
                await asyncio.sleep(0.01)
            assert in_flight(run) == 0

    with Kernel(tmp_path, policy=policy) as kernel:
        asyncio.run(main(kernel))
        assert outcomes(kernel) == ["cancelled"]
    assert RAN == []


def test_an_outcome_that_cannot_be_recorded_does_not_hide_the_exception(kernel: Kernel) -> None:
    def closes() -> None:
        kernel.close()
        raise Failure

    run = kernel.open_run()
    with pytest.raises(Failure) as raised:
        run.guard(closes, name="look")()
    assert any("could not be recorded" in note for note in raised.value.__notes__)


def test_a_list_and_a_dict_of_functions_are_guarded(kernel: Kernel) -> None:
    with kernel.session():
        named = kernel.guard_all({"look": sync, "unknown": sync})
        assert named["look"]("x") == "x"
        with pytest.raises(PolicyDenied):
            named["unknown"]("y")
        listed = kernel.open_run().guard_all([sync], name="look")
        assert listed[0]("z") == "z"
    assert RAN == ["x", "z"]


def test_a_permit_is_a_block(kernel: Kernel) -> None:
    async def main(run: Run) -> None:
        async with await run.authorize_async("write", {"a": 1}) as permit:
            assert permit.state == "started"
        with pytest.raises(Failure):
            async with await run.authorize_async("write"):
                raise Failure
        permit = await run.authorize_async("pay", amount={"micro": 1, "currency": "EUR"})
        await permit.start_async()
        assert await permit.settle_async("ok", result={"a": [1]}) is not None
        await (await run.authorize_async("send")).release_async()
        with pytest.raises(PolicyDenied):
            await run.authorize_async("unknown")

    with kernel.session() as run:
        with run.authorize("write") as permit:
            pass
        assert permit.state == "settled"
        with pytest.raises(Failure), run.authorize("write"):
            raise Failure
        with run.authorize("look") as permit:
            permit.settle("error")
        asyncio.run(main(run))
        run.decide("write")
        assert in_flight(run) == 0
    assert outcomes(kernel) == ["ok", "error", "error", "ok", "error", "ok"]
