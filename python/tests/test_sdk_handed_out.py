"""Functions that hand out work instead of doing it: what is to be awaited belongs to the call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import pytest
from talos import Kernel
from test_sdk_guard import Failure, in_flight, outcomes

RAN: list[object] = []


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    RAN.clear()


async def coroutine(what: object) -> object:
    """Acts, after a turn of the loop."""
    await asyncio.sleep(60 if what == "slow" else 0)
    RAN.append(what)
    if what == "fail":
        raise Failure
    return what


def generator(what: object) -> Generator[object, None, None]:
    RAN.append(what)
    yield what


async def async_generator(what: object) -> AsyncGenerator[object, object]:
    RAN.append(what)
    yield what


class Lazy:
    """Something else that can be awaited."""

    def __await__(self) -> Generator[Any, None, object]:
        return coroutine("x").__await__()


def spawn(what: object) -> asyncio.Task[object]:
    return asyncio.ensure_future(coroutine(what))


@pytest.mark.parametrize("make", [spawn, lambda _: Lazy(), coroutine], ids=["task", "lazy", "coroutine"])
def test_what_a_function_hands_out_to_await_is_awaited_inside_the_call(kernel: Kernel, make: Any) -> None:
    async def main() -> None:
        with kernel.session() as run:
            made = kernel.guard(lambda what: make(what), name="write")("x")
            assert in_flight(run) == 1
            assert await made == "x"
            assert in_flight(run) == 0

    asyncio.run(main())
    assert RAN == ["x"]
    assert outcomes(kernel) == ["ok"]


def test_a_task_that_a_function_hands_out_settles_though_nobody_awaits_it(kernel: Kernel) -> None:
    async def main() -> None:
        with kernel.session() as run:
            guarded = kernel.guard(spawn, name="write")
            guarded("x")
            failing, stopped = guarded("fail"), guarded("slow")
            assert asyncio.isfuture(failing)
            stopped.cancel()
            with pytest.raises(Failure):
                await failing
            with pytest.raises(asyncio.CancelledError):
                await stopped
            while in_flight(run):
                await asyncio.sleep(0.001)

    asyncio.run(main())
    assert RAN == ["x", "fail"]
    assert sorted(outcomes(kernel)) == ["cancelled", "error", "ok"]


async def call_in_loop(guarded: Any, what: object) -> None:
    await guarded(what)


async def handed_out(what: object) -> object:
    return async_generator(what)


HANDED_OUT: dict[str, Callable[..., Any]] = {
    "generator": lambda what: generator(what),
    "async generator": lambda what: async_generator(what),
    "generator of a coroutine": handed_out,
}


@pytest.mark.parametrize("make", HANDED_OUT.values(), ids=HANDED_OUT)
def test_a_generator_that_is_handed_out_is_refused_because_nothing_has_run(kernel: Kernel, make: Any) -> None:
    async def main() -> None:
        with kernel.session() as run:
            with pytest.raises(TypeError, match="guard the generator function"):
                await call_in_loop(kernel.guard(make, name="write"), "x")
            assert in_flight(run) == 0

    asyncio.run(main())
    assert RAN == []
    assert outcomes(kernel) == ["error"]
