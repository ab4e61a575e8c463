# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `ed25519`."""

from typing import cast

from talos._door import invoke
from talos._generated.types import (
    Ed25519SignInput,
    Ed25519SignOutput,
    Ed25519VerifyInput,
    Ed25519VerifyOutput,
)


def sign(
    *,
    seed: str,
    message: str,
) -> Ed25519SignOutput:
    """Signs bytes with the Ed25519 key of a seed.

    seed: The 32-byte seed of an Ed25519 key: base64url without padding. A secret.
    message: What is signed.
    """
    members: Ed25519SignInput = {
        "seed": seed,
        "message": message,
    }
    answer = invoke("ed25519.sign", members)
    return cast(Ed25519SignOutput, answer)


def verify(
    *,
    public_key: str,
    message: str,
    signature: str,
) -> Ed25519VerifyOutput:
    """Verifies an Ed25519 signature by the strict rules.

    public_key: The public key, 32 bytes.
    message: What was signed.
    signature: The signature, 64 bytes.
    """
    members: Ed25519VerifyInput = {
        "public_key": public_key,
        "message": message,
        "signature": signature,
    }
    answer = invoke("ed25519.verify", members)
    return cast(Ed25519VerifyOutput, answer)
