"""An agent that talks in sessions (docs/spec/session.md).

Whatever it does takes the time and, where it needs any, randomness. What is refused changes nothing but the
counts of failures, which no store keeps.
"""

from __future__ import annotations

import hmac as constant_time
import re
from dataclasses import dataclass, field

import didkey
import ed25519
import session_constants as limits
import session_frame
import session_handshake
import session_keys
import x25519
from entropy import Entropy
from hkdf import expand
from refusal import Refusal
from session_frame import Frame, Head
from session_keys import ONE_TIME_KEY, PREKEY_BUNDLE, STATIC_KEY, Prekeys, Published
from session_peers import Session, Sessions, Tally, per_hour, per_minute
from session_ratchet import Ratchet

_LABEL = re.compile(r"[a-z0-9_-]{1,64}")
# What forged frames come to: section 7.
_FAILED = ("session.authentication", "session.skip_limit", "session.key_invalid")


@dataclass(frozen=True)
class Sealed:
    wire: bytes
    frame: Frame
    mk: bytes


@dataclass(frozen=True)
class Opened:
    sid: bytes
    peer: str
    kind: int
    data: bytes
    frame_hash: bytes
    mk: bytes
    missing: int
    # Of a frame that began its session: first, renewed or fresh, and whether a one-time key was used.
    continuity: str | None = None
    one_time: bool | None = None


