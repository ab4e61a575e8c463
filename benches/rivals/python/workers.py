"""The processes that are compared, and how they are asked."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from figures import Key, Samples

HERE = Path(__file__).resolve().parent


class Worker:
    """A process that speaks the protocol of serve.py."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self.name = name
        self._process = process
        word, *_cases = self._answer()
        if word != "ready":
            raise SystemExit(f"{name} said {word!r} and not 'ready'")

    def _answer(self) -> list[str]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with {self._process.wait()}; its errors are above")
        return line.split()

    def measure(self, case: str) -> float:
        """Nanoseconds of one call."""
        assert self._process.stdin
        self._process.stdin.write(f"{case}\n")
        self._process.stdin.flush()
        name, nanoseconds, _calls = self._answer()
        assert name == case, f"{self.name} answered {name} to {case}"
        return float(nanoseconds)


@contextmanager
def started(name: str, command: Sequence[str], scratch: Path) -> Iterator[Worker]:
    """A worker, until the block ends. `scratch` is on a disk, where temporary files may not be."""
    quiet = os.environ | {"PYTHONWARNINGS": "ignore", "NODE_NO_WARNINGS": "1"}
    quiet.setdefault("TALOS_BENCH_DIR", str(scratch))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=quiet, cwd=HERE
    ) as process:
        try:
            yield Worker(name, process)
        finally:
            assert process.stdin
            process.stdin.close()


def commands(installed: Path, built: Path, asked: set[str]) -> dict[str, list[str]]:
    """Who takes part: everybody who is asked and whose files are there.

    `installed` is what scripts/bench.sh fills, and `built` has the programs in Rust.
    """
    node = str(HERE.parent / "node")
    everybody = {
        "native": ([f"{built}/bench-native"], built / "bench-native"),
        "rules": ([f"{built}/bench-rules"], built / "bench-rules"),
        "talos-py": ([f"{installed}/talos/bin/python", "talos_worker.py"], installed / "talos/bin/python"),
        "talos-js": (
            ["node", f"{node}/talos.mjs", f"{installed}/talos-js"],
            installed / "talos-js/node_modules",
        ),
        "rival-js": (
            ["node", f"{node}/rival.mjs", f"{installed}/rival-js"],
            installed / "rival-js/node_modules",
        ),
    }
    for line in ("5.0", "4.1", "3.7"):
        python = installed / line / "bin/python"
        everybody[f"rival-{line}"] = ([str(python), "rival_worker.py"], python)
    everybody = {name: how for name, how in everybody.items() if name in asked}
    for name, (_, there) in everybody.items():
        if not there.exists():
            print(f"left out: {name}, {there} is not there")
    return {name: command for name, (command, there) in everybody.items() if there.exists()}


def rounds(everybody: dict[str, list[str]], wanted: list[Key], count: int, scratch: Path) -> Samples:
    """Every wanted case of those who take part, one after the other, and that so many times."""
    samples = Samples()
    scratch.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        workers = {name: stack.enter_context(started(name, at, scratch)) for name, at in everybody.items()}
        keys = [key for key in wanted if key.participant in workers]
        for key in keys:  # finds out how many calls to make, and is not counted
            workers[key.participant].measure(key.case)
        for _ in range(count):
            for key in keys:
                samples.add(key, workers[key.participant].measure(key.case))
    return samples
