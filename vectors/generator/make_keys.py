"""vectors/ed25519.json, envelope.json and did.json (docs/spec/envelope.md, identity.md)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import didkey
import ed25519
from build import key_of, signed
from canonical import Value, canonical
from cases_keys import SMALL_ORDER, TORSION
from contract import array_of, object_of, text_of
from door import Request
from edits import Edit, cosign, drop, put, reverse_signatures, signature_entry, together
from encoding import to_base64, to_base64url
from suite import MARK, Repeat, Suite, blob

ISSUER, LOG, OTHER, THIRD = (bytes([number]) * 32 for number in (1, 2, 3, 4))
NOT_BASE64URL: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("has padding", lambda text: text + "="),
    ("has a character of the other base64", lambda text: "+" + text[1:]),
    ("has a bit set that is not used", lambda text: text[:-1] + chr(ord(text[-1]) + 1)),
    ("has a line feed at its end", lambda text: text + "\n"),
    ("has one character of a group of four", lambda text: text + "A" * ((1 - len(text)) % 4)),
)


# --- Ed25519 ---------------------------------------------------------------------------------------


def _verification(public_key: bytes, message: bytes, signature: bytes) -> Request:
    return {
        "public_key": to_base64url(public_key),
        "message": to_base64url(message),
        "signature": to_base64url(signature),
    }


def _scalar(number: int) -> bytes:
    return number.to_bytes(32, "little")


def _point(scalar: int, part: int) -> bytes:
    """A multiple of the base point plus a point of small order."""
    return ed25519.encode(ed25519.add(ed25519.multiply(scalar, ed25519.BASE), TORSION[part]))


def ed25519_suite() -> Suite:
    suite = Suite(
        "ed25519.json", "Strict Ed25519 (docs/spec/envelope.md, section 3).", default="ed25519.verify"
    )
    for label, message in (
        ("nothing", b""),
        ("one byte", b"\x00"),
        ("a text", b"hello"),
        ("1,000 bytes", bytes(1000)),
    ):
        request: Request = {"seed": to_base64url(ISSUER), "message": to_base64url(message)}
        suite.good(f"{label} is signed", request, "ed25519.sign")
        key = ed25519.public_key_of(ISSUER)
        suite.good(f"{label}, signed", _verification(key, message, ed25519.sign(ISSUER, message)))
    whole = "a text, signed"
    public, message = ed25519.public_key_of(ISSUER), b"hello"
    signature = ed25519.sign(ISSUER, message)
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    _spoilt(suite, whole, signature)
    for number, data in enumerate(SMALL_ORDER, 1):
        suite.bad(
            whole,
            "signature.key_invalid",
            f"the key is encoding {number} of 14 of a point of small order",
            {"public_key": to_base64url(data)},
        )
        suite.bad(
            whole,
            "signature.invalid",
            f"R is encoding {number} of 14 of a point of small order",
            {"signature": to_base64url(data + signature[32:])},
        )
    for what, data in (
        ("y of p + 3", _scalar(ed25519.P + 3)),
        ("y of p + 18", _scalar(ed25519.P + 18)),
        ("y of 2, which is off the curve", _scalar(2)),
        ("y of 2 and a sign", _scalar(2 | 1 << 255)),
        ("all bits set", b"\xff" * 32),
    ):
        suite.bad(whole, "signature.key_invalid", f"the key has {what}", {"public_key": to_base64url(data)})
        suite.bad(
            whole, "signature.invalid", f"R has {what}", {"signature": to_base64url(data + signature[32:])}
        )
    for what, number in (
        ("S + L", s + ed25519.L),
        ("S + 8 L", s + 8 * ed25519.L),
        ("S + 15 L, the largest that fits", s + 15 * ed25519.L),
        ("L", ed25519.L),
        ("L - 1", ed25519.L - 1),
        ("0", 0),
        ("1", 1),
        ("L - S", ed25519.L - s),
        ("2^253", 2**253),
        ("2^256 - 1", 2**256 - 1),
    ):
        suite.bad(
            whole, "signature.invalid", f"S is {what}", {"signature": to_base64url(r + _scalar(number))}
        )
    negative = bytes([*r[:31], r[31] ^ 0x80])
    suite.bad(
        whole, "signature.invalid", "R is negated", {"signature": to_base64url(negative + signature[32:])}
    )
    minus = bytes([*public[:31], public[31] ^ 0x80])
    suite.bad(whole, "signature.invalid", "the key is negated", {"public_key": to_base64url(minus)})
    _mixed_order(suite)
    return suite


def _spoilt(suite: Suite, whole: str, signature: bytes) -> None:
    for place, what in ((0, "R"), (31, "R"), (32, "S"), (63, "S")):
        data = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        suite.bad(
            whole,
            "signature.invalid",
            f"byte {place}, of {what}, has a bit flipped",
            {"signature": to_base64url(data)},
        )
    for what, data in (
        ("is cut by a byte", signature[:-1]),
        ("is longer by a byte", signature + b"\x00"),
        ("is empty", b""),
        ("is R alone", signature[:32]),
        ("stands twice", signature * 2),
    ):
        suite.bad(whole, "signature.invalid", f"the signature {what}", {"signature": to_base64url(data)})
    public = ed25519.public_key_of(ISSUER)
    for what, data in (
        ("is cut by a byte", public[:-1]),
        ("is longer by a byte", public + b"\x00"),
        ("is empty", b""),
    ):
        suite.bad(whole, "signature.key_invalid", f"the key {what}", {"public_key": to_base64url(data)})
    suite.bad(
        whole,
        "signature.invalid",
        "the key is another",
        {"public_key": to_base64url(ed25519.public_key_of(OTHER))},
    )
    suite.bad(
        whole, "signature.invalid", "the message is longer by a byte", {"message": to_base64url(b"hello\x00")}
    )
    suite.bad(whole, "signature.invalid", "the message is empty", {"message": ""})
    request = object_of(suite.cases[whole]["input"])
    for member in ("public_key", "message", "signature"):
        for what, change in NOT_BASE64URL:
            wrong = change(text_of(request[member]))
            suite.bad(whole, "malformed.base64", f"{member} {what}", {member: wrong})
        suite.bad(whole, "malformed.type", f"{member} is a number", {member: 1})


def _mixed_order(suite: Suite) -> None:
    """Keys and R with a part of small order: the equation has no cofactor, so that the part decides."""

    def make(key_part: int, r_part: int, holds: bool) -> Request:
        scalar, nonce = 1234567, 7654321
        public, r = _point(scalar, key_part), _point(nonce, r_part)
        for number in range(1000):
            message = b"message %d" % number
            k = ed25519.challenge(r, public, message)
            if ((r_part + k * key_part) % 8 == 0) == holds:
                return _verification(public, message, r + _scalar((nonce + k * scalar) % ed25519.L))
        raise AssertionError("no such message")

    for key_part, r_part in ((1, 0), (2, 0), (4, 0), (2, 6), (4, 4), (1, 7)):
        name = f"the key has part {key_part} and R part {r_part} of small order, which cancel"
        suite.good(name, make(key_part, r_part, True))
        failing = make(key_part, r_part, False) if key_part != 4 or r_part else make(4, 0, False)
        changes = {name: failing[name] for name in ("message", "signature")}
        suite.bad(name, "signature.invalid", "they do not cancel", changes, members=2)
    plain = suite.good("neither the key nor R has a part of small order", make(0, 0, True))
    for r_part in (1, 4):
        other = make(0, r_part, False)
        changes = {name: other[name] for name in ("message", "signature")}
        same = changes["message"] == object_of(suite.cases[plain]["input"])["message"]
        if same:
            del changes["message"]
        suite.bad(
            plain,
            "signature.invalid",
            f"R has part {r_part} of small order",
            changes,
            members=1 if same else 2,
        )


# --- envelopes -------------------------------------------------------------------------------------


def edited(value: Value, edit: Edit) -> dict[str, Value]:
    copy = object_of(deepcopy(value))
    edit(copy)
    return copy


WEAK = didkey.Key("ed25519", SMALL_ORDER[2]).url
X25519 = didkey.Key("x25519", blob("x25519")).url
# Faults that an envelope of any contract can have: code, what differs, edit.
ENVELOPE_FAULTS: tuple[tuple[str, str, Edit], ...] = (
    ("malformed.member_unknown", "the envelope has a member too many", put("extra", 1)),
    (
        "malformed.member_unknown",
        "the type is called payload_type",
        together(put("payload_type", "x"), drop("payloadType")),
    ),
    ("malformed.member_unknown", "the signature has a member too many", signature_entry(put("cert", "x"))),
    ("malformed.member_missing", "it has no payload", drop("payload")),
    ("malformed.member_missing", "it has no payload type", drop("payloadType")),
    ("malformed.member_missing", "it has no list of signatures", drop("signatures")),
    ("malformed.member_missing", "the signature has no key id", signature_entry(drop("keyid"))),
    ("malformed.member_missing", "the signature has no sig", signature_entry(drop("sig"))),
    ("malformed.type", "the payload is null", put("payload", None)),
    ("malformed.type", "the payload type is a number", put("payloadType", 1)),
    ("malformed.type", "the signatures are an object", put("signatures", {})),
    ("malformed.type", "a signature is a text", put("signatures", ["x"])),
    ("malformed.type", "the key id is null", signature_entry(put("keyid", None))),
    ("malformed.value", "the payload type is empty", put("payloadType", "")),
    ("malformed.value", "the payload type has 257 characters", put("payloadType", "\u00e9" * 257)),
    ("malformed.value", "the key id is empty", signature_entry(put("keyid", ""))),
    ("malformed.value", "the key id has 513 characters", signature_entry(put("keyid", "a" * 513))),
    ("malformed.base64", "the payload has no padding", put("payload", "YQ")),
    ("malformed.base64", "the payload is base64url", put("payload", "-_-_")),
    ("malformed.base64", "the payload has a bit set that is not used", put("payload", "YR==")),
    ("malformed.base64", "the payload has a line feed", put("payload", "YWJj\nYWJj")),
    ("malformed.base64", "the sig has no padding", signature_entry(put("sig", "YQ"))),
    ("malformed.base64", "the sig has a bit set that is not used", signature_entry(put("sig", "YR=="))),
    ("signature.invalid", "the sig has 63 bytes", signature_entry(put("sig", to_base64(bytes(63))))),
    ("signature.invalid", "the sig has 65 bytes", signature_entry(put("sig", to_base64(bytes(65))))),
    ("signature.invalid", "the sig is empty", signature_entry(put("sig", ""))),
    ("signature.keyid", "the key id is the DID alone", signature_entry(put("keyid", key_of(ISSUER).did))),
    (
        "signature.keyid",
        "the fragment is another",
        signature_entry(put("keyid", key_of(ISSUER).did + "#key-1")),
    ),
    ("signature.keyid", "the key id is a plain word", signature_entry(put("keyid", "key-1"))),
    (
        "signature.keyid",
        "the key id is a did:web",
        signature_entry(put("keyid", "did:web:example.com#key-1")),
    ),
    ("signature.keyid", "the key id names an X25519 key", signature_entry(put("keyid", X25519))),
    ("signature.keyid", "the key id names a key of small order", signature_entry(put("keyid", WEAK))),
    (
        "signature.keyid",
        "the key id is a plain word and the sig is empty",
        signature_entry(together(put("keyid", "key-1"), put("sig", ""))),
    ),
    ("signature.keyid", "the same key signs twice", cosign(ISSUER)),
    ("signature.keyid", "a co-signer has an X25519 key", cosign(OTHER, keyid=X25519)),
    ("signature.keyid", "a co-signer has a key of small order", cosign(OTHER, keyid=WEAK)),
    ("signature.keyid", "a co-signer has no DID URL", cosign(OTHER, keyid=key_of(OTHER).did)),
    ("signature.keyid", "a co-signer signs twice", cosign(OTHER, OTHER)),
    ("signature.invalid", "a co-signature is by another key", cosign(OTHER, keyid=key_of(THIRD).url)),
)


def sixteen() -> list[bytes]:
    return [blob(f"co-signer {number}") for number in range(15)]


def envelope_suite() -> Suite:
    suite = Suite(
        "envelope.json", "Envelopes of no known contract (docs/spec/envelope.md).", default="envelope.verify"
    )
    for label, kind, payload in (
        ("an empty object", "text/plain", b"{}"),
        ("nothing", "t", b""),
        ("bytes that are no text", "application/octet-stream", bytes(range(256))),
        ("a type beyond ASCII", "\u00e9" * 256, b"x"),
        ("a type with spaces and digits", "a 1 b 2", b" 3 c"),
    ):
        request: Request = {
            "seed": to_base64url(ISSUER),
            "payload_type": kind,
            "payload": to_base64url(payload),
        }
        suite.good(f"{label} is signed", request, "envelope.sign")
        value = signed(ISSUER, payload, kind).value()
        suite.good(f"{label}, signed", {"envelope": value})
        suite.good(f"{label}, signed, as text", {"envelope": canonical(value).decode()})
    named: Request = {
        "seed": to_base64url(ISSUER),
        "payload_type": "t",
        "payload": "",
        "keyid": "any name at all",
    }
    suite.good("a key id of the caller's own", named, "envelope.sign")
    value = signed(ISSUER, b"{}", "text/plain").value()
    whole = "an empty object, signed"
    for code, what, edit in ENVELOPE_FAULTS:
        suite.bad(whole, code, what, {"envelope": edited(value, edit)})
    for code, what, edit in (
        ("signature.missing", "there is no signature", put("signatures", [])),
        ("signature.invalid", "the payload is another", put("payload", to_base64(b"[]"))),
        ("signature.invalid", "the payload type is another", put("payloadType", "text/plaim")),
        (
            "signature.invalid",
            "the key id is of another key",
            signature_entry(put("keyid", key_of(OTHER).url)),
        ),
    ):
        suite.bad(whole, code, what, {"envelope": edited(value, edit)})
    _moved_border(suite)
    two = suite.good("two signatures", {"envelope": edited(value, cosign(OTHER))})
    suite.good(
        "the co-signer goes first", {"envelope": edited(value, together(cosign(OTHER), reverse_signatures))}
    )
    suite.bad(
        two,
        "signature.invalid",
        "the second has a bit flipped",
        {"envelope": edited(value, together(cosign(OTHER), _flip_last))},
    )
    many = suite.good("16 signatures", {"envelope": edited(value, cosign(*sixteen()))})
    suite.bad(many, "malformed.value", "there are 17", {"envelope": edited(value, cosign(*sixteen(), OTHER))})
    mine = to_base64url(ed25519.public_key_of(ISSUER))
    asked = suite.good("the key is named", {"envelope": value, "public_key": mine})
    suite.bad(
        asked,
        "signature.keyid",
        "it is another key",
        {"public_key": to_base64url(ed25519.public_key_of(OTHER))},
    )
    suite.bad(
        asked, "signature.key_invalid", "it is of small order", {"public_key": to_base64url(SMALL_ORDER[2])}
    )
    suite.bad(asked, "signature.key_invalid", "it has 31 bytes", {"public_key": mine[:-2] + "g"})
    suite.bad(asked, "malformed.base64", "it has padding", {"public_key": mine + "="})
    _envelope_texts(suite, value)
    return suite


def _flip_last(target: dict[str, Value]) -> None:
    entry = object_of(array_of(target["signatures"])[-1])
    text = text_of(entry["sig"])
    entry["sig"] = ("B" if text[0] == "A" else "A") + text[1:]


def _moved_border(suite: Suite) -> None:
    """The same bytes after the signature's label, cut into type and payload at another place."""
    made = signed(ISSUER, b"b", "a").value()
    whole = suite.good("a type and a payload of a byte", {"envelope": made})
    moved = made | {"payloadType": "a 1 b", "payload": ""}
    suite.bad(whole, "signature.invalid", "a part of the payload is in the type", {"envelope": moved})


