"""vectors/session/published.json and frames.json (docs/spec/session.md, sections 2, 5 and 10)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import didkey
import dsse
import ed25519
import mlkem768
import session_constants as limits
import session_frame
import x25519
from canonical import Value, canonical
from cases_keys import SMALL_ORDER
from contract import object_of, text_of
from door import Request
from edits import Edit, cosign, drop, put, reverse_signatures, signature_entry, together, within
from encoding import to_base64, to_base64url
from make_keys import ENVELOPE_FAULTS, NOT_BASE64URL, WEAK, X25519, edited
from make_receipts import replacing
from play import (
    DAY,
    MINUTE,
    NOW,
    Object,
    Play,
    agree_of,
    begun,
    data_of,
    did_of,
    flip,
    parts,
    seed_of,
    talking,
    with_frame,
    with_head,
)
from play import put as put_bytes
from session_frame import lp
from session_keys import ONE_TIME_KEY, PREKEY_BUNDLE, STATIC_KEY, Kind
from suite import Suite, blob

# Whose seed the faults of envelopes sign with.
OWNER = "alice"
KEY = to_base64url(x25519.public_key_of(agree_of(OWNER)))
KEM = to_base64url(mlkem768.key_pair(blob("d"), blob("z"))[0])
TIMES: dict[str, Object] = {
    kind.name: {"iat": NOW, "exp": NOW + kind.life} for kind in (STATIC_KEY, PREKEY_BUNDLE, ONE_TIME_KEY)
}


def iss(name: str) -> str:
    return didkey.Key("ed25519", ed25519.public_key_of(seed_of(name))).url


STATEMENT: Object = {"typ": STATIC_KEY.typ, "iss": iss(OWNER), "agree": KEY, **TIMES["static_key"]}
BUNDLE: Object = {
    "typ": PREKEY_BUNDLE.typ,
    "iss": iss(OWNER),
    "agree": KEY,
    "suites": [2, 1],
    "spk": {"id": "spk-1", "key": KEY},
    "pq": {"id": "pq-1", "key": KEM},
    **TIMES["prekey_bundle"],
}
ONE_TIME: Object = {
    "typ": ONE_TIME_KEY.typ,
    "iss": iss(OWNER),
    "id": "opk-1",
    "x25519": KEY,
    "mlkem768": KEM,
    **TIMES["one_time_key"],
}


def sealed(body: Value, kind: Kind, seed: bytes, media_type: str | None = None) -> Object:
    return of_payload(canonical(body), media_type or kind.media_type, seed)


def of_payload(payload: bytes, media_type: str, seed: bytes = seed_of(OWNER)) -> Object:
    url = didkey.Key("ed25519", ed25519.public_key_of(seed)).url
    sig = ed25519.sign(seed, dsse.signed_message(media_type, payload))
    return dsse.Envelope(media_type, payload, ((url, sig),)).value()


class Published:
    """One of the three contracts, and its cases."""

    def __init__(self, suite: Suite, kind: Kind, body: Object) -> None:
        self.suite, self.kind, self.body = suite, kind, body
        self.operation = f"session.verify_{kind.name.removeprefix('prekey_')}"
        self.name = kind.name.replace("_", " ")

    def envelope(self, *edits: Edit, seed: bytes = seed_of(OWNER)) -> Object:
        body = deepcopy(self.body)
        together(*edits)(body)
        return sealed(body, self.kind, seed)

    def request(self, *edits: Edit, now: int = NOW + DAY) -> Request:
        return {"envelope": self.envelope(*edits), "owner": did_of(OWNER), "now_ms": now}

    def good(self, what: str, *edits: Edit, now: int = NOW + DAY) -> str:
        return self.suite.good(f"{self.name}: {what}", self.request(*edits, now=now), self.operation)

    def cases(self, faults: tuple[tuple[str, str, Edit], ...]) -> str:
        whole = self.good("as it is published")
        for code, what, edit in (*self.faults(), *faults):
            self.suite.bad(whole, code, what, {"envelope": self.envelope(edit)})
        self._envelopes(whole)
        self._payloads(whole)
        self._owners(whole)
        self._times()
        return whole

    def faults(self) -> tuple[tuple[str, str, Edit], ...]:
        return (
            ("malformed.typ", "the typ is of version 2", put("typ", self.kind.typ[:-1] + "2")),
            ("malformed.typ", "the typ is of a receipt", put("typ", "talos.receipt/1")),
            ("malformed.member_unknown", "it has a member too many", put("owner", did_of(OWNER))),
            *(
                ("malformed.member_missing", f"it has no {name}", drop(name))
                for name in self.body
                if name not in self.kind.optional
            ),
            ("malformed.value", "iss is the DID alone", put("iss", did_of(OWNER))),
            ("malformed.value", "iss names an X25519 key", put("iss", X25519)),
            ("malformed.value", "iss names a key of small order", put("iss", WEAK)),
            ("malformed.value", "it ends when it begins", put("exp", NOW)),
            ("malformed.value", "it ends before it begins", put("exp", NOW - 1)),
            (
                "malformed.value",
                "it lives a millisecond longer than it may",
                put("exp", NOW + self.kind.life + 1),
            ),
            ("malformed.value", "iat is negative", put("iat", -1)),
            ("malformed.type", "iat is a text", put("iat", str(NOW))),
            ("malformed.type", "exp is null", put("exp", None)),
        )

    def _envelopes(self, whole: str) -> None:
        envelope = self.envelope()
        for code, what, edit in ENVELOPE_FAULTS:
            # These change what is asked for: another payload is a fault of the body, and so on.
            if not what.startswith("the payload type"):
                self.suite.bad(whole, code, what, {"envelope": edited(envelope, edit)})
        forged = envelope | {"signatures": self.envelope(seed=seed_of("mallory"))["signatures"]}
        keyid = signature_entry(put("keyid", iss(OWNER)))
        other = PREKEY_BUNDLE if self.kind is STATIC_KEY else STATIC_KEY
        for code, what, value in (
            ("signature.missing", "nobody signs", edited(envelope, put("signatures", []))),
            ("signature.keyid", "a stranger signs", forged),
            ("signature.invalid", "a stranger signs under the key id of the owner", edited(forged, keyid)),
            (
                "signature.keyid",
                "a co-signer goes first",
                edited(envelope, together(cosign(seed_of("carol")), reverse_signatures)),
            ),
            (
                "signature.payload_type",
                "the payload type is of another contract",
                sealed(self.body, self.kind, seed_of(OWNER), other.media_type),
            ),
        ):
            self.suite.bad(whole, code, what, {"envelope": value})
        for name in self.body:
            # A signature over one body does not fit another that differs in a single member.
            if name in OTHER_VALUES:
                value = self.envelope(put(name, OTHER_VALUES[name])) | {"signatures": envelope["signatures"]}
                what = f"{name} is another than was signed"
                self.suite.bad(whole, "signature.invalid", what, {"envelope": value})

    def _payloads(self, whole: str) -> None:
        text = canonical(self.body)
        for code, what, change in PAYLOADS:
            data = change(text)
            assert data != text, what
            changed = of_payload(data, self.kind.media_type)
            self.suite.bad(whole, code, what, {"envelope": changed})

    def _owners(self, whole: str) -> None:
        suite = self.suite
        theirs = self.envelope(put("iss", iss("carol")), seed=seed_of("carol"))
        suite.bad(whole, "session.peer", "another has published it", {"envelope": theirs})
        both = edited(theirs, cosign(seed_of(OWNER)))
        suite.bad(
            whole, "session.peer", "another has published it and the owner signs, too", {"envelope": both}
        )
        suite.bad(whole, "session.peer", "it should be of another", {"owner": did_of("carol")})
        agree = didkey.Key("x25519", blob("x25519")).did
        weak = didkey.Key("ed25519", SMALL_ORDER[2]).did
        suite.bad(whole, "did.key_type_unsupported", "the owner has an X25519 key", {"owner": agree})
        suite.bad(whole, "signature.key_invalid", "the owner has a key of small order", {"owner": weak})
        suite.bad(
            whole,
            "did.malformed",
            "the key of the owner has 31 bytes",
            {"owner": didkey.Key("ed25519", bytes(31)).did},
        )
        suite.bad(whole, "malformed.value", "the owner has a did:web", {"owner": "did:web:example.com"})

    def _times(self) -> None:
        suite, life = self.suite, self.kind.life
        early = self.good("a minute before it begins", now=NOW - MINUTE)
        suite.bad(early, "session.expired", "a millisecond earlier", {"now_ms": NOW - MINUTE - 1})
        last = self.good("in its last millisecond", now=NOW + life - 1)
        suite.bad(last, "session.expired", "a millisecond later, in its last minute", {"now_ms": NOW + life})
        suite.bad(last, "session.expired", "a year later", {"now_ms": NOW + 365 * DAY})
        short = self.good("of a millisecond", put("exp", NOW + 1), now=NOW)
        suite.bad(short, "session.expired", "it is over", {"now_ms": NOW + 1})


OTHER_VALUES: Object = {
    "suites": [1, 2],
    "agree": to_base64url(blob("another key")),
    "x25519": to_base64url(blob("another key")),
    "id": "opk-2",
    "spk": {"id": "spk-2", "key": KEY},
    "pq": {"id": "pq-2", "key": KEM},
    "mlkem768": to_base64url(mlkem768.key_pair(blob("another d"), blob("z"))[0]),
    "iat": NOW + 1,
    "exp": NOW + 2 * DAY,
}
PAYLOADS: tuple[tuple[str, str, Callable[[bytes], bytes]], ...] = (
    ("malformed.syntax", "the payload ends early", lambda data: data[:-1]),
    ("malformed.not_canonical", "a space stands in the payload", replacing(b",", b", ")),
    ("malformed.not_canonical", "a letter of the payload is escaped", replacing(b'"iat"', rb'"\u0069at"')),
    ("malformed.duplicate_name", "a member stands twice", replacing(b'"iat":', b'"iat":1,"iat":')),
    ("malformed.number", "iat is 1e2", replacing(b'"iat":%d' % NOW, b'"iat":1e2')),
    ("malformed.number", "iat is 2^53", replacing(b'"iat":%d' % NOW, b'"iat":9007199254740992')),
    ("malformed.utf8", "a byte is FF", replacing(b"did:key", b"did:ke\xff")),
    ("malformed.surrogate", "iss is half a pair", replacing(b"did:key", rb"\ud800")),
    ("malformed.nul", "iss is U+0000", replacing(b"did:key", rb"\u0000")),
    ("malformed.name", "a member has a capital letter", replacing(b'"iat"', b'"Iat"')),
    ("malformed.type", "the payload is an array", lambda _: b"[]"),
    ("malformed.syntax", "the payload is empty", lambda _: b""),
    ("malformed.bom", "a byte order mark goes before the payload", lambda data: b"\xef\xbb\xbf" + data),
    ("malformed.depth", "the payload is 33 arrays deep", lambda _: b"[" * 33),
)


def key_faults(name: str) -> tuple[tuple[str, str, Edit], ...]:
    """What can be wrong with a key of 32 bytes."""
    return (
        ("malformed.base64", f"{name} has 31 bytes", put(name, to_base64url(bytes(31)))),
        ("malformed.base64", f"{name} has 33 bytes", put(name, to_base64url(bytes(33)))),
        ("malformed.base64", f"{name} is base64 with padding", put(name, to_base64(bytes(32)))),
        ("malformed.base64", f"{name} has a bit set that is not used", put(name, "A" * 42 + "B")),
        ("malformed.base64", f"{name} is empty", put(name, "")),
        ("malformed.type", f"{name} is null", put(name, None)),
    )


def kem_faults(name: str) -> tuple[tuple[str, str, Edit], ...]:
    return (
        ("malformed.base64", f"{name} has 1,183 bytes", put(name, to_base64url(bytes(1183)))),
        ("malformed.base64", f"{name} has 1,185 bytes", put(name, to_base64url(bytes(1185)))),
        ("malformed.base64", f"{name} has 32 bytes", put(name, KEY)),
    )


def id_faults(name: str) -> tuple[tuple[str, str, Edit], ...]:
    return tuple(
        ("malformed.value", f"the id is {what}", put(name, value))
        for what, value in (
            ("empty", ""),
            ("of 65 characters", "a" * 65),
            ("begun with a hyphen", "-a"),
            ("in capitals", "OPK"),
            ("with a dot", "opk.1"),
        )
    )


def inside(name: str, faults: tuple[tuple[str, str, Edit], ...]) -> tuple[tuple[str, str, Edit], ...]:
    return tuple((code, f"{name}: {what}", within(name, edit)) for code, what, edit in faults)


CLASSIC = together(put("suites", [1]), drop("pq"))


def published_suite() -> Suite:
    suite = Suite(
        "session/published.json",
        "Static key statements, prekey bundles, one-time keys (docs/spec/session.md, section 2).",
    )
    Published(suite, STATIC_KEY, STATEMENT).cases(key_faults("agree"))
    bundle = Published(suite, PREKEY_BUNDLE, BUNDLE)
    whole = bundle.cases(
        (
            *key_faults("agree"),
            *inside("spk", (*key_faults("key"), *id_faults("id"))),
            *inside("pq", (*kem_faults("key"), *id_faults("id"))),
            ("malformed.member_missing", "spk has no key", within("spk", drop("key"))),
            ("malformed.member_unknown", "pq has a member too many", within("pq", put("d", 1))),
            ("malformed.value", "there are no suites", put("suites", [])),
            ("malformed.value", "there are nine suites", put("suites", [*range(1, 10)])),
            ("malformed.value", "suite 1 stands twice", put("suites", [2, 1, 1])),
            ("malformed.value", "a suite of no section stands twice", put("suites", [7, 2, 7])),
            ("malformed.value", "there is a suite 0", put("suites", [2, 0])),
            ("malformed.value", "there is a suite 65,536", put("suites", [2, 65_536])),
            ("malformed.type", "a suite is a text", put("suites", [2, "1"])),
            ("malformed.value", "suite 2 is offered without pq", drop("pq")),
            ("malformed.value", "suite 2 is not offered, and there is a pq", put("suites", [1])),
        )
    )
    bundle.good("of suite 1 alone", CLASSIC)
    bundle.good("of suites that are not known, too", put("suites", [65_535, 2, 3, 1, 4, 5, 6, 7]))
    bundle.good("of no suite that is known", together(put("suites", [3]), drop("pq")))
    bundle.good(
        "with ids of 64 characters",
        together(within("spk", put("id", "a" * 64)), within("pq", put("id", "0" * 64))),
    )
    # A key is what 32 bytes are, also one that agrees on nothing: the handshake says so.
    bundle.good("with keys of small order", together(put("agree", to_base64url(bytes(32)))))
    suite.bad(
        whole,
        "malformed.member_unknown",
        "the envelope is inside of another object",
        {"envelope": {"envelope": bundle.envelope()}},
    )
    one_time = Published(suite, ONE_TIME_KEY, ONE_TIME)
    one_time.cases((*key_faults("x25519"), *kem_faults("mlkem768"), *id_faults("id")))
    one_time.good("without an ML-KEM key", drop("mlkem768"))
    one_time.good("with an id of 64 characters", put("id", "0" + "_-z" * 21))
    return suite


# --- Frames ----------------------------------------------------------------------------------------


def read(data: bytes) -> Request:
    return {"bytes": to_base64url(data)}


def frames_suite() -> Suite:
    suite = Suite(
        "session/frames.json",
        "Frames and containers as anybody reads them, and messages that are opened to an auditor "
        "(docs/spec/session.md, sections 3.4, 5 and 10).",
        default="session.read_frame",
    )
    play, sid = talking("frames")
    frame = play.seal("alice", sid, b"a message")
    whole = suite.good("a message", read(frame))
    suite.good("an empty message", read(play.seal("alice", sid, b"")))
    suite.good("a message of two steps", read(play.seal("alice", sid, bytes(61))))
    suite.good("a close", read(play.copy().seal("bob", sid, kind="close")))
    suite.good("what authenticates nowhere", read(flip(frame, 30)))
    suite.good("a type that is another", read(put_bytes(frame, 1, b"\x04")))
    suite.good("the largest numbers", read(put_bytes(frame, 52, b"\xff" * 8)))
    for what, data in broken_frames(frame):
        suite.bad(whole, "session.malformed", what, read(data))
    for number in (0, 3, 0x0200, 65_535):
        data = put_bytes(frame, 2, number.to_bytes(2, "big"))
        suite.bad(whole, "session.suite", f"the suite is {number:#06x}", read(data))
    for what, change in NOT_BASE64URL:
        text = text_of(read(frame)["bytes"])
        if change(text) != text:
            suite.bad(whole, "malformed.base64", f"the text {what}", {"bytes": change(text)})
    _containers(suite)
    _openings(suite)
    return suite


def broken_frames(frame: bytes) -> tuple[tuple[str, bytes], ...]:
    return (
        ("there is nothing", b""),
        ("the version is 0", put_bytes(frame, 0, b"\x00")),
        ("the version is 2", put_bytes(frame, 0, b"\x02")),
        ("the type is 0", put_bytes(frame, 1, b"\x00")),
        ("the type is that of a container", put_bytes(frame, 1, b"\x01")),
        ("the type is 5", put_bytes(frame, 1, b"\x05")),
        ("it is cut by a byte", frame[:-1]),
        ("it is longer by a byte", frame + b"\x00"),
        ("it is a head alone", frame[:104]),
        ("it is a head with a tag", frame[:104] + frame[-16:]),
        ("its head is cut", frame[:103]),
        ("it is cut by a step less a byte", frame[:-63]),
    )


def _containers(suite: Suite) -> None:
    play, sid = begun("frames/1", (1,), "x25519")
    classic = play.seal("alice", sid)
    play, sid = begun("frames/2", (2,), "mlkem768")
    hybrid = play.seal("alice", sid)
    play, _ = talking("frames/3")
    renewing = play.seal("alice", play.begin("alice", "bob", play.bundle("bob")))
    plain = suite.good("a container of suite 1", read(classic))
    large = suite.good("a container of suite 2", read(hybrid))
    suite.good("a container that renews", read(renewing))
    suite.good("a container whose statement is anything", read(with_head(classic, statement=b"")))
    suite.good("a container to oneself", read(with_head(classic, did_b=did_of("alice"))))
    suite.good("a container of a statement of 4,096 bytes", read(with_head(classic, statement=bytes(4096))))
    head, _ = parts(classic)
    at = 4 + 4 + len(head.did_a) + 4 + len(head.did_b)
    long_did = didkey.Key("ed25519", SMALL_ORDER[2]).did
    bodies: tuple[tuple[str, bytes], ...] = (
        ("it is cut by a byte", classic[:-1]),
        ("it is longer by a byte", classic + b"\x00"),
        ("it is a version and a type", classic[:2]),
        ("it ends in the suite", classic[:3]),
        ("it ends before its frame", head.data),
        ("its frame is empty", head.data + lp(b"")),
        ("its frame is cut", with_frame(classic, lambda data: data[:-1])),
        ("its frame is a container", head.data + lp(classic)),
        ("its frame is of suite 2", with_frame(classic, lambda data: put_bytes(data, 2, b"\x00\x02"))),
        (
            "its frame is of a suite that is not known",
            with_frame(classic, lambda data: put_bytes(data, 2, b"\x00\x09")),
        ),
        ("sign_A is another key", put_bytes(classic, at, ed25519.public_key_of(seed_of("carol")))),
        ("did_A is empty", classic[:4] + lp(b"") + classic[8 + len(head.did_a) :]),
        ("did_A is a did:web", classic[:4] + lp(b"did:web:example.com") + classic[8 + len(head.did_a) :]),
        ("did_A is of another method, and has a length of 2^32 - 1", put_bytes(classic, 4, b"\xff" * 4)),
        ("did_B names a key of small order", _with_did_b(classic, long_did.encode())),
        ("did_B names an X25519 key", _with_did_b(classic, didkey.Key("x25519", blob("x")).did.encode())),
        ("did_B has 130 bytes", _with_did_b(classic, b"did:key:z" + b"6" * 121)),
        ("did_B is no text", _with_did_b(classic, b"\xff" * 56)),
        ("spk_id is empty", with_head(classic, spk_id="")),
        ("spk_id is in capitals", with_head(classic, spk_id="SPK-1")),
        ("spk_id has 65 characters", with_head(classic, spk_id="a" * 65)),
        ("opk_id has a dot", with_head(classic, opk_id="opk.1")),
        ("there is a pq_id in suite 1", with_head(classic, pq_id="pq-1")),
        ("there is a ct in suite 1", with_head(classic, ct=bytes(1088))),
        ("SID_old has 15 bytes", with_head(classic, renews=bytes(15))),
        ("SID_old has 17 bytes", with_head(classic, renews=bytes(17))),
        ("the statement has 4,097 bytes", with_head(classic, statement=bytes(4097))),
        ("its suite is 2", with_head(classic, suite=2)),
    )
    for what, data in bodies:
        suite.bad(plain, "session.malformed", what, read(data))
    suite.bad(plain, "session.suite", "its suite is 3", read(with_head(classic, suite=3)))
    both = put_bytes(with_frame(classic, lambda data: put_bytes(data, 2, b"\x00\x03")), 2, b"\x00\x03")
    suite.bad(plain, "session.suite", "its suite and that of its frame are 3", read(both))
    for what, data in (
        ("there is no pq_id", with_head(hybrid, pq_id="")),
        ("there is no ct", with_head(hybrid, ct=b"")),
        ("ct has 1,087 bytes", with_head(hybrid, ct=bytes(1087))),
        ("ct has 1,089 bytes", with_head(hybrid, ct=bytes(1089))),
        ("its suite is 1", with_head(hybrid, suite=1)),
    ):
        suite.bad(large, "session.malformed", what, read(data))


def _with_did_b(container: bytes, did: bytes) -> bytes:
    head, _ = parts(container)
    at = 8 + len(head.did_a)
    return container[:at] + lp(did) + container[at + 4 + len(head.did_b) :]


# --- Openings --------------------------------------------------------------------------------------


def disclosed(frame: bytes, th: bytes, mk: bytes) -> Request:
    opening: Object = {
        "frame": to_base64url(frame),
        "transcript_hash": to_base64url(th),
        "message_key": to_base64url(mk),
    }
    return {"opening": opening, "frame_hash": to_base64url(session_frame.parse(frame).hash)}


def _openings(suite: Suite) -> None:
    operation = "session.open"
    play, sid = talking("openings")
    th = play.stage.players["alice"].agent.sessions.get(data_of(sid)).th

    def key(of: Play) -> bytes:
        return data_of(of.results[-1]["message_key"])

    for what, data in (("an empty message", b""), ("a message of 200 bytes", blob("long", 200))):
        other = play.copy()
        frame = other.seal("alice", sid, data)
        suite.good(f"{what} is opened", disclosed(frame, th, key(other)), operation)
    closing = play.copy()
    frame = closing.seal("bob", sid, kind="close")
    suite.good("a close is opened", disclosed(frame, th, key(closing)), operation)
    frame = play.seal("alice", sid, b"pay 3 EUR")
    mk = key(play)
    whole = suite.good("a message is opened", disclosed(frame, th, mk), operation)
    opening = object_of(suite.cases[whole]["input"])["opening"]
    for code, what, edit in (
        (
            "session.opening_mismatch",
            "th is of another session",
            put("transcript_hash", to_base64url(bytes(32))),
        ),
        ("session.opening_mismatch", "mk is another key", put("message_key", to_base64url(flip(mk, 0)))),
        ("session.opening_mismatch", "the tag is flipped", put("frame", to_base64url(flip(frame, -1)))),
        ("session.malformed", "the frame is cut", put("frame", to_base64url(frame[:-1]))),
        ("session.malformed", "there is no frame", put("frame", "")),
        ("session.suite", "the suite is not known", put("frame", to_base64url(put_bytes(frame, 3, b"\x09")))),
        ("malformed.base64", "th has 31 bytes", put("transcript_hash", to_base64url(bytes(31)))),
        ("malformed.base64", "mk is empty", put("message_key", "")),
        ("malformed.type", "the frame is a number", put("frame", 1)),
        ("malformed.member_missing", "mk is not disclosed", drop("message_key")),
        ("malformed.member_unknown", "a chain key is disclosed, too", put("chain_key", KEY)),
    ):
        suite.bad(whole, code, what, {"opening": edited(opening, edit)})
    suite.bad(
        whole,
        "session.opening_mismatch",
        "the receipt names another frame",
        {"frame_hash": to_base64url(bytes(32))},
    )
    for at, what in (
        (1, "type"),
        (4, "SID"),
        (20, "ratchet key"),
        (59, "N"),
        (60, "nonce"),
        (72, "com"),
        (110, "text"),
    ):
        changed = flip(frame, at)
        suite.bad(
            whole,
            "session.opening_mismatch",
            f"the {what} is another, and so is the hash in the receipt",
            disclosed(changed, th, mk),
            members=2,
        )
    second = play.seal("alice", sid, b"pay 4 EUR")
    request = disclosed(second, th, mk)
    suite.bad(whole, "session.opening_mismatch", "frame and hash are of the next message", request, members=2)
    header = replace(session_frame.parse(frame), sealed=b"")
    for what, kind, plaintext in (
        ("the padding is not zero", limits.MESSAGE, session_frame.pad(b"x")[:-1] + b"\x01"),
        ("the length goes beyond what is there", limits.MESSAGE, (61).to_bytes(4, "big") + bytes(60)),
        ("the length is 2^32 - 1", limits.MESSAGE, b"\xff" * 4 + bytes(60)),
        ("a close has data", limits.CLOSE, session_frame.pad(b"x")),
        ("a reset notice has data", limits.RESET, session_frame.pad(b"x")),
    ):
        made = session_frame.seal(replace(header, kind=kind), mk, th, plaintext).data
        suite.bad(whole, "session.malformed", what, disclosed(made, th, mk), members=2)


def suites() -> list[Suite]:
    return [published_suite(), frames_suite()]
