"""vectors/approval/*.json (docs/spec/approval.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy

import approval
import constants
import didkey
import dsse
import ed25519
from build import EPOCH, RUN, key_of
from canonical import Value, canonical
from cases_keys import SMALL_ORDER
from contract import array_of, object_of
from door import Request
from edits import Edit, cosign, drop, put, reverse_signatures, signature_entry, together, within
from encoding import to_base64, to_base64url
from make_keys import ENVELOPE_FAULTS, ISSUER, OTHER, THIRD, WEAK, X25519, edited
from make_receipts import replacing
from suite import Suite, blob

Body = dict[str, Value]

KERNEL = ISSUER
AGENT, ALICE, BOB, STRANGER = (bytes([number]) * 32 for number in (11, 12, 13, 14))
MINUTE = 60_000
EXPIRES = EPOCH + 15 * MINUTE
HASH = to_base64url(blob("hash"))
OTHER_HASH = to_base64url(blob("other hash"))


def person(name: str, seed: bytes | None = None) -> Value:
    return {"name": name} if seed is None else {"name": name, "key": key_of(seed).did}


def rule(name: str, quorum: int, *people: Value) -> Value:
    return {"id": name, "quorum": quorum, "approvers": list(people)}


PEOPLE = (person("alice", ALICE), person("bob", BOB), person("dora"))
BODY: Body = {
    "typ": constants.REQUEST_TYP,
    "iss": key_of(KERNEL).url,
    "run": RUN,
    "actor": key_of(AGENT).did,
    "principal": "customer 7",
    "kind": "tool_call",
    "target": "payments.transfer",
    "effect": "spend",
    "tool_hash": HASH,
    "args_digest": to_base64url(blob("arguments")),
    "amount": {"micro": 12_500_000, "currency": "EUR"},
    "tokens": 100,
    "model": "small",
    "key_id": "key 1",
    "consent": True,
    "kyc": False,
    "policy": {"id": "demo", "hash": to_base64url(blob("policy"))},
    "rules": [rule("payments", 2, *PEOPLE)],
    "iat": EPOCH,
    "expires": EXPIRES,
    "nonce": to_base64url(blob("nonce", 16)),
}
OPTIONAL = ("principal", "tool_hash", "amount", "tokens", "model", "key_id", "consent", "kyc")
SMALL: Body = {name: value for name, value in BODY.items() if name not in OPTIONAL}
ABOUT: Body = {name: value for name, value in BODY.items() if name in approval.ABOUT}


def body(*edits: Edit) -> Body:
    made = deepcopy(BODY)
    together(*edits)(made)
    return made


def sealed(made: Value, seed: bytes = KERNEL, kind: str = constants.REQUEST_MEDIA_TYPE) -> Body:
    return approval.signed(seed, made, kind).value()


def id_of(request: Body) -> str:
    return to_base64url(approval.id_of(request))


REQUEST = sealed(BODY)
ID = id_of(REQUEST)
ONE = sealed(body(put("rules", [rule("any", 1, *PEOPLE)])))
ONE_ID = id_of(ONE)


def grant(
    name: str,
    seed: bytes,
    response: str = "grant",
    of: str = ID,
    iat: int = EPOCH + MINUTE,
    edit: Edit | None = None,
) -> Body:
    made = approval.grant_body(seed, of, name, response, iat)
    if edit:
        edit(made)
    return approval.signed(seed, made, constants.GRANT_MEDIA_TYPE).value()


def question(request: Body = REQUEST, grants: Sequence[Value] = (), now: int = EPOCH + 2 * MINUTE) -> Request:
    return {"request": request, "issuer": key_of(KERNEL).did, "now_ms": now, "grants": list(grants)}


def suites() -> list[Suite]:
    return [request_suite(), grant_suite(), state_suite(), code_suite()]


def payload(change: Callable[[bytes], bytes], made: Value, seed: bytes, kind: str) -> Body:
    """An envelope that is signed over changed bytes."""
    data = change(canonical(made))
    sig = ed25519.sign(seed, dsse.signed_message(kind, data))
    return dsse.Envelope(kind, data, ((key_of(seed).url, sig),)).value()


# --- Requests ---------------------------------------------------------------------------------------

FAULTS: tuple[tuple[str, str, Edit], ...] = (
    ("malformed.typ", "the typ is of version 2", put("typ", "talos.approval_request/2")),
    ("malformed.typ", "the typ is of an answer", put("typ", constants.GRANT_TYP)),
    ("malformed.member_unknown", "it has a member too many", put("call", "c1")),
    *(
        ("malformed.member_missing", f"it has no {name}", drop(name))
        for name in ("typ", "iss", *approval.ABOUT_REQUIRED, "iat", "expires", "nonce")
    ),
    ("malformed.value", "iss is the DID alone", put("iss", key_of(KERNEL).did)),
    ("malformed.value", "iss names an X25519 key", put("iss", X25519)),
    ("malformed.value", "iss names a key of small order", put("iss", WEAK)),
    ("malformed.value", "the actor is a word", put("actor", "me")),
    ("malformed.value", "the actor has an X25519 key", put("actor", didkey.Key("x25519", blob("x")).did)),
    ("malformed.value", "the run is no UUID", put("run", "1")),
    ("malformed.value", "the target is empty", put("target", "")),
    ("malformed.value", "the target has 513 characters", put("target", "\u00e9" * 513)),
    ("malformed.value", "the principal is empty", put("principal", "")),
    ("malformed.value", "the model is empty", put("model", "")),
    ("malformed.value", "the key id has 129 characters", put("key_id", "k" * 129)),
    ("malformed.value", "the kind does not exist", put("kind", "shell")),
    ("malformed.value", "the effect does not exist", put("effect", "none")),
    ("malformed.value", "the amount is negative", within("amount", put("micro", -1))),
    ("malformed.value", "the currency is in small letters", within("amount", put("currency", "eur"))),
    ("malformed.value", "it ends when it begins", put("expires", EPOCH)),
    ("malformed.value", "it ends before it begins", put("expires", EPOCH - 1)),
    ("malformed.value", "there is no rule", put("rules", [])),
    ("malformed.value", "there are 17 rules", put("rules", [rule(f"r{n}", 1, *PEOPLE) for n in range(17)])),
    (
        "malformed.value",
        "two rules have one name",
        put("rules", [rule("a", 1, *PEOPLE), rule("a", 2, *PEOPLE)]),
    ),
    ("malformed.value", "a rule asks for nobody", put("rules", [rule("a", 0, *PEOPLE)])),
    ("malformed.value", "a rule asks for 17 people", put("rules", [rule("a", 17, *PEOPLE)])),
    ("malformed.value", "a rule names nobody", put("rules", [rule("a", 1)])),
    (
        "malformed.value",
        "a rule names 65 people",
        put("rules", [rule("a", 1, *(person(f"p{n}") for n in range(65)))]),
    ),
    ("malformed.value", "a rule names a person twice", put("rules", [rule("a", 2, PEOPLE[0], PEOPLE[0])])),
    (
        "malformed.value",
        "a person has two keys in one rule",
        put("rules", [rule("a", 2, person("alice", ALICE), person("alice", BOB))]),
    ),
    (
        "malformed.value",
        "a person has two keys in two rules",
        put("rules", [rule("a", 1, person("alice", ALICE)), rule("b", 1, person("alice", BOB))]),
    ),
    (
        "malformed.value",
        "a person has a key in one rule and a code in the other",
        put("rules", [rule("a", 1, person("alice", ALICE)), rule("b", 1, person("alice"))]),
    ),
    (
        "malformed.value",
        "two people have one key in one rule",
        put("rules", [rule("a", 2, person("alice", ALICE), person("alicia", ALICE))]),
    ),
    (
        "malformed.value",
        "two people have one key in two rules",
        put("rules", [rule("a", 1, person("alice", ALICE)), rule("b", 1, person("alicia", ALICE))]),
    ),
    (
        "malformed.value",
        "a person's name has a capital letter",
        put("rules", [rule("a", 1, person("Alice"))]),
    ),
    (
        "malformed.value",
        "a person has a key of small order",
        put("rules", [rule("a", 1, {"name": "a", "key": didkey.Key("ed25519", SMALL_ORDER[2]).did})]),
    ),
    (
        "malformed.value",
        "a person has an X25519 key",
        put("rules", [rule("a", 1, {"name": "a", "key": didkey.Key("x25519", blob("x")).did})]),
    ),
    (
        "malformed.member_unknown",
        "a person has a member too many",
        put("rules", [rule("a", 1, {"name": "a", "x": 1})]),
    ),
    ("malformed.type", "the rules are an object", put("rules", {})),
    ("malformed.type", "the tokens are a text", put("tokens", "1")),
    ("malformed.type", "the principal is null", put("principal", None)),
    ("malformed.type", "the consent is a number", put("consent", 1)),
    ("malformed.base64", "the nonce has 15 bytes", put("nonce", to_base64url(bytes(15)))),
    ("malformed.base64", "the digest has padding", put("args_digest", to_base64(blob("arguments")))),
    ("malformed.base64", "the tool hash is in hexadecimal", put("tool_hash", "0" * 64)),
)
PAYLOADS: tuple[tuple[str, str, bytes, bytes], ...] = (
    ("malformed.syntax", "the payload ends early", b"}", b""),
    ("malformed.not_canonical", "a space stands in the payload", b",", b", "),
    ("malformed.not_canonical", "a letter of the payload is escaped", b'"actor"', rb'"\u0061ctor"'),
    (
        "malformed.duplicate_name",
        "a member stands twice",
        b'"effect":"spend"',
        b'"effect":"read","effect":"spend"',
    ),
    ("malformed.number", "tokens is 1e2", b'"tokens":100', b'"tokens":1e2'),
    ("malformed.number", "tokens is 2^53", b'"tokens":100', b'"tokens":9007199254740992'),
    ("malformed.utf8", "a byte is FF", b"customer 7", b"customer \xff"),
    ("malformed.surrogate", "the principal is half a pair", b"customer 7", rb"\ud800"),
    ("malformed.nul", "the principal is U+0000", b"customer 7", rb"\u0000"),
    ("malformed.name", "a member has a capital letter", b'"actor"', b'"Actor"'),
)
WHOLE_PAYLOADS: tuple[tuple[str, str, bytes], ...] = (
    ("malformed.type", "the payload is an array", b"[]"),
    ("malformed.syntax", "the payload is empty", b""),
    ("malformed.bom", "a byte order mark goes before the payload", b"\xef\xbb\xbf{}"),
    ("malformed.depth", "the payload is 33 arrays deep", b"[" * 33),
)


def constant(data: bytes) -> Callable[[bytes], bytes]:
    return lambda _: data


def request_suite() -> Suite:
    suite = Suite(
        "approval/requests.json",
        "Requests for approval: ids, bodies, signatures (docs/spec/approval.md, sections 1 to 3).",
        default="approval.verify",
    )
    _ids(suite)
    whole = suite.good("a request", question())
    suite.good("a request without optional members", question(sealed(SMALL)))
    suite.good("a request by the key of its agent", question(sealed(body(put("actor", key_of(KERNEL).did)))))
    limits = [rule(f"r{n}", 16, *(person(f"p{m}") for m in range(64))) for n in range(16)]
    suite.good("a request of 16 rules, each of 64 people", question(sealed(body(put("rules", limits)))))
    for code, what, edit in FAULTS:
        suite.bad(whole, code, what, {"request": sealed(body(edit))})
    kind = constants.REQUEST_MEDIA_TYPE
    for code, what, old, new in PAYLOADS:
        suite.bad(whole, code, what, {"request": payload(replacing(old, new), BODY, KERNEL, kind)})
    for code, what, data in WHOLE_PAYLOADS:
        suite.bad(whole, code, what, {"request": payload(constant(data), BODY, KERNEL, kind)})
    for code, what, edit in ENVELOPE_FAULTS:
        # These change what is asked for: another payload is a fault of the body, another type of the type.
        if what.startswith("the payload type"):
            continue
        suite.bad(whole, code, what, {"request": edited(REQUEST, edit)})
    _signers(suite, whole)
    _abouts(suite)
    return suite


def _ids(suite: Suite) -> None:
    name = suite.good("the id of a request", {"request": REQUEST}, "approval.id")
    suite.good("the id of the smallest request", {"request": sealed(SMALL)}, "approval.id")
    cosigned = edited(REQUEST, cosign(OTHER))
    suite.good("the id of a request that another signs, too", {"request": cosigned}, "approval.id")
    suite.good(
        "the id of a request with another nonce",
        {"request": sealed(body(put("nonce", "A" * 22)))},
        "approval.id",
    )
    suite.bad(name, "signature.payload_type", "it is an answer", {"request": grant("alice", ALICE)})
    suite.bad(
        name,
        "malformed.not_canonical",
        "a space stands in it",
        {"request": payload(replacing(b",", b", "), BODY, KERNEL, constants.REQUEST_MEDIA_TYPE)},
    )


def _signers(suite: Suite, whole: str) -> None:
    forged = REQUEST | {"signatures": sealed(BODY, STRANGER)["signatures"]}
    stranger = sealed(body(put("iss", key_of(STRANGER).url)), STRANGER)
    keyid = signature_entry(put("keyid", key_of(KERNEL).url))
    for code, what, request in (
        ("signature.missing", "nobody signs", edited(REQUEST, put("signatures", []))),
        ("signature.keyid", "a stranger signs", forged),
        ("signature.invalid", "a stranger signs under the key id of the kernel", edited(forged, keyid)),
        ("trust.issuer_unknown", "a stranger asks", stranger),
        (
            "trust.issuer_unknown",
            "a stranger asks and the kernel signs, too",
            edited(stranger, cosign(KERNEL)),
        ),
        (
            "signature.keyid",
            "a co-signer goes first",
            edited(REQUEST, together(cosign(OTHER), reverse_signatures)),
        ),
        (
            "signature.payload_type",
            "the payload type is of an answer",
            sealed(BODY, KERNEL, constants.GRANT_MEDIA_TYPE),
        ),
        (
            "signature.payload_type",
            "the payload type is of a receipt",
            sealed(BODY, KERNEL, constants.RECEIPT_MEDIA_TYPE),
        ),
    ):
        suite.bad(whole, code, what, {"request": request})
    for name in BODY:
        # A signature over one request does not fit another that differs in a single member.
        others: Body = {
            "typ": None,
            "iss": None,
            "amount": {"micro": 12_500_001, "currency": "EUR"},
            "policy": {"id": "demo", "hash": OTHER_HASH},
            "rules": [rule("payments", 1, *PEOPLE)],
        }
        changed = others[name] if name in others else _other(BODY[name])
        if changed is not None:
            altered = sealed(body(put(name, changed))) | {"signatures": REQUEST["signatures"]}
            suite.bad(whole, "signature.invalid", f"its {name} is altered", {"request": altered})
    suite.bad(whole, "trust.issuer_unknown", "another kernel is trusted", {"issuer": key_of(OTHER).did})
    for code, what, issuer in (
        ("malformed.value", "the issuer is a word", "me"),
        ("did.malformed", "the issuer has no key", "did:key:z1"),
        ("did.key_type_unsupported", "the issuer has an X25519 key", didkey.Key("x25519", blob("x")).did),
        (
            "signature.key_invalid",
            "the issuer has a key of small order",
            didkey.Key("ed25519", SMALL_ORDER[2]).did,
        ),
    ):
        suite.bad(whole, code, what, {"issuer": issuer})
    suite.good("a request that another signs, too", question(edited(REQUEST, cosign(OTHER, THIRD))))


def _other(value: Value) -> Value:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    text = str(value)
    others = {
        "tool_call": "http",
        "spend": "irreversible",
        key_of(AGENT).did: key_of(OTHER).did,
        RUN: RUN[:-1] + "8",
    }
    if text in others:
        return others[text]
    # A hash or nonce: another first character is another value.
    return ("B" if text[0] != "B" else "C") + text[1:]


def _abouts(suite: Suite) -> None:
    """The same action, and one that differs in each of its members."""
    name = suite.good("what was asked for is about to run", question() | {"about": ABOUT})
    small = {name: value for name, value in SMALL.items() if name in approval.ABOUT}
    suite.good("what was asked for without optional members", question(sealed(SMALL)) | {"about": small})
    swapped = [rule("b", 1, *PEOPLE), rule("a", 1, *PEOPLE)]
    other_order = [rule("a", 1, *reversed(PEOPLE)), rule("b", 1, *PEOPLE)]
    suite.good(
        "rules and people in another order",
        question(sealed(body(put("rules", swapped)))) | {"about": ABOUT | {"rules": other_order}},
    )
    code = "approval.mismatch"
    for member in (
        "run",
        "actor",
        "principal",
        "kind",
        "target",
        "effect",
        "tool_hash",
        "args_digest",
        "tokens",
        "model",
        "key_id",
        "consent",
        "kyc",
    ):
        suite.bad(name, code, f"its {member} is another", {"about": ABOUT | {member: _other(ABOUT[member])}})
    for member in OPTIONAL:
        about = dict(ABOUT)
        del about[member]
        suite.bad(name, code, f"it has no {member}", {"about": about})
    changes: tuple[tuple[str, Body], ...] = (
        ("the amount is a millionth higher", {"amount": {"micro": 12_500_001, "currency": "EUR"}}),
        ("the amount is a millionth lower", {"amount": {"micro": 12_499_999, "currency": "EUR"}}),
        ("the amount is in another currency", {"amount": {"micro": 12_500_000, "currency": "USD"}}),
        ("the policy is another", {"policy": {"id": "demo", "hash": OTHER_HASH}}),
        (
            "the policy has another name",
            {"policy": {"id": "demo2", "hash": object_of(BODY["policy"])["hash"]}},
        ),
        ("no rule asks any more", {"rules": []}),
        ("the quorum is lower", {"rules": [rule("payments", 1, *PEOPLE)]}),
        ("one person fewer may approve", {"rules": [rule("payments", 2, *PEOPLE[:2])]}),
        (
            "a person has another key",
            {"rules": [rule("payments", 2, person("alice", STRANGER), *PEOPLE[1:])]},
        ),
        ("a second rule asks", {"rules": [*array_of(BODY["rules"]), rule("data", 1, *PEOPLE)]}),
        ("the target is in capitals", {"target": "PAYMENTS.TRANSFER"}),
        ("the target ends in a space", {"target": "payments.transfer "}),
    )
    for what, change in changes:
        suite.bad(name, code, what, {"about": ABOUT | change})
    bare = suite.good(
        "a request without optional members, compared", question(sealed(SMALL)) | {"about": small}
    )
    for member in OPTIONAL:
        suite.bad(bare, code, f"there is a {member} now", {"about": small | {member: ABOUT[member]}})


# --- Answers ----------------------------------------------------------------------------------------

GRANT_FAULTS: tuple[tuple[str, str, Edit], ...] = (
    ("malformed.typ", "the typ is of version 2", put("typ", "talos.approval_grant/2")),
    ("malformed.member_unknown", "it has a member too many", put("quorum", 1)),
    *(
        ("malformed.member_missing", f"it has no {name}", drop(name))
        for name in ("typ", "iss", "approval", "name", "response", "iat")
    ),
    ("malformed.value", "the response does not exist", put("response", "yes")),
    ("malformed.value", "the name is in capitals", put("name", "ALICE")),
    ("malformed.value", "the note is empty", put("note", "")),
    ("malformed.value", "the note has 1,025 characters", put("note", "\u00e9" * 1025)),
    ("malformed.value", "iat is -1", put("iat", -1)),
    ("malformed.value", "iss is the DID alone", put("iss", key_of(ALICE).did)),
    ("malformed.type", "the name is null", put("name", None)),
    ("malformed.base64", "the id has 31 bytes", put("approval", to_base64url(bytes(31)))),
)


def grant_suite() -> Suite:
    suite = Suite(
        "approval/grants.json",
        "Answers to requests for approval (docs/spec/approval.md, section 4).",
        default="approval.verify",
    )
    _signed_answers(suite)
    whole = suite.good("a person grants", question(ONE, [grant("alice", ALICE, of=ONE_ID)]))
    note = put("note", "\u00e9" * 1024)
    suite.good("a person grants with a note", question(ONE, [grant("alice", ALICE, of=ONE_ID, edit=note)]))
    suite.good("a person who has a code grants", question(ONE, [grant("dora", KERNEL, of=ONE_ID)]))
    suite.good(
        "another may sign an answer, too",
        question(ONE, [edited(grant("alice", ALICE, of=ONE_ID), cosign(BOB))]),
    )
    for what, iat in (("at its beginning", EPOCH), ("a millisecond before its end", EXPIRES - 1)):
        suite.good(f"a person grants {what}", question(ONE, [grant("alice", ALICE, of=ONE_ID, iat=iat)]))

    def bad(code: str, what: str, *grants: Value) -> None:
        suite.bad(whole, code, what, {"grants": list(grants)})

    for code, what, edit in GRANT_FAULTS:
        bad(code, what, grant("alice", ALICE, of=ONE_ID, edit=edit))
    mine = approval.grant_body(ALICE, ONE_ID, "alice", "grant", EPOCH + MINUTE)
    for code, what, old, new in (
        ("malformed.not_canonical", "a space stands in the payload", b",", b", "),
        (
            "malformed.duplicate_name",
            "it says both",
            b'"response":"grant"',
            b'"response":"deny","response":"grant"',
        ),
        ("malformed.number", "iat is 1.0", b'"iat":%d' % (EPOCH + MINUTE), b'"iat":1.0'),
    ):
        bad(code, what, payload(replacing(old, new), mine, ALICE, constants.GRANT_MEDIA_TYPE))
    _forged(bad)
    _not_theirs(bad)
    for code, what, iat in (
        ("approval.expired", "it is dated before the request", EPOCH - 1),
        ("approval.expired", "it is dated at its end", EXPIRES),
        ("approval.expired", "it is dated in another century", 2**53 - 1),
        ("approval.expired", "it is dated 1970", 0),
    ):
        bad(code, what, grant("alice", ALICE, of=ONE_ID, iat=iat))
    return suite


def _signed_answers(suite: Suite) -> None:
    request: Request = {
        "seed": to_base64url(ALICE),
        "approval": ID,
        "name": "alice",
        "response": "grant",
        "iat": EPOCH,
    }
    name = suite.good("a grant is signed", request, "approval.sign")
    suite.good("a denial is signed", request | {"response": "deny"}, "approval.sign")
    suite.good("a note is signed", request | {"note": "ok, but \u20ac 3 at most"}, "approval.sign")
    suite.bad(name, "malformed.value", "the name has a space", {"name": "alice b"})
    suite.bad(name, "malformed.value", "the response is another", {"response": "later"})
    suite.bad(name, "malformed.value", "it is dated before 1970", {"iat": -1})


def _forged(bad: Callable[..., None]) -> None:
    good = grant("alice", ALICE, of=ONE_ID)
    stranger = grant("alice", STRANGER, of=ONE_ID)
    as_alice = signature_entry(put("keyid", key_of(ALICE).url))
    bad("signature.missing", "nobody signs", edited(good, put("signatures", [])))
    bad("signature.keyid", "a stranger signs", good | {"signatures": stranger["signatures"]})
    forged = edited(good | {"signatures": stranger["signatures"]}, as_alice)
    bad("signature.invalid", "a stranger signs under her key id", forged)
    denied = grant("alice", ALICE, "deny", of=ONE_ID)
    bad("signature.invalid", "her denial is altered to a grant", good | {"signatures": denied["signatures"]})
    bad(
        "signature.invalid",
        "it is her answer to another request",
        good | {"signatures": grant("alice", ALICE)["signatures"]},
    )
    bad("signature.keyid", "a co-signer goes first", edited(good, together(cosign(BOB), reverse_signatures)))
    bad(
        "signature.payload_type",
        "the payload type is of a request",
        good | {"payloadType": constants.REQUEST_MEDIA_TYPE},
    )
    bad(
        "signature.payload_type", "the payload type is plain JSON", good | {"payloadType": "application/json"}
    )
    bad("signature.payload_type", "it is the request itself", ONE)
    bad("signature.invalid", "the sig is empty", edited(good, signature_entry(put("sig", ""))))


def _not_theirs(bad: Callable[..., None]) -> None:
    bad("approval.mismatch", "it is for another request", grant("alice", ALICE))
    bad("approval.mismatch", "it is for no request", grant("alice", ALICE, of=to_base64url(bytes(32))))
    no = "approval.not_approver"
    bad(no, "a stranger grants in her name", grant("alice", STRANGER, of=ONE_ID))
    bad(no, "another approver grants in her name", grant("alice", BOB, of=ONE_ID))
    bad(no, "she grants in another's name", grant("bob", ALICE, of=ONE_ID))
    bad(no, "she grants in a name that nobody has", grant("alicia", ALICE, of=ONE_ID))
    bad(no, "she grants for somebody who has a code", grant("dora", ALICE, of=ONE_ID))
    bad(no, "a stranger grants in a name of his own", grant("mallory", STRANGER, of=ONE_ID))
    own = "approval.own_request"
    bad(own, "the agent grants in her name", grant("alice", AGENT, of=ONE_ID))
    bad(own, "the agent grants for somebody who has a code", grant("dora", AGENT, of=ONE_ID))
    bad(own, "the agent grants in a name of its own", grant("agent", AGENT, of=ONE_ID))
    bad(own, "the kernel grants in her name", grant("alice", KERNEL, of=ONE_ID))
    bad(own, "the kernel grants in a name that nobody has", grant("kernel", KERNEL, of=ONE_ID))


# --- States -----------------------------------------------------------------------------------------


def state_suite() -> Suite:
    suite = Suite(
        "approval/states.json",
        "What answers come to: quorum, denial, expiry (docs/spec/approval.md, section 5).",
        default="approval.verify",
    )
    alice, bob, dora = grant("alice", ALICE), grant("bob", BOB), grant("dora", KERNEL)
    no = grant("bob", BOB, "deny")
    for what, grants, now in (
        ("nobody has answered", [], EPOCH),
        ("one of two has granted", [alice], EPOCH + 2 * MINUTE),
        ("one person grants twice", [alice, alice], EPOCH + 2 * MINUTE),
        (
            "one person grants twice, in two envelopes",
            [alice, grant("alice", ALICE, iat=EPOCH)],
            EPOCH + MINUTE,
        ),
        ("a person who has a code grants twice", [dora, grant("dora", KERNEL, iat=EPOCH)], EPOCH + MINUTE),
        ("two have granted", [alice, bob], EPOCH + 2 * MINUTE),
        ("two have granted, in the other order", [bob, alice], EPOCH + 2 * MINUTE),
        ("one has granted by key and one by code", [alice, dora], EPOCH + 2 * MINUTE),
        ("three have granted", [dora, bob, alice], EPOCH + 2 * MINUTE),
        ("one of three denies", [alice, dora, no], EPOCH + 2 * MINUTE),
        ("the first of three denies", [no, alice, dora], EPOCH + 2 * MINUTE),
        ("a person denies by code", [alice, bob, grant("dora", KERNEL, "deny")], EPOCH + 2 * MINUTE),
        ("a person denies and then grants", [no, bob, alice], EPOCH + 2 * MINUTE),
        ("a person grants and then denies", [alice, bob, no], EPOCH + 2 * MINUTE),
        ("two deny", [no, grant("alice", ALICE, "deny")], EPOCH + 2 * MINUTE),
        ("two have granted, a millisecond before the end", [alice, bob], EXPIRES - 1),
        ("two have granted, and the end has come", [alice, bob], EXPIRES),
        ("nobody has answered, and the end has come", [], EXPIRES),
        ("one denies, and the end has come", [no], EXPIRES),
        ("two have granted, and the clock is behind", [alice, bob], EPOCH - 1),
    ):
        suite.good(what, question(REQUEST, grants, now))
    _several_rules(suite)
    _own(suite)
    whole = "two have granted"
    replayed = grant("bob", BOB, of=ONE_ID)
    for code, what, grants in (
        ("approval.mismatch", "one answers another request", [alice, replayed]),
        ("approval.not_approver", "one person grants in two names", [alice, grant("bob", ALICE)]),
        ("approval.not_approver", "one person grants with two keys", [alice, grant("alice", STRANGER)]),
        ("approval.own_request", "one of them is the agent", [alice, grant("bob", AGENT)]),
        ("approval.expired", "one is too late", [alice, grant("bob", BOB, iat=EXPIRES)]),
        ("signature.invalid", "one is forged", [alice, bob | {"signatures": no["signatures"]}]),
        ("approval.mismatch", "the wrong one goes first", [replayed, alice]),
        ("approval.mismatch", "there is a third that is for another request", [alice, bob, replayed]),
    ):
        suite.bad(whole, code, what, {"grants": list(grants)})
    for what, edit in (
        ("a bit of the request's sig is flipped", signature_entry(_flip)),
        ("a bit of the request's body is flipped", _flip_payload),
    ):
        suite.bad(whole, None, what, {"request": edited(REQUEST, edit)})
    other = sealed(body(put("run", RUN[:-1] + "8")))
    suite.bad(whole, "approval.mismatch", "the request is of another run", {"request": other})
    suite.bad(
        whole,
        "approval.mismatch",
        "the request has another nonce",
        {"request": sealed(body(put("nonce", "A" * 22)))},
    )
    return suite


def _flip(entry: Body) -> None:
    text = str(entry["sig"])
    entry["sig"] = ("B" if text[0] == "A" else "A") + text[1:]


def _flip_payload(envelope: Body) -> None:
    text = str(envelope["payload"])
    at = len(text) // 2
    envelope["payload"] = text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]


def _several_rules(suite: Suite) -> None:
    rules = [rule("money", 1, PEOPLE[0]), rule("data", 2, *PEOPLE)]
    request = sealed(body(put("rules", rules)))
    of = id_of(request)
    alice, bob, dora = grant("alice", ALICE, of=of), grant("bob", BOB, of=of), grant("dora", KERNEL, of=of)
    for what, grants in (
        ("two rules, and nobody has answered", []),
        ("two rules, of which one is fulfilled", [bob, dora]),
        ("two rules, and one person is in both", [alice]),
        ("two rules, both fulfilled", [bob, alice]),
    ):
        suite.good(what, question(request, grants))


def _own(suite: Suite) -> None:
    """Agent and kernel do not count, even where a rule names them."""
    people = (person("agent", AGENT), person("kernel", KERNEL), *PEOPLE)
    request = sealed(body(put("rules", [rule("any", 1, *people)])))
    of = id_of(request)
    name = suite.good("a rule names the agent and the kernel", question(request, []))
    own = "approval.own_request"
    for who, seed in (("agent", AGENT), ("kernel", KERNEL)):
        suite.bad(name, own, f"the {who} grants", {"grants": [grant(who, seed, of=of)]})
        denial = grant(who, seed, "deny", of=of)
        suite.bad(name, own, f"the {who} denies", {"grants": [denial]})


# --- One-time codes ---------------------------------------------------------------------------------


def code_suite() -> Suite:
    suite = Suite(
        "approval/codes.json",
        "One-time codes (docs/spec/approval.md, section 6).",
        default="approval.check_code",
    )
    entropy = blob("code", 5)
    code = approval.code_of(entropy)
    made: Request = {
        "seed": to_base64url(KERNEL),
        "approval": ID,
        "name": "dora",
        "entropy": to_base64url(entropy),
    }
    name = suite.good("a code is made", made, "approval.make_code")
    for what, data in (
        ("zeros", bytes(5)),
        ("ones", b"\xff" * 5),
        ("one and zeros", b"\x80\0\0\0\0"),
        ("1", b"\0\0\0\0\x01"),
    ):
        suite.good(f"a code of {what} is made", made | {"entropy": to_base64url(data)}, "approval.make_code")
    suite.bad(name, "malformed.base64", "there are four random bytes", {"entropy": to_base64url(bytes(4))})
    suite.bad(name, "malformed.value", "the name is empty", {"name": ""})

    def lock(seed: bytes = KERNEL, of: Body = REQUEST, who: str = "dora", text: str = code) -> str:
        return to_base64url(approval.lock(seed, approval.id_of(of), who, text))

    request: Request = {
        "seed": to_base64url(KERNEL),
        "request": REQUEST,
        "name": "dora",
        "code": code,
        "lock": lock(),
        "attempts": 0,
        "now_ms": EPOCH,
    }
    whole = suite.good("the code is right", request)
    for what, typed in (
        ("in small letters", code.lower()),
        ("with a hyphen and spaces", f" {code[:4]}-{code[4:]} "),
    ):
        suite.good(f"the code is right, {what}", request | {"code": typed})
    letters = request | {"lock": lock(text="01101000")}
    suite.good("O is 0, I and L are 1", letters | {"code": "oiLoIOo0"})
    suite.good("the code is right at the fifth attempt", request | {"attempts": 4})
    suite.good("the code is right a millisecond before the end", request | {"now_ms": EXPIRES - 1})
    wrong = "approval.code_wrong"
    for what, typed in (
        ("is empty", ""),
        ("has a character less", code[:-1]),
        ("has a character more", code + "0"),
        ("has another last character", code[:-1] + ("0" if code[-1] != "0" else "1")),
        ("has a U", "U" + code[1:]),
        ("has a fullwidth digit", code[:-1] + "\uff11"),
        ("has a line feed", code + "\n"),
        ("has too many spaces", code + " " * 25),
    ):
        suite.bad(whole, wrong, f"it {what}", {"code": typed})
    for what, kept in (
        ("the lock is of another person", lock(who="emil")),
        ("the lock is of another request", lock(of=ONE)),
        ("the lock is of another kernel", lock(seed=OTHER)),
        ("the lock is of another code", lock(text="00000000")),
    ):
        suite.bad(whole, wrong, what, {"lock": kept})
    for attempts in (5, 6, 2**53 - 1):
        suite.bad(whole, "approval.code_locked", f"there were {attempts} attempts", {"attempts": attempts})
    suite.bad(whole, "approval.expired", "the end has come", {"now_ms": EXPIRES})
    suite.bad(whole, "approval.not_approver", "the person has a key", {"name": "alice"})
    suite.bad(whole, "approval.not_approver", "nobody has that name", {"name": "nobody"})
    suite.bad(whole, "signature.payload_type", "the request is an answer", {"request": grant("alice", ALICE)})
    suite.bad(
        whole, "trust.issuer_unknown", "the request is by another kernel", {"seed": to_base64url(OTHER)}
    )
    for code, what, request in one_of_each():
        suite.bad(whole, code, f"of the request: {what}", {"request": request})
    return suite


def one_of_each() -> list[tuple[str, str, Body]]:
    """A request for each code that a request can fail with."""
    kind = constants.REQUEST_MEDIA_TYPE
    made = [(code, what, sealed(body(edit))) for code, what, edit in FAULTS]
    made += [
        (code, what, payload(replacing(old, new), BODY, KERNEL, kind)) for code, what, old, new in PAYLOADS
    ]
    made += [(code, what, payload(constant(data), BODY, KERNEL, kind)) for code, what, data in WHOLE_PAYLOADS]
    made += [
        (code, what, edited(REQUEST, edit))
        for code, what, edit in ENVELOPE_FAULTS
        if code.startswith("signature.")
    ]
    made.append(("signature.missing", "nobody signs", edited(REQUEST, put("signatures", []))))
    return list({code: (code, what, request) for code, what, request in reversed(made)}.values())
