# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `checkpoint`."""

from typing import cast

from talos._door import invoke
from talos._generated.types import (
    CheckpointSignInput,
    CheckpointSignOutput,
    CheckpointVerifyInput,
    CheckpointVerifyOutput,
    Size,
)


def sign(
    *,
    seed: str,
    origin: str,
    size: Size,
    root: str,
) -> CheckpointSignOutput:
    """Signs a checkpoint of a log.

    seed: The 32-byte seed of an Ed25519 key: base64url without padding. A secret.
    origin: The name of a log: the first line of its checkpoints.
    size: A number of leaves: an integer, or in decimal digits up to 2^64-1.
    root: The root of the tree of that size.
    """
    members: CheckpointSignInput = {
        "seed": seed,
        "origin": origin,
        "size": size,
        "root": root,
    }
    answer = invoke("checkpoint.sign", members)
    return cast(CheckpointSignOutput, answer)


def verify(
    *,
    note: str,
    vkey: str,
) -> CheckpointVerifyOutput:
    """Verifies a checkpoint with the verifier key of its log.

    note: The signed note.
    vkey: The verifier key of the log.
    """
    members: CheckpointVerifyInput = {
        "note": note,
        "vkey": vkey,
    }
    answer = invoke("checkpoint.verify", members)
    return cast(CheckpointVerifyOutput, answer)
