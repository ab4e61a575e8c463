"""Kernels and processes: forks, kills, and threads that run beside the kernel's work."""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import POLICY
from talos import Kernel, KernelUnavailable, Policy, Run, TalosError, call, operations
from talos._native import canonical, invoke


def codes_of(kernel: Kernel, run: Run, permit: Any) -> list[str]:
    """What an inherited handle answers."""
    ran: list[int] = []
    asks: list[Callable[[], object]] = [
        lambda: run.decide("look"),
        lambda: run.guard(ran.append, name="look")(1),
        permit.settle,
        permit.release,
        run.close,
        kernel.describe,
        kernel.open_run,
        kernel.receipts.last,
        kernel.close,
    ]
    codes = []
    for ask in asks:
        try:
            ask()
            codes.append("answered")
        except KernelUnavailable as error:
            codes.append(error.code)
    return codes + ["ran" for _ in ran]


def child(send: Any, kernel: Kernel, run: Run, permit: Any) -> None:
    send.send(codes_of(kernel, run, permit))
    del run, permit, kernel


@pytest.mark.parametrize("where", ["memory", "directory"])
def test_a_forked_kernel_is_refused_and_the_parent_goes_on(
    tmp_path: Path, policy: Policy, where: str
) -> None:
    kernel = Kernel(tmp_path, policy=policy) if where == "directory" else Kernel.in_memory(policy)
    run = kernel.open_run()
    permit = run.authorize("write")
    receive, send = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=child, args=(send, kernel, run, permit))
    process.start()
    assert receive.poll(20), "the forked process hangs"
    assert set(receive.recv()) == {"kernel.forked"}
    process.join(20)
    assert process.exitcode == 0
    with permit:
        pass
    run.close()
    assert kernel.audit.verify()["open"] == 0
    kernel.close()


def test_a_bare_fork_can_end_and_open_a_kernel_of_its_own(tmp_path: Path, policy: Policy) -> None:
    with Kernel(tmp_path, policy=policy) as kernel, kernel.session() as run:
        permit = run.authorize("write")
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                inherited = codes_of(kernel, run, permit)
                with Kernel(tmp_path, policy=policy) as own, own.session() as other:
                    other.guard(lambda: None, name="write")()
                status = 0 if set(inherited) == {"kernel.forked"} else 2
            finally:
                os._exit(status)
        deadline = time.monotonic() + 20
        ended, status = 0, 0
        while ended == 0 and time.monotonic() < deadline:
            ended, status = os.waitpid(pid, os.WNOHANG)
            time.sleep(0.01)
        assert ended == pid, "the forked process hangs"
        assert os.waitstatus_to_exitcode(status) == 0
        permit.release()
    with Kernel(tmp_path, policy=policy) as kernel:
        assert kernel.audit.verify()["open"] == 0


KILLED = """
import os, signal, sys
import talos
directory, policy, run = sys.argv[1:]
def die(): os.kill(os.getpid(), signal.SIGKILL)
with talos.Kernel(directory, policy=talos.Policy.parse(policy)) as kernel, kernel.session(run=run):
    kernel.guard(die, name="write")()
"""


def test_a_process_that_is_killed_in_a_function_ends_in_a_gap(tmp_path: Path, policy: Policy) -> None:
    with Kernel(tmp_path, policy=policy) as kernel, kernel.session() as run:
        name = run.id
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), POLICY, name], check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    with Kernel(tmp_path, policy=policy) as kernel, kernel.session(run=name):
        size = int(kernel.audit.verify()["size"])
        bodies = [kernel.receipts.at(index).body for index in range(size)]
    last = [body for body in bodies if body["kind"] == "decision"][-1]
    gaps = [body for body in bodies if body["kind"] == "gap"]
    assert len(gaps) == 1
    assert last["call"] in str(gaps[0])


def test_a_session_that_is_left_open_ends_with_its_process(tmp_path: Path, policy: Policy) -> None:
    program = """
import sys, talos
kernel = talos.Kernel(sys.argv[1], policy=talos.Policy.parse(sys.argv[2]))
run = kernel.open_run()
permit = run.authorize("write")
permit.start()
made = run.guard(lambda: (yield 1), name="write")()
next(made)
"""
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path), POLICY], check=False, timeout=60)
    assert ended.returncode == 0
    with Kernel(tmp_path, policy=policy) as kernel:
        assert int(kernel.audit.verify()["size"]) >= 3


