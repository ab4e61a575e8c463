"""Builders for tests: receipts, chains, logs and bundles, signed with keys that the test holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import constants
import dsse
import ed25519
import note
import receipt as receipts
import tree
from bundle import proof_text
from canonical import Value, canonical
from didkey import Key
from encoding import to_base64, to_base64url
from receipt import Receipt

RUN = "01890a5d-ac96-774b-bcce-b302099a8057"
EPOCH = 1763625600000


def key_of(seed: bytes) -> Key:
    return Key("ed25519", ed25519.public_key_of(seed))


def signed(seed: bytes, payload: bytes, payload_type: str = constants.RECEIPT_MEDIA_TYPE) -> dsse.Envelope:
    message = dsse.signed_message(payload_type, payload)
    return dsse.Envelope(payload_type, payload, ((key_of(seed).url, ed25519.sign(seed, message)),))


def sealed(seed: bytes, body: dict[str, Value]) -> Receipt:
    """A receipt of this body, with a signature if the body asks for one. The body is not checked."""
    payload = canonical(body)
    if body.get("sign") == "log":
        return Receipt(body, dsse.Envelope(constants.RECEIPT_MEDIA_TYPE, payload, ()))
    return Receipt(body, signed(seed, payload))


@dataclass
class Chain:
    """Writes the receipts of one chain, one after the other."""

    seed: bytes
    log: str
    name: bytes = b"\x05" * 16
    run: str = RUN
    salt: bytes = b"\x07" * 16
    step_ms: int = 1
    receipts: list[Receipt] = field(default_factory=list)

    def body(self, kind: str, members: Mapping[str, Value]) -> dict[str, Value]:
        issuer = key_of(self.seed)
        seq = len(self.receipts)
        body: dict[str, Value] = {
            "typ": constants.RECEIPT_TYP,
            "iss": issuer.url,
            "log": self.log,
            "chain": to_base64url(self.name),
            "seq": seq,
            "iat": EPOCH + seq * self.step_ms,
            "kind": kind,
            "run": self.run,
            "actor": issuer.did,
            "sign": "self",
            "dur": "before_release",
            "salt": to_base64url(self.salt),
        }
        if seq:
            body["prev"] = to_base64url(self.receipts[-1].receipt_id)
        return body | dict(members)

    def add(self, kind: str, members: Mapping[str, Value] | None = None) -> Receipt:
        made = sealed(self.seed, self.body(kind, members or {}))
        self.receipts.append(made)
        return made

    def open(self, members: Mapping[str, Value] | None = None) -> Receipt:
        return self.add("open", members)

    def decision(
        self,
        call: str,
        args: Value,
        key: bytes,
        *,
        effect: str = "read",
        verdict: str = "allow",
        members: Mapping[str, Value] | None = None,
    ) -> Receipt:
        action: dict[str, Value] = {
            "kind": "tool_call",
            "target": "read_file",
            "effect": effect,
            "args_commit": to_base64url(receipts.args_commit(args, key)),
        }
        reasons: list[Value] = [] if verdict == "allow" else ["policy.tool_not_allowed"]
        standard: dict[str, Value] = {
            "call": call,
            "action": action,
            "verdict": verdict,
            "reasons": reasons,
            "caps": [],
        }
        return self.add("decision", standard | dict(members or {}))

    def outcome(self, decision: Receipt, result: Value, key: bytes) -> Receipt:
        outcome: dict[str, Value] = {
            "status": "ok",
            "result_commit": to_base64url(receipts.result_commit(result, key)),
        }
        return self.add("outcome", self.reference(decision) | {"outcome": outcome})

    @staticmethod
    def reference(decision: Receipt) -> dict[str, Value]:
        return {"call": decision.body["call"], "ref": to_base64url(decision.receipt_id)}

    def close(self) -> Receipt:
        return self.add("close", {"final_seq": len(self.receipts)})


@dataclass
class Log:
    """A log that holds receipts and signs checkpoints."""

    seed: bytes
    origin: str
    leaves: list[bytes] = field(default_factory=list)

    @property
    def vkey(self) -> str:
        return note.LogKey(self.origin, ed25519.public_key_of(self.seed)).vkey

    def append(self, *added: Receipt) -> None:
        self.leaves += [tree.leaf_hash(tree.entry(receipt.receipt_id)) for receipt in added]

    def checkpoint(self) -> str:
        return note.sign_checkpoint(self.seed, self.origin, len(self.leaves), tree.root(self.leaves))[0]

    def proof(self, index: int) -> str:
        return proof_text(index, tree.prove_inclusion(self.leaves, index), self.checkpoint())


def bundle_value(envelope: Value, proof: str, bodies: Mapping[str, Value] | None = None) -> dict[str, Value]:
    value: dict[str, Value] = {"typ": constants.BUNDLE_TYP, "envelope": envelope, "tlog_proof": proof}
    if bodies is not None:
        value["bodies"] = dict(bodies)
    return value


def body_value(key: bytes, value: Value) -> dict[str, Value]:
    return {"key": to_base64url(key), "value": value}


@dataclass
class Recipe:
    """How to make one bundle; each edit changes one layer, and the layers around it are made to fit."""

    issuer_seed: bytes = b"\x01" * 32
    log_seed: bytes = b"\x02" * 32
    origin: str = "talos.example/log1"
    kind: str = "outcome"
    before: int = 2  # leaves of other receipts before this one
    after: int = 1  # and after it
    args: Value = None
    result: Value = None
    disclose: bool = True
    body: Callable[[dict[str, Value]], None] | None = None
    payload: Callable[[bytes], bytes] | None = None
    envelope: Callable[[dict[str, Value]], None] | None = None
    note: Callable[[str], str] | None = None
    proof: Callable[[str], str] | None = None
    value: Callable[[dict[str, Value]], None] | None = None
    raw: Callable[[bytes], bytes] | None = None

    ARGS_KEY = b"\x08" * 32
    RESULT_KEY = b"\x09" * 32

    @property
    def issuer(self) -> Key:
        return key_of(self.issuer_seed)

    @property
    def vkey(self) -> str:
        return Log(self.log_seed, self.origin).vkey

    def receipt_body(self) -> dict[str, Value]:
        """The body of a receipt of this kind, in a chain of its own."""
        chain = Chain(self.issuer_seed, self.origin)
        if self.kind == "open":
            return chain.open().body
        chain.open()
        if self.kind == "close":
            return chain.close().body
        if self.kind == "heartbeat":
            return chain.add("heartbeat").body
        if self.kind == "standing":
            return chain.add(
                "standing", {"standing": {"scope": {"level": "team", "name": "a"}, "held": True}}
            ).body
        if self.kind == "policy":
            return chain.add("policy", {"policy": {"id": "p", "hash": "A" * 43}}).body
        decision = chain.decision("c1", self.args, self.ARGS_KEY)
        if self.kind == "gap":
            return chain.add("gap", {"permits": [Chain.reference(decision)]}).body
        if self.kind in ("start", "release"):
            return chain.add(self.kind, Chain.reference(decision)).body
        if self.kind == "outcome":
            return chain.outcome(decision, self.result, self.RESULT_KEY).body
        return decision.body

    def bodies(self) -> dict[str, Value] | None:
        if self.disclose and self.kind == "decision":
            return {"args": body_value(self.ARGS_KEY, self.args)}
        if self.disclose and self.kind == "outcome":
            return {"result": body_value(self.RESULT_KEY, self.result)}
        return None

    def make_envelope(self) -> tuple[dict[str, Value], bytes]:
        """The envelope and the receipt id."""
        body = self.receipt_body()
        if self.body:
            self.body(body)
        payload = canonical(body)
        if self.payload:
            payload = self.payload(payload)
        made = signed(self.issuer_seed, payload)
        if body.get("sign") == "log":
            made = dsse.Envelope(made.payload_type, payload, ())
        sig = made.signatures[0][1] if made.signatures else b""
        value = made.value()
        if self.envelope:
            self.envelope(value)
        return value, receipts.receipt_id(made.message, sig)

    def leaves(self, receipt_id: bytes) -> list[bytes]:
        ids = [
            hashlib.sha256(b"another receipt %d" % place).digest()
            for place in range(self.before + self.after)
        ]
        ids.insert(self.before, receipt_id)
        return [tree.leaf_hash(tree.entry(one)) for one in ids]

    def make_value(self) -> dict[str, Value]:
        envelope, receipt_id = self.make_envelope()
        log = Log(self.log_seed, self.origin, self.leaves(receipt_id))
        checkpoint = log.checkpoint()
        if self.note:
            checkpoint = self.note(checkpoint)
        proof = proof_text(self.before, tree.prove_inclusion(log.leaves, self.before), checkpoint)
        if self.proof:
            proof = self.proof(proof)
        value = bundle_value(envelope, proof, self.bodies())
        if self.value:
            self.value(value)
        return value

    def make(self) -> bytes:
        data = canonical(self.make_value())
        return self.raw(data) if self.raw else data


def export_lines(logged: Sequence[Receipt], checkpoint: str) -> bytes:
    lines = [
        canonical({"index": place, "envelope": receipt.envelope.value()})
        for place, receipt in enumerate(logged)
    ]
    lines.append(canonical({"checkpoint": checkpoint}))
    return b"".join(line + b"\n" for line in lines)


def keyed_line(key: note.LogKey, signature: bytes) -> str:
    """A signature line with any bytes for a signature."""
    return f"{note.DASH} {key.name} {to_base64(key.key_id + signature)}\n"
