"""The operations as the oracle answers them: what `call` must give, bit for bit (contracts/operations)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import budget
import bundle
import constants
import contract
import dsse
import ed25519
import mailbox_request
import receipt
import served
import served_session
from canonical import TALOS_DATA, Profile, Value, canonical, parse
from encoding import to_base64url
from refusal import Refusal

Request = dict[str, Value]
Answer = dict[str, Value]

ENVELOPE_TEXT = replace(TALOS_DATA, name="envelope", max_bytes=131_072, max_depth=8)
VERIFIERS = (
    "ed25519.verify",
    "envelope.verify",
    "audit.verify_inclusion",
    "audit.verify_consistency",
    "checkpoint.verify",
    "receipt.verify",
    "bundle.verify",
    "approval.verify",
    "approval.check_code",
    *served_session.VERIFIERS,
    "mailbox.verify_request",
)


class CallError(Exception):
    """The call itself is wrong: a problem document, also from a verifier."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def counter(number: int) -> Value:
    return number if number <= constants.MAX_SAFE else str(number)


def _object_or_text(value: Value, profile: Profile) -> Value:
    raw = value.encode("utf-8") if isinstance(value, str) else canonical(value)
    return parse(raw, profile)


def _trust(request: Request) -> bundle.Trust:
    keys, issuers = served.texts(request.get("log_keys", [])), served.texts(request.get("issuers", []))
    try:
        return bundle.Trust.read(keys, issuers)
    except Refusal as refused:
        raise CallError(refused.code) from None


def _envelope_sign(request: Request) -> Value:
    made = contract.object_of(served.envelope_sign(request))
    if "keyid" in request:
        envelope = contract.object_of(made["envelope"])
        contract.object_of(contract.array_of(envelope["signatures"])[0])["keyid"] = request["keyid"]
    return made


def _envelope_verify(request: Request) -> Value:
    key = served.data(request["public_key"]) if "public_key" in request else None
    value = _object_or_text(request["envelope"], ENVELOPE_TEXT)
    if key is not None and not (len(key) == 32 and ed25519.key_usable(key)):
        raise Refusal(ed25519.KEY_INVALID)
    envelope = dsse.verify_alone(value, key)
    return {
        "valid": True,
        "payload": to_base64url(envelope.payload),
        "payload_type": envelope.payload_type,
        "keyid": envelope.signatures[0][0],
    }


def _key_encode(request: Request) -> Value:
    key = served.data(request["public_key"])
    if len(key) != 32 or (request.get("key_type", "ed25519") == "ed25519" and not ed25519.key_usable(key)):
        raise Refusal(ed25519.KEY_INVALID)
    return served.key_encode(request)


def _ed25519_verify(request: Request) -> Value:
    parts = [served.data(request[name]) for name in ("public_key", "message", "signature")]
    fault = ed25519.fault(*parts)
    if fault is not None:
        raise Refusal(fault)
    return {"valid": True}


def _prove_inclusion(request: Request) -> Value:
    leaves = contract.array_of(request["leaves"])
    size = served.counter(request.get("size", len(leaves)))
    if size > len(leaves):
        raise Refusal("proof.size_out_of_range")
    if served.counter(request["index"]) >= size:
        raise Refusal("proof.index_out_of_range")
    made = contract.object_of(served.prove_inclusion(request))
    return made | {"size": size}


def _checkpoint_verify(request: Request) -> Value:
    served.text(request, "note")
    served.text(request, "vkey")
    found = contract.object_of(served.checkpoint_verify(request))
    return found | {"size": counter(int(str(found["size"])))}


def _receipt_verify(request: Request) -> Value:
    trust = _trust(request)
    found = receipt.verify_alone(_object_or_text(request["envelope"], ENVELOPE_TEXT))
    if "issuers" in request and receipt.issuer_did(found) not in trust.issuers:
        raise Refusal("trust.issuer_unknown")
    return {"valid": True, "receipt_id": to_base64url(found.receipt_id), "receipt": found.body}


def _bundle_verify(request: Request) -> Value:
    given = request["bundle"]
    raw = given.encode("utf-8") if isinstance(given, str) else canonical(given)
    answer = bundle.verify_bundle(raw, _trust(request))
    value = answer.value()
    if answer.valid:
        value |= {"index": counter(answer.index), "size": counter(answer.size)}
    return value


def _object_input(value: Value, read: contract.Reader = dsse.check_members) -> Value:
    """A member that has to be an envelope, or another contract: one of other members is no input at all."""
    try:
        read(value)
    except Refusal as refused:
        if refused.code.startswith("malformed.member_"):
            raise CallError(refused.code) from None
        raise
    return value


def _approval_verify(request: Request) -> Value:
    for one in (request["request"], *contract.array_of(request.get("grants", []))):
        _object_input(one)
    return served.approval_verify(request)


def _approval_check_code(request: Request) -> Value:
    _object_input(request["request"])
    return served.approval_check_code(request)


def _session_verify(operation: str) -> Callable[[Request], Value]:
    def verify(request: Request) -> Value:
        _object_input(request["envelope"])
        return served_session.OPERATIONS[operation](request)

    return verify


def _session_open(request: Request) -> Value:
    _object_input(request["opening"], served_session.OPENING)
    return served_session.open_message(request)


OPERATIONS: dict[str, Callable[[Request], Value]] = served.OPERATIONS | {
    "envelope.sign": _envelope_sign,
    "envelope.verify": _envelope_verify,
    "ed25519.verify": _ed25519_verify,
    "did.key_encode": _key_encode,
    "audit.prove_inclusion": _prove_inclusion,
    "checkpoint.verify": _checkpoint_verify,
    "receipt.verify": _receipt_verify,
    "bundle.verify": _bundle_verify,
    "approval.verify": _approval_verify,
    "approval.check_code": _approval_check_code,
    **budget.OPERATIONS,
    **served_session.OPERATIONS,
    **{name: _session_verify(name) for name in served_session.VERIFIERS},
    "session.open": _session_open,
    **mailbox_request.OPERATIONS,
}


def answer(operation: str, request: Request) -> Answer:
    """`{"output": ...}` or `{"error": code}`."""
    try:
        return {"output": OPERATIONS[operation](request)}
    except CallError as wrong:
        return {"error": wrong.code}
    except Refusal as refused:
        if operation in VERIFIERS:
            return {"output": {"valid": False, "reason": refused.code}}
        return {"error": refused.code}
