# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `did`."""

from typing import cast

from talos._door import invoke
from talos._generated.types import (
    DidKeyEncodeInput,
    DidKeyEncodeOutput,
    DidResolveInput,
    DidResolveOutput,
    KeyType,
)


def key_encode(
    *,
    public_key: str,
    key_type: KeyType | None = None,
) -> DidKeyEncodeOutput:
    """Makes the did:key of a public key.

    public_key: The public key, 32 bytes.
    key_type: The type of the key; absent: ed25519.
    """
    members: DidKeyEncodeInput = {
        "public_key": public_key,
    }
    if key_type is not None:
        members["key_type"] = key_type
    answer = invoke("did.key_encode", members)
    return cast(DidKeyEncodeOutput, answer)


def resolve(
    *,
    did: str,
) -> DidResolveOutput:
    """Resolves a did:key to its key and its document.

    did: The DID.
    """
    members: DidResolveInput = {
        "did": did,
    }
    answer = invoke("did.resolve", members)
    return cast(DidResolveOutput, answer)
