"""Two agents for the tests of sessions, and what the tests say about them."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from entropy import Entropy
from refusal import Refusal
from session import Agent, Opened, Sealed
from session_peers import Session, per_hour, per_minute

NOW = 1763625600000


def byte(value: int) -> bytes:
    return bytes([value]) * 32


class Dice(Entropy):
    """Random bytes of any length, the same for the same seed."""

    def __init__(self, seed: object) -> None:
        super().__init__(())
        self.random = random.Random(str(seed))

    def take(self, length: int) -> bytes:
        return self.random.randbytes(length)


@dataclass
class World:
    """Two agents who have published what the other needs."""

    suites: list[int]
    one_time: str = "none"  # or x25519, or mlkem768
    seed: object = 0
    now: int = NOW
    ids: int = 0
    a: Agent = field(init=False)
    b: Agent = field(init=False)

    def __post_init__(self) -> None:
        self.dice = Dice(self.seed)
        self.a = Agent(byte(1), byte(3))
        self.b = Agent(byte(9), byte(6))

    def begin(self, who: Agent, renews: bytes = b"", heals: bool = False) -> bytes:
        whom = self.b if who is self.a else self.a
        self.ids += 1
        names = f"spk-{self.ids}", f"pq-{self.ids}"
        bundle = whom.publish_bundle(self.suites, names, self.now, self.dice)
        one_time = None
        if self.one_time != "none":
            hybrid = self.one_time == "mlkem768"
            one_time = whom.publish_one_time(f"opk-{self.ids}", hybrid, self.now, self.dice)
        statement = who.statement(self.now)
        return who.begin(whom.did, bundle, one_time, statement, self.now, self.dice, renews, heals)

    def seal(self, who: Agent, data: bytes = b"hello", sid: bytes | None = None) -> Sealed:
        whom = self.b if who is self.a else self.a
        chosen = sid or who.current(whom.did)
        assert chosen is not None
        return who.seal(chosen, data, self.now, self.dice)

    def send(self, who: Agent, data: bytes = b"hello", sid: bytes | None = None) -> Opened:
        whom = self.b if who is self.a else self.a
        sealed = self.say(who, data) if sid is None else self.seal(who, data, sid)
        opened = whom.receive(sealed.wire, self.now)
        assert opened.data == data
        return opened

    def say(self, who: Agent, data: bytes) -> Sealed:
        """Seal as a host does: begin and renew where that is due."""
        sid = who.current((self.b if who is self.a else self.a).did)
        if sid is None or who.renewal_due(sid, self.now):
            self.begin(who, renews=sid or b"")
        return self.seal(who, data)

    def session(self, who: Agent, sid: bytes) -> Session:
        return who.sessions.get(sid)


def talking(suites: list[int] | None = None, one_time: str = "none") -> tuple[World, bytes]:
    """A world whose agents have an answered session, in which A is in its second chain."""
    world = World(suites or [1], one_time)
    sid = world.begin(world.a)
    world.send(world.a)
    world.send(world.b)
    world.send(world.a)
    return world, sid


def refused(code: str, act: Callable[..., object], *args: object, **named: object) -> None:
    """This call is refused with this code."""
    with pytest.raises(Refusal) as caught:
        act(*args, **named)
    assert caught.value.code == code


def kept(agent: Agent) -> str:
    """Everything of an agent that a store keeps."""
    plain = copy.deepcopy(agent)
    plain.failures, plain.strangers = per_minute(), per_hour()
    for session in plain.sessions.by_sid.values():
        session.failures, session.renewals = per_minute(), per_minute()
        session.unreadable, session.forked = 0, None
    return repr(plain)
