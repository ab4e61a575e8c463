"""Talos against implementations of the same standards by other people, on fresh random cases.

The seed is printed by a failing test; set TALOS_SEED to repeat it.
"""

from __future__ import annotations

import base64
import json
import os
import random
import struct
import subprocess
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ROOT = Path(__file__).resolve().parents[2]
TALOS = os.environ.get("TALOS_BIN", str(ROOT / "target/debug/talos"))
SEED = int(os.environ.get("TALOS_SEED", str(random.SystemRandom().getrandbits(32))))
CASES = 10_000


def lines(program: list[str], inputs: list[str]) -> list[str]:
    done = subprocess.run(program, input="\n".join(inputs) + "\n", capture_output=True, text=True, check=True)
    answers = done.stdout.split("\n")[:-1]
    assert len(answers) == len(inputs), f"seed {SEED}: {len(inputs)} questions, {len(answers)} answers"
    return answers


def call(operation: str, inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    asked = [json.dumps(each, separators=(",", ":")) for each in inputs]
    return [json.loads(answer) for answer in lines([TALOS, "call", operation, "--lines"], asked)]


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def random_text(rng: random.Random) -> str:
    pools = ['abc_ "\\/', "\x00\x01\x1f\x7f\b\t\n\f\r", "éß€\u2028\ufeff", "\ue000\uffff\U00010000\U0010ffff"]
    return "".join(rng.choice(rng.choice(pools)) for _ in range(rng.randrange(6)))


def random_double(rng: random.Random) -> float:
    while True:
        value: float = struct.unpack("<d", rng.randbytes(8))[0]
        if rng.random() < 0.5:
            value = rng.choice([1, -1]) * rng.random() * 10 ** rng.randrange(-30, 30)
        if value == value and abs(value) != float("inf"):
            return value


def random_value(rng: random.Random, depth: int = 0) -> Any:
    kind = rng.randrange(8 if depth < 4 else 6)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind <= 2:
        return rng.randrange(-(2**53) + 1, 2**53) >> rng.randrange(53)
    if kind == 3:
        return random_double(rng)
    if kind <= 5:
        return random_text(rng)
    if kind == 6:
        return [random_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {random_text(rng): random_value(rng, depth + 1) for _ in range(rng.randrange(5))}


def test_canonical_bytes_are_those_of_two_other_implementations() -> None:
    rng = random.Random(SEED)
    values = [{random_text(rng): random_value(rng) for _ in range(5)} for _ in range(CASES)]
    texts = [json.dumps(value, ensure_ascii=rng.random() < 0.5) for value in values]
    ours = call("json.canonicalize", [{"text": text, "profile": "rfc8785"} for text in texts])
    python = [rfc8785.dumps(value).decode() for value in values]
    node = lines(["node", str(ROOT / "node/interop/canonicalize.mjs")], texts)
    for text, mine, theirs, also in zip(texts, ours, python, node, strict=True):
        assert mine.get("canonical") == theirs == also, f"seed {SEED}: {text}"


def test_what_openssl_signs_verifies_and_what_talos_signs_openssl_verifies() -> None:
    rng = random.Random(SEED)
    seeds = [rng.randbytes(32) for _ in range(200)]
    messages = [rng.randbytes(rng.randrange(200)) for _ in seeds]
    asked = [{"seed": b64u(s), "message": b64u(m)} for s, m in zip(seeds, messages, strict=True)]
    signed = call("ed25519.sign", asked)
    questions = []
    for seed, message, mine in zip(seeds, messages, signed, strict=True):
        private = Ed25519PrivateKey.from_private_bytes(seed)
        public = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        assert mine["public_key"] == b64u(public), f"seed {SEED}"
        Ed25519PublicKey.from_public_bytes(public).verify(unb64u(mine["signature"]), message)
        question = {"public_key": b64u(public), "message": b64u(message)}
        questions.append(question | {"signature": b64u(private.sign(message))})
    assert all(answer["valid"] for answer in call("ed25519.verify", questions)), f"seed {SEED}"


def test_a_signature_with_one_bit_flipped_is_refused() -> None:
    rng = random.Random(SEED)
    private = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
    public = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    good = private.sign(b"message")
    questions = []
    for bit in range(512):
        flipped = bytearray(good)
        flipped[bit >> 3] ^= 1 << (bit & 7)
        questions.append(
            {"public_key": b64u(public), "message": b64u(b"message"), "signature": b64u(bytes(flipped))}
        )
    assert not any(answer["valid"] for answer in call("ed25519.verify", questions)), f"seed {SEED}"
