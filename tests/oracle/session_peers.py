"""Sessions, and which of several with one peer is used (docs/spec/session.md, section 8)."""

from __future__ import annotations

from dataclasses import dataclass, field

import session_constants as limits
from refusal import Refusal
from session_ratchet import Ratchet


@dataclass
class Tally:
    """How many there were in the period of the last one: a minute or an hour."""

    length: int
    period: int = -1
    count: int = 0

    def add(self, now: int) -> None:
        if now // self.length != self.period:
            self.period, self.count = now // self.length, 0
        self.count += 1

    def too_many(self, now: int, most: int) -> bool:
        return now // self.length == self.period and self.count >= most


def per_minute() -> Tally:
    return Tally(limits.MINUTE)


def per_hour() -> Tally:
    return Tally(limits.HOUR)


@dataclass
class Session:
    suite: int
    sid: bytes
    th: bytes
    exp: bytes
    peer: str
    mine: bool  # This side began it.
    head: bytes  # That of its containers.
    ratchet: Ratchet
    created: int
    renews: bytes = b""
    until: int = 0  # When one that this side began stops sealing, if it is not answered.
    answered: bool = False
    used: int = 0  # The last seal or open.
    opened_at: int = 0
    retired: int | None = None
    renewed: bool = False  # Retired by renewal.
    sealed: int = 0
    opened: int = 0
    size: int = 0
    # In memory only.
    failures: Tally = field(default_factory=per_minute)
    renewals: Tally = field(default_factory=per_minute)  # Of containers that name it.
    forked: int | None = None  # When a second frame of one key was last called a fork.
    unreadable: int = 0  # Failed frames since the last that opened.

    def at_limit(self, now: int, times: int) -> bool:
        """Whether it has reached this many times a limit of renewal."""
        return (
            now - self.created >= times * limits.RENEW_AFTER
            or self.sealed + self.opened >= times * limits.RENEW_FRAMES
            or self.size >= times * limits.RENEW_BYTES
        )

    def over(self, now: int) -> bool:
        """Whether it is to be erased."""
        if self.retired is None:
            return now - self.used >= limits.IDLE
        last = self.retired if self.renewed else max(self.retired, self.opened_at)
        return now - last >= limits.RETIRED

    def retire(self, now: int) -> None:
        if self.retired is None:
            self.retired = now

    def retire_renewed(self, now: int) -> None:
        if not self.renewed:
            self.retired, self.renewed = now, True

    def failed(self, now: int) -> None:
        self.failures.add(now)
        self.unreadable += 1

    def may_fork(self, now: int) -> bool:
        """Once an hour: section 7.1."""
        if self.forked is not None and 0 <= now - self.forked < limits.HOUR:
            return False
        self.forked = now
        return True

    def has_sealed(self, size: int, now: int) -> None:
        self.sealed += 1
        self.size += size
        self.used = now

    def has_opened(self, size: int, now: int) -> None:
        self.opened += 1
        self.size += size
        self.used = self.opened_at = now
        self.unreadable = 0


def _first_to_go(session: Session) -> tuple[int, int, bytes]:
    """The order in which sessions make room for one more."""
    waits = session.mine and not session.answered
    rank = 0 if session.retired is not None else 1 if waits else 2
    return rank, session.opened_at or session.created, session.sid


@dataclass
class Peer:
    current: bytes = b""
    fresh: list[int] = field(default_factory=list)
    healed: int | None = None
    renewals: Tally = field(default_factory=per_hour)  # That were accepted.

    def check_heals(self, now: int) -> None:
        """One handshake that heals, or reset notice, an hour."""
        if self.healed is not None and 0 <= now - self.healed < limits.HOUR:
            raise Refusal("session.limit")


@dataclass
class Sessions:
    by_sid: dict[bytes, Session] = field(default_factory=dict)
    peers: dict[str, Peer] = field(default_factory=dict)

    def get(self, sid: bytes) -> Session:
        if sid not in self.by_sid:
            raise Refusal("session.unknown")
        return self.by_sid[sid]

    def peer(self, did: str) -> Peer:
        return self.peers.setdefault(did, Peer())

    def current(self, did: str) -> Session | None:
        session = self.by_sid.get(self.peer(did).current)
        return session if session is not None and session.retired is None else None

    def old(self, renews: bytes, did: str) -> bytes | None:
        """The exporter secret of the session that a handshake renews."""
        if not renews:
            return None
        if renews not in self.by_sid or self.by_sid[renews].peer != did:
            raise Refusal("session.renewal_unknown")
        return self.by_sid[renews].exp

    def any_with(self, did: str) -> bool:
        return any(one.peer == did for one in self.by_sid.values())

    def answered_with(self, did: str) -> bool:
        return any(one.peer == did and one.answered for one in self.by_sid.values())

    # --- What happens to them ---------------------------------------------------------------------------

    def began(self, session: Session) -> None:
        self.peer(session.peer).current = session.sid
        self._store(session, session.renews)

    def accepted(self, session: Session, renews: bytes, now: int) -> None:
        peer, rival = self.peer(session.peer), self.current(session.peer)
        if session.retired is None:
            peer.current = session.sid
            if rival is not None and rival.mine and not rival.answered and rival.sid != renews:
                lower, higher = sorted((rival, session), key=lambda one: one.sid)
                peer.current = lower.sid
                higher.retire(now)
        if renews:
            self.by_sid[renews].retire_renewed(now)
        self._store(session, renews)

    def opened(self, session: Session, now: int) -> None:
        """A frame was opened in a session that was there before."""
        if session.mine and not session.answered:
            session.answered = True
            if session.renews in self.by_sid:
                self.by_sid[session.renews].retire_renewed(now)
        current = self.current(session.peer)
        waits = current is not None and not current.answered and current.renews == session.sid
        if session.retired is None and not waits:
            self.peer(session.peer).current = session.sid

    def _store(self, session: Session, renews: bytes) -> None:
        """Keep it, and erase another if there are too many with its peer."""
        self.by_sid[session.sid] = session
        of_peer = [one for one in self.by_sid.values() if one.peer == session.peer]
        if len(of_peer) > limits.MAX_SESSIONS:
            current = self.current(session.peer)
            spare = [one for one in of_peer if one not in (session, current) and one.sid != renews]
            del self.by_sid[min(spare, key=_first_to_go).sid]

    def erase(self, now: int) -> None:
        self.by_sid = {sid: one for sid, one in self.by_sid.items() if not one.over(now)}
        for peer in self.peers.values():
            peer.fresh = [at for at in peer.fresh if now - at < limits.HOUR]
