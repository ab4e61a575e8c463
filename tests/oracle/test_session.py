"""Sessions: the worked example of docs/spec/session.md, and what can happen to a frame."""

from __future__ import annotations

import copy
import hashlib
import random
import re
from dataclasses import replace
from pathlib import Path

import chacha20poly1305
import mlkem768
import pytest
import session_constants as limits
import session_frame
import session_handshake
import session_state
import x25519
from entropy import Entropy
from hkdf import hmac
from refusal import Refusal
from session import Agent
from session_handshake import Prekey, Transcript
from session_ratchet import Ratchet
from session_world import NOW, World, byte, kept, refused, talking

HERE = Path(__file__).resolve().parent
PAGE = (HERE.parent.parent / "docs" / "spec" / "session.md").read_text(encoding="utf-8")


# --- The worked example --------------------------------------------------------------------------------

EXAMPLE = dict(re.findall(r"^\| ([^|]+?) \| `([^`|]+)` \|$", PAGE[PAGE.index("## 16.") :], re.MULTILINE))
STAND_IN = hashlib.sha256(b"bundle-stand-in").digest()
# What the design of the protocol computed, before there was any code.
FRAME = (
    "01020001d8d56c61f8ade0e433097315f7fbeaea50a61409b1ddd0325e9b16b700e719e9772c07000b1bd7786e907c653d20495d"
    "0000000000000000aaaaaaaaaaaaaaaaaaaaaaaa8cfd852e401d3131d894e52c53749028776d330c33641f7a79aad62b6a2ab1a6"
    "6c9d2952c24bf86fae1183bc1cdfdf262c95f49bd8"
)


def example(suite: int = 1, pq: Prekey | None = None, ct: bytes = b"") -> Transcript:
    public = x25519.public_key_of
    return Transcript(
        suite,
        Agent(byte(1), byte(3)).did,
        Agent(byte(9), byte(6)).did,
        public(byte(3)),
        public(byte(6)),
        public(byte(4)),
        Prekey("spk-1", public(byte(7))),
        Prekey("opk-1", public(byte(8))),
        pq or Prekey(),
        ct,
        STAND_IN,
    )


def example_secrets() -> list[bytes]:
    pairs = ((3, 7), (4, 6), (4, 7), (4, 8))
    return [x25519.x25519(byte(ours), x25519.public_key_of(byte(theirs))) for ours, theirs in pairs]


def test_the_example_of_suite_1() -> None:
    made = example()
    th = made.hash
    keys = session_handshake.keys(th, example_secrets(), None)
    assert (made.did_a, made.did_b) == (EXAMPLE["did_A"], EXAMPLE["did_B"])
    assert th.hex() == EXAMPLE["th"] == "eaa972be2b6e5713a6205fedbf3e6909dc873ac1771ebc000955f1a1d6a90e5a"
    assert (
        keys.sk.hex() == EXAMPLE["SK"] == "e7c5c10288ef328c175edf8ca9c3fcbecf7a4d59db44f12a742d2ab5c42221bf"
    )
    assert keys.sid.hex() == EXAMPLE["SID"] == "d8d56c61f8ade0e433097315f7fbeaea"
    assert keys.exp.hex() == EXAMPLE["EXP"]
    a, b = Ratchet(keys.sk), Ratchet(keys.sk, byte(7))
    a.start_sending(x25519.public_key_of(byte(7)), Entropy([byte(5)]))
    assert a.sending is not None
    assert (a.root.hex(), a.sending.hex()) == (EXAMPLE["RK of A"], EXAMPLE["CK of A"])
    nonce = b"\xaa" * 12
    bare, mk = copy.deepcopy(a).seal(2, 1, keys.sid, th, b"hello", Entropy([nonce]))
    assert mk.hex() == EXAMPLE["mk"]
    assert bare.data.hex() == EXAMPLE["frame, the plaintext being `hello` alone"] == FRAME
    frame, _ = a.seal(2, 1, keys.sid, th, session_frame.pad(b"hello"), Entropy([nonce]))
    assert frame.data.hex() == EXAMPLE["frame of the message `hello`"]
    assert frame.hash.hex() == EXAMPLE["its frame_hash"]
    b, data, same = b.open(session_frame.parse(frame.data), th)
    assert (data, same) == (b"hello", mk)
    answer, _ = b.seal(2, 1, keys.sid, th, session_frame.pad(b"hi"), Entropy([byte(13), b"\xbb" * 12]))
    assert answer.data.hex() == EXAMPLE["frame of the answer `hi`"]
    assert b.root.hex() == EXAMPLE["RK of B after it"]
    assert a.open(answer, th)[1] == b"hi"


