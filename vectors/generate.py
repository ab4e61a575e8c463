"""Writes the shared vectors and their manifest; with --check compares them with what is there.

    python3 vectors/generate.py [--check]

Every answer is computed by tests/oracle, never by the program that the vectors test.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "generator"), str(HERE.parent / "tests" / "oracle")]

import make_approvals  # noqa: E402
import make_budget  # noqa: E402
import make_bundles  # noqa: E402
import make_json  # noqa: E402
import make_keys  # noqa: E402
import make_log  # noqa: E402
import make_mailbox  # noqa: E402
import make_plays  # noqa: E402
import make_receipts  # noqa: E402
import make_render  # noqa: E402
import make_session  # noqa: E402
import outside  # noqa: E402
from suite import PROBLEMS, Suite  # noqa: E402

# Folders that are written by hand, and the form of the cases in them (vectors/README.md).
BY_HAND = {"kernel": "runs", "policy": "decisions", "text": "views"}
OTHER_FORMS = {
    "policy/load.json": "mistakes",
    "policy/builtin.json": "builtin",
    "policy/operations.json": "call",
}


def suites() -> list[Suite]:
    return [
        make_json.make(),
        make_keys.ed25519_suite(),
        make_keys.envelope_suite(),
        make_keys.did_suite(),
        make_log.tree_suite(),
        make_log.checkpoint_suite(),
        make_receipts.receipt_suite(),
        make_bundles.bundle_suite(),
        *make_approvals.suites(),
        make_render.render_suite(),
        make_budget.gcra_suite(),
        make_budget.hierarchy_suite(),
        make_budget.price_suite(),
        make_budget.window_suite(),
        *make_session.suites(),
        *make_plays.suites(),
        make_mailbox.mailbox_suite(),
        *outside.suites(),
    ]


def entry(form: str, data: bytes) -> dict[str, Any]:
    """What the manifest says about a file."""
    cases, negative = count(json.loads(data))
    digest = hashlib.sha256(data).hexdigest()
    return {"cases": cases, "form": form, "negative": negative, "sha256": digest}


def count(value: dict[str, Any]) -> tuple[int, int]:
    cases = list(value.get("cases", value.get("vectors", ())))
    for group in value.get("groups", ()):
        cases += group["cases"]
    return len(cases), sum(map(is_negative, cases))


def is_negative(case: dict[str, Any]) -> bool:
    output = case.get("output", {})
    done = [result.get("ok") for result in output.get("results", ())]
    refused = (
        "error" in case or "errors" in case or False in (output.get("valid"), output.get("allowed"), *done)
    )
    if any(map(is_refused, case.get("steps", ()))):
        return True
    return refused or case.get("expect", {}).get("verdict", "allow") != "allow"


def is_refused(step: dict[str, Any]) -> bool:
    return "error" in step or step["output"].get("/decision/verdict", "allow") != "allow"


def files() -> dict[str, bytes]:
    """Every generated file with its bytes, the manifest last."""
    made = {suite.path: suite.text().encode() for suite in suites()}
    about = {path: entry("call", data) for path, data in made.items()}
    for folder, form in BY_HAND.items():
        for path in sorted((HERE / folder).glob("*.json")):
            name = f"{folder}/{path.name}"
            about[name] = entry(OTHER_FORMS.get(name, form), path.read_bytes())
    totals = {name: sum(one[name] for one in about.values()) for name in ("cases", "negative")}
    manifest = {
        "cases": totals["cases"],
        "files": dict(sorted(about.items())),
        "negative": totals["negative"],
    }
    return made | {"manifest.json": json.dumps(manifest, indent=2, sort_keys=True).encode() + b"\n"}


def present(name: str) -> bytes | None:
    path = HERE / name
    return path.read_bytes() if path.is_file() else None


def stray(made: dict[str, bytes]) -> list[str]:
    folders = (".", "outside", "approval", "budget", "session")
    found = [path for folder in folders for path in (HERE / folder).glob("*.json")]
    return sorted(name for name in (str(path.relative_to(HERE)) for path in found) if name not in made)


def main(arguments: list[str]) -> int:
    made = files()
    if PROBLEMS:
        print("\n".join(PROBLEMS), file=sys.stderr)
        return 1
    if arguments == ["--check"]:
        wrong = [
            name
            for name, data in made.items()
            if not (HERE / name).is_file() or (HERE / name).read_bytes() != data
        ]
        wrong += stray(made)
        for name in wrong:
            print(f"vectors/{name} is not what vectors/generate.py writes", file=sys.stderr)
        return 1 if wrong else 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    for name, data in made.items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
