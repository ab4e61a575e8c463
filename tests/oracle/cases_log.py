"""Random cases for the tree, its proofs and checkpoints."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import ed25519
import note
import tree
from canonical import Value
from constants import MAX_COUNTER, MAX_SAFE, MAX_SIZE
from differential import Case, Expected, invalid, problem, refusal, result, valid
from edits import flipped
from encoding import to_base64, to_base64url
from refusal import Refusal

# --- the tree --------------------------------------------------------------------------------------


def texts(hashes: Sequence[bytes]) -> list[Value]:
    return [to_base64url(one) for one in hashes]


def counter(source: random.Random, number: int) -> Value:
    """A size or an index, as an integer or as a decimal string."""
    return number if number <= MAX_SAFE and source.random() < 0.5 else str(number)


def random_leaves(source: random.Random, most: int = 70) -> list[bytes]:
    return [
        source.randbytes(32) for _ in range(source.choice((0, 1, 2, 3, 4, 7, 8, 9, source.randrange(most))))
    ]


def random_size(source: random.Random) -> int:
    """A size from 1 to 2^63, often near a power of two."""
    around = 1 << source.randrange(64)
    return min(MAX_SIZE, max(1, around + source.choice((-1, 0, 1, source.randrange(-around, around + 1)))))


def inclusion(source: random.Random) -> tuple[bytes, int, int, list[bytes], bytes]:
    """A valid proof: of a real tree, or of a tree too large to build."""
    if source.random() < 0.5:
        leaves = random_leaves(source) or [source.randbytes(32)]
        index = source.randrange(len(leaves))
        return leaves[index], index, len(leaves), tree.prove_inclusion(leaves, index), tree.root(leaves)
    size = random_size(source)
    index = source.choice((0, size - 1, size // 2, source.randrange(size)))
    leaf = source.randbytes(32)
    proof = [source.randbytes(32) for _ in range(tree.inclusion_length(index, size))]
    return leaf, index, size, proof, tree.root_from_inclusion(leaf, index, size, proof)


def near(source: random.Random, number: int) -> int:
    choices = [number + 1, number - 1, number ^ 1, number * 2, 0, MAX_SIZE, MAX_SIZE + 1, MAX_COUNTER]
    return min(MAX_COUNTER, max(0, source.choice(choices)))


def changed_hashes(source: random.Random, proof: list[bytes]) -> list[bytes]:
    """A proof that is longer, shorter, in another order, or wrong in one hash."""
    choice = source.randrange(5)
    at = source.randrange(len(proof) + 1)
    if choice == 0 or not proof:
        return [*proof[:at], source.randbytes(32), *proof[at:]]
    if choice == 1:
        return proof[:at] + proof[at + 1 :] if at < len(proof) else proof[:-1]
    if choice == 2:
        return proof[::-1]
    if choice == 3:
        return [*proof[:-1], source.randbytes(32)]
    return proof + proof[-1:] * source.choice((1, 70))


def verdict(check: Callable[[], None]) -> Expected:
    try:
        check()
    except Refusal as refused:
        return invalid(refused.code)
    return valid()


def inclusion_check(
    source: random.Random, label: str, leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes
) -> Case:
    request: dict[str, Value] = {
        "leaf_hash": to_base64url(leaf),
        "index": counter(source, index),
        "size": counter(source, size),
        "proof": texts(proof),
        "root": to_base64url(root),
    }
    expected = verdict(lambda: tree.verify_inclusion(leaf, index, size, proof, root))
    return Case("audit.verify_inclusion", label, request, expected)


def consistency_check(
    source: random.Random, label: str, size1: int, size2: int, proof: list[bytes], root1: bytes, root2: bytes
) -> Case:
    request: dict[str, Value] = {
        "size1": counter(source, size1),
        "size2": counter(source, size2),
        "proof": texts(proof),
        "root1": to_base64url(root1),
        "root2": to_base64url(root2),
    }
    expected = verdict(lambda: tree.verify_consistency(size1, size2, proof, root1, root2))
    return Case("audit.verify_consistency", label, request, expected)


def inclusion_case(source: random.Random) -> Case:
    leaf, index, size, proof, root = inclusion(source)
    choice = source.randrange(8)
    label = "valid"
    if choice == 1:
        label, index = "other index", near(source, index)
    elif choice == 2:
        label, size = "other size", near(source, size)
    elif choice == 3:
        label, index, size = "other index and size", near(source, index), near(source, size)
    elif choice in (4, 5):
        label, proof = "other proof", changed_hashes(source, proof)
    elif choice == 6:
        label, leaf, root = "swapped", root, leaf
    elif choice == 7:
        label, root = "other root", source.randbytes(32)
    case = inclusion_check(source, label, leaf, index, size, proof, root)
    if source.random() < 0.1:
        expected = broken_member(source, case.request, ("index", "size"), ("leaf_hash", "root"))
        return replace(case, note="broken member", expected=expected)
    return case


def broken_member(
    source: random.Random, request: dict[str, Value], counters: Sequence[str], hashes: Sequence[str]
) -> Expected:
    """Put a counter or a hash in that is not one. Whether this is a verdict or a problem is left open."""
    if source.random() < 0.5:
        request[source.choice(counters)] = source.choice(("01", "", "+1", "1.0", "0x1", str(2**64), "1 ", -1))
        return refusal("malformed.value")
    request[source.choice(hashes)] = source.choice(("", "A" * 42, "A" * 42 + "B", "A" * 43 + "=", "+" * 43))
    return refusal("malformed.base64")


def consistency(source: random.Random) -> tuple[int, int, list[bytes], bytes, bytes]:
    if source.random() < 0.5:
        leaves = random_leaves(source) or [source.randbytes(32)]
        size1 = source.randrange(1, len(leaves) + 1)
        proof = tree.prove_consistency(leaves, size1)
        return size1, len(leaves), proof, tree.root(leaves[:size1]), tree.root(leaves)
    size1, size2 = sorted((random_size(source), random_size(source)))
    if size1 == size2:
        root = source.randbytes(32)
        return size1, size2, [], root, root
    return _made_up_consistency(source, size1, size2)


def _made_up_consistency(
    source: random.Random, size1: int, size2: int
) -> tuple[int, int, list[bytes], bytes, bytes]:
    """Random hashes, and the two roots that they lead to."""
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    hashes = [source.randbytes(32)]
    fr = sr = hashes[0]
    while sn:
        sibling = source.randbytes(32)
        hashes.append(sibling)
        if fn & 1 or fn == sn:
            fr, sr = tree.node(sibling, fr), tree.node(sibling, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = tree.node(sr, sibling)
        fn, sn = fn >> 1, sn >> 1
    proof = hashes[1:] if size1.bit_count() == 1 else hashes
    return size1, size2, proof, fr, sr


def consistency_case(source: random.Random) -> Case:
    size1, size2, proof, root1, root2 = consistency(source)
    choice = source.randrange(8)
    label = "valid"
    if choice == 1:
        label, size1 = "other size1", near(source, size1)
    elif choice == 2:
        label, size2 = "other size2", near(source, size2)
    elif choice in (3, 4):
        label, proof = "other proof", changed_hashes(source, proof)
    elif choice == 5:
        label, root1, root2 = "swapped", root2, root1
    elif choice == 6:
        label, root1 = "other root1", source.randbytes(32)
    elif choice == 7:
        label, size1, size2 = "both sizes", near(source, size1), near(source, size2)
    case = consistency_check(source, label, size1, size2, proof, root1, root2)
    if source.random() < 0.1:
        expected = broken_member(source, case.request, ("size1", "size2"), ("root1", "root2"))
        return replace(case, note="broken member", expected=expected)
    return case


def making_case(source: random.Random) -> Case:
    choice = source.randrange(3)
    if choice == 0:
        receipt_id = source.randbytes(32)
        request: dict[str, Value] = {"receipt_id": to_base64url(receipt_id)}
        if source.random() < 0.5:
            request = {"entry": to_base64url(tree.entry(receipt_id))}
        leaf = tree.leaf_hash(tree.entry(receipt_id))
        return Case("audit.leaf_hash", "leaf", request, result(leaf_hash=to_base64url(leaf)))
    leaves = random_leaves(source)
    if choice == 1 or not leaves:
        made = result(root=to_base64url(tree.root(leaves)), size=len(leaves))
        return Case("audit.root", "root", {"leaves": texts(leaves)}, made)
    size = source.choice((len(leaves), source.randrange(1, len(leaves) + 1)))
    index = source.randrange(size)
    request = {"leaves": texts(leaves), "index": counter(source, index)}
    if size < len(leaves) or source.random() < 0.5:
        request["size"] = counter(source, size)
    made = result(
        leaf_hash=to_base64url(leaves[index]),
        proof=texts(tree.prove_inclusion(leaves[:size], index)),
        root=to_base64url(tree.root(leaves[:size])),
        size=size,
    )
    return Case("audit.prove_inclusion", "proof", request, made)


def tree_cases(source: random.Random, count: int) -> list[Case]:
    makers = (making_case, inclusion_case, inclusion_case, consistency_case, consistency_case)
    return [source.choice(makers)(source) for _ in range(count)]


# --- checkpoints -----------------------------------------------------------------------------------


def random_origin(source: random.Random) -> str:
    return "".join(source.choices("abz09./_-", k=source.choice((1, 5, 20, 128))))


def filling_line(length: int) -> str:
    """A line by nobody that is of this many bytes, at least 40."""
    name = "a" * (length % 4 + 1)
    encoded = "A" * (length - len(f"{note.DASH} {name} \n".encode()))
    while len(encoded) % 4:
        name, encoded = name + "a", encoded[1:]
    return f"{note.DASH} {name} {encoded}\n"


def random_note(
    source: random.Random, text: str, made: str, key: note.LogKey, seed: bytes
) -> tuple[str, str]:
    """A note about this text, right or wrong in one of many ways. `made` is the right one."""
    other = source.randbytes(32)
    foreign = note.signature_line(other, "witness.example", text)
    dash = note.DASH
    origin, size, root, _ = text.split("\n")
    space = chr(source.choice((0xA0, 0x1680, 0x2003, 0x2028, 0x202F, 0x3000)))
    again = {
        "extension line": f"{text}more\n",
        "two lines": f"{origin}\n{size}\n",
        "size with a zero": f"{origin}\n0{size}\n{root}\n",
        "size with a sign": f"{origin}\n+{size}\n{root}\n",
        "size of 2^64": f"{origin}\n{2**64}\n{root}\n",
        "no size": f"{origin}\n\n{root}\n",
        "root of 31 bytes": f"{origin}\n{size}\n{to_base64(source.randbytes(31))}\n",
        "root without padding": f"{origin}\n{size}\n{root[:-1]}\n",
        "other origin": f"other.example\n{size}\n{root}\n",
        "origin with a space": f"Log {origin}\n{size}\n{root}\n",
        "origin with a plus": f"a+{origin}\n{size}\n{root}\n",
        "empty origin": f"\n{size}\n{root}\n",
        "tab in the size": f"{origin}\n{size}\t\n{root}\n",
    }
    notes = {
        "valid": made,
        "valid again": made,
        "foreign line after": made + foreign,
        "foreign line before": f"{text}\n{foreign}{note.signature_line(seed, key.name, text)}",
        "foreign line that is odd": made + f"{dash} é\u200b AAAAAAA=\n",
        "32 lines": made + foreign * 31,
        "33 lines": made + foreign * 32,
        "16,384 bytes": made + filling_line(16_384 - len(made.encode())),
        "16,385 bytes": made + filling_line(16_385 - len(made.encode())),
        "twice": made + note.signature_line(seed, key.name, text),
        "second line wrong": made + f"{dash} {key.name} {to_base64(key.key_id + bytes(64))}\n",
        "signature wrong": flipped(made),
        "signature of 63 bytes": f"{text}\n{dash} {key.name} {to_base64(key.key_id + bytes(63))}\n",
        "signature of 65 bytes": made[:-1] + "AAAA\n",
        "other text": made.replace(f"\n{size}\n", f"\n{(int(size) + 1) % 2**63}\n"),
        "by another key": note.signed_note(text, other, key.name),
        "under another name": note.signed_note(text, seed, "other.example"),
        "under a longer name": note.signed_note(text, seed, key.name + "x"),
        "under another name, with the key id": made.replace(f"{dash} {key.name} ", f"{dash} other.example "),
        "no signature": f"{text}\n",
        "no empty line": made.replace("\n\n", "\n"),
        "no last LF": made[:-1],
        "one LF more": made + "\n",
        "text after": made + source.choice(("x", "x\n", dash, " \n")),
        "CRLF": made.replace("\n", "\r\n"),
        "hyphen": made.replace(dash, "-"),
        "two spaces": made.replace(f"{dash} ", f"{dash}  "),
        "name with a plus": made + f"{dash} a+b AAAAAAA=\n",
        "name with white space": made + f"{dash} a{space}b AAAAAAA=\n",
        "no name": made + f"{dash}  AAAAAAA=\n",
        "four bytes": made + f"{dash} a AAAAAA==\n",
        "five bytes": made + f"{dash} a AAAAAAA=\n",
        "base64 without padding": made + f"{dash} a AAAAAAA\n",
        "base64url": made + f"{dash} a _____w==\n",
        "control character": made.replace(dash, dash + "\x01"),
        "delete": made + f"{dash} a\x7fb AAAAAAA=\n",
        "C1 control character": made + f"{dash} a\x9fb AAAAAAA=\n",
        "letters of other scripts": made + f"{dash} Ünïcödé\u200b\u00ad AAAAAAA=\n",
        "empty": "",
        "only LF": "\n\n\n",
        "BOM": "\ufeff" + made,
        "cut": made[: source.randrange(len(made))],
    }
    label = source.choice([*notes, *again])
    return label, notes[label] if label in notes else note.signed_note(again[label], seed, key.name)


def verdict_of_note(text: str, key: note.LogKey) -> Expected:
    """Where a note has several faults with one key, any of them will do."""
    try:
        checkpoint = note.parse_checkpoint(text)
    except Refusal as refused:
        return invalid(refused.code)
    codes = set()
    if checkpoint.origin != key.name:
        codes.add("checkpoint.origin_mismatch")
    try:
        if not checkpoint.check([key]):
            codes.add("checkpoint.key_unknown")
    except Refusal as refused:
        codes.add(refused.code)
    if codes:
        return invalid(*codes)
    return valid(origin=checkpoint.origin, size=checkpoint.size, root=to_base64url(checkpoint.root))


def broken_vkey(source: random.Random, key: note.LogKey) -> str:
    name, key_id, encoded = key.vkey.split("+", 2)
    return source.choice(
        (
            "+",
            key.vkey + "\n",
            f"{name}+{key_id}",
            f"{name.upper()}X+{key_id}+{encoded}",
            f"{name}+{key_id}0+{encoded}",
            f"{name}+{key_id[:-1]}+{encoded}",
            f"{name}+{(int(key_id, 16) ^ 1):08x}+{encoded}",
            f"{name}+{key_id}+{encoded}=",
            f"{name}x+{key_id}+{encoded}",
            note.LogKey("", key.public_key).vkey,
            note.LogKey(f"{name} ", key.public_key).vkey,
            note.LogKey(f"{name}\u2003", key.public_key).vkey,
            note.LogKey(f"{name}\x7f", key.public_key).vkey,
            note.LogKey(name, bytes(32)).vkey,
            note.LogKey(name, b"\xff" * 32).vkey,
            note.LogKey(name, key.public_key[:31]).vkey,
        )
    )


def checkpoint_case(source: random.Random) -> Case:
    seed, origin, root = source.randbytes(32), random_origin(source), source.randbytes(32)
    choice = source.randrange(8)
    if choice and source.random() < 0.2:  # a name of somebody else's log
        origin = source.choice(("Log.Example", "É", "a\u200bb", "A" * 200))
    size = source.choice((0, 1, MAX_SIZE, random_size(source), source.randrange(1000)))
    if size == 0:
        root = tree.root([])
    made, vkey = note.sign_checkpoint(seed, origin, size, root)
    key = note.LogKey(origin, ed25519.public_key_of(seed))
    if choice == 0:
        made_or_refused = result(note=made, vkey=vkey)
        if source.random() < 0.2:
            size, made_or_refused = (
                source.choice((MAX_SIZE + 1, MAX_COUNTER)),
                problem("proof.size_out_of_range"),
            )
        request: dict[str, Value] = {
            "seed": to_base64url(seed),
            "origin": origin,
            "size": counter(source, size),
            "root": to_base64url(root),
        }
        return Case("checkpoint.sign", "sign", request, made_or_refused)
    if choice == 1:
        return vkey_check(made, broken_vkey(source, key))
    text = note.checkpoint_text(origin, size, root)
    return note_check(*random_note(source, text, made, key, seed), key, source.random() < 0.3)


def vkey_check(text: str, wrong: str) -> Case:
    """Whether a malformed key is an error of the call or a verdict is left open, outside bundles."""
    request: dict[str, Value] = {"note": text, "vkey": wrong}
    try:
        note.parse_vkey(wrong)
    except Refusal as refused:
        return Case("checkpoint.verify", "vkey", request, refusal(refused.code))
    raise AssertionError("the vkey is not broken")


def note_check(label: str, text: str, key: note.LogKey, escaped: bool = False) -> Case:
    request: dict[str, Value] = {"note": text, "vkey": key.vkey}
    return Case("checkpoint.verify", label, request, verdict_of_note(text, key), escaped)


def checkpoint_cases(source: random.Random, count: int) -> list[Case]:
    return [checkpoint_case(source) for _ in range(count)]
