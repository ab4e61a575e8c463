"""Static key statements, prekey bundles and one-time keys (docs/spec/session.md, section 2)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import contract
import didkey
import dsse
import ed25519
import mlkem768
import session_constants as limits
import x25519
from canonical import TALOS, TALOS_DATA, Value, canonical, parse, parse_canonical
from constants import MAX_SAFE
from encoding import from_base64url, to_base64url
from entropy import Entropy
from refusal import Refusal

ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")

Body = dict[str, Value]

_TIME = contract.integer(0, MAX_SAFE)
_KEY = contract.binary(32)
_KEM_KEY = contract.binary(mlkem768.EK_BYTES)
_ISS = contract.satisfying(lambda text: didkey.signing_key_of_url(text) is not None)


@dataclass(frozen=True)
class Kind:
    """One of the three contracts."""

    name: str
    life: int
    members: Mapping[str, contract.Reader]
    optional: tuple[str, ...] = ()

    @property
    def typ(self) -> str:
        return f"talos.{self.name}/1"

    @property
    def media_type(self) -> str:
        return f"application/vnd.talos.{self.name.replace('_', '-')}.v1+json"

    def read(self, value: Value) -> Body:
        readers = {"typ": contract.typ(self.typ), "iss": _ISS, **self.members, "iat": _TIME, "exp": _TIME}
        contract.members(readers, [name for name in readers if name not in self.optional])(value)
        return contract.object_of(value)


def _prekey(key: contract.Reader) -> contract.Reader:
    return contract.members({"id": contract.matching(ID), "key": key}, ("id", "key"))


STATIC_KEY = Kind("static_key", limits.STATEMENT_LIFE, {"agree": _KEY})
PREKEY_BUNDLE = Kind(
    "prekey_bundle",
    limits.BUNDLE_LIFE,
    {
        "agree": _KEY,
        "suites": contract.array(contract.integer(1, 65_535), 8, 1),
        "spk": _prekey(_KEY),
        "pq": _prekey(_KEM_KEY),
    },
    ("pq",),
)
ONE_TIME_KEY = Kind(
    "one_time_key",
    limits.ONE_TIME_LIFE,
    {"id": contract.matching(ID), "x25519": _KEY, "mlkem768": _KEM_KEY},
    ("mlkem768",),
)


def text(body: Body, name: str) -> str:
    return contract.text_of(body[name])


def number(body: Body, name: str) -> int:
    value = body[name]
    assert isinstance(value, int)
    return value


def binary(body: Body, name: str) -> bytes:
    data = from_base64url(text(body, name))
    assert data is not None
    return data


def suites(body: Body) -> list[int]:
    return [one for one in contract.array_of(body["suites"]) if isinstance(one, int)]


@dataclass(frozen=True)
class Published:
    """A statement, bundle or one-time key whose signature has been verified."""

    body: Body
    envelope: dsse.Envelope

    @property
    def hash(self) -> bytes:
        """H(M)."""
        return hashlib.sha256(self.envelope.message).digest()

    @property
    def did(self) -> str:
        return text(self.body, "iss").partition("#")[0]


def verify(kind: Kind, data: bytes, owner: str, now: int) -> Published:
    """Section 2.4."""
    envelope = dsse.read(parse(data, TALOS_DATA))
    if envelope.payload_type != kind.media_type:
        raise Refusal("signature.payload_type")
    body = kind.read(parse_canonical(envelope.payload, TALOS))
    if not _members_agree(kind, body):
        raise Refusal("malformed.value")
    dsse.check_signatures(envelope, text(body, "iss"))
    found = Published(body, envelope)
    if found.did != owner:
        raise Refusal("session.peer")
    if not number(body, "iat") - limits.SKEW <= now < number(body, "exp"):
        raise Refusal("session.expired")
    return found


def _members_agree(kind: Kind, body: Body) -> bool:
    good = 0 < number(body, "exp") - number(body, "iat") <= kind.life
    if kind is PREKEY_BUNDLE:
        offered = suites(body)
        good &= len(set(offered)) == len(offered)
        good &= (limits.HYBRID in offered) == ("pq" in body)
    return good


# --- Makers -------------------------------------------------------------------------------------------


def sign(seed: bytes, kind: Kind, members: Body, iat: int, exp: int) -> bytes:
    """The envelope of these members as JSON text."""
    url = didkey.Key("ed25519", ed25519.public_key_of(seed)).url
    payload = canonical({"typ": kind.typ, "iss": url, **members, "iat": iat, "exp": exp})
    sig = ed25519.sign(seed, dsse.signed_message(kind.media_type, payload))
    return canonical(dsse.Envelope(kind.media_type, payload, ((url, sig),)).value())


@dataclass(frozen=True)
class Prekeys:
    """A bundle or a one-time key with its private halves."""

    data: bytes
    published: Published
    x25519: bytes
    mlkem768: bytes | None

    @property
    def keep_until(self) -> int:
        return number(self.published.body, "exp") + limits.GRACE


def make_statement(seed: bytes, agree: bytes, iat: int, exp: int) -> bytes:
    return sign(seed, STATIC_KEY, {"agree": to_base64url(x25519.public_key_of(agree))}, iat, exp)


def make_bundle(
    seed: bytes, agree: bytes, offered: list[int], ids: tuple[str, str], iat: int, exp: int, entropy: Entropy
) -> Prekeys:
    """A bundle; the ids are those of `spk` and of `pq`."""
    private = entropy.take(32)
    members: Body = {
        "agree": to_base64url(x25519.public_key_of(agree)),
        "suites": [*offered],
        "spk": {"id": ids[0], "key": to_base64url(x25519.public_key_of(private))},
    }
    dk = None
    if limits.HYBRID in offered:
        ek, dk = mlkem768.key_pair(entropy.take(32), entropy.take(32))
        members["pq"] = {"id": ids[1], "key": to_base64url(ek)}
    return _own(seed, PREKEY_BUNDLE, members, iat, exp, private, dk)


def make_one_time(seed: bytes, name: str, hybrid: bool, iat: int, exp: int, entropy: Entropy) -> Prekeys:
    private = entropy.take(32)
    members: Body = {"id": name, "x25519": to_base64url(x25519.public_key_of(private))}
    dk = None
    if hybrid:
        ek, dk = mlkem768.key_pair(entropy.take(32), entropy.take(32))
        members["mlkem768"] = to_base64url(ek)
    return _own(seed, ONE_TIME_KEY, members, iat, exp, private, dk)


def _own(
    seed: bytes, kind: Kind, members: Body, iat: int, exp: int, private: bytes, dk: bytes | None
) -> Prekeys:
    data = sign(seed, kind, members, iat, exp)
    did = didkey.Key("ed25519", ed25519.public_key_of(seed)).did
    return Prekeys(data, verify(kind, data, did, iat), private, dk)
