"""One process of a comparison: the name of a case comes in, its time goes out, and the next process is asked.

At the start it says `ready NAME NAME ...`; then it answers each line `NAME` with `NAME NANOSECONDS CALLS`,
the time of one call and how many calls that is the mean of. `bench-native` of `benches/core` and
`benches/rivals/node/serve.mjs` speak the same.
"""

from __future__ import annotations

import sys
import timeit
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

# A measurement lasts about this long: a round of all cases is a few seconds, and a burst of noise hits
# neighbours alike.
SECONDS = 0.05
WARM_UP = 20
# More calls would fill the logs that most products here keep in memory, and measure the allocator.
MOST_CALLS = 8_000
# For what keeps nothing.
NO_LOG = 1_000_000


@dataclass(frozen=True)
class Timed:
    """A statement in `timeit`'s sense, with the names that it uses."""

    statement: str
    names: dict[str, object]


@dataclass(frozen=True)
class Case:
    """What is timed. `prepare` makes a fresh state for each round: nobody drags the log of rounds before."""

    name: str
    prepare: Callable[[], AbstractContextManager[Timed]]
    most_calls: int = MOST_CALLS


def _measure(case: Case, calls: int) -> float:
    """Seconds that `calls` calls take. `timeit` turns the garbage collector off while it measures."""
    with case.prepare() as timed:
        timer = timeit.Timer(timed.statement, globals=timed.names)
        timer.timeit(WARM_UP)
        return timer.timeit(calls)


def _calls(case: Case) -> int:
    """How many calls last about `SECONDS`."""
    calls = 16
    while (took := _measure(case, calls)) < SECONDS / 4 and calls < case.most_calls:
        calls *= 4
    return max(1, min(case.most_calls, int(calls * SECONDS / took)))


def serve(cases: list[Case]) -> None:
    """Answers until the input ends."""
    known = {case.name: case for case in cases}
    calls: dict[str, int] = {}
    print("ready", *known, flush=True)
    for line in sys.stdin:
        case = known[line.strip()]
        if case.name not in calls:
            calls[case.name] = _calls(case)
        took = _measure(case, calls[case.name])
        print(case.name, took / calls[case.name] * 1e9, calls[case.name], flush=True)
