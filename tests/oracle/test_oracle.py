"""The oracle against the worked example, published vectors and facts about trees."""

from __future__ import annotations

import hashlib
import json
import random
import re
import struct
import subprocess
import sys
from pathlib import Path

import build
import bundle
import canonical
import constants
import dsse
import ed25519
import note
import pytest
import receipt
import tree
from didkey import resolve
from encoding import from_base64url, to_base64, to_base64url
from receipt import Receipt
from refusal import Refusal

HERE = Path(__file__).resolve().parent
SPEC = HERE.parent.parent / "docs" / "spec"


class WorkedExample:
    """The tables and code blocks of docs/spec/worked-example.md."""

    def __init__(self) -> None:
        text = (SPEC / "worked-example.md").read_text(encoding="utf-8")
        self.blocks = re.findall(r"```\n(.*?)\n```", text, re.DOTALL)
        self.rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", text, re.MULTILINE)
        self.text = text

    def every(self, name: str) -> list[str]:
        return [value.strip("`") for key, value in self.rows if key == name or key.startswith(name + " (")]

    def one(self, name: str) -> str:
        (value,) = self.every(name)
        return value


EXAMPLE = WorkedExample()
ISSUER_SEED = b"\x01" * 32
LOG_SEED = b"\x02" * 32
BUNDLE = EXAMPLE.blocks[5].encode("utf-8")
VKEY = EXAMPLE.one("vkey")
ISSUER = EXAMPLE.one("issuer DID")
TRUST = bundle.Trust.read([VKEY], [ISSUER])


def example_chain() -> build.Chain:
    chain = build.Chain(ISSUER_SEED, EXAMPLE.one("log name"))
    chain.open()
    decision = chain.decision("c1", {}, b"\x08" * 32)
    chain.outcome(decision, {"ok": True}, b"\x09" * 32)
    return chain


def example_log(receipts: list[Receipt]) -> build.Log:
    log = build.Log(LOG_SEED, EXAMPLE.one("log name"))
    log.append(*receipts)
    return log


# --- the worked example ----------------------------------------------------------------------------


def test_example_has_what_is_read_from_it() -> None:
    assert len(EXAMPLE.blocks) == 6
    assert EXAMPLE.one("issuer seed") == "01 x 32"
    assert EXAMPLE.one("log seed") == "02 x 32"
    assert EXAMPLE.every("k") == ["08 x 32", "09 x 32"]


def test_example_keys() -> None:
    issuer = build.key_of(ISSUER_SEED)
    assert issuer.did == ISSUER
    assert issuer.url == EXAMPLE.one("`iss`")
    assert note.LogKey(EXAMPLE.one("log name"), ed25519.public_key_of(LOG_SEED)).vkey == VKEY


def test_example_commitments() -> None:
    args = canonical.parse(EXAMPLE.one("arguments").encode(), canonical.TALOS_DATA)
    result = canonical.parse(EXAMPLE.one("result").encode(), canonical.TALOS_DATA)
    assert receipt.digest(constants.ARGS, args).hex() == EXAMPLE.one("args_digest")
    assert receipt.digest(constants.RESULT, result).hex() == EXAMPLE.one("result_digest")
    assert to_base64url(receipt.args_commit(args, b"\x08" * 32)) == EXAMPLE.one("args_commit")
    assert to_base64url(receipt.result_commit(result, b"\x09" * 32)) == EXAMPLE.one("result_commit")


def test_example_receipts() -> None:
    made = example_chain().receipts
    sizes = [int(size) for size in re.findall(r"^Body \((\d+) bytes\):$", EXAMPLE.text, re.MULTILINE)]
    for place, one in enumerate(made):
        assert one.envelope.payload == EXAMPLE.blocks[place].encode()
        assert len(one.envelope.payload) == sizes[place]
        assert one.envelope.signatures[0][1].hex() == EXAMPLE.every("signature")[place]
        assert one.receipt_id.hex() == EXAMPLE.every("receipt_id")[place]
        assert receipt.verify_alone(one.envelope.value()).receipt_id == one.receipt_id
    assert len(made) == len(sizes) == 3


def test_example_log() -> None:
    log = example_log(example_chain().receipts)
    assert [leaf.hex() for leaf in log.leaves] == [EXAMPLE.one(f"leaf {place}") for place in range(3)]
    assert tree.root(log.leaves).hex() == EXAMPLE.one("root of 3")
    assert log.checkpoint() == EXAMPLE.blocks[3] + "\n"
    assert log.proof(2) == EXAMPLE.blocks[4] + "\n"
    assert note.verify_checkpoint(log.checkpoint(), VKEY).size == 3


