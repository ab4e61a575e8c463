"""The areas that the differential covers, and how the cases are shared among them."""

from __future__ import annotations

import random
from collections.abc import Callable

import cases_approval
import cases_bundle
import cases_json
import cases_keys
import cases_log
import cases_policy
from differential import Case

# The share of each area in a hundred, and its maker.
AREAS: dict[str, tuple[int, Callable[[random.Random, int], list[Case]]]] = {
    "json": (23, cases_json.cases),
    "ed25519": (10, cases_keys.ed25519_cases),
    "envelope": (8, cases_keys.envelope_cases),
    "did": (5, cases_keys.did_cases),
    "tree": (14, cases_log.tree_cases),
    "checkpoint": (6, cases_log.checkpoint_cases),
    "receipt": (12, cases_bundle.receipt_cases),
    "bundle": (15, cases_bundle.bundle_cases),
    "approval": (5, cases_approval.cases),
    "policy": (2, cases_policy.policy_cases),
}


def area_cases(name: str, seed: int, count: int) -> list[Case]:
    """The cases of one area: the same for the same seed, whichever other areas are made."""
    share, make = AREAS[name]
    return make(random.Random(f"{seed} {name}"), max(1, count * share // 100))
