"""Frames, init containers, padding, and one opened message (docs/spec/session.md, sections 3.4, 5 and 10)."""

from __future__ import annotations

import hashlib
import hmac as constant_time
import struct
from dataclasses import dataclass, replace

import chacha20poly1305
import didkey
import mlkem768
import session_constants as limits
from hkdf import hmac
from refusal import Refusal
from session_keys import ID

HEAD_BYTES = 104
TAG_BYTES = 16
_HEAD = struct.Struct(">BBH16s32sII12s32s")


@dataclass(frozen=True)
class Frame:
    kind: int
    suite: int
    sid: bytes
    dh: bytes
    pn: int
    n: int
    nonce: bytes
    com: bytes = bytes(32)
    sealed: bytes = b""

    @property
    def head(self) -> bytes:
        return _HEAD.pack(
            limits.VERSION, self.kind, self.suite, self.sid, self.dh, self.pn, self.n, self.nonce, self.com
        )

    @property
    def data(self) -> bytes:
        return self.head + self.sealed

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(limits.FRAME + self.data).digest()


def parse(data: bytes) -> Frame:
    """Section 5.2."""
    frame = _form(data)
    if frame.suite not in limits.SUITES:
        raise Refusal("session.suite")
    return frame


def _form(data: bytes) -> Frame:
    """What is a frame whatever its suite."""
    padded = len(data) - HEAD_BYTES - TAG_BYTES
    if padded % limits.BUCKET or not limits.BUCKET <= padded <= limits.MAX_PLAINTEXT:
        raise Refusal("session.malformed")
    version, kind, suite, sid, dh, pn, n, nonce, com = _HEAD.unpack(data[:HEAD_BYTES])
    if version != limits.VERSION or kind not in (limits.MESSAGE, limits.CLOSE, limits.RESET):
        raise Refusal("session.malformed")
    return Frame(kind, suite, sid, dh, pn, n, nonce, com, data[HEAD_BYTES:])


def pad(data: bytes, bucket: int = limits.BUCKET) -> bytes:
    plain = struct.pack(">I", len(data)) + data
    return plain + bytes(-len(plain) % bucket)


def unpad(plaintext: bytes, kind: int) -> bytes:
    """The data of a frame: section 7, step 6."""
    length = int.from_bytes(plaintext[:4], "big")
    data, rest = plaintext[4 : 4 + length], plaintext[4 + length :]
    if len(data) != length or length > limits.MAX_DATA or any(rest) or (data and kind != limits.MESSAGE):
        raise Refusal("session.malformed")
    return data


def commitment(mk: bytes) -> bytes:
    return hmac(mk, limits.COMMIT)


def seal(frame: Frame, mk: bytes, th: bytes, plaintext: bytes) -> Frame:
    """The frame with its commitment and its ciphertext."""
    frame = replace(frame, com=commitment(mk))
    aad = limits.AAD + th + frame.head
    return replace(frame, sealed=chacha20poly1305.seal(hmac(mk, limits.KEY), frame.nonce, plaintext, aad))


def open_sealed(frame: Frame, mk: bytes, th: bytes) -> bytes | None:
    """The plaintext; None if commitment or tag do not fit."""
    if not constant_time.compare_digest(commitment(mk), frame.com):
        return None
    aad = limits.AAD + th + frame.head
    return chacha20poly1305.open_sealed(hmac(mk, limits.KEY), frame.nonce, frame.sealed, aad)


def verify_opening(data: bytes, frame_hash: bytes, th: bytes, mk: bytes) -> bytes:
    """The data of a message that a party discloses to an auditor: section 10."""
    frame = parse(data)
    plaintext = open_sealed(frame, mk, th) if frame.hash == frame_hash else None
    if plaintext is None:
        raise Refusal("session.opening_mismatch")
    return unpad(plaintext, frame.kind)


# --- Init containers ------------------------------------------------------------------------------------


def lp(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


@dataclass(frozen=True)
class Head:
    """What comes before the frame; the same in every container of a session."""

    suite: int
    did_a: str
    did_b: str
    agree_a: bytes
    ek: bytes
    spk_id: str
    opk_id: str
    pq_id: str
    ct: bytes
    bundle_hash: bytes
    renews: bytes
    statement: bytes

    @property
    def data(self) -> bytes:
        names = (self.spk_id, self.opk_id, self.pq_id)
        return b"".join(
            (
                struct.pack(">BBH", limits.VERSION, limits.INIT, self.suite),
                lp(self.did_a.encode()),
                lp(self.did_b.encode()),
                didkey.signing_key(self.did_a).public_key,
                self.agree_a,
                self.ek,
                *(lp(name.encode()) for name in names),
                lp(self.ct),
                self.bundle_hash,
                lp(self.renews),
                lp(self.statement),
            )
        )


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, length: int) -> bytes:
        self.at += length
        if self.at > len(self.data):
            raise Refusal("session.malformed")
        return self.data[self.at - length : self.at]

    def lp(self, most: int) -> bytes:
        length = int.from_bytes(self.take(4), "big")
        if length > most:
            raise Refusal("session.malformed")
        return self.take(length)

    def text(self, most: int) -> str:
        return self.lp(most).decode("latin-1")


def is_container(data: bytes) -> bool:
    return data[:2] == bytes((limits.VERSION, limits.INIT))


def parse_container(data: bytes) -> tuple[Head, Frame]:
    """Section 3.4, for bytes that is_container has told apart."""
    cursor = _Cursor(data)
    suite = int.from_bytes(cursor.take(4)[2:], "big")
    did_a, did_b = cursor.text(129), cursor.text(129)
    sign_a = cursor.take(32)
    head = Head(
        suite,
        did_a,
        did_b,
        agree_a=cursor.take(32),
        ek=cursor.take(32),
        spk_id=cursor.text(64),
        opk_id=cursor.text(64),
        pq_id=cursor.text(64),
        ct=cursor.lp(len(data)),
        bundle_hash=cursor.take(32),
        renews=cursor.lp(16),
        statement=cursor.lp(limits.MAX_STATEMENT),
    )
    inner = cursor.lp(HEAD_BYTES + limits.MAX_PLAINTEXT + TAG_BYTES)
    if cursor.at != len(data) or not _head_fits(head, sign_a):
        raise Refusal("session.malformed")
    frame = _form(inner)
    if suite not in limits.SUITES:
        raise Refusal("session.suite")
    if frame.suite != suite or not _is_of_suite(head):
        raise Refusal("session.malformed")
    return head, frame


def _head_fits(head: Head, sign_a: bytes) -> bool:
    try:
        keys = [didkey.signing_key(did).public_key for did in (head.did_a, head.did_b)]
    except Refusal:
        return False
    return (
        keys[0] == sign_a
        and ID.fullmatch(head.spk_id) is not None
        and all(not name or ID.fullmatch(name) is not None for name in (head.opk_id, head.pq_id))
        and len(head.renews) in (0, 16)
    )


def _is_of_suite(head: Head) -> bool:
    hybrid = head.suite == limits.HYBRID
    return bool(head.pq_id) == hybrid and len(head.ct) == (mlkem768.CT_BYTES if hybrid else 0)