def test_example_bundle_is_made() -> None:
    made = example_chain().receipts
    log = example_log(made)
    bodies = {"result": build.body_value(b"\x09" * 32, {"ok": True})}
    value = build.bundle_value(made[2].envelope.value(), log.proof(2), bodies)
    assert canonical.canonical(value) == BUNDLE
    found = re.search(
        r"(\d+) bytes, one line without an LF at its end, SHA-256 `([0-9a-f]{64})`", EXAMPLE.text
    )
    assert found is not None
    assert (len(BUNDLE), hashlib.sha256(BUNDLE).hexdigest()) == (int(found[1]), found[2])


def test_example_bundle_is_judged() -> None:
    answer = bundle.verify_bundle(BUNDLE, TRUST)
    assert (answer.reason, answer.index, answer.size, answer.exit_code) == (None, 2, 3, 0)
    assert answer.receipt is not None
    assert answer.receipt.receipt_id.hex() == EXAMPLE.every("receipt_id")[2]
    for vkeys, issuers, reason in (
        ([VKEY], [], "trust.issuer_unknown"),
        ([], [ISSUER], "trust.log_unknown"),
        ([], [], "trust.none"),
    ):
        answer = bundle.verify_bundle(BUNDLE, bundle.Trust.read(vkeys, issuers))
        assert (answer.reason, answer.exit_code) == (reason, 4)
    for old, new, reason in (
        (b'"ok":true', b'"ok":null', "receipt.commit_mismatch"),
        (b"index 2", b"index 1", "proof.length"),
    ):
        answer = bundle.verify_bundle(BUNDLE.replace(old, new), TRUST)
        assert (answer.reason, answer.exit_code) == (reason, 3)


def test_no_flipped_bit_passes() -> None:
    reasons = set()
    for place in range(len(BUNDLE) * 8):
        flipped = bytearray(BUNDLE)
        flipped[place // 8] ^= 1 << place % 8
        answer = bundle.verify_bundle(bytes(flipped), TRUST)
        assert not answer.valid, f"bit {place}"
        reasons.add(answer.reason)
    assert {
        "malformed.syntax",
        "signature.invalid",
        "receipt.commit_mismatch",
        "proof.root_mismatch",
    } <= reasons
    assert "trust.log_unknown" in reasons  # the name or key id of the signature line


def test_no_cut_or_longer_bundle_passes() -> None:
    for length in range(len(BUNDLE)):
        assert not bundle.verify_bundle(BUNDLE[:length], TRUST).valid
    for more in (b"\n", b" ", b"\x00", b"{}"):
        assert not bundle.verify_bundle(BUNDLE + more, TRUST).valid


# --- canonical JSON --------------------------------------------------------------------------------

# RFC 8785, appendix B.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_number_text(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical.number_text(number) == text


def test_every_double_survives_its_own_text() -> None:
    source = random.Random(8785)
    for _ in range(3000):
        (number,) = struct.unpack(">d", source.randbytes(8))
        if number != number or number in (float("inf"), float("-inf")) or number == 0:
            continue
        text = canonical.number_text(number)
        assert canonical.read_number(text, canonical.TALOS_DATA) == number
        assert float(text) == number
        assert text == text.lower()
        assert not re.search(r"\.0*$|\.[0-9]*0(?:$|e)|^-?0[0-9]|e[+-]0", text)


def test_rfc_8785_example() -> None:
    text = (
        b'{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        b'"string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/",'
        b'"literals": [null, true, false]}'
    )
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical.canonical(canonical.parse(text, canonical.RFC8785)) == expected.encode()
    with pytest.raises(Refusal, match=r"malformed\.number"):
        canonical.parse(text, canonical.TALOS_DATA)


def test_names_are_in_the_order_of_utf16() -> None:
    names = ["\r", "1", "\x80", "\xf6", "€", "\U0001f600", "\ufb33"]
    value: canonical.Value = dict.fromkeys(reversed(names))
    assert list(json.loads(canonical.canonical(value))) == names
    assert canonical.canonical({"\ue000": 1, "\U00010000": 2}) == '{"\U00010000":2,"\ue000":1}'.encode()


def test_canonical_bytes_of_random_values_are_stable() -> None:
    source = random.Random(1)
    for _ in range(300):
        value = random_value(source, 4)
        data = canonical.canonical(value)
        assert canonical.parse_canonical(data, canonical.TALOS_DATA) == value
        assert json.loads(data) == value


def random_value(source: random.Random, depth: int) -> canonical.Value:
    choice = source.randrange(7 if depth else 5)
    if choice < 2:
        return source.choice([None, True, False, 0, -1, 0.5, 1e300, 2**53 - 1])
    if choice < 5:
        return "".join(
            source.choice('ab"\\\x00\x1f\x7f/é€\ud7ff\ue000\U0001f600') for _ in range(source.randrange(6))
        )
    if choice == 5:
        return [random_value(source, depth - 1) for _ in range(source.randrange(4))]
    return {str(source.random())[: source.randrange(5)]: random_value(source, depth - 1) for _ in range(3)}


# --- Ed25519 ---------------------------------------------------------------------------------------

# RFC 8032, section 7.1: secret key, public key, message, signature.
RFC8032 = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0"
        "595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eae"
        "b4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9"
        "716ed28dc027beceea1ec40a",
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c"
        "138ac17ad9bef1177331a704",
    ),
)


