"""Talos and its rivals in one run: `make bench`, or `bench.py target/rivals --built target/release` after it.

Every participant is a process of its own, since their dependencies do not fit together. A round measures
every row of every table once, in the order of the rows, so that those who are compared take turns; then comes
the next round. Noise of the machine hits all alike, and ratios are taken within a round.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from figures import Samples, Table, lines_of_json, show
from footprint import sizes, starts
from tables import call_tables, wanted
from workers import commands, rounds


def machine() -> str:
    """What the numbers are from, and who else was there."""
    node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, Node {node}, load {load}"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("installed", type=Path, help="where scripts/bench.sh put the environments")
    parser.add_argument("--built", type=Path, required=True, help="where bench-native and bench-rules are")
    parser.add_argument("--only", default="", help="the tables whose titles have this in them")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--starts", type=int, default=10, help="rounds of whole processes")
    parser.add_argument(
        "--json", type=Path, help="where the rows go as JSON lines; else to the end of the output"
    )
    return parser.parse_args()


def main() -> None:
    given = arguments()
    print(machine(), flush=True)
    installed = given.installed.resolve()
    tables = [table for table in call_tables() if given.only in table.title]
    keys = wanted(tables)
    everybody = commands(installed, given.built.resolve(), {key.participant for key in keys})
    samples = rounds(everybody, keys, given.rounds, installed / "scratch")
    measured: list[tuple[Table, Samples]] = [(table, samples) for table in tables]
    if not given.only:
        measured += [starts(installed, given.starts), sizes(installed)]
    print(
        f"{given.rounds} rounds; median (quarters, least), and the median of what is compared round by round"
    )
    for table, values in measured:
        if lines := show(table, values):
            print("\n".join(["", *lines]))
    rows = [line for table, values in measured for line in lines_of_json(table, values)]
    if given.json:
        given.json.write_text("\n".join(rows) + "\n")
    else:
        print("", *rows, sep="\n")
    print(f"\nafterwards: {machine()}")


if __name__ == "__main__":
    main()
