"""Every reason code that a verifier can give: an input that earns it, beside a near relative that passes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import bundle
import chain
import didkey
import dsse
import ed25519
import note
import pytest
import receipt
import tree
from build import Chain, Log, Recipe, body_value, export_lines, key_of, keyed_line, sealed, signed
from canonical import BUNDLE, PROFILES, Value, canonical, parse, parse_canonical
from contract import text_of
from edits import (
    Edit,
    cosign,
    drop,
    flipped,
    proof_lines,
    put,
    replaced,
    reverse_signatures,
    signature_entry,
    together,
    within,
)
from encoding import to_base64, to_base64url
from export import verify_log
from receipt import Receipt
from refusal import Refusal

SPEC = Path(__file__).resolve().parent.parent.parent / "docs" / "spec"
ISSUER, LOG, OTHER = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
ORIGIN = "talos.example/log1"
VKEY = Recipe().vkey
TRUST = bundle.Trust.read([VKEY], [key_of(ISSUER).did])
WEAK_KEY = bytes.fromhex("01" + "00" * 31)


@dataclass(frozen=True)
class Pair:
    code: str
    label: str
    bad: Callable[[], object]
    good: Callable[[], object]


PAIRS: list[Pair] = []

# What the pairs are about, for the comparison with another implementation.
TEXTS: list[tuple[str, bytes]] = []
DIDS: list[str] = []
SIGNATURES: list[tuple[str, bytes, bytes]] = []
NOTES: list[tuple[str, str]] = []
VKEYS: list[str] = []
WEAK_VKEYS: list[str] = []
INCLUSIONS: list[tuple[bytes, int, int, list[bytes], bytes]] = []
CONSISTENCIES: list[tuple[int, int, list[bytes], bytes, bytes]] = []
RECIPES: list[tuple[str, Recipe]] = []
TRUSTS: list[tuple[str, Recipe, list[str], list[str]]] = []


def pair(code: str, label: str, bad: Callable[[], object], good: Callable[[], object]) -> None:
    PAIRS.append(Pair(code, label, bad, good))


# --- JSON ------------------------------------------------------------------------------------------


def texts(profile: str, code: str, *cases: tuple[bytes, bytes]) -> None:
    for bad, good in cases:
        TEXTS.extend(((profile, bad), (profile, good)))
        pair(
            code,
            f"{profile} {bad[:40]!r}",
            partial(parse, bad, PROFILES[profile]),
            partial(parse, good, PROFILES[profile]),
        )


for each in PROFILES:
    deepest = PROFILES[each].max_depth
    texts(
        each,
        "malformed.depth",
        (b"[" * (deepest + 1) + b"]" * (deepest + 1), b"[" * deepest + b"]" * deepest),
        (b'{"a":' * deepest + b"[]" + b"}" * deepest, b'{"a":' * deepest + b"0" + b"}" * deepest),
        (b"[" * (deepest + 1), b"[" * deepest + b"]" * deepest),
    )
    texts(each, "malformed.bom", (b"\xef\xbb\xbf1", b"1"), (b"\xef\xbb\xbf", b'"\xef\xbb\xbf"'))
    texts(
        each,
        "malformed.utf8",
        (b'"\xc0\x80"', b'"\xc2\x80"'),
        (b'"\xed\xa0\x80"', b'"\xed\x9f\xbf"'),
        (b'"\xf4\x90\x80\x80"', b'"\xf4\x8f\xbf\xbf"'),
        (b'"\xe2\x82"', b'"\xe2\x82\xac"'),
        (b"x\xff", b"1"),
    )
    texts(
        each,
        "malformed.surrogate",
        (rb'"\ud800"', rb'"\ud800\udc00"'),
        (rb'"\udc00"', rb'"\ue000"'),
        (rb'"\ud800\ud800\udc00"', rb'"\uD800\uDC00"'),
        (rb'"\ud800x\udc00"', rb'"\ud7ff"'),
        (rb'{"\ud800":1}', b'{"a":1}'),
    )
    texts(
        each,
        "malformed.duplicate_name",
        (b'{"a":1,"a":1}', b'{"a":1,"b":1}'),
        (rb'{"a":1,"\u0061":1}', rb'{"a":{"\u0061":1}}'),
        (b'[{"a":1,"b":{},"a"', b'[{"a":1,"b":{"a":1}}]'),
    )
    texts(
        each,
        "malformed.syntax",
        *(
            (bad, b"0")
            for bad in (
                b"",
                b" ",
                b"01",
                b"+1",
                b"1.",
                b".5",
                b"1e",
                b"1e+",
                b"-",
                b"NaN",
                b"Infinity",
                b"nul",
                b"True",
                b"1 1",
                b"[1,]",
                b"[,1]",
                b'{"a":1,}',
                b'{"a"}',
                b"{1:1}",
                b"{'a':1}",
                b"[1",
                b"1//",
                b'"a',
                rb'"\x41"',
                rb'"\u12"',
                rb'"\u00zz"',
                rb'"\u+123"',
                b'"\x00"',
                b'"\x1f"',
                b'"\t"',
                b"\x0c1",
                b"1\x00",
                b"\xc2\xa01",
                "\u0661".encode(),
            )
        ),
    )
texts(
    "talos",
    "malformed.number",
    (b"-0", b"0"),
    (b"1.0", b"1"),
    (b"1e3", b"1000"),
    (b"1E0", b"1"),
    (b"-01", b"-1"),
    (b"9007199254740992", b"9007199254740991"),
    (b"-9007199254740992", b"-9007199254740991"),
    (b"1" * 40, b"1" * 15),
)
texts(
    "talos-data",
    "malformed.number",
    (b"-0", b"0"),
    (b"-0.0", b"0.0"),
    (b"-0e5", b"0e5"),
    (b"9007199254740993", b"9007199254740992"),
    (b"1e400", b"1e300"),
    (b"1e-400", b"0e-400"),
    (b"-1e-400", b"-1e-300"),
    (b"0.1000000000000000055511151231257827", b"0.1000000000000000000000000000000000"),
    (b"104773472025746930001", b"104773472025746930000"),
    (b"1.7976931348623159e308", b"1.7976931348623157e308"),
    (b"1e" + b"9" * 6000, b"0e" + b"9" * 6000),
    (b"1e-" + b"9" * 6000, b"1e-" + b"0" * 6000 + b"5"),
    (b"0." + b"0" * 400 + b"1", b"0." + b"0" * 300 + b"1"),
)
texts(
    "rfc8785",
    "malformed.number",
    (b"1e400", b"1e-400"),
    (b"-1e400", b"-0"),
    (b"1" + b"0" * 309, b"9007199254740993"),
)
texts("talos", "malformed.nul", (rb'"\u0000"', rb'"\u0001"'), (rb'{"\u0000":1}', rb'{"\u0061":1}'))
texts(
    "talos",
    "malformed.name",
    (b'{"":1}', b'{"_":1}'),
    (b'{"A":1}', b'{"a":1}'),
    (b'{"a-b":1}', b'{"a_b":1}'),
    (b'{"' + b"a" * 65 + b'":1}', b'{"' + b"a" * 64 + b'":1}'),
    ('{"é":1}'.encode(), b'{"e":1}'),
    (b'{"a\\n":1}', b'{"a":1}'),
)
texts("talos", "malformed.size", (b'"' + b"a" * 65_023 + b'"', b'"' + b"a" * 65_022 + b'"'))
texts("talos-data", "malformed.size", (b" " * 16_777_216 + b"1", b" " * 16_777_215 + b"1"))
for each, bad, good in (
    ("talos", b'{"b":1,"a":1}', b'{"a":1,"b":1}'),
    ("talos", b"[ ]", b"[]"),
    ("talos", rb'"\u0061"', b'"a"'),
    ("talos", rb'"\/"', b'"/"'),
    ("talos-data", b"1.0", b"1"),
    ("talos-data", b"100000000000000000000000", b"1e+23"),
    ("talos-data", rb'"\u001F"', rb'"\u001f"'),
    ("talos-data", '{"\ue000":1,"\U00010000":1}'.encode(), '{"\U00010000":1,"\ue000":1}'.encode()),
):
    pair(
        "malformed.not_canonical",
        f"{each} {bad!r}",
        partial(parse_canonical, bad, PROFILES[each]),
        partial(parse_canonical, good, PROFILES[each]),
    )

# --- DIDs and keys ---------------------------------------------------------------------------------

DID = key_of(ISSUER).did


def dids(code: str, *bad: str) -> None:
    DIDS.extend(bad)
    for one in bad:
        pair(code, one[:60], partial(didkey.resolve, one), lambda: didkey.resolve(DID))


def multibase(data: bytes) -> str:
    return "did:key:z" + didkey.base58(data)


dids(
    "did.malformed",
    "",
    "did:key",
    "did:key:",
    "did:key:z",
    "did:web:",
    "DID:key:z",
    "did:Key:z1",
    "key:z1",
    "did:key:6Mk",
    DID + " ",
    DID + "/",
    DID + "?a",
    "did:web:example.com#a",
    "did:web:example.com/a",
    "did:web:exam ple",
    multibase(b"\xed\x01" + bytes(90)),
    key_of(ISSUER).url,
    DID.replace("z6", "z0"),
    multibase(b"\xed\x01" + bytes(31)),
    multibase(b"\xed\x01" + bytes(33)),
    multibase(b"\xec\x01"),
)
dids("did.method_unsupported", "did:web:example.com", "did:plc:a%20b", "did:web:a:b", "did:web:" + "a" * 504)
dids(
    "did.key_type_unsupported",
    multibase(b"\x80\x24" + bytes(33)),
    multibase(b"\xe7\x01" + bytes(33)),
    DID + "1",
    DID[:-1],
    DID.replace("z6", "z16"),
)

dids("signature.key_invalid", didkey.Key("ed25519", WEAK_KEY).did, didkey.Key("ed25519", b"\xff" * 32).did)
for each, unfit in (
    ("did.key_type_unsupported", didkey.Key("x25519", bytes(32)).did),
    ("did.method_unsupported", "did:web:example.com"),
    ("signature.key_invalid", didkey.Key("ed25519", bytes(32)).did),
):
    pair(
        each,
        "issuer",
        partial(bundle.Trust.read, [], [unfit]),
        partial(bundle.Trust.read, [], [DID]),
    )

PUBLIC = ed25519.public_key_of(LOG)


def vkeys(*bad: str) -> None:
    VKEYS.extend(bad)
    for one in bad:
        pair("key.malformed", one[:60], partial(note.parse_vkey, one), lambda: note.parse_vkey(VKEY))


vkeys(
    "",
    VKEY + "\n",
    VKEY.replace("+", "-"),
    VKEY.replace("talos", "Talos"),
    VKEY.replace("fb4ce4a3", "FB4CE4A3"),
    VKEY.replace("fb4ce4a3", "fb4ce4a4"),
    note.LogKey("", PUBLIC).vkey,
    note.LogKey("a b", PUBLIC).vkey,
    note.LogKey("a\u3000b", PUBLIC).vkey,
    note.LogKey("a\x7fb", PUBLIC).vkey,
    note.LogKey(ORIGIN, PUBLIC[:-1]).vkey,
    VKEY.replace("+AYE", "+AoE"),
    VKEY + "=",
)

for weak in (WEAK_KEY, bytes(32), b"\xff" * 32):
    WEAK_VKEYS.append(note.LogKey(ORIGIN, weak).vkey)
    pair(
        "signature.key_invalid",
        f"vkey {weak.hex()}",
        partial(note.parse_vkey, WEAK_VKEYS[-1]),
        partial(note.parse_vkey, VKEY),
    )

# --- signatures and envelopes ----------------------------------------------------------------------

MESSAGE = b"message"
SIGNATURE = ed25519.sign(ISSUER, MESSAGE)
SIGNER = ed25519.public_key_of(ISSUER)


def signature_check(public_key: bytes, message: bytes, signature: bytes) -> None:
    fault = ed25519.fault(public_key, message, signature)
    if fault is not None:
        raise Refusal(fault)


def plus_order(signature: bytes, times: int) -> bytes:
    scalar = int.from_bytes(signature[32:], "little") + times * ed25519.L
    return signature[:32] + scalar.to_bytes(32, "little")


for label, key, sig in (
    ("identity key", WEAK_KEY, SIGNATURE),
    ("key with y = p + 1", (ed25519.P + 1).to_bytes(32, "little"), SIGNATURE),
    ("key with y = p + 3", (ed25519.P + 3).to_bytes(32, "little"), SIGNATURE),
    ("key off the curve", (2).to_bytes(32, "little"), SIGNATURE),
    ("key of order 4", bytes(32), SIGNATURE),
):
    SIGNATURES.append((label, key, sig))
    pair(
        "signature.key_invalid",
        label,
        partial(signature_check, key, MESSAGE, sig),
        lambda: signature_check(SIGNER, MESSAGE, SIGNATURE),
    )
for label, sig in (
    ("S + L", plus_order(SIGNATURE, 1)),
    ("S + 8 L", plus_order(SIGNATURE, 8)),
    ("S of zero", SIGNATURE[:32] + bytes(32)),
    ("R of small order", WEAK_KEY + SIGNATURE[32:]),
    ("R with y = p + 3", (ed25519.P + 3).to_bytes(32, "little") + SIGNATURE[32:]),
    ("R off the curve", (2).to_bytes(32, "little") + SIGNATURE[32:]),
    ("R negated", bytes([*SIGNATURE[:31], SIGNATURE[31] ^ 0x80]) + SIGNATURE[32:]),
    ("short", SIGNATURE[:-1]),
    ("long", SIGNATURE + b"\x00"),
    ("empty", b""),
):
    SIGNATURES.append((label, SIGNER, sig))
    pair(
        "signature.invalid",
        label,
        partial(signature_check, SIGNER, MESSAGE, sig),
        lambda: signature_check(SIGNER, MESSAGE, SIGNATURE),
    )


def judge(recipe: Recipe, trust: bundle.Trust = TRUST) -> None:
    answer = bundle.verify_bundle(recipe.make(), trust)
    if answer.reason is not None:
        raise Refusal(answer.reason)


def judge_bytes(data: bytes) -> None:
    answer = bundle.verify_bundle(data, TRUST)
    if answer.reason is not None:
        raise Refusal(answer.reason)


def constant(data: bytes, _: bytes) -> bytes:
    return data


def bundles(code: str, label: str, bad: Recipe, good: Recipe | None = None) -> None:
    RECIPES.extend(((f"{code}: {label}", bad), (f"sibling of {code}: {label}", good or Recipe())))
    pair(code, label, lambda: judge(bad), lambda: judge(good or Recipe()))


bundles("signature.payload_type", "another type", Recipe(envelope=put("payloadType", "application/json")))
bundles("signature.missing", "stripped", Recipe(envelope=put("signatures", [])))
for label, url in (
    ("no fragment", key_of(ISSUER).did),
    ("other fragment", key_of(ISSUER).did + "#key-1"),
    ("another key", key_of(OTHER).url),
):
    bundles("signature.keyid", label, Recipe(envelope=signature_entry(put("keyid", url))))
bundles(
    "signature.keyid",
    "signer not first",
    Recipe(envelope=together(cosign(OTHER), reverse_signatures)),
    Recipe(envelope=cosign(OTHER)),
)
bundles(
    "signature.keyid", "co-signer", Recipe(envelope=cosign(OTHER, keyid="b")), Recipe(envelope=cosign(OTHER))
)
bundles(
    "signature.keyid",
    "X25519 co-signer",
    Recipe(envelope=cosign(OTHER, keyid=didkey.Key("x25519", SIGNER).url)),
    Recipe(envelope=cosign(OTHER, b"\x04" * 32)),
)
bundles(
    "signature.keyid",
    "weak co-signer",
    Recipe(envelope=cosign(OTHER, keyid=didkey.Key("ed25519", WEAK_KEY).url)),
    Recipe(envelope=cosign(OTHER)),
)
bundles(
    "signature.keyid",
    "co-signer twice",
    Recipe(envelope=cosign(OTHER, OTHER)),
    Recipe(envelope=cosign(OTHER, LOG)),
)
bundles(
    "signature.invalid",
    "co-signature by another",
    Recipe(envelope=cosign(LOG, keyid=key_of(OTHER).url)),
    Recipe(envelope=cosign(OTHER)),
)
bundles("signature.invalid", "short", Recipe(envelope=signature_entry(put("sig", to_base64(bytes(63))))))
bundles(
    "signature.invalid",
    "entry beside sign = log",
    Recipe(body=put("sign", "log"), envelope=cosign(ISSUER)),
    Recipe(body=put("sign", "log")),
)
pair(
    "signature.keyid",
    "not the key that was named",
    lambda: dsse.verify_alone(signed(ISSUER, b"x", "t").value(), ed25519.public_key_of(OTHER)),
    lambda: dsse.verify_alone(signed(ISSUER, b"x", "t").value(), SIGNER),
)
pair(
    "signature.missing",
    "alone",
    lambda: dsse.verify_alone({"payload": "", "payloadType": "t", "signatures": []}),
    lambda: dsse.verify_alone(signed(ISSUER, b"", "t").value()),
)
pair(
    "signature.invalid",
    "another payload type",
    lambda: dsse.verify_alone(signed(ISSUER, b"x", "t").value() | {"payloadType": "u"}),
    lambda: dsse.verify_alone(signed(ISSUER, b"x", "u").value()),
)

# --- contracts -------------------------------------------------------------------------------------

EXTRA = put("extra", 1)
for place, unknown in (
    ("bundle", Recipe(value=EXTRA)),
    ("envelope", Recipe(envelope=EXTRA)),
    ("signature entry", Recipe(envelope=signature_entry(EXTRA))),
    ("bodies", Recipe(value=within("bodies", EXTRA))),
    ("body", Recipe(value=within("bodies", within("result", EXTRA)))),
    ("receipt", Recipe(body=EXTRA)),
    ("outcome", Recipe(body=within("outcome", EXTRA))),
    ("action", Recipe(kind="decision", body=within("action", EXTRA))),
):
    bundles("malformed.member_unknown", place, unknown)
for place, missing in (
    ("bundle", Recipe(value=drop("tlog_proof"))),
    ("envelope", Recipe(envelope=drop("payloadType"))),
    ("signature entry", Recipe(envelope=signature_entry(drop("keyid")))),
    ("body", Recipe(value=within("bodies", within("result", drop("value"))))),
    ("receipt", Recipe(body=drop("iat"))),
    ("outcome", Recipe(body=within("outcome", drop("status")))),
    ("action", Recipe(kind="decision", body=within("action", drop("args_commit")))),
    ("permit", Recipe(kind="gap", body=put("permits", [{"call": "c1"}]))),
    ("session", Recipe(kind="decision", body=put("session", {}))),
    ("policy", Recipe(kind="decision", body=put("policy", {"id": "a"}))),
):
    bundles("malformed.member_missing", place, missing)
for place, wrong in (
    ("bundle typ", Recipe(value=put("typ", 1))),
    ("envelope", Recipe(value=put("envelope", []))),
    ("tlog_proof", Recipe(value=put("tlog_proof", None))),
    ("bodies", Recipe(value=put("bodies", None))),
    ("payload", Recipe(envelope=put("payload", 1))),
    ("signatures", Recipe(envelope=put("signatures", {}))),
    ("signature entry", Recipe(envelope=put("signatures", [1]))),
    ("receipt typ", Recipe(body=put("typ", None))),
    ("receipt is an array", Recipe(payload=lambda _: b"[]")),
    ("seq", Recipe(body=put("seq", "2"))),
    ("seq true", Recipe(body=put("seq", True))),
    ("prev null", Recipe(body=put("prev", None))),
    ("late", Recipe(body=put("late", 1))),
    ("ext", Recipe(body=put("ext", []))),
    ("caps", Recipe(kind="decision", body=put("caps", {}))),
    ("reasons", Recipe(kind="decision", body=put("reasons", [1]))),
):
    bundles("malformed.type", place, wrong)
bundles("malformed.typ", "bundle", Recipe(value=put("typ", "talos.bundle/2")))
bundles("malformed.typ", "receipt", Recipe(body=put("typ", "talos.receipt/2")))
for place, wrong in (
    ("payload", Recipe(envelope=put("payload", "YQ"))),
    ("payload url", Recipe(envelope=put("payload", "__8="))),
    ("sig unused bits", Recipe(envelope=signature_entry(put("sig", "YR==")))),
    ("body key", Recipe(value=within("bodies", within("result", put("key", to_base64url(bytes(31))))))),
    ("salt", Recipe(body=put("salt", to_base64url(bytes(15))))),
    ("salt padded", Recipe(body=put("salt", to_base64(bytes(16))))),
    ("prev", Recipe(body=put("prev", to_base64url(bytes(31)) + "B"))),
    ("ref", Recipe(body=put("ref", ""))),
):
    bundles("malformed.base64", place, wrong)
for place, wrong in (
    ("payloadType long", Recipe(envelope=put("payloadType", "a" * 257))),
    ("payloadType empty", Recipe(envelope=put("payloadType", ""))),
    ("keyid empty", Recipe(envelope=signature_entry(put("keyid", "")))),
    ("17 signatures", Recipe(envelope=cosign(*[OTHER] * 16))),
    ("payload long", Recipe(envelope=put("payload", "A" * 86_704))),
    ("sig long", Recipe(envelope=signature_entry(put("sig", "A" * 8_196)))),
    ("tlog_proof empty", Recipe(value=put("tlog_proof", ""))),
    ("tlog_proof long", Recipe(value=put("tlog_proof", "x" * 65_537))),
    ("iss weak", Recipe(body=put("iss", didkey.Key("ed25519", WEAK_KEY).url))),
    ("actor weak", Recipe(body=put("actor", didkey.Key("ed25519", WEAK_KEY).did))),
    ("actor X25519", Recipe(body=put("actor", didkey.Key("x25519", SIGNER).did))),
    ("iss", Recipe(body=put("iss", key_of(ISSUER).did))),
    ("iss X25519", Recipe(body=put("iss", didkey.Key("x25519", SIGNER).url))),
    ("actor", Recipe(body=put("actor", key_of(ISSUER).url))),
    ("actor method", Recipe(body=put("actor", "did:web:example.com"))),
    ("kind", Recipe(body=put("kind", "pause"))),
    ("sign", Recipe(body=put("sign", "both"))),
    ("dur", Recipe(body=put("dur", ""))),
    ("log", Recipe(body=put("log", "Talos"))),
    ("log empty", Recipe(body=put("log", ""))),
    ("run", Recipe(body=put("run", "01890A5D-ac96-774b-bcce-b302099a8057"))),
    ("seq", Recipe(body=put("seq", -1))),
    ("call", Recipe(body=put("call", ""))),
    ("call long", Recipe(body=put("call", "é" * 129))),
    ("17 reasons", Recipe(kind="decision", body=put("reasons", ["a.b"] * 17))),
    ("reason", Recipe(kind="decision", body=put("reasons", ["a."]))),
    ("9 caps", Recipe(kind="decision", body=put("caps", [to_base64url(bytes(32))] * 9))),
    ("verdict", Recipe(kind="decision", body=put("verdict", "maybe"))),
    ("effect", Recipe(kind="decision", body=within("action", put("effect", "none")))),
    ("currency", Recipe(kind="decision", body=put("budget", {"currency": "eur"}))),
    ("status", Recipe(body=within("outcome", put("status", "fine")))),
):
    bundles("malformed.value", place, wrong)
PERMITS: list[Value] = [{"call": "c", "ref": "A" * 43}]
pair(  # a body with so many is too long besides
    "malformed.value",
    "1,001 permits",
    lambda: receipt.SPECIFIC["permits"](PERMITS * 1001),
    lambda: receipt.SPECIFIC["permits"](PERMITS * 1000),
)
for harmless in (
    put("call", "é" * 128),
    put("ext", {"a": {"b": [1, "x"]}}),
    put("late", True),
    put("actor", key_of(OTHER).did),
    put("budget", {}),
    put("dur", "after_release"),
):
    bundles("malformed.type", "sibling", Recipe(body=put("iat", "x")), Recipe(body=harmless))

# --- receipts --------------------------------------------------------------------------------------

for kind, member in (
    ("open", "call"),
    ("decision", "outcome"),
    ("start", "reasons"),
    ("outcome", "approval"),
    ("release", "late"),
    ("gap", "call"),
    ("standing", "call"),
    ("policy", "reasons"),
    ("heartbeat", "boot"),
    ("close", "hb"),
):
    filler: dict[str, Value] = {
        "call": "c",
        "outcome": {"status": "ok"},
        "reasons": [],
        "approval": "A" * 43,
        "late": True,
        "boot": "A" * 22,
        "hb": True,
    }
    bundles(
        "receipt.kind_members",
        f"{kind} with {member}",
        Recipe(kind=kind, body=put(member, filler[member])),
        Recipe(kind=kind),
    )
    for needed in receipt.KINDS[kind][0]:
        lacking = Recipe(kind=kind, disclose=False, body=drop(needed))
        bundles("receipt.kind_members", f"{kind} without {needed}", lacking, Recipe(kind=kind))
bundles("receipt.kind_members", "prev at 0", Recipe(kind="open", body=put("prev", "A" * 43)))
bundles("receipt.kind_members", "no prev", Recipe(body=drop("prev")))
bundles("receipt.seq", "open at 1", Recipe(kind="open", body=together(put("seq", 1), put("prev", "A" * 43))))
bundles("receipt.seq", "outcome at 0", Recipe(body=together(put("seq", 0), drop("prev"))))
bundles("receipt.seq", "final_seq", Recipe(kind="close", body=put("final_seq", 7)), Recipe(kind="close"))
for weakness in (put("sign", "log"), put("dur", "after_release")):
    bundles(
        "receipt.malformed",
        "weak denial",
        Recipe(kind="decision", body=together(weakness, put("verdict", "deny"))),
        Recipe(kind="decision", body=put("verdict", "deny")),
    )
    bundles(
        "receipt.malformed",
        "weak write",
        Recipe(kind="decision", body=together(weakness, within("action", put("effect", "write")))),
        Recipe(kind="decision", body=weakness),
    )
for observed, verdict in (("deny", "deny"), ("allow", "allow"), ("transform", "allow")):
    bundles(
        "receipt.malformed",
        f"{observed} observed at {verdict}",
        Recipe(kind="decision", body=together(put("observed", observed), put("verdict", verdict))),
        Recipe(kind="decision", body=put("observed", "deny")),
    )
SCOPES: list[dict[str, Value]] = [{"level": "all", "name": "a"}, {"level": "team"}]
for scope in SCOPES:
    bundles(
        "receipt.malformed",
        f"scope {scope}",
        Recipe(kind="standing", body=put("standing", {"scope": scope, "held": True})),
        Recipe(kind="standing", body=put("standing", {"scope": {"level": "all"}, "held": False})),
    )
SHADOW: dict[str, Value] = {"policy": {"id": "p", "hash": "A" * 43}, "verdict": "deny", "reasons": []}
bundles(
    "malformed.member_missing",
    "shadow without verdict",
    Recipe(kind="decision", body=put("shadow", {name: SHADOW[name] for name in ("policy", "reasons")})),
    Recipe(kind="decision", body=put("shadow", SHADOW)),
)
bundles("malformed.not_canonical", "payload", Recipe(payload=lambda data: data + b" "))
bundles("malformed.name", "payload", Recipe(body=put("ext", {"A": 1})), Recipe(body=put("ext", {"a": 1})))
bundles("malformed.number", "payload", Recipe(body=put("ext", {"a": 1.5})), Recipe(body=put("ext", {"a": 1})))
bundles(
    "malformed.size",
    "payload",
    Recipe(payload=lambda data: data.ljust(65_025)),
    Recipe(body=put("ext", {"a": "x" * 60_000})),
)
bundles("malformed.utf8", "payload", Recipe(payload=lambda data: data.replace(b"ok", b"\xff")))


SWAPPED = Recipe(kind="decision", value=put("bodies", {"result": body_value(Recipe.ARGS_KEY, None)}))
UNCOMMITTED = within("outcome", drop("result_commit"))


def with_body(name: str, key: bytes, value: Value) -> Recipe:
    return Recipe(value=put("bodies", {name: body_value(key, value)}))


bundles(
    "receipt.commit_mismatch",
    "value",
    with_body("result", Recipe.RESULT_KEY, 1),
    with_body("result", Recipe.RESULT_KEY, None),
)
bundles("receipt.commit_mismatch", "key", with_body("result", Recipe.ARGS_KEY, None))
bundles("receipt.commit_mismatch", "no args here", with_body("args", Recipe.ARGS_KEY, None))
bundles(
    "receipt.commit_mismatch",
    "result as args",
    SWAPPED,
    Recipe(kind="decision"),
)
bundles(
    "receipt.commit_mismatch",
    "no commitment",
    Recipe(body=UNCOMMITTED),
    Recipe(disclose=False, body=UNCOMMITTED),
)

# --- checkpoints and proofs ------------------------------------------------------------------------

CHECKPOINT, _ = note.sign_checkpoint(LOG, ORIGIN, 3, b"\x04" * 32)
TEXT, LINE = CHECKPOINT.split("\n\n")


def notes(code: str, *cases: tuple[str, str], good: str = CHECKPOINT) -> None:
    NOTES.append((f"sibling of {code}", good))
    for label, text in cases:
        NOTES.append((label, text))
        pair(
            code,
            label,
            partial(note.verify_checkpoint, text, VKEY),
            partial(note.verify_checkpoint, good, VKEY),
        )


def resigned(text: str, seed: bytes = LOG, name: str = ORIGIN) -> str:
    return note.signed_note(text, seed, name)


FOREIGN = note.signature_line(OTHER, "witness.example", "anything")
notes(
    "checkpoint.malformed",
    ("empty", ""),
    ("no signature", TEXT + "\n\n"),
    ("no last LF", CHECKPOINT[:-1]),
    ("LF after", CHECKPOINT + "\n"),
    ("text after", CHECKPOINT + "x"),
    ("extension line", resigned(TEXT + "\nextension\n")),
    ("two lines", resigned(f"{ORIGIN}\n3\n")),
    ("CRLF", CHECKPOINT.replace("\n", "\r\n")),
    ("tab", CHECKPOINT.replace(" ", "\t")),
    ("hyphen", CHECKPOINT.replace(note.DASH, "-")),
    ("size 03", resigned(TEXT.replace("\n3\n", "\n03\n") + "\n")),
    ("size +3", resigned(TEXT.replace("\n3\n", "\n+3\n") + "\n")),
    ("size 2^64", resigned(TEXT.replace("\n3\n", f"\n{2**64}\n") + "\n")),
    ("short root", resigned(f"{ORIGIN}\n3\n{to_base64(bytes(31))}\n")),
    ("root as base64url", resigned(f"{ORIGIN}\n3\n{'_' * 43}=\n")),
    ("origin", resigned(f"Talos log\n3\n{to_base64(bytes(32))}\n")),
    ("33 lines", CHECKPOINT + FOREIGN * 32),
    ("delete in a name", CHECKPOINT + f"{note.DASH} a\x7fb AAAAAAA=\n"),
    ("too long", CHECKPOINT + f"{note.DASH} a {'A' * 16_384}\n"),
    ("line without a name", CHECKPOINT + f"{note.DASH}  AAAAAAA=\n"),
    ("name with a plus", CHECKPOINT + f"{note.DASH} a+b AAAAAAA=\n"),
    ("name with a space of Unicode", CHECKPOINT + f"{note.DASH} a\u2003b AAAAAAA=\n"),
    ("four bytes", CHECKPOINT + f"{note.DASH} a AAAAAA==\n"),
    ("no padding", CHECKPOINT + f"{note.DASH} a AAAAAAA\n"),
    ("empty line between", f"{TEXT}\n\n\n{LINE}"),
    good=CHECKPOINT + FOREIGN * 31,
)
LONG_SIGNATURE = ed25519.sign(LOG, TEXT.encode() + b"\n") + b"x"
notes(
    "checkpoint.signature_invalid",
    ("other text", CHECKPOINT.replace("\n3\n", "\n4\n")),
    ("second line by the key", CHECKPOINT + keyed_line(note.parse_vkey(VKEY), bytes(64))),
    ("short", f"{TEXT}\n\n{keyed_line(note.parse_vkey(VKEY), bytes(63))}"),
    ("long", f"{TEXT}\n\n{keyed_line(note.parse_vkey(VKEY), LONG_SIGNATURE)}"),
    good=CHECKPOINT + LINE + FOREIGN,
)
notes(
    "checkpoint.key_unknown",
    ("another key", resigned(TEXT + "\n", OTHER)),
    ("another name", resigned(TEXT + "\n", LOG, "b.example")),
    ("another name, with the key id", CHECKPOINT.replace(f"{note.DASH} {ORIGIN}", f"{note.DASH} b.example")),
    ("another key id", CHECKPOINT.replace("+0z", "+1z")),
    good=resigned(TEXT + "\n"),
)
OTHER_TEXT = TEXT.replace(ORIGIN, "other.example/log") + "\n"
notes("checkpoint.origin_mismatch", ("another log's", resigned(OTHER_TEXT)), good=resigned(TEXT + "\n"))
bundles("checkpoint.malformed", "bundle", Recipe(note=lambda text: text[:-1]))
bundles("checkpoint.origin_mismatch", "bundle", Recipe(body=put("log", "talos.example/log2")))


bundles(
    "checkpoint.signature_invalid", "bundle", Recipe(note=flipped), Recipe(note=lambda text: text + FOREIGN)
)


HASH_LINE = to_base64(bytes(32))
for label, change in (
    ("header", replaced("@v1", "@v2")),
    ("no header", proof_lines(lambda lines: lines[1:])),
    ("no index", proof_lines(lambda lines: [lines[0], *lines[2:]])),
    ("index 02", replaced("index 2", "index 02")),
    ("index -1", replaced("index 2", "index -1")),
    ("index 2^64", replaced("index 2", f"index {2**64}")),
    ("index and space", replaced("index 2", "index 2 ")),
    ("extra line", proof_lines(lambda lines: [lines[0], "extra AAAA", *lines[1:]])),
    ("64 hashes", proof_lines(lambda lines: [*lines[:2], *[HASH_LINE] * 64])),
    ("31 bytes", proof_lines(lambda lines: [*lines, to_base64(bytes(31))])),
    ("CR", replaced("index 2\n", "index 2\r\n")),
    ("too long", lambda text: text.ljust(24_577, "x")),
    ("only the head", lambda text: text.partition("\n\n")[0] + "\n"),
):
    bundles("proof.malformed", label, Recipe(proof=change))
bundles("proof.index_out_of_range", "bundle", Recipe(proof=replaced("index 2", "index 4")))
bundles("proof.length", "too long", Recipe(proof=proof_lines(lambda lines: [*lines, HASH_LINE])))
bundles("proof.length", "too short", Recipe(proof=proof_lines(lambda lines: lines[:-1])))
bundles("proof.length", "63 hashes", Recipe(proof=proof_lines(lambda lines: [*lines[:2], *[HASH_LINE] * 63])))
bundles("proof.root_mismatch", "a hash", Recipe(proof=proof_lines(lambda lines: [*lines[:-1], HASH_LINE])))
bundles("proof.root_mismatch", "index", Recipe(proof=replaced("index 2", "index 3")))
bundles(
    "proof.size_out_of_range",
    "bundle",
    Recipe(note=lambda text: resigned(text.split("\n\n")[0].replace("\n4\n", f"\n{2**63 + 1}\n") + "\n")),
)

LEAVES = [tree.leaf_hash(b"%d" % place) for place in range(11)]
ROOTS = [tree.root(LEAVES[:size]) for size in range(12)]
INCLUSION = tree.prove_inclusion(LEAVES, 5)
CONSISTENCY = tree.prove_consistency(LEAVES, 6)


def inclusions(code: str, leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    INCLUSIONS.append((leaf, index, size, proof, root))
    pair(
        code,
        f"inclusion {index} {size} {len(proof)}",
        lambda: tree.verify_inclusion(leaf, index, size, proof, root),
        lambda: tree.verify_inclusion(LEAVES[5], 5, 11, INCLUSION, ROOTS[11]),
    )


inclusions("proof.size_out_of_range", LEAVES[5], 5, 2**63 + 1, INCLUSION, ROOTS[11])
inclusions("proof.index_out_of_range", LEAVES[5], 11, 11, INCLUSION, ROOTS[11])
inclusions("proof.index_out_of_range", LEAVES[5], 0, 0, [], ROOTS[0])
inclusions("proof.length", LEAVES[5], 5, 11, INCLUSION[:-1], ROOTS[11])
inclusions("proof.length", LEAVES[5], 5, 11, [*INCLUSION, ROOTS[1]], ROOTS[11])
inclusions("proof.length", LEAVES[0], 0, 1, [LEAVES[0]], ROOTS[1])
inclusions("proof.root_mismatch", LEAVES[4], 5, 11, INCLUSION, ROOTS[11])
inclusions("proof.root_mismatch", LEAVES[5], 4, 11, INCLUSION, ROOTS[11])
inclusions("proof.root_mismatch", LEAVES[5], 5, 11, INCLUSION, ROOTS[10])


def consistencies(code: str, size1: int, size2: int, proof: list[bytes], root1: bytes, root2: bytes) -> None:
    CONSISTENCIES.append((size1, size2, proof, root1, root2))
    pair(
        code,
        f"consistency {size1} {size2} {len(proof)}",
        lambda: tree.verify_consistency(size1, size2, proof, root1, root2),
        lambda: tree.verify_consistency(6, 11, CONSISTENCY, ROOTS[6], ROOTS[11]),
    )


consistencies("proof.size_out_of_range", 11, 6, CONSISTENCY, ROOTS[6], ROOTS[11])
consistencies("proof.size_out_of_range", 6, 2**63 + 1, CONSISTENCY, ROOTS[6], ROOTS[11])
consistencies("proof.size_out_of_range", 0, 2**63 + 1, [], ROOTS[0], ROOTS[11])
consistencies("proof.from_empty", 0, 11, [], ROOTS[0], ROOTS[11])
consistencies("proof.from_empty", 0, 0, [], ROOTS[0], ROOTS[0])
consistencies("proof.length", 6, 6, CONSISTENCY, ROOTS[6], ROOTS[6])
consistencies("proof.length", 6, 11, [], ROOTS[6], ROOTS[11])
consistencies("proof.length", 6, 11, CONSISTENCY[:-1], ROOTS[6], ROOTS[11])
consistencies("proof.length", 6, 11, [*CONSISTENCY, ROOTS[1]], ROOTS[6], ROOTS[11])
consistencies("proof.root_mismatch", 6, 11, CONSISTENCY, ROOTS[7], ROOTS[11])
consistencies("proof.root_mismatch", 6, 11, CONSISTENCY, ROOTS[6], ROOTS[10])
consistencies("proof.root_mismatch", 6, 6, [], ROOTS[6], ROOTS[7])

# --- bundles and trust -----------------------------------------------------------------------------

GOOD = Recipe().make()
for label, data in (("array", b"[]"), ("number", b"1"), ("null", b"null")):
    bundles("bundle.malformed", label, Recipe(raw=partial(constant, data)))
bundles("malformed.not_canonical", "LF at the end of a bundle", Recipe(raw=lambda data: data + b"\n"))
pair(
    "malformed.size", "bundle", lambda: judge_bytes(b" " * (BUNDLE.max_bytes + 1)), lambda: judge_bytes(GOOD)
)


def nested(levels: int) -> Value:
    value: Value = 0
    for _ in range(levels):
        value = [value]
    return value


bundles("malformed.depth", "body", Recipe(result=nested(62)), Recipe(result=nested(61)))


def trusting(
    code: str, label: str, given: list[str], issuers: list[str], recipe: Recipe | None = None
) -> None:
    TRUSTS.append((label, recipe or Recipe(), given, issuers))
    trust = bundle.Trust.read(given, issuers)
    pair(code, label, lambda: judge(recipe or Recipe(), trust), lambda: judge(Recipe()))


trusting("trust.none", "nothing given", [], [])
trusting("trust.log_unknown", "no log key", [], [DID])
trusting("trust.log_unknown", "another log key", [Recipe(log_seed=OTHER).vkey], [DID])
trusting("trust.log_unknown", "the key under another name", [Recipe(origin="b").vkey], [DID])
trusting(
    "trust.log_unknown", "re-signed as a whole", [VKEY], [DID], Recipe(issuer_seed=OTHER, log_seed=OTHER)
)
trusting("trust.issuer_unknown", "no issuer", [VKEY], [])
trusting("trust.issuer_unknown", "another issuer", [VKEY], [key_of(OTHER).did])
trusting("trust.issuer_unknown", "log-signed", [VKEY], [key_of(OTHER).did], Recipe(body=put("sign", "log")))

# --- chains, completeness and whole logs -----------------------------------------------------------

KEY = b"\x08" * 32


def story(step_ms: int = 1, heartbeats: bool = False) -> Chain:
    """A complete chain: one call that ended, one that was released, one that was denied."""
    made = Chain(ISSUER, ORIGIN, step_ms=step_ms)
    made.open({"hb": True} if heartbeats else None)
    first = made.decision("c1", {}, KEY)
    made.add("start", Chain.reference(first))
    made.outcome(first, 1, KEY)
    second = made.decision("c2", [], KEY)
    made.add("release", Chain.reference(second))
    made.decision("c3", None, KEY, verdict="deny")
    made.close()
    return made


def again(made: Receipt, edit: Edit, seed: bytes = ISSUER) -> Receipt:
    body = dict(made.body)
    edit(body)
    return sealed(seed, body)


NO_RUN = "00000000-0000-0000-0000-000000000000"


def chains(code: str, label: str, make: Callable[[list[Receipt]], list[Receipt]]) -> None:
    pair(
        code,
        label,
        lambda: chain.check_chain(make(story().receipts)),
        lambda: chain.check_chain(reversed(story().receipts)),
    )


chains("receipt.log_mismatch", "another log", lambda every: [*every[:-1], again(every[-1], put("log", "b"))])
chains(
    "receipt.malformed",
    "another run",
    lambda every: [*every[:-1], again(every[-1], put("run", NO_RUN))],
)
chains(
    "receipt.malformed",
    "another actor",
    lambda every: [*every[:-1], again(every[-1], put("actor", key_of(OTHER).did))],
)
chains(
    "receipt.chain_fork", "two at one place", lambda every: [*every, again(every[-1], put("salt", "A" * 22))]
)
chains("receipt.chain_gap", "one is missing", lambda every: [*every[:3], *every[4:]])
chains("receipt.chain_gap", "the first is missing", lambda every: every[1:])
chains(
    "receipt.prev_mismatch",
    "another before",
    lambda every: [again(every[0], put("salt", "A" * 22)), *every[1:]],
)
chains(
    "receipt.time_reversed",
    "earlier than the one before",
    lambda every: [*every[:-1], again(every[-1], put("iat", 0))],
)


def after_close(every: list[Receipt]) -> list[Receipt]:
    more = Chain(ISSUER, ORIGIN, receipts=list(every))
    more.add("heartbeat")
    return more.receipts


chains("receipt.seq", "after the close", after_close)


Chains = Callable[[], list[list[Receipt]]]


def incomplete(label: str, bad: Chains, good: Chains) -> None:
    def check(make: Chains) -> None:
        first, *others = (chain.check_chain(receipts) for receipts in make())
        chain.check_complete(first, others)

    pair("receipt.incomplete", label, lambda: check(bad), lambda: check(good))


def open_call(*kinds: str, call: str = "c1", close: bool = True) -> list[Receipt]:
    made = Chain(ISSUER, ORIGIN)
    made.open()
    decision = made.decision("c1", {}, KEY)
    for kind in kinds:
        reference = Chain.reference(decision) | {"call": call}
        made.add(kind, reference | ({"outcome": {"status": "ok"}} if kind == "outcome" else {}))
    if close:
        made.close()
    return made.receipts


def later(permits: list[Value] | None, predecessor: bytes | None = None) -> list[Receipt]:
    made = Chain(ISSUER, ORIGIN, name=b"\x06" * 16)
    made.open({"predecessor": to_base64url(predecessor)} if predecessor else None)
    if permits is not None:
        made.add("gap", {"permits": permits})
    return made.receipts


DEAD = open_call("start", close=False)
PERMIT: Value = Chain.reference(DEAD[1])
incomplete("a decision without an end", lambda: [open_call("start")], lambda: [open_call("start", "outcome")])
incomplete("two ends", lambda: [open_call("outcome", "release")], lambda: [open_call("outcome")])
incomplete(
    "an end of another call", lambda: [open_call("outcome", call="c2")], lambda: [open_call("release")]
)
incomplete("a dead chain", lambda: [DEAD], lambda: [DEAD, later([PERMIT])])
incomplete(
    "a permit of another call",
    lambda: [DEAD, later([Chain.reference(DEAD[1]) | {"call": "c2"}])],
    lambda: [DEAD, later([PERMIT], DEAD[-1].receipt_id)],
)
ENDED = open_call("outcome", close=False)
incomplete("no close", lambda: [ENDED, later([])], lambda: [ENDED, later(None, ENDED[-1].receipt_id)])
incomplete(
    "a silence of 60,001 ms",
    lambda: [story(60_001, heartbeats=True).receipts],
    lambda: [story(60_000, heartbeats=True).receipts],
)


def an_end_of_a_denial(verdict: str) -> list[list[Receipt]]:
    made = Chain(ISSUER, ORIGIN)
    made.open()
    decision = made.decision("c1", {}, KEY, verdict=verdict)
    made.add("release", Chain.reference(decision))
    made.close()
    return [made.receipts]


incomplete("a denial that ended", lambda: an_end_of_a_denial("deny"), lambda: an_end_of_a_denial("transform"))


Change = Callable[[bytes], bytes]


def judge_log(receipts: list[Receipt], in_log: list[Receipt], edit: Change | None = None) -> None:
    log = Log(LOG, ORIGIN)
    log.append(*in_log)
    data = export_lines(receipts, log.checkpoint())
    answer = verify_log(edit(data) if edit else data, TRUST, True)
    if answer.reason is not None:
        raise Refusal(answer.reason)


def logs(code: str, label: str, bad: Callable[[], None]) -> None:
    pair(code, label, bad, lambda: judge_log(story().receipts, story().receipts))


ALL = story().receipts


def bend_signature(data: bytes) -> bytes:
    """Change a letter near the end of the signature in the last line."""
    place = data.rindex(b"=") - 8
    return data[:place] + (b"B" if data[place : place + 1] == b"A" else b"A") + data[place + 1 :]


def without_checkpoint(data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:-1])


logs("receipt.incomplete", "fewer than the checkpoint says", lambda: judge_log(ALL[:-1], ALL))
logs("proof.root_mismatch", "another order", lambda: judge_log(ALL, [*ALL[:-2], ALL[-1], ALL[-2]]))
logs(
    "receipt.chain_gap",
    "a receipt that was never logged",
    lambda: judge_log([*ALL[:3], *ALL[4:]], [*ALL[:3], *ALL[4:]]),
)
logs(
    "checkpoint.signature_invalid",
    "checkpoint",
    lambda: judge_log(ALL, ALL, bend_signature),
)
logs("malformed.syntax", "a line", lambda: judge_log(ALL, ALL, lambda data: data[1:]))
logs("malformed.syntax", "an empty export", lambda: judge_log(ALL, ALL, lambda _: b""))
logs(
    "malformed.member_unknown",
    "no checkpoint",
    lambda: judge_log(ALL, ALL, without_checkpoint),
)


@pytest.mark.parametrize("one", PAIRS, ids=lambda one: f"{one.code}: {one.label}")
def test_refusal(one: Pair) -> None:
    one.good()
    with pytest.raises(Refusal) as caught:
        one.bad()
    assert caught.value.code == one.code


def test_every_code_of_a_verifier_is_tried() -> None:
    pages = ("README", "canonical-json", "envelope", "identity", "receipt", "log", "bundle")
    text = "".join((SPEC / f"{page}.md").read_text(encoding="utf-8") for page in pages)
    families = "malformed|signature|did|receipt|key|checkpoint|proof|bundle|trust"
    named = set(re.findall(rf"`((?:{families})\.[a-z_0-9]+)`", text)) - {"malformed.member_"}
    assert named == {one.code for one in PAIRS}


def test_a_verifier_never_fails() -> None:
    values: list[Value] = [None, 1, "x", [], {}, {"typ": "talos.bundle/1", "envelope": {}, "tlog_proof": ""}]
    for value in values:
        assert not bundle.verify_bundle(canonical(value), TRUST).valid
    assert text_of(bundle.verify_bundle(b"\xff", TRUST).value()["reason"]) == "malformed.utf8"
