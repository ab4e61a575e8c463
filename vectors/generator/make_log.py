"""vectors/tree.json and checkpoint.json (docs/spec/log.md)."""

from __future__ import annotations

import ed25519
import note
import tree
from build import keyed_line
from canonical import Value
from cases_keys import SMALL_ORDER
from door import Request, counter
from edits import flipped
from encoding import to_base64, to_base64url
from make_keys import ISSUER, LOG, NOT_BASE64URL, OTHER
from suite import Suite, blob

ORIGIN = "talos.example/log1"
SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15, 16, 17, 20)
LEAVES = [tree.leaf_hash(tree.entry(blob(f"receipt {number}"))) for number in range(21)]


def hashes(many: list[bytes]) -> list[Value]:
    return [to_base64url(one) for one in many]


# --- the tree --------------------------------------------------------------------------------------


def inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> Request:
    return {
        "leaf_hash": to_base64url(leaf),
        "index": counter(index),
        "size": counter(size),
        "proof": hashes(proof),
        "root": to_base64url(root),
    }


def consistency(size1: int, size2: int, proof: list[bytes], root1: bytes, root2: bytes) -> Request:
    return {
        "size1": counter(size1),
        "size2": counter(size2),
        "proof": hashes(proof),
        "root1": to_base64url(root1),
        "root2": to_base64url(root2),
    }


