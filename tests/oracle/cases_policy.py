"""Random policies, for the one thing in them that others must recompute: the policy hash of receipts."""

from __future__ import annotations

import hashlib
import random

import constants
from canonical import Value, canonical
from cases_json import spell
from differential import Case, valid
from encoding import to_base64url


def policy_hash(policy: Value) -> bytes:
    """docs/spec/policy.md, section 1."""
    return hashlib.sha256(constants.POLICY + b"\x00" + canonical(policy)).digest()


def random_tool(source: random.Random, name: str) -> Value:
    if source.random() < 0.5:
        return name
    rule: dict[str, Value] = {"name": name}
    if source.random() < 0.7:
        rule["effect"] = source.choice(("read", "write", "external"))
    if source.random() < 0.3:
        rule["tool_hash"] = to_base64url(source.randbytes(32))
    if source.random() < 0.3:
        rule["description"] = "é"
    if source.random() < 0.3:
        rule["only_for"] = {source.choice(("teams", "organisations", "principals")): ["é", "a"]}
    if source.random() < 0.3:
        rule["consent_required"] = source.random() < 0.5
    return rule


def random_policy(source: random.Random) -> dict[str, Value]:
    """A sound policy, without `typ` and `version`: whether those count as read, the page does not say."""
    policy: dict[str, Value] = {"id": source.choice(("a", "é" * 64, "policy-1"))}
    optional: dict[str, Value] = {
        "description": "for people",
        "allowed_tools": [random_tool(source, f"tool_{place}") for place in range(source.randrange(4))],
        "allowed_prompts": ["*"],
        "max_tool_calls_per_request": source.randrange(1, 2**40),
        "max_tokens_per_request": source.randrange(1, 2**40),
        "confidence_threshold_bp": source.randrange(10_001),
        "on_drift": source.choice(("flag", "needs_approval", "stop")),
        "mode": source.choice(("enforce", "shadow", "observe")),
        "kyc_required": source.random() < 0.5,
        "rates": [{"id": "é", "calls": source.randrange(1, 10**9), "per_seconds": 1, "by": "team"}],
    }
    if source.random() < 0.4:
        above: dict[str, Value] = {"micro": source.randrange(2**40), "currency": "EUR"}
        policy["approvers"] = [{"name": "ann"}, {"name": "bob-1"}]
        policy["approvals"] = [{"id": "a", "above": above, "quorum": source.randrange(1, 3)}]
    return policy | {name: value for name, value in optional.items() if source.random() < 0.4}


def one(source: random.Random) -> Case:
    policy = random_policy(source)
    text = spell(source, policy)
    expected = valid(hash=to_base64url(policy_hash(policy)), id=policy["id"])
    return Case("policy.check", "hash", {"text": text, "format": "json"}, expected)


def policy_cases(source: random.Random, count: int) -> list[Case]:
    return [one(source) for _ in range(count)]
