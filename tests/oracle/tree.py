"""The Merkle tree (docs/spec/log.md, sections 1, 4 and 5)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import constants
from constants import MAX_SIZE
from refusal import Refusal


def entry(receipt_id: bytes) -> bytes:
    return constants.ENTRY_RECEIPT + receipt_id


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(constants.TREE_LEAF + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(constants.TREE_NODE + left + right).digest()


def split(size: int) -> int:
    """The largest power of two below a size of at least 2."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    return node(root(leaves[:middle]), root(leaves[middle:]))


def prove_inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes beside the way from a leaf to the root, from the leaf upwards."""
    if len(leaves) == 1:
        return []
    middle = split(len(leaves))
    if index < middle:
        return [*prove_inclusion(leaves[:middle], index), root(leaves[middle:])]
    return [*prove_inclusion(leaves[middle:], index - middle), root(leaves[:middle])]


def prove_consistency(leaves: Sequence[bytes], size1: int) -> list[bytes]:
    """The proof that the tree of these leaves begins with the tree of the first size1, which is not 0."""
    return [] if size1 == len(leaves) else _subproof(leaves, size1, True)


def _subproof(leaves: Sequence[bytes], size1: int, whole: bool) -> list[bytes]:
    if size1 == len(leaves):
        return [] if whole else [root(leaves)]
    middle = split(len(leaves))
    if size1 <= middle:
        return [*_subproof(leaves[:middle], size1, whole), root(leaves[middle:])]
    return [*_subproof(leaves[middle:], size1 - middle, False), root(leaves[:middle])]


def inclusion_length(index: int, size: int) -> int:
    """The number of hashes in the inclusion proof of an index below the size."""
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that a proof leads to: steps 1 to 5 of section 4."""
    if size > MAX_SIZE:
        raise Refusal("proof.size_out_of_range")
    if index >= size:
        raise Refusal("proof.index_out_of_range")
    fn, sn, result = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise Refusal("proof.length")
        if fn & 1 or fn == sn:
            result = node(sibling, result)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node(result, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise Refusal("proof.length")
    return result


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> None:
    if root_from_inclusion(leaf, index, size, proof) != expected:
        raise Refusal("proof.root_mismatch")


def verify_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    if size1 > MAX_SIZE or size2 > MAX_SIZE or size1 > size2:
        raise Refusal("proof.size_out_of_range")
    if size1 == 0:
        raise Refusal("proof.from_empty")
    if size1 == size2:
        if proof:
            raise Refusal("proof.length")
        if root1 != root2:
            raise Refusal("proof.root_mismatch")
        return
    if not proof:
        raise Refusal("proof.length")
    hashes = [root1, *proof] if size1.bit_count() == 1 else list(proof)
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = hashes[0]
    for sibling in hashes[1:]:
        if sn == 0:
            raise Refusal("proof.length")
        if fn & 1 or fn == sn:
            fr, sr = node(sibling, fr), node(sibling, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise Refusal("proof.length")
    if fr != root1 or sr != root2:
        raise Refusal("proof.root_mismatch")
