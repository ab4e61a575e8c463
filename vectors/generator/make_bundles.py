"""vectors/bundle.json (docs/spec/bundle.md, docs/spec/worked-example.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import ed25519
import note
import receipt
from build import Chain, Log, Recipe, body_value, bundle_value, key_of, keyed_line
from canonical import BUNDLE, Value, canonical, parse
from contract import text_of
from door import Request
from edits import cosign, drop, flipped, proof_lines, put, replaced, signature_entry, within
from encoding import from_base64, to_base64, to_base64url
from make_keys import ENVELOPE_FAULTS, ISSUER, LOG, OTHER, THIRD
from make_log import ORIGIN
from make_receipts import HASH, PAYLOADS, TRUST_FAULTS, recipe, replacing
from suite import MARK, Repeat, Suite, blob

DID, VKEY = key_of(ISSUER).did, Recipe().vkey
TRUSTED: Request = {"log_keys": [VKEY], "issuers": [DID]}
EXAMPLE_SHA256 = "f02166ca1f86a052d6e3e2e171340b2bde3e7d28de1096cbf39b23d40f6fe16e"
EXAMPLE = "the worked example"
WHOLE = "outcome in a log of four"


def example() -> str:
    """The bundle of docs/spec/worked-example.md."""
    chain, log = Chain(ISSUER, ORIGIN), Log(LOG, ORIGIN)
    chain.open()
    decision = chain.decision("c1", {}, Recipe.ARGS_KEY)
    outcome = chain.outcome(decision, {"ok": True}, Recipe.RESULT_KEY)
    log.append(*chain.receipts)
    bodies = {"result": body_value(Recipe.RESULT_KEY, {"ok": True})}
    data = canonical(bundle_value(outcome.envelope.value(), log.proof(2), bodies))
    if hashlib.sha256(data).hexdigest() != EXAMPLE_SHA256:
        raise AssertionError("the worked example is not what the specification prints")
    return data.decode()


def given(bundle: Value) -> Request:
    return TRUSTED | {"bundle": bundle}


def text_bundle(made: Recipe) -> str:
    return made.make().decode()


def bundle_suite() -> Suite:
    suite = Suite("bundle.json", "Proof bundles and trust (docs/spec/bundle.md).", default="bundle.verify")
    text = example()
    suite.good(EXAMPLE, given(text))
    suite.good("the worked example as an object", given(object_value(text)))
    _example(suite, text)
    _flips(suite, text)
    for kind in receipt.KINDS:
        suite.good(f"{kind} in a log of four", given(text_bundle(recipe(kind))))
    _places(suite)
    _texts(suite)
    _members(suite)
    _receipts(suite)
    _proofs(suite)
    _notes(suite)
    _bodies(suite)
    _trust(suite)
    _limits(suite)
    return suite


def object_value(text: str) -> Value:
    return parse(text.encode(), BUNDLE)


def _example(suite: Suite, text: str) -> None:
    """The table at the end of the worked example."""
    suite.bad(EXAMPLE, "trust.issuer_unknown", "only the vkey is given", {"issuers": []})
    suite.bad(EXAMPLE, "trust.log_unknown", "only the issuer is given", {"log_keys": []})
    suite.bad(EXAMPLE, "trust.none", "nothing is given", {"log_keys": [], "issuers": []}, members=2)
    wrong = text.replace('"ok":true', '"ok":null')
    suite.bad(EXAMPLE, "receipt.commit_mismatch", "the result is another", {"bundle": wrong})
    suite.bad(EXAMPLE, "proof.length", "the index is 1", {"bundle": text.replace("index 2", "index 1")})


# A named place, the text that ends just before it, and how far behind that text the flipped byte is.
PLACES = (
    ("the name bodies", '{"', 0),
    ("the key of the result", '"key":"', 5),
    ("the result", '"ok":', 0),
    ("the name payload", '"envelope":{"', 3),
    ("the first byte of the payload", '"payload":"', 0),
    ("the middle of the payload", '"payload":"', 400),
    ("the last byte of the payload", '","payloadType', -15),
    ("the payload type", '"payloadType":"', 12),
    ("the version in the payload type", "receipt.v", 0),
    ("the key id", '"keyid":"did:key:', 9),
    ("the fragment of the key id", "#", 9),
    ("R of the signature", '"sig":"', 4),
    ("S of the signature", '"sig":"', 60),
    ("the header of the proof", "c2sp.org/tlog-proof@v", 0),
    ("the index", "index ", 0),
    ("a hash of the proof", r"index 2\n", 7),
    ("the origin of the checkpoint", r"\n\n", 3),
    ("the size of the checkpoint", r"log1\n", 0),
    ("the root of the checkpoint", r"log1\n3\n", 7),
    ("the dash", r"vQ=\n\n", 0),
    ("the key id of the checkpoint's signature", "\u2014 talos.example/log1 ", 1),
    ("the checkpoint's signature", "\u2014 talos.example/log1 ", 30),
    ("the padding at the end", r'=\n","typ', -9),
    ("the name typ", '","typ', -1),
    ("the version of the bundle", "talos.bundle/", 0),
    ("the last brace", '/1"', 0),
)


def _flips(suite: Suite, text: str) -> None:
    for what, before, offset in PLACES:
        at = text.index(before) + len(before) + offset
        for bit in (1, 4):
            char = chr(ord(text[at]) ^ 1 << bit)
            wrong = text[:at] + char + text[at + 1 :]
            suite.bad(EXAMPLE, None, f"bit {bit} of {what} is flipped", {"bundle": wrong})


def _places(suite: Suite) -> None:
    for before, after in ((0, 0), (0, 1), (1, 0), (3, 0), (0, 3), (4, 3), (7, 1), (8, 0)):
        made = replace(recipe("outcome"), before=before, after=after)
        suite.good(f"index {before} of {before + after + 1}", given(text_bundle(made)))
    for kind in ("outcome", "decision"):
        made = replace(recipe(kind), disclose=False)
        suite.good(f"{kind} with nothing disclosed", given(text_bundle(made)))
    log_signed = recipe("heartbeat", put("sign", "log"))
    suite.good("heartbeat signed by the log", given(text_bundle(log_signed)))
    entry = replace(log_signed, envelope=cosign(ISSUER))
    suite.bad(
        "heartbeat signed by the log",
        "signature.invalid",
        "there is a signature",
        {"bundle": text_bundle(entry)},
    )
    both = replace(recipe("outcome"), envelope=cosign(OTHER))
    suite.good("outcome, co-signed", given(text_bundle(both)))
    twice = replace(recipe("outcome"), envelope=cosign(OTHER, OTHER))
    suite.bad(
        "outcome, co-signed", "signature.keyid", "the co-signer signs twice", {"bundle": text_bundle(twice)}
    )
    wrong = replace(recipe("outcome"), envelope=cosign(OTHER, keyid=key_of(THIRD).url))
    suite.bad(
        "outcome, co-signed",
        "signature.invalid",
        "the co-signature is by another key",
        {"bundle": text_bundle(wrong)},
    )


def bad(suite: Suite, code: str, what: str, made: Recipe, of: str = WHOLE) -> None:
    suite.bad(of, code, what, {"bundle": text_bundle(made)})


def _texts(suite: Suite) -> None:
    text = text_bundle(recipe("outcome"))
    for code, what, wrong in (
        ("malformed.syntax", "it is empty", ""),
        ("malformed.syntax", "it is cut", text[:-1]),
        ("malformed.syntax", "a word follows", text + "x"),
        ("malformed.not_canonical", "a line feed follows", text + "\n"),
        ("malformed.not_canonical", "a space stands in it", text.replace(",", ", ", 1)),
        ("malformed.not_canonical", "a letter of a name is escaped", text.replace('"typ"', r'"\u0074yp"')),
        ("malformed.not_canonical", "the dash is escaped", text.replace("\u2014", r"\u2014")),
        (
            "malformed.not_canonical",
            "typ goes first",
            '{"typ":"talos.bundle/1",' + text[1:].replace(',"typ":"talos.bundle/1"', ""),
        ),
        ("malformed.bom", "a byte order mark goes before it", "\ufeff" + text),
        ("malformed.duplicate_name", "typ stands twice", '{"typ":"talos.bundle/1",' + text[1:]),
        (
            "malformed.duplicate_name",
            "a name of the result stands twice",
            text.replace('"ok":true', '"ok":true,"ok":true'),
        ),
        ("malformed.surrogate", "the result is half a pair", text.replace('"ok":true', r'"ok":"\ud800"')),
        ("malformed.number", "the result is 2^53 + 1", text.replace('"ok":true', '"ok":9007199254740993')),
        ("malformed.number", "the result is -0", text.replace('"ok":true', '"ok":-0')),
        ("malformed.depth", "it is 65 arrays deep", "[" * 65 + "]" * 65),
        ("bundle.malformed", "it is an array", f"[{text}]"),
        ("bundle.malformed", "it is a number", "1"),
        ("malformed.member_missing", "it is an empty object", "{}"),
    ):
        suite.bad(WHOLE, code, what, {"bundle": wrong})
    suite.bad(WHOLE, "bundle.malformed", "it is null", {"bundle": None})
    suite.bad(WHOLE, "bundle.malformed", "it is an array, not in a text", {"bundle": []})


def _members(suite: Suite) -> None:
    for code, what, edit in (
        ("malformed.member_unknown", "it has a member too many", put("extra", "x")),
        ("malformed.member_unknown", "it names its own trust", put("log_keys", [VKEY])),
        (
            "malformed.member_unknown",
            "the bodies have a member too many",
            within("bodies", put("message", {})),
        ),
        (
            "malformed.member_unknown",
            "the body has a member too many",
            within("bodies", within("result", put("salt", "x"))),
        ),
        ("malformed.member_missing", "it has no typ", drop("typ")),
        ("malformed.member_missing", "it has no envelope", drop("envelope")),
        ("malformed.member_missing", "it has no proof", drop("tlog_proof")),
        ("malformed.member_missing", "the body has no key", within("bodies", within("result", drop("key")))),
        (
            "malformed.member_missing",
            "the body has no value",
            within("bodies", within("result", drop("value"))),
        ),
        ("malformed.type", "typ is a number", put("typ", 1)),
        ("malformed.type", "the envelope is a text", put("envelope", "x")),
        ("malformed.type", "the proof is null", put("tlog_proof", None)),
        ("malformed.type", "the bodies are an array", put("bodies", [])),
        ("malformed.type", "the body is null", within("bodies", put("result", None))),
        ("malformed.type", "the key is null", within("bodies", within("result", put("key", None)))),
        ("malformed.typ", "typ is of version 2", put("typ", "talos.bundle/2")),
        ("malformed.typ", "typ is of a receipt", put("typ", "talos.receipt/1")),
        ("malformed.value", "the proof is empty", put("tlog_proof", "")),
        (
            "malformed.base64",
            "the key has 31 bytes",
            within("bodies", within("result", put("key", to_base64url(bytes(31))))),
        ),
        (
            "malformed.base64",
            "the key has padding",
            within("bodies", within("result", put("key", to_base64(bytes(32))))),
        ),
    ):
        bad(suite, code, what, replace(recipe("outcome"), value=edit))
    for code, what, edit in ENVELOPE_FAULTS:
        if not what.startswith("the payload type"):
            bad(suite, code, what, replace(recipe("outcome"), envelope=edit))
    bad(
        suite,
        "malformed.value",
        "the payload type is empty",
        replace(recipe("outcome"), envelope=put("payloadType", "")),
    )
    for what, kind in (
        ("of a bundle", "application/vnd.talos.bundle.v1+json"),
        ("plain JSON", "application/json"),
    ):
        bad(
            suite,
            "signature.payload_type",
            f"the payload type is {what}",
            replace(recipe("outcome"), envelope=put("payloadType", kind)),
        )
    bad(
        suite,
        "signature.missing",
        "the signature is stripped",
        replace(recipe("outcome"), envelope=put("signatures", [])),
    )
    bad(
        suite,
        "signature.invalid",
        "the signature has a bit flipped",
        replace(recipe("outcome"), envelope=signature_entry(_flip_sig)),
    )


def _flip_sig(target: dict[str, Value]) -> None:
    data = from_base64(text_of(target["sig"]))
    assert data is not None
    target["sig"] = to_base64(bytes([data[0] ^ 1]) + data[1:])


def _receipts(suite: Suite) -> None:
    """Faults inside the payload, signed and logged as they are."""
    for code, what, old, new in PAYLOADS:
        bad(suite, code, what, replace(recipe("outcome"), payload=replacing(old, new)))
    decision = "decision in a log of four"
    for of, code, what, made in (
        (
            WHOLE,
            "malformed.member_unknown",
            "the receipt has a member too many",
            recipe("outcome", put("exp", 1)),
        ),
        (WHOLE, "malformed.member_missing", "the receipt has no iat", recipe("outcome", drop("iat"))),
        (WHOLE, "malformed.type", "seq is a text", recipe("outcome", put("seq", "2"))),
        (
            WHOLE,
            "malformed.value",
            "the status does not exist",
            recipe("outcome", within("outcome", put("status", "fine"))),
        ),
        (
            WHOLE,
            "malformed.typ",
            "the receipt's typ is of version 2",
            recipe("outcome", put("typ", "talos.receipt/2")),
        ),
        (
            WHOLE,
            "malformed.base64",
            "the salt has 15 bytes",
            recipe("outcome", put("salt", to_base64url(bytes(15)))),
        ),
        (
            WHOLE,
            "receipt.kind_members",
            "the receipt has an approval",
            recipe("outcome", put("approval", HASH)),
        ),
        (WHOLE, "receipt.kind_members", "the receipt has no ref", recipe("outcome", drop("ref"))),
        (
            "close in a log of four",
            "receipt.seq",
            "final_seq is not seq",
            recipe("close", put("final_seq", 2)),
        ),
        (
            decision,
            "receipt.malformed",
            "a denial is signed by the log",
            recipe("decision", put("sign", "log"), put("verdict", "deny")),
        ),
        (
            decision,
            "receipt.malformed",
            "a write is logged after release",
            recipe("decision", put("dur", "after_release"), within("action", put("effect", "write"))),
        ),
    ):
        bad(suite, code, what, made, of)


def _proofs(suite: Suite) -> None:
    other = to_base64(blob("another hash"))
    malformed, length, mismatch = "proof.malformed", "proof.length", "proof.root_mismatch"
    for code, what, edit in (
        (malformed, "the header is of version 2", replaced("tlog-proof@v1", "tlog-proof@v2")),
        (malformed, "the header is missing", replaced("c2sp.org/tlog-proof@v1\n", "")),
        (malformed, "the index is missing", replaced("index 2\n", "")),
        (malformed, "the index has a leading zero", replaced("index 2\n", "index 02\n")),
        (malformed, "the index has a sign", replaced("index 2\n", "index +2\n")),
        (malformed, "the index is 2^64", replaced("index 2\n", f"index {2**64}\n")),
        (malformed, "a space follows the index", replaced("index 2\n", "index 2 \n")),
        (malformed, "two spaces go before the index", replaced("index 2\n", "index  2\n")),
        (
            malformed,
            "there is an extra line",
            proof_lines(lambda lines: [lines[0], "extra AAAA", *lines[1:]]),
        ),
        (malformed, "a hash has 31 bytes", proof_lines(lambda lines: [*lines[:-1], to_base64(bytes(31))])),
        (malformed, "a hash has no padding", proof_lines(lambda lines: [*lines[:-1], other[:-1]])),
        (malformed, "a hash is base64url", proof_lines(lambda lines: [*lines[:-1], "_" * 42 + "8="])),
        (malformed, "there are 64 hashes", proof_lines(lambda lines: [*lines[:2], *[other] * 64])),
        (malformed, "there is no empty line", lambda text: text.partition("\n\n")[0] + "\n"),
        (malformed, "the lines end in CR LF", lambda text: text.replace("\n", "\r\n", 4)),
        (malformed, "it is longer than 24,576 bytes", lambda text: text + "x" * 24_576),
        ("checkpoint.malformed", "there is no checkpoint", lambda text: text.partition("\n\n")[0] + "\n\n"),
        ("checkpoint.malformed", "there are two empty lines", lambda text: text.replace("\n\n", "\n\n\n", 1)),
        (length, "a hash is left over", proof_lines(lambda lines: [*lines, other])),
        (length, "a hash is missing", proof_lines(lambda lines: lines[:-1])),
        (length, "there are 63 hashes", proof_lines(lambda lines: [*lines[:2], *[other] * 63])),
        (mismatch, "the first hash is another", proof_lines(lambda lines: [*lines[:2], other, *lines[3:]])),
        (mismatch, "the last hash is another", proof_lines(lambda lines: [*lines[:-1], other])),
        (
            mismatch,
            "the hashes are in the other order",
            proof_lines(lambda lines: [*lines[:2], *reversed(lines[2:])]),
        ),
        (mismatch, "the index is its neighbour's", replaced("index 2\n", "index 3\n")),
        ("proof.index_out_of_range", "the index is the size", replaced("index 2\n", "index 4\n")),
        ("proof.index_out_of_range", "the index is 2^64 - 1", replaced("index 2\n", f"index {2**64 - 1}\n")),
    ):
        bad(suite, code, what, replace(recipe("outcome"), proof=edit))


def _notes(suite: Suite) -> None:
    key = note.LogKey(ORIGIN, ed25519.public_key_of(LOG))
    witness = note.signature_line(OTHER, "witness.example/w1", "anything")
    wrong = keyed_line(key, bytes(64))

    def again(change: Callable[[str], str], seed: bytes = LOG, name: str = ORIGIN) -> Callable[[str], str]:
        return lambda text: note.signed_note(change(text.partition("\n\n")[0] + "\n"), seed, name)

    def noted(edit: Callable[[str], str]) -> Recipe:
        return replace(recipe("outcome"), note=edit)

    def sized(size: int) -> Callable[[str], str]:
        return again(replaced(f"{ORIGIN}\n4\n", f"{ORIGIN}\n{size}\n"))

    suite.good("a line of a witness follows", given(text_bundle(noted(lambda text: text + witness))))
    twice = noted(lambda text: text + text.partition("\n\n")[2])
    suite.good("the log signs twice", given(text_bundle(twice)))
    bad(
        suite,
        "checkpoint.signature_invalid",
        "the second line is wrong",
        noted(lambda text: text + wrong),
        "the log signs twice",
    )
    for code, what, edit in (
        ("checkpoint.signature_invalid", "the checkpoint's signature has a bit flipped", flipped),
        (
            "checkpoint.signature_invalid",
            "the checkpoint's signature has 63 bytes",
            lambda text: text.partition("\n\n")[0] + "\n\n" + keyed_line(key, bytes(63)),
        ),
        ("checkpoint.malformed", "the checkpoint has an extension line", again(lambda text: text + "more\n")),
        (
            "checkpoint.malformed",
            "the checkpoint has no signature",
            lambda text: text.partition("\n\n")[0] + "\n\n",
        ),
        ("checkpoint.malformed", "the last LF is missing", lambda text: text[:-1]),
        ("checkpoint.malformed", "a line follows the checkpoint", lambda text: text + "x\n"),
        ("checkpoint.malformed", "the size is 2^64", sized(2**64)),
        (
            "checkpoint.origin_mismatch",
            "the checkpoint is of another log",
            again(replaced(ORIGIN, "another"), name="another"),
        ),
        (
            "checkpoint.origin_mismatch",
            "the checkpoint is of another log and signed under this name",
            again(replaced(ORIGIN, "another")),
        ),
        ("proof.size_out_of_range", "the size is 2^63 + 1", sized(2**63 + 1)),
        ("proof.size_out_of_range", "the size is 2^64 - 1", sized(2**64 - 1)),
        ("proof.index_out_of_range", "the size is 2", sized(2)),
        ("proof.index_out_of_range", "the size is 0", sized(0)),
        ("proof.length", "the size is 8", sized(8)),
        (
            "proof.root_mismatch",
            "the root is another",
            again(lambda text: text[: -len(to_base64(bytes(32))) - 1] + to_base64(blob("root")) + "\n"),
        ),
        ("trust.log_unknown", "the checkpoint is signed by another key", again(lambda text: text, OTHER)),
        (
            "trust.log_unknown",
            "the checkpoint is signed under another name",
            again(lambda text: text, name="another"),
        ),
        (
            "trust.log_unknown",
            "only a witness has signed the checkpoint",
            lambda text: text.partition("\n\n")[0] + "\n\n" + witness,
        ),
    ):
        bad(suite, code, what, noted(edit))


def _bodies(suite: Suite) -> None:
    deep: Value = 0
    for _ in range(61):
        deep = [deep]
    shown: tuple[tuple[str, Value], ...] = (
        ("a text", "\u20ac \U0001f600 \u0000"),
        ("null", None),
        ("floats", [1.5, 1e300, -0.25]),
        ("names in the order of UTF-16", {"\ue000": 1, "\U00010000": 2, "": 3}),
        ("61 levels", deep),
    )
    for label, value in shown:
        args = replace(recipe("decision"), args=value)
        suite.good(f"arguments disclosed: {label}", given(text_bundle(args)))
        result = replace(recipe("outcome"), result=value)
        suite.good(f"result disclosed: {label}", given(text_bundle(result)))
    bad(
        suite,
        "malformed.depth",
        "there are 62",
        replace(recipe("outcome"), result=[deep]),
        "result disclosed: 61 levels",
    )
    mismatch, decision = "receipt.commit_mismatch", "decision in a log of four"
    result_body, args_body = body_value(Recipe.RESULT_KEY, {"ok": True}), body_value(Recipe.ARGS_KEY, {})
    for of, what, edit in (
        (WHOLE, "the key is another", within("bodies", within("result", put("key", HASH)))),
        (
            WHOLE,
            "the key is that of the arguments",
            within("bodies", within("result", put("key", to_base64url(Recipe.ARGS_KEY)))),
        ),
        (WHOLE, "the value is another", within("bodies", within("result", put("value", {"ok": False})))),
        (
            WHOLE,
            "the value is a text of the value",
            within("bodies", within("result", put("value", '{"ok":true}'))),
        ),
        (WHOLE, "the result is called arguments", put("bodies", {"args": result_body})),
        (WHOLE, "there are arguments, too", within("bodies", put("args", args_body))),
        (decision, "the key is another", within("bodies", within("args", put("key", HASH)))),
        (decision, "the value is another", within("bodies", within("args", put("value", {"path": "/"})))),
        (decision, "the arguments are called result", put("bodies", {"result": args_body})),
        (decision, "there is a result, too", within("bodies", put("result", result_body))),
        ("open in a log of four", "there are arguments", put("bodies", {"args": args_body})),
        ("heartbeat in a log of four", "there is a result", put("bodies", {"result": result_body})),
    ):
        kind = of.partition(" ")[0]
        bad(suite, mismatch, what, replace(recipe(kind), value=edit), of)
    bare = recipe("outcome", within("outcome", drop("result_commit")))
    suite.good("outcome without a commitment", given(text_bundle(replace(bare, disclose=False))))
    bad(suite, mismatch, "a result is disclosed", bare, "outcome without a commitment")
    empty = replace(recipe("open"), value=put("bodies", {}))
    suite.good("no bodies, but a place for them", given(text_bundle(empty)))


def _trust(suite: Suite) -> None:
    public = ed25519.public_key_of(LOG)
    other_log = Log(OTHER, ORIGIN).vkey
    renamed = note.LogKey("another", public).vkey
    text = text_bundle(recipe("outcome"))
    more = suite.good(
        "more is trusted than needed",
        {"bundle": text, "log_keys": [other_log, VKEY, renamed], "issuers": [key_of(OTHER).did, DID]},
    )
    suite.good("the same is trusted twice", {"bundle": text, "log_keys": [VKEY, VKEY], "issuers": [DID, DID]})
    untrusted: tuple[tuple[str, str, Request], ...] = (
        ("trust.issuer_unknown", "no issuer is trusted", {"issuers": []}),
        ("trust.issuer_unknown", "another issuer is trusted", {"issuers": [key_of(OTHER).did]}),
        ("trust.log_unknown", "no log is trusted", {"log_keys": []}),
        ("trust.log_unknown", "another key of that name is trusted", {"log_keys": [other_log]}),
        ("trust.log_unknown", "that key is trusted under another name", {"log_keys": [renamed]}),
        (
            "trust.log_unknown",
            "the issuer's key is trusted as the log's",
            {"log_keys": [Log(ISSUER, ORIGIN).vkey]},
        ),
    )
    for code, what, changes in untrusted:
        suite.bad(WHOLE, code, what, changes)
    nothing: Request = {"log_keys": [], "issuers": []}
    suite.bad(WHOLE, "trust.none", "nothing is trusted", nothing, members=2)
    for what, made, code in (
        (
            "issuer and log have signed again with other keys",
            replace(recipe("outcome"), issuer_seed=OTHER, log_seed=THIRD),
            "trust.log_unknown",
        ),
        (
            "the log has signed again with another key",
            replace(recipe("outcome"), log_seed=THIRD),
            "trust.log_unknown",
        ),
        (
            "the issuer has signed again with another key",
            replace(recipe("outcome"), issuer_seed=OTHER),
            "trust.issuer_unknown",
        ),
    ):
        bad(suite, code, what, made)
    stranger = replace(recipe("outcome"), issuer_seed=OTHER, envelope=cosign(ISSUER))
    bad(suite, "trust.issuer_unknown", "another issues it, and the trusted issuer co-signs", stranger)
    for code, what, issuer in TRUST_FAULTS:
        suite.bad(WHOLE, code, what, {"issuers": [DID, issuer]})
    weak = note.LogKey(ORIGIN, (1).to_bytes(32, "little")).vkey
    for code, what, vkey in (
        ("key.malformed", "a vkey is a word", "log"),
        ("key.malformed", "a vkey has padding too much", VKEY + "="),
        ("key.malformed", "a vkey has another key id", VKEY.replace("fb4ce4a3", "fb4ce4a4")),
        ("signature.key_invalid", "a vkey has a key of small order", weak),
    ):
        suite.bad(WHOLE, code, what, {"log_keys": [VKEY, vkey]})
    suite.bad(WHOLE, "malformed.type", "the vkeys are a text", {"log_keys": VKEY})
    suite.bad(more, "malformed.type", "a vkey is a number", {"log_keys": [VKEY, 1]})


def _limits(suite: Suite) -> None:
    """A bundle of 32 MiB, and one that is longer by a byte; the commitment fits both."""
    shell = len(replace(recipe("outcome"), result="").make())

    def sized(length: int) -> tuple[str, Repeat]:
        text = "a" * (length - shell)
        commit = to_base64url(receipt.result_commit(text, Recipe.RESULT_KEY))
        made = replace(recipe("outcome", within("outcome", put("result_commit", commit))), result="")
        fitting = replace(made, value=within("bodies", within("result", put("value", MARK))))
        return text_bundle(fitting), Repeat("bundle", "a", len(text))

    text, repeat = sized(33_554_432)
    name = suite.good("a bundle of 32 MiB", given(text), repeat=repeat)
    text, repeat = sized(33_554_433)
    suite.bad(
        name, "malformed.size", "there is one byte more, and the commitment fits", {"bundle": text}, repeat
    )
