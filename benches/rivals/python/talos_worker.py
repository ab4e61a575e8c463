"""Talos' side in Python: the same function, the same call and the same number of rules as rival_worker.py."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import talos
from rules import COUNTS, LIMIT, Rules
from serve import NO_LOG, Case, Timed, serve

# Where the log lies, and who signs the receipts of reads: the agent, or only the log by its checkpoints.
PLACES = ("memory", "disk", "disk-log-signed")


def empty(action: str) -> None:
    """Does nothing, so that the time is the guard's."""


def policy(rules: int, effect: str) -> str:
    """Denies by default and allows so many tools by name."""
    tools = "".join(f"  - {{name: tool_{i}, effect: {effect}}}\n" for i in range(rules))
    return f"id: bench\nallowed_tools:\n{tools}"


def limits(rules: Rules) -> str:
    """Tools whose arguments have a limit."""
    limits = ", ".join(f"{{arg: /{name}, kind: number, max: {LIMIT}}}" for name in rules.arguments)
    tools = "".join(f"  - {{name: t{i}, effect: read, args: [{limits}]}}\n" for i in range(rules.tools))
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


@contextmanager
def deciding(run: talos.Run, tool: str, arguments: Mapping[str, object]) -> Iterator[Timed]:
    """`decide` and nothing else, as `bench-native` has it in Rust.

    Permits are kept while it is timed, since one that is dropped writes the receipt of its release.
    """
    kept: list[talos.Decision] = []
    yield Timed(
        "keep(run.decide(tool, arguments))",
        {"run": run, "tool": tool, "arguments": arguments, "keep": kept.append},
    )
    kept.clear()


def decided(name: str, tool: str, arguments: Mapping[str, object]) -> Case:
    @contextmanager
    def prepare() -> Iterator[Timed]:
        with kernel_at("memory", policy(1, "read")) as kernel, kernel.session() as run:
            assert run.decide(tool, arguments).allowed == (tool == "tool_0")
            with deciding(run, tool, arguments) as timed:
                yield timed

    return Case(f"decide/{name}", prepare)


def ruled(place: str, count: int) -> Case:
    """`decide` of a read under so many rules."""

    @contextmanager
    def prepare() -> Iterator[Timed]:
        rules = Rules.of(count)
        with kernel_at(place, limits(rules)) as kernel, kernel.session() as run:
            assert run.decide(rules.target, rules.call()).allowed
            assert not run.decide(rules.target, rules.call(LIMIT + 1)).allowed
            with deciding(run, rules.target, rules.call()) as timed:
                yield timed

    return Case(f"rules-{place}/{count}", prepare)


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
    cases += [ruled(place, count) for place in ("memory", "disk-log-signed") for count in COUNTS]
    for place in PLACES:
        for effect in ("read", "write"):
            if place == "disk-log-signed" and effect == "write":
                continue  # only reads may be signed by the log alone
            cases += [allowed(place, effect, rules) for rules in (1, 10, 100)]
            cases.append(denied(place, effect))
    serve(cases)


if __name__ == "__main__":
    main()
