"""How a store keeps the state of a session (docs/spec/session.md, section 11)."""

from __future__ import annotations

import hashlib
import struct

import chacha20poly1305
import session_constants as limits
from hkdf import expand
from refusal import Refusal

VERSION = b"\x01"


def record_name(kind: int, name: bytes) -> bytes:
    """What stands in place of SID for a record that is not a session."""
    return hashlib.sha256(limits.RECORD + bytes([kind]) + name).digest()[:16]


def _key_and_aad(store_key: bytes, sid: bytes, revision: int) -> tuple[bytes, bytes]:
    aad = limits.STATE + b"\x00" + VERSION + sid + struct.pack(">Q", revision)
    return expand(store_key, limits.STATE + sid, 32), aad


def seal(store_key: bytes, sid: bytes, revision: int, content: bytes, nonce: bytes) -> bytes:
    key, aad = _key_and_aad(store_key, sid, revision)
    return VERSION + nonce + chacha20poly1305.seal(key, nonce, content, aad)


def open_sealed(store_key: bytes, sid: bytes, revision: int, blob: bytes) -> bytes:
    if blob[:1] != VERSION:
        raise Refusal("store.version")
    key, aad = _key_and_aad(store_key, sid, revision)
    content = chacha20poly1305.open_sealed(key, blob[1:13], blob[13:], aad)
    if content is None:
        raise Refusal("store.corrupt")
    return content
