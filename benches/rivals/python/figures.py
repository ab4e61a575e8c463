"""Rows of a comparison: medians with their spread.

Differences and ratios are taken round by round, so that both sides of one had the same noise.
"""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Key:
    """A case of one participant."""

    participant: str
    case: str

    def __str__(self) -> str:
        return f"{self.participant}:{self.case}"


@dataclass(frozen=True)
class Row:
    """One line of a table: `beyond` is subtracted from it, `against` it is divided by, in the same round."""

    label: str
    key: Key
    beyond: Key | None = None
    against: Key | None = None


@dataclass(frozen=True)
class Table:
    title: str
    rows: list[Row]


@dataclass
class Samples:
    """Nanoseconds (or bytes, for sizes) of every case, one a round."""

    unit: str = "ns"
    values: dict[Key, list[float]] = field(default_factory=dict)

    def add(self, key: Key, value: float) -> None:
        self.values.setdefault(key, []).append(value)


@dataclass(frozen=True)
class Spread:
    """The median and the quarters around it."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        if len(values) < 3:
            return cls(min(values), statistics.median(values), max(values))
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(low, median, high)


def in_words(value: float, unit: str) -> str:
    """Nanoseconds or bytes in the unit that a person reads."""
    if unit == "bytes":
        return f"{value / 1e6:.2f} MB" if abs(value) >= 1e6 else f"{value / 1e3:.1f} kB"
    if unit != "ns":
        return f"{value:.0f}"
    for size, name in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
        if abs(value) >= size:
            return f"{value / size:.3g} {name}"
    return f"{value:.0f} ns"


@dataclass(frozen=True)
class Beyond:
    """What a row takes beyond another: by the medians, and by the least, which noise can only raise."""

    median: float
    least: float

    @classmethod
    def of(cls, mine: list[float], theirs: list[float]) -> Beyond:
        differences = [a - b for a, b in zip(mine, theirs, strict=True)]
        return cls(statistics.median(differences), min(mine) - min(theirs))


def _derived(row: Row, samples: Samples) -> tuple[Beyond | None, Spread | None]:
    """What the row takes beyond another, and how many times another it takes."""
    mine = samples.values[row.key]
    beyond = ratio = None
    if row.beyond and row.beyond in samples.values:
        beyond = Beyond.of(mine, samples.values[row.beyond])
    if row.against and row.against != row.key and row.against in samples.values:
        ratio = Spread.of([a / b for a, b in zip(mine, samples.values[row.against], strict=True)])
    return beyond, ratio


def show(table: Table, samples: Samples) -> list[str]:
    """The table as text: median, quarters, what it is beyond or how many times."""
    lines = [table.title]
    for row in table.rows:
        if row.key not in samples.values:
            continue
        spread = Spread.of(samples.values[row.key])
        shown = (spread.low, spread.median, spread.high, min(samples.values[row.key]))
        low, middle, high, least = (in_words(value, samples.unit) for value in shown)
        beyond, ratio = _derived(row, samples)
        more = ""
        if beyond:
            median, smallest = (in_words(value, samples.unit) for value in (beyond.median, beyond.least))
            more = f"  beyond: {median}, of the least {smallest}"
        more += f"  {ratio.median:.3g} x ({ratio.low:.3g} to {ratio.high:.3g})" if ratio else ""
        between = f"  ({low} to {high}, least {least})" if spread.low != spread.high else ""
        lines.append(f"  {row.label:<62} {middle:>9}{between}{more}")
    return lines if len(lines) > 1 else []


def lines_of_json(table: Table, samples: Samples) -> list[str]:
    """The same for machines, a row a line, unrounded."""
    lines = []
    for row in table.rows:
        if row.key not in samples.values:
            continue
        values = samples.values[row.key]
        spread = Spread.of(values)
        beyond, ratio = _derived(row, samples)
        record: dict[str, object] = {
            "table": table.title,
            "row": row.label,
            "key": str(row.key),
            "unit": samples.unit,
            "rounds": len(values),
            "median": spread.median,
            "low": spread.low,
            "high": spread.high,
            "least": min(values),
        }
        if row.beyond and beyond:
            record |= {
                "beyond": str(row.beyond),
                "difference": beyond.median,
                "difference_of_least": beyond.least,
            }
        if row.against and ratio:
            record |= {"against": str(row.against), "ratio": ratio.median}
        lines.append(json.dumps(record))
    return lines
