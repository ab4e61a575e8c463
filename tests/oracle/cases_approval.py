"""Random requests for approval with right and wrong answers, and one-time codes."""

from __future__ import annotations

import random
from collections.abc import Callable

import approval
import constants
from build import key_of
from canonical import Value
from differential import Case, Expected, invalid, result, valid
from encoding import to_base64url
from refusal import Refusal

Body = dict[str, Value]

SEEDS = [bytes([number]) * 32 for number in range(21, 29)]
KERNEL, AGENT, STRANGER = SEEDS[:3]
PEOPLE = {f"person{number}": seed for number, seed in enumerate(SEEDS[3:])}
CODED = ("dora", "emil")
BEGIN, END = 1_000_000, 1_900_000


def random_request(source: random.Random) -> Body:
    body: Body = {
        "typ": constants.REQUEST_TYP,
        "iss": key_of(KERNEL).url,
        "run": "01890a5d-ac96-774b-bcce-b302099a8057",
        "actor": key_of(source.choice((AGENT, KERNEL))).did,
        "kind": "tool_call",
        "target": source.choice(("t", "\u00e9" * 512, "a.b")),
        "effect": source.choice(("write", "spend", "irreversible")),
        "args_digest": to_base64url(source.randbytes(32)),
        "policy": {"id": "p", "hash": to_base64url(source.randbytes(32))},
        "rules": [random_rule(source, f"rule {number}") for number in range(source.randrange(1, 4))],
        "iat": BEGIN,
        "expires": END,
        "nonce": to_base64url(source.randbytes(16)),
    }
    if source.random() < 0.5:
        body["amount"] = {"micro": source.randrange(2**53), "currency": "EUR"}
    if source.random() < 0.5:
        body["principal"] = "p\u00e9ter"
    facts: Body = {"tokens": 7, "model": "m\u00e9", "key_id": "k", "consent": True, "kyc": False}
    body |= {name: value for name, value in facts.items() if source.random() < 0.5}
    return body


def random_rule(source: random.Random, name: str) -> Value:
    people: list[Value] = [{"name": who, "key": key_of(seed).did} for who, seed in PEOPLE.items()]
    people += [{"name": who} for who in CODED]
    people.append({"name": "agent", "key": key_of(AGENT).did})
    chosen = source.sample(people, source.randrange(1, len(people)))
    return {"id": name, "quorum": source.randrange(1, 4), "approvers": chosen}


def random_grant(source: random.Random, of: str) -> Value:
    name = source.choice((*PEOPLE, *CODED, "agent", "nobody"))
    right = PEOPLE.get(name, AGENT if name == "agent" else KERNEL)
    seed = right if source.random() < 0.9 else source.choice(SEEDS)
    answers = to_base64url(source.randbytes(32)) if source.random() < 0.05 else of
    iat = source.randrange(BEGIN, END) if source.random() < 0.9 else source.choice((BEGIN - 1, END, 0))
    response = "grant" if source.random() < 0.85 else "deny"
    body = approval.grant_body(seed, answers, name, response, iat)
    return approval.signed(seed, body, constants.GRANT_MEDIA_TYPE).value()


def verification(source: random.Random) -> Case:
    body = random_request(source)
    envelope = approval.signed(KERNEL, body, constants.REQUEST_MEDIA_TYPE)
    of = to_base64url(approval.approval_id(envelope))
    grants = [random_grant(source, of) for _ in range(source.randrange(6))]
    about = {name: value for name, value in body.items() if name in approval.ABOUT}
    if source.random() < 0.1:
        about |= source.choice(({"target": "another"}, {"model": "dear"}, {"consent": False}))
    now = source.choice((BEGIN, END - 1, END))
    request: Body = {
        "request": envelope.value(),
        "issuer": key_of(KERNEL if source.random() < 0.95 else STRANGER).did,
        "now_ms": now,
        "grants": list(grants),
        "about": about,
    }
    try:
        found = approval.verify(request["request"], str(request["issuer"]), now, grants, about)
    except Refusal as refused:
        return Case("approval.verify", "a request", request, invalid(refused.code))
    assert isinstance(found, dict)
    absent = tuple(name for name in ("missing", "denied_by", "errors", "reason") if name not in found)
    expected = Expected("result", members=found, absent=absent)
    return Case("approval.verify", "a request with answers", request, expected)


def identity(source: random.Random) -> Case:
    envelope = approval.signed(KERNEL, random_request(source), constants.REQUEST_MEDIA_TYPE)
    expected = result(approval=to_base64url(approval.approval_id(envelope)))
    return Case("approval.id", "an id", {"request": envelope.value()}, expected)


def signature(source: random.Random) -> Case:
    seed, of, iat = source.randbytes(32), to_base64url(source.randbytes(32)), source.randrange(2**53)
    request: Body = {
        "seed": to_base64url(seed),
        "approval": of,
        "name": "a-b_9",
        "response": "deny",
        "iat": iat,
    }
    note = source.choice((None, "because", "\U0001f600" * 1024))
    if note is not None:
        request["note"] = note
    made = approval.signed(
        seed, approval.grant_body(seed, of, "a-b_9", "deny", iat, note), constants.GRANT_MEDIA_TYPE
    )
    return Case("approval.sign", "an answer", request, result(grant=made.value()))


def code(source: random.Random) -> Case:
    seed, of, entropy = source.randbytes(32), source.randbytes(32), source.randbytes(5)
    made = approval.code_of(entropy)
    kept = to_base64url(approval.lock(seed, of, "dora", made))
    request: Body = {
        "seed": to_base64url(seed),
        "approval": to_base64url(of),
        "name": "dora",
        "entropy": to_base64url(entropy),
    }
    return Case("approval.make_code", "a code", request, result(code=made, lock=kept))


def attempt(source: random.Random) -> Case:
    body = random_request(source)
    body["rules"] = [{"id": "r", "quorum": 1, "approvers": [{"name": "dora"}]}]
    envelope = approval.signed(KERNEL, body, constants.REQUEST_MEDIA_TYPE)
    right = approval.code_of(source.randbytes(5))
    typed = right if source.random() < 0.6 else source.choice((right[::-1], right[:-1], right.lower(), ""))
    kept = approval.lock(KERNEL, approval.approval_id(envelope), "dora", right)
    tries, now = source.randrange(7), source.choice((BEGIN, END))
    request: Body = {
        "seed": to_base64url(KERNEL),
        "request": envelope.value(),
        "name": "dora",
        "code": typed,
        "lock": to_base64url(kept),
        "attempts": tries,
        "now_ms": now,
    }
    found = approval.check_code(approval.Request(body, envelope), KERNEL, "dora", typed, kept, tries, now)
    assert isinstance(found, dict)
    expected = valid(attempts=tries + 1) if found["valid"] else invalid(str(found["reason"]))
    return Case("approval.check_code", "an attempt", request, expected)


MAKERS: tuple[Callable[[random.Random], Case], ...] = (
    verification,
    verification,
    identity,
    signature,
    code,
    attempt,
)


def cases(source: random.Random, count: int) -> list[Case]:
    return [MAKERS[number % len(MAKERS)](source) for number in range(count)]
