"""Random cases for Ed25519, envelopes and DIDs."""

from __future__ import annotations

import random
from dataclasses import dataclass

import didkey
import dsse
import ed25519
from build import key_of, signed
from canonical import Value
from cases_json import random_text
from contract import array_of
from differential import Case, Expected, invalid, problem, result, valid
from edits import Edit, cosign, drop, put, reverse_signatures, signature_entry, together
from encoding import to_base64, to_base64url
from refusal import Refusal

# --- Ed25519 ---------------------------------------------------------------------------------------


def _torsion() -> list[ed25519.Point]:
    """The eight points of small order."""
    for y in range(2, 100):
        point = ed25519.point_at(y, 0)
        if point is not None:
            found = ed25519.multiply(ed25519.L, point)
            if not ed25519.equal(ed25519.multiply(4, found), ed25519.IDENTITY):
                return [ed25519.multiply(factor, found) for factor in range(8)]
    raise AssertionError("no point of order 8")


TORSION = _torsion()


def encodings(point: ed25519.Point) -> list[bytes]:
    """Every way to write a point: also with y >= p, and with a sign for x = 0."""
    number = int.from_bytes(ed25519.encode(point), "little")
    y, sign = number & (2**255 - 1), number >> 255
    signs = (0, 1) if point[0] % ed25519.P == 0 else (sign,)
    return [
        (written | one << 255).to_bytes(32, "little")
        for written in (y, y + ed25519.P)
        for one in signs
        if written < 2**255
    ]


SMALL_ORDER = [data for point in TORSION for data in encodings(point)]


def strange_point(source: random.Random) -> bytes:
    """Bytes at the edge of being a point."""
    choice = source.randrange(4)
    if choice == 0:
        return source.choice(SMALL_ORDER)
    if choice == 1:  # y from p to 2^255 - 1
        return (ed25519.P + source.randrange(19) | source.randrange(2) << 255).to_bytes(32, "little")
    if choice == 2:  # small y, on the curve or off it
        return (source.randrange(40) | source.randrange(2) << 255).to_bytes(32, "little")
    return source.randbytes(32)


@dataclass(frozen=True)
class Edge:
    """How a key and an R are made of a part of full order and a part of small order, each perhaps zero.

    Each signature made of them holds with the cofactor. `holds` says whether it holds without, too, so that
    either the cofactor decides or the rules about points do.
    """

    note: str
    key_full: bool
    key_part: int
    r_full: bool
    r_part: int
    holds: bool

    def make(self, source: random.Random) -> tuple[str, bytes, bytes, bytes]:
        scalar = source.randrange(1, ed25519.L) if self.key_full else 0
        nonce = source.randrange(1, ed25519.L) if self.r_full else 0
        public = written(source, scalar, self.key_part)
        while True:
            message = source.randbytes(8)
            r = written(source, nonce, self.r_part)
            k = ed25519.challenge(r, public, message)
            if ((self.r_part + k * self.key_part) % 8 == 0) == self.holds:
                s = (nonce + k * scalar) % ed25519.L
                return self.note, public, message, r + s.to_bytes(32, "little")


def written(source: random.Random, scalar: int, part: int) -> bytes:
    """One of the ways to write a multiple of the base point plus a point of small order."""
    return source.choice(encodings(ed25519.add(ed25519.multiply(scalar, ed25519.BASE), TORSION[part])))


EDGES = (
    Edge("key of mixed order, holds", True, 1, True, 0, True),
    Edge("key of mixed order", True, 1, True, 0, False),
    Edge("R of mixed order", True, 0, True, 3, False),
    Edge("both of mixed order, holds", True, 2, True, 6, True),
    Edge("both of mixed order", True, 4, True, 4, False),
    Edge("R is the identity", True, 0, False, 0, True),
    Edge("R of small order, key of mixed order", True, 1, False, 5, True),
    Edge("R of small order", True, 0, False, 4, False),
    Edge("key is the identity", False, 0, True, 0, True),
    Edge("key of small order, holds", False, 1, True, 0, True),
    Edge("key of small order", False, 2, True, 0, False),
    Edge("both of small order", False, 1, False, 2, True),
)


def signature_case(source: random.Random) -> tuple[str, bytes, bytes, bytes]:
    seed, message = source.randbytes(32), source.randbytes(source.choice((0, 1, 32, 200)))
    public, signature = ed25519.public_key_of(seed), ed25519.sign(seed, message)
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    choice = source.randrange(10)
    if choice < 2:
        return "valid", public, message, signature
    if choice == 2:
        return "flipped bit of the signature", public, message, flip(source, signature)
    if choice == 3:
        return "flipped bit of the key", flip(source, public), message, signature
    if choice == 4:
        return "other message", public, message + b"\x00", signature
    if choice == 5:
        more = s + source.choice((1, 2, 8, 15)) * ed25519.L
        return "S not below L", public, message, r + (more % 2**256).to_bytes(32, "little")
    if choice == 6:
        edge = source.choice((0, ed25519.L - 1, ed25519.L, ed25519.L + 1, 2**253, 2**256 - 1))
        return "S at the edge", public, message, r + edge.to_bytes(32, "little")
    if choice == 7:
        return "strange key", strange_point(source), message, signature
    if choice == 8:
        return "strange R", public, message, strange_point(source) + signature[32:]
    return source.choice(EDGES).make(source)


