"""Collects the cases of one file, and asks the oracle for every answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import contract
import door
from canonical import Value, canonical

Case = dict[str, Value]
MARK = "<repeat>"


@dataclass(frozen=True)
class Repeat:
    """Stands for a text that is too long to be written down; {at} of the member becomes unit x times."""

    member: str
    unit: str
    times: int

    def value(self) -> dict[str, Value]:
        return {"member": self.member, "times": self.times, "unit": self.unit}

    def expand(self, request: door.Request) -> door.Request:
        text = contract.text_of(request[self.member])
        if text.count(MARK) != 1:
            raise ValueError(f"{self.member} has no place for the repetition")
        return request | {self.member: text.replace(MARK, self.unit * self.times)}


def blob(label: str, length: int = 32) -> bytes:
    """Bytes that look random and are the same every time."""
    out = b""
    while len(out) < length:
        out += hashlib.sha256(b"vectors/%s/%d" % (label.encode(), len(out))).digest()
    return out[:length]


def is_negative(case: Case) -> bool:
    output = case.get("output")
    if not isinstance(output, dict):
        return True
    results = map(contract.object_of, contract.array_of(output.get("results", [])))
    return False in (output.get("valid"), output.get("allowed"), *(one.get("ok") for one in results))


def code_of(case: Case) -> Value:
    if "error" in case:
        return case["error"]
    output = contract.object_of(case["output"])
    if "results" in output:
        failed = [contract.object_of(one) for one in contract.array_of(output["results"])]
        return next(one["code"] for one in failed if "code" in one)
    return output.get("reason")


# What the oracle says otherwise; generate.py writes nothing while there is anything in it.
PROBLEMS: list[str] = []


@dataclass
class Suite:
    """One file of vectors."""

    path: str
    about: str
    source: str | None = None
    cases: dict[str, Case] = field(default_factory=dict)
    default: str = ""  # the operation, where a case names none

    def good(
        self, name: str, request: door.Request, operation: str = "", repeat: Repeat | None = None
    ) -> str:
        """Add a positive case; its answer is the oracle's. Gives the name, for its negative siblings."""
        case = self._case(name, operation or self.default, request, repeat)
        if is_negative(case):
            PROBLEMS.append(f"{self.path}: {name}: {code_of(case)}")
        return self._add(case)

    def published(self, name: str, request: door.Request, output: Value, operation: str = "") -> str:
        """Add a positive case whose answer somebody else has published; the oracle must agree."""
        case = self._case(name, operation or self.default, request, None)
        if "output" not in case or canonical(case["output"]) != canonical(output):
            PROBLEMS.append(f"{self.path}: {name}: {canonical(dict(case))!r}")
        return self._add(case)

    def bad(
        self,
        of: str,
        code: str | None,
        what: str,
        changes: door.Request,
        repeat: Repeat | None = None,
        members: int = 1,
    ) -> None:
        """Add a negative case that differs from a positive one in one member of the input.

        The code is what the specification says; without it, what the oracle says.
        """
        sibling = self.cases[of]
        operation = contract.text_of(sibling["operation"])
        before = contract.object_of(sibling["input"])
        request = before | changes
        if len(changes) != members or (request == before and repeat is None):
            raise AssertionError(f"{self.path}: {of}, but {what}: differs in {list(changes)}")
        case = self._case(f"{of}; but {what}", operation, request, repeat)
        if not is_negative(case) or (code is not None and code_of(case) != code):
            found = code_of(case) if is_negative(case) else "valid"
            PROBLEMS.append(f"{self.path}: {of}; but {what}: {found}, expected {code}")
        case["differs_from"], case["by"] = of, what
        self._add(case)

    def either(self, of: str, name: str, changes: door.Request) -> None:
        """Add a case that differs from a positive one, and is what the oracle makes of it."""
        sibling = self.cases[of]
        request = contract.object_of(sibling["input"]) | changes
        case = self._case(name, contract.text_of(sibling["operation"]), request, None)
        if is_negative(case):
            case["differs_from"], case["by"] = of, "what happens"
        self._add(case)

    def refused(self, name: str, request: door.Request, code: str, operation: str = "") -> None:
        """Add a negative case without a sibling. Only for vectors of other people."""
        case = self._case(name, operation or self.default, request, None)
        if not is_negative(case) or code_of(case) != code:
            PROBLEMS.append(f"{self.path}: {name}: {canonical(dict(case))!r}")
        self._add(case)

    def _case(self, name: str, operation: str, request: door.Request, repeat: Repeat | None) -> Case:
        case: Case = {"name": name, "operation": operation, "input": dict(request)}
        if repeat is not None:
            case["repeat"] = repeat.value()
            request = repeat.expand(request)
        return case | door.answer(operation, request)

    def _add(self, case: Case) -> str:
        name = contract.text_of(case["name"])
        if name in self.cases:
            PROBLEMS.append(f"{self.path}: two cases are called {name!r}")
        self.cases[name] = case
        return name

    def text(self) -> str:
        """The file: one member of a case on each line, all of it ASCII."""
        head = {"about": self.about} | ({"source": self.source} if self.source else {})
        lines = [f"  {_json(name)}: {_json(value)}," for name, value in head.items()]
        cases = ",\n".join(_written(case) for case in self.cases.values())
        return "{\n" + "\n".join(lines) + '\n  "cases": [\n' + cases + "\n  ]\n}\n"


def _json(value: Value) -> str:
    """Canonical JSON in ASCII: what a reader cannot see or tell apart is escaped."""
    text = canonical(value).decode("utf-8")
    if text.isascii() and text.isprintable():
        return text
    units = text.encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(chr(code) if 0x20 <= code < 0x7F else f"\\u{code:04x}" for code in codes)


def _written(case: Case) -> str:
    order = ("name", "differs_from", "by", "operation", "input", "repeat", "output", "error")
    lines = [f"      {_json(name)}: {_json(case[name])}" for name in order if name in case]
    return "    {\n" + ",\n".join(lines) + "\n    }"