@dataclass
class Agent:
    seed: bytes
    agree: bytes
    suites: tuple[int, ...] = limits.SUITES
    require_continuity: bool = False
    bucket: int = limits.BUCKET
    most_sessions: int = limits.MAX_ALL_SESSIONS
    most_strangers: int = limits.MAX_STRANGERS
    bundles: dict[bytes, Prekeys] = field(default_factory=dict)
    one_time: dict[str, Prekeys] = field(default_factory=dict)
    remembered: dict[bytes, bytes] = field(default_factory=dict)
    sessions: Sessions = field(default_factory=Sessions)
    failures: Tally = field(default_factory=per_minute)
    strangers: Tally = field(default_factory=per_hour)

    @property
    def did(self) -> str:
        return didkey.Key("ed25519", ed25519.public_key_of(self.seed)).did

    # --- Published keys ---------------------------------------------------------------------------------

    def statement(self, iat: int) -> bytes:
        return session_keys.make_statement(self.seed, self.agree, iat, iat + limits.STATEMENT_LIFE)

    def publish_bundle(self, suites: list[int], ids: tuple[str, str], iat: int, entropy: Entropy) -> bytes:
        exp = iat + limits.BUNDLE_LIFE
        made = session_keys.make_bundle(self.seed, self.agree, suites, ids, iat, exp, entropy)
        self.bundles[made.published.hash] = made
        return made.data

    def publish_one_time(self, name: str, hybrid: bool, iat: int, entropy: Entropy) -> bytes:
        exp = iat + limits.ONE_TIME_LIFE
        made = session_keys.make_one_time(self.seed, name, hybrid, iat, exp, entropy)
        self.one_time[name] = made
        return made.data

    # --- Beginning --------------------------------------------------------------------------------------

    def begin(
        self,
        did: str,
        bundle: bytes,
        one_time: bytes | None,
        statement: bytes,
        now: int,
        entropy: Entropy,
        renews: bytes = b"",
        heals: bool = False,
    ) -> bytes:
        """Begin a session with this peer, and answer with its SID: section 3.1."""
        self._erase(now)
        if did == self.did:
            raise Refusal("session.peer")
        theirs = session_keys.verify(PREKEY_BUNDLE, bundle, did, now)
        extra = None if one_time is None else session_keys.verify(ONE_TIME_KEY, one_time, did, now)
        own = session_keys.verify(STATIC_KEY, statement, self.did, now)
        if session_keys.binary(own.body, "agree") != x25519.public_key_of(self.agree):
            raise Refusal("session.peer")
        suite = next((one for one in session_keys.suites(theirs.body) if one in self.suites), None)
        if suite is None:
            raise Refusal("session.suite")
        if heals:
            self.sessions.peer(did).check_heals(now)
        transcript, keys = session_handshake.initiate(
            self.did, self.agree, suite, theirs, extra, self.sessions.old(renews, did), entropy
        )
        ratchet = Ratchet(keys.sk)
        ratchet.start_sending(transcript.spk.key, entropy)
        head = session_handshake.head_of(transcript, renews, statement)
        session = Session(suite, keys.sid, transcript.hash, keys.exp, did, True, head.data, ratchet, now)
        session.renews, session.used = renews, now
        prekeys = [theirs] if extra is None else [theirs, extra]
        ends = [session_keys.number(one.body, "exp") + limits.GRACE for one in prekeys]
        session.until = min(*ends, session_keys.number(own.body, "exp"))
        if heals:
            self.sessions.peer(did).healed = now
        self.sessions.began(session)
        return keys.sid

    # --- Sealing ----------------------------------------------------------------------------------------

    def seal(self, sid: bytes, data: bytes, now: int, entropy: Entropy) -> Sealed:
        return self._seal(sid, limits.MESSAGE, data, now, entropy)

    def close(self, sid: bytes, now: int, entropy: Entropy) -> Sealed:
        return self._seal(sid, limits.CLOSE, b"", now, entropy)

    def reset(self, sid: bytes, now: int, entropy: Entropy) -> Sealed:
        self._erase(now)
        session = self.sessions.get(sid)
        if session.retired is not None:
            raise Refusal("session.closed")
        if not session.opened or session.unreadable < limits.UNREADABLE:
            raise Refusal("session.limit")
        peer = self.sessions.peer(session.peer)
        peer.check_heals(now)
        sealed = self._seal(sid, limits.RESET, b"", now, entropy)
        peer.healed = now
        return sealed

    def _seal(self, sid: bytes, kind: int, data: bytes, now: int, entropy: Entropy) -> Sealed:
        """Section 6. When this returns, the state is that of step 7."""
        self._erase(now)
        session = self.sessions.get(sid)
        if session.retired is not None:
            raise Refusal("session.closed")
        if len(data) > limits.MAX_DATA:
            raise Refusal("malformed.size")
        if kind == limits.MESSAGE:
            _check_may_seal(session, now)
        plaintext = session_frame.pad(data, self.bucket)
        frame, mk = session.ratchet.seal(kind, session.suite, sid, session.th, plaintext, entropy)
        session.has_sealed(len(frame.data), now)
        if kind != limits.MESSAGE:
            session.retire(now)
        waits = session.mine and not session.answered
        return Sealed(session.head + session_frame.lp(frame.data) if waits else frame.data, frame, mk)

    # --- Receiving --------------------------------------------------------------------------------------

    def receive(self, data: bytes, now: int) -> Opened:
        self._erase(now)
        if session_frame.is_container(data):
            return self._receive_container(data, now)
        frame = session_frame.parse(data)
        return self._receive_frame(self.sessions.get(frame.sid), frame, now)

    def _receive_frame(self, session: Session, frame: Frame, now: int) -> Opened:
        """Section 7."""
        if frame.suite != session.suite:
            raise Refusal("session.suite")
        try:
            ratchet, data, mk = session.ratchet.open(
                frame, session.th, session.failures.too_many(now, limits.MAX_FAILURES)
            )
        except Refusal as refused:
            again = refused.code == "session.fork" and not session.ratchet.is_new(frame)
            if again and not session.may_fork(now):
                session.failed(now)
                raise Refusal("session.authentication") from refused
            if refused.code in _FAILED:
                session.failed(now)
            raise
        session.ratchet = ratchet
        session.has_opened(len(frame.data), now)
        if frame.kind != limits.MESSAGE:
            session.retire(now)
        self.sessions.opened(session, now)
        return _opened(session, frame, data, mk)

    def _receive_container(self, data: bytes, now: int) -> Opened:
        """Section 3.5."""
        head, frame = session_frame.parse_container(data)
        if head.did_b != self.did or head.did_a == self.did:
            raise Refusal("session.recipient")
        known = self.sessions.by_sid.get(frame.sid)
        if known is not None:
            if head.data != known.head:
                raise Refusal("session.authentication")
            return self._receive_frame(known, frame, now)
        return self._accept(head, frame, now)

    def _accept(self, head: Head, frame: Frame, now: int) -> Opened:
        """Steps 4 to 12, and what follows."""
        self._check_peer(head, now)
        bundle, one_time = self._prekeys(head)
        transcript = session_handshake.transcript_of(head, bundle.published, _published(one_time))
        th = transcript.hash
        if th in self.remembered:
            raise Refusal("session.init_replayed")
        exp_old = self.sessions.old(head.renews, head.did_a)
        continuity = self._continuity(head, now)
        stranger = self._is_stranger(head.did_a, now)
        if one_time is None and [*self.remembered.values()].count(head.bundle_hash) >= limits.MAX_REMEMBERED:
            raise Refusal("session.limit")
        failures, most = self.failures, limits.MAX_FAILED_CONTAINERS
        if head.renews:
            failures, most = self.sessions.get(head.renews).renewals, limits.MAX_FAILURES
        if failures.too_many(now, most):
            raise Refusal("session.throttled")
        try:
            keys = session_handshake.respond(transcript, self.agree, bundle, one_time, exp_old)
            if not constant_time.compare_digest(keys.sid, frame.sid):
                raise Refusal("session.authentication")
            ratchet, data, mk = Ratchet(keys.sk, bundle.x25519).open(frame, th)
        except Refusal:
            failures.add(now)
            raise
        session = Session(head.suite, keys.sid, th, keys.exp, head.did_a, False, head.data, ratchet, now)
        session.answered = True
        session.has_opened(len(frame.data), now)
        self._use_up(head, th, one_time)
        if frame.kind != limits.MESSAGE:
            session.retire(now)
        self.sessions.accepted(session, head.renews, now)
        if continuity == "fresh":
            self.sessions.peer(head.did_a).fresh.append(now)
        if continuity == "renewed":
            self.sessions.peer(head.did_a).renewals.add(now)
        if stranger:
            self.strangers.add(now)
        return _opened(session, frame, data, mk, continuity, one_time is not None)

    def _check_peer(self, head: Head, now: int) -> None:
        """Steps 4 and 5."""
        if head.suite not in self.suites:
            raise Refusal("session.suite")
        stated = session_keys.verify(STATIC_KEY, head.statement, head.did_a, now)
        if session_keys.binary(stated.body, "agree") != head.agree_a:
            raise Refusal("session.peer")

    def _prekeys(self, head: Head) -> tuple[Prekeys, Prekeys | None]:
        """Step 6."""
        bundle, one_time = self.bundles.get(head.bundle_hash), self.one_time.get(head.opk_id)
        if bundle is None or (head.opk_id and one_time is None):
            raise Refusal("session.prekey_unknown")
        if head.suite not in session_keys.suites(bundle.published.body):
            raise Refusal("session.suite")
        spk, _, pq = session_handshake.prekeys_of(head.suite, bundle.published, _published(one_time))
        if (spk.id, pq.id) != (head.spk_id, head.pq_id):
            raise Refusal("session.prekey_unknown")
        return bundle, one_time

    def _continuity(self, head: Head, now: int) -> str:
        """What is known of the peer, and step 9."""
        if head.renews:
            if self.sessions.peer(head.did_a).renewals.too_many(now, limits.MAX_RENEWALS):
                raise Refusal("session.limit")
            return "renewed"
        if not self.sessions.answered_with(head.did_a):
            return "first"
        if self.require_continuity:
            raise Refusal("session.renewal_required")
        if len(self.sessions.peer(head.did_a).fresh) >= limits.MAX_FRESH:
            raise Refusal("session.limit")
        return "fresh"

    def _is_stranger(self, did: str, now: int) -> bool:
        """The rest of step 9, of those with whom there is no session."""
        if self.sessions.any_with(did):
            return False
        full = len(self.sessions.by_sid) >= self.most_sessions
        if full or self.strangers.too_many(now, self.most_strangers):
            raise Refusal("session.limit")
        return True

    def _use_up(self, head: Head, th: bytes, one_time: Prekeys | None) -> None:
        if one_time is None:
            self.remembered[th] = head.bundle_hash
        else:
            del self.one_time[head.opk_id]

    # --- The rest ---------------------------------------------------------------------------------------

    def current(self, did: str) -> bytes | None:
        session = self.sessions.current(did)
        return None if session is None else session.sid

    def renewal_due(self, sid: bytes, now: int) -> bool:
        session = self.sessions.get(sid)
        return session.answered and self.current(session.peer) == sid and session.at_limit(now, 1)

    def export(self, sid: bytes, label: str, length: int, now: int) -> bytes:
        """Section 9."""
        self._erase(now)
        session = self.sessions.get(sid)
        if not _LABEL.fullmatch(label) or not 16 <= length <= 64:
            raise Refusal("malformed.value")
        return expand(session.exp, limits.EXPORT + label.encode(), length)

    def _erase(self, now: int) -> None:
        """What is over at this time: sections 2.5 and 8.2."""
        self.sessions.erase(now)
        self.bundles = {name: one for name, one in self.bundles.items() if now < one.keep_until}
        self.one_time = {name: one for name, one in self.one_time.items() if now < one.keep_until}
        self.remembered = {th: name for th, name in self.remembered.items() if name in self.bundles}


def _published(one: Prekeys | None) -> Published | None:
    return None if one is None else one.published


def _check_may_seal(session: Session, now: int) -> None:
    """Section 6, steps 4 and 5."""
    if session.answered:
        if session.at_limit(now, 2):
            raise Refusal("session.renewal_required")
    elif now >= session.until or session.sealed >= limits.UNANSWERED_FRAMES:
        raise Refusal("session.unanswered")


def _opened(
    session: Session,
    frame: Frame,
    data: bytes,
    mk: bytes,
    continuity: str | None = None,
    one_time: bool | None = None,
) -> Opened:
    missing = len(session.ratchet.skipped)
    return Opened(session.sid, session.peer, frame.kind, data, frame.hash, mk, missing, continuity, one_time)