def flip(source: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    out[source.randrange(len(out))] ^= 1 << source.randrange(8)
    return bytes(out)


def ed25519_cases(source: random.Random, count: int) -> list[Case]:
    made = [verification(*edge.make(source)) for edge in EDGES]
    for _ in range(count - len(made)):
        if source.random() < 0.2:
            seed, message = source.randbytes(32), source.randbytes(source.randrange(300))
            made.append(
                Case(
                    "ed25519.sign",
                    "sign",
                    {"seed": to_base64url(seed), "message": to_base64url(message)},
                    result(
                        public_key=to_base64url(ed25519.public_key_of(seed)),
                        signature=to_base64url(ed25519.sign(seed, message)),
                    ),
                )
            )
            continue
        made.append(verification(*signature_case(source)))
    return made


def verification(note: str, public: bytes, message: bytes, signature: bytes) -> Case:
    fault = ed25519.fault(public, message, signature)
    request: dict[str, Value] = {
        "public_key": to_base64url(public),
        "message": to_base64url(message),
        "signature": to_base64url(signature),
    }
    return Case("ed25519.verify", note, request, invalid(fault) if fault else valid())


# --- envelopes -------------------------------------------------------------------------------------


def random_type(source: random.Random) -> str:
    return source.choice(
        ("application/json", "t", "é" * 256, "application/vnd.talos.receipt.v1+json", "a b 3 ")
    )


def envelope_edit(source: random.Random) -> tuple[str, Edit]:
    seed = source.randbytes(32)
    weak = didkey.Key("ed25519", source.choice(SMALL_ORDER)).url
    long_form = to_base64(source.randbytes(source.choice((0, 63, 65))))
    edits: list[tuple[str, Edit]] = [
        ("co-signed", cosign(seed, source.randbytes(32))),
        ("co-signer first", together(cosign(seed), reverse_signatures)),
        ("16 signatures", cosign(*map(bytes, zip(*[iter(source.randbytes(15 * 32))] * 32, strict=True)))),
        ("17 signatures", cosign(*[seed] * 16)),
        ("a co-signer twice", cosign(seed, source.randbytes(32), seed)),
        (
            "a signature twice",
            lambda value: array_of(value["signatures"]).extend(array_of(value["signatures"])),
        ),
        ("co-signed under another name", cosign(seed, keyid=key_of(source.randbytes(32)).url)),
        ("weak co-signer", cosign(seed, keyid=weak)),
        ("X25519 co-signer", cosign(seed, keyid=didkey.Key("x25519", source.randbytes(32)).url)),
        ("no signature", put("signatures", [])),
        ("other payload", put("payload", to_base64(b"other"))),
        ("other type", put("payloadType", "u")),
        ("empty type", put("payloadType", "")),
        ("long type", put("payloadType", "é" * 257)),
        ("type of another type", put("payloadType", source.choice((None, 1, [], {}, True)))),
        ("payload of another type", put("payload", source.choice((None, 1, [], {}, False)))),
        ("signatures of another type", put("signatures", source.choice((None, 1, "", {})))),
        ("entry of another type", put("signatures", [source.choice((None, 1, "", []))])),
        ("keyid of another type", signature_entry(put("keyid", source.choice((None, 1))))),
        ("sig of another type", signature_entry(put("sig", source.choice((None, 1))))),
        ("unknown member", put(source.choice(("extra", "payload_type", "")), "x")),
        ("unknown member of an entry", signature_entry(put("cert", "x"))),
        ("missing member", drop(source.choice(("payload", "payloadType", "signatures")))),
        ("missing member of an entry", signature_entry(drop(source.choice(("keyid", "sig"))))),
        (
            "payload not base64",
            put("payload", source.choice(("YQ", "YR==", "YQ==\n", "_w==", "Y", "====", "é"))),
        ),
        ("sig not base64", signature_entry(put("sig", source.choice(("YQ", "YR==", " YQ==", "-w=="))))),
        ("sig of another length", signature_entry(put("sig", long_form))),
        ("very long sig", signature_entry(put("sig", "A" * source.choice((8_192, 8_196))))),
        ("very long payload", put("payload", "A" * source.choice((86_700, 86_704)))),
        ("empty keyid", signature_entry(put("keyid", ""))),
        ("long keyid", signature_entry(put("keyid", "a" * source.choice((512, 513))))),
        ("keyid without fragment", signature_entry(put("keyid", key_of(seed).did))),
        ("keyid with another fragment", signature_entry(put("keyid", key_of(seed).did + "#1"))),
        ("keyid of another key", signature_entry(put("keyid", key_of(seed).url))),
    ]
    return source.choice(edits)


def expected_envelope(value: Value) -> Expected:
    try:
        envelope = dsse.verify_alone(value)
    except Refusal as refused:
        return invalid(refused.code)
    return valid(
        payload=to_base64url(envelope.payload),
        payload_type=envelope.payload_type,
        keyid=envelope.signatures[0][0],
    )


def envelope_cases(source: random.Random, count: int) -> list[Case]:
    made = []
    for _ in range(count):
        seed, payload, kind = (
            source.randbytes(32),
            source.randbytes(source.randrange(100)),
            random_type(source),
        )
        value = signed(seed, payload, kind).value()
        choice = source.randrange(6)
        if choice == 0:
            request: dict[str, Value] = {
                "seed": to_base64url(seed),
                "payload_type": kind,
                "payload": to_base64url(payload),
            }
            if source.random() < 0.3:
                request["keyid"] = key_of(seed).url
            made.append(Case("envelope.sign", "sign", request, result(envelope=value)))
            continue
        note = "valid"
        if choice > 1:
            note, edit = envelope_edit(source)
            edit(value)
        made.append(
            Case(
                "envelope.verify", note, {"envelope": value}, expected_envelope(value), source.random() < 0.3
            )
        )
    return made


# --- DIDs ------------------------------------------------------------------------------------------


def random_did(source: random.Random) -> tuple[str, str]:
    key = didkey.Key("ed25519", ed25519.public_key_of(source.randbytes(32)))
    if source.random() < 0.4:
        key = didkey.Key("x25519", source.randbytes(32))
    prefix = didkey.PREFIXES[key.key_type]
    choice = source.randrange(11)
    if choice < 3:
        return "valid", key.did
    if choice == 3:
        return "URL", source.choice(
            (key.url, key.did + "#", key.did + "#a", key.did + "?a=b", key.did + "/a")
        )
    if choice == 4:
        length = source.choice((0, 1, 16, 30, 31, 33, 64, 84, 85, 86, 87, 200))
        return "key of another length", "did:key:z" + didkey.base58(prefix + source.randbytes(length))
    if choice == 5:
        other = source.choice((b"\xe7\x01", b"\x80\x24", b"\xed\x02", b"\x00\xed\x01", b"\xeb\x01"))
        return "other prefix", "did:key:z" + didkey.base58(other + source.randbytes(32))
    if choice == 6:
        others = (
            "did:web:example.com",
            "did:plc:abc",
            "did:web:a:b",
            "did:ex4mple:A%20b",
            "did:web:" + "a" * 504,
        )
        return "other method", source.choice(others)
    if choice == 7:
        texts = (
            *(
                "did",
                "did:",
                "did:key",
                "did:key:",
                "did::z",
                "x",
                "Did:key:z",
                "did:web",
                "did:web:",
                "did:key:z",
            ),
            *(
                "did:Web:a",
                "did:w-b:a",
                "did:web:a b",
                "did:web:a%2",
                "did:web:a%zz",
                "did:web:é",
                "did:web:a:",
            ),
        )
        return "no DID", source.choice(texts)
    if choice == 8:
        wrong = source.choice(("0", "O", "I", "l", " ", "+", "é", "\n"))
        at = source.randrange(9, len(key.did) + 1)
        return "outside the alphabet", key.did[:at] + wrong + key.did[at:]
    if choice == 9:
        return "strange key", didkey.Key("ed25519", strange_point(source)).did
    changed = (key.did.replace("z6", "6"), key.did.replace(":z", ":m"), key.did + "#" + random_text(source))
    return "other text", source.choice(changed)


def did_cases(source: random.Random, count: int) -> list[Case]:
    made = []
    for _ in range(count):
        if source.random() < 0.25:
            key_type = source.choice(("ed25519", "x25519"))
            public = ed25519.public_key_of(source.randbytes(32))
            request: dict[str, Value] = {"public_key": to_base64url(public)}
            if key_type == "x25519" or source.random() < 0.5:
                request["key_type"] = key_type
            made.append(
                Case("did.key_encode", key_type, request, result(did=didkey.Key(key_type, public).did))
            )
            continue
        made.append(resolution(*random_did(source)))
    return made


def resolution(note: str, did: str) -> Case:
    try:
        expected = result(**didkey.resolve(did).resolution())
    except Refusal as refused:
        expected = problem(refused.code)
    return Case("did.resolve", note, {"did": did}, expected)
