"""Random cases for receipts and bundles, built by the oracle with its own keys, hashes and labels."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import bundle
import didkey
import ed25519
import note
import receipt
from build import Recipe, body_value, key_of
from canonical import BUNDLE, TALOS_DATA, Value, parse_canonical, string_text
from cases_json import random_text, random_value
from cases_keys import SMALL_ORDER, envelope_edit, strange_point
from constants import MAX_COUNTER, MAX_SIZE
from contract import object_of
from differential import Case, Expected, invalid, problem, valid
from edits import (
    Edit,
    TextEdit,
    cosign,
    drop,
    flipped,
    proof_lines,
    put,
    replaced,
    signature_entry,
    together,
    within,
)
from encoding import from_base64, to_base64, to_base64url
from refusal import Refusal

WRONG_TYPES: tuple[Value, ...] = (None, True, 1, "x", [], {})


def pick(source: random.Random, *values: Value) -> Value:
    return source.choice(values)


def random_recipe(source: random.Random, kind: str | None = None) -> Recipe:
    return Recipe(
        issuer_seed=source.randbytes(32),
        log_seed=source.randbytes(32),
        origin=source.choice(("talos.example/log1", "a", "b/c_d-e.f", "0" * 128)),
        kind=kind or source.choice((*receipt.KINDS, "decision", "decision", "outcome", "outcome")),
        before=source.randrange(9),
        after=source.randrange(9),
        args=random_value(source, TALOS_DATA, 3),
        result=random_value(source, TALOS_DATA, 3),
        disclose=source.random() < 0.8,
    )


# --- receipts --------------------------------------------------------------------------------------


def body_edit(source: random.Random, kind: str) -> tuple[str, Edit]:
    """A change to the body of a receipt; some are allowed."""
    required, optional = receipt.KINDS[kind]
    foreign = [name for name in receipt.SPECIFIC if name not in required + optional]
    present = [*receipt.COMMON, *required]
    fitting = fitting_members(source)
    name = source.choice(foreign)
    extra = source.choice(optional) if optional else "ext"
    other = source.choice(present)
    x25519 = didkey.Key("x25519", source.randbytes(32))
    nested: Value = 1
    for _ in range(source.choice((29, 30, 31, 32))):
        nested = [nested]
    edits: list[tuple[str, Edit]] = [
        ("allowed member", put(extra, fitting[extra])),
        ("allowed members", together(*(put(one, fitting[one]) for one in optional))),
        (f"foreign member {name}", put(name, fitting[name])),
        ("unknown member", put(source.choice(("extra", "sub", "exp", "x_")), 1)),
        (f"without {other}", drop(other)),
        (f"{other} of another type", put(other, source.choice(WRONG_TYPES))),
        (f"{name} null", put(name, None)),
        ("other typ", put("typ", source.choice(("talos.receipt/2", "talos.bundle/1", "")))),
        ("iss without fragment", put("iss", x25519.did)),
        ("iss X25519", put("iss", x25519.url)),
        ("iss of another", put("iss", key_of(source.randbytes(32)).url)),
        ("actor of another", put("actor", key_of(source.randbytes(32)).did)),
        ("actor X25519", put("actor", x25519.did)),
        ("weak actor", put("actor", didkey.Key("ed25519", source.choice(SMALL_ORDER)).did)),
        ("actor that is a URL", put("actor", x25519.url)),
        (
            "actor of another method",
            put("actor", source.choice(("did:web:a", "did:key:z6", "", "did:key:m1"))),
        ),
        ("log", put("log", source.choice(("", "A", "a b", "a" * 129, "a+b", "é")))),
        ("another log", put("log", "another")),
        ("salt", put("salt", to_base64url(source.randbytes(source.choice((0, 15, 17, 32)))))),
        ("chain", put("chain", source.choice(("A" * 21 + "B", "A" * 22 + "==", "!" * 22)))),
        ("seq", put("seq", source.choice((-1, 0, 1, 2, 7, 2**53 - 1)))),
        ("seq 0 without prev", together(put("seq", 0), drop("prev"))),
        ("prev", put("prev", to_base64url(source.randbytes(source.choice((31, 32, 33)))))),
        ("without prev", drop("prev")),
        ("iat", put("iat", source.choice((-1, 0, 2**53 - 1)))),
        ("kind", put("kind", source.choice((*receipt.KINDS, "pause")))),
        (
            "run",
            put(
                "run",
                source.choice(
                    ("", "0" * 36, "01890A5D-ac96-774b-bcce-b302099a8057", "01890a5dac96774bbcceb302099a8057")
                ),
            ),
        ),
        ("another run", put("run", "ffffffff-0000-0000-0000-000000000000")),
        ("sign log", put("sign", "log")),
        ("sign", put("sign", source.choice(("self", "both", "")))),
        ("after release", put("dur", "after_release")),
        ("dur", put("dur", source.choice(("before_release", "never")))),
        (
            "ext",
            put(
                "ext",
                pick(source, {}, {"a": {"b_1": [1, "é", None]}}, [], {"A": 1}, {"a": 1.5}, {"a": "\x00"}),
            ),
        ),
        ("deep ext", put("ext", {"a": nested})),
        ("final_seq", put("final_seq", source.choice((0, 1, 2, 3)))),
        ("call", put("call", source.choice(("", "é" * 128, "é" * 129, "\U0001f600" * 128)))),
        ("ref", put("ref", to_base64url(source.randbytes(source.choice((31, 32)))))),
        ("late", put("late", source.choice((True, False, 1)))),
    ]
    if kind == "decision":
        edits += decision_edits(source)
    if kind == "outcome":
        edits += outcome_edits(source)
    if kind == "gap":
        permit: dict[str, Value] = {"call": "c", "ref": to_base64url(source.randbytes(32))}
        edits += [
            ("permits", put("permits", [dict(permit) for _ in range(source.choice((0, 1, 500)))])),
            ("permit", put("permits", [source.choice(WRONG_TYPES)])),
            ("permit with more", put("permits", [permit | {"x": 1}])),
        ]
    return source.choice(edits)


def fitting_members(source: random.Random) -> dict[str, Value]:
    """For each member that only some kinds have, a value that its type allows."""
    hashed = to_base64url(source.randbytes(32))
    salt = to_base64url(source.randbytes(16))
    return {
        "ext": {"note": "x"},
        "boot": salt,
        "predecessor": hashed,
        "hb": source.random() < 0.5,
        "call": "c1",
        "ref": hashed,
        "principal": "é" * 512,
        "action": {"kind": "http", "target": "t", "effect": "read", "args_commit": hashed},
        "verdict": "deny",
        "reasons": ["policy.tool_not_allowed"],
        "rules": pick(source, ["no-keys"], []),
        "caps": [hashed],
        "policy": {"id": "p", "hash": hashed},
        "approval": hashed,
        "session": pick(source, {"sid": salt}, {"sid": salt, "frame_hash": hashed}),
        "outcome": {"status": "error"},
        "budget": pick(source, {}, {"tokens": 1, "amount_micro": 2**53 - 1, "currency": "EUR"}),
        "late": True,
        "final_seq": 1,
        "permits": [],
        "observed": source.choice(receipt.VERDICTS),
        "shadow": {"policy": {"id": "p", "hash": hashed}, "verdict": "deny", "reasons": ["limit.rate"]},
        "standing": pick(
            source,
            {"scope": {"level": "all"}, "held": True},
            {"scope": {"level": "all", "name": "x"}, "held": True},
            {"scope": {"level": "team", "name": "x"}, "held": False, "why": "a drill"},
            {"scope": {"level": "tool"}, "held": True},
        ),
        "replaces": {"id": "q", "hash": hashed},
    }


def decision_edits(source: random.Random) -> list[tuple[str, Edit]]:
    verdict = source.choice(receipt.VERDICTS)
    effect = source.choice(receipt.EFFECTS)
    weak = source.choice((put("sign", "log"), put("dur", "after_release")))
    hashed = to_base64url(source.randbytes(32))
    return [
        (f"{verdict} {effect}", together(put("verdict", verdict), within("action", put("effect", effect)))),
        (f"weak {verdict}", together(weak, put("verdict", verdict))),
        (f"weak {effect}", together(weak, within("action", put("effect", effect)))),
        ("verdict", put("verdict", source.choice(("", "maybe", 1)))),
        ("action", put("action", source.choice(WRONG_TYPES))),
        ("action kind", within("action", put("kind", source.choice((*receipt.ACTION_KINDS, "shell"))))),
        ("target", within("action", put("target", source.choice(("", "é" * 512, "é" * 513))))),
        ("tool_hash", within("action", put("tool_hash", source.choice((hashed, hashed[:-1], 1))))),
        ("action member", within("action", put("amount", 1))),
        (
            "without a member of action",
            within("action", drop(source.choice(("kind", "target", "effect", "args_commit")))),
        ),
        ("reasons", put("reasons", ["a.b"] * source.choice((0, 1, 17)))),
        (
            "reason",
            put("reasons", [source.choice(("a.b_c", "a1", "a.", ".b", "A.b", "", 1, "a" * 64, "a" * 65))]),
        ),
        ("caps", put("caps", [hashed] * source.choice((0, 8, 9)))),
        ("cap", put("caps", [source.choice(("", hashed[:-1], 1))])),
        (
            "policy",
            put(
                "policy",
                pick(source, {"id": "", "hash": hashed}, {"id": "a" * 65, "hash": hashed}, {"id": "a"}),
            ),
        ),
        ("session", put("session", pick(source, {}, {"sid": hashed}, {"sid": "A" * 22, "x": 1}, []))),
        (
            "budget",
            put("budget", pick(source, {"currency": "eur"}, {"tokens": -1}, {"tokens": "1"}, {"x": 1})),
        ),
        ("principal", put("principal", source.choice(("", "a" * 512, "a" * 513)))),
    ]


def outcome_edits(source: random.Random) -> list[tuple[str, Edit]]:
    return [
        ("status", within("outcome", put("status", source.choice((*receipt.STATUSES, "fine", 1))))),
        ("without commitment", within("outcome", drop("result_commit"))),
        ("other commitment", within("outcome", put("result_commit", to_base64url(source.randbytes(32))))),
        ("member of outcome", within("outcome", put("x", 1))),
        ("without status", within("outcome", drop("status"))),
    ]


def payload_edit(source: random.Random) -> tuple[str, Callable[[bytes], bytes]]:
    """A change to the bytes that are signed."""
    edits: list[tuple[str, Callable[[bytes], bytes]]] = [
        ("LF at the end", lambda data: data + b"\n"),
        ("space", lambda data: data.replace(b":", b": ", 1)),
        (
            "members in another order",
            lambda data: b'{"typ":"talos.receipt/1",' + data[1:].replace(b',"typ":"talos.receipt/1"', b""),
        ),
        ("escaped letter", lambda data: data.replace(b'"actor"', rb'"\u0061ctor"')),
        ("member twice", lambda data: data.replace(b"{", b'{"actor":"x",', 1)),
        ("BOM", lambda data: b"\xef\xbb\xbf" + data),
        ("not UTF-8", lambda data: data.replace(b"did", b"di\xff", 1)),
        ("cut", lambda data: data[:-1]),
        ("empty", lambda _: b""),
        ("array", lambda _: b"[]"),
        ("text", lambda _: b'"x"'),
        ("seq as 1.0", lambda data: data.replace(b'"seq":', b'"seq":1.0,"x":')),
        ("seq as -0", lambda data: data.replace(b'"seq":', b'"seq":-0,"x":')),
        ("deep", lambda _: b"[" * 33 + b"]" * 33),
        ("upper-case name", lambda data: data.replace(b'"actor"', b'"Actor"')),
    ]
    return source.choice(edits)


def varied(source: random.Random, recipe: Recipe) -> tuple[str, Recipe]:
    """A change to the receipt or to its envelope."""
    choice = source.randrange(6)
    if choice < 3:
        label, body = body_edit(source, recipe.kind)
        return f"{recipe.kind}, {label}", replace(recipe, body=body)
    if choice == 3:
        label, payload = payload_edit(source)
        return label, replace(recipe, payload=payload)
    if choice == 4:
        label, envelope = envelope_edit(source)
        return label, replace(recipe, envelope=envelope)
    seed = source.randbytes(32)
    more: list[tuple[str, Recipe]] = [
        (
            "entry beside sign = log",
            replace(recipe, body=put("sign", "log"), envelope=cosign(recipe.issuer_seed)),
        ),
        ("co-signed", replace(recipe, envelope=cosign(seed))),
        ("issued under a weak key", weak_issuer(source, recipe)),
        ("signed twice", replace(recipe, envelope=cosign(recipe.issuer_seed))),
        ("signature bit", replace(recipe, envelope=signature_bit(source))),
        ("signature point", replace(recipe, envelope=signature_point(source))),
    ]
    return source.choice(more)


def weak_issuer(source: random.Random, recipe: Recipe) -> Recipe:
    url = didkey.Key("ed25519", source.choice(SMALL_ORDER)).url
    return replace(recipe, body=put("iss", url), envelope=signature_entry(put("keyid", url)))


def signature_bit(source: random.Random) -> Edit:
    place = source.randrange(512)

    def edit(target: dict[str, Value]) -> None:
        data = bytearray(from_base64(str(target["sig"])) or b"")
        data[place // 8] ^= 1 << place % 8
        target["sig"] = to_base64(bytes(data))

    return when_signed(edit)


def signature_point(source: random.Random) -> Edit:
    point = strange_point(source)

    def edit(target: dict[str, Value]) -> None:
        data = from_base64(str(target["sig"])) or b""
        more = (int.from_bytes(data[32:], "little") + ed25519.L).to_bytes(32, "little")
        target["sig"] = to_base64(source.choice((point + data[32:], data[:32] + more)))

    return when_signed(edit)


def when_signed(edit: Edit) -> Edit:
    def change(target: dict[str, Value]) -> None:
        if target["signatures"]:
            signature_entry(edit)(target)

    return change


def receipt_case(source: random.Random) -> Case:
    recipe = random_recipe(source)
    label = "valid"
    if source.random() < 0.8:
        label, recipe = varied(source, recipe)
    try:
        value, _ = recipe.make_envelope()
    except (KeyError, IndexError, Refusal):  # an edit for signatures, where there is none
        recipe = replace(recipe, envelope=None)
        value, _ = recipe.make_envelope()
    issuers = [recipe.issuer.did]
    if source.random() < 0.15:
        label, issuers = label + ", other issuer", [key_of(source.randbytes(32)).did]
    request: dict[str, Value] = {"envelope": value, "issuers": list(issuers)}
    try:
        found = receipt.verify_alone(value)
    except Refusal as refused:
        return Case("receipt.verify", label, request, invalid(refused.code))
    if receipt.issuer_did(found) not in issuers:
        return Case("receipt.verify", label, request, invalid("trust.issuer_unknown"))
    expected = valid(receipt_id=to_base64url(found.receipt_id), receipt=found.body)
    return Case("receipt.verify", label, request, expected)


# --- bundles ---------------------------------------------------------------------------------------


def proof_edit(source: random.Random, recipe: Recipe) -> tuple[str, TextEdit]:
    index = f"index {recipe.before}\n"
    other = to_base64(source.randbytes(32))
    size = recipe.before + recipe.after + 1
    near = source.choice(
        (recipe.before + 1, max(0, recipe.before - 1), size, size + 1, MAX_SIZE, MAX_COUNTER)
    )
    at = source.randrange(2, 6)
    edits: list[tuple[str, TextEdit]] = [
        ("other index", replaced(index, f"index {near}\n")),
        ("index 2^64", replaced(index, f"index {2**64}\n")),
        ("index with a zero", replaced(index, f"index 0{recipe.before}\n")),
        ("index with a sign", replaced(index, f"index +{recipe.before}\n")),
        ("index with a space", replaced(index, f"index {recipe.before} \n")),
        ("index with two spaces", replaced(index, f"index  {recipe.before}\n")),
        ("no index", replaced(index, "")),
        ("extra line", proof_lines(lambda lines: [lines[0], "extra AAAA", *lines[1:]])),
        ("other header", replaced("tlog-proof@v1", "tlog-proof@v2")),
        ("header twice", lambda text: "c2sp.org/tlog-proof@v1\n" + text),
        ("hash more", proof_lines(lambda lines: [*lines[:at], other, *lines[at:]])),
        (
            "hash less",
            proof_lines(lambda lines: lines[:2] + lines[3:] if len(lines) > 2 else [*lines, other]),
        ),
        (
            "other hash",
            proof_lines(lambda lines: [*lines[:-1], other] if len(lines) > 2 else [*lines, other]),
        ),
        ("hashes in another order", proof_lines(lambda lines: [*lines[:2], *reversed(lines[2:])])),
        ("63 hashes", proof_lines(lambda lines: [*lines[:2], *[other] * 63])),
        ("64 hashes", proof_lines(lambda lines: [*lines[:2], *[other] * 64])),
        ("short hash", proof_lines(lambda lines: [*lines, to_base64(bytes(31))])),
        ("hash as base64url", proof_lines(lambda lines: [*lines, "_" * 43 + "="])),
        ("hash without padding", proof_lines(lambda lines: [*lines, other[:-1]])),
        ("CRLF", lambda text: text.replace("\n", "\r\n", 2)),
        ("no empty line", lambda text: text.replace("\n\n", "\n", 1)),
        ("two empty lines", lambda text: text.replace("\n\n", "\n\n\n", 1)),
        ("empty first line", lambda text: "\n" + text),
        ("only the head", lambda text: text.partition("\n\n")[0] + "\n\n"),
        ("nothing after the hashes", lambda text: text.partition("\n\n")[0] + "\n"),
        ("BOM", lambda text: "\ufeff" + text),
        ("empty", lambda _: ""),
        ("24,576 characters", lambda text: text.ljust(24_576, "x")),
        ("65,536 characters", lambda text: text.ljust(65_536, "x")),
        ("65,537 characters", lambda text: text.ljust(65_537, "x")),
    ]
    return source.choice(edits)


def note_edit(source: random.Random, recipe: Recipe) -> tuple[str, TextEdit]:
    other = source.randbytes(32)
    foreign = note.signature_line(other, "witness.example", "anything")
    key = note.LogKey(recipe.origin, ed25519.public_key_of(recipe.log_seed))
    size = recipe.before + recipe.after + 1

    def again(change: TextEdit, seed: bytes = recipe.log_seed, name: str = recipe.origin) -> TextEdit:
        return lambda text: note.signed_note(change(text.partition("\n\n")[0] + "\n"), seed, name)

    far = source.choice(
        (size + 1, max(0, size - 1), size * 2, MAX_SIZE, MAX_SIZE + 1, MAX_COUNTER, MAX_COUNTER + 1)
    )
    edits: list[tuple[str, TextEdit]] = [
        ("foreign line", lambda text: text + foreign),
        ("31 foreign lines", lambda text: text + foreign * 31),
        ("32 foreign lines", lambda text: text + foreign * 32),
        ("signature twice", lambda text: text + text.partition("\n\n")[2]),
        (
            "second line wrong",
            lambda text: text + f"{note.DASH} {key.name} {to_base64(key.key_id + bytes(64))}\n",
        ),
        ("signature wrong", flipped),
        (
            "signature short",
            lambda text: text[:-1].rpartition(" ")[0] + f" {to_base64(key.key_id + bytes(63))}\n",
        ),
        ("cut", lambda text: text[:-1]),
        ("LF more", lambda text: text + "\n"),
        ("no signature", lambda text: text.partition("\n\n")[0] + "\n\n"),
        ("extension line", again(lambda text: text + "more\n")),
        ("other origin", again(replaced(f"{recipe.origin}\n", "another\n"))),
        ("other origin and key", again(replaced(f"{recipe.origin}\n", "another\n"), name="another")),
        ("other size", again(replaced(f"\n{size}\n", f"\n{far}\n"))),
        ("other root", again(lambda text: text[: -len(to_base64(bytes(32))) - 1] + to_base64(other) + "\n")),
        ("other log key", again(lambda text: text, other)),
        ("other name in the line", again(lambda text: text, name="another")),
    ]
    return source.choice(edits)


def value_edit(source: random.Random, recipe: Recipe) -> tuple[str, Edit]:
    key = source.randbytes(32)
    member = source.choice(("typ", "envelope", "tlog_proof"))
    bodies: dict[str, Value] = {
        "args": body_value(recipe.ARGS_KEY, recipe.args),
        "result": body_value(recipe.RESULT_KEY, recipe.result),
    }
    name = source.choice(tuple(bodies))
    deep: Value = 0
    for _ in range(source.choice((60, 61, 62))):
        deep = [deep]
    edits: list[tuple[str, Edit]] = [
        ("unknown member", put(source.choice(("extra", "trust", "vkey", "")), "x")),
        ("missing member", drop(member)),
        ("member of another type", put(member, source.choice((None, 1, [], True)))),
        ("bodies of another type", put("bodies", source.choice((None, 1, [], "x")))),
        ("typ", put("typ", source.choice(("talos.bundle/2", "talos.receipt/1", "")))),
        ("no bodies", drop("bodies")),
        ("empty bodies", put("bodies", {})),
        ("both bodies", put("bodies", bodies)),
        ("one body", put("bodies", {name: bodies[name]})),
        ("other key", put("bodies", {name: object_of(bodies[name]) | {"key": to_base64url(key)}})),
        ("other value", put("bodies", {name: object_of(bodies[name]) | {"value": random_text(source)}})),
        ("deep value", put("bodies", {name: object_of(bodies[name]) | {"value": deep}})),
        ("short key", put("bodies", {name: object_of(bodies[name]) | {"key": to_base64url(key[1:])}})),
        ("key in base64", put("bodies", {name: object_of(bodies[name]) | {"key": to_base64(key)}})),
        ("body with more", put("bodies", {name: object_of(bodies[name]) | {"x": 1}})),
        ("body without value", put("bodies", {name: {"key": to_base64url(key)}})),
        ("body without key", put("bodies", {name: {"value": 1}})),
        ("unknown body", put("bodies", {"message": bodies[name]})),
        ("body of another type", put("bodies", {name: source.choice((None, 1, [], "x"))})),
        ("no proof at all", put("tlog_proof", "\n")),
    ]
    return source.choice(edits)


def text_edit(source: random.Random, data: bytes) -> tuple[str, bytes]:
    """A change to the text of a bundle."""
    choice = source.randrange(8)
    at = source.randrange(len(data))
    if choice < 3:
        return "flipped bit", data[:at] + bytes([data[at] ^ 1 << source.randrange(7)]) + data[at + 1 :]
    if choice == 3:
        return "byte less", data[:at] + data[at + 1 :]
    if choice == 4:
        return "byte more", data[:at] + source.choice((b" ", b"0", b"A", b'"', b"\\", b"\n")) + data[at:]
    if choice == 5:
        return "swapped bytes", data[:at] + data[at : at + 2][::-1] + data[at + 2 :]
    if choice == 6:
        return "cut", data[:at]
    return source.choice(
        (
            ("LF at the end", data + b"\n"),
            ("BOM", b"\xef\xbb\xbf" + data),
            ("array", b"[" + data + b"]"),
            ("text", string_text("x").encode()),
            ("null", b"null"),
            ("empty", b""),
            ("empty object", b"{}"),
            ("member twice", data.replace(b"{", b'{"typ":"talos.bundle/1",', 1)),
            ("escaped", data.replace(b'"typ"', rb'"\u0074yp"')),
            ("dash escaped", data.replace("—".encode(), rb"\u2014")),
            ("space", data.replace(b",", b", ", 1)),
            ("deep", b"[" * 65 + b"]" * 65),
        )
    )


def trust_words(source: random.Random, recipe: Recipe) -> tuple[str, list[str], list[str]]:
    """Log keys and issuers for a verifier: mostly the right ones."""
    other = random_recipe(source, "open")
    vkey, did = recipe.vkey, recipe.issuer.did
    same_key = note.LogKey("another", ed25519.public_key_of(recipe.log_seed)).vkey
    same_name = note.LogKey(recipe.origin, ed25519.public_key_of(other.log_seed)).vkey
    if source.random() < 0.7:
        return "trusted", [vkey], [did]
    return source.choice(
        (
            ("nothing trusted", [], []),
            ("only the log key", [vkey], []),
            ("only the issuer", [], [did]),
            ("more than needed", [other.vkey, same_name, vkey, same_key], [other.issuer.did, did]),
            ("log key twice", [vkey, vkey], [did, did]),
            ("other log key", [other.vkey], [did]),
            ("other log key of that name", [same_name], [did]),
            ("the log key under another name", [same_key], [did]),
            ("other issuer", [vkey], [other.issuer.did]),
            ("X25519 issuer", [vkey], [didkey.Key("x25519", source.randbytes(32)).did, did]),
            ("weak issuer", [vkey], [did, didkey.Key("ed25519", bytes(32)).did]),
            ("weak log key", [note.LogKey(recipe.origin, bytes(32)).vkey, vkey], [did]),
            ("issuer of another method", [vkey], [did, "did:web:example.com"]),
            ("broken log key", [vkey, vkey + "="], [did]),
            ("broken issuer", [vkey], [did, "did:key"]),
            ("issuer that is a URL", [vkey], [recipe.issuer.url]),
        )
    )


def expected_bundle(data: bytes, vkeys: list[str], issuers: list[str]) -> Expected:
    try:
        trust = bundle.Trust.read(vkeys, issuers)
    except Refusal as refused:
        return problem(refused.code)
    answer = bundle.verify_bundle(data, trust)
    if answer.reason is None:
        return Expected("result", members=answer.value(), absent=("reason",))
    hidden = ("receipt_id", "index", "size", "receipt")
    if answer.exit_code == 4:
        return Expected("answer", frozenset((answer.reason,)), {"trusted": False}, hidden)
    codes = {answer.reason}
    if answer.reason == "malformed.member_unknown" and b'"typ":"talos.bundle/1"' not in data:
        codes.add("malformed.member_missing")  # another name in place of `typ` is two faults
    return Expected("answer", frozenset(codes), {}, (*hidden, "trusted"))


def varied_bundle(source: random.Random, recipe: Recipe) -> tuple[str, Recipe]:
    choice = source.randrange(8)
    if choice < 2:
        return varied(source, recipe)
    if choice < 4:
        label, proof = proof_edit(source, recipe)
        return label, replace(recipe, proof=proof)
    if choice < 6:
        label, checkpoint = note_edit(source, recipe)
        return label, replace(recipe, note=checkpoint)
    if choice == 6:
        label, value = value_edit(source, recipe)
        return label, replace(recipe, value=value)
    return "re-signed as a whole", replace(
        recipe, issuer_seed=source.randbytes(32), log_seed=source.randbytes(32)
    )


def bundle_case(source: random.Random, recipe: Recipe, plain: bool) -> Case:
    label, vkeys, issuers = "plain", [recipe.vkey], [recipe.issuer.did]
    choice = 0 if plain else source.randrange(10)
    if choice == 1:
        label, vkeys, issuers = trust_words(source, recipe)
    elif choice > 3:
        label, changed = varied_bundle(source, recipe)
        try:
            data = changed.make()
        except (KeyError, IndexError, Refusal):  # an edit for something that this bundle does not have
            label, data = "plain", recipe.make()
    if choice <= 3:
        data = recipe.make()
    if choice in (2, 3):
        label, data = text_edit(source, data)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:  # such bytes cannot be sent as text
        label, data = "plain", recipe.make()
    return bundle_check(label, data, vkeys, issuers, source.random() < 0.3, source.random() < 0.3)


def bundle_check(
    label: str, data: bytes, vkeys: list[str], issuers: list[str], parsed: bool = False, escaped: bool = False
) -> Case:
    """A case about these bytes; `parsed` sends a canonical bundle as an object."""
    expected = expected_bundle(data, vkeys, issuers)
    request: dict[str, Value] = {"log_keys": list(vkeys), "issuers": list(issuers)}
    request["bundle"] = data.decode("utf-8")
    if expected.form == "result" and parsed:
        request["bundle"] = parse_canonical(data, BUNDLE)
    return Case("bundle.verify", label, request, expected, escaped)


def receipt_cases(source: random.Random, count: int) -> list[Case]:
    return [receipt_case(source) for _ in range(count)]


def bundle_cases(source: random.Random, count: int) -> list[Case]:
    """Bundles, the first of them sound ones that disclose arguments and results."""
    first = [replace(random_recipe(source, kind), disclose=True) for kind in ("decision", "outcome")]
    made = [bundle_case(source, recipe, True) for recipe in first]
    return made + [
        bundle_case(source, random_recipe(source), False) for _ in range(max(0, count - len(made)))
    ]
