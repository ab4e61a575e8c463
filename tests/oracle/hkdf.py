"""HMAC-SHA-256 (RFC 2104) and HKDF (RFC 5869)."""

from __future__ import annotations

import hashlib


def hmac(key: bytes, message: bytes) -> bytes:
    if len(key) > 64:
        key = hashlib.sha256(key).digest()
    key = key.ljust(64, b"\x00")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    output, last = b"", b""
    while len(output) < length:
        last = hmac(prk, last + info + bytes([len(output) // 32 + 1]))
        output += last
    return output[:length]


def hkdf(salt: bytes, ikm: bytes, info: bytes, length: int) -> bytes:
    return expand(hmac(salt, ikm), info, length)
