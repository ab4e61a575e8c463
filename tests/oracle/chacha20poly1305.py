"""ChaCha20-Poly1305 (RFC 8439, section 2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")
_ROUNDS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip
_P1305 = 2**130 - 5
_CLAMP = 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> 32 - by) & 0xFFFFFFFF


def block(key: bytes, counter: int, nonce: bytes) -> bytes:
    start = (*_CONSTANTS, *struct.unpack("<8I", key), counter, *struct.unpack("<3I", nonce))
    state = list(start)
    for _ in range(10):
        for a, b, c, d in _ROUNDS:
            for left, to, turned, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[left] = (state[left] + state[to]) & 0xFFFFFFFF
                state[turned] = _rotated(state[turned] ^ state[left], by)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(state, start, strict=True)))


def _stream(key: bytes, nonce: bytes, length: int) -> Iterator[int]:
    for counter in range(1, -(-length // 64) + 1):
        yield from block(key, counter, nonce)


def poly1305(key: bytes, message: bytes) -> bytes:
    r = int.from_bytes(key[:16], "little") & _CLAMP
    total = 0
    for at in range(0, len(message), 16):
        total = (total + int.from_bytes(message[at : at + 16] + b"\x01", "little")) * r % _P1305
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def _tag(key: bytes, nonce: bytes, aad: bytes, sealed: bytes) -> bytes:
    def filled(data: bytes) -> bytes:
        return data + b"\x00" * (-len(data) % 16)

    lengths = struct.pack("<QQ", len(aad), len(sealed))
    return poly1305(block(key, 0, nonce)[:32], filled(aad) + filled(sealed) + lengths)


def seal(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    sealed = bytes(a ^ b for a, b in zip(plaintext, _stream(key, nonce, len(plaintext)), strict=False))
    return sealed + _tag(key, nonce, aad, sealed)


def open_sealed(key: bytes, nonce: bytes, data: bytes, aad: bytes) -> bytes | None:
    """The plaintext, or None if the tag does not fit."""
    sealed, tag = data[:-16], data[-16:]
    if _tag(key, nonce, aad, sealed) != tag:
        return None
    return bytes(a ^ b for a, b in zip(sealed, _stream(key, nonce, len(sealed)), strict=False))
