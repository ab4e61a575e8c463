# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `envelope`."""

from typing import cast

from talos._door import invoke
from talos._generated.types import (
    EnvelopeSignInput,
    EnvelopeSignOutput,
    EnvelopeVerifyInput,
    EnvelopeVerifyOutput,
    JsonValue,
)


def sign(
    *,
    seed: str,
    payload_type: str,
    payload: str,
    keyid: str | None = None,
) -> EnvelopeSignOutput:
    """Puts a payload in a DSSE envelope and signs it.

    seed: The 32-byte seed of an Ed25519 key: base64url without padding. A secret.
    payload_type: Media type of the payload.
    payload: The payload: base64url without padding, up to 65,024 bytes.
    keyid: Key id of the signature; absent: the DID URL of the seed's did:key.
    """
    members: EnvelopeSignInput = {
        "seed": seed,
        "payload_type": payload_type,
        "payload": payload,
    }
    if keyid is not None:
        members["keyid"] = keyid
    answer = invoke("envelope.sign", members)
    return cast(EnvelopeSignOutput, answer)


def verify(
    *,
    envelope: JsonValue,
    public_key: str | None = None,
) -> EnvelopeVerifyOutput:
    """Verifies the first signature of a DSSE envelope.

    envelope: The envelope, as an object or as its text.
    public_key: The key, 32 bytes; absent: the one that keyid names.
    """
    members: EnvelopeVerifyInput = {
        "envelope": envelope,
    }
    if public_key is not None:
        members["public_key"] = public_key
    answer = invoke("envelope.verify", members)
    return cast(EnvelopeVerifyOutput, answer)