@pytest.mark.parametrize(("seed", "public_key", "message", "signature"), RFC8032)
def test_rfc_8032(seed: str, public_key: str, message: str, signature: str) -> None:
    secret, key, text, made = map(bytes.fromhex, (seed, public_key, message, signature))
    assert ed25519.public_key_of(secret) == key
    assert ed25519.sign(secret, text) == made
    assert ed25519.fault(key, text, made) is None
    assert ed25519.fault(key, text + b"!", made) == "signature.invalid"


def small_order_points() -> list[ed25519.Point]:
    """The eight points of small order: multiples of one of order 8, found by clearing L from any point."""
    for y in range(2, 100):
        point = ed25519.point_at(y, 0)
        if point is None:
            continue
        torsion = ed25519.multiply(ed25519.L, point)
        if not ed25519.equal(ed25519.multiply(4, torsion), ed25519.IDENTITY):
            return [ed25519.multiply(factor, torsion) for factor in range(8)]
    raise AssertionError("no point of order 8")


def test_the_list_of_small_order_encodings() -> None:
    text = (SPEC / "envelope.md").read_text(encoding="utf-8")
    listed = {bytes.fromhex(line) for line in re.findall(r"^[0-9a-f]{64}$", text, re.MULTILINE)}
    found = set()
    for point in small_order_points():
        assert ed25519.small_order(point)
        number = int.from_bytes(ed25519.encode(point), "little")
        y = number & (2**255 - 1)
        for written in (y, y + ed25519.P):
            for sign in (0, 1):
                if written < 2**255 and (sign == number >> 255 or point[0] % ed25519.P == 0):
                    found.add((written | sign << 255).to_bytes(32, "little"))
    assert len(listed) == 14
    assert found == listed
    assert not any(ed25519.key_usable(data) for data in listed)


def test_the_equation_has_no_cofactor() -> None:
    """A key with a part of small order: an equation with the cofactor would hold for every message."""
    scalar = 1234567
    torsion = small_order_points()[1]
    public_key = ed25519.encode(ed25519.add(ed25519.multiply(scalar, ed25519.BASE), torsion))
    assert ed25519.key_usable(public_key)
    verdicts = {}
    for nonce in range(1, 60):
        r = ed25519.encode(ed25519.multiply(nonce, ed25519.BASE))
        k = ed25519.challenge(r, public_key, b"m")
        s = (nonce + k * scalar) % ed25519.L
        verdict = ed25519.fault(public_key, b"m", r + s.to_bytes(32, "little"))
        assert verdict == (None if k % 8 == 0 else "signature.invalid")
        verdicts[verdict] = True
    assert len(verdicts) == 2


# --- the tree --------------------------------------------------------------------------------------

# The test data of the Certificate Transparency implementations.
CT_LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
CT_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def test_ct_roots() -> None:
    leaves = [tree.leaf_hash(bytes.fromhex(data)) for data in CT_LEAVES]
    assert [tree.root(leaves[:size]).hex() for size in range(9)] == list(CT_ROOTS)


def some_leaves(count: int) -> list[bytes]:
    return [tree.leaf_hash(tree.entry(hashlib.sha256(b"%d" % place).digest())) for place in range(count)]


def test_every_inclusion_proof_of_small_trees() -> None:
    leaves = some_leaves(33)
    for size in range(1, 34):
        root = tree.root(leaves[:size])
        for index in range(size):
            proof = tree.prove_inclusion(leaves[:size], index)
            assert len(proof) == tree.inclusion_length(index, size)
            tree.verify_inclusion(leaves[index], index, size, proof, root)
            wrong = [
                (leaves[index], index, size, [*proof, leaves[0]]),
                (leaves[index], index ^ 1, size, proof),
                (tree.leaf_hash(b""), index, size, proof),
            ]
            if proof:
                wrong.append((leaves[index], index, size, proof[:-1]))
                wrong.append((leaves[index], index, size, [*proof[:-1], leaves[32]]))
            for leaf, where, count, hashes in wrong:
                if (leaf, where, hashes) == (leaves[index], index, proof):
                    continue
                with pytest.raises(Refusal):
                    tree.verify_inclusion(leaf, where, count, hashes, root)


