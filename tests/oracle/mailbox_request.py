"""Signed requests to a mailbox (docs/spec/mailbox.md, section 2)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace

import contract
import didkey
import dsse
import ed25519
from canonical import TALOS, TALOS_DATA, Value, canonical, parse, parse_canonical
from constants import MAX_SAFE
from encoding import from_base64url, to_base64url
from refusal import Refusal

MEDIA_TYPE = "application/vnd.talos.mailbox-request.v1+json"
HEADER_CHARACTERS = 8_192
SKEW_MS = 60_000
METHODS = ("GET", "PUT", "POST", "DELETE")

Body = dict[str, Value]
Request = dict[str, Value]

_ENVELOPE_TEXT = replace(TALOS_DATA, name="envelope", max_bytes=131_072, max_depth=8)
_MEMBERS: dict[str, contract.Reader] = {
    "typ": contract.typ("talos.mailbox_request/1"),
    "iss": contract.satisfying(lambda text: didkey.signing_key_of_url(text) is not None),
    "mailbox": contract.string(1, 512),
    "method": contract.one_of(*METHODS),
    "path": contract.string(1, 2_048),
    "body": contract.binary(32),
    "iat": contract.integer(0, MAX_SAFE),
    "nonce": contract.binary(16),
}
_read_body = contract.members(_MEMBERS, tuple(_MEMBERS))


@dataclass(frozen=True)
class Asked:
    """The HTTP request as it came."""

    mailbox: str
    method: str
    path: str
    body: bytes


def sign(seed: bytes, asked: Asked, iat: int, nonce: bytes) -> dsse.Envelope:
    url = didkey.Key("ed25519", ed25519.public_key_of(seed)).url
    payload = canonical(
        {
            "typ": "talos.mailbox_request/1",
            "iss": url,
            "mailbox": asked.mailbox,
            "method": asked.method,
            "path": asked.path,
            "body": to_base64url(hashlib.sha256(asked.body).digest()),
            "iat": iat,
            "nonce": to_base64url(nonce),
        }
    )
    signature = ed25519.sign(seed, dsse.signed_message(MEDIA_TYPE, payload))
    return dsse.Envelope(MEDIA_TYPE, payload, ((url, signature),))


def header(envelope: Value) -> str:
    """The value of the header, of at most 8,192 characters."""
    text = to_base64url(canonical(envelope))
    if len(text) > HEADER_CHARACTERS:
        raise Refusal("malformed.size")
    return text


def verify(text: str, asked: Asked, now_ms: int) -> Body:
    """Section 2.2; the body of the signed request comes out."""
    if len(text.encode("utf-8")) > HEADER_CHARACTERS:
        raise Refusal("malformed.size")
    raw = from_base64url(text)
    if raw is None:
        raise Refusal("malformed.base64")
    envelope = dsse.read(parse(raw, _ENVELOPE_TEXT))
    if envelope.payload_type != MEDIA_TYPE:
        raise Refusal("signature.payload_type")
    value = parse_canonical(envelope.payload, TALOS)
    _read_body(value)
    body = contract.object_of(value)
    dsse.check_signatures(envelope, contract.text_of(body["iss"]))
    for name, found in (("mailbox", asked.mailbox), ("method", asked.method), ("path", asked.path)):
        if body[name] != found:
            raise Refusal("mailbox.request_mismatch")
    iat = body["iat"]
    assert isinstance(iat, int)
    if abs(iat - now_ms) > SKEW_MS:
        raise Refusal("mailbox.request_expired")
    digest = to_base64url(hashlib.sha256(asked.body).digest())
    if not hmac.compare_digest(digest, contract.text_of(body["body"])):
        raise Refusal("mailbox.request_mismatch")
    return body


# --- The operations -----------------------------------------------------------------------------------


def _data(value: Value, length: int | None = None) -> bytes:
    data = from_base64url(contract.text_of(value))
    if data is None or (length is not None and len(data) != length):
        raise Refusal("malformed.base64")
    return data


def _number(value: Value) -> int:
    contract.integer(0, MAX_SAFE)(value)
    assert isinstance(value, int)
    return value


def _asked(request: Request) -> Asked:
    for name in ("mailbox", "method", "path"):
        _MEMBERS[name](request[name])
    mailbox, method, path = (contract.text_of(request[name]) for name in ("mailbox", "method", "path"))
    return Asked(mailbox, method, path, _data(request.get("body", "")))


def sign_request(request: Request) -> Value:
    seed, nonce = _data(request["seed"], 32), _data(request["nonce"], 16)
    envelope = sign(seed, _asked(request), _number(request["iat"]), nonce).value()
    return {"request": envelope, "header": header(envelope)}


def verify_request(request: Request) -> Value:
    contract.string(0, 65_536)(request["header"])
    asked, now_ms = _asked(request), _number(request["now_ms"])
    body = verify(contract.text_of(request["header"]), asked, now_ms)
    agent = contract.text_of(body["iss"]).split("#", maxsplit=1)[0]
    return {"valid": True, "agent": agent, "nonce": body["nonce"]}


OPERATIONS = {"mailbox.sign_request": sign_request, "mailbox.verify_request": verify_request}
