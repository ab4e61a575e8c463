"""Sessions: however a block is left, its run is closed, and what the block raised goes on."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from talos import ContextMissing, Kernel, Run, TalosError


def is_closed(run: Run) -> bool:
    try:
        run.decide("look")
    except TalosError as error:
        return error.code == "run.closed"
    return False


@contextmanager
def raises_as_it_was(kind: type[BaseException]) -> Iterator[Any]:
    with pytest.raises(kind) as raised:
        yield raised
    assert not isinstance(raised.value.__context__, TalosError)


def test_a_run_that_the_block_has_closed_is_no_failure(kernel: Kernel) -> None:
    async def main() -> None:
        async with kernel.session() as run:
            run.close()
        with raises_as_it_was(KeyError):
            async with kernel.session() as run:
                run.close()
                raise KeyError

    with kernel.session() as run:
        run.close()
    with raises_as_it_was(KeyError), kernel.session() as run:
        run.close()
        raise KeyError
    asyncio.run(main())


def test_a_failure_to_close_does_not_hide_what_the_block_raised(policy: Any) -> None:
    async def main(kernel: Kernel) -> None:
        async with kernel.session():
            kernel.close()
            raise KeyError

    def plain(kernel: Kernel) -> None:
        with kernel.session():
            kernel.close()
            raise KeyError

    with pytest.raises(KeyError) as raised:
        plain(Kernel.in_memory(policy))
    with pytest.raises(KeyError) as later:
        asyncio.run(main(Kernel.in_memory(policy)))
    for error in (raised.value, later.value):
        assert any("could not be closed" in note for note in error.__notes__)


def test_a_failure_to_close_is_raised_where_nothing_else_is(policy: Any) -> None:
    kernel = Kernel.in_memory(policy)
    with pytest.raises(TalosError) as raised, kernel.session():
        kernel.close()
    assert raised.value.code == "kernel.closed"


def test_a_cancelled_task_stays_cancelled(kernel: Kernel) -> None:
    async def waits(run: list[Run], close: bool) -> None:
        async with kernel.session() as opened:
            run.append(opened)
            if close:
                opened.close()
            await asyncio.sleep(60)

    async def main(close: bool) -> None:
        run: list[Run] = []
        task = asyncio.ensure_future(waits(run, close))
        while not run:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()
        assert is_closed(run[0])

    for close in (False, True):
        asyncio.run(main(close))


def test_a_session_that_is_left_in_another_context_is_closed(kernel: Kernel) -> None:
    session = kernel.session()
    run = session.__enter__()
    contextvars.copy_context().run(session.__exit__, None, None, None)
    assert is_closed(run)
    # Here it is still the innermost, but it is open no more.
    with pytest.raises(ContextMissing):
        kernel.guard(len, name="look")("a")

    session = kernel.session()
    run = session.__enter__()
    thread = threading.Thread(target=session.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    assert is_closed(run)


def test_a_session_inside_a_generator_is_closed_wherever_that_is_dropped(kernel: Kernel) -> None:
    async def items(runs: list[Run]) -> Any:
        async with kernel.session() as run:
            runs.append(run)
            yield 1
            yield 2

    async def main() -> None:
        runs: list[Run] = []
        made = items(runs)
        await asyncio.create_task(anext(made))
        await made.aclose()
        assert is_closed(runs[0])

    asyncio.run(main())


def chains(kernel: Kernel) -> list[tuple[str | None, str]]:
    """The runs that were opened and closed, in order."""
    bodies = [kernel.receipts.at(index).body for index in range(int(kernel.audit.verify()["size"]))]
    return [(body.get("run"), body["kind"]) for body in bodies if body["kind"] in ("open", "close")]


async def cancelled_while_threads_are_busy(step: Coroutine[Any, Any, object], turns: int) -> None:
    """Cancels what waits for a thread, when the loop's only one has something else to do."""
    busy = threading.Event()
    threads = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(threads)
    threads.submit(busy.wait)
    task = asyncio.ensure_future(step)
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    busy.set()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_session_that_is_cancelled_while_it_opens_leaves_no_open_run(kernel: Kernel, turns: int) -> None:
    session = kernel.session()
    asyncio.run(cancelled_while_threads_are_busy(session.__aenter__(), turns))
    (run, opened), (same, closed) = chains(kernel)
    assert (same, opened, closed) == (run, "open", "close")


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_session_that_is_cancelled_while_it_closes_is_closed(kernel: Kernel, turns: int) -> None:
    session = kernel.session()
    run = session.__enter__()
    asyncio.run(cancelled_while_threads_are_busy(session.__aexit__(None, None, None), turns))
    assert is_closed(run)
    assert chains(kernel) == [(run.id, "open"), (run.id, "close")]


def test_a_closed_run_is_an_error_and_no_denial(kernel: Kernel) -> None:
    run = kernel.open_run()
    run.close()
    asks: list[Any] = [
        lambda: run.decide("look"),
        lambda: run.authorize("look"),
        lambda: run.guard(len, name="look", on_deny="return")("a"),
        lambda: run.refuse("look", "malformed.type"),
        lambda: asyncio.run(run_async(run)),
    ]
    for ask in asks:
        with pytest.raises(TalosError) as raised:
            ask()
        assert (raised.value.code, raised.value.decision) == ("run.closed", None)


async def run_async(run: Run) -> None:
    await run.authorize_async("look")