def test_the_example_of_suite_2_and_of_its_renewal() -> None:
    ek, dk = mlkem768.key_pair(byte(10), byte(11))
    ss, ct = mlkem768.encapsulate(ek, byte(12))
    assert hashlib.sha256(ek).hexdigest() == EXAMPLE["H(PQ_B)"]
    assert hashlib.sha256(ct).hexdigest() == EXAMPLE["H(ct)"]
    assert ss.hex() == EXAMPLE["ss"]
    assert mlkem768.decapsulate(dk, ct) == ss
    th = example(2, Prekey("pq-1", ek), ct).hash
    assert th.hex() == EXAMPLE["th of suite 2"]
    keys = session_handshake.keys(th, [*example_secrets(), ss], None)
    assert (keys.sk.hex(), keys.sid.hex()) == (EXAMPLE["SK of suite 2"], EXAMPLE["SID of suite 2"])
    renewed = session_handshake.keys(th, [*example_secrets(), ss], bytes.fromhex(EXAMPLE["EXP"]))
    assert (renewed.sk.hex(), renewed.sid.hex()) == (
        EXAMPLE["SK of the renewal"],
        EXAMPLE["SID of the renewal"],
    )


def test_the_example_of_exporter_and_state() -> None:
    world, sid = talking()
    world.session(world.a, sid).exp = bytes.fromhex(EXAMPLE["EXP"])
    assert world.a.export(sid, "inv", 16, world.now).hex() == EXAMPLE['exporter("inv", 16)']
    of = bytes.fromhex(EXAMPLE["SID"])
    blob = session_state.seal(byte(14), of, 1, b"state", b"\xcc" * 12)
    assert blob.hex() == EXAMPLE["blob of the content `state`"]
    name = session_state.record_name(limits.ONE_TIME_RECORD, b"opk-1")
    assert name.hex() == EXAMPLE["name of the record of the one-time key `opk-1`"]
    assert session_state.open_sealed(byte(14), of, 1, blob) == b"state"
    refused("store.corrupt", session_state.open_sealed, byte(14), of, 2, blob)
    refused("store.corrupt", session_state.open_sealed, byte(14), bytes(16), 1, blob)
    refused("store.version", session_state.open_sealed, byte(14), of, 1, b"\x02" + blob[1:])


def test_every_code_is_on_the_page_and_in_the_oracle() -> None:
    listed = set(re.findall(r"^\| `(session\.[a-z_]+)` \|", PAGE, re.MULTILINE))
    code = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("session*.py"))
    assert listed == set(re.findall(r'"(session\.[a-z_]+)"', code))


# --- Talking -------------------------------------------------------------------------------------------

FORMS = [([1], "none"), ([1], "x25519"), ([2], "none"), ([2, 1], "x25519"), ([2, 1], "mlkem768")]


