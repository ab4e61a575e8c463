"""The operations of sessions as the oracle answers them (contracts/operations/session.yaml)."""

from __future__ import annotations

from collections.abc import Callable

import contract
import didkey
import session_constants as limits
import session_frame
import session_keys
import session_play
from canonical import Value, canonical
from constants import MAX_SAFE
from encoding import from_base64url, to_base64url
from session_keys import Kind, Published

Request = dict[str, Value]

_NOW = contract.integer(0, MAX_SAFE)
OPENING = contract.members(
    {
        "frame": session_play.octets,
        "transcript_hash": contract.hash_value,
        "message_key": contract.hash_value,
    },
    ("frame", "transcript_hash", "message_key"),
)


def _data(value: Value) -> bytes:
    session_play.octets(value)
    data = from_base64url(contract.text_of(value))
    assert data is not None
    return data


def _verified(kind: Kind, request: Request) -> Published:
    contract.matching(session_play.DID)(request["owner"])
    _NOW(request["now_ms"])
    owner = contract.text_of(request["owner"])
    didkey.signing_key(owner)
    envelope = canonical(request["envelope"])
    return session_keys.verify(kind, envelope, owner, session_keys.number(request, "now_ms"))


def verify_static_key(request: Request) -> Value:
    found = _verified(session_keys.STATIC_KEY, request)
    return {"valid": True, "agree": found.body["agree"]}


def verify_bundle(request: Request) -> Value:
    found = _verified(session_keys.PREKEY_BUNDLE, request)
    return {"valid": True, "hash": to_base64url(found.hash), "suites": found.body["suites"]}


def verify_one_time_key(request: Request) -> Value:
    found = _verified(session_keys.ONE_TIME_KEY, request)
    return {"valid": True, "id": found.body["id"], "hybrid": "mlkem768" in found.body}


def read_frame(request: Request) -> Value:
    data = _data(request["bytes"])
    if session_frame.is_container(data):
        head, frame = session_frame.parse_container(data)
        parties: Request = {"initiator": head.did_a, "responder": head.did_b}
    else:
        frame, parties = session_frame.parse(data), {}
    return {
        "kind": session_play.KINDS[frame.kind],
        "suite": frame.suite,
        "sid": to_base64url(frame.sid),
        "ratchet_key": to_base64url(frame.dh),
        "previous": frame.pn,
        "number": frame.n,
        "frame_hash": to_base64url(frame.hash),
        **parties,
    }


def open_message(request: Request) -> Value:
    opening = contract.object_of(request["opening"])
    OPENING(opening)
    contract.hash_value(request["frame_hash"])
    frame = _data(opening["frame"])
    frame_hash = session_keys.binary(request, "frame_hash")
    th, mk = (session_keys.binary(opening, name) for name in ("transcript_hash", "message_key"))
    data = session_frame.verify_opening(frame, frame_hash, th, mk)
    parsed = session_frame.parse(frame)
    told: Request = {"data": to_base64url(data)} if parsed.kind == limits.MESSAGE else {}
    return {"valid": True, "sid": to_base64url(parsed.sid), **told}


def play(request: Request) -> Value:
    return session_play.play(request["play"])


OPERATIONS: dict[str, Callable[[Request], Value]] = {
    "session.verify_static_key": verify_static_key,
    "session.verify_bundle": verify_bundle,
    "session.verify_one_time_key": verify_one_time_key,
    "session.read_frame": read_frame,
    "session.open": open_message,
    "session.play": play,
}
VERIFIERS = tuple(name for name in OPERATIONS if ".verify_" in name or name == "session.open")
