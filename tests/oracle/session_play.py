"""Agents that do what they are told, with time and randomness given (contracts/schemas/session_play.json).

What an agent refuses is a result; a play that is wrong in itself is refused as a whole.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass

import contract
import dsse
import session_constants as limits
import session_frame
import session_keys
from canonical import Value, canonical
from constants import MAX_SAFE
from encoding import from_base64url, to_base64url
from entropy import Entropy
from refusal import Refusal
from session import Agent, Opened, Sealed
from session_keys import Prekeys
from session_peers import Session, per_hour, per_minute

Object = dict[str, Value]

MAX_SEALED = 64 * 1_048_576
KINDS = {limits.MESSAGE: "message", limits.CLOSE: "close", limits.RESET: "reset"}
CAUSES = ("fork", "reset", "failures", "unanswered")
ACTS = (
    "bundle",
    "one_time_key",
    "begin",
    "seal",
    "close",
    "reset",
    "receive",
    "export",
    "due",
    "sweep",
    "save",
    "restore",
)
DID = re.compile(r"did:key:z[1-9A-HJ-NP-Za-km-z]{1,120}")


class Misplayed(Exception):
    """The play itself is wrong."""

    def __init__(self, code: str = "malformed.value") -> None:
        super().__init__(code)
        self.code = code


def octets(value: Value) -> None:
    data = from_base64url(contract.text_of(value))
    if data is None:
        raise Refusal("malformed.base64")
    if len(data) > limits.MAX_DATA:
        raise Refusal("malformed.value")


def _envelope(value: Value) -> None:
    dsse.read(value)


_TIME = contract.integer(0, MAX_SAFE)
_NAME = contract.matching(contract.AGENT)
_SUITES = contract.array(contract.integer(1, 65_535), 8, 1)
_RULES = contract.members(
    {"suites": _SUITES, "continuity": contract.boolean, "bucket": contract.integer(64, 65_536)}, ()
)
_AGENT = contract.members(
    {
        "name": _NAME,
        "seed": contract.binary(32),
        "agree": contract.binary(32),
        "iat": _TIME,
        "exp": _TIME,
        "rules": _RULES,
    },
    ("name", "seed", "agree", "iat", "exp"),
)
_ACT = contract.members(
    {
        "act": contract.one_of(*ACTS),
        "agent": _NAME,
        "now_ms": _TIME,
        "entropy": octets,
        "id": _NAME,
        "pq_id": _NAME,
        "suites": _SUITES,
        "hybrid": contract.boolean,
        "iat": _TIME,
        "exp": _TIME,
        "bundle": _envelope,
        "one_time_key": _envelope,
        "peer": contract.matching(DID),
        "cause": contract.one_of(*CAUSES),
        "afresh": contract.boolean,
        "sid": contract.salt_value,
        "data": octets,
        "bytes": octets,
        "label": contract.string(1, 128),
        "length": contract.integer(0, 65_536),
    },
    ("act", "agent", "now_ms"),
)
_PLAY = contract.members(
    {"agents": contract.array(_AGENT, 8, 1), "acts": contract.array(_ACT, 4_096)}, ("agents", "acts")
)


class Given(Entropy):
    """The bytes of an act, from their front."""

    def __init__(self, data: bytes) -> None:
        super().__init__(())
        self.left = data

    def take(self, length: int) -> bytes:
        if len(self.left) < length:
            raise Misplayed
        taken, self.left = self.left[:length], self.left[length:]
        return taken


class Act:
    """What an agent is told to do; it says which member it lacks."""

    def __init__(self, members: Object) -> None:
        self.members = members
        self.kind = self.text("act")
        self.now = self.number("now_ms")
        self.entropy = Given(self.octets("entropy") if "entropy" in members else b"")

    def needed(self, name: str) -> Value:
        if name not in self.members:
            raise Misplayed("malformed.member_missing")
        return self.members[name]

    def text(self, name: str) -> str:
        return contract.text_of(self.needed(name))

    def number(self, name: str) -> int:
        value = self.needed(name)
        assert isinstance(value, int)
        return value

    def octets(self, name: str) -> bytes:
        data = from_base64url(self.text(name))
        assert data is not None
        return data

    def numbers(self, name: str) -> list[int]:
        return [one for one in contract.array_of(self.needed(name)) if isinstance(one, int)]

    def has(self, name: str) -> bool:
        return self.members.get(name, False) is not False


@dataclass
class Player:
    name: str
    agent: Agent
    statement: bytes
    saved: Agent | None = None
    erased: int = 0  # Since the last sweep.

    def play(self, act: Act) -> Object:
        self._count_erased(act.now)
        result = self._do(act)
        if act.entropy.left:
            raise Misplayed
        return {"ok": True} | result

    def _do(self, act: Act) -> Object:
        agent, now, entropy = self.agent, act.now, act.entropy
        match act.kind:
            case "bundle":
                return self._bundle(act)
            case "one_time_key":
                return self._one_time_key(act)
            case "begin":
                return self._begin(act)
            case "seal":
                return _sealed(agent.seal(act.octets("sid"), act.octets("data"), now, entropy))
            case "close":
                return _sealed(agent.close(act.octets("sid"), now, entropy))
            case "reset":
                return _sealed(agent.reset(act.octets("sid"), now, entropy))
            case "receive":
                return _opened(agent.receive(act.octets("bytes"), now))
            case "export":
                value = agent.export(act.octets("sid"), act.text("label"), act.number("length"), now)
                return {"value": to_base64url(value)}
            case "due":
                return self._due(act.text("peer"), now)
            case "sweep":
                erased, self.erased = self.erased, 0
                return {"erased": erased}
            case "save":
                self.saved = copy.deepcopy(agent)
            case "restore":
                self._restore()
        return {}

    def _count_erased(self, now: int) -> None:
        """What is over is erased before each act; a sweep says how much that was."""
        before = self._kept()
        self.agent._erase(now)
        self.erased += before - self._kept()

    def _kept(self) -> int:
        return len(self.agent.sessions.by_sid) + len(self.agent.bundles) + len(self.agent.one_time)

    def _check_free(self, *ids: str) -> None:
        """An owner never gives one id to two keys: section 2.2."""
        used = [*self.agent.one_time]
        for bundle in self.agent.bundles.values():
            for name in ("spk", "pq"):
                if name in bundle.published.body:
                    used.append(session_keys.text(contract.object_of(bundle.published.body[name]), "id"))
        if len({*ids}) < len(ids) or any(name in used for name in ids):
            raise Refusal("malformed.value")

    def _bundle(self, act: Act) -> Object:
        suites, validity = act.numbers("suites"), (act.number("iat"), act.number("exp"))
        ids = [act.text("id"), *([act.text("pq_id")] if limits.HYBRID in suites else [])]
        if any(suite not in limits.SUITES for suite in suites):
            raise Refusal("session.suite")
        self._check_free(*ids)
        agent, names = self.agent, (ids[0], ids[-1])
        made = session_keys.make_bundle(agent.seed, agent.agree, suites, names, *validity, act.entropy)
        agent.bundles[made.published.hash] = made
        return _published(made)

    def _one_time_key(self, act: Act) -> Object:
        name, validity = act.text("id"), (act.number("iat"), act.number("exp"))
        self._check_free(name)
        made = session_keys.make_one_time(self.agent.seed, name, act.has("hybrid"), *validity, act.entropy)
        self.agent.one_time[name] = made
        return _published(made)

    def _begin(self, act: Act) -> Object:
        agent, did, now = self.agent, act.text("peer"), act.now
        bundle = canonical(act.needed("bundle"))
        one_time = canonical(act.needed("one_time_key")) if act.has("one_time_key") else None
        heals = act.has("cause")
        if heals:
            self._check_cause(act.text("cause"), did, now)
        renews = b"" if heals and act.has("afresh") else self._newest_answered(did)
        sid = agent.begin(did, bundle, one_time, self.statement, now, act.entropy, renews, heals)
        return {"sid": to_base64url(sid), "suite": agent.sessions.get(sid).suite}

    def _with(self, did: str) -> list[Session]:
        return [one for one in self.agent.sessions.by_sid.values() if one.peer == did]

    def _newest_answered(self, did: str) -> bytes:
        """Section 8.3."""
        answered = [(one.created, one.sid) for one in self._with(did) if one.answered]
        return max(answered, default=(0, b""))[1]

    def _check_cause(self, cause: str, did: str, now: int) -> None:
        """Section 8.5; of a fork and of a reset notice the host knows."""
        found = True
        if cause == "failures":
            found = any(one.opened and one.unreadable >= limits.UNREADABLE for one in self._with(did))
        if cause == "unanswered":
            found = any(_waits(one, now) for one in self._with(did))
        if not found:
            raise Refusal("session.limit")

    def _due(self, did: str, now: int) -> Object:
        """Sections 8.3 and 8.5."""
        session = self.agent.sessions.current(did)
        if session is None:
            return {}
        if _waits(session, now):
            healed = self.agent.sessions.peer(did).healed
            early = healed is not None and 0 <= now - healed < limits.HOUR
            return {} if early else {"due": "retry", "sid": to_base64url(session.sid)}
        if self.agent.renewal_due(session.sid, now):
            return {"due": "renewal", "sid": to_base64url(session.sid)}
        return {}

    def _restore(self) -> None:
        if self.saved is None:
            raise Misplayed
        self.agent = copy.deepcopy(self.saved)
        self.agent.failures, self.agent.strangers = per_minute(), per_hour()
        for session in self.agent.sessions.by_sid.values():
            session.failures, session.renewals = per_minute(), per_minute()
            session.unreadable, session.forked = 0, None

    def fork(self, data: bytes) -> Object:
        """The evidence of a fork: section 7.1."""
        container = session_frame.is_container(data)
        frame = session_frame.parse_container(data)[1] if container else session_frame.parse(data)
        before = self.agent.sessions.get(frame.sid).ratchet.opened.get((frame.dh, frame.n))
        found: Object = {"sid": to_base64url(frame.sid), "frame_hash": to_base64url(frame.hash)}
        return found | ({"before": to_base64url(before[1])} if before is not None else {})

    def seen(self, now: int) -> list[Value]:
        self.agent.sessions.erase(now)
        return [self._seen(session) for _, session in sorted(self.agent.sessions.by_sid.items())]

    def _seen(self, session: Session) -> Value:
        current = self.agent.sessions.current(session.peer)
        return {
            "agent": self.name,
            "sid": to_base64url(session.sid),
            "peer": session.peer,
            "suite": session.suite,
            "initiator": session.mine,
            "answered": session.answered,
            "retired": session.retired is not None,
            "current": current is session,
            "missing": len(session.ratchet.skipped),
            "transcript_hash": to_base64url(session.th),
        }


def _waits(session: Session, now: int) -> bool:
    """A renewal that has waited an hour for its answer."""
    waiting = session.mine and not session.answered and session.renews != b""
    return waiting and now >= session.created + limits.HOUR


def _published(made: Prekeys) -> Object:
    return {"envelope": made.published.envelope.value()}


def _sealed(sealed: Sealed) -> Object:
    return {
        "sid": to_base64url(sealed.frame.sid),
        "bytes": to_base64url(sealed.wire),
        "frame_hash": to_base64url(sealed.frame.hash),
        "message_key": to_base64url(sealed.mk),
    }


def _opened(opened: Opened) -> Object:
    result: Object = {
        "sid": to_base64url(opened.sid),
        "frame_hash": to_base64url(opened.frame_hash),
        "message_key": to_base64url(opened.mk),
        "peer": opened.peer,
        "content": KINDS[opened.kind],
    }
    if opened.kind == limits.MESSAGE:
        result["data"] = to_base64url(opened.data)
    if opened.kind == limits.CLOSE:
        result["missing"] = opened.missing
    if opened.continuity is not None:
        result |= {"known": opened.continuity, "one_time_key": opened.one_time}
    return result


class Stage:
    """The agents of a play."""

    def __init__(self, agents: Value) -> None:
        self.players: dict[str, Player] = {}
        self.sealed = 0
        for about in map(contract.object_of, contract.array_of(agents)):
            player = _player(about)
            if player.name in self.players:
                raise Misplayed
            self.players[player.name] = player

    def play(self, members: Object) -> Object:
        act = Act(members)
        player = self.players.get(act.text("agent"))
        if player is None:
            raise Misplayed
        try:
            result = player.play(act)
        except Refusal as refused:
            evidence = player.fork(act.octets("bytes")) if refused.code == "session.fork" else {}
            return {"ok": False, "code": refused.code, **evidence}
        if "bytes" in result:
            data = from_base64url(contract.text_of(result["bytes"]))
            assert data is not None
            self.sealed += len(data)
        if self.sealed > MAX_SEALED:
            raise Misplayed("malformed.size")
        return result

    def seen(self, now: int) -> list[Value]:
        return [one for name in sorted(self.players) for one in self.players[name].seen(now)]


def _player(about: Object) -> Player:
    rules = contract.object_of(about.get("rules", {}))
    suites = [one for one in contract.array_of(rules.get("suites", [*limits.SUITES])) if isinstance(one, int)]
    bucket = rules.get("bucket", limits.BUCKET)
    assert isinstance(bucket, int)
    iat, exp = session_keys.number(about, "iat"), session_keys.number(about, "exp")
    lives = 0 < exp - iat <= limits.STATEMENT_LIFE
    if not lives or bucket % limits.BUCKET or any(one not in limits.SUITES for one in suites):
        raise Misplayed
    seed, agree = session_keys.binary(about, "seed"), session_keys.binary(about, "agree")
    agent = Agent(seed, agree, tuple(suites), rules.get("continuity", False) is True, bucket)
    statement = session_keys.make_statement(seed, agree, iat, exp)
    return Player(contract.text_of(about["name"]), agent, statement)


def play(value: Value) -> Value:
    _PLAY(value)
    found = contract.object_of(value)
    acts = [contract.object_of(act) for act in contract.array_of(found["acts"])]
    try:
        stage = Stage(found["agents"])
        results: list[Value] = [stage.play(act) for act in acts]
    except Misplayed as wrong:
        raise Refusal(wrong.code) from None
    now = session_keys.number(acts[-1], "now_ms") if acts else 0
    return {"results": results, "sessions": stage.seen(now)}
