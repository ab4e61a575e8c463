"""The receipt body, its rules, receipt ids and commitments (docs/spec/receipt.md, sections 1 to 4)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property

import constants
import contract
import dsse
from canonical import TALOS, Value, canonical, parse_canonical
from didkey import signing_key, signing_key_of_url
from refusal import Refusal

# Section 1.2: the members that a kind requires, and those that it may have besides.
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "open": ((), ("boot", "predecessor", "hb")),
    "decision": (
        ("call", "action", "verdict", "reasons", "caps"),
        ("principal", "policy", "approval", "session", "budget", "observed", "shadow", "rules"),
    ),
    "start": (("call", "ref"), ()),
    "outcome": (("call", "ref", "outcome"), ("late", "reasons", "budget", "session")),
    "release": (("call", "ref"), ()),
    "gap": (("permits",), ()),
    "standing": (("standing",), ()),
    "policy": (("policy",), ("replaces",)),
    "heartbeat": ((), ()),
    "close": (("final_seq",), ()),
}
VERDICTS = ("allow", "transform", "needs_approval", "deny")
EFFECTS = ("read", "write", "external", "spend", "irreversible")
ACTION_KINDS = ("tool_call", "resource_read", "prompt_get", "sampling", "message", "http")
SCOPE_LEVELS = ("all", "organisation", "team", "agent", "principal", "run", "tool", "model", "key")
STATUSES = ("ok", "error", "cancelled", "unknown")

_COUNT = contract.integer(0, constants.MAX_SAFE)
_CALL = contract.string(1, 128)
_CODES = contract.array(contract.matching(contract.CODE), 16)
_POLICY = contract.members({"id": contract.string(1, 64), "hash": contract.hash_value}, ("id", "hash"))
_SCOPE = contract.members(
    {"level": contract.one_of(*SCOPE_LEVELS), "name": contract.string(1, 512)}, ("level",)
)


def _is_signing_did(text: str) -> bool:
    try:
        signing_key(text)
    except Refusal:
        return False
    return True


COMMON: dict[str, contract.Reader] = {
    "typ": contract.typ(constants.RECEIPT_TYP),
    "iss": contract.satisfying(lambda text: signing_key_of_url(text) is not None),
    "log": contract.matching(contract.ORIGIN),
    "chain": contract.salt_value,
    "seq": _COUNT,
    "iat": _COUNT,
    "kind": contract.one_of(*KINDS),
    "run": contract.matching(contract.UUID),
    "actor": contract.satisfying(_is_signing_did),
    "sign": contract.one_of("self", "log"),
    "dur": contract.one_of("before_release", "after_release"),
    "salt": contract.salt_value,
}
SPECIFIC: dict[str, contract.Reader] = {
    "boot": contract.salt_value,
    "predecessor": contract.hash_value,
    "hb": contract.boolean,
    "call": _CALL,
    "ref": contract.hash_value,
    "principal": contract.string(1, 512),
    "action": contract.members(
        {
            "kind": contract.one_of(*ACTION_KINDS),
            "target": contract.string(1, 512),
            "effect": contract.one_of(*EFFECTS),
            "tool_hash": contract.hash_value,
            "args_commit": contract.hash_value,
        },
        ("kind", "target", "effect", "args_commit"),
    ),
    "verdict": contract.one_of(*VERDICTS),
    "reasons": _CODES,
    "rules": contract.array(contract.string(1, 256), 16, 1),
    "caps": contract.array(contract.hash_value, 8),
    "policy": _POLICY,
    "approval": contract.hash_value,
    "observed": contract.one_of(*VERDICTS),
    "shadow": contract.members(
        {"policy": _POLICY, "verdict": contract.one_of(*VERDICTS), "reasons": _CODES},
        ("policy", "verdict", "reasons"),
    ),
    "session": contract.members({"sid": contract.salt_value, "frame_hash": contract.hash_value}, ("sid",)),
    "outcome": contract.members(
        {"status": contract.one_of(*STATUSES), "result_commit": contract.hash_value}, ("status",)
    ),
    "budget": contract.members(
        {"tokens": _COUNT, "amount_micro": _COUNT, "currency": contract.matching(contract.CURRENCY)}, ()
    ),
    "late": contract.boolean,
    "final_seq": _COUNT,
    "permits": contract.array(
        contract.members({"call": _CALL, "ref": contract.hash_value}, ("call", "ref")), 1000
    ),
    "standing": contract.members(
        {"scope": _SCOPE, "held": contract.boolean, "why": contract.string(1, 256)}, ("scope", "held")
    ),
    "replaces": _POLICY,
}
_CONTRACT = contract.members(
    COMMON | {"prev": contract.hash_value} | SPECIFIC | {"ext": contract.any_object}, tuple(COMMON)
)


@dataclass(frozen=True)
class Receipt:
    """A receipt that is valid alone."""

    body: dict[str, Value]
    envelope: dsse.Envelope

    def text(self, name: str) -> str:
        return contract.text_of(self.body[name])

    def number(self, name: str) -> int:
        value = self.body[name]
        assert isinstance(value, int)
        return value

    @property
    def kind(self) -> str:
        return self.text("kind")

    @cached_property
    def receipt_id(self) -> bytes:
        sig = self.envelope.signatures[0][1] if self.text("sign") == "self" else b""
        return receipt_id(self.envelope.message, sig)


def receipt_id(message: bytes, sig: bytes) -> bytes:
    return hashlib.sha256(constants.RECEIPT + b"\x00" + message + sig).digest()


def read_body(payload: bytes) -> dict[str, Value]:
    """Parse a payload as a receipt body, and check the rules of section 1.3."""
    value = parse_canonical(payload, TALOS)
    _CONTRACT(value)
    body = contract.object_of(value)
    kind = contract.text_of(body["kind"])
    required, optional = KINDS[kind]
    if any(name not in body for name in required):
        raise Refusal("receipt.kind_members")
    if any(name in body and name not in required + optional for name in SPECIFIC):
        raise Refusal("receipt.kind_members")
    if (body["seq"] == 0) != (kind == "open"):
        raise Refusal("receipt.seq")
    if ("prev" in body) != (body["seq"] != 0):
        raise Refusal("receipt.kind_members")
    if "final_seq" in body and body["final_seq"] != body["seq"]:
        raise Refusal("receipt.seq")
    weak = body["sign"] == "log" or body["dur"] == "after_release"
    if kind == "decision" and weak and not _is_allowed_read(body):
        raise Refusal("receipt.malformed")
    if "observed" in body and (
        body["verdict"] != "allow" or body["observed"] not in ("needs_approval", "deny")
    ):
        raise Refusal("receipt.malformed")
    if kind == "standing" and not _is_whole_scope(body):
        raise Refusal("receipt.malformed")
    return body


def _is_whole_scope(body: dict[str, Value]) -> bool:
    scope = contract.object_of(contract.object_of(body["standing"])["scope"])
    return ("name" in scope) != (scope["level"] == "all")


def _is_allowed_read(body: dict[str, Value]) -> bool:
    return body["verdict"] == "allow" and contract.object_of(body["action"])["effect"] == "read"


def from_envelope(envelope: dsse.Envelope) -> Receipt:
    """Verify a receipt by itself: envelope.md, section 5, steps 4 to 8."""
    if envelope.payload_type != constants.RECEIPT_MEDIA_TYPE:
        raise Refusal("signature.payload_type")
    receipt = Receipt(read_body(envelope.payload), envelope)
    if receipt.text("sign") == "self":
        dsse.check_signatures(envelope, receipt.text("iss"))
    elif envelope.signatures:
        raise Refusal("signature.invalid")
    return receipt


def verify_alone(value: Value) -> Receipt:
    return from_envelope(dsse.read(value))


def issuer_did(receipt: Receipt) -> str:
    return receipt.text("iss").partition("#")[0]


def args_commit(value: Value, key: bytes) -> bytes:
    return _commit(constants.ARGS, constants.ARGS_COMMIT, value, key)


def result_commit(value: Value, key: bytes) -> bytes:
    return _commit(constants.RESULT, constants.RESULT_COMMIT, value, key)


def digest(label: bytes, value: Value) -> bytes:
    return hashlib.sha256(label + b"\x00" + canonical(value)).digest()


def _commit(digest_label: bytes, commit_label: bytes, value: Value, key: bytes) -> bytes:
    message = commit_label + b"\x00" + digest(digest_label, value)
    return hmac.new(key, message, hashlib.sha256).digest()
