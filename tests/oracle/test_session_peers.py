"""Several sessions with one peer: crossing, renewal, ends, limits (docs/spec/session.md, section 8)."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import session_constants as limits
from session import Agent
from session_world import NOW, World, byte, kept, refused, talking

# --- Several sessions ----------------------------------------------------------------------------------


def crossed(world: World) -> tuple[bytes, bytes, bytes, bytes]:
    """Both begin at the same time: two SIDs and two containers."""
    ours, theirs = world.begin(world.a), world.begin(world.b)
    return ours, theirs, world.seal(world.a, b"a").wire, world.seal(world.b, b"b").wire


@pytest.mark.parametrize("seed", range(6))
def test_simultaneous_initiation_leaves_the_lower_sid(seed: int) -> None:
    world = World([1], seed=seed)
    ours, theirs, from_a, from_b = crossed(world)
    assert world.b.receive(from_a, world.now).data == b"a"
    assert world.a.receive(from_b, world.now).data == b"b"
    lower = min(ours, theirs)
    assert (world.a.current(world.b.did), world.b.current(world.a.did)) == (lower, lower)
    for _ in range(2):
        world.send(world.a)
        world.send(world.b)
    assert (world.a.current(world.b.did), world.b.current(world.a.did)) == (lower, lower)
    world.now += limits.RETIRED
    world.send(world.a, sid=lower)
    world.send(world.b, sid=lower)
    assert [*world.a.sessions.by_sid] == [*world.b.sessions.by_sid] == [lower]


@pytest.mark.parametrize("seed", range(6))
def test_a_container_that_comes_late_does_not_part_them(seed: int) -> None:
    world = World([1], seed=seed)
    _, _, from_a, from_b = crossed(world)
    world.a.receive(from_b, world.now)
    world.send(world.a)
    world.b.receive(from_a, world.now)
    # Only B sends, for days; A opens all of it.
    for _ in range(8):
        world.now += limits.DAY // 2
        world.send(world.b)
    world.send(world.a)


@pytest.mark.parametrize("seed", range(8))
def test_a_renewal_does_not_cross_with_what_it_renews(seed: int) -> None:
    world = World([1], seed=seed)
    old = world.begin(world.a)
    world.send(world.a)
    # B has it, and renews it before A has heard of B.
    new = world.begin(world.b, renews=old)
    assert world.send(world.b).continuity == "renewed"
    assert world.a.current(world.b.did) == new
    world.send(world.a)
    for agent in (world.a, world.b):
        refused("session.closed", world.seal, agent, sid=old)


@pytest.mark.parametrize("seed", range(8))
def test_a_close_that_crosses_leaves_what_it_crosses_with(seed: int) -> None:
    world = World([1], seed=seed)
    ours, theirs = world.begin(world.a), world.begin(world.b)
    close = world.b.close(theirs, world.now, world.dice)
    assert world.a.receive(close.wire, world.now).kind == limits.CLOSE
    assert world.send(world.a).sid == ours
    assert (world.a.current(world.b.did), world.b.current(world.a.did)) == (ours, ours)


def test_a_renewal_that_was_closed_keeps_no_session_from_becoming_current() -> None:
    world, old = talking()
    new = world.begin(world.a, renews=old)
    world.a.close(new, world.now, world.dice)
    assert world.a.current(world.b.did) is None
    world.send(world.b, sid=old)
    assert world.send(world.a).sid == old


def test_sending_follows_what_was_opened_last() -> None:
    world, first = talking()
    second = world.begin(world.a)
    wire = world.seal(world.a).wire
    assert (world.a.current(world.b.did), world.b.current(world.a.did)) == (second, first)
    world.b.receive(wire, world.now)
    assert world.b.current(world.a.did) == second
    world.send(world.a, sid=first)
    assert world.b.current(world.a.did) == first
    assert world.send(world.b).sid == first
    assert world.a.current(world.b.did) == first


def test_a_session_that_opened_nothing_for_longest_goes_first() -> None:
    world, first = talking()
    sids = [first]
    for _ in range(limits.MAX_SESSIONS - 1):
        world.now += 1
        sids.append(world.begin(world.a))
        world.send(world.a)
        world.send(world.b)
    world.now += 1
    world.send(world.b, sid=first)
    world.begin(world.a)
    assert sids[1] not in world.a.sessions.by_sid
    assert first in world.a.sessions.by_sid


def test_what_is_renewed_stays_however_many_renewals_are_not_answered() -> None:
    world, old = talking()
    for _ in range(2 * limits.MAX_SESSIONS):
        world.now += 1
        world.begin(world.a, renews=old)
    assert len(world.a.sessions.by_sid) == limits.MAX_SESSIONS
    world.a.close(old, world.now, world.dice)
    world.begin(world.a, renews=old)
    assert old in world.a.sessions.by_sid
    assert world.send(world.a).continuity == "renewed"


def test_a_retired_session_goes_first_and_then_one_that_waits() -> None:
    world, first = talking()
    sids = []
    for _ in range(limits.MAX_SESSIONS - 1):
        world.now += 1
        sids.append(world.begin(world.a))
    world.a.close(sids[1], world.now, world.dice)
    sids.append(world.begin(world.a))
    assert [sid in world.a.sessions.by_sid for sid in [first, *sids]] == [True, True, False, True, True]
    sids.append(world.begin(world.a))
    assert [sid in world.a.sessions.by_sid for sid in [first, *sids]] == [
        True,
        False,
        False,
        True,
        True,
        True,
    ]


# --- Renewal, end, limits ------------------------------------------------------------------------------


@pytest.mark.parametrize("one_time", ["none", "mlkem768"])
def test_renewal_mixes_the_old_session_and_retires_it(one_time: str) -> None:
    world, old = talking([2, 1], one_time)
    world.now += limits.RENEW_AFTER - 1
    assert not world.a.renewal_due(old, world.now)
    world.now += 1
    assert world.a.renewal_due(old, world.now)
    new = world.begin(world.a, renews=old)
    flying = world.seal(world.b, b"flying", sid=old)
    assert world.send(world.a).continuity == "renewed"
    refused("session.closed", world.seal, world.b, sid=old)
    # What was on its way does not move sending back to the old session, which waits for the answer.
    assert world.a.receive(flying.wire, world.now).data == b"flying"
    assert world.a.current(world.b.did) == new
    world.send(world.b)
    refused("session.closed", world.seal, world.a, sid=old)
    assert world.a.export(new, "inv", 16, world.now) != world.a.export(old, "inv", 16, world.now)
    world.now += limits.RETIRED
    refused("session.unknown", world.seal, world.a, sid=old)


@pytest.mark.parametrize("closed", [False, True])
def test_a_renewed_session_is_over_a_day_later_whoever_goes_on_sending(closed: bool) -> None:
    world, old = talking()
    # A thief has the state of A in the old session.
    thief = copy.deepcopy(world.a)
    if closed:
        world.a.receive(world.b.close(old, world.now, world.dice).wire, world.now)
        world.now += 1
    world.begin(world.a, renews=old)
    world.send(world.a)
    world.send(world.b)
    world.now += limits.RETIRED - 1
    wires = [thief.seal(old, b"still", world.now, world.dice).wire for _ in range(2)]
    assert world.b.receive(wires[0], world.now).data == b"still"
    world.now += 1
    refused("session.unknown", world.b.receive, wires[1], world.now)


def test_only_the_first_renewal_begins_the_last_day() -> None:
    world, old = talking()
    for _ in range(2):
        world.begin(world.a, renews=old)
        world.send(world.a)
        world.now += 1
    world.now += limits.RETIRED - 3
    assert world.b.export(old, "inv", 16, world.now)
    world.now += 1
    world.b._erase(world.now)
    refused("session.unknown", world.b.export, old, "inv", 16, world.now)


def test_a_renewal_without_the_old_session_is_refused() -> None:
    world, old = talking()
    del world.b.sessions.by_sid[old]
    world.begin(world.a, renews=old)
    refused("session.renewal_unknown", world.send, world.a)
    refused("session.renewal_unknown", world.begin, world.a, renews=bytes(16))


def test_nothing_is_sealed_at_twice_a_limit() -> None:
    for change in (
        {"created": NOW - 2 * limits.RENEW_AFTER},
        {"sealed": 2 * limits.RENEW_FRAMES - 1},
        {"size": 2 * limits.RENEW_BYTES},
    ):
        world, sid = talking()
        session = world.session(world.a, sid)
        for name, value in change.items():
            setattr(session, name, value)
        assert world.a.renewal_due(sid, world.now)
        refused("session.renewal_required", world.seal, world.a)
        # It can still be renewed, and closed.
        world.begin(world.a, renews=sid)
        world.a.close(sid, world.now, world.dice)


def test_close_ends_both_sides_and_tells_what_is_missing() -> None:
    world, sid = talking()
    lost = world.seal(world.a)
    flying = world.seal(world.b)
    closed = world.b.receive(world.a.close(sid, world.now, world.dice).wire, world.now)
    assert (closed.kind, closed.data, closed.missing) == (limits.CLOSE, b"", 1)
    for agent in (world.a, world.b):
        refused("session.closed", world.seal, agent, sid=sid)
    assert (world.a.current(world.b.did), world.b.current(world.a.did)) == (None, None)
    world.now += limits.RETIRED - 1
    world.b.receive(lost.wire, world.now)
    world.now += 1
    # A has opened nothing since; what B opened keeps its side for another day.
    refused("session.unknown", world.a.receive, flying.wire, world.now)
    refused("session.duplicate", world.b.receive, lost.wire, world.now)


def test_a_session_can_begin_with_its_close() -> None:
    world = World([1])
    sid = world.begin(world.a)
    opened = world.b.receive(world.a.close(sid, world.now, world.dice).wire, world.now)
    assert (opened.kind, opened.continuity, world.b.current(world.a.did)) == (limits.CLOSE, "first", None)


def test_a_reset_notice_needs_failures_in_a_session_that_worked() -> None:
    world, sid = talking()
    forged = replace(world.seal(world.a).frame, com=bytes(32)).data
    for _ in range(limits.UNREADABLE):
        refused("session.limit", world.b.reset, sid, world.now, world.dice)
        refused("session.authentication", world.b.receive, forged, world.now)
    copied = copy.deepcopy(world)
    world.send(world.a)
    refused("session.limit", world.b.reset, sid, world.now, world.dice)
    world = copied
    notice = world.b.reset(sid, world.now, world.dice)
    refused("session.closed", world.b.reset, sid, world.now, world.dice)
    assert world.a.receive(notice.wire, world.now).kind == limits.RESET
    refused("session.closed", world.seal, world.a, sid=sid)
    renewed = world.begin(world.a, renews=sid, heals=True)
    assert world.send(world.a).continuity == "renewed"
    # It counts as a handshake that heals, for who sends it.
    forged = replace(world.seal(world.a).frame, com=bytes(32)).data
    world.now += limits.HOUR - 1
    for _ in range(limits.UNREADABLE):
        refused("session.authentication", world.b.receive, forged, world.now)
    refused("session.limit", world.b.reset, renewed, world.now, world.dice)
    refused("session.limit", world.begin, world.b, renews=renewed, heals=True)
    world.now += 1
    world.b.reset(renewed, world.now, world.dice)


def test_a_session_that_never_worked_sends_no_reset_notice() -> None:
    world = World([1])
    sid = world.begin(world.a)
    frame = world.seal(world.a).frame
    for _ in range(limits.UNREADABLE):
        refused("session.authentication", world.a.receive, frame.data, world.now)
    refused("session.limit", world.a.reset, sid, world.now, world.dice)


# --- How many, and how often ---------------------------------------------------------------------------


def stranger(world: World, seed: int, suites: list[int] | None = None) -> tuple[Agent, bytes]:
    """One who has begun a session with B, and its first container."""
    agent = Agent(byte(seed), byte(seed + 100))
    bundle = world.b.publish_bundle(suites or [1], (f"spk-{seed}", f"pq-{seed}"), world.now, world.dice)
    statement = agent.statement(world.now)
    sid = agent.begin(world.b.did, bundle, None, statement, world.now, world.dice)
    return agent, agent.seal(sid, b"hello", world.now, world.dice).wire


def test_strangers_find_places_while_there_are_fewer_sessions_than_may_be() -> None:
    world, sid = talking()
    world.b.most_sessions = 2
    _, first = stranger(world, 20)
    _, second = stranger(world, 21)
    world.b.receive(first, world.now)
    before = kept(world.b)
    refused("session.limit", world.b.receive, second, world.now)
    assert kept(world.b) == before
    # Whom it knows may renew, and whom it calls is called.
    renewed = world.begin(world.a, renews=sid)
    assert world.send(world.a).continuity == "renewed"
    assert len(world.b.sessions.by_sid) == 3
    called = Agent(byte(22), byte(122))
    bundle = called.publish_bundle([1], ("spk", "pq"), world.now, world.dice)
    world.b.begin(called.did, bundle, None, world.b.statement(world.now), world.now, world.dice)
    # When some are over there is a place again: the renewed one, and then the stranger's.
    world.b.close(renewed, world.now, world.dice)
    world.now += limits.RETIRED
    assert len(world.b.sessions.by_sid) == 4
    refused("session.limit", world.b.receive, second, world.now)
    world.b.most_sessions = 3
    assert world.b.receive(second, world.now).continuity == "first"


def test_strangers_begin_so_many_sessions_an_hour() -> None:
    world, sid = talking()
    world.b.most_strangers = 3  # One of them was A.
    for seed in (20, 21):
        world.b.receive(stranger(world, seed)[1], world.now)
    _, late = stranger(world, 22)
    refused("session.limit", world.b.receive, late, world.now)
    world.begin(world.a, renews=sid)
    assert world.send(world.a).continuity == "renewed"
    hour = world.now - world.now % limits.HOUR + limits.HOUR
    refused("session.limit", world.b.receive, late, hour - 1)
    assert world.b.receive(late, hour).continuity == "first"


def test_a_stranger_that_fails_counts_nowhere() -> None:
    world, _ = talking()
    world.b.most_strangers = 2
    _, wire = stranger(world, 20)
    for _ in range(3):
        refused("session.authentication", world.b.receive, wire[:-1] + bytes([wire[-1] ^ 1]), world.now)
    assert world.b.receive(wire, world.now).continuity == "first"


def test_renewals_of_a_peer_in_an_hour() -> None:
    world, sid = talking()
    for _ in range(limits.MAX_RENEWALS):
        sid = world.begin(world.a, renews=sid)
        assert world.send(world.a).continuity == "renewed"
        world.send(world.b)
    world.begin(world.a, renews=sid)
    wire = world.seal(world.a).wire
    refused("session.limit", world.b.receive, wire, world.now)
    # What is there goes on.
    world.send(world.a, sid=sid)
    hour = world.now - world.now % limits.HOUR + limits.HOUR
    refused("session.limit", world.b.receive, wire, hour - 1)
    assert world.b.receive(wire, hour).continuity == "renewed"


def test_a_session_without_an_answer_stops() -> None:
    world = World([1])
    sid = world.begin(world.a)
    world.session(world.a, sid).sealed = limits.UNANSWERED_FRAMES
    refused("session.unanswered", world.seal, world.a)
    world.session(world.a, sid).sealed = 0
    world.now += limits.BUNDLE_LIFE + limits.GRACE - 1
    world.seal(world.a)
    world.now += 1
    refused("session.unanswered", world.seal, world.a)


@pytest.mark.parametrize("first", ["bundle", "one-time key", "statement"])
def test_a_session_without_an_answer_ends_with_the_first_of_what_it_needs(first: str) -> None:
    world = World([1])
    a, b = world.a, world.b
    bundle = b.publish_bundle([1], ("spk", "pq"), NOW, world.dice)
    # What ends first has lived for most of its time.
    lives = {"one-time key": limits.ONE_TIME_LIFE, "statement": limits.STATEMENT_LIFE}
    iat = {name: NOW - life + limits.DAY if name == first else NOW for name, life in lives.items()}
    one_time = b.publish_one_time("opk", False, iat["one-time key"], world.dice)
    statement = a.statement(iat["statement"])
    sid = a.begin(b.did, bundle, one_time, statement, NOW, world.dice)
    ends = {"bundle": limits.BUNDLE_LIFE + limits.GRACE, "one-time key": limits.DAY + limits.GRACE}
    world.now = NOW + ends.get(first, limits.DAY) - 1
    assert world.send(a, sid=sid).continuity == "first"
    world.now += 1
    refused("session.unanswered", world.seal, a, sid=sid)


def test_an_idle_session_is_erased() -> None:
    world, sid = talking()
    world.now += limits.IDLE - 1
    assert world.a.export(sid, "inv", 16, world.now)
    world.now += 1
    refused("session.unknown", world.a.export, sid, "INV", 16, world.now)
    refused("session.unknown", world.seal, world.a, sid=sid)


def test_labels_and_lengths_of_the_exporter() -> None:
    world, sid = talking()
    for label, length in (("", 16), ("INV", 16), ("i" * 65, 16), ("inv", 15), ("inv", 65)):
        refused("malformed.value", world.a.export, sid, label, length, world.now)
    refused("session.unknown", world.a.export, bytes(16), "inv", 16, world.now)
