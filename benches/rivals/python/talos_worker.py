"""Talos' side in Python: the same function, the same call and the same number of rules as rival_worker.py."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import talos
from serve import NO_LOG, Case, Timed, serve

# Where the log lies, and who signs the receipts of reads: the agent, or only the log by its checkpoints.
PLACES = ("memory", "disk", "disk-log-signed")


def empty(action: str) -> None:
    """Does nothing, so that the time is the guard's."""


def policy(rules: int, effect: str) -> str:
    """Denies by default and allows so many tools by name."""
    tools = "".join(f"  - {{name: tool_{i}, effect: {effect}}}\n" for i in range(rules))
    return f"id: bench\nallowed_tools:\n{tools}"


@contextmanager
def kernel_at(place: str, text: str) -> Iterator[talos.Kernel]:
    """A new kernel, in memory or in a new directory."""
    rules = talos.Policy.parse(text, "yaml")
    if place == "memory":
        with talos.Kernel.in_memory(rules) as kernel:
            yield kernel
        return
    with tempfile.TemporaryDirectory(dir=os.environ.get("TALOS_BENCH_DIR")) as directory:
        if place == "disk-log-signed":
            talos.Kernel(directory, policy=rules).close()
            with (Path(directory) / "talos.toml").open("a") as configuration:
                configuration.write('sign_reads = "log"\n')
        with talos.Kernel(directory, policy=rules) as kernel:
            yield kernel


@contextmanager
def guarded(place: str, rules: int, effect: str, tool: str) -> Iterator[Timed]:
    """The empty function as a guarded tool, in a session of its own."""
    with kernel_at(place, policy(rules, effect)) as kernel, kernel.session():
        yield Timed("guard(tool)", {"guard": kernel.tool(name=tool)(empty), "tool": tool})


def allowed(place: str, effect: str, rules: int) -> Case:
    tool = f"tool_{rules // 2}"
    with guarded(place, rules, effect, tool) as timed:
        exec(timed.statement, timed.names)  # noqa: S102 - proves that it passes before it is timed
    return Case(f"guard-{place}-{effect}/{rules}", lambda: guarded(place, rules, effect, tool))


def denied(place: str, effect: str) -> Case:
    """A call that is denied, its exception caught."""

    @contextmanager
    def prepare() -> Iterator[Timed]:
        with guarded(place, 10, effect, "tool_denied") as timed:
            timed.names["denial"] = talos.Denied
            yield Timed(
                "try: guard('tool_denied')\nexcept denial: pass\nelse: raise SystemExit('not denied')",
                timed.names,
            )

    return Case(f"guard-{place}-{effect}/denied", prepare)


def decided(name: str, tool: str, arguments: dict[str, str]) -> Case:
    """`decide` and nothing else, as `bench-native` has it in Rust.

    Permits are kept while it is timed, since one that is dropped writes the receipt of its release.
    """

    @contextmanager
    def prepare() -> Iterator[Timed]:
        with kernel_at("memory", policy(1, "read")) as kernel, kernel.session() as run:
            assert run.decide(tool, arguments).allowed == (tool == "tool_0")
            kept: list[talos.Decision] = []
            names = {"run": run, "tool": tool, "arguments": arguments, "keep": kept.append}
            yield Timed("keep(run.decide(tool, arguments))", names)
            kept.clear()

    return Case(f"decide/{name}", prepare)


def one_kibibyte() -> bytes:
    """An object of 1,024 bytes for `json.canonicalize`; `bench-native` and talos.mjs make the same."""
    frame = r'{"profile":"talos","text":"\"\""}'
    return frame.replace(r"\"\"", rf"\"{'x' * (1024 - len(frame))}\"").encode()


@contextmanager
def round_trip() -> Iterator[Timed]:
    yield Timed("call('json.canonicalize', text)", {"call": talos.call, "text": one_kibibyte()})


@contextmanager
def bare() -> Iterator[Timed]:
    yield Timed("guard('tool_0')", {"guard": empty})


def main() -> None:
    cases = [
        Case("function", bare, NO_LOG),
        Case("call/1KiB", round_trip, NO_LOG),
        decided("small", "tool_0", {"action": "tool_0"}),
        decided("256B", "tool_0", {"path": "notes/2026.txt", "text": "x" * 256}),
        decided("denied", "tool_denied", {"action": "tool_0"}),
    ]
    for place in PLACES:
        for effect in ("read", "write"):
            if place == "disk-log-signed" and effect == "write":
                continue  # only reads may be signed by the log alone
            cases += [allowed(place, effect, rules) for rules in (1, 10, 100)]
            cases.append(denied(place, effect))
    serve(cases)


if __name__ == "__main__":
    main()