@pytest.mark.parametrize(("suites", "one_time"), FORMS)
def test_both_sides_agree(suites: list[int], one_time: str) -> None:
    world = World(suites, one_time)
    sid = world.begin(world.a)
    first = world.send(world.a, b"one")
    assert (first.sid, first.peer, first.continuity) == (sid, world.a.did, "first")
    assert first.one_time == (one_time != "none")
    assert not world.b.one_time
    assert bool(world.b.remembered) == (one_time == "none")
    for turn in range(6):
        world.send(world.b if turn % 3 else world.a, b"%d" % turn)
    ours, theirs = world.session(world.a, sid), world.session(world.b, sid)
    assert (ours.suite, ours.th, ours.exp) == (theirs.suite, theirs.th, theirs.exp)
    assert ours.suite == suites[0]
    assert world.a.export(sid, "inv", 32, world.now) == world.b.export(sid, "inv", 32, world.now)


def test_containers_go_out_until_the_first_answer() -> None:
    world = World([2])
    world.begin(world.a)
    wires = [world.seal(world.a).wire for _ in range(3)]
    assert all(session_frame.is_container(wire) for wire in wires)
    assert [world.b.receive(wire, world.now).continuity for wire in wires] == ["first", None, None]
    world.send(world.b)
    assert not session_frame.is_container(world.seal(world.a).wire)


@pytest.mark.parametrize("first", [0, 1, 2])
def test_any_container_can_be_the_first(first: int) -> None:
    world = World([1], "x25519")
    world.begin(world.a)
    wires = [world.seal(world.a, b"%d" % n).wire for n in range(3)]
    order = [first, *(n for n in range(3) if n != first)]
    assert [world.b.receive(wires[n], world.now).data for n in order] == [b"%d" % n for n in order]


def test_randomness_is_drawn_in_the_stated_order() -> None:
    a, b = Agent(byte(1), byte(3)), Agent(byte(9), byte(6))
    bundle = b.publish_bundle([2], ("spk", "pq"), NOW, Entropy([byte(7), byte(10), byte(11)]))
    one_time = b.publish_one_time("opk", False, NOW, Entropy([byte(8)]))
    sid = a.begin(b.did, bundle, one_time, a.statement(NOW), NOW, Entropy([byte(4), byte(12), byte(5)]))
    first = a.seal(sid, b"x", NOW, Entropy([b"\xaa" * 12]))
    assert first.frame.dh == x25519.public_key_of(byte(5))
    b.receive(first.wire, NOW)
    answer = b.seal(sid, b"y", NOW, Entropy([byte(13), b"\xbb" * 12]))
    assert answer.frame.dh == x25519.public_key_of(byte(13))
    a.receive(answer.wire, NOW)


