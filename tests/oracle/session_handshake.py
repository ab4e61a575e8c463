"""The handshake: transcript and keys as each side has them (docs/spec/session.md, sections 3.1 to 3.3)."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import didkey
import mlkem768
import session_constants as limits
import session_keys
import x25519
from contract import object_of
from entropy import Entropy
from hkdf import expand, hkdf
from refusal import Refusal
from session_frame import Head, lp
from session_keys import Prekeys, Published


@dataclass(frozen=True)
class Keys:
    sk: bytes
    sid: bytes
    exp: bytes


@dataclass(frozen=True)
class Prekey:
    """A public key and its id; both empty where the handshake has none."""

    id: str = ""
    key: bytes = b""


@dataclass(frozen=True)
class Transcript:
    suite: int
    did_a: str
    did_b: str
    agree_a: bytes
    agree_b: bytes
    ek: bytes
    spk: Prekey
    opk: Prekey
    pq: Prekey
    ct: bytes
    bundle_hash: bytes

    @property
    def hash(self) -> bytes:
        dids = (self.did_a, self.did_b)
        text = b"".join(
            (
                limits.TRANSCRIPT,
                struct.pack(">H", self.suite),
                *(lp(did.encode()) for did in dids),
                *(didkey.signing_key(did).public_key for did in dids),
                self.agree_a,
                self.agree_b,
                self.ek,
                lp(self.spk.id.encode()),
                self.spk.key,
                lp(self.opk.id.encode()),
                lp(self.opk.key),
                lp(self.pq.id.encode()),
                lp(self.pq.key),
                lp(self.ct),
                self.bundle_hash,
            )
        )
        return hashlib.sha256(text).digest()


def agree(private: bytes, public: bytes) -> bytes:
    shared = x25519.x25519(private, public)
    if not any(shared):
        raise Refusal("session.key_invalid")
    return shared


def keys(th: bytes, secrets: Sequence[bytes], exp_old: bytes | None) -> Keys:
    """Section 3.3; the secrets are DH1, DH2, DH3, and DH4 and ss where there are any."""
    renewed = b"" if exp_old is None else expand(exp_old, limits.RENEW, 32)
    ikm = b"\xff" * 32 + b"".join(secrets) + renewed
    okm = hkdf(bytes(32), ikm, limits.KEYS + th, 80)
    return Keys(okm[:32], okm[32:48], okm[48:])


def prekeys_of(suite: int, bundle: Published, one_time: Published | None) -> tuple[Prekey, Prekey, Prekey]:
    """SPK, OPK and PQ of a handshake: section 3.1, step 3."""
    spk = object_of(bundle.body["spk"])
    opk, pq = Prekey(), Prekey()
    if one_time is not None:
        name = session_keys.text(one_time.body, "id")
        opk = Prekey(name, session_keys.binary(one_time.body, "x25519"))
    if suite == limits.HYBRID:
        if one_time is not None and "mlkem768" in one_time.body:
            pq = Prekey(opk.id, session_keys.binary(one_time.body, "mlkem768"))
        else:
            last = object_of(bundle.body["pq"])
            pq = Prekey(session_keys.text(last, "id"), session_keys.binary(last, "key"))
    return Prekey(session_keys.text(spk, "id"), session_keys.binary(spk, "key")), opk, pq


def initiate(
    did: str,
    agree_private: bytes,
    suite: int,
    bundle: Published,
    one_time: Published | None,
    exp_old: bytes | None,
    entropy: Entropy,
) -> tuple[Transcript, Keys]:
    spk, opk, pq = prekeys_of(suite, bundle, one_time)
    if pq.key and not mlkem768.key_usable(pq.key):
        raise Refusal("session.key_invalid")
    ek = entropy.take(32)
    ss, ct = mlkem768.encapsulate(pq.key, entropy.take(32)) if pq.key else (b"", b"")
    agree_b = session_keys.binary(bundle.body, "agree")
    transcript = Transcript(
        suite,
        did,
        bundle.did,
        x25519.public_key_of(agree_private),
        agree_b,
        x25519.public_key_of(ek),
        spk,
        opk,
        pq,
        ct,
        bundle.hash,
    )
    secrets = [agree(agree_private, spk.key), agree(ek, agree_b), agree(ek, spk.key)]
    if opk.key:
        secrets.append(agree(ek, opk.key))
    return transcript, keys(transcript.hash, [*secrets, ss], exp_old)


def head_of(transcript: Transcript, renews: bytes, statement: bytes) -> Head:
    """What the initiator sends along: section 3.4."""
    return Head(
        transcript.suite,
        transcript.did_a,
        transcript.did_b,
        transcript.agree_a,
        transcript.ek,
        transcript.spk.id,
        transcript.opk.id,
        transcript.pq.id,
        transcript.ct,
        transcript.bundle_hash,
        renews,
        statement,
    )


def transcript_of(head: Head, bundle: Published, one_time: Published | None) -> Transcript:
    """The transcript as the responder has it."""
    return Transcript(
        head.suite,
        head.did_a,
        head.did_b,
        head.agree_a,
        session_keys.binary(bundle.body, "agree"),
        head.ek,
        *prekeys_of(head.suite, bundle, one_time),
        head.ct,
        head.bundle_hash,
    )


def respond(
    transcript: Transcript,
    agree_private: bytes,
    bundle: Prekeys,
    one_time: Prekeys | None,
    exp_old: bytes | None,
) -> Keys:
    ek = transcript.ek
    secrets = [agree(bundle.x25519, transcript.agree_a), agree(agree_private, ek), agree(bundle.x25519, ek)]
    if one_time is not None:
        secrets.append(agree(one_time.x25519, ek))
    if transcript.ct:
        dk = one_time.mlkem768 if one_time is not None and one_time.mlkem768 else bundle.mlkem768
        assert dk is not None
        secrets.append(mlkem768.decapsulate(dk, transcript.ct))
    return keys(transcript.hash, secrets, exp_old)
