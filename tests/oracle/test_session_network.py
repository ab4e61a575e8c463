"""Two agents and a network that loses, repeats, reorders and alters (docs/spec/session.md)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
import session_constants as limits
from refusal import Refusal
from session import Agent
from session_world import World, kept

# What can become of a frame that need not open: it came before, or its session or its chain is gone.
NOT_DUE = (
    "opened",
    "session.duplicate",
    "session.authentication",
    "session.init_replayed",
    "session.key_gone",
    "session.limit",
    "session.prekey_unknown",
    "session.renewal_unknown",
    "session.throttled",
    "session.unknown",
)


@dataclass
class Letter:
    """A frame on its way, and what is known of it."""

    wire: bytes
    data: bytes
    sid: bytes
    to_b: bool
    place: int  # Of its chain among those of its sender in this session.
    arrived: bool = False


@dataclass
class Network:
    """Two agents, and a network that loses, repeats, reorders and alters."""

    world: World
    letters: list[Letter] = field(default_factory=list)
    chains: dict[tuple[bytes, bool], list[bytes]] = field(default_factory=dict)
    opened: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(f"network {self.world.seed}")

    def sender(self, to_b: bool) -> Agent:
        return self.world.a if to_b else self.world.b

    def receiver(self, to_b: bool) -> Agent:
        return self.sender(not to_b)

    def post(self) -> None:
        to_b = self.random.random() < 0.5
        agent = self.sender(to_b)
        data = self.random.randbytes(self.random.randrange(80))
        sealed = self.world.say(agent, data)
        chain = self.chains.setdefault((sealed.frame.sid, to_b), [])
        if sealed.frame.dh not in chain:
            chain.append(sealed.frame.dh)
        self.letters.append(Letter(sealed.wire, data, sealed.frame.sid, to_b, len(chain) - 1))

    def deliver(self) -> None:
        letter = self.random.choice(self.letters[-12:])
        agent = self.receiver(letter.to_b)
        due = self._has_to_open(agent, letter)
        try:
            opened = agent.receive(letter.wire, self.world.now)
        except Refusal as refusal:
            code = refusal.code
        else:
            code = "opened"
            assert (opened.data, opened.sid) == (letter.data, letter.sid)
        assert code == "opened" if due else code in NOT_DUE
        if code == "opened":
            assert not letter.arrived
            letter.arrived = True
            self.opened += 1

    def _has_to_open(self, agent: Agent, letter: Letter) -> bool:
        """Whether the receiver has the session, and the chain is not too far behind the newest known."""
        agent._erase(self.world.now)
        session = agent.sessions.by_sid.get(letter.sid)
        if (
            session is None
            or letter.arrived
            or session.failures.too_many(self.world.now, limits.MAX_FAILURES)
        ):
            return False
        known = self.chains[letter.sid, letter.to_b]
        newest = max((known.index(chain.dh) for chain in session.ratchet.chains), default=0)
        return newest - letter.place < limits.MAX_CHAINS

    def alter(self) -> None:
        letter = self.random.choice(self.letters[-12:])
        agent = self.receiver(letter.to_b)
        wrong = bytearray(letter.wire)
        wrong[self.random.randrange(len(wrong))] ^= 1 << self.random.randrange(8)
        agent._erase(self.world.now)
        before = kept(agent)
        with pytest.raises(Refusal):
            agent.receive(bytes(wrong), self.world.now)
        assert kept(agent) == before

    def step(self) -> None:
        self.world.now += self.random.choice((0, 10, 1_000, limits.MINUTE))
        if self.random.random() < 0.01:
            self.world.now += limits.RENEW_AFTER
        acts = [self.post] * 4 + [self.deliver] * 6 + [self.alter]
        if not self.letters:
            acts = [self.post]
        self.random.choice(acts)()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("one_time", ["none", "x25519"])
def test_whatever_the_network_does(seed: int, one_time: str) -> None:
    network = Network(World([1], one_time, seed=f"{seed} {one_time}"))
    for _ in range(400):
        network.step()
    assert network.opened > 60
    world = network.world
    for agent in (world.a, world.b) * 2:
        world.send(agent, b"at last")
