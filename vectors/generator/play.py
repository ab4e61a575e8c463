"""Plays, written down as they happen: each act is done at once, and its answer is there for the next."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import didkey
import ed25519
import session_constants as limits
import session_frame
from canonical import TALOS, Value, parse
from contract import array_of, object_of, text_of
from door import Request
from encoding import from_base64, from_base64url, to_base64url
from session_frame import Frame, Head
from session_play import Stage
from suite import blob

Object = dict[str, Value]

NOW = 1_763_625_600_000
SECOND, MINUTE, HOUR, DAY = limits.SECOND, limits.MINUTE, limits.HOUR, limits.DAY
# Seeds and private X25519 keys. "twin" is "alice" once more, as it is after the loss of all of its state.
KEYS = {
    "alice": (1, 3),
    "bob": (9, 6),
    "carol": (21, 22),
    "mallory": (31, 32),
    "twin": (1, 3),
    "bob2": (9, 6),
}


def seed_of(name: str) -> bytes:
    return bytes([KEYS[name][0]]) * 32


def agree_of(name: str) -> bytes:
    return bytes([KEYS[name][1]]) * 32


def did_of(name: str) -> str:
    return didkey.Key("ed25519", ed25519.public_key_of(seed_of(name))).did


def agent(name: str, iat: int = NOW, exp: int = NOW + 90 * DAY, **rules: Value) -> Object:
    made: Object = {
        "name": name,
        "seed": to_base64url(seed_of(name)),
        "agree": to_base64url(agree_of(name)),
        "iat": iat,
        "exp": exp,
    }
    return made | ({"rules": dict(rules)} if rules else {})


def data_of(value: Value) -> bytes:
    data = from_base64url(text_of(value))
    assert data is not None
    return data


def body_of(envelope: Object) -> Object:
    """The body of what was published."""
    payload = from_base64(text_of(envelope["payload"]))
    assert payload is not None
    return object_of(parse(payload, TALOS))


class Play:
    """A play so far."""

    def __init__(self, label: str, *agents: Object) -> None:
        self.label = label
        self.agents = list(agents) or [agent("alice"), agent("bob")]
        self.stage = Stage([*self.agents])
        self.acts: list[Object] = []
        self.results: list[Object] = []
        self.ids = 0
        self.now = NOW

    def copy(self) -> Play:
        return deepcopy(self)

    def later(self, ms: int) -> Play:
        self.now += ms
        return self

    @property
    def request(self) -> Request:
        return {"play": {"agents": [*self.agents], "acts": [*self.acts]}}

    def act(self, kind: str, name: str, entropy: int = 0, **members: Value) -> Object:
        act: Object = {"act": kind, "agent": name, "now_ms": self.now, **members}
        if entropy:
            act["entropy"] = to_base64url(blob(f"{self.label}/{len(self.acts)}", entropy))
        return self.repeat(act)

    def under(self, *agents: Object) -> Play:
        """The same acts, where these agents are in place of those of their names."""
        named = {text_of(one["name"]): one for one in agents}
        other = Play(self.label, *[named.get(text_of(one["name"]), one) for one in self.agents])
        for act in self.acts:
            other.repeat(act)
        other.ids, other.now = self.ids, self.now
        return other

    def repeat(self, act: Object) -> Object:
        self.acts.append(act)
        self.results.append(self.stage.play(act))
        return self.results[-1]

    # --- What agents do -----------------------------------------------------------------------------

    def bundle(self, name: str, suites: tuple[int, ...] = (1,), life: int = 14 * DAY) -> Object:
        self.ids += 1
        hybrid = limits.HYBRID in suites
        named: Object = {"id": f"spk-{self.ids}"}
        named |= {"pq_id": f"pq-{self.ids}"} if hybrid else {}
        times: Object = {"iat": self.now, "exp": self.now + life}
        made = self.act("bundle", name, 96 if hybrid else 32, suites=[*suites], **named, **times)
        return object_of(made["envelope"])

    def one_time_key(self, name: str, hybrid: bool = False, life: int = 30 * DAY) -> Object:
        self.ids += 1
        times: Object = {"iat": self.now, "exp": self.now + life}
        more: Object = {"hybrid": True} if hybrid else {}
        made = self.act("one_time_key", name, 96 if hybrid else 32, id=f"opk-{self.ids}", **times, **more)
        return object_of(made["envelope"])

    def begin(
        self, name: str, peer: str, bundle: Object, one_time: Object | None = None, **more: Value
    ) -> str:
        """Begin a session, and give its SID; nothing where it is refused."""
        allowed = self.stage.players[name].agent.suites
        offered = [one for one in array_of(body_of(bundle).get("suites", [])) if one in allowed]
        members: Object = {"peer": did_of(peer), "bundle": bundle, **more}
        members |= {"one_time_key": one_time} if one_time is not None else {}
        made = self.act("begin", name, 96 if offered[:1] == [limits.HYBRID] else 64, **members)
        return text_of(made.get("sid", ""))

    def begins(
        self, name: str, peer: str, bundle: Object, one_time: Object | None = None, **more: Value
    ) -> Play:
        self.begin(name, peer, bundle, one_time, **more)
        return self

    def seal(self, name: str, sid: str, data: bytes = b"hello", kind: str = "seal") -> bytes:
        session = self.stage.players[name].agent.sessions.by_sid.get(data_of(sid))
        draws = 44 if session is not None and session.ratchet.sending is None else 12
        members: Object = {"data": to_base64url(data)} if kind == "seal" else {}
        made = self.act(kind, name, draws, sid=sid, **members)
        return data_of(made.get("bytes", ""))

    def receive(self, name: str, data: bytes) -> Play:
        self.act("receive", name, bytes=to_base64url(data))
        return self

    def send(self, name: str, peer: str, sid: str, data: bytes = b"hello") -> Play:
        """A message that arrives."""
        return self.receive(peer, self.seal(name, sid, data))


def begun(
    label: str, suites: tuple[int, ...] = (1,), one_time: str = "none", *agents: Object
) -> tuple[Play, str]:
    """Alice has begun a session with Bob, and sealed nothing yet."""
    play = Play(label, *agents)
    bundle = play.bundle("bob", suites)
    key = None if one_time == "none" else play.one_time_key("bob", one_time == "mlkem768")
    return play, play.begin("alice", "bob", bundle, key)


def talking(label: str, *agents: Object) -> tuple[Play, str]:
    """Each side has opened a message of the other."""
    play, sid = begun(label, (1,), "none", *agents)
    return play.send("alice", "bob", sid, b"hello").send("bob", "alice", sid, b"hi"), sid


# --- Bytes that somebody on the way has changed --------------------------------------------------------


def flip(data: bytes, at: int, bit: int = 1) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]


def put(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def parts(container: bytes) -> tuple[Head, Frame]:
    return session_frame.parse_container(container)


def wrapped(head: Head, frame: bytes) -> bytes:
    return head.data + session_frame.lp(frame)


def with_head(container: bytes, **members: object) -> bytes:
    """The container with other members in its head, and with its frame."""
    head, frame = parts(container)
    return wrapped(replace(head, **members), frame.data)  # type: ignore[arg-type]


def with_frame(container: bytes, change: Callable[[bytes], bytes]) -> bytes:
    head, frame = parts(container)
    return wrapped(head, change(frame.data))
