"""X25519 (RFC 7748, section 5) with plain integers. An oracle for tests: it does not run in constant time."""

from __future__ import annotations

from functools import lru_cache

P = 2**255 - 19
A24 = 121665
BASE = (9).to_bytes(32, "little")


@lru_cache(maxsize=4096)
def x25519(private: bytes, public: bytes) -> bytes:
    """The shared u coordinate; all zeros where the public key is of small order."""
    scalar = int.from_bytes(private, "little") & (2**254 - 8) | 2**254
    u = int.from_bytes(public, "little") & (2**255 - 1)
    x2, z2, x3, z3 = 1, 0, u, 1
    swapped = 0
    for at in range(254, -1, -1):
        bit = scalar >> at & 1
        if bit != swapped:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swapped = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, u * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + A24 * e) % P
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def public_key_of(private: bytes) -> bytes:
    return x25519(private, BASE)