def test_data_of_every_length_around_a_bucket() -> None:
    world, _ = talking()
    for length in (0, 1, 59, 60, 61, 124, 125, 1000):
        frame = world.send(world.a, b"d" * length)
        assert frame.data == b"d" * length
        assert len(world.seal(world.a, b"d" * length).frame.data) == 120 + 64 * -(-(length + 4) // 64)
    world.a.bucket = 1024
    assert len(world.seal(world.a).frame.data) == 120 + 1024
    refused("malformed.size", world.seal, world.a, bytes(limits.MAX_DATA + 1))


# --- Out of order, lost, repeated ----------------------------------------------------------------------


def test_frames_open_in_any_order_over_several_chains() -> None:
    world, sid = talking()
    wires = []
    for turn in range(4):
        wires += [(world.seal(world.a, b"%d %d" % (turn, n)).wire, b"%d %d" % (turn, n)) for n in range(4)]
        # Opened at once, so that the next turn has a chain of its own.
        wire, data = wires.pop()
        assert world.b.receive(wire, world.now).data == data
        world.send(world.b)
    random.Random(5).shuffle(wires)
    for wire, data in wires:
        assert world.b.receive(wire, world.now).data == data
    assert world.session(world.b, sid).ratchet.skipped == {}


def test_a_frame_opens_once() -> None:
    world, _ = talking()
    wires = [world.seal(world.a).wire for _ in range(3)]
    for wire in (wires[2], wires[0]):
        world.b.receive(wire, world.now)
    before = kept(world.b)
    for wire in (wires[2], wires[0]):
        refused("session.duplicate", world.b.receive, wire, world.now)
    assert kept(world.b) == before
    world.b.receive(wires[1], world.now)


def test_at_most_a_thousand_keys_are_skipped_in_a_chain() -> None:
    world, _ = talking()
    wires = [world.seal(world.a).wire for _ in range(limits.MAX_SKIP + 2)]
    before = kept(world.b)
    refused("session.skip_limit", world.b.receive, wires[-1], world.now)
    assert kept(world.b) == before
    assert world.b.receive(wires[-2], world.now).missing == limits.MAX_SKIP
    world.b.receive(wires[-1], world.now)


def test_a_new_chain_skips_the_rest_of_the_one_before() -> None:
    world, sid = talking()
    lost = [world.seal(world.a).wire for _ in range(limits.MAX_SKIP)]
    world.send(world.b)
    late = [world.seal(world.a).wire for _ in range(limits.MAX_SKIP + 1)]
    # 1,000 in each of the two chains.
    assert world.b.receive(late[-1], world.now).missing == limits.MAX_SKIPPED
    one_more = world.seal(world.a)
    last = world.seal(world.a)
    world.b.receive(last.wire, world.now)
    assert len(world.session(world.b, sid).ratchet.skipped) == limits.MAX_SKIPPED
    refused("session.key_gone", world.b.receive, lost[0], world.now)
    for wire in (lost[1], late[0], one_more.wire):
        world.b.receive(wire, world.now)


def test_too_many_lost_in_the_chain_before() -> None:
    world, _ = talking()
    for _ in range(limits.MAX_SKIP + 1):
        world.seal(world.a)
    world.send(world.b)
    refused("session.skip_limit", world.send, world.a)


def test_five_chains_are_kept() -> None:
    world, sid = talking()
    missed = []
    for _ in range(limits.MAX_CHAINS):
        missed.append(world.seal(world.a).wire)
        world.send(world.a)
        world.send(world.b)
    assert len(world.session(world.b, sid).ratchet.chains) == limits.MAX_CHAINS
    before = world.seal(world.a)
    world.b.receive(before.wire, world.now)
    # Its chain is the sixth now: what was kept of it is gone, and it looks like a key that nobody knows.
    refused("session.authentication", world.b.receive, missed[0], world.now)
    for wire in missed[1:]:
        world.b.receive(wire, world.now)


def test_a_thousand_opened_frames_are_remembered() -> None:
    world, _ = talking()
    wires = [world.seal(world.a).wire for _ in range(limits.MAX_OPENED + 1)]
    for wire in wires:
        world.b.receive(wire, world.now)
    refused("session.key_gone", world.b.receive, wires[0], world.now)
    refused("session.duplicate", world.b.receive, wires[1], world.now)


# --- Forged --------------------------------------------------------------------------------------------


def test_every_bit_of_a_frame_is_authentic() -> None:
    world, _ = talking()
    wire = world.seal(world.a).wire
    before = kept(world.b)
    for bit in range(8 * len(wire)):
        world.now += limits.MINUTE // 50
        wrong = bytearray(wire)
        wrong[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Refusal) as caught:
            world.b.receive(bytes(wrong), world.now)
        assert caught.value.code in (
            "session.authentication",
            "session.malformed",
            "session.suite",
            "session.unknown",
            "session.skip_limit",
            "session.key_gone",
        )
    assert kept(world.b) == before
    world.b.receive(wire, world.now)


def test_no_part_of_a_frame_is_a_frame() -> None:
    world, _ = talking()
    wire = world.seal(world.a, b"d" * 100).wire
    before = kept(world.b)
    for length in range(len(wire)):
        whole = length == len(wire) - 64
        code = "session.authentication" if whole else "session.malformed"
        refused(code, world.b.receive, wire[:length], world.now)
    refused("session.malformed", world.b.receive, wire + b"\x00", world.now)
    refused("session.authentication", world.b.receive, wire + bytes(64), world.now)
    assert kept(world.b) == before


@pytest.mark.parametrize(("suites", "one_time"), [([1], "x25519"), ([2], "none"), ([2], "mlkem768")])
def test_every_part_of_a_container_is_authentic(suites: list[int], one_time: str) -> None:
    world = World(suites, one_time)
    world.begin(world.a)
    wire = world.seal(world.a).wire
    before = kept(world.b)
    for at in range(0, len(wire), 13):
        world.now += limits.MINUTE
        wrong = bytearray(wire)
        wrong[at] ^= 1 << at % 8
        with pytest.raises(Refusal):
            world.b.receive(bytes(wrong), world.now)
    assert kept(world.b) == before
    assert world.b.receive(wire, world.now).data == b"hello"


def test_no_part_of_a_container_is_a_container() -> None:
    world = World([1])
    world.begin(world.a)
    wire = world.seal(world.a).wire
    for length in range(len(wire)):
        refused("session.malformed", world.b.receive, wire[:length], world.now)
    refused("session.malformed", world.b.receive, wire + b"\x00", world.now)


def test_a_container_of_a_session_that_lives_has_the_same_head() -> None:
    world = World([1])
    sid = world.begin(world.a)
    world.send(world.a)
    session = world.session(world.a, sid)
    again = world.a.statement(world.now + 1)
    session.head = session.head.replace(world.a.statement(world.now), again)
    wire = world.seal(world.a).wire
    for _ in range(limits.MAX_FAILURES):
        refused("session.authentication", world.b.receive, wire, world.now)
    # The frame was not looked at.
    assert world.session(world.b, sid).unreadable == 0


def test_frames_do_not_come_back_to_their_sender() -> None:
    world, _ = talking()
    wire = world.seal(world.a).wire
    refused("session.authentication", world.a.receive, wire, world.now)


def test_a_ratchet_key_of_small_order_is_refused() -> None:
    world, _ = talking()
    frame = world.seal(world.a).frame
    forged = replace(frame, dh=bytes(32), n=0, pn=1)
    refused("session.key_invalid", world.b.receive, forged.data, world.now)


def test_a_chain_that_has_ended_has_no_more_frames() -> None:
    world, _ = talking()
    old = world.seal(world.a).frame
    world.b.receive(old.data, world.now)
    world.send(world.b)
    world.send(world.a)
    refused("session.authentication", world.b.receive, replace(old, n=old.n + 1).data, world.now)


def test_a_first_frame_has_no_chain_before_it() -> None:
    world = World([1])
    sid = world.begin(world.a)
    world.session(world.a, sid).ratchet.pn = 1
    refused("session.malformed", world.send, world.a)


@pytest.mark.parametrize(
    ("kind", "plaintext"),
    [
        (limits.MESSAGE, b"\x00\x00\x00\x3d" + bytes(60)),
        (limits.MESSAGE, b"\x00\x00\x00\x3b" + bytes(59) + b"\x01"),
        (limits.CLOSE, b"\x00\x00\x00\x01" + bytes(60)),
    ],
)
def test_a_plaintext_of_another_form_is_refused_and_changes_nothing(kind: int, plaintext: bytes) -> None:
    world, sid = talking()
    session = world.session(world.a, sid)
    frame, _ = session.ratchet.seal(kind, 1, sid, session.th, plaintext, world.dice)
    before = kept(world.b)
    refused("session.malformed", world.b.receive, frame.data, world.now)
    assert kept(world.b) == before


def test_a_sender_cannot_leave_the_commitment_open() -> None:
    world, sid = talking()
    session = world.session(world.a, sid)
    frame, mk = session.ratchet.seal(limits.MESSAGE, 1, sid, session.th, bytes(64), world.dice)
    frame = replace(frame, com=byte(0xCC))
    aad = limits.AAD + session.th + frame.head
    sealed = chacha20poly1305.seal(hmac(mk, limits.KEY), frame.nonce, bytes(64), aad)
    refused("session.authentication", world.b.receive, replace(frame, sealed=sealed).data, world.now)


def test_frames_of_other_forms() -> None:
    world, _ = talking()
    data = world.seal(world.a).frame.data
    for at, value, code in (
        (0, 2, "session.malformed"),
        (1, 5, "session.malformed"),
        (1, 0x82, "session.malformed"),
        (3, 3, "session.suite"),
        (3, 2, "session.suite"),
    ):
        wrong = bytearray(data)
        wrong[at] = value
        refused(code, world.b.receive, wrong, world.now)
    refused("session.unknown", world.b.receive, data[:4] + bytes(16) + data[20:], world.now)


def test_failures_are_throttled_and_order_is_not() -> None:
    world, _ = talking()
    first = [world.seal(world.a) for _ in range(limits.FREE_SKIP + 2)]
    forged = replace(first[0].frame, com=bytes(32)).data
    for _ in range(limits.MAX_FAILURES):
        refused("session.authentication", world.b.receive, forged, world.now)
    refused("session.throttled", world.b.receive, first[-1].wire, world.now)
    # A stranger's chain costs little, unless it skips.
    stranger = replace(first[0].frame, dh=byte(1), n=0)
    refused("session.authentication", world.b.receive, stranger.data, world.now)
    refused("session.throttled", world.b.receive, replace(stranger, n=limits.FREE_SKIP + 1).data, world.now)
    world.b.receive(first[0].wire, world.now)
    world.b.receive(first[-2].wire, world.now)
    # One of this chain is missing: with the next that makes sixteen, and then seventeen.
    world.send(world.b)
    second = [world.seal(world.a) for _ in range(limits.FREE_SKIP + 1)]
    refused("session.throttled", world.b.receive, second[-1].wire, world.now)
    copied = copy.deepcopy(world.b)
    world.b.receive(second[-2].wire, world.now)
    copied.receive(second[-1].wire, world.now + limits.MINUTE)


def broken(wire: bytes) -> bytes:
    return wire[:-1] + bytes([wire[-1] ^ 1])


def test_failing_containers_are_throttled_by_the_session_that_they_name() -> None:
    world, sid = talking()
    world.begin(world.a, renews=sid)
    wire = world.seal(world.a).wire
    for _ in range(limits.MAX_FAILURES):
        refused("session.authentication", world.b.receive, broken(wire), world.now)
    refused("session.throttled", world.b.receive, wire, world.now)
    # Others begin as ever.
    other = World([1], seed="other")
    other.a, other.b = Agent(byte(2), byte(2)), world.b
    other.begin(other.a)
    assert other.send(other.a).continuity == "first"
    world.now += limits.MINUTE
    world.b.receive(wire, world.now)


def test_junk_stops_no_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_FAILED_CONTAINERS", 3)
    world = World([1])
    world.begin(world.a)
    wire = world.seal(world.a).wire
    stranger = Agent(byte(9), byte(6))
    elsewhere = stranger.publish_bundle([1], ("spk", "pq"), NOW, world.dice)
    junk = world.a.begin(world.b.did, elsewhere, None, world.a.statement(NOW), NOW, world.dice)
    for _ in range(2 * limits.MAX_FAILED_CONTAINERS):
        refused("session.prekey_unknown", world.send, world.a, sid=junk)
    for _ in range(limits.MAX_FAILED_CONTAINERS):
        refused("session.authentication", world.b.receive, broken(wire), world.now)
    refused("session.throttled", world.b.receive, wire, world.now)
    world.now += limits.MINUTE
    world.b.receive(wire, world.now)


# --- Restored copies -----------------------------------------------------------------------------------


def test_a_restored_sender_is_seen_and_uses_no_nonce_twice() -> None:
    world, _ = talking()
    copied = copy.deepcopy(world.a)
    first = world.seal(world.a, b"one")
    world.b.receive(first.wire, world.now)
    world.a = copied
    second = world.seal(world.a, b"two")
    assert (first.mk, first.frame.com) == (second.mk, second.frame.com)
    assert first.frame.nonce != second.frame.nonce
    before = kept(world.b)
    refused("session.fork", world.b.receive, second.wire, world.now)
    assert kept(world.b) == before


def test_a_fork_needs_the_commitment() -> None:
    world, _ = talking()
    sealed = world.seal(world.a)
    world.b.receive(sealed.wire, world.now)
    copied = replace(sealed.frame, nonce=bytes(12)).data
    refused("session.fork", world.b.receive, copied, world.now)
    guessed = replace(sealed.frame, com=bytes(32)).data
    refused("session.authentication", world.b.receive, guessed, world.now)
    # It is said once an hour.
    world.now += limits.HOUR - 1
    refused("session.authentication", world.b.receive, copied, world.now)
    world.now += 1
    refused("session.fork", world.b.receive, copied, world.now)


def test_a_restored_sender_that_starts_a_chain_says_so_itself() -> None:
    world, _ = talking()
    copied = copy.deepcopy(world.a)
    world.send(world.a)
    answer = world.seal(world.b)
    world.a = copied
    world.a.receive(answer.wire, world.now)
    before = kept(world.b)
    # It is authentic, and said each time.
    wire = world.seal(world.a).wire
    for _ in range(2):
        refused("session.fork", world.b.receive, wire, world.now)
    assert kept(world.b) == before


def test_a_restored_sender_with_another_ratchet_key_is_a_stranger() -> None:
    world, _ = talking()
    copied = copy.deepcopy(world.a)
    answer = world.seal(world.b)
    for agent in (world.a, copied):
        agent.receive(answer.wire, world.now)
    world.send(world.a)
    world.send(world.b)
    world.a = copied
    refused("session.authentication", world.send, world.a)


def test_a_fork_is_healed_by_renewal() -> None:
    world, sid = talking()
    world.a.receive(world.seal(world.b).wire, world.now)
    renewed = world.begin(world.b, renews=sid, heals=True)
    assert world.send(world.b).continuity == "renewed"
    world.send(world.a, sid=renewed)
    refused("session.limit", world.begin, world.b, renews=renewed, heals=True)
    world.now += limits.HOUR
    world.begin(world.b, renews=renewed, heals=True)
    # A clock that was wrong does not forbid it for longer.
    world.b.sessions.peer(world.a.did).healed = world.now + limits.DAY
    world.begin(world.b, renews=renewed, heals=True)
    refused("session.limit", world.begin, world.b, renews=renewed, heals=True)


# --- Opening a message to an auditor -------------------------------------------------------------------


def test_one_message_is_opened_and_no_other() -> None:
    world, sid = talking()
    sealed, other = world.seal(world.a, b"the contract"), world.seal(world.a, b"the price")
    opened = world.b.receive(sealed.wire, world.now)
    assert (opened.mk, opened.frame_hash) == (sealed.mk, sealed.frame.hash)
    th = world.session(world.b, sid).th
    frame, mk = sealed.frame.data, opened.mk
    assert session_frame.verify_opening(frame, opened.frame_hash, th, mk) == b"the contract"
    code = "session.opening_mismatch"
    for data, frame_hash, context, key in (
        (frame, other.frame.hash, th, mk),
        (other.frame.data, other.frame.hash, th, mk),
        (frame, opened.frame_hash, byte(0), mk),
        (frame, opened.frame_hash, th, other.mk),
    ):
        refused(code, session_frame.verify_opening, data, frame_hash, context, key)
