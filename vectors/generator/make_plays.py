"""vectors/session/handshakes.json, messages.json and peers.json: what agents do (docs/spec/session.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import didkey
import dsse
import ed25519
import session_constants as limits
import session_frame
from canonical import TALOS_DATA, Value, canonical, parse
from contract import object_of, text_of
from encoding import to_base64url
from play import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Object,
    Play,
    agent,
    begun,
    body_of,
    data_of,
    did_of,
    flip,
    parts,
    put,
    seed_of,
    talking,
    with_frame,
    with_head,
)
from suite import PROBLEMS, Suite, blob

BOTH = (agent("alice"), agent("bob"))
# Points of small order in the forms of 32 bytes, all of which agree on zeros.
LOW_ORDER = (
    bytes(32),
    (1).to_bytes(32, "little"),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    (2**255 - 20).to_bytes(32, "little"),
    (2**255 - 19).to_bytes(32, "little"),
    (2**255 - 18).to_bytes(32, "little"),
)


class Plays:
    """The cases of one file."""

    def __init__(self, path: str, about: str) -> None:
        self.suite = Suite(path, about, default="session.play")

    def good(self, name: str, play: Play) -> str:
        return self.suite.good(name, play.request)

    def bad(self, of: str, code: str, what: str, play: Play, last: str = "") -> None:
        """The code is the first that comes of an act, the last what comes of the last one."""
        found = text_of(play.results[-1].get("code", "done"))
        if last and found != last:
            PROBLEMS.append(f"{self.suite.path}: {of}; but {what}: {found} in the end, expected {last}")
        self.suite.bad(of, code, what, play.request)


class Arrival:
    """Something that arrives; and the same where it was changed on the way, and then comes as it was."""

    def __init__(self, plays: Plays, name: str, play: Play, wire: bytes, to: str = "bob") -> None:
        self.plays, self.play, self.wire, self.to = plays, play, wire, to
        self.name = plays.good(name, play.copy().receive(to, wire))

    def bad(self, code: str, what: str, wire: bytes) -> None:
        both = self.play.copy().receive(self.to, wire).receive(self.to, self.wire)
        self.plays.bad(self.name, code, what, both)

    def bad_frames(self, cases: Iterable[tuple[str, str, bytes]]) -> None:
        for code, what, wire in cases:
            self.bad(code, what, wire)


def resigned(envelope: Object, owner: str, *without: str, **members: Value) -> Object:
    """What was published, with other members, signed by this owner."""
    body = {name: value for name, value in body_of(envelope).items() if name not in without} | members
    kind, payload = text_of(envelope["payloadType"]), canonical(body)
    sig = ed25519.sign(seed_of(owner), dsse.signed_message(kind, payload))
    return dsse.Envelope(kind, payload, ((url_of(owner), sig),)).value()


def url_of(name: str) -> str:
    return didkey.Key("ed25519", ed25519.public_key_of(seed_of(name))).url


def suites() -> list[Suite]:
    return [handshakes_suite(), messages_suite(), peers_suite()]


# --- Handshakes ------------------------------------------------------------------------------------


def handshakes_suite() -> Suite:
    plays = Plays("session/handshakes.json", "How sessions begin (docs/spec/session.md, section 3).")
    _forms(plays)
    _begins(plays)
    _containers(plays)
    _hybrid_containers(plays)
    _accepts(plays)
    _lives(plays)
    _replays(plays)
    _wrong_plays(plays)
    return plays.suite


def _forms(plays: Plays) -> None:
    for offered, one_time in (
        ((1,), "none"),
        ((1,), "x25519"),
        ((1,), "mlkem768"),
        ((2,), "none"),
        ((2,), "x25519"),
        ((2,), "mlkem768"),
        ((1, 2), "none"),
    ):
        label = f"suites {', '.join(map(str, offered))}; one-time key: {one_time}"
        play, sid = begun(label, offered, one_time)
        play.send("alice", "bob", sid, b"hello").send("bob", "alice", sid, b"hi")
        for name in ("alice", "bob"):
            play.act("export", name, sid=sid, label="inv", length=32)
        plays.good(label, play)
    play, sid = begun("three containers", (1,), "x25519")
    wires = [play.seal("alice", sid, b"%d" % number) for number in range(3)]
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        arriving = play.copy()
        for number in order:
            arriving.receive("bob", wires[number])
        arriving.send("bob", "alice", sid).send("alice", "bob", sid)
        plays.good(f"containers arrive in the order {order[0]}, {order[1]}, {order[2]}", arriving)
    play, sid = begun("a close at once")
    plays.good("the first frame is a close", play.receive("bob", play.seal("alice", sid, kind="close")))
    play = Play("preferences", agent("alice", suites=[1]), agent("bob"))
    sid = play.begin("alice", "bob", play.bundle("bob", (2, 1)))
    plays.good("the suite is the first that policy allows", play.send("alice", "bob", sid))


def _begins(plays: Plays) -> None:
    """Section 3.1."""
    play = Play("begin")
    bundle, one_time = play.bundle("bob", (2,)), play.one_time_key("bob", True)
    whole = plays.good("a handshake begins", play.copy().begins("alice", "bob", bundle, one_time))

    def bad(code: str, what: str, bundle: Object, one_time: Object | None = one_time) -> None:
        plays.bad(whole, code, what, play.copy().begins("alice", "bob", bundle, one_time))

    def bad_key(code: str, what: str, **members: Value) -> None:
        bad(code, what, bundle, resigned(one_time, "bob", **members))

    bad("session.peer", "the bundle is of another", resigned(bundle, "carol", iss=url_of("carol")))
    bad(
        "session.peer",
        "the one-time key is of another",
        bundle,
        resigned(one_time, "carol", iss=url_of("carol")),
    )
    bad("signature.keyid", "a stranger signs the bundle", resigned(bundle, "mallory"))
    downgraded = resigned(bundle, "bob", "pq", suites=[1]) | {"signatures": bundle["signatures"]}
    bad("signature.invalid", "somebody has taken suite 2 out of the bundle", downgraded)
    bad("signature.payload_type", "the one-time key stands for the bundle", one_time)
    bad("signature.payload_type", "the bundle stands for the one-time key", bundle, bundle)
    bad(
        "session.expired",
        "the bundle begins in more than a minute",
        resigned(bundle, "bob", iat=NOW + MINUTE + 1),
    )
    bad("session.expired", "the bundle is over", resigned(bundle, "bob", iat=NOW - 1, exp=NOW))
    bad_key("session.expired", "the one-time key is over", iat=NOW - 1, exp=NOW)
    bad("malformed.value", "the bundle lives too long", resigned(bundle, "bob", iat=NOW - 1))
    bad_key("malformed.value", "the one-time key lives too long", iat=NOW - 1)
    bad("session.suite", "no suite is known", resigned(bundle, "bob", "pq", suites=[3]))
    for number, point in enumerate(LOW_ORDER, 1):
        key, named = to_base64url(point), f"is point {number} of 7 of small order"
        bad("session.key_invalid", f"SPK {named}", resigned(bundle, "bob", spk={"id": "spk-1", "key": key}))
        bad("session.key_invalid", f"agree {named}", resigned(bundle, "bob", agree=key))
        bad_key("session.key_invalid", f"OPK {named}", x25519=key)
    kem = data_of(object_of(body_of(bundle)["pq"])["key"])
    for what, data in (
        ("a coefficient of 3,329", put(kem, 0, b"\x01\x0d")),
        ("coefficients of 4,095", put(kem, 1149, b"\xff\xff\xff")),
    ):
        pq: Object = {"id": "pq-1", "key": to_base64url(data)}
        bad("session.key_invalid", f"pq has {what}", resigned(bundle, "bob", pq=pq), None)
        bad_key("session.key_invalid", f"the one-time key has {what}", mlkem768=to_base64url(data))
    plays.bad(whole, "session.peer", "it is with oneself", play.copy().begins("bob", "bob", bundle))
    plays.bad(
        whole,
        "session.peer",
        "it should be with another",
        play.copy().begins("alice", "carol", bundle, one_time),
    )
    allowed = play.under(agent("alice", suites=[1])).begins("alice", "bob", bundle)
    plays.bad(whole, "session.suite", "policy allows suite 1 alone", allowed)
    for what, iat, exp in (
        ("the own statement is over", NOW - DAY, NOW),
        ("the own statement begins in more than a minute", NOW + MINUTE + 1, NOW + DAY),
    ):
        other = play.under(agent("alice", iat, exp)).begins("alice", "bob", bundle, one_time)
        plays.bad(whole, "session.expired", what, other)
    early = play.under(agent("alice", NOW + MINUTE, NOW + DAY)).begins("alice", "bob", bundle, one_time)
    plays.good("the own statement begins in a minute", early)


def _containers(plays: Plays) -> None:
    """Section 3.5: one member of the head, or of the frame, is another."""
    play, sid = begun("containers", (1,), "x25519", *BOTH, agent("carol"))
    wire = play.seal("alice", sid)
    head, frame = parts(wire)
    arrival = Arrival(plays, "a container arrives", play, wire)
    bad = arrival.bad
    carol = play.stage.players["carol"].statement
    theirs = data_of(body_of(object_of(parse(carol, TALOS_DATA)))["agree"])
    bad("session.malformed", "it is cut by a byte", wire[:-1])
    bad("session.malformed", "it is longer by a byte", wire + b"\x00")
    bad("session.malformed", "its suite is the other", put(wire, 3, b"\x02"))
    bad("session.suite", "its suite is not known", put(wire, 3, b"\x03"))
    bad("session.recipient", "it is for another", with_head(wire, did_b=did_of("carol")))
    bad("session.recipient", "it is from oneself", with_head(wire, did_a=did_of("bob")))
    bad("session.peer", "it is in the name of another", with_head(wire, did_a=did_of("carol")))
    named = with_head(wire, did_a=did_of("carol"), statement=carol)
    bad("session.peer", "it is in the name of another and has that one's statement", named)
    named = with_head(wire, did_a=did_of("carol"), statement=carol, agree_a=theirs)
    bad("session.authentication", "it is in the name of another and has that one's statement and key", named)
    bad("session.peer", "agree_A is another key", with_head(wire, agree_a=flip(head.agree_a, 0)))
    bad("session.peer", "the statement is of another", with_head(wire, statement=carol))
    bad("malformed.syntax", "the statement is cut", with_head(wire, statement=head.statement[:-1]))
    forged = canonical(object_of(parse(head.statement, TALOS_DATA)) | {"signatures": []})
    bad("signature.missing", "nobody has signed the statement", with_head(wire, statement=forged))
    bad("session.prekey_unknown", "H(M_B) is of no bundle", with_head(wire, bundle_hash=bytes(32)))
    bad("session.prekey_unknown", "spk_id is another", with_head(wire, spk_id="spk-9"))
    bad("session.prekey_unknown", "opk_id is another", with_head(wire, opk_id="opk-9"))
    bad("session.renewal_unknown", "it renews a session that is not there", with_head(wire, renews=bytes(16)))
    bad("session.authentication", "EK_A has a bit flipped", with_head(wire, ek=flip(head.ek, 0)))
    bad("session.key_invalid", "EK_A is of small order", with_head(wire, ek=bytes(32)))
    bad("session.authentication", "there is no opk_id", with_head(wire, opk_id=""))
    bad("session.malformed", "PN of the frame is 1", with_frame(wire, lambda data: put(data, 52, u32(1))))
    bad(
        "session.skip_limit",
        "N of the frame is 1,001",
        with_frame(wire, lambda data: put(data, 56, u32(1_001))),
    )
    bad(
        "session.authentication",
        "N of the frame is 1,000",
        with_frame(wire, lambda data: put(data, 56, u32(1_000))),
    )
    for what, change in FORGERIES:
        bad("session.authentication", f"of the frame {what}", with_frame(wire, change))
    bad(
        "session.authentication",
        "SID of the frame has a bit flipped",
        with_frame(wire, lambda data: flip(data, 4)),
    )
    bad("session.unknown", "the frame comes alone", frame.data)


def _hybrid_containers(plays: Plays) -> None:
    """The same, as far as it concerns suite 2."""
    play, sid = begun("containers of suite 2", (2,), "mlkem768")
    wire = play.seal("alice", sid)
    head, _ = parts(wire)
    bad = Arrival(plays, "a container of suite 2 arrives", play, wire).bad
    bad("session.malformed", "its suite is the other", put(wire, 3, b"\x01"))
    bad("session.malformed", "ct is cut by a byte", with_head(wire, ct=head.ct[:-1]))
    bad("session.malformed", "there is no pq_id", with_head(wire, pq_id=""))
    bad("session.prekey_unknown", "pq_id is the one of the bundle", with_head(wire, pq_id="pq-1"))
    bad("session.prekey_unknown", "there is no opk_id", with_head(wire, opk_id=""))
    bad("session.authentication", "EK_A has a bit flipped", with_head(wire, ek=flip(head.ek, 0)))
    for at in (0, 100, 1_087):
        bad(
            "session.authentication",
            f"byte {at} of ct has a bit flipped",
            with_head(wire, ct=flip(head.ct, at)),
        )


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


# What does not authenticate, wherever a frame is.
FORGERIES: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("the type is close", lambda data: put(data, 1, b"\x03")),
    ("the type is reset notice", lambda data: put(data, 1, b"\x04")),
    ("the ratchet key has a bit flipped", lambda data: flip(data, 20)),
    ("the nonce has a bit flipped", lambda data: flip(data, 71, 128)),
    ("com has its first bit flipped", lambda data: flip(data, 72, 128)),
    ("com has its last bit flipped", lambda data: flip(data, 103)),
    ("the text has a bit flipped", lambda data: flip(data, 104)),
    ("the padding has a bit flipped", lambda data: flip(data, -17)),
    ("the tag has a bit flipped", lambda data: flip(data, -1)),
    ("the text is longer by a step", lambda data: data[:-16] + bytes(64) + data[-16:]),
)


def _accepts(plays: Plays) -> None:
    """Section 3.5, as the state of the responder says."""
    play = Play("accept", *BOTH, agent("bob2"))
    bundle, key = play.bundle("bob", (1,)), play.one_time_key("bob")
    unknown = play.bundle("bob2", (1,))
    unknown_key = play.one_time_key("bob2")
    ready = play.copy()
    sid = ready.begin("alice", "bob", bundle, key)
    whole = plays.good("the prekeys are kept", ready.send("alice", "bob", sid))
    for code, what, other_bundle, other_key in (
        ("session.prekey_unknown", "the bundle is one that was lost", unknown, key),
        ("session.prekey_unknown", "the one-time key is one that was lost", bundle, unknown_key),
    ):
        other = play.copy()
        sid = other.begin("alice", "bob", other_bundle, other_key)
        plays.bad(whole, code, what, other.send("alice", "bob", sid))
    twice = ready.copy()
    sid = twice.begin("alice", "bob", bundle, key)
    plays.bad(
        whole,
        "session.prekey_unknown",
        "the one-time key is used a second time",
        twice.send("alice", "bob", sid),
    )
    forbidden = play.under(agent("bob", suites=[2]))
    sid = forbidden.begin("alice", "bob", bundle, key)
    plays.bad(
        whole,
        "session.suite",
        "the responder's policy forbids the suite",
        forbidden.send("alice", "bob", sid),
    )
    # A bundle offers suite 2 alone, and its keys would do for suite 1, too.
    play, sid = begun("downgrade", (2,))
    wire = play.seal("alice", sid)
    arrival = Arrival(plays, "a bundle of suite 2 alone", play, wire)
    lower = with_head(wire, suite=2)
    head, frame = parts(lower)
    classic = replace(head, suite=1, pq_id="", ct=b"").data + session_frame.lp(put(frame.data, 3, b"\x01"))
    arrival.bad("session.suite", "somebody has made it one of suite 1", classic)
    play, sid = begun("both suites", (2, 1))
    wire = play.seal("alice", sid)
    arrival = Arrival(plays, "a bundle of both suites", play, wire)
    head, frame = parts(wire)
    classic = replace(head, suite=1, pq_id="", ct=b"").data + session_frame.lp(put(frame.data, 3, b"\x01"))
    arrival.bad("session.authentication", "somebody has made it one of suite 1, which is offered", classic)
    # The text of the statement is verified, and not in th.
    play, sid = begun("spaces")
    first, second = play.seal("alice", sid, b"one"), play.seal("alice", sid, b"two")
    spaced = with_head(first, statement=parts(first)[0].statement + b" ")
    play.receive("bob", spaced)
    whole = plays.good("a statement with a space at its end", play)
    plays.bad(
        whole, "session.authentication", "the next has another head", play.copy().receive("bob", second)
    )
    answered = play.copy().send("bob", "alice", sid).receive("bob", parts(second)[1].data)
    plays.good("a statement with a space at its end, and the next comes as a frame", answered)


def _lives(plays: Plays) -> None:
    """Sections 2.5 and 6, step 4."""
    for what, key_life, exp, end in (
        ("the bundle's grace", 30 * DAY, 90 * DAY, DAY + 7 * DAY),
        ("the one-time key's grace", HOUR, 90 * DAY, HOUR + 7 * DAY),
        ("the end of the statement", 30 * DAY, 3 * DAY, 3 * DAY),
    ):
        play = Play(what, agent("alice", NOW, NOW + exp), agent("bob"))
        bundle, key = play.bundle("bob", (1,), DAY), play.one_time_key("bob", life=key_life)
        sid = play.begin("alice", "bob", bundle, key)
        play.later(end - 1)
        wire = play.seal("alice", sid)
        last = plays.good(f"sealed in the last millisecond of {what}", play.copy().receive("bob", wire))
        late = play.copy().later(1)
        late.seal("alice", sid)
        plays.bad(last, "session.unanswered", "a millisecond later", late)
        late = play.copy().later(1).receive("bob", wire)
        code = "session.expired" if exp == 3 * DAY else "session.prekey_unknown"
        plays.bad(last, code, "it comes a millisecond later", late)
    play, sid = begun("a close without an answer")
    play.later(21 * DAY).seal("alice", sid, kind="close")
    plays.good("a close is sealed when a message is no more", play)


def _replays(plays: Plays) -> None:
    for what, one_time, code in (
        ("with a one-time key", "x25519", "session.prekey_unknown"),
        ("without a one-time key", "none", "session.init_replayed"),
    ):
        play, sid = begun(f"replay {what}", (1,), one_time)
        wire = play.seal("alice", sid)
        play.receive("bob", wire)
        whole = plays.good(f"a handshake {what}", play)
        again = play.copy().later(HOUR).receive("bob", wire)
        plays.bad(whole, "session.duplicate", "it is replayed while the session is there", again)
        play.receive("alice", play.seal("bob", sid, kind="close"))
        over = play.copy().later(DAY).receive("bob", wire)
        plays.bad(whole, code, "it is replayed when the session is over", over)
    play, sid = begun("replay at last")
    wire = play.seal("alice", sid)
    play.receive("bob", wire).seal("bob", sid, kind="close")
    whole = plays.good("a handshake that is over", play)
    late = play.copy().later(21 * DAY - 1).receive("bob", wire)
    plays.bad(whole, "session.init_replayed", "it is replayed in the last millisecond of the grace", late)
    late = play.copy().later(21 * DAY).receive("bob", wire)
    plays.bad(whole, "session.prekey_unknown", "it is replayed after the grace", late)


def _wrong_plays(plays: Plays) -> None:
    """A play that is wrong in itself, which is an error of the call."""
    play, sid = begun("a play")
    play.act("save", "alice")
    play.send("alice", "bob", sid)
    whole = plays.good("a play", play)
    (made, began, saved, sealed, received), agents = play.acts, play.agents

    def bad(code: str, what: str, acts: list[Object], agents: list[Object] = agents) -> None:
        plays.suite.bad(whole, code, what, {"play": {"agents": [*agents], "acts": [*acts]}})

    def without(act: Object, name: str) -> Object:
        return {member: value for member, value in act.items() if member != name}

    before = [made, began, saved]
    for act, name in (
        (made, "id"),
        (made, "suites"),
        (made, "iat"),
        (made, "exp"),
        (began, "peer"),
        (began, "bundle"),
        (sealed, "sid"),
        (sealed, "data"),
        (received, "bytes"),
        (sealed, "agent"),
        (sealed, "now_ms"),
        (sealed, "act"),
    ):
        what = f"{text_of(act['act'])} has no {name}"
        bad(
            "malformed.member_missing", what, [without(one, name) if one is act else one for one in play.acts]
        )
    hybrid = made | {"suites": [1, 2]}
    bad("malformed.member_missing", "bundle has no pq_id and offers suite 2", [hybrid])
    export: Object = {"act": "export", "agent": "alice", "now_ms": NOW, "sid": sid}
    bad("malformed.member_missing", "export has no label", [*before, export | {"length": 32}])
    bad("malformed.member_missing", "export has no length", [*before, export | {"label": "inv"}])
    bad("malformed.member_missing", "due has no peer", [{"act": "due", "agent": "alice", "now_ms": NOW}])
    restore: Object = {"act": "restore", "agent": "bob", "now_ms": NOW}
    for code, what, act in (
        ("malformed.member_unknown", "an act has a member too many", sealed | {"nonce": "AA"}),
        ("malformed.value", "an act is none", sealed | {"act": "think"}),
        ("malformed.value", "an agent is not there", sealed | {"agent": "carol"}),
        ("malformed.value", "it draws more than it is given", without(sealed, "entropy")),
        ("malformed.value", "it draws less than it is given", sealed | {"entropy": to_base64url(bytes(13))}),
        ("malformed.base64", "its entropy has padding", sealed | {"entropy": "AA=="}),
        ("malformed.base64", "a SID has 15 bytes", sealed | {"sid": to_base64url(bytes(15))}),
        ("malformed.type", "the time is a text", sealed | {"now_ms": str(NOW)}),
        ("malformed.value", "nothing was saved", restore),
    ):
        bad(code, what, [*before, act])
    alice, bob = agents
    for code, what, one in (
        ("malformed.value", "both agents have one name", bob | {"name": "alice"}),
        ("malformed.value", "a bucket is no multiple of 64", agent("bob", bucket=100)),
        ("malformed.value", "a bucket is above 65,536", agent("bob", bucket=65_600)),
        ("malformed.value", "policy allows a suite that is not known", agent("bob", suites=[1, 3])),
        ("malformed.value", "a statement lives too long", agent("bob", NOW, NOW + 90 * DAY + 1)),
        ("malformed.value", "a statement ends when it begins", agent("bob", NOW, NOW)),
        ("malformed.base64", "a seed has 31 bytes", bob | {"seed": to_base64url(bytes(31))}),
        ("malformed.member_missing", "an agent has no agree", without(bob, "agree")),
    ):
        bad(code, what, play.acts, [alice, one])
    bad("malformed.value", "there are no agents", [], [])
    # What the owner of prekeys is refused is a result.
    for code, what, act in (
        ("malformed.value", "an id is given a second time", made),
        ("session.suite", "a suite of a bundle is not known", made | {"id": "spk-2", "suites": [1, 3]}),
        ("malformed.value", "a bundle lives too long", made | {"id": "spk-2", "exp": NOW + 14 * DAY + 1}),
        ("malformed.value", "a suite stands twice", made | {"id": "spk-2", "suites": [1, 1]}),
    ):
        bad(code, what, [*play.acts, act])


# --- Messages --------------------------------------------------------------------------------------


def messages_suite() -> Suite:
    plays = Plays("session/messages.json", "Ratchet and frames (docs/spec/session.md, sections 4 to 9).")
    _ratchet(plays)
    _order(plays)
    _forged(plays)
    _plaintexts(plays)
    _forks(plays)
    _endings(plays)
    _failures(plays)
    _exporter(plays)
    return plays.suite


def _ratchet(plays: Plays) -> None:
    play, sid = talking("turns")
    for turn in range(4):
        for _ in range(turn % 2 + 1):
            play.send("alice", "bob", sid, b"%d" % turn)
        play.send("bob", "alice", sid, b"%d back" % turn)
    plays.good("turns of one and two messages", play)
    play, sid = talking("sizes")
    for length in (0, 1, 59, 60, 61, 124, 125, 1_000):
        play.send("alice", "bob", sid, blob("sizes", length))
    plays.good("messages around the sizes of steps", play)
    play, sid = talking("buckets", agent("alice", bucket=256), agent("bob", bucket=1_024))
    play.send("alice", "bob", sid, bytes(252)).send("alice", "bob", sid, bytes(253)).send("bob", "alice", sid)
    plays.good("buckets of 256 and of 1,024", play)
    play, sid = talking("renewed state")
    play.act("save", "alice")
    play.act("restore", "alice")
    play.send("alice", "bob", sid).send("bob", "alice", sid)
    play.act("save", "bob")
    play.act("restore", "bob")
    play.send("bob", "alice", sid).send("alice", "bob", sid)
    plays.good("state that is written and read between messages", play)


def _order(plays: Plays) -> None:
    """Duplicates, and what comes late."""
    play, sid = talking("order")
    wires = [play.seal("alice", sid, b"%d" % number) for number in range(4)]
    late = play.copy().receive("bob", wires[3]).receive("bob", wires[1])
    late.receive("bob", wires[0]).receive("bob", wires[2])
    whole = plays.good("messages of a chain arrive in another order", late)
    for number in (0, 3):
        what = f"message {number} comes a second time"
        plays.bad(whole, "session.duplicate", what, late.copy().receive("bob", wires[number]))
    again = play.copy().receive("bob", wires[3]).receive("bob", wires[1]).receive("bob", wires[1])
    plays.bad(whole, "session.duplicate", "one that came late comes a second time", again)
    play, sid = talking("turn")
    first, second = play.seal("alice", sid, b"first"), play.seal("alice", sid, b"second")
    play.send("bob", "alice", sid)
    third = play.seal("alice", sid, b"third")
    turned = play.copy().receive("bob", third).receive("bob", second).receive("bob", first)
    whole = plays.good("a new chain arrives before the end of the one before", turned)
    plays.bad(
        whole, "session.duplicate", "its first message comes again", turned.copy().receive("bob", third)
    )
    # Two messages stay behind, and their chain falls back; its third still arrives in order.
    play, sid = talking("behind")
    first, second = play.seal("alice", sid, b"first"), play.seal("alice", sid, b"second")
    for turn in range(5):
        play.send("bob", "alice", sid, b"%d" % turn).send("alice", "bob", sid, b"%d back" % turn)
    behind = play.copy().receive("bob", first)
    whole = plays.good("a message arrives four chains later", behind)
    play.send("bob", "alice", sid).send("alice", "bob", sid)
    code = "session.authentication"
    plays.bad(whole, code, "it arrives five chains later", play.copy().receive("bob", second))
    ended = play.copy().receive("bob", put(second, 56, u32(9)))
    plays.bad(whole, code, "its number is beyond the end of a chain that is gone", ended)


def _forged(plays: Plays) -> None:
    play, sid = talking("forged")
    play.send("alice", "bob", sid, b"before")
    frame = play.seal("alice", sid, b"genuine")
    arrival = Arrival(plays, "a message arrives", play, frame)
    arrival.bad_frames(
        (
            ("session.malformed", "the version is 2", put(frame, 0, b"\x02")),
            ("session.malformed", "the type is 5", put(frame, 1, b"\x05")),
            ("session.suite", "the suite is another", put(frame, 3, b"\x02")),
            ("session.suite", "the suite is not known", put(frame, 3, b"\x03")),
            ("session.unknown", "SID has a bit flipped", flip(frame, 4)),
            ("session.unknown", "SID has its last bit flipped", flip(frame, 19)),
            ("session.authentication", "PN is another", put(frame, 52, u32(2))),
            ("session.authentication", "N is the next", put(frame, 56, u32(2))),
            ("session.authentication", "N is the one before, which was opened", put(frame, 56, u32(0))),
            ("session.authentication", "N skips 1,000", put(frame, 56, u32(1 + 1_000))),
            ("session.skip_limit", "N skips 1,001", put(frame, 56, u32(1 + 1_001))),
            ("session.skip_limit", "N is the largest", put(frame, 56, b"\xff" * 4)),
            ("session.malformed", "it is cut by a byte", frame[:-1]),
            ("session.malformed", "it is cut by a step", frame[:-64]),
            ("session.malformed", "it is longer by a byte", frame + b"\x00"),
            ("session.authentication", "it is longer by a step", frame + bytes(64)),
            ("session.malformed", "there is nothing", b""),
        )
    )
    arrival.bad_frames(("session.authentication", what, change(frame)) for what, change in FORGERIES)
    for number, point in enumerate(LOW_ORDER, 1):
        what = f"the ratchet key is point {number} of 7 of small order"
        arrival.bad("session.key_invalid", what, put(frame, 20, point))
    play.receive("bob", frame).send("bob", "alice", sid)
    turning = play.seal("alice", sid, b"turn")
    arrival = Arrival(plays, "a message arrives that starts a chain", play, turning)
    arrival.bad_frames(
        (
            ("session.authentication", "PN is less by one", put(turning, 52, u32(1))),
            ("session.authentication", "PN is more by one", put(turning, 52, u32(3))),
            ("session.authentication", "PN skips 1,000", put(turning, 52, u32(2 + 1_000))),
            ("session.skip_limit", "PN skips 1,001", put(turning, 52, u32(2 + 1_001))),
            ("session.skip_limit", "N skips 1,001", put(turning, 56, u32(1_001))),
            ("session.authentication", "N skips 1,000", put(turning, 56, u32(1_000))),
            ("session.authentication", "the ratchet key is the one before", put(turning, 20, frame[20:52])),
            (
                "session.authentication",
                "it is of the chain before, beyond its end",
                put(turning, 20, frame[20:52])[:56] + u32(2) + turning[60:],
            ),
        )
    )
    arrival.bad_frames(("session.authentication", what, change(turning)) for what, change in FORGERIES)
    # Of another session, of the other direction, and of nobody.
    other, other_sid = talking("forged elsewhere")
    arrival.bad("session.unknown", "it is of another session", other.seal("alice", other_sid))
    arrival.bad("session.authentication", "it is the other's own message", play.copy().seal("bob", sid))


def _plaintexts(plays: Plays) -> None:
    """What only a sender with the key can make: section 7, step 6."""
    play, sid = talking("plaintexts")
    th = play.stage.players["alice"].agent.sessions.get(data_of(sid)).th
    frame = play.seal("alice", sid, b"genuine")
    mk = data_of(play.results[-1]["message_key"])
    arrival = Arrival(plays, "a plaintext has its form", play, frame)
    header = replace(session_frame.parse(frame), sealed=b"")
    for what, kind, plaintext in (
        ("its padding is not zero", limits.MESSAGE, session_frame.pad(b"x")[:-1] + b"\x01"),
        ("its length goes beyond it by one", limits.MESSAGE, u32(61) + bytes(60)),
        ("its length is 2^32 - 1", limits.MESSAGE, b"\xff" * 4 + bytes(60)),
        ("it is a close with data", limits.CLOSE, session_frame.pad(b"x")),
        ("it is a reset notice with data", limits.RESET, session_frame.pad(b"x")),
    ):
        made = session_frame.seal(replace(header, kind=kind), mk, th, plaintext).data
        arrival.bad("session.malformed", what, made)
    made = session_frame.seal(header, mk, th, session_frame.pad(b"genuine", 256)).data
    plays.good("a plaintext of a larger bucket than the sender's", play.copy().receive("bob", made))


def _forks(plays: Plays) -> None:
    """Section 7.1."""
    play, sid = talking("forks")
    play.send("alice", "bob", sid, b"before").act("save", "alice")
    first = play.seal("alice", sid, b"first")
    play.act("restore", "alice")
    second = play.seal("alice", sid, b"second")
    third = play.copy()
    third.act("restore", "alice")
    another = third.seal("alice", sid, b"another")
    arrived = play.copy().receive("bob", first)
    whole = plays.good("a sender is restored, and one of two messages of a key arrives", arrived)
    forked = arrived.copy().receive("bob", second)
    plays.bad(whole, "session.fork", "both arrive", forked)
    plays.bad(
        whole,
        "session.fork",
        "the other arrives first",
        play.copy().receive("bob", second).receive("bob", first),
    )
    plays.bad(
        whole,
        "session.fork",
        "it was altered after it had arrived",
        arrived.copy().receive("bob", flip(first, -1)),
    )
    altered = arrived.copy().receive("bob", flip(first, 72))
    plays.bad(whole, "session.authentication", "it was altered in com after it had arrived", altered)
    plays.bad(
        whole,
        "session.fork",
        "a third arrives within the hour",
        forked.copy().later(HOUR - 1).receive("bob", another),
    )
    plays.bad(
        whole,
        "session.fork",
        "a third arrives an hour later",
        forked.copy().later(HOUR).receive("bob", another),
    )
    goes_on = forked.copy().send("alice", "bob", sid).send("bob", "alice", sid)
    plays.bad(whole, "session.fork", "both arrive, and the session goes on", goes_on)
    # The sender's numbers go backwards.
    play, sid = talking("backwards")
    play.send("alice", "bob", sid, b"one")
    play.act("save", "alice")
    play.send("alice", "bob", sid, b"two").send("alice", "bob", sid, b"three")
    answer = play.seal("bob", sid)
    kept = play.copy().receive("alice", answer)
    whole = plays.good("a sender goes on after an answer", kept.send("alice", "bob", sid))
    play.act("restore", "alice")
    play.receive("alice", answer).send("alice", "bob", sid)
    plays.bad(whole, "session.fork", "it was restored before it counted two messages", play)
    # A restored sender that receives first starts a chain from old state.
    play, sid = talking("old state")
    play.send("alice", "bob", sid, b"one")
    play.act("save", "alice")
    answer = play.seal("bob", sid)
    play.receive("alice", answer).send("alice", "bob", sid, b"two")
    whole = plays.good("a sender starts a chain", play)
    play.act("restore", "alice")
    play.receive("alice", answer).send("alice", "bob", sid, b"two again")
    plays.bad(whole, "session.authentication", "it is restored and starts the chain again", play)
    # A restored receiver opens again what it has opened.
    play, sid = talking("receiver")
    play.act("save", "bob")
    frame = play.seal("alice", sid)
    play.receive("bob", frame)
    play.act("restore", "bob")
    plays.good("a receiver is restored, and opens again what it has opened", play.receive("bob", frame))


def _endings(plays: Plays) -> None:
    """Sections 8.2 to 8.4."""
    play, sid = talking("closed")
    before = play.seal("bob", sid, b"on its way")
    lost = play.seal("alice", sid, b"lost")
    play.receive("bob", play.seal("alice", sid, kind="close")).receive("alice", before)
    whole = plays.good("a close, and what was on its way", play)
    for name in ("alice", "bob"):
        for kind in ("seal", "close", "reset"):
            other = play.copy()
            other.seal(name, sid, kind=kind)
            plays.bad(whole, "session.closed", f"{name} does a {kind} after it", other)
    plays.good("what a close passed over comes a day later", play.copy().later(DAY - 1).receive("bob", lost))
    plays.bad(whole, "session.unknown", "it comes after a day", play.copy().later(DAY).receive("bob", lost))
    longer = play.copy().later(DAY - 1)
    longer.receive("bob", lost).later(DAY - 1)
    longer.act("export", "bob", sid=sid, label="inv", length=16)
    plays.good("what opens late makes the day longer", longer)
    longer = longer.copy().later(1)
    longer.act("export", "bob", sid=sid, label="inv", length=16)
    plays.bad(whole, "session.unknown", "even a day after the last that opened", longer)
    play, sid = talking("idle")
    play.later(30 * DAY - 1).act("export", "alice", sid=sid, label="inv", length=16)
    whole = plays.good("a session is idle for a millisecond less than 30 days", play)
    for name in ("alice", "bob"):
        idle = play.copy().later(1)
        idle.act("export", name, sid=sid, label="inv", length=16)
        plays.bad(whole, "session.unknown", f"{name} asks a millisecond later", idle)
    swept = play.copy()
    swept.act("sweep", "alice")
    swept.later(1).act("sweep", "alice")
    swept.act("sweep", "alice")
    plays.good("a sweep erases it", swept)
    play, sid = talking("twice a limit")
    play.later(2 * DAY - 1).send("alice", "bob", sid).send("bob", "alice", sid)
    whole = plays.good("a session of a millisecond less than 48 hours", play)
    for name in ("alice", "bob"):
        old = play.copy().later(1)
        old.seal(name, sid)
        plays.bad(whole, "session.renewal_required", f"{name} seals a millisecond later", old)
    play.later(1).receive("bob", play.seal("alice", sid, kind="close"))
    plays.good("a close is sealed at twice a limit", play)
    empty = "AAAAAAAAAAAAAAAAAAAAAA"
    play, sid = talking("no such session")
    sealed = play.copy().send("alice", "bob", sid)
    whole = plays.good("a session is there", sealed)
    for kind in ("seal", "close", "reset"):
        other = play.copy()
        other.seal("alice", empty, kind=kind)
        plays.bad(whole, "session.unknown", f"a {kind} is asked of another", other)


def _failures(plays: Plays) -> None:
    """Forged frames, how they are counted, and reset notices: sections 7, 8.4 and 8.5."""
    play, sid = talking("failures")
    # A sender that is restored has lost these; so they are there for later.
    wires = [play.seal("alice", sid, b"%d" % number) for number in range(20)]
    forged = [flip(wires[0], 104, bit) for bit in (1, 2, 4, 8)] * 15

    def failing(count: int) -> Play:
        failed = play.copy()
        for wire in forged[:count]:
            failed.receive("bob", wire)
        return failed

    code = "session.authentication"
    whole = plays.good("a frame skips 17", play.copy().receive("bob", wires[17]))
    plays.bad(whole, code, "59 have failed in this minute", failing(59).receive("bob", wires[17]), "done")
    throttled = failing(60).receive("bob", wires[17])
    plays.bad(whole, code, "60 have failed in this minute", throttled, "session.throttled")
    fewer = throttled.copy().receive("bob", wires[16])
    plays.bad(whole, code, "60 have failed in this minute, and one that skips 16 comes", fewer, "done")
    later = throttled.copy().later(MINUTE).receive("bob", wires[17])
    plays.bad(whole, code, "60 have failed in the minute before", later, "done")
    # Reset notices.
    early = failing(19)
    early.seal("bob", sid, kind="reset")
    plays.bad(whole, code, "19 have failed, and a reset notice is asked for", early, "session.limit")
    cleared = failing(19).receive("bob", wires[0]).receive("bob", forged[1])
    cleared.seal("bob", sid, kind="reset")
    # The frame that opened was the one that was forged: what comes of it now is a fork, and no failure.
    plays.bad(whole, code, "19 have failed since one that opened", cleared, "session.limit")
    reset = failing(20)
    notice = reset.seal("bob", sid, kind="reset")
    reset.receive("alice", notice)
    plays.bad(whole, code, "20 have failed, and a reset notice is sent", reset, "done")
    begins = reset.copy()
    new = begins.begin("alice", "bob", begins.bundle("bob"), cause="reset")
    begins.send("alice", "bob", new).send("bob", "alice", new)
    plays.bad(whole, code, "20 have failed, and a reset notice leads to a new session", begins, "done")
    again = begins.copy()
    again.begin("alice", "bob", again.bundle("bob"), cause="reset")
    plays.bad(whole, code, "it leads to a second one within the hour", again, "session.limit")
    hours = begins.copy().later(HOUR)
    hours.begin("alice", "bob", hours.bundle("bob"), cause="reset")
    plays.bad(whole, code, "it leads to a second one an hour later", hours, "done")
    noticed = begins.copy()
    for wire in [flip(noticed.seal("alice", new), 104)] * 20:
        noticed.receive("bob", wire)
    noticed.seal("bob", new, kind="reset")
    plays.bad(whole, code, "a second reset notice is asked for within the hour", noticed, "session.limit")
    # A session that has opened none.
    play, sid = begun("nothing opened")
    play.send("alice", "bob", sid)
    forgery = flip(play.seal("bob", sid), 104)
    for _ in range(20):
        play.receive("alice", forgery)
    play.seal("alice", sid, kind="reset")
    plays.bad(whole, code, "in another session 20 have failed and none was opened", play, "session.limit")


def _exporter(plays: Plays) -> None:
    """Section 9."""
    play, sid = talking("exporter")
    values = play.copy()
    for label, length in (("a", 16), ("a" * 64, 64), ("0-9_z", 33), ("inv", 32), ("inv", 64)):
        values.act("export", "alice", sid=sid, label=label, length=length)
        values.act("export", "bob", sid=sid, label=label, length=length)
    plays.good("values of the exporter", values)
    one = play.copy()
    one.act("export", "alice", sid=sid, label="inv", length=32)
    whole = plays.good("a value of the exporter", one)
    for code, what, label, length in (
        ("malformed.value", "the label has 65 characters", "a" * 65, 32),
        ("malformed.value", "the label has a capital letter", "Inv", 32),
        ("malformed.value", "the label has a space", "in v", 32),
        ("malformed.value", "the label is no ASCII", "\u00e9", 32),
        ("malformed.value", "it has 15 bytes", "inv", 15),
        ("malformed.value", "it has 65 bytes", "inv", 65),
        ("malformed.value", "it has none", "inv", 0),
    ):
        other = play.copy()
        other.act("export", "alice", sid=sid, label=label, length=length)
        plays.bad(whole, code, what, other)
    other = play.copy()
    other.act("export", "alice", sid="AAAAAAAAAAAAAAAAAAAAAA", label="inv", length=32)
    plays.bad(whole, "session.unknown", "the session is not there", other)


# --- Several sessions ------------------------------------------------------------------------------


def peers_suite() -> Suite:
    plays = Plays("session/peers.json", "Several sessions with one peer (docs/spec/session.md, section 8).")
    _simultaneous(plays)
    _renewals(plays)
    _fresh(plays)
    _healing(plays)
    _room(plays)
    return plays.suite


def _simultaneous(plays: Plays) -> None:
    """Section 8.1: both begin at once. The labels are such that either side has the lower SID."""
    lower = set()
    for number in range(4):
        play = Play(f"at once {number}")
        ours = play.begin("alice", "bob", play.bundle("bob"))
        theirs = play.begin("bob", "alice", play.bundle("alice"))
        first, second = play.seal("alice", ours, b"from alice"), play.seal("bob", theirs, b"from bob")
        winner, loser = sorted((ours, theirs), key=data_of)
        side = "alice" if winner == ours else "bob"
        if side in lower:
            continue
        lower.add(side)
        crossed = play.copy().receive("bob", first).receive("alice", second)
        whole = plays.good(f"both begin at once, and {side} has the lower SID", crossed)
        other = play.copy().receive("alice", second).receive("bob", first)
        plays.good(f"both begin at once, and {side} has the lower SID; the other order", other)
        on = crossed.copy().send("alice", "bob", winner).send("bob", "alice", winner)
        plays.good(f"both begin at once, and go on with the session of {side}", on)
        for name in ("alice", "bob"):
            refused = crossed.copy()
            refused.seal(name, loser)
            plays.bad(whole, "session.closed", f"{name} seals in the other", refused)
    assert len(lower) == 2


def _renewals(plays: Plays) -> None:
    """Section 8.3."""
    for label, offered, continuity in (
        ("suite 1", (1,), False),
        ("suite 2", (2,), False),
        ("suite 1, where policy requires it", (1,), True),
    ):
        bob = agent("bob", continuity=continuity)
        play, old = begun(f"renewal/{label}", offered, "x25519", agent("alice"), bob)
        play.send("alice", "bob", old).send("bob", "alice", old)
        new = play.later(DAY).begin("alice", "bob", play.bundle("bob", offered), play.one_time_key("bob"))
        play.send("alice", "bob", new).send("bob", "alice", new).send("alice", "bob", new)
        plays.good(f"a session is renewed, {label}", play)
    play, old = talking("renewal")
    way = play.seal("bob", old, b"on its way")
    new = play.begin("alice", "bob", play.bundle("bob"))
    wire = play.seal("alice", new)
    whole = plays.good("a renewal arrives", play.copy().receive("bob", wire))
    for code, what, data in (
        ("session.authentication", "it names no session any more", with_head(wire, renews=b"")),
        ("session.renewal_unknown", "it names another session", with_head(wire, renews=bytes(16))),
        ("session.renewal_unknown", "it names itself", with_head(wire, renews=data_of(new))),
    ):
        plays.bad(whole, code, what, play.copy().receive("bob", data).receive("bob", wire), "done")
    waiting = play.copy().receive("alice", way)
    plays.good("the old session opens, and the renewal stays current", waiting)
    renewed = play.copy().receive("bob", wire)
    refused = renewed.copy()
    refused.seal("bob", old)
    plays.bad(whole, "session.closed", "the responder seals in the old session", refused)
    still = renewed.copy().send("alice", "bob", old)
    plays.good("the initiator seals in the old session before it is answered", still)
    renewed.send("bob", "alice", new)
    refused = renewed.copy()
    refused.seal("alice", old)
    plays.bad(whole, "session.closed", "the initiator seals in the old session after the answer", refused)
    last = plays.good("the old session opens for a day", renewed.copy().later(DAY - 1).receive("alice", way))
    plays.bad(last, "session.unknown", "it does no longer", renewed.copy().later(DAY).receive("alice", way))
    # Each of them names the same session, and none is answered.
    play, _ = talking("sixty")
    bundle = play.bundle("bob")
    wires = []
    for number in range(61):
        wires.append(play.seal("alice", play.begin("alice", "bob", bundle)))
        play.receive("bob", wires[number])
    assert play.results[-1]["code"] == "session.limit"
    play.later(HOUR).receive("bob", wires[60])
    plays.bad(
        whole,
        "session.limit",
        "60 of this peer have arrived in its hour, so that it opens in the next",
        play,
        "done",
    )
    # Due.
    play, _ = talking("due")
    for name, peer in (("alice", "bob"), ("bob", "alice")):
        play.act("due", name, peer=did_of(peer))
    play.later(DAY - 1).act("due", "alice", peer=did_of("bob"))
    play.later(1)
    for name, peer in (("alice", "bob"), ("bob", "alice"), ("alice", "carol")):
        play.act("due", name, peer=did_of(peer))
    new = play.begin("alice", "bob", play.bundle("bob"))
    play.act("due", "alice", peer=did_of("bob"))
    play.later(HOUR - 1).act("due", "alice", peer=did_of("bob"))
    play.later(1).act("due", "alice", peer=did_of("bob"))
    plays.good("a renewal is due, and then waits for its answer", play)
    retried = play.copy()
    retried.begin("alice", "bob", retried.bundle("bob"), cause="unanswered")
    retried.act("due", "alice", peer=did_of("bob"))
    retried.later(HOUR - 1).act("due", "alice", peer=did_of("bob"))
    retried.later(1).act("due", "alice", peer=did_of("bob"))
    plays.good("a renewal is tried again after an hour", retried)


def _fresh(plays: Plays) -> None:
    """Section 3.5, step 9. The twin is Alice who has lost all of her state."""

    def stage(label: str, continuity: bool = False) -> Play:
        play, _ = talking(label, agent("alice"), agent("bob", continuity=continuity), agent("twin"))
        return play

    def again(play: Play) -> str:
        return play.begin("twin", "bob", play.bundle("bob"))

    play = stage("fresh")
    sid = again(play)
    play.send("twin", "bob", sid)
    whole = plays.good("an agent that lost its state begins afresh", play.send("bob", "twin", sid))
    strict = stage("fresh", continuity=True)
    plays.bad(
        whole,
        "session.renewal_required",
        "policy requires a renewal",
        strict.send("twin", "bob", again(strict)),
    )
    # Of one agent that is restored each time.
    play = stage("five times")
    play.act("save", "twin")
    wires = []
    for _ in range(5):
        sid = again(play)
        wires.append(play.seal("twin", sid))
        play.act("restore", "twin")
    four = play.copy()
    for wire in wires[:4]:
        four.receive("bob", wire)
    whole = plays.good("four begin afresh within an hour", four)
    five = four.copy().later(HOUR - 1).receive("bob", wires[4])
    plays.bad(whole, "session.limit", "a fifth comes a millisecond before the hour is over", five)
    plays.good("a fifth comes an hour after the first", four.copy().later(HOUR).receive("bob", wires[4]))


def _healing(plays: Plays) -> None:
    """Section 8.5."""
    play, old = talking("healing")
    for cause in ("fork", "reset"):
        for afresh in (False, True):
            healed = play.copy()
            new = healed.begin("alice", "bob", healed.bundle("bob"), cause=cause, afresh=afresh)
            healed.send("alice", "bob", new).send("bob", "alice", new)
            name = f"a {cause} leads to a handshake{' that names no session' if afresh else ''}"
            whole = plays.good(name, healed)
            twice = healed.copy().later(HOUR - 1)
            twice.begin("alice", "bob", twice.bundle("bob"), cause=cause, afresh=afresh)
            plays.bad(whole, "session.limit", "another begins within the hour", twice)
            twice = healed.copy().later(HOUR)
            twice.begin("alice", "bob", twice.bundle("bob"), cause=cause, afresh=afresh)
            plays.good(f"{name}; another begins an hour later", twice)
    for cause, what in (("failures", "fewer than 20 have failed"), ("unanswered", "no renewal waits")):
        other = play.copy()
        other.begin("alice", "bob", other.bundle("bob"), cause=cause)
        plays.bad(whole, "session.limit", what, other)
    failed = play.copy()
    for wire in [flip(failed.seal("bob", old), 104)] * 20:
        failed.receive("alice", wire)
    new = failed.begin("alice", "bob", failed.bundle("bob"), cause="failures", afresh=True)
    failed.send("alice", "bob", new)
    plays.bad(whole, "session.authentication", "20 have failed", failed, "done")
    # A peer that has lost its sessions is reached by a renewal that is given up.
    play, old = talking("lost", agent("alice"), agent("bob"), agent("bob2"))
    play.later(DAY).begins("alice", "bob", play.bundle("bob"))
    play.later(HOUR)
    new = play.begin("alice", "bob2", play.bundle("bob2"), cause="unanswered", afresh=True)
    play.send("alice", "bob2", new).send("bob2", "alice", new)
    whole = plays.good("a renewal waits an hour and is given up", play)
    renewing, _ = talking("lost", agent("alice"), agent("bob"), agent("bob2"))
    new = renewing.later(DAY).begin("alice", "bob2", renewing.bundle("bob2"))
    plays.bad(
        whole,
        "session.renewal_unknown",
        "it goes to the one who has lost it",
        renewing.send("alice", "bob2", new),
    )
    # Containers that fail in the name of one session.
    play, old = talking("throttled")
    new = play.begin("alice", "bob", play.bundle("bob"))
    wire = play.seal("alice", new)
    arrived = play.copy().receive("bob", wire)
    whole = plays.good("a renewal comes", arrived)
    forged = flip(wire, -1)
    failed = play.copy()
    for _ in range(60):
        failed.receive("bob", forged)
    failed.receive("bob", wire)
    assert failed.results[-1]["code"] == "session.throttled"
    failed.later(MINUTE).receive("bob", wire)
    what = "60 have failed in its minute, so that it opens in the next"
    plays.bad(whole, "session.authentication", what, failed, "done")


def _room(plays: Plays) -> None:
    """Section 8.1: at most four sessions with a peer."""
    play = Play("room", agent("alice"), agent("bob"), agent("twin"))
    play.act("save", "twin")
    sids, wires = [], []
    for _ in range(4):
        sids.append(play.begin("twin", "bob", play.bundle("bob")))
        wires.append(play.seal("twin", sids[-1], b"first"))
        play.send("twin", "bob", sids[-1], b"second")
        play.act("restore", "twin")
        play.later(HOUR)
    whole = plays.good("four sessions with one peer", play.copy().receive("bob", wires[0]))
    sid = play.begin("twin", "bob", play.bundle("bob"))
    play.send("twin", "bob", sid)
    plays.bad(
        whole,
        "session.init_replayed",
        "a fifth takes the room of the oldest",
        play.copy().receive("bob", wires[0]),
    )
    asked = play.copy()
    asked.act("export", "bob", sid=sids[0], label="inv", length=16)
    plays.bad(whole, "session.unknown", "a fifth takes the room of the oldest, which is asked for", asked)
    plays.good("a fifth takes the room of the oldest, and the second opens", play.receive("bob", wires[1]))
    # What was not answered goes before what was.
    play, first = talking("room for one's own")
    for _ in range(4):
        play.later(HOUR).begins("alice", "bob", play.bundle("bob"), cause="fork", afresh=True)
    play.act("export", "alice", sid=first, label="inv", length=16)
    plays.good("an answered session stays where four that wait begin", play)
