"""did:key, DID URLs and DID documents (docs/spec/identity.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import ed25519
from canonical import Value
from encoding import to_base64url
from refusal import Refusal

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
PREFIXES = {"ed25519": b"\xed\x01", "x25519": b"\xec\x01"}
MAX_BASE58 = 120

_IDCHAR = r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})"
_DID = re.compile(rf"did:([a-z0-9]+):((?:{_IDCHAR}|:)*{_IDCHAR})")


@dataclass(frozen=True)
class Key:
    key_type: str
    public_key: bytes

    @property
    def multibase(self) -> str:
        return "z" + base58(PREFIXES[self.key_type] + self.public_key)

    @property
    def did(self) -> str:
        return "did:key:" + self.multibase

    @property
    def url(self) -> str:
        return f"{self.did}#{self.multibase}"

    def document(self) -> dict[str, Value]:
        method: dict[str, Value] = {
            "controller": self.did,
            "id": self.url,
            "publicKeyMultibase": self.multibase,
            "type": "Multikey",
        }
        document: dict[str, Value] = {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.did,
            "verificationMethod": [method],
        }
        relations = ["keyAgreement"]
        if self.key_type == "ed25519":
            relations = ["assertionMethod", "authentication", "capabilityDelegation", "capabilityInvocation"]
        for relation in relations:
            document[relation] = [self.url]
        return document

    def resolution(self) -> dict[str, Value]:
        return {
            "key_type": self.key_type,
            "public_key": to_base64url(self.public_key),
            "document": self.document(),
        }


def base58(data: bytes) -> str:
    zeros = len(data) - len(data.lstrip(b"\x00"))
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = ALPHABET[digit] + digits
    return "1" * zeros + digits


def from_base58(text: str) -> bytes | None:
    number = 0
    for char in text:
        digit = ALPHABET.find(char)
        if digit < 0:
            return None
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return b"\x00" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def resolve(did: str) -> Key:
    """The key of a DID, or a did.* Refusal."""
    found = _DID.fullmatch(did)
    if not found:
        raise Refusal("did.malformed")
    method, identifier = found.groups()
    if method != "key":
        raise Refusal("did.method_unsupported")
    if not identifier.startswith("z") or len(identifier) > 1 + MAX_BASE58:
        raise Refusal("did.malformed")
    data = from_base58(identifier[1:])
    if data is None or len(data) < 2:
        raise Refusal("did.malformed")
    for key_type, prefix in PREFIXES.items():
        if data.startswith(prefix):
            if len(data) != 34:
                raise Refusal("did.malformed")
            if key_type == "ed25519" and not ed25519.key_usable(data[2:]):
                raise Refusal(ed25519.KEY_INVALID)
            return Key(key_type, data[2:])
    raise Refusal("did.key_type_unsupported")


def signing_key(did: str) -> Key:
    """The key of a DID, where only a key that signs will do."""
    key = resolve(did)
    if key.key_type != "ed25519":
        raise Refusal("did.key_type_unsupported")
    return key


def key_of_url(url: str) -> Key | None:
    """The key that a DID URL of a did:key names; None for anything else."""
    did, _, fragment = url.partition("#")
    try:
        key = resolve(did)
    except Refusal:
        return None
    return key if fragment == key.multibase else None


def signing_key_of_url(url: str) -> bytes | None:
    """The public key, if the text is the DID URL of an Ed25519 did:key that strict Ed25519 accepts."""
    key = key_of_url(url)
    return key.public_key if key is not None and key.key_type == "ed25519" else None
