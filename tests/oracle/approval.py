"""Requests for approval, answers, states and one-time codes (docs/spec/approval.md, sections 1 to 6)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import constants
import contract
import didkey
import dsse
import ed25519
from canonical import TALOS, Value, canonical, parse_canonical
from encoding import from_base64url, to_base64url
from receipt import ACTION_KINDS, EFFECTS
from refusal import Refusal

PERSON = contract.matching(contract.AGENT)
HASH = contract.hash_value
COUNT = contract.integer(0, constants.MAX_SAFE)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MAX_ATTEMPTS = 5


def _is_signing_did(text: str) -> bool:
    try:
        didkey.signing_key(text)
    except Refusal:
        return False
    return True


_DID = contract.satisfying(_is_signing_did)
_DID_URL = contract.satisfying(lambda text: didkey.signing_key_of_url(text) is not None)
_RULES = contract.array(
    contract.members(
        {
            "id": contract.string(1, 64),
            "quorum": contract.integer(1, 16),
            "approvers": contract.array(contract.members({"name": PERSON, "key": _DID}, ("name",)), 64),
        },
        ("id", "quorum", "approvers"),
    ),
    16,
)
ABOUT: dict[str, contract.Reader] = {
    "run": contract.matching(contract.UUID),
    "actor": _DID,
    "principal": contract.string(1, 512),
    "kind": contract.one_of(*ACTION_KINDS),
    "target": contract.string(1, 512),
    "effect": contract.one_of(*EFFECTS),
    "tool_hash": HASH,
    "args_digest": HASH,
    "amount": contract.members(
        {"micro": COUNT, "currency": contract.matching(contract.CURRENCY)}, ("micro", "currency")
    ),
    "tokens": COUNT,
    "model": contract.string(1, 128),
    "key_id": contract.string(1, 128),
    "consent": contract.boolean,
    "kyc": contract.boolean,
    "policy": contract.members({"id": contract.string(1, 64), "hash": HASH}, ("id", "hash")),
    "rules": _RULES,
}
ABOUT_REQUIRED = ("run", "actor", "kind", "target", "effect", "args_digest", "policy", "rules")
_REQUEST = contract.members(
    {"typ": contract.typ(constants.REQUEST_TYP), "iss": _DID_URL}
    | ABOUT
    | {"iat": COUNT, "expires": COUNT, "nonce": contract.salt_value},
    ("typ", "iss", *ABOUT_REQUIRED, "iat", "expires", "nonce"),
)
_GRANT = contract.members(
    {
        "typ": contract.typ(constants.GRANT_TYP),
        "iss": _DID_URL,
        "approval": HASH,
        "name": PERSON,
        "response": contract.one_of("grant", "deny"),
        "iat": COUNT,
        "note": contract.string(1, 1024),
    },
    ("typ", "iss", "approval", "name", "response", "iat"),
)

Body = dict[str, Value]


def number(body: Body, name: str) -> int:
    value = body[name]
    assert isinstance(value, int)
    return value


def text(body: Body, name: str) -> str:
    return contract.text_of(body[name])


def objects(body: Body, name: str) -> list[Body]:
    return [contract.object_of(one) for one in contract.array_of(body[name])]


def approval_id(envelope: dsse.Envelope) -> bytes:
    return hashlib.sha256(constants.APPROVAL + b"\x00" + envelope.message).digest()


def _body(envelope: dsse.Envelope, media_type: str) -> Value:
    if envelope.payload_type != media_type:
        raise Refusal("signature.payload_type")
    return parse_canonical(envelope.payload, TALOS)


def id_of(value: Value) -> bytes:
    """The id of what an envelope holds, unverified."""
    envelope = dsse.read(value)
    _body(envelope, constants.REQUEST_MEDIA_TYPE)
    return approval_id(envelope)


@dataclass(frozen=True)
class Request:
    """A request that is verified."""

    body: Body
    envelope: dsse.Envelope

    @property
    def id(self) -> str:
        return to_base64url(approval_id(self.envelope))

    @property
    def issuer(self) -> str:
        return text(self.body, "iss").partition("#")[0]

    def people(self) -> dict[str, str | None]:
        """The key of everybody whom a rule names; None for a one-time code."""
        return {
            text(person, "name"): text(person, "key") if "key" in person else None
            for rule in objects(self.body, "rules")
            for person in objects(rule, "approvers")
        }


def verify_request(value: Value, issuer: str) -> Request:
    """Section 3."""
    didkey.signing_key(issuer)
    envelope = dsse.read(value)
    parsed = _body(envelope, constants.REQUEST_MEDIA_TYPE)
    _REQUEST(parsed)
    request = Request(contract.object_of(parsed), envelope)
    _check_rules(request.body)
    dsse.check_signatures(envelope, text(request.body, "iss"))
    if request.issuer != issuer:
        raise Refusal("trust.issuer_unknown")
    return request


def _check_rules(body: Body) -> None:
    """Section 3, step 3: what the members say about one another."""
    rules = objects(body, "rules")
    names = [text(rule, "id") for rule in rules]
    keys: dict[str, str | None] = {}
    owners: dict[str, str] = {}
    good = number(body, "expires") > number(body, "iat") and len(set(names)) == len(names) > 0
    for rule in rules:
        people = objects(rule, "approvers")
        here = [text(person, "name") for person in people]
        good &= len(set(here)) == len(here) > 0
        for name, person in zip(here, people, strict=True):
            key = text(person, "key") if "key" in person else None
            good &= keys.setdefault(name, key) == key
            if key is not None:
                good &= owners.setdefault(key, name) == name
    if not good:
        raise Refusal("malformed.value")


def verify_grant(value: Value, request: Request) -> Body:
    """Section 4."""
    envelope = dsse.read(value)
    parsed = _body(envelope, constants.GRANT_MEDIA_TYPE)
    _GRANT(parsed)
    body = contract.object_of(parsed)
    dsse.check_signatures(envelope, text(body, "iss"))
    if body["approval"] != request.id:
        raise Refusal("approval.mismatch")
    signer = text(body, "iss").partition("#")[0]
    people = request.people()
    name = text(body, "name")
    if signer == request.issuer:
        if name not in people or people[name] is not None:
            raise Refusal("approval.own_request")
    elif signer == request.body["actor"]:
        raise Refusal("approval.own_request")
    elif name not in people or people[name] != signer:
        raise Refusal("approval.not_approver")
    if not number(request.body, "iat") <= number(body, "iat") < number(request.body, "expires"):
        raise Refusal("approval.expired")
    return body


def state(request: Request, grants: Sequence[Body], now: int) -> dict[str, Value]:
    """Section 5: the state, and what goes with it."""
    said = {
        word: {text(one, "name") for one in grants if one["response"] == word} for word in ("grant", "deny")
    }
    if said["deny"]:
        return {"state": "denied", "denied_by": min(said["deny"])}
    if now >= number(request.body, "expires"):
        return {"state": "expired"}
    askers = (request.issuer, text(request.body, "actor"))
    missing: list[Value] = []
    for rule in objects(request.body, "rules"):
        people = objects(rule, "approvers")
        have = [one for one in people if text(one, "name") in said["grant"]]
        lacking = number(rule, "quorum") - len(have)
        if lacking > 0:
            able: list[Value] = [
                one["name"] for one in people if one not in have and one.get("key") not in askers
            ]
            missing.append({"rule": rule["id"], "people": lacking, "approvers": able})
    return {"state": "pending", "missing": missing} if missing else {"state": "granted"}


def matches(request: Request, about: Body) -> bool:
    """Section 2: whether the request is for exactly this."""
    asked = {name: value for name, value in request.body.items() if name in ABOUT}
    return canonical(_ordered(asked)) == canonical(_ordered(about))


def _ordered(about: Body) -> Body:
    rules: list[Value] = []
    for rule in sorted(objects(about, "rules"), key=lambda one: text(one, "id")):
        people: list[Value] = [*sorted(objects(rule, "approvers"), key=lambda one: text(one, "name"))]
        rules.append(rule | {"approvers": people})
    return about | {"rules": rules}


def verify(request: Value, issuer: str, now: int, grants: Sequence[Value], about: Body | None) -> Value:
    """The answer of `approval.verify` to a request that verifies."""
    found = verify_request(request, issuer)
    good: list[Body] = []
    errors: list[Value] = []
    for index, value in enumerate(grants):
        try:
            good.append(verify_grant(value, found))
        except Refusal as refused:
            errors.append({"index": index, "code": refused.code})
    answer: Body = {"valid": True, "approval": found.id}
    answer |= state(found, good, now)
    if errors:
        answer |= {"errors": errors, "reason": contract.object_of(errors[0])["code"], "valid": False}
    if about is not None and not matches(found, about):
        answer |= {"reason": "approval.mismatch", "valid": False}
    return answer


# --- One-time codes ---------------------------------------------------------------------------------


def code_of(entropy: bytes) -> str:
    bits = int.from_bytes(entropy, "big")
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(35, -1, -5))


def read_code(typed: str) -> str | None:
    """What a person meant, or None."""
    plain = "".join(c for c in typed if c not in " -")
    plain = "".join(c.upper() if c.isascii() else c for c in plain)
    plain = plain.translate(str.maketrans("OIL", "011"))
    fits = len(plain) == 8 and all(c in ALPHABET for c in plain)
    return plain if fits and len(typed.encode()) <= 32 else None


def lock(seed: bytes, approval: bytes, name: str, code: str) -> bytes:
    key = hmac.new(seed, constants.CODE_KEY + b"\x00", hashlib.sha256).digest()
    bound = approval + name.encode() + b"\x00" + code.encode()
    digest = hashlib.sha256(constants.CODE + b"\x00" + bound).digest()
    return hmac.new(key, constants.CODE_LOCK + b"\x00" + digest, hashlib.sha256).digest()


def check_code(
    request: Request, seed: bytes, name: str, typed: str, kept: bytes, tries: int, now: int
) -> Value:
    people = request.people()
    if name not in people or people[name] is not None:
        return {"valid": False, "reason": "approval.not_approver", "attempts": tries}
    if now >= number(request.body, "expires"):
        return {"valid": False, "reason": "approval.expired", "attempts": tries}
    if tries >= MAX_ATTEMPTS:
        return {"valid": False, "reason": "approval.code_locked", "attempts": tries}
    code = read_code(typed)
    given = from_base64url(request.id)
    assert given is not None
    if code is None or lock(seed, given, name, code) != kept:
        return {"valid": False, "reason": "approval.code_wrong", "attempts": tries + 1}
    return {"valid": True, "attempts": tries + 1}


# --- Makers -----------------------------------------------------------------------------------------


def check_grant(body: Value) -> None:
    _GRANT(body)


def signed(seed: bytes, body: Value, media_type: str) -> dsse.Envelope:
    payload = canonical(body)
    url = didkey.Key("ed25519", ed25519.public_key_of(seed)).url
    return dsse.Envelope(
        media_type, payload, ((url, ed25519.sign(seed, dsse.signed_message(media_type, payload))),)
    )


def grant_body(
    seed: bytes, approval: str, name: str, response: str, iat: int, note: str | None = None
) -> Body:
    body: Body = {
        "typ": constants.GRANT_TYP,
        "iss": didkey.Key("ed25519", ed25519.public_key_of(seed)).url,
        "approval": approval,
        "name": name,
        "response": response,
        "iat": iat,
    }
    return body if note is None else body | {"note": note}
