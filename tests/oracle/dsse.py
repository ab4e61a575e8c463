"""The signature envelope (docs/spec/envelope.md)."""

from __future__ import annotations

from dataclasses import dataclass

import constants
import contract
import ed25519
from canonical import Value
from didkey import signing_key_of_url
from encoding import from_base64, to_base64
from refusal import Refusal


@dataclass(frozen=True)
class Envelope:
    payload_type: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]  # (keyid, sig)

    @property
    def message(self) -> bytes:
        return signed_message(self.payload_type, self.payload)

    def value(self) -> dict[str, Value]:
        return {
            "payload": to_base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": keyid, "sig": to_base64(sig)} for keyid, sig in self.signatures],
        }


def signed_message(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode("utf-8")
    return b"%s %d %s %d %s" % (constants.DSSE, len(kind), kind, len(payload), payload)


_SIGNATURE = contract.members(
    {"keyid": contract.string(1, 512), "sig": contract.string(0, 8_192)}, ("keyid", "sig")
)
check_members = contract.members(
    {
        "payload": contract.string(0, 86_700),
        "payloadType": contract.string(1, 256),
        "signatures": contract.array(_SIGNATURE, 16),
    },
    ("payload", "payloadType", "signatures"),
)


def decode(value: Value) -> Envelope:
    """Decode the base64 of an envelope whose members have been checked."""
    found = contract.object_of(value)
    payload = _bytes(found["payload"])
    signatures = []
    for entry in map(contract.object_of, contract.array_of(found["signatures"])):
        signatures.append((contract.text_of(entry["keyid"]), _bytes(entry["sig"])))
    return Envelope(contract.text_of(found["payloadType"]), payload, tuple(signatures))


def _bytes(value: Value) -> bytes:
    data = from_base64(contract.text_of(value))
    if data is None:
        raise Refusal("malformed.base64")
    return data


def read(value: Value) -> Envelope:
    check_members(value)
    return decode(value)


def check_signatures(envelope: Envelope, issuer: str | None, public_key: bytes | None = None) -> None:
    """Steps 6 to 8 for an envelope that must be signed.

    The issuer is the `iss` of the body, the public key the one that a caller names, each where there is one.
    """
    if not envelope.signatures:
        raise Refusal("signature.missing")
    if issuer is not None and envelope.signatures[0][0] != issuer:
        raise Refusal("signature.keyid")
    keys = []
    for keyid, _ in envelope.signatures:
        key = signing_key_of_url(keyid)
        if key is None or key in keys:
            raise Refusal("signature.keyid")
        keys.append(key)
    if public_key is not None and keys[0] != public_key:
        raise Refusal("signature.keyid")
    for key, (_, sig) in zip(keys, envelope.signatures, strict=True):
        fault = ed25519.fault(key, envelope.message, sig)
        if fault is not None:
            raise Refusal(fault)


def verify_alone(value: Value, public_key: bytes | None = None) -> Envelope:
    """Verify an envelope of no known contract: the end of section 5."""
    envelope = read(value)
    check_signatures(envelope, None, public_key)
    return envelope