def test_every_consistency_proof_of_small_trees() -> None:
    leaves = some_leaves(33)
    roots = [tree.root(leaves[:size]) for size in range(34)]
    for size2 in range(1, 34):
        for size1 in range(1, size2 + 1):
            proof = tree.prove_consistency(leaves[:size2], size1)
            tree.verify_consistency(size1, size2, proof, roots[size1], roots[size2])
            for hashes, root1, root2 in (
                ([*proof, leaves[0]], roots[size1], roots[size2]),
                (proof, roots[size1 - 1], roots[size2]),
                (proof, roots[size1], roots[size2 - 1]),
                (proof[:-1] if proof else [leaves[1]], roots[size1], roots[size2]),
            ):
                with pytest.raises(Refusal):
                    tree.verify_consistency(size1, size2, hashes, root1, root2)


def test_the_largest_tree() -> None:
    source = random.Random(63)
    for index in (0, 1, 2**62, 2**63 - 2, 2**63 - 1):
        proof = [source.randbytes(32) for _ in range(tree.inclusion_length(index, 2**63))]
        assert len(proof) == 63
        root = tree.root_from_inclusion(b"\x00" * 32, index, 2**63, proof)
        tree.verify_inclusion(b"\x00" * 32, index, 2**63, proof, root)
        with pytest.raises(Refusal, match=r"proof\.size_out_of_range"):
            tree.verify_inclusion(b"\x00" * 32, index, 2**63 + 1, proof, root)


# --- DIDs ------------------------------------------------------------------------------------------


def test_did_document() -> None:
    key = build.key_of(ISSUER_SEED)
    text = (SPEC / "identity.md").read_text(encoding="utf-8")
    found = re.search(r"```json\n(.*)\n```", text)
    assert found is not None
    expected = (
        found[1]
        .replace('"U"', f'"{key.url}"')
        .replace('"D"', f'"{key.did}"')
        .replace('"zX"', f'"{key.multibase}"')
    )
    assert canonical.canonical(key.document()) == expected.encode()
    assert resolve(key.did) == key


# --- the command line ------------------------------------------------------------------------------


def run(*arguments: str | Path) -> tuple[int, dict[str, object]]:
    done = subprocess.run(
        [sys.executable, HERE / "verify.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else {}


def test_command_line_on_a_bundle(tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(BUNDLE)
    code, answer = run(path, "--log-key", VKEY, "--issuer", ISSUER)
    assert code == 0
    assert answer["valid"] is True
    assert from_base64url(str(answer["receipt_id"])) == bytes.fromhex(EXAMPLE.every("receipt_id")[2])
    assert run(path) == (4, {"reason": "trust.none", "trusted": False, "valid": False})
    assert run(path, "--log-key", "x") == (2, {"error": "key.malformed"})
    assert run(path, "--issuer", "x") == (2, {"error": "did.malformed"})
    assert run()[0] == 2
    assert run(tmp_path / "absent")[0] == 2
    path.write_bytes(BUNDLE[:-1])
    assert run(path, "--log-key", VKEY, "--issuer", ISSUER) == (
        3,
        {"reason": "malformed.syntax", "valid": False},
    )


def test_command_line_on_a_log(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    trust = ("--log-key", VKEY, "--issuer", ISSUER)
    chain = example_chain()
    log = example_log(chain.receipts)
    path.write_bytes(build.export_lines(chain.receipts, log.checkpoint()))
    code, answer = run("--log", path, *trust)
    assert (code, answer["valid"], answer["size"], answer["incomplete_chains"]) == (0, True, "3", 1)
    assert run("--log", path, "--complete", *trust) == (3, {"reason": "receipt.incomplete", "valid": False})
    log.append(chain.close())
    path.write_bytes(build.export_lines(chain.receipts, log.checkpoint()))
    code, answer = run("--log", path, "--complete", *trust)
    assert (code, answer["chains"], answer["incomplete_chains"]) == (0, 1, 0)
    assert run("--log", path) == (4, {"reason": "trust.none", "trusted": False, "valid": False})
    lines = path.read_bytes().splitlines(keepends=True)
    assert run("--log", path, *trust)[0] == 0
    path.write_bytes(b"".join([*lines[:1], *lines[2:]]))
    assert run("--log", path, *trust) == (3, {"line": 2, "reason": "receipt.incomplete", "valid": False})


def test_an_envelope_made_by_hand_is_read() -> None:
    made = example_chain().receipts[0].envelope
    text = json.dumps(made.value(), indent=1)
    value = canonical.parse(text.encode(), canonical.TALOS_DATA)
    assert dsse.verify_alone(value) == made
    assert dsse.verify_alone(value, ed25519.public_key_of(ISSUER_SEED)) == made
    assert to_base64(made.payload) in text