def tree_suite() -> Suite:
    suite = Suite("tree.json", "The Merkle tree and its proofs (docs/spec/log.md).")
    _making(suite)
    for size in SIZES:
        for index in sorted({0, size // 2, size - 1}):
            _small_inclusion(suite, index, size)
    for size in (2**32, 2**63 - 1, 2**63):
        for index in (0, size // 2 + 1, size - 1):
            _large_inclusion(suite, index, size)
    _one_leaf(suite)
    for size1, size2 in (
        (1, 1),
        (1, 2),
        (1, 8),
        (2, 3),
        (2, 5),
        (3, 4),
        (3, 7),
        (4, 7),
        (4, 8),
        (5, 5),
        (6, 8),
        (7, 8),
        (7, 15),
        (8, 9),
        (8, 16),
        (9, 20),
        (11, 13),
        (15, 16),
        (16, 17),
        (16, 20),
        (17, 20),
        (19, 20),
        (20, 20),
    ):
        _small_consistency(suite, size1, size2)
    for size1, size2 in ((2**32 - 1, 2**32), (2**32, 2**63), (3, 2**63), (2**63 - 1, 2**63), (2**63, 2**63)):
        _large_consistency(suite, size1, size2)
    return suite


def _making(suite: Suite) -> None:
    receipt_id = blob("receipt 0")
    suite.good("the leaf of a receipt", {"receipt_id": to_base64url(receipt_id)}, "audit.leaf_hash")
    suite.good(
        "the leaf of the same entry", {"entry": to_base64url(tree.entry(receipt_id))}, "audit.leaf_hash"
    )
    suite.good("the leaf of nothing", {"entry": ""}, "audit.leaf_hash")
    suite.good("the root of no leaves", {"leaves": []}, "audit.root")
    for size in SIZES:
        suite.good(f"the root of {size}", {"leaves": hashes(LEAVES[:size])}, "audit.root")
    for index, size in ((0, 1), (0, 2), (1, 3), (2, 3), (4, 5), (3, 7), (6, 7), (7, 8), (19, 20)):
        request: Request = {"leaves": hashes(LEAVES[:size]), "index": index}
        suite.good(f"a proof for {index} of {size}", request, "audit.prove_inclusion")
    part: Request = {"leaves": hashes(LEAVES[:7]), "index": "3", "size": 5}
    name = suite.good("a proof in the first 5 of 7", part, "audit.prove_inclusion")
    suite.bad(name, "proof.index_out_of_range", "the index is the size", {"index": 5})
    suite.bad(name, "proof.index_out_of_range", "the index is 2^64 - 1", {"index": str(2**64 - 1)})
    suite.bad(name, "proof.size_out_of_range", "the size is above the number of leaves", {"size": 8})
    suite.bad(name, "proof.size_out_of_range", "the size is 2^64 - 1", {"size": str(2**64 - 1)})
    suite.bad("a proof for 0 of 1", "proof.index_out_of_range", "there is no leaf", {"leaves": []})


def _small_inclusion(suite: Suite, index: int, size: int) -> None:
    leaves = LEAVES[:size]
    proof, root = tree.prove_inclusion(leaves, index), tree.root(leaves)
    _inclusion(suite, f"{index} in {size}", leaves[index], index, size, proof, root)


def _large_inclusion(suite: Suite, index: int, size: int) -> None:
    leaf = blob("a leaf")
    proof = [blob(f"sibling {number}") for number in range(tree.inclusion_length(index, size))]
    root = tree.root_from_inclusion(leaf, index, size, proof)
    name = _inclusion(suite, f"{index} in {size}", leaf, index, size, proof, root)
    for above in (2**63 + 1, 2**64 - 1):
        suite.bad(name, "proof.size_out_of_range", f"the size is {above}", {"size": str(above)})
    suite.bad(name, "proof.index_out_of_range", "the index is 2^64 - 1", {"index": str(2**64 - 1)})


def _inclusion(
    suite: Suite, label: str, leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes
) -> str:
    name = suite.good(label, inclusion(leaf, index, size, proof, root), "audit.verify_inclusion")
    extra = blob("extra")
    suite.bad(name, "proof.length", "a hash is left over", {"proof": hashes([*proof, extra])})
    suite.bad(name, "proof.index_out_of_range", "the index is the size", {"index": counter(size)})
    suite.bad(name, "proof.root_mismatch", "the root is another", {"root": to_base64url(extra)})
    suite.bad(name, "proof.root_mismatch", "the leaf is another", {"leaf_hash": to_base64url(extra)})
    if proof:
        suite.bad(name, "proof.length", "a hash is missing", {"proof": hashes(proof[:-1])})
        suite.bad(
            name, "proof.root_mismatch", "the first hash is another", {"proof": hashes([extra, *proof[1:]])}
        )
        suite.bad(
            name, "proof.root_mismatch", "the last hash is another", {"proof": hashes([*proof[:-1], extra])}
        )
    if len(proof) > 1:
        suite.bad(
            name, "proof.root_mismatch", "the hashes are in the other order", {"proof": hashes(proof[::-1])}
        )
        neighbour = index ^ 1
        if neighbour < size:
            suite.bad(
                name, "proof.root_mismatch", "the index is its neighbour's", {"index": counter(neighbour)}
            )
    return name


def _one_leaf(suite: Suite) -> None:
    """Bytes and numbers that are none, and sizes as texts."""
    leaves = LEAVES[:3]
    proof, root = tree.prove_inclusion(leaves, 2), tree.root(leaves)
    texts = inclusion(leaves[2], 2, 3, proof, root) | {"index": "2", "size": "3"}
    name = suite.good("2 in 3, as decimal texts", texts, "audit.verify_inclusion")
    both = consistency(2, 3, [leaves[2]], tree.root(leaves[:2]), root) | {"size1": "2", "size2": "3"}
    other = suite.good("from 2 to 3, as decimal texts", both, "audit.verify_consistency")
    for of, counters, binary in (
        (name, ("index", "size"), ("leaf_hash", "root")),
        (other, ("size1", "size2"), ("root1", "root2")),
    ):
        for member in counters:
            for wrong in (
                "",
                "03",
                "+3",
                "-3",
                " 3",
                "3 ",
                "0x3",
                "3.0",
                "3e0",
                "\u0663",
                str(2**64),
                "9" * 40,
            ):
                what = (
                    f"{member} is the text {wrong!r}" if wrong.isascii() else f"{member} is an Arabic digit"
                )
                suite.bad(of, "malformed.value", what, {member: wrong})
            suite.bad(of, "malformed.value", f"{member} is -1", {member: -1})
            kinds: tuple[tuple[str, Value], ...] = (("null", None), ("true", True), ("an array", []))
            for kind, value in kinds:
                suite.bad(of, "malformed.type", f"{member} is {kind}", {member: value})
        for member in binary:
            text = to_base64url(root)
            for what, change in NOT_BASE64URL[:4]:
                suite.bad(of, "malformed.base64", f"{member} {what}", {member: change(text)})
            for length in (0, 31, 33):
                short = to_base64url(bytes(length))
                suite.bad(of, "malformed.base64", f"{member} has {length} bytes", {member: short})
        suite.bad(
            of, "malformed.base64", "a hash of the proof has 31 bytes", {"proof": [to_base64url(bytes(31))]}
        )
        suite.bad(of, "malformed.type", "the proof is a text", {"proof": ""})
    suite.bad(name, "proof.index_out_of_range", "the tree is empty", {"size": 0})
    suite.bad(name, "proof.size_out_of_range", "the size is 2^63 + 1", {"size": str(2**63 + 1)})
    suite.bad(name, "proof.root_mismatch", "leaf and root are one hash", {"leaf_hash": to_base64url(root)})
    pair = tree.node(leaves[0], leaves[1])
    suite.bad(
        name, "proof.root_mismatch", "the leaf is a node of the tree", {"leaf_hash": to_base64url(pair)}
    )


def _small_consistency(suite: Suite, size1: int, size2: int) -> None:
    leaves = LEAVES[:size2]
    proof = tree.prove_consistency(leaves, size1)
    _consistency(suite, size1, size2, proof, tree.root(leaves[:size1]), tree.root(leaves))


def _large_consistency(suite: Suite, size1: int, size2: int) -> None:
    """Made-up hashes, and the roots that they lead to (docs/spec/log.md, section 5)."""
    if size1 == size2:
        _consistency(suite, size1, size2, [], blob("root"), blob("root"))
        return
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    made = [blob("first")]
    fr = sr = made[0]
    while sn:
        made.append(blob(f"further {len(made)}"))
        if fn & 1 or fn == sn:
            fr, sr = tree.node(made[-1], fr), tree.node(made[-1], sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = tree.node(sr, made[-1])
        fn, sn = fn >> 1, sn >> 1
    _consistency(suite, size1, size2, made[1:] if size1.bit_count() == 1 else made, fr, sr)


def _consistency(
    suite: Suite, size1: int, size2: int, proof: list[bytes], root1: bytes, root2: bytes
) -> None:
    request = consistency(size1, size2, proof, root1, root2)
    name = suite.good(f"from {size1} to {size2}", request, "audit.verify_consistency")
    extra = blob("extra")
    suite.bad(name, "proof.length", "a hash is left over", {"proof": hashes([*proof, extra])})
    suite.bad(name, "proof.root_mismatch", "the first root is another", {"root1": to_base64url(extra)})
    suite.bad(name, "proof.root_mismatch", "the second root is another", {"root2": to_base64url(extra)})
    suite.bad(name, "proof.from_empty", "the first size is 0", {"size1": 0})
    for above in (2**63 + 1, 2**64 - 1):
        suite.bad(name, "proof.size_out_of_range", f"the second size is {above}", {"size2": str(above)})
    if size2 < 2**63:
        suite.bad(
            name,
            "proof.size_out_of_range",
            "the first size is above the second",
            {"size1": counter(size2 + 1)},
        )
    if proof:
        suite.bad(name, "proof.length", "a hash is missing", {"proof": hashes(proof[:-1])})
        suite.bad(
            name, "proof.root_mismatch", "the last hash is another", {"proof": hashes([*proof[:-1], extra])}
        )


# --- checkpoints -----------------------------------------------------------------------------------


def checkpoint_suite() -> Suite:
    suite = Suite(
        "checkpoint.json",
        "Checkpoints as signed notes (docs/spec/log.md, sections 2 and 3).",
        default="checkpoint.verify",
    )
    root, key = tree.root(LEAVES[:3]), note.LogKey(ORIGIN, ed25519.public_key_of(LOG))
    for size in (0, 1, 3, 2**53 - 1, 2**53, 2**63, 2**63 + 1, 2**64 - 1):
        hashed = tree.root([]) if size == 0 else root
        signing: Request = {
            "seed": to_base64url(LOG),
            "origin": ORIGIN,
            "size": counter(size),
            "root": to_base64url(hashed),
        }
        if size <= 2**63:
            suite.good(f"a checkpoint of size {size} is signed", signing, "checkpoint.sign")
        else:
            largest = f"a checkpoint of size {2**63} is signed"
            suite.bad(largest, "proof.size_out_of_range", f"the size is {size}", {"size": str(size)})
        made, vkey = note.signed_note(note.checkpoint_text(ORIGIN, size, hashed), LOG, ORIGIN), key.vkey
        suite.good(f"a checkpoint of size {size}", {"note": made, "vkey": vkey})
    made, vkey = note.sign_checkpoint(LOG, ORIGIN, 3, root)
    whole = "a checkpoint of size 3"
    _signatures(suite, whole, made, root)
    _forms(suite, whole, made, root)
    _vkeys(suite, whole, vkey)
    return suite


def _signatures(suite: Suite, whole: str, made: str, root: bytes) -> None:
    key = note.LogKey(ORIGIN, ed25519.public_key_of(LOG))
    text = note.checkpoint_text(ORIGIN, 3, root)
    witness = note.signature_line(OTHER, "witness.example/w1", text)
    mine = note.signature_line(LOG, ORIGIN, text)
    base: Request = {"vkey": key.vkey}
    odd = f"{note.DASH} w\u00eftness AAAAAAA=\n"
    same_name = keyed_line(note.LogKey(ORIGIN, ed25519.public_key_of(OTHER)), bytes(64))
    same_id = f"{note.DASH} other.example {to_base64(key.key_id + bytes(64))}\n"
    for name, text_of_note in (
        ("a line of a witness follows", made + witness),
        ("a line of a witness goes before", f"{text}\n{witness}{mine}"),
        ("a line of five bytes follows", made + odd),
        ("a wrong line by another key of the same name follows", made + same_name),
        ("a wrong line by another name with the same key id follows", made + same_id),
        ("the log signs twice", made + mine),
        ("32 lines", made + witness * 31),
    ):
        suite.good(name, base | {"note": text_of_note})
    suite.bad("32 lines", "checkpoint.malformed", "there are 33", {"note": made + witness * 32})
    invalid = "checkpoint.signature_invalid"
    suite.bad(
        "the log signs twice",
        invalid,
        "the second line is wrong",
        {"note": made + flipped(made).partition("\n\n")[2]},
    )
    suite.bad("the log signs twice", invalid, "the first line is wrong", {"note": flipped(made) + mine})
    for what, wrong in (
        ("the signature has a bit flipped", flipped(made)),
        ("the signature has 63 bytes", f"{text}\n{keyed_line(key, bytes(63))}"),
        ("the signature has 65 bytes", f"{text}\n{keyed_line(key, bytes(65))}"),
        ("the signature has one byte", f"{text}\n{keyed_line(key, bytes(1))}"),
        ("the size is another", made.replace("\n3\n", "\n4\n")),
        ("the root is another", made.replace(to_base64(root), to_base64(blob("root")))),
        ("the empty line is signed, too", f"{text}\n" + _line_over(key, text + "\n")),
        ("the last LF is not signed", f"{text}\n" + _line_over(key, text[:-1])),
        ("R is of small order", f"{text}\n{keyed_line(key, SMALL_ORDER[2] + bytes(32))}"),
        ("S is not below L", f"{text}\n{keyed_line(key, _larger(text))}"),
    ):
        suite.bad(whole, invalid, what, {"note": wrong})
    for what, wrong in (
        ("it is signed by another key", note.signed_note(text, OTHER, ORIGIN)),
        ("it is signed under another name", note.signed_note(text, LOG, "other.example")),
        ("it is signed under a longer name", note.signed_note(text, LOG, ORIGIN + "x")),
        (
            "the key id has a bit flipped",
            f"{text}\n{note.DASH} {ORIGIN} "
            + to_base64(bytes([key.key_id[0] ^ 1]) + key.key_id[1:] + ed25519.sign(LOG, text.encode()))
            + "\n",
        ),
        (
            "the key id is 0",
            f"{text}\n{note.DASH} {ORIGIN} " + to_base64(bytes(4) + ed25519.sign(LOG, text.encode())) + "\n",
        ),
        ("only a witness has signed", f"{text}\n{witness}"),
    ):
        suite.bad(whole, "checkpoint.key_unknown", what, {"note": wrong})
    other = note.checkpoint_text("other.example", 3, root)
    suite.bad(
        whole,
        "checkpoint.origin_mismatch",
        "the origin is another",
        {"note": note.signed_note(other, LOG, ORIGIN)},
    )


def _line_over(key: note.LogKey, text: str) -> str:
    return keyed_line(key, ed25519.sign(LOG, text.encode()))


def _larger(text: str) -> bytes:
    signature = ed25519.sign(LOG, text.encode())
    s = int.from_bytes(signature[32:], "little") + ed25519.L
    return signature[:32] + s.to_bytes(32, "little")


def _forms(suite: Suite, whole: str, made: str, root: bytes) -> None:
    """Notes that are none, each signed over the text that it has."""
    encoded = to_base64(root)
    dash = note.DASH
    texts = (
        ("an extension line follows the root", f"{ORIGIN}\n3\n{encoded}\nmore\n"),
        ("there is no root", f"{ORIGIN}\n3\n"),
        ("the size has a leading zero", f"{ORIGIN}\n03\n{encoded}\n"),
        ("the size has a sign", f"{ORIGIN}\n+3\n{encoded}\n"),
        ("the size is negative", f"{ORIGIN}\n-3\n{encoded}\n"),
        ("the size is 2^64", f"{ORIGIN}\n{2**64}\n{encoded}\n"),
        ("the size is a word", f"{ORIGIN}\nthree\n{encoded}\n"),
        ("a space follows the size", f"{ORIGIN}\n3 \n{encoded}\n"),
        ("the root has 31 bytes", f"{ORIGIN}\n3\n{to_base64(root[:31])}\n"),
        ("the root has 33 bytes", f"{ORIGIN}\n3\n{to_base64(root + b'0')}\n"),
        ("the root has no padding", f"{ORIGIN}\n3\n{encoded[:-1]}\n"),
        ("the root is base64url", f"{ORIGIN}\n3\n{'_' * 42}8=\n"),
        (
            "the root has a bit set that is not used",
            f"{ORIGIN}\n3\n{encoded[:-2]}{chr(ord(encoded[-2]) + 1)}=\n",
        ),
        ("the origin has a space", f"talos example\n3\n{encoded}\n"),
        ("the origin has a plus", f"talos+example\n3\n{encoded}\n"),
        ("a line ends in CR LF", f"{ORIGIN}\r\n3\n{encoded}\n"),
    )
    for what, text in texts:
        suite.bad(whole, "checkpoint.malformed", what, {"note": note.signed_note(text, LOG, ORIGIN)})
    notes = (
        ("there is no signature", made.partition(dash)[0]),
        ("there is no empty line", made.replace("\n\n", "\n")),
        ("there are two empty lines", made.replace("\n\n", "\n\n\n")),
        ("the last LF is missing", made[:-1]),
        ("an empty line follows", made + "\n"),
        ("a word follows", made + "x\n"),
        ("every line ends in CR LF", made.replace("\n", "\r\n")),
        ("the dash is a hyphen", made.replace(dash, "-")),
        ("the dash is an en dash", made.replace(dash, "\u2013")),
        ("two spaces follow the dash", made.replace(f"{dash} ", f"{dash}  ")),
        ("a line has a name with a plus", made + f"{dash} a+b AAAAAAA=\n"),
        ("a line has a name with a no-break space", made + f"{dash} a\u00a0b AAAAAAA=\n"),
        ("a line has no name", made + f"{dash}  AAAAAAA=\n"),
        ("a line holds four bytes", made + f"{dash} a AAAAAA==\n"),
        ("a line has base64 without padding", made + f"{dash} a AAAAAAA\n"),
        ("a line has base64url", made + f"{dash} a _____w==\n"),
        ("a line has two values", made + f"{dash} a AAAAAAA= AAAAAAA=\n"),
        ("a line has a tab", made + f"{dash} a\tb AAAAAAA=\n"),
        ("a line has a delete character", made + f"{dash} a\x7fb AAAAAAA=\n"),
        ("a line has a C1 control character", made + f"{dash} a\x85b AAAAAAA=\n"),
        ("it begins with a byte order mark and a space", "\ufeff " + made),
        ("it is empty", ""),
        ("it is longer than 16,384 bytes", made + f"{dash} a {to_base64(bytes(16_384))}\n"),
        ("it is longer than 16,384 bytes, but not characters", made + f"{dash} {'é' * 9_000} AAAAAAA=\n"),
    )
    for what, wrong in notes:
        suite.bad(whole, "checkpoint.malformed", what, {"note": wrong})
    suite.bad(whole, "malformed.type", "the note is null", {"note": None})


def _vkeys(suite: Suite, whole: str, vkey: str) -> None:
    name, key_id, encoded = vkey.split("+", 2)
    public = ed25519.public_key_of(LOG)
    for what, wrong in (
        ("is empty", ""),
        ("has no key", f"{name}+{key_id}"),
        ("has no key id", f"{name}+{encoded}"),
        ("has no name", note.LogKey("", public).vkey),
        ("has a name with a space", note.LogKey("talos example", public).vkey),
        ("has a name with a control character", note.LogKey("talos\x01example", public).vkey),
        ("has its key id in capitals", f"{name}+{key_id.upper()}+{encoded}"),
        ("has another key id", f"{name}+{int(key_id, 16) ^ 1:08x}+{encoded}"),
        ("has a key id of nine digits", f"{name}+0{key_id}+{encoded}"),
        ("has the key id of another name", note.LogKey("x", public).vkey.replace("x+", f"{name}+", 1)),
        ("has a key of 31 bytes", note.LogKey(name, public[:31]).vkey),
        ("has a key of 33 bytes", note.LogKey(name, public + b"0").vkey),
        ("has a key of another type", f"{name}+{key_id}+{to_base64(b'2' + public)}"),
        ("has too much padding", vkey + "="),
        ("ends in a line feed", vkey + "\n"),
        ("begins with a space", " " + vkey),
    ):
        suite.bad(whole, "key.malformed", f"the vkey {what}", {"vkey": wrong})
    for number in (1, 3, 7, 13):
        weak = note.LogKey(name, SMALL_ORDER[number - 1]).vkey
        suite.bad(
            whole,
            "signature.key_invalid",
            f"the vkey has encoding {number} of 14 of a point of small order",
            {"vkey": weak},
        )
    suite.bad(
        whole,
        "signature.key_invalid",
        "the vkey has a key off the curve",
        {"vkey": note.LogKey(name, (2).to_bytes(32, "little")).vkey},
    )
    text = note.checkpoint_text(ORIGIN, 3, tree.root(LEAVES[:3]))
    both = note.signed_note(text, LOG, name) + note.signature_line(LOG, "other.example", text)
    twice = suite.good("the log signs under two names", {"note": both, "vkey": vkey})
    other = note.LogKey("other.example", public).vkey
    suite.bad(twice, "checkpoint.origin_mismatch", "the vkey has the other name", {"vkey": other})
    suite.bad(
        whole,
        "checkpoint.key_unknown",
        "the vkey has another key",
        {"vkey": note.LogKey(name, ed25519.public_key_of(ISSUER)).vkey},
    )
