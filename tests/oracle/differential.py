"""Runs random cases through another implementation, as a black box, and compares answers with the oracle's.

The other implementation is a program: `PROGRAM call OPERATION --lines` reads a JSON request on each line and
writes a JSON answer on each line, the result or a problem document (RFC 9457) with a `code`.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from canonical import RFC8785, Value, canonical, parse
from contract import object_of
from refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT_PROGRAM = ROOT / "target" / "debug" / "talos"
DEFAULT_CASES = 2000
WIRE = replace(RFC8785, name="wire", max_bytes=1 << 28, max_depth=256)
COUNTERS = ("size", "index")

# result: a result with these members; answer: {"valid": false, "reason": code}; problem: a problem document;
# refusal: either of the two, where the specification does not say which.
Form: TypeAlias = Literal["result", "answer", "problem", "refusal"]


@dataclass(frozen=True)
class Expected:
    """What the specification demands of an answer."""

    form: Form
    codes: frozenset[str] = frozenset()
    members: dict[str, Value] = field(default_factory=dict)
    absent: tuple[str, ...] = ()


def result(**members: Value) -> Expected:
    return Expected("result", members=members)


def valid(**members: Value) -> Expected:
    return Expected("result", members={"valid": True, **members}, absent=("reason",))


def invalid(*codes: str) -> Expected:
    return Expected("answer", frozenset(codes))


def problem(*codes: str) -> Expected:
    return Expected("problem", frozenset(codes))


def refusal(*codes: str) -> Expected:
    return Expected("refusal", frozenset(codes))


@dataclass(frozen=True)
class Case:
    operation: str
    note: str
    request: dict[str, Value]
    expected: Expected
    escaped: bool = False  # whether the request is sent in ASCII


def difference(expected: Expected, answer: Value) -> str | None:
    """What is wrong with an answer, or None."""
    if not isinstance(answer, dict):
        return "the answer is not an object"
    code = answer.get("code") if "type" in answer and "title" in answer else None
    if expected.form == "result" and code is not None:
        return f"a problem, {code}, where a result was expected"
    if expected.form == "problem" and code is None:
        return "a result where a problem was expected"
    if expected.form == "answer" and code is not None:
        return f"a problem, {code}, where a verdict was expected"
    if code is not None:
        return _problem_difference(expected, answer)
    if expected.form in ("answer", "refusal"):
        if answer.get("valid") is not False:
            return f"not refused; expected {names(expected.codes)}"
        if answer.get("reason") not in expected.codes:
            return f"reason {answer.get('reason')}; expected {names(expected.codes)}"
    for name in expected.absent:
        if name in answer:
            return f"the member {name} should be absent"
    for name, value in expected.members.items():
        if name not in answer or _comparable(name, answer[name]) != _comparable(name, value):
            return f"{name} differs; expected {shortened(canonical(value), 300)}"
    return None


def _problem_difference(expected: Expected, answer: dict[str, Value]) -> str | None:
    code = answer["code"]
    if code not in expected.codes:
        return f"problem {code}; expected {names(expected.codes)}"
    if answer["type"] != f"urn:talos:error:{code}" or not isinstance(answer.get("status"), int):
        return "the problem document is not of its contract"
    return None


def _comparable(name: str, value: Value) -> bytes:
    """Counters are integers, or decimal strings: the number is what counts."""
    if name in COUNTERS and isinstance(value, str) and value.isdecimal():
        value = int(value)
    if name in COUNTERS and isinstance(value, int):
        return b"%d" % value
    return canonical(value)


def names(codes: frozenset[str]) -> str:
    return " or ".join(sorted(codes))


def shortened(data: bytes, length: int) -> str:
    text = data.decode("utf-8", "replace")
    return text if len(text) <= length else f"{text[:length]}... ({len(data)} bytes)"


def request_line(case: Case) -> bytes:
    line = canonical(case.request)
    if not case.escaped:
        return line
    units = line.decode("utf-8").encode("utf-16-be")
    codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    return "".join(chr(code) if code < 0x80 else f"\\u{code:04x}" for code in codes).encode("ascii")


def call(program: Sequence[str], operation: str, lines: Sequence[bytes]) -> list[Value]:
    """The answers of the program to requests of one operation."""
    done = subprocess.run(
        [*program, "call", operation, "--lines"],
        input=b"".join(line + b"\n" for line in lines),
        capture_output=True,
        check=False,
        timeout=600,
    )
    answers = done.stdout.removesuffix(b"\n").split(b"\n") if done.stdout else []
    if done.returncode < 0 or len(answers) != len(lines):
        trouble = shortened(done.stderr, 2000)
        raise AssertionError(
            f"{operation}: {len(answers)} answers to {len(lines)} requests, exit {done.returncode}: {trouble}"
        )
    return [_read_answer(operation, answer) for answer in answers]


def _read_answer(operation: str, answer: bytes) -> Value:
    try:
        return parse(answer, WIRE)
    except Refusal as refused:
        raise AssertionError(
            f"{operation}: an answer is not JSON ({refused.code}): {shortened(answer, 500)}"
        ) from None


def call_one(
    program: Sequence[str], operation: str, requests: Sequence[dict[str, Value]]
) -> list[dict[str, Value]]:
    """The results of requests that must all succeed."""
    results = []
    for answer in call(program, operation, [canonical(request) for request in requests]):
        found = object_of(answer)
        if "code" in found:
            raise AssertionError(f"{operation}: {shortened(canonical(found), 1000)}")
        results.append(found)
    return results


def compare(program: Sequence[str], cases: Sequence[Case]) -> list[str]:
    """Run the cases, and describe each difference."""
    differences = []
    for operation in sorted({case.operation for case in cases}):
        asked = [case for case in cases if case.operation == operation]
        lines = [request_line(case) for case in asked]
        for case, line, answer in zip(asked, lines, call(program, operation, lines), strict=True):
            found = difference(case.expected, answer)
            if found is not None:
                differences.append(
                    f"{operation} [{case.note}]: {found}\n  request: {shortened(line, 1500)}\n"
                    f"  answer:  {shortened(canonical(answer), 600)}"
                )
    return differences


def settings() -> tuple[int, int]:
    """The seed and the number of cases of this run."""
    seed = os.environ.get("TALOS_ORACLE_SEED")
    cases = int(os.environ.get("TALOS_ORACLE_CASES", DEFAULT_CASES))
    return int(seed) if seed else random.SystemRandom().randrange(2**32), cases


def report(differences: Sequence[str], seed: int, count: int, most: int = 20) -> str:
    head = f"TALOS_ORACLE_SEED={seed} TALOS_ORACLE_CASES={count}: {len(differences)} differences"
    return "\n".join([head, *differences[:most]])


def main() -> int:
    """Compare all areas and print every difference."""
    from areas import AREAS, area_cases

    seed, count = settings()
    program = [os.environ.get("TALOS_BIN") or str(DEFAULT_PROGRAM)]
    differences = []
    total = 0
    for name in AREAS:
        cases = area_cases(name, seed, count)
        total += len(cases)
        differences += compare(program, cases)
    print(report(differences, seed, count, most=len(differences)))
    print(f"{total} cases", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
