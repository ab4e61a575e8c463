# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `audit`."""

from collections.abc import Sequence
from typing import cast

from talos._door import invoke
from talos._generated.types import (
    AuditLeafHashInput,
    AuditLeafHashOutput,
    AuditProveInclusionInput,
    AuditProveInclusionOutput,
    AuditRootInput,
    AuditRootOutput,
    AuditVerifyConsistencyInput,
    AuditVerifyConsistencyOutput,
    AuditVerifyInclusionInput,
    AuditVerifyInclusionOutput,
    Size,
)


def leaf_hash(
    *,
    entry: str | None = None,
    receipt_id: str | None = None,
) -> AuditLeafHashOutput:
    """Computes the leaf hash of a log entry or of a receipt.

    entry: The entry; either this or receipt_id.
    receipt_id: The id of the receipt, whose entry is 0x01 and the id.
    """
    members: AuditLeafHashInput = {}
    if entry is not None:
        members["entry"] = entry
    if receipt_id is not None:
        members["receipt_id"] = receipt_id
    answer = invoke("audit.leaf_hash", members)
    return cast(AuditLeafHashOutput, answer)


def root(
    *,
    leaves: Sequence[str],
) -> AuditRootOutput:
    """Computes the root of the tree over leaf hashes.

    leaves: The leaf hashes in order.
    """
    members: AuditRootInput = {
        "leaves": leaves,
    }
    answer = invoke("audit.root", members)
    return cast(AuditRootOutput, answer)


def prove_inclusion(
    *,
    leaves: Sequence[str],
    index: Size,
    size: Size | None = None,
) -> AuditProveInclusionOutput:
    """Proves that a leaf is in the tree over leaf hashes.

    leaves: The leaf hashes in order.
    index: Index of the leaf, from zero.
    size: Size of the tree to prove in; absent: all leaves.
    """
    members: AuditProveInclusionInput = {
        "leaves": leaves,
        "index": index,
    }
    if size is not None:
        members["size"] = size
    answer = invoke("audit.prove_inclusion", members)
    return cast(AuditProveInclusionOutput, answer)


def verify_inclusion(
    *,
    leaf_hash: str,
    index: Size,
    size: Size,
    proof: Sequence[str],
    root: str,
) -> AuditVerifyInclusionOutput:
    """Verifies that a leaf is in a tree.

    leaf_hash: The leaf hash, 32 bytes.
    index: Index of the leaf, from zero.
    size: Size of the tree.
    proof: The hashes from leaf to root.
    root: The root, 32 bytes.
    """
    members: AuditVerifyInclusionInput = {
        "leaf_hash": leaf_hash,
        "index": index,
        "size": size,
        "proof": proof,
        "root": root,
    }
    answer = invoke("audit.verify_inclusion", members)
    return cast(AuditVerifyInclusionOutput, answer)


def verify_consistency(
    *,
    size1: Size,
    size2: Size,
    proof: Sequence[str],
    root1: str,
    root2: str,
) -> AuditVerifyConsistencyOutput:
    """Verifies that a tree is a continuation of a smaller one.

    size1: Size of the smaller tree.
    size2: Size of the larger tree.
    proof: The hashes of the proof.
    root1: Root of the smaller tree, 32 bytes.
    root2: Root of the larger tree, 32 bytes.
    """
    members: AuditVerifyConsistencyInput = {
        "size1": size1,
        "size2": size2,
        "proof": proof,
        "root1": root1,
        "root2": root2,
    }
    answer = invoke("audit.verify_consistency", members)
    return cast(AuditVerifyConsistencyOutput, answer)