LEAVES = """
import asyncio, sys, time, talos

class Slow(asyncio.SelectorEventLoop):
    # Whoever brings an answer is for a while in Python, without the interpreter's lock.
    def call_soon_threadsafe(self, *given, **named):
        time.sleep(0.005)
        return super().call_soon_threadsafe(*given, **named)

kernel = talos.Kernel(sys.argv[1], policy=talos.Policy.parse(sys.argv[2]))

@kernel.tool
async def write(): pass

async def main():
    run = kernel.open_run()
    calls = [asyncio.ensure_future(write.in_run(run)()) for _ in range(400)]
    await asyncio.sleep(0.003)
    raise SystemExit(0)

class Policy(asyncio.DefaultEventLoopPolicy):
    _loop_factory = Slow

asyncio.set_event_loop_policy(Policy())
asyncio.run(main())
"""


def test_a_process_may_end_while_answers_are_on_their_way(tmp_path: Path) -> None:
    for number in range(5):
        command = [sys.executable, "-c", LEAVES, str(tmp_path / str(number)), POLICY]
        ended = subprocess.run(command, capture_output=True, check=False, timeout=60)
        assert ended.returncode == 0, ended.stderr[-2000:]


def test_what_is_awaited_while_the_process_ends_is_answered(tmp_path: Path) -> None:
    program = """
import asyncio, atexit, sys, talos

async def write():
    print("ran")

async def main(run):
    await kernel.guard(write).in_run(run)()

# Hooks run in the order opposite to that of their registration: this one after those of the package.
atexit.register(lambda: asyncio.run(main(run)))
kernel = talos.Kernel(sys.argv[1], policy=talos.Policy.parse(sys.argv[2]))
run = kernel.open_run()
asyncio.run(main(run))
"""
    command = [sys.executable, "-c", program, str(tmp_path), POLICY]
    ended = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, b"ran\nran\n"), ended.stderr[-2000:]


def turns_beside(work: Callable[[], object]) -> float:
    """How often another thread gets its turn while this one works, as a share of when it is alone."""
    turns, stop = [0], threading.Event()

    def count() -> None:
        while not stop.is_set():
            turns[0] += 1

    def measure(during: Callable[[], object]) -> float:
        turns[0] = 0
        begin = time.perf_counter()
        during()
        return turns[0] / (time.perf_counter() - begin)

    counter = threading.Thread(target=count)
    counter.start()
    try:
        alone = measure(lambda: time.sleep(0.2))
        return measure(work) / alone
    finally:
        stop.set()
        counter.join()


def test_a_long_call_leaves_the_interpreter_to_other_threads() -> None:
    leaf = operations.audit.leaf_hash(entry="AA")["leaf_hash"]
    text = canonical({"leaves": [leaf] * 300_000})
    # A thread that holds the lock for the whole call leaves nothing to others, however many cores there are.
    assert any(turns_beside(lambda: call("audit.root", text)) > 0.2 for _ in range(5))


def test_two_threads_decide_beside_each_other(kernel: Kernel) -> None:
    runs = [kernel.open_run() for _ in range(2)]
    decisions = 1500

    def decide(run: Run) -> None:
        for _ in range(decisions):
            run.decide("look")

    def seconds(work: Callable[[], object]) -> float:
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    def both() -> None:
        threads = [threading.Thread(target=decide, args=(run,)) for run in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def share() -> float:
        return seconds(both) / sum(seconds(partial(decide, run)) for run in runs)

    # Without a free core nothing can be gained; with one, some of it has to be.
    if (os.cpu_count() or 1) > 1:
        assert any(share() < 0.95 for _ in range(8))


def test_waiting_for_the_disk_does_not_block_the_loop(tmp_path: Path, policy: Policy) -> None:
    turns = 0

    async def nothing() -> None:
        return

    async def watch() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def main(kernel: Kernel) -> int:
        async with kernel.session() as run:
            answer = run.authorize_async("write")
            assert not answer.done()
            (await answer).release()
            watcher = asyncio.ensure_future(watch())
            before = turns
            for _ in range(50):
                await kernel.guard(nothing, name="erase")()
            watcher.cancel()
            return turns - before

    with Kernel(tmp_path, policy=policy) as kernel:
        # Three commits a call; a loop that is blocked by them turns but a few times for each.
        assert asyncio.run(main(kernel)) > 50 * 10


def resident() -> int:
    """Bytes of this process in memory."""
    with Path("/proc/self/statm").open() as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux says how large a process is")
def test_a_million_calls_leave_nothing_behind(kernel: Kernel) -> None:
    text = json.dumps({"text": "[1.0]", "profile": "talos-data"})
    with kernel.session() as run:
        permit = run.authorize("look")

        def calls(rounds: int) -> None:
            for _ in range(rounds):
                call("json.canonicalize", text)
                canonical({"a": [1, "b", None, 1.5], "c": {"d": True}})
                canonical(["x"])
                for wrong in ({"text": "["}, {"a": object()}):
                    with contextlib.suppress(TalosError):
                        invoke("json.canonicalize", wrong)
                for _ in range(5):
                    assert permit.state == "issued"

        calls(5_000)
        before = resident()
        calls(100_000)
        assert resident() - before < 8 * 1024 * 1024
