"""What sessions stand on, against the examples of the standards and a second opinion, `cryptography`."""

from __future__ import annotations

import hashlib
import random

import chacha20poly1305
import hkdf
import mlkem768
import pytest
import x25519
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SOURCE = random.Random(1)


# --- RFC 7748 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scalar", "u", "shared"),
    [
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        ),
    ],
)
def test_x25519_gives_what_section_5_2_says(scalar: str, u: str, shared: str) -> None:
    assert x25519.x25519(bytes.fromhex(scalar), bytes.fromhex(u)).hex() == shared


def test_x25519_a_thousand_times() -> None:
    k = u = x25519.BASE
    for done in range(1000):
        k, u = x25519.x25519(k, u), k
        if done == 0:
            assert k.hex() == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
    assert k.hex() == "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"


def test_x25519_has_a_second_opinion() -> None:
    for _ in range(20):
        private, other = SOURCE.randbytes(32), SOURCE.randbytes(32)
        theirs = X25519PrivateKey.from_private_bytes(private)
        assert x25519.public_key_of(private) == theirs.public_key().public_bytes_raw()
        assert x25519.x25519(private, other) == theirs.exchange(X25519PublicKey.from_public_bytes(other))


@pytest.mark.parametrize("u", [0, 1, x25519.P - 1, x25519.P, x25519.P + 1])
def test_points_of_small_order_give_zeros(u: int) -> None:
    assert not any(x25519.x25519(SOURCE.randbytes(32), u.to_bytes(32, "little")))


# --- RFC 8439 -----------------------------------------------------------------------------------------


def test_a_block_of_chacha20_is_that_of_section_2_3_2() -> None:
    block = chacha20poly1305.block(bytes(range(32)), 1, bytes.fromhex("000000090000004a00000000"))
    assert block.hex() == (
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
    )


def test_poly1305_is_that_of_section_2_5_2() -> None:
    key = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
    tag = chacha20poly1305.poly1305(key, b"Cryptographic Forum Research Group")
    assert tag.hex() == "a8061dc1305136c6c22b8baf0c0127a9"