def _envelope_texts(suite: Suite, value: dict[str, Value]) -> None:
    text = canonical(value).decode()
    whole = "an empty object, signed, as text"
    spaced = text.replace(",", ", ").replace('"payloadType"', r'"\u0070ayloadType"')
    suite.good("its own text need not be canonical", {"envelope": spaced})
    for code, what, wrong in (
        ("malformed.syntax", "the text is cut", text[:-1]),
        ("malformed.syntax", "the text is empty", ""),
        ("malformed.syntax", "something follows the text", text + "x"),
        ("malformed.bom", "a byte order mark goes before the text", "\ufeff" + text),
        ("malformed.duplicate_name", "the payload stands twice", text.replace("{", '{"payload":"e30=",', 1)),
        ("malformed.surrogate", "the type is half a pair", text.replace("text/plain", r"\ud800")),
        ("malformed.number", "a member is -0", text.replace("{", '{"extra":-0,', 1)),
        ("malformed.depth", "the text is nine arrays deep", "[" * 9 + "]" * 9),
        ("malformed.type", "the text is an array", "[" * 8 + "]" * 8),
    ):
        suite.bad(whole, code, what, {"envelope": wrong})
    long = suite.good(
        "an envelope of 131,072 bytes",
        {"envelope": text[:-1] + MARK + "}"},
        repeat=Repeat("envelope", " ", 131_072 - len(text.encode())),
    )
    more = Repeat("envelope", " ", 131_073 - len(text.encode()))
    suite.bad(long, "malformed.size", "there is one more", {"envelope": text[:-1] + MARK + "}"}, more)


