"""vectors/receipt.json (docs/spec/receipt.md, sections 1 to 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import didkey
import receipt
from build import Recipe, key_of
from canonical import Value, canonical
from cases_keys import SMALL_ORDER
from door import Request
from edits import Edit, cosign, drop, put, reverse_signatures, signature_entry, together, within
from encoding import to_base64, to_base64url
from make_keys import ENVELOPE_FAULTS, ISSUER, LOG, OTHER, THIRD, WEAK, X25519, edited, sixteen
from suite import MARK, Repeat, Suite, blob

HASH, SALT = to_base64url(blob("hash")), to_base64url(blob("salt", 16))
DID, URL = key_of(ISSUER).did, key_of(ISSUER).url
# For each kind the members that it may have besides, with values that fit.
OPTIONAL: dict[str, dict[str, Value]] = {
    "open": {"boot": SALT, "predecessor": HASH, "hb": True},
    "decision": {
        "principal": "\u00e9" * 512,
        "policy": {"id": "demo", "hash": HASH},
        "approval": HASH,
        "session": {"sid": SALT, "frame_hash": HASH},
        "budget": {"tokens": 1, "amount_micro": 2**53 - 1, "currency": "EUR"},
    },
    "outcome": {"late": True, "reasons": ["drift.detected"], "budget": {}, "session": {"sid": SALT}},
}
# A member that the kind neither requires nor allows.
FOREIGN: dict[str, tuple[str, Value]] = {
    "open": ("call", "c1"),
    "decision": ("outcome", {"status": "ok"}),
    "start": ("reasons", []),
    "outcome": ("approval", HASH),
    "release": ("late", True),
    "gap": ("call", "c1"),
    "standing": ("call", "c1"),
    "policy": ("reasons", []),
    "heartbeat": ("boot", SALT),
    "close": ("hb", True),
}


def recipe(kind: str, *edits: Edit) -> Recipe:
    body = together(*edits) if edits else None
    return Recipe(kind=kind, args={}, result={"ok": True}, body=body)


def envelope_of(made: Recipe) -> dict[str, Value]:
    return made.make_envelope()[0]


def body_of(made: Recipe) -> dict[str, Value]:
    body = made.receipt_body()
    if made.body:
        made.body(body)
    return body


def many(name: str, *values: tuple[str, Value]) -> tuple[tuple[str, Edit], ...]:
    return tuple((f"{name} {what}", put(name, value)) for what, value in values)


BASE64_FAULTS = (
    *many("salt", ("has 15 bytes", to_base64url(bytes(15))), ("has padding", to_base64(bytes(16)))),
    *many(
        "chain", ("has 17 bytes", to_base64url(bytes(17))), ("has a bit set that is not used", "A" * 21 + "B")
    ),
    *many("prev", ("has 31 bytes", to_base64url(bytes(31))), ("is empty", "")),
    *many("ref", ("is in hexadecimal", "0" * 64), ("has a character of the other base64", "+" + HASH[1:])),
)
VALUE_FAULTS: dict[str, tuple[tuple[str, Edit], ...]] = {
    "outcome": (
        *many(
            "iss",
            ("is a DID", DID),
            ("is of an X25519 key", X25519),
            ("is of a key of small order", WEAK),
            ("is empty", ""),
        ),
        *many("actor", ("is a DID URL", URL), ("is a did:web", "did:web:example.com"), ("is a word", "me")),
        *many(
            "actor",
            ("has an X25519 key", didkey.Key("x25519", blob("x")).did),
            ("has a key of small order", didkey.Key("ed25519", SMALL_ORDER[0]).did),
        ),
        *many(
            "log",
            ("is empty", ""),
            ("has a capital letter", "Talos"),
            ("has a space", "a b"),
            ("has 129 characters", "a" * 129),
        ),
        *many("seq", ("is -1", -1)),
        *many("iat", ("is -1", -1)),
        *many("kind", ("does not exist", "pause"), ("has a capital letter", "Outcome")),
        *many(
            "run",
            ("is empty", ""),
            ("is in capitals", "01890A5D-AC96-774B-BCCE-B302099A8057"),
            ("has no hyphens", "01890a5dac96774bbcceb302099a8057"),
            ("has a line feed", "01890a5d-ac96-774b-bcce-b302099a8057\n"),
        ),
        *many("sign", ("is both", "both")),
        *many("dur", ("is never", "never")),
        *many("call", ("is empty", ""), ("has 129 characters", "\u00e9" * 129)),
        ("the status does not exist", within("outcome", put("status", "fine"))),
        *many(
            "budget",
            ("has a currency in small letters", {"currency": "eur"}),
            ("has less than no tokens", {"tokens": -1}),
        ),
    ),
    "decision": (
        *many("verdict", ("does not exist", "maybe")),
        *many(
            "reasons",
            ("are 17", ["policy.invalid"] * 17),
            ("hold an empty code", [""]),
            ("hold a sentence", ["Not allowed"]),
            ("hold a code of 65 characters", ["a" * 65]),
            ("hold a code that ends in a point", ["policy."]),
        ),
        *many("caps", ("are 9", [HASH] * 9)),
        ("the effect does not exist", within("action", put("effect", "none"))),
        ("the kind of action does not exist", within("action", put("kind", "shell"))),
        ("the target is empty", within("action", put("target", ""))),
        ("the target has 513 characters", within("action", put("target", "\u00e9" * 513))),
        *many("principal", ("is empty", ""), ("has 513 characters", "a" * 513)),
        *many(
            "policy",
            ("has an empty id", {"id": "", "hash": HASH}),
            ("has an id of 65 characters", {"id": "a" * 65, "hash": HASH}),
        ),
    ),
}
TYPE_FAULTS: dict[str, tuple[tuple[str, Edit], ...]] = {
    "outcome": (
        *many("typ", ("is a number", 1)),
        *many("seq", ("is a text", "2"), ("is true", True), ("is null", None)),
        *many("prev", ("is null", None)),
        *many("late", ("is 1", 1)),
        *many("ext", ("is an array", []), ("is null", None)),
        *many("outcome", ("is a text", "ok")),
    ),
    "decision": (
        *many("action", ("is null", None)),
        *many("caps", ("are an object", {}), ("hold a number", [1])),
        *many("reasons", ("are a text", "policy.invalid")),
    ),
    "gap": (*many("permits", ("are an object", {}), ("hold a text", ["c1"])),),
}
PAYLOADS: tuple[tuple[str, str, bytes, bytes], ...] = (
    ("malformed.syntax", "the payload ends early", b"}", b""),
    ("malformed.not_canonical", "a space stands in the payload", b",", b", "),
    ("malformed.not_canonical", "a letter of the payload is escaped", b'"actor"', rb'"\u0061ctor"'),
    (
        "malformed.not_canonical",
        "two members have changed places",
        b'"dur":"before_release","iat":1763625600002',
        b'"iat":1763625600002,"dur":"before_release"',
    ),
    ("malformed.duplicate_name", "a member stands twice", b'"call":"c1"', b'"call":"c1","call":"c1"'),
    ("malformed.number", "seq is 2.0", b'"seq":2', b'"seq":2.0'),
    ("malformed.number", "seq is 2e0", b'"seq":2', b'"seq":2e0'),
    ("malformed.number", "iat is 2^53", b'"iat":1763625600002', b'"iat":9007199254740992'),
    ("malformed.utf8", "a byte is FF", b'"c1"', b'"c\xff"'),
    ("malformed.surrogate", "the call is half a pair", b'"c1"', rb'"\ud800"'),
    ("malformed.nul", "the call is U+0000", b'"c1"', rb'"\u0000"'),
    ("malformed.name", "a member has a capital letter", b'"actor"', b'"Actor"'),
    ("malformed.name", "a member of ext has a hyphen", b'"iat"', b'"ext":{"a-b":1},"iat"'),
)


def receipt_suite() -> Suite:
    suite = Suite(
        "receipt.json",
        "Receipts alone: bodies, rules and signatures (docs/spec/receipt.md).",
        default="receipt.verify",
    )
    for kind in receipt.KINDS:
        suite.good(f"{kind} receipt", {"envelope": envelope_of(recipe(kind))})
        if kind in OPTIONAL:
            full = recipe(kind, *(put(name, value) for name, value in OPTIONAL[kind].items()))
            suite.good(f"{kind} receipt with every optional member", {"envelope": envelope_of(full)})
    _kinds(suite)
    _members(suite)
    _payloads(suite)
    _governed(suite)
    _rules(suite)
    _signed(suite)
    _trusted(suite)
    return suite


def _bad(suite: Suite, kind: str, code: str, what: str, *edits: Edit) -> None:
    suite.bad(f"{kind} receipt", code, what, {"envelope": envelope_of(recipe(kind, *edits))})


def _good(suite: Suite, kind: str, what: str, *edits: Edit) -> None:
    suite.good(f"{kind} receipt, {what}", {"envelope": envelope_of(recipe(kind, *edits))})


def _kinds(suite: Suite) -> None:
    for kind, (required, _) in receipt.KINDS.items():
        for name in required:
            _bad(suite, kind, "receipt.kind_members", f"it has no {name}", drop(name))
        name, value = FOREIGN[kind]
        _bad(suite, kind, "receipt.kind_members", f"it has {name}", put(name, value))
        for name in receipt.COMMON:
            if kind == "outcome" or name == "typ":
                _bad(suite, kind, "malformed.member_missing", f"it has no {name}", drop(name))


def _members(suite: Suite) -> None:
    for what, edit in BASE64_FAULTS:
        _bad(suite, "outcome", "malformed.base64", what, edit)
    for code, table in (("malformed.value", VALUE_FAULTS), ("malformed.type", TYPE_FAULTS)):
        for kind, faults in table.items():
            for what, edit in faults:
                _bad(suite, kind, code, what, edit)
    _bad(suite, "outcome", "malformed.typ", "typ is of version 2", put("typ", "talos.receipt/2"))
    _bad(suite, "outcome", "malformed.typ", "typ is of a bundle", put("typ", "talos.bundle/1"))
    _bad(suite, "outcome", "malformed.typ", "typ is empty", put("typ", ""))
    unknown = "malformed.member_unknown"
    _bad(suite, "outcome", unknown, "it has a member that no kind knows", put("exp", 1))
    _bad(suite, "outcome", unknown, "the outcome has a member too many", within("outcome", put("x", 1)))
    _bad(suite, "outcome", unknown, "it has the result in clear", put("result", {"ok": True}))
    _bad(
        suite, "decision", unknown, "the action has the arguments in clear", within("action", put("args", {}))
    )
    _bad(
        suite, "decision", unknown, "the session has a member too many", put("session", {"sid": SALT, "x": 1})
    )
    missing = "malformed.member_missing"
    _bad(suite, "outcome", missing, "the outcome has no status", within("outcome", drop("status")))
    for name in ("kind", "target", "effect", "args_commit"):
        _bad(suite, "decision", missing, f"the action has no {name}", within("action", drop(name)))
    _bad(suite, "decision", missing, "the policy has no hash", put("policy", {"id": "demo"}))
    _bad(suite, "decision", missing, "the session has no sid", put("session", {}))
    _bad(suite, "gap", missing, "a permit has no ref", put("permits", [{"call": "c1"}]))
    _good(suite, "outcome", "128 characters of call", put("call", "\u00e9" * 128))
    _good(suite, "outcome", "with ext", put("ext", {"note": {"list": [1, None, "\u00e9"], "empty": {}}}))
    _good(suite, "outcome", "without a commitment", within("outcome", drop("result_commit")))
    _good(suite, "outcome", "at the end of time", put("iat", 2**53 - 1))
    _good(suite, "outcome", "at its beginning", put("iat", 0))
    _good(suite, "decision", "16 reasons", put("reasons", ["policy.invalid"] * 16))
    _good(suite, "decision", "8 capabilities", put("caps", [HASH] * 8))
    _good(suite, "decision", "a tool hash", within("action", put("tool_hash", HASH)))
    _good(suite, "gap", "no permits", put("permits", []))
    for status in receipt.STATUSES[1:]:
        _good(suite, "outcome", f"status {status}", within("outcome", put("status", status)))
    for kind in receipt.ACTION_KINDS[1:]:
        _good(suite, "decision", f"action {kind}", within("action", put("kind", kind)))
    for verdict in receipt.VERDICTS[1:]:
        _good(suite, "decision", f"verdict {verdict}", put("verdict", verdict))


def _payloads(suite: Suite) -> None:
    whole = "outcome receipt"
    for code, what, old, new in PAYLOADS:
        made = replace(recipe("outcome"), payload=replacing(old, new))
        suite.bad(whole, code, what, {"envelope": envelope_of(made)})
    deep: Value = 1
    for _ in range(30):
        deep = [deep]
    _good(suite, "outcome", "32 levels deep", put("ext", {"a": deep}))
    nested = envelope_of(recipe("outcome", put("ext", {"a": [deep]})))
    suite.bad("outcome receipt, 32 levels deep", "malformed.depth", "there are 33", {"envelope": nested})
    room = 65_024 - len(canonical(body_of(recipe("outcome", put("ext", {"a": ""})))))
    _good(suite, "outcome", "65,024 bytes long", put("ext", {"a": "x" * room}))
    for code, what, payload in (
        ("malformed.type", "the payload is an array", b"[]"),
        ("malformed.syntax", "the payload is empty", b""),
        ("malformed.bom", "a byte order mark goes before the payload", b"\xef\xbb\xbf{}"),
        ("malformed.not_canonical", "the payload is an object and a line feed", b"{}\n"),
        ("malformed.member_missing", "the payload is an empty object", b"{}"),
    ):
        made = replace(recipe("outcome"), payload=_constant(payload))
        suite.bad(whole, code, what, {"envelope": envelope_of(made)})
    text = canonical(envelope_of(recipe("outcome"))).decode()
    name = suite.good("outcome receipt as text", {"envelope": text})
    suite.bad(name, "malformed.syntax", "the text is cut", {"envelope": text[:-1]})
    suite.bad(name, "malformed.depth", "the text is nine arrays deep", {"envelope": "[" * 9})
    long: Request = {"envelope": MARK + text}
    suite.good(
        "outcome receipt as text, with spaces", long, repeat=Repeat("envelope", " ", 131_072 - len(text))
    )
    suite.bad(
        "outcome receipt as text, with spaces",
        "malformed.size",
        "there are more than 131,072 bytes",
        long,
        Repeat("envelope", " ", 131_073 - len(text)),
    )


def replacing(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: new.join(data.rsplit(old, 1)) if old == b"}" else data.replace(old, new, 1)


def _constant(payload: bytes) -> Callable[[bytes], bytes]:
    return lambda _: payload


def _governed(suite: Suite) -> None:
    """Holds, changes of the policy, and what other modes would have said."""
    shadow: Value = {"policy": {"id": "p", "hash": HASH}, "verdict": "deny", "reasons": ["limit.rate"]}
    _good(suite, "decision", "an observed denial", put("observed", "deny"))
    _good(suite, "decision", "an observed need of approval", put("observed", "needs_approval"))
    _good(suite, "decision", "with a shadow", put("shadow", shadow))
    _good(suite, "decision", "with rules", put("rules", ["no-keys", "team research, USD for good"]))
    named: tuple[tuple[str, list[Value]], ...] = (
        ("no rule", []),
        ("an empty rule", [""]),
        ("seventeen rules", ["r"] * 17),
    )
    for name, rules in named:
        _bad(suite, "decision", "malformed.value", f"{name} is named", put("rules", rules))
    for observed in ("allow", "transform"):
        _bad(suite, "decision", "receipt.malformed", f"{observed} is observed", put("observed", observed))
    denied = (put("observed", "deny"), put("verdict", "deny"))
    _bad(suite, "decision", "receipt.malformed", "a denial is observed that is one", *denied)
    _bad(suite, "decision", "malformed.value", "observed is no verdict", put("observed", "maybe"))
    _bad(
        suite,
        "decision",
        "malformed.member_missing",
        "the shadow has no verdict",
        put("shadow", {"policy": {"id": "p", "hash": HASH}, "reasons": []}),
    )
    scopes: list[tuple[dict[str, Value], bool]] = [
        ({"level": "all"}, True),
        ({"level": "tool", "name": "pay"}, False),
    ]
    for scope, held in scopes:
        _good(
            suite,
            "standing",
            f"{scope['level']}",
            put("standing", {"scope": scope, "held": held, "why": "a drill"}),
        )
    wrong: list[tuple[str, str, Value]] = [
        (
            "receipt.malformed",
            "everything has a name",
            {"scope": {"level": "all", "name": "x"}, "held": True},
        ),
        ("receipt.malformed", "a team has no name", {"scope": {"level": "team"}, "held": True}),
        (
            "malformed.value",
            "the level is not known",
            {"scope": {"level": "planet", "name": "x"}, "held": True},
        ),
        ("malformed.member_missing", "it is not said whether it is held", {"scope": {"level": "all"}}),
        ("malformed.type", "held is a word", {"scope": {"level": "all"}, "held": "yes"}),
    ]
    for code, what, value in wrong:
        _bad(suite, "standing", code, what, put("standing", value))
    _good(suite, "policy", "with the one before", put("replaces", {"id": "q", "hash": HASH}))


def _rules(suite: Suite) -> None:
    _bad(suite, "open", "receipt.seq", "its seq is 1, and it has a prev", put("seq", 1), put("prev", HASH))
    for kind in ("decision", "heartbeat"):
        _bad(suite, kind, "receipt.seq", "its seq is 0, and it has no prev", put("seq", 0), drop("prev"))
    _bad(suite, "open", "receipt.kind_members", "it has a prev", put("prev", HASH))
    _bad(suite, "outcome", "receipt.kind_members", "it has no prev", drop("prev"))
    _bad(suite, "close", "receipt.seq", "final_seq is one higher than seq", put("final_seq", 2))
    _bad(suite, "close", "receipt.seq", "final_seq is 0", put("final_seq", 0))
    weak = (("signed by the log", put("sign", "log")), ("written after release", put("dur", "after_release")))
    for how, edit in weak:
        _good(suite, "decision", how, edit)
        for verdict in receipt.VERDICTS[1:]:
            made = envelope_of(recipe("decision", edit, put("verdict", verdict)))
            suite.bad(
                f"decision receipt, {how}",
                "receipt.malformed",
                f"the verdict is {verdict}",
                {"envelope": made},
            )
        for effect in receipt.EFFECTS[1:]:
            made = envelope_of(recipe("decision", edit, within("action", put("effect", effect))))
            suite.bad(
                f"decision receipt, {how}", "receipt.malformed", f"the effect is {effect}", {"envelope": made}
            )
    for effect in receipt.EFFECTS[1:]:
        _good(suite, "decision", f"effect {effect}", within("action", put("effect", effect)))


def _signed(suite: Suite) -> None:
    whole = "outcome receipt"
    value = envelope_of(recipe("outcome"))
    for code, what, edit in ENVELOPE_FAULTS:
        if what.startswith("the payload type"):
            continue
        suite.bad(whole, code, what, {"envelope": edited(value, edit)})
    for what, kind in (
        ("of a bundle", "application/vnd.talos.bundle.v1+json"),
        ("of version 2", "application/vnd.talos.receipt.v2+json"),
        ("plain JSON", "application/json"),
    ):
        suite.bad(
            whole,
            "signature.payload_type",
            f"the payload type is {what}",
            {"envelope": edited(value, put("payloadType", kind))},
        )
    for code, what, edit in (
        ("malformed.value", "the payload type is empty", put("payloadType", "")),
        (
            "signature.payload_type",
            "the payload type is another and the sig is empty",
            together(put("payloadType", "t"), signature_entry(put("sig", ""))),
        ),
        (
            "signature.keyid",
            "a co-signer has no DID URL and the issuer's sig is empty",
            together(cosign(OTHER, keyid="me"), signature_entry(put("sig", ""))),
        ),
        ("signature.missing", "the signature is stripped", put("signatures", [])),
        ("signature.keyid", "the key id is of another key", signature_entry(put("keyid", key_of(OTHER).url))),
        (
            "signature.keyid",
            "only a co-signer has signed",
            together(cosign(OTHER), reverse_signatures, _drop_last),
        ),
        ("signature.keyid", "the co-signer goes first", together(cosign(OTHER), reverse_signatures)),
    ):
        suite.bad(whole, code, what, {"envelope": edited(value, edit)})
    other = envelope_of(recipe("outcome", put("late", True)))
    suite.bad(
        whole, "signature.invalid", "the body is another", {"envelope": value | {"payload": other["payload"]}}
    )
    stranger = envelope_of(replace(recipe("outcome"), issuer_seed=OTHER))
    entry = signature_entry(put("keyid", key_of(OTHER).url))
    suite.good("outcome receipt of another issuer", {"envelope": stranger})
    suite.bad(
        whole,
        "signature.keyid",
        "another has signed it",
        {"envelope": value | {"signatures": edited(stranger, entry)["signatures"]}},
    )
    two = suite.good("outcome receipt, co-signed", {"envelope": edited(value, cosign(OTHER))})
    suite.bad(
        two,
        "signature.invalid",
        "the co-signature is the issuer's own",
        {"envelope": edited(value, together(cosign(OTHER), _copy_first))},
    )
    suite.bad(
        two, "signature.keyid", "the co-signer signs twice", {"envelope": edited(value, cosign(OTHER, OTHER))}
    )
    suite.bad(
        two,
        "signature.invalid",
        "the co-signature is over another body",
        {"envelope": edited(value, together(_cosign_other(other)))},
    )
    suite.good("outcome receipt, co-signed by two", {"envelope": edited(value, cosign(OTHER, THIRD))})
    suite.good("outcome receipt, 16 signatures", {"envelope": edited(value, cosign(*sixteen()))})
    suite.bad(
        "outcome receipt, 16 signatures",
        "malformed.value",
        "there are 17",
        {"envelope": edited(value, cosign(*sixteen(), OTHER))},
    )
    log = suite.good(
        "heartbeat receipt, signed by the log",
        {"envelope": envelope_of(recipe("heartbeat", put("sign", "log")))},
    )
    bare = envelope_of(recipe("heartbeat", put("sign", "log")))
    for what, seed in (("the issuer", ISSUER), ("the log", LOG)):
        suite.bad(
            log,
            "signature.invalid",
            f"there is a signature by {what}",
            {"envelope": edited(bare, cosign(seed))},
        )


def _drop_last(target: dict[str, Value]) -> None:
    signatures = target["signatures"]
    assert isinstance(signatures, list)
    target["signatures"] = signatures[:-1]


def _copy_first(target: dict[str, Value]) -> None:
    signatures = target["signatures"]
    assert isinstance(signatures, list)
    first, second = signatures[0], signatures[1]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    second["sig"] = first["sig"]


def _cosign_other(other: dict[str, Value]) -> Edit:
    def edit(target: dict[str, Value]) -> None:
        signatures, more = target["signatures"], edited(other, cosign(OTHER))["signatures"]
        assert isinstance(signatures, list)
        assert isinstance(more, list)
        signatures.append(more[1])

    return edit


def _trusted(suite: Suite) -> None:
    value = envelope_of(recipe("outcome"))
    name = suite.good("outcome receipt of a trusted issuer", {"envelope": value, "issuers": [DID]})
    suite.good(
        "outcome receipt, one of two trusted issuers",
        {"envelope": value, "issuers": [key_of(OTHER).did, DID]},
    )
    unknown = "trust.issuer_unknown"
    suite.bad(name, unknown, "another is trusted", {"issuers": [key_of(OTHER).did]})
    suite.bad(name, unknown, "nobody is trusted", {"issuers": []})
    suite.bad(
        name,
        unknown,
        "it is of another issuer",
        {"envelope": envelope_of(replace(recipe("outcome"), issuer_seed=OTHER))},
    )
    suite.bad(
        name,
        unknown,
        "it is of another issuer and co-signed by the trusted one",
        {"envelope": edited(envelope_of(replace(recipe("outcome"), issuer_seed=OTHER)), cosign(ISSUER))},
    )
    for code, what, issuers in TRUST_FAULTS:
        suite.bad(name, code, what, {"issuers": [DID, issuers]})
    suite.bad(name, "malformed.type", "the issuers are a text", {"issuers": DID})


TRUST_FAULTS = (
    ("did.malformed", "an issuer is a word", "me"),
    ("did.malformed", "an issuer is a DID URL", URL),
    ("did.method_unsupported", "an issuer is a did:web", "did:web:example.com"),
    ("did.key_type_unsupported", "an issuer has an X25519 key", didkey.Key("x25519", blob("x")).did),
    (
        "signature.key_invalid",
        "an issuer has a key of small order",
        didkey.Key("ed25519", SMALL_ORDER[2]).did,
    ),
)