def test_the_aead_is_that_of_section_2_8_2() -> None:
    plaintext = (
        b"Ladies and Gentlemen of the class of '99: If I could offer you "
        b"only one tip for the future, sunscreen would be it."
    )
    key, nonce = bytes(range(0x80, 0xA0)), bytes.fromhex("070000004041424344454647")
    aad = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    sealed = chacha20poly1305.seal(key, nonce, plaintext, aad)
    assert sealed[:16].hex() == "d31a8d34648e60db7b86afbc53ef7ec2"
    assert sealed[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691"
    assert chacha20poly1305.open_sealed(key, nonce, sealed, aad) == plaintext


def test_the_aead_has_a_second_opinion() -> None:
    for length in (0, 1, 15, 16, 17, 63, 64, 65, 200):
        key, nonce, aad = SOURCE.randbytes(32), SOURCE.randbytes(12), SOURCE.randbytes(length // 2)
        plaintext = SOURCE.randbytes(length)
        sealed = chacha20poly1305.seal(key, nonce, plaintext, aad)
        assert sealed == ChaCha20Poly1305(key).encrypt(nonce, plaintext, aad)
        assert chacha20poly1305.open_sealed(key, nonce, sealed, aad) == plaintext
        wrong = bytes([sealed[0] ^ 1]) + sealed[1:]
        assert chacha20poly1305.open_sealed(key, nonce, wrong, aad) is None
        with pytest.raises(InvalidTag):
            ChaCha20Poly1305(key).decrypt(nonce, wrong, aad)


# --- RFC 5869 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ikm", "salt", "info", "okm"),
    [
        (
            b"\x0b" * 22,
            bytes(range(13)),
            bytes(range(0xF0, 0xFA)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            bytes(range(0x50)),
            bytes(range(0x60, 0xB0)),
            bytes(range(0xB0, 0x100)),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
            "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
            "cc30c58179ec3e87c14c01d5c1f3434f1d87",
        ),
        (
            b"\x0b" * 22,
            b"",
            b"",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
)
def test_hkdf_gives_what_appendix_a_says(ikm: bytes, salt: bytes, info: bytes, okm: str) -> None:
    length = len(okm) // 2
    assert hkdf.hkdf(salt, ikm, info, length).hex() == okm
    assert HKDF(hashes.SHA256(), length, salt, info).derive(ikm).hex() == okm


# --- FIPS 203 -----------------------------------------------------------------------------------------

# Wycheproof (Apache-2.0), mlkem_768_encaps_test tcId 14 and mlkem_768_test tcId 194; long values by SHA-256.
SEED = bytes.fromhex(
    "7c9935a0b07694aa0c6d10e4db6b1add2fd81a25ccb148032dcd739936737f2d"
    "8626ed79d451140800e03b59b956f8210e556067407d13dc90fa9e8b872bfb8f"
)
M = bytes.fromhex("147c03f7a5bebba406c8fae1874d7f13c80efe79a3a9a874cc09fe76f6997615")
EK, DK = mlkem768.key_pair(SEED[:32], SEED[32:])


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_known_answer_of_ml_kem() -> None:
    assert sha256(EK) == "86adbca81f4fee893e2fb58fb98aa2fe188f501fed268d7f4056f8c05c4e53c4"
    assert sha256(DK) == "8757e8aee5e441aee07a43af40467d32f80aee5c51aae4ebd2bdb844c038aac7"
    secret, ciphertext = mlkem768.encapsulate(EK, M)
    assert secret.hex() == "e7184a0975ee3470878d2d159ec83129c8aec253d4ee17b4810311d198cd0368"
    assert sha256(ciphertext) == "36829a2f35cbf4deb62c0a12a15c22dae9f8d2c252566fc24f88abe805cb575e"
    assert mlkem768.decapsulate(DK, ciphertext) == secret


def test_a_known_answer_of_implicit_rejection() -> None:
    _, ciphertext = mlkem768.encapsulate(EK, M)
    wrong = bytes([ciphertext[0] ^ 1]) + ciphertext[1:]
    rejected = mlkem768.decapsulate(DK, wrong)
    assert rejected.hex() == "d8f24fa38430a171f93f27d46c52e0bc636d0a1fd5b9571951afbf1ad0b895a5"
    assert rejected == hashlib.shake_256(SEED[32:] + wrong).digest(32)


def test_ml_kem_has_a_second_opinion() -> None:
    for _ in range(5):
        d, z = SOURCE.randbytes(32), SOURCE.randbytes(32)
        ek, dk = mlkem768.key_pair(d, z)
        theirs = MLKEM768PrivateKey.from_seed_bytes(d + z)
        assert ek == theirs.public_key().public_bytes_raw()
        secret, ciphertext = mlkem768.encapsulate(ek, SOURCE.randbytes(32))
        assert theirs.decapsulate(ciphertext) == secret
        secret, ciphertext = MLKEM768PublicKey.from_public_bytes(ek).encapsulate()
        assert mlkem768.decapsulate(dk, ciphertext) == secret
        wrong = bytearray(ciphertext)
        wrong[SOURCE.randrange(len(wrong))] ^= 1 << SOURCE.randrange(8)
        assert mlkem768.decapsulate(dk, bytes(wrong)) == theirs.decapsulate(bytes(wrong)) != secret


def test_a_coefficient_of_q_or_more_is_no_key() -> None:
    assert mlkem768.key_usable(EK)
    for value in (mlkem768.Q, 4095):
        rest = int.from_bytes(EK[:3], "little") & 0xFFF000
        assert not mlkem768.key_usable((rest | value).to_bytes(3, "little") + EK[3:])
    assert not mlkem768.key_usable(EK[:-1])
    assert not mlkem768.key_usable(EK + b"\x00")