# --- DIDs ------------------------------------------------------------------------------------------


def _did(data: bytes) -> str:
    return "did:key:z" + didkey.base58(data)


def did_suite() -> Suite:
    suite = Suite("did.json", "did:key (docs/spec/identity.md).", default="did.resolve")
    keys = {"ed25519": ed25519.public_key_of(ISSUER), "x25519": blob("x25519")}
    for key_type, key in keys.items():
        request: Request = {"public_key": to_base64url(key), "key_type": key_type}
        suite.good(f"the name of an {key_type} key", request, "did.key_encode")
        suite.good(f"an {key_type} key by its name", {"did": didkey.Key(key_type, key).did})
    plain = suite.good(
        "the name of a key of no given type", {"public_key": to_base64url(keys["ed25519"])}, "did.key_encode"
    )
    suite.good(
        "an X25519 key may be of small order",
        {"public_key": to_base64url(bytes(32)), "key_type": "x25519"},
        "did.key_encode",
    )
    suite.good("a key of small order by its X25519 name", {"did": didkey.Key("x25519", bytes(32)).did})
    for number, data in enumerate(SMALL_ORDER, 1):
        what = f"the key is encoding {number} of 14 of a point of small order"
        suite.bad(plain, "signature.key_invalid", what, {"public_key": to_base64url(data)})
    edges = (("y is p + 3", _scalar(ed25519.P + 3)), ("it is off the curve", _scalar(2)))
    for what, data in edges:
        suite.bad(plain, "signature.key_invalid", what, {"public_key": to_base64url(data)})
    for length in (0, 31, 33):
        what = f"the key has {length} bytes"
        for name in (plain, "the name of an x25519 key"):
            suite.bad(name, "signature.key_invalid", what, {"public_key": to_base64url(bytes(length))})
    whole = "an ed25519 key by its name"
    did, key = didkey.Key("ed25519", keys["ed25519"]).did, keys["ed25519"]
    for what, wrong in _malformed(did, key):
        suite.bad(whole, "did.malformed", what, {"did": wrong})
    for wrong in ("did:web:example.com", "did:plc:abc", "did:web:a:b%20c", "did:ex4mple:A-._"):
        suite.bad(whole, "did.method_unsupported", f"it is {wrong}", {"did": wrong})
    for what, wrong in (
        ("the key is on secp256k1", _did(b"\xe7\x01\x02" + key)),
        ("the key is on P-256", _did(b"\x80\x24\x02" + key)),
        ("the key is of RSA", _did(b"\x85\x24" + key)),
        ("the prefix is ED 02", _did(b"\xed\x02" + key)),
        ("a zero byte goes before the prefix", _did(b"\x00\xed\x01" + key)),
    ):
        suite.bad(whole, "did.key_type_unsupported", what, {"did": wrong})
    for what, data in (("the key is of small order", SMALL_ORDER[2]), *edges):
        suite.bad(whole, "signature.key_invalid", what, {"did": _did(b"\xed\x01" + data)})
    return suite


