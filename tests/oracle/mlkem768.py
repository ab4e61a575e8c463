"""ML-KEM-768 (FIPS 203) with randomness from outside. An oracle for tests: it does not run in constant time.

Names are those of the standard. A polynomial is a list of 256 integers modulo Q.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import TypeAlias

Poly: TypeAlias = list[int]
Vector: TypeAlias = list[Poly]

Q = 3329
K = 3
DU, DV = 10, 4
EK_BYTES, DK_BYTES, CT_BYTES = 1184, 2400, 1088


def _reversed_bits(number: int) -> int:
    return int(f"{number:07b}"[::-1], 2)


ZETAS = [pow(17, _reversed_bits(i), Q) for i in range(128)]
GAMMAS = [pow(17, 2 * _reversed_bits(i) + 1, Q) for i in range(128)]


# --- Bytes, bits and polynomials (section 4.2) --------------------------------------------------------


def encode(d: int, values: Iterable[int]) -> bytes:
    """ByteEncode."""
    number = sum(value << d * i for i, value in enumerate(values))
    return number.to_bytes(32 * d, "little")


def decode(d: int, data: bytes) -> Poly:
    """ByteDecode."""
    number = int.from_bytes(data, "little")
    modulus = Q if d == 12 else 1 << d
    return [(number >> d * i & (1 << d) - 1) % modulus for i in range(256)]


def compress(d: int, f: Poly) -> Poly:
    return [((x << d + 1) + Q) // (2 * Q) % (1 << d) for x in f]


def decompress(d: int, f: Poly) -> Poly:
    return [(x * Q * 2 + (1 << d)) >> d + 1 for x in f]


def sample_ntt(seed: bytes) -> Poly:
    def candidates(data: bytes) -> Iterable[int]:
        for a, b, c in zip(data[::3], data[1::3], data[2::3], strict=True):
            yield a + 256 * (b % 16)
            yield b // 16 + 16 * c

    # 1,344 bytes are enough but for one seed in 2^80 or so; the assertion below would say so.
    stream = hashlib.shake_128(seed).digest(1344)
    found = list(islice((x for x in candidates(stream) if x < Q), 256))
    assert len(found) == 256
    return found


def sample_cbd(data: bytes) -> Poly:
    """SamplePolyCBD with eta = 2."""
    bits = int.from_bytes(data, "little")
    quads = (bits >> 4 * i & 15 for i in range(256))
    return [((q & 1) + (q >> 1 & 1) - (q >> 2 & 1) - (q >> 3)) % Q for q in quads]


def prf(seed: bytes, number: int) -> bytes:
    return hashlib.shake_256(seed + bytes([number])).digest(128)


# --- The number-theoretic transform (section 4.3) ------------------------------------------------------


def ntt(f: Poly) -> Poly:
    f, i, length = list(f), 1, 128
    while length >= 2:
        for start in range(0, 256, 2 * length):
            zeta, i = ZETAS[i], i + 1
            for j in range(start, start + length):
                t = zeta * f[j + length] % Q
                f[j + length], f[j] = (f[j] - t) % Q, (f[j] + t) % Q
        length //= 2
    return f


def inverse_ntt(f: Poly) -> Poly:
    f, i, length = list(f), 127, 2
    while length <= 128:
        for start in range(0, 256, 2 * length):
            zeta, i = ZETAS[i], i - 1
            for j in range(start, start + length):
                t = f[j]
                f[j], f[j + length] = (t + f[j + length]) % Q, zeta * (f[j + length] - t) % Q
        length *= 2
    return [x * 3303 % Q for x in f]


def add(f: Poly, g: Poly) -> Poly:
    return [(a + b) % Q for a, b in zip(f, g, strict=True)]


def multiply(f: Poly, g: Poly) -> Poly:
    """The product of two transforms."""
    h: Poly = []
    for i in range(128):
        a0, a1, b0, b1 = f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]
        h += [(a0 * b0 + a1 * b1 * GAMMAS[i]) % Q, (a0 * b1 + a1 * b0) % Q]
    return h


def dot(f: Sequence[Poly], g: Sequence[Poly]) -> Poly:
    total = [0] * 256
    for a, b in zip(f, g, strict=True):
        total = add(total, multiply(a, b))
    return total


# --- K-PKE (section 5) ------------------------------------------------------------------------------


def _matrix(rho: bytes) -> list[Vector]:
    return [[sample_ntt(rho + bytes([j, i])) for j in range(K)] for i in range(K)]


def _noise(seed: bytes, first: int, count: int) -> Vector:
    return [sample_cbd(prf(seed, n)) for n in range(first, first + count)]


def _pieces(data: bytes, d: int) -> Vector:
    return [decode(d, data[at : at + 32 * d]) for at in range(0, len(data), 32 * d)]


def _pke_keys(d: bytes) -> tuple[bytes, bytes]:
    seeds = hashlib.sha3_512(d + bytes([K])).digest()
    rho, sigma = seeds[:32], seeds[32:]
    s = [ntt(f) for f in _noise(sigma, 0, K)]
    e = [ntt(f) for f in _noise(sigma, K, K)]
    t = [add(dot(row, s), noise) for row, noise in zip(_matrix(rho), e, strict=True)]
    return b"".join(encode(12, f) for f in t) + rho, b"".join(encode(12, f) for f in s)


def _pke_encrypt(ek: bytes, m: bytes, r: bytes) -> bytes:
    t, matrix = _pieces(ek[:-32], 12), _matrix(ek[-32:])
    y = [ntt(f) for f in _noise(r, 0, K)]
    columns = [[row[i] for row in matrix] for i in range(K)]
    u = [add(inverse_ntt(dot(c, y)), e) for c, e in zip(columns, _noise(r, K, K), strict=True)]
    noise = sample_cbd(prf(r, 2 * K))
    v = add(add(inverse_ntt(dot(t, y)), noise), decompress(1, decode(1, m)))
    return b"".join(encode(DU, compress(DU, f)) for f in u) + encode(DV, compress(DV, v))


def _pke_decrypt(dk: bytes, c: bytes) -> bytes:
    split = 32 * DU * K
    u = [decompress(DU, f) for f in _pieces(c[:split], DU)]
    v = decompress(DV, decode(DV, c[split:]))
    product = inverse_ntt(dot(_pieces(dk, 12), [ntt(f) for f in u]))
    return encode(1, compress(1, [(a - b) % Q for a, b in zip(v, product, strict=True)]))


# --- ML-KEM (sections 6 and 7) -------------------------------------------------------------------------


@lru_cache(maxsize=256)
def key_pair(d: bytes, z: bytes) -> tuple[bytes, bytes]:
    """The encapsulation and the decapsulation key."""
    ek, dk = _pke_keys(d)
    return ek, dk + ek + hashlib.sha3_256(ek).digest() + z


def key_usable(ek: bytes) -> bool:
    """The length and the modulus check of section 7.2."""
    reencoded = b"".join(encode(12, f) for f in _pieces(ek[: 384 * K], 12))
    return len(ek) == EK_BYTES and reencoded == ek[: 384 * K]


@lru_cache(maxsize=256)
def encapsulate(ek: bytes, m: bytes) -> tuple[bytes, bytes]:
    """The shared secret and the ciphertext."""
    keys = hashlib.sha3_512(m + hashlib.sha3_256(ek).digest()).digest()
    return keys[:32], _pke_encrypt(ek, m, keys[32:])


@lru_cache(maxsize=256)
def decapsulate(dk: bytes, c: bytes) -> bytes:
    """The shared secret; for a ciphertext that nobody made, the value of the implicit rejection."""
    dk_pke, ek, h, z = dk[: 384 * K], dk[384 * K : -64], dk[-64:-32], dk[-32:]
    m = _pke_decrypt(dk_pke, c)
    keys = hashlib.sha3_512(m + h).digest()
    if _pke_encrypt(ek, m, keys[32:]) == c:
        return keys[:32]
    return hashlib.shake_256(z + c).digest(32)
