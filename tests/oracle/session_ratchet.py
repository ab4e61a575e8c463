"""The Double Ratchet (docs/spec/session.md, sections 4, 6 and 7)."""

from __future__ import annotations

import hmac as constant_time
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

import session_constants as limits
import session_frame
import x25519
from entropy import Entropy
from hkdf import hkdf, hmac
from refusal import Refusal
from session_frame import Frame
from session_handshake import agree

T = TypeVar("T")


def kdf_rk(rk: bytes, dh: bytes) -> tuple[bytes, bytes]:
    okm = hkdf(rk, dh, limits.ROOT, 64)
    return okm[:32], okm[32:]


def kdf_ck(ck: bytes) -> tuple[bytes, bytes]:
    """The message key and the next chain key."""
    return hmac(ck, limits.CHAIN_MESSAGE), hmac(ck, limits.CHAIN_NEXT)


@dataclass
class Chain:
    """A receiving chain; its key is None once it has ended."""

    dh: bytes
    key: bytes | None
    next: int = 0


@dataclass
class Ratchet:
    root: bytes
    own: bytes = b""  # The private ratchet key.
    sending: bytes | None = None
    sent: int = 0
    pn: int = 0
    chains: list[Chain] = field(default_factory=list)
    skipped: dict[tuple[bytes, int], bytes] = field(default_factory=dict)
    opened: dict[tuple[bytes, int], tuple[bytes, bytes]] = field(default_factory=dict)

    def start_sending(self, theirs: bytes, entropy: Entropy) -> None:
        self.own = entropy.take(32)
        self.root, self.sending = kdf_rk(self.root, agree(self.own, theirs))
        self.sent = 0

    def seal(
        self, kind: int, suite: int, sid: bytes, th: bytes, plaintext: bytes, entropy: Entropy
    ) -> tuple[Frame, bytes]:
        """The next frame and its message key."""
        if self.sending is None:
            self.start_sending(self.chains[-1].dh, entropy)
        assert self.sending is not None
        mk, self.sending = kdf_ck(self.sending)
        own = x25519.public_key_of(self.own)
        frame = Frame(kind, suite, sid, own, self.pn, self.sent, entropy.take(12))
        self.sent += 1
        return session_frame.seal(frame, mk, th, plaintext), mk

    def open(self, frame: Frame, th: bytes, throttled: bool = False) -> tuple[Ratchet, bytes, bytes]:
        """The ratchet as it is after this frame, the data, and the message key. This one stays as it is."""
        staged = self._copy()
        mk = staged._locate(frame, throttled)
        plaintext = session_frame.open_sealed(frame, mk, th)
        if plaintext is None:
            raise Refusal("session.authentication")
        if self.chains and self.is_new(frame) and frame.pn < self.chains[-1].next:
            raise Refusal("session.fork")
        data = session_frame.unpad(plaintext, frame.kind)
        staged.opened[frame.dh, frame.n] = frame.com, frame.hash
        staged._forget()
        return staged, data, mk

    def _copy(self) -> Ratchet:
        chains = [replace(chain) for chain in self.chains]
        return replace(self, chains=chains, skipped=dict(self.skipped), opened=dict(self.opened))

    def is_new(self, frame: Frame) -> bool:
        return all(chain.dh != frame.dh for chain in self.chains)

    def _locate(self, frame: Frame, throttled: bool) -> bytes:
        """Section 7, step 3."""
        if self.is_new(frame):
            return self._first_of_chain(frame, throttled)
        chain = next(chain for chain in self.chains if chain.dh == frame.dh)
        if frame.n < chain.next:
            return self._used_or_skipped(frame)
        if chain is not self.chains[-1]:
            raise Refusal("session.authentication")
        _check_work(frame.n - chain.next, throttled=throttled)
        self._skip(chain, frame.n)
        return self._next(chain)

    def _used_or_skipped(self, frame: Frame) -> bytes:
        place = frame.dh, frame.n
        if place in self.skipped:
            return self.skipped.pop(place)
        if place not in self.opened:
            raise Refusal("session.key_gone")
        com, frame_hash = self.opened[place]
        if not constant_time.compare_digest(frame.com, com):
            raise Refusal("session.authentication")
        raise Refusal("session.duplicate" if frame.hash == frame_hash else "session.fork")

    def _first_of_chain(self, frame: Frame, throttled: bool) -> bytes:
        if self.chains:
            before = self.chains[-1]
            _check_work(frame.pn - before.next, frame.n, throttled=throttled)
            self._skip(before, frame.pn)
            before.key = None
        elif frame.pn:
            raise Refusal("session.malformed")
        else:
            _check_work(frame.n, throttled=throttled)
        self.root, key = kdf_rk(self.root, agree(self.own, frame.dh))
        if self.sending is not None:
            self.sending, self.pn = None, self.sent
        chain = Chain(frame.dh, key)
        self.chains.append(chain)
        self._skip(chain, frame.n)
        return self._next(chain)

    def _next(self, chain: Chain) -> bytes:
        assert chain.key is not None
        mk, chain.key = kdf_ck(chain.key)
        chain.next += 1
        return mk

    def _skip(self, chain: Chain, until: int) -> None:
        while chain.next < until:
            place = chain.dh, chain.next
            self.skipped[place] = self._next(chain)

    def _forget(self) -> None:
        """Keep to the bounds at the end of section 7."""
        del self.chains[: -limits.MAX_CHAINS]
        kept = {chain.dh for chain in self.chains}
        self.skipped = _newest(self.skipped, kept, limits.MAX_SKIPPED)
        self.opened = _newest(self.opened, kept, limits.MAX_OPENED)


def _newest(found: dict[tuple[bytes, int], T], kept: set[bytes], most: int) -> dict[tuple[bytes, int], T]:
    of_kept = {place: value for place, value in found.items() if place[0] in kept}
    return dict(islice(of_kept.items(), max(0, len(of_kept) - most), None))


def _check_work(*skips: int, throttled: bool) -> None:
    if throttled and sum(max(0, count) for count in skips) > limits.FREE_SKIP:
        raise Refusal("session.throttled")
    if any(count > limits.MAX_SKIP for count in skips):
        raise Refusal("session.skip_limit")