def _malformed(did: str, key: bytes) -> tuple[tuple[str, str], ...]:
    part = did.removeprefix("did:key:")
    return (
        ("it is a word", "key"),
        ("it has no id", "did:key:"),
        ("it has no method", "did::" + part),
        ("did is in capitals", "DID:key:" + part),
        ("the method is in capitals", "did:KEY:" + part),
        ("the id is z alone", "did:key:z"),
        ("the id has no z", "did:key:" + part[1:]),
        ("the id is of another base", "did:key:m" + part[1:]),
        ("the id has a 0", did[:20] + "0" + did[21:]),
        ("the id has a capital O", did[:20] + "O" + did[21:]),
        ("the id has a capital I", did[:20] + "I" + did[21:]),
        ("the id has a small l", did[:20] + "l" + did[21:]),
        ("a line feed follows", did + "\n"),
        ("a space goes before it", " " + did),
        ("it is a DID URL", f"{did}#{part}"),
        ("a path follows", did + "/a"),
        ("a query follows", did + "?a=b"),
        ("an empty fragment follows", did + "#"),
        ("the key has 31 bytes", _did(b"\xed\x01" + key[:31])),
        ("the key has 33 bytes", _did(b"\xed\x01" + key + b"\x00")),
        ("the key is empty", _did(b"\xed\x01")),
        ("the X25519 key has 31 bytes", _did(b"\xec\x01" + key[:31])),
        ("there are 121 characters after the z", "did:key:z" + "2" * 121),
        ("another method has a space in its id", "did:web:a b"),
        ("another method has a broken percent sign", "did:web:a%2"),
        ("another method has an empty id", "did:web:"),
        ("another method has a fragment", "did:web:example.com#key-1"),
    )
