"""What is published for sessions, and what each side refuses of it (docs/spec/session.md, sections 2, 3)."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import session_constants as limits
import session_frame
import session_keys
from canonical import TALOS_DATA, Value, canonical, parse
from contract import object_of
from encoding import from_base64, to_base64, to_base64url
from session import Agent
from session_world import NOW, World, byte, refused, talking


def test_a_replayed_handshake_is_refused() -> None:
    for one_time, code in (("none", "session.init_replayed"), ("x25519", "session.prekey_unknown")):
        world = World([1], one_time)
        sid = world.begin(world.a)
        wire = world.seal(world.a).wire
        world.b.receive(wire, world.now)
        refused("session.duplicate", world.b.receive, wire, world.now)
        del world.b.sessions.by_sid[sid]
        refused(code, world.b.receive, wire, world.now)


def test_prekeys_are_erased_after_their_grace() -> None:
    world = World([1])
    world.begin(world.a)
    wire = world.seal(world.a).wire
    world.now += limits.BUNDLE_LIFE + limits.GRACE - 1
    assert world.b.receive(wire, world.now).data == b"hello"
    world.now += 1
    world.b._erase(world.now)
    assert (world.b.bundles, world.b.remembered) == ({}, {})
    refused("session.duplicate", world.b.receive, wire, world.now)
    refused("session.unanswered", world.seal, world.a)


def container(world: World, members: dict[str, Any]) -> bytes:
    """The next frame of A in a container whose head has other members."""
    head, frame = session_frame.parse_container(world.seal(world.a).wire)
    return replace(head, **members).data + session_frame.lp(frame.data)


def test_heads_that_do_not_fit() -> None:
    world = World([2, 1], "mlkem768")
    sid = world.begin(world.a)
    stranger = Agent(byte(2), byte(2))
    other_bundle = world.b.publish_bundle([1], ("spk-x", "pq-x"), NOW, world.dice)
    other = session_keys.verify(session_keys.PREKEY_BUNDLE, other_bundle, world.b.did, NOW).hash
    cases: list[tuple[str, dict[str, Any]]] = [
        ("session.recipient", {"did_b": stranger.did}),
        ("session.recipient", {"did_a": world.b.did}),
        ("session.peer", {"did_a": stranger.did}),
        ("session.peer", {"agree_a": byte(2)}),
        ("session.peer", {"statement": stranger.statement(NOW)}),
        ("session.expired", {"statement": world.a.statement(NOW - limits.STATEMENT_LIFE)}),
        ("session.expired", {"statement": world.a.statement(NOW + limits.SKEW + 1)}),
        ("session.prekey_unknown", {"bundle_hash": byte(0)}),
        ("session.prekey_unknown", {"spk_id": "spk-9"}),
        ("session.prekey_unknown", {"opk_id": "opk-9"}),
        ("session.prekey_unknown", {"pq_id": "pq-1"}),
        ("session.prekey_unknown", {"opk_id": ""}),
        ("session.suite", {"bundle_hash": other}),
        ("session.renewal_unknown", {"renews": bytes(16)}),
        ("session.key_invalid", {"ek": bytes(32)}),
        ("session.authentication", {"ek": byte(9)}),
        ("session.authentication", {"ct": bytes(1088)}),
        ("session.malformed", {"ct": bytes(1087)}),
        ("session.malformed", {"pq_id": ""}),
        ("session.malformed", {"spk_id": "SPK"}),
        ("session.malformed", {"spk_id": ""}),
        ("session.malformed", {"renews": bytes(15)}),
        ("session.malformed", {"statement": bytes(limits.MAX_STATEMENT + 1)}),
        ("session.malformed", {"suite": 1, "ct": b"", "pq_id": ""}),
        ("session.suite", {"suite": 3}),
        ("session.suite", {"suite": 3, "ct": bytes(1089)}),
        ("session.malformed", {"suite": 3, "spk_id": "SPK"}),
    ]
    for code, members in cases:
        data = container(world, members)
        refused(code, world.b.receive, data, world.now)
    # Frames that are none, or of another suite.
    data = container(world, {})
    at = len(data) - len(session_frame.parse_container(data)[1].data)
    for suite, where, value, code in (
        (2, 3, 1, "session.malformed"),
        (2, 3, 9, "session.malformed"),
        (3, 3, 3, "session.suite"),
        (3, 3, 9, "session.suite"),
        (3, 1, 9, "session.malformed"),
    ):
        wrong = bytearray(data)
        wrong[3], wrong[at + where] = suite, value
        refused(code, world.b.receive, bytes(wrong), world.now)
    world.b.suites = (1,)
    data = container(world, {})
    refused("session.suite", world.b.receive, data, world.now)
    world.b.suites = (2,)
    assert world.b.receive(data, world.now).sid == sid


def test_what_the_initiator_refuses() -> None:
    world = World([1])
    a, b, dice = world.a, world.b, world.dice

    def begin(bundle: bytes, did: str = b.did, one_time: bytes | None = None, now: int = NOW) -> None:
        a.begin(did, bundle, one_time, a.statement(NOW), now, dice)

    bundle = b.publish_bundle([7, 2], ("spk", "pq"), NOW, dice)
    refused("session.peer", begin, bundle, a.did)
    refused("session.peer", begin, a.publish_bundle([1], ("spk", "pq"), NOW, dice))
    refused("session.expired", begin, bundle, now=NOW + limits.BUNDLE_LIFE)
    refused("session.expired", begin, bundle, now=NOW - limits.SKEW - 1)
    foreign = a.publish_one_time("opk", False, NOW, dice)
    refused("session.peer", begin, bundle, one_time=foreign)
    refused("signature.payload_type", begin, bundle, one_time=bundle)
    for code, statement in (
        ("session.expired", a.statement(NOW - limits.STATEMENT_LIFE)),
        ("session.peer", b.statement(NOW)),
        ("session.peer", Agent(a.seed, byte(2)).statement(NOW)),
    ):
        refused(code, a.begin, b.did, bundle, None, statement, NOW, dice)
    a.suites = (1,)
    refused("session.suite", begin, bundle)
    a.suites = (2, 1)
    begin(bundle, now=NOW - limits.SKEW)
    assert a.current(b.did) is not None


def signed(world: World, kind: session_keys.Kind, members: dict[str, Value]) -> bytes:
    exp = members.pop("exp", NOW + 1)
    assert isinstance(exp, int)
    return session_keys.sign(world.b.seed, kind, members, NOW, exp)


def test_bodies_that_do_not_fit() -> None:
    world = World([1])
    key, kem = to_base64url(byte(3)), to_base64url(bytes(1184))
    spk: Value = {"id": "spk", "key": key}
    bundle: dict[str, Value] = {"agree": key, "suites": [1], "spk": spk}
    good: list[tuple[session_keys.Kind, dict[str, Value]]] = [
        (session_keys.STATIC_KEY, {"agree": key, "exp": NOW + limits.STATEMENT_LIFE}),
        (session_keys.PREKEY_BUNDLE, bundle | {"exp": NOW + limits.BUNDLE_LIFE}),
        (session_keys.PREKEY_BUNDLE, bundle | {"suites": [2, 9], "pq": {"id": "pq", "key": kem}}),
        (session_keys.ONE_TIME_KEY, {"id": "o", "x25519": key, "exp": NOW + limits.ONE_TIME_LIFE}),
        (session_keys.ONE_TIME_KEY, {"id": "o", "x25519": key, "mlkem768": kem}),
    ]
    for kind, members in good:
        session_keys.verify(kind, signed(world, kind, members), world.b.did, NOW)
    bad: list[tuple[str, session_keys.Kind, dict[str, Value]]] = [
        ("malformed.value", session_keys.STATIC_KEY, {"agree": key, "exp": NOW + limits.STATEMENT_LIFE + 1}),
        ("malformed.value", session_keys.STATIC_KEY, {"agree": key, "exp": NOW}),
        ("malformed.base64", session_keys.STATIC_KEY, {"agree": key[:-1]}),
        ("malformed.member_missing", session_keys.STATIC_KEY, {}),
        ("malformed.member_unknown", session_keys.STATIC_KEY, {"agree": key, "did": world.b.did}),
        ("malformed.value", session_keys.PREKEY_BUNDLE, bundle | {"exp": NOW + limits.BUNDLE_LIFE + 1}),
        ("malformed.value", session_keys.PREKEY_BUNDLE, bundle | {"suites": []}),
        ("malformed.value", session_keys.PREKEY_BUNDLE, bundle | {"suites": [1, 1]}),
        ("malformed.value", session_keys.PREKEY_BUNDLE, bundle | {"suites": [1, 2]}),
        ("malformed.value", session_keys.PREKEY_BUNDLE, bundle | {"suites": [0, 1]}),
        ("malformed.value", session_keys.PREKEY_BUNDLE, bundle | {"suites": [*range(1, 10)]}),
        ("malformed.value", session_keys.PREKEY_BUNDLE, bundle | {"pq": {"id": "pq", "key": kem}}),
        ("malformed.value", session_keys.PREKEY_BUNDLE, bundle | {"spk": {"id": "-", "key": key}}),
        (
            "malformed.base64",
            session_keys.PREKEY_BUNDLE,
            bundle | {"suites": [2], "pq": {"id": "pq", "key": key}},
        ),
        (
            "malformed.value",
            session_keys.ONE_TIME_KEY,
            {"id": "o", "x25519": key, "exp": NOW + limits.ONE_TIME_LIFE + 1},
        ),
        ("malformed.value", session_keys.ONE_TIME_KEY, {"id": "o" * 65, "x25519": key}),
    ]
    for code, kind, members in bad:
        data = signed(world, kind, members)
        refused(code, session_keys.verify, kind, data, world.b.did, NOW)


def test_an_object_is_the_one_that_was_signed() -> None:
    world = World([1])
    envelope = object_of(parse(world.b.publish_bundle([1], ("spk", "pq"), NOW, world.dice), TALOS_DATA))
    payload = from_base64(str(envelope["payload"]))
    assert payload is not None
    member, value = payload.replace(b'"spk":', b'"spj":'), payload.replace(b'"id":"spk"', b'"id":"spj"')
    cases: list[tuple[str, dict[str, Value]]] = [
        ("malformed.not_canonical", {"payload": to_base64(b" " + payload)}),
        ("malformed.member_unknown", {"payload": to_base64(member)}),
        ("signature.missing", {"signatures": []}),
        ("signature.invalid", {"payload": to_base64(value)}),
    ]
    for code, changed in cases:
        data = canonical(envelope | changed)
        refused(code, session_keys.verify, session_keys.PREKEY_BUNDLE, data, world.b.did, NOW)


def test_a_prekey_of_small_order_or_beyond_the_modulus_is_refused() -> None:
    world = World([1])
    key = to_base64url(byte(3))
    for suite, spk, pq in ((1, bytes(32), None), (2, byte(3), b"\xff" * 1184)):
        members: dict[str, Value] = {
            "agree": key,
            "suites": [suite],
            "spk": {"id": "spk", "key": to_base64url(spk)},
        }
        if pq is not None:
            members["pq"] = {"id": "pq", "key": to_base64url(pq)}
        bundle = signed(world, session_keys.PREKEY_BUNDLE, members)
        refused(
            "session.key_invalid",
            world.a.begin,
            world.b.did,
            bundle,
            None,
            world.a.statement(NOW),
            NOW,
            world.dice,
        )


def test_the_thief_of_a_sign_key_cannot_renew() -> None:
    world, sid = talking()
    thief = Agent(world.a.seed, byte(0x66))
    bundle = world.b.publish_bundle([1], ("spk-t", "pq-t"), NOW, world.dice)
    fresh = thief.begin(world.b.did, bundle, None, thief.statement(NOW), NOW, world.dice)
    forged = copy.deepcopy(thief)
    head = session_frame.parse_container(forged.seal(fresh, b"x", NOW, world.dice).wire)[0]
    forged.sessions.get(fresh).head = replace(head, renews=sid).data
    wire = forged.seal(fresh, b"x", NOW, world.dice).wire
    refused("session.authentication", world.b.receive, wire, NOW)
    # What he can do is begin anew, which is seen, and which a policy may refuse.
    wire = thief.seal(fresh, b"x", NOW, world.dice).wire
    world.b.require_continuity = True
    refused("session.renewal_required", world.b.receive, wire, NOW)
    world.b.require_continuity = False
    assert world.b.receive(wire, NOW).continuity == "fresh"


def test_a_session_is_renewed_by_its_own_peer() -> None:
    world, sid = talking()
    other = World([1], seed="other")
    other.a = Agent(byte(2), byte(2))
    other.b = world.b
    fresh = other.begin(other.a)
    session = other.session(other.a, fresh)
    head = session_frame.parse_container(other.seal(other.a).wire)[0]
    session.head = replace(head, renews=sid).data
    refused("session.renewal_unknown", other.send, other.a)


def test_the_first_frame_has_the_sid_of_the_handshake() -> None:
    world = World([1])
    sid = world.begin(world.a)
    world.a.sessions.by_sid[bytes(16)] = world.session(world.a, sid)
    wire = world.a.seal(bytes(16), b"hello", world.now, world.dice).wire
    refused("session.authentication", world.b.receive, wire, world.now)


def test_four_fresh_handshakes_an_hour() -> None:
    world, _ = talking()
    for _ in range(limits.MAX_FRESH):
        world.begin(world.a)
        assert world.send(world.a).continuity == "fresh"
    world.begin(world.a)
    wire = world.seal(world.a).wire
    refused("session.limit", world.b.receive, wire, world.now)
    world.now += limits.HOUR
    world.b.receive(wire, world.now)
    assert len(world.b.sessions.by_sid) == limits.MAX_SESSIONS


def test_a_bundle_without_one_time_keys_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_REMEMBERED", 1)
    world = World([1])
    sid = world.begin(world.a)
    world.send(world.a)
    (bundle,) = (one.data for one in world.b.bundles.values())
    world.a.begin(world.b.did, bundle, None, world.a.statement(NOW), NOW, world.dice, renews=sid)
    refused("session.limit", world.send, world.a)
