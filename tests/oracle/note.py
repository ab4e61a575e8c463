"""Log keys and checkpoints (docs/spec/log.md, sections 2 and 3)."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import constants
import ed25519
from encoding import from_base64, from_decimal, to_base64
from refusal import Refusal

DASH = "\N{EM DASH}"
MAX_SIGNATURES = 32
MAX_BYTES = 16_384
# The characters with the Unicode property White_Space.
_SPACES = (0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
WHITE_SPACE = frozenset(map(chr, (*range(0x09, 0x0E), *range(0x2000, 0x200B), *_SPACES)))


@dataclass(frozen=True)
class LogKey:
    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        data = self.name.encode("utf-8") + b"\n" + constants.LOG_KEY_TYPE + self.public_key
        return hashlib.sha256(data).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_base64(constants.LOG_KEY_TYPE + self.public_key)}"


def is_name(text: str) -> bool:
    """Whether a log key may have this name."""
    return text != "" and "+" not in text and WHITE_SPACE.isdisjoint(text) and not any(map(is_control, text))


def is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc"


def parse_vkey(text: str) -> LogKey:
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_name(parts[0]):
        raise Refusal("key.malformed")
    data = from_base64(parts[2])
    if data is None or len(data) != 33 or data[:1] != constants.LOG_KEY_TYPE:
        raise Refusal("key.malformed")
    key = LogKey(parts[0], data[1:])
    if parts[1] != key.key_id.hex():
        raise Refusal("key.malformed")
    if not ed25519.key_usable(key.public_key):
        raise Refusal(ed25519.KEY_INVALID)
    return key


@dataclass(frozen=True)
class Line:
    """A signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes

    def by(self, key: LogKey) -> bool:
        return self.name == key.name and self.key_id == key.key_id


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    lines: tuple[Line, ...]

    @property
    def signed_text(self) -> str:
        return checkpoint_text(self.origin, self.size, self.root)

    def check(self, keys: Iterable[LogKey]) -> bool:
        """Whether any line is by one of these keys; each that is must be right."""
        mine = [(line, key) for line in self.lines for key in keys if line.by(key)]
        for line, key in mine:
            if ed25519.fault(key.public_key, self.signed_text.encode("utf-8"), line.signature) is not None:
                raise Refusal("checkpoint.signature_invalid")
        return bool(mine)


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    return f"{origin}\n{size}\n{to_base64(root)}\n"


def parse_checkpoint(note: str) -> Checkpoint:
    text, found, signatures = note.partition("\n\n")
    head = text.split("\n")
    if not found or len(head) != 3 or not signatures.endswith("\n"):
        raise Refusal("checkpoint.malformed")
    if len(note.encode("utf-8")) > MAX_BYTES or any(is_control(char) and char != "\n" for char in note):
        raise Refusal("checkpoint.malformed")
    origin, size_text, root_text = head
    size = from_decimal(size_text, constants.MAX_COUNTER)
    root = from_base64(root_text)
    if not is_name(origin) or size is None or root is None or len(root) != 32:
        raise Refusal("checkpoint.malformed")
    lines = tuple(map(_line, signatures[:-1].split("\n")))
    if len(lines) > MAX_SIGNATURES:
        raise Refusal("checkpoint.malformed")
    return Checkpoint(origin, size, root, lines)


def _line(text: str) -> Line:
    parts = text.split(" ", 2)
    if len(parts) != 3 or parts[0] != DASH:
        raise Refusal("checkpoint.malformed")
    _, name, encoded = parts
    data = from_base64(encoded)
    if not is_name(name) or data is None or len(data) < 5:
        raise Refusal("checkpoint.malformed")
    return Line(name, data[:4], data[4:])


def verify_checkpoint(note: str, vkey: str) -> Checkpoint:
    """Verify a note with the one key that was asked for."""
    key = parse_vkey(vkey)
    checkpoint = parse_checkpoint(note)
    if checkpoint.origin != key.name:
        raise Refusal("checkpoint.origin_mismatch")
    if not checkpoint.check([key]):
        raise Refusal("checkpoint.key_unknown")
    return checkpoint


def signature_line(seed: bytes, name: str, text: str) -> str:
    key = LogKey(name, ed25519.public_key_of(seed))
    return f"{DASH} {name} {to_base64(key.key_id + ed25519.sign(seed, text.encode('utf-8')))}\n"


def signed_note(text: str, seed: bytes, name: str) -> str:
    return f"{text}\n{signature_line(seed, name, text)}"


def sign_checkpoint(seed: bytes, origin: str, size: int, root: bytes) -> tuple[str, str]:
    """The note and the vkey that verifies it."""
    if size > constants.MAX_SIZE:
        raise Refusal("proof.size_out_of_range")
    text = checkpoint_text(origin, size, root)
    return signed_note(text, seed, origin), LogKey(origin, ed25519.public_key_of(seed)).vkey
