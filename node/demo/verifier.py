"""Verifies bundles with the Python package: `[[file, {log_keys, issuers}], ...]` in, answers out, as JSON."""

import json
import sys
from pathlib import Path

from talos import Bundle, Malformed


def answer(file: str, trust: dict[str, list[str]]) -> dict[str, object]:
    try:
        found = Bundle.parse(Path(file).read_bytes()).verify(**trust)
    except Malformed as error:
        # Not even a text.
        return {"valid": False, "reason": error.code}
    return {"valid": found.valid, "reason": found.reason}


print(json.dumps([answer(file, trust) for file, trust in json.load(sys.stdin)]))
