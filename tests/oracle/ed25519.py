"""Strict Ed25519 (docs/spec/envelope.md, section 3).

Everything is computed here with plain integers. The equation is the one without the cofactor: `[S]B` and
`R + [k]A` are compared as points and neither side is multiplied by 8, so a difference of small order makes
them unequal. A verifier with the cofactor would accept it. The rules before the equation (canonical A and R,
neither of small order, S < L) are checked by decoding the points and multiplying them by 8, not by a list;
the tests compare this with the list of 14 encodings in the specification.

`cryptography` is a second opinion only. It computes R' = [S]B - [k]A, encodes it and compares it with R byte
for byte, which is the equation without the cofactor if R is canonical. For what has passed the rules before
it, both must agree; a difference is an error of the oracle and stops it.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# A point (X, Y, Z, T) of the twisted Edwards curve -x^2 + y^2 = 1 + d x^2 y^2: x = X/Z, y = Y/Z, xy = T/Z.
Point: TypeAlias = tuple[int, int, int, int]

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY: Point = (0, 1, 1, 0)

KEY_INVALID = "signature.key_invalid"
INVALID = "signature.invalid"


def add(a: Point, b: Point) -> Point:
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e1 = (y1 - x1) * (y2 - x2) % P
    e2 = (y1 + x1) * (y2 + x2) % P
    e3 = 2 * t1 * t2 * D % P
    e4 = 2 * z1 * z2 % P
    e, f, g, h = e2 - e1, e4 - e3, e4 + e3, e2 + e1
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(a: Point) -> Point:
    x1, y1, z1, _ = a
    aa = x1 * x1 % P
    bb = y1 * y1 % P
    cc = 2 * z1 * z1
    h = aa + bb
    e = h - (x1 + y1) * (x1 + y1) % P
    g = aa - bb
    f = cc + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar: int, point: Point) -> Point:
    result = IDENTITY
    for bit in bin(scalar)[2:]:
        result = double(result)
        if bit == "1":
            result = add(result, point)
    return result


def negate(point: Point) -> Point:
    x, y, z, t = point
    return -x % P, y, z, -t % P


def equal(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point_at(y: int, sign: int) -> Point | None:
    """The point with this y and this lowest bit of x, if the curve has one."""
    y %= P
    numerator = (y * y - 1) % P
    denominator = (D * y * y + 1) % P
    x = numerator * pow(denominator, 3, P) * pow(numerator * pow(denominator, 7, P), (P - 5) // 8, P) % P
    if denominator * x * x % P == -numerator % P:
        x = x * SQRT_MINUS_ONE % P
    if denominator * x * x % P != numerator:
        return None
    if x % 2 != sign:
        x = -x % P
    return x, y, 1, x * y % P


def encode(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


@lru_cache(maxsize=4096)
def decode(data: bytes) -> Point | None:
    """Decode a canonical encoding; None for anything else."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if len(data) != 32 or y >= P:
        return None
    point = point_at(y, sign)
    if point is None or (point[0] == 0 and sign == 1):
        return None
    return point


def small_order(point: Point) -> bool:
    return equal(multiply(8, point), IDENTITY)


_BASE = point_at(4 * pow(5, -1, P), 0)
assert _BASE is not None
BASE: Point = _BASE


def challenge(r: bytes, public_key: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + public_key + message).digest(), "little") % L


@lru_cache(maxsize=4096)
def key_usable(public_key: bytes) -> bool:
    point = decode(public_key)
    return point is not None and not small_order(point)


@lru_cache(maxsize=4096)
def fault(public_key: bytes, message: bytes, signature: bytes) -> str | None:
    """None if the signature is valid, else the reason code."""
    a = decode(public_key)
    if a is None or not key_usable(public_key):
        return KEY_INVALID
    if len(signature) != 64:
        return INVALID
    r = decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if r is None or small_order(r) or s >= L:
        return INVALID
    k = challenge(signature[:32], public_key, message)
    holds = equal(multiply(s, BASE), add(r, multiply(k, a)))
    if holds != _second_opinion(public_key, message, signature):
        raise AssertionError("the two implementations of Ed25519 disagree")
    return None if holds else INVALID


def _second_opinion(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=1024)
def expand(seed: bytes) -> tuple[int, bytes, bytes]:
    """The secret scalar, the prefix and the public key of a seed (RFC 8032, section 5.1.5)."""
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    return scalar, digest[32:], encode(multiply(scalar, BASE))


def public_key_of(seed: bytes) -> bytes:
    return expand(seed)[2]


@lru_cache(maxsize=4096)
def sign(seed: bytes, message: bytes) -> bytes:
    scalar, prefix, public_key = expand(seed)
    nonce = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    r = encode(multiply(nonce, BASE))
    s = (nonce + challenge(r, public_key, message) * scalar) % L
    return r + s.to_bytes(32, "little")
