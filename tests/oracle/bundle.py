"""The proof text and the proof bundle (docs/spec/log.md, section 6, and docs/spec/bundle.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import constants
import contract
import dsse
import note
import receipt as receipts
import tree
from canonical import BUNDLE, Value, parse_canonical
from didkey import signing_key
from encoding import from_base64, from_base64url, from_decimal, to_base64, to_base64url
from refusal import Refusal

MAX_PROOF = 63
MAX_PROOF_BYTES = 24_576

_BODY = contract.members({"key": contract.hash_value, "value": contract.any_value}, ("key", "value"))
_BUNDLE = contract.members(
    {
        "typ": contract.typ(constants.BUNDLE_TYP),
        "envelope": dsse.check_members,
        "tlog_proof": contract.string(1, 65_536),
        "bodies": contract.members({"args": _BODY, "result": _BODY}, ()),
    },
    ("typ", "envelope", "tlog_proof"),
)


@dataclass(frozen=True)
class Trust:
    """What the verifier's user believes in."""

    log_keys: tuple[note.LogKey, ...]
    issuers: frozenset[str]

    @classmethod
    def read(cls, vkeys: Sequence[str], dids: Sequence[str]) -> Trust:
        """Read the user's words; a Refusal here is an error of the call."""
        for did in dids:
            signing_key(did)
        return cls(tuple(map(note.parse_vkey, vkeys)), frozenset(dids))

    def check(self, checkpoint: note.Checkpoint, signed: Sequence[receipts.Receipt]) -> None:
        """Steps 11 and 12."""
        if not self.log_keys and not self.issuers:
            raise Refusal("trust.none")
        if not checkpoint.check([key for key in self.log_keys if key.name == checkpoint.origin]):
            raise Refusal("trust.log_unknown")
        if any(receipts.issuer_did(receipt) not in self.issuers for receipt in signed):
            raise Refusal("trust.issuer_unknown")


@dataclass(frozen=True)
class Answer:
    """What a verifier says."""

    reason: str | None
    receipt: receipts.Receipt | None = None
    index: int = 0
    size: int = 0

    @property
    def valid(self) -> bool:
        return self.reason is None

    @property
    def exit_code(self) -> int:
        if self.reason is None:
            return 0
        return 4 if self.reason.startswith("trust.") else 3

    def value(self) -> dict[str, Value]:
        if self.reason is None:
            assert self.receipt is not None
            return {
                "valid": True,
                "trusted": True,
                "receipt_id": to_base64url(self.receipt.receipt_id),
                "index": str(self.index),
                "size": str(self.size),
                "receipt": self.receipt.body,
            }
        answer: dict[str, Value] = {"valid": False, "reason": self.reason}
        if self.exit_code == 4:
            answer["trusted"] = False
        return answer


def parse_proof(text: str) -> tuple[int, list[bytes], note.Checkpoint]:
    """The index, the hashes and the checkpoint of a proof text."""
    if len(text.encode("utf-8")) > MAX_PROOF_BYTES:
        raise Refusal("proof.malformed")
    head, found, rest = text.partition("\n\n")
    lines = head.split("\n")
    if not found or len(lines) < 2 or lines[0] != constants.PROOF_HEADER or not lines[1].startswith("index "):
        raise Refusal("proof.malformed")
    index = from_decimal(lines[1].removeprefix("index "), constants.MAX_COUNTER)
    if index is None or len(lines) - 2 > MAX_PROOF:
        raise Refusal("proof.malformed")
    hashes = []
    for line in lines[2:]:
        value = from_base64(line)
        if value is None or len(value) != 32:
            raise Refusal("proof.malformed")
        hashes.append(value)
    return index, hashes, note.parse_checkpoint(rest)


def proof_text(index: int, hashes: Sequence[bytes], checkpoint: str) -> str:
    lines = [constants.PROOF_HEADER, f"index {index}", *map(to_base64, hashes)]
    return "".join(line + "\n" for line in lines) + "\n" + checkpoint


def verify_bundle(data: bytes, trust: Trust) -> Answer:
    """The answer about a bundle. It never raises for what is in the bundle."""
    try:
        return _verify(data, trust)
    except Refusal as refusal:
        return Answer(refusal.code)


def _verify(data: bytes, trust: Trust) -> Answer:
    value = parse_canonical(data, BUNDLE)
    if not isinstance(value, dict):
        raise Refusal("bundle.malformed")
    _BUNDLE(value)
    receipt = receipts.from_envelope(dsse.decode(value["envelope"]))
    leaf = tree.leaf_hash(tree.entry(receipt.receipt_id))
    index, hashes, checkpoint = parse_proof(contract.text_of(value["tlog_proof"]))
    if checkpoint.origin != receipt.text("log"):
        raise Refusal("checkpoint.origin_mismatch")
    tree.verify_inclusion(leaf, index, checkpoint.size, hashes, checkpoint.root)
    _check_bodies(contract.object_of(value.get("bodies", {})), receipt)
    trust.check(checkpoint, [receipt])
    return Answer(None, receipt, index, checkpoint.size)


def _check_bodies(bodies: dict[str, Value], receipt: receipts.Receipt) -> None:
    for name, member, committed, commit in (
        ("args", "action", "args_commit", receipts.args_commit),
        ("result", "outcome", "result_commit", receipts.result_commit),
    ):
        if name not in bodies:
            continue
        body = contract.object_of(bodies[name])
        key = from_base64url(contract.text_of(body["key"]))
        assert key is not None
        expected = contract.object_of(receipt.body.get(member, {})).get(committed)
        if expected != to_base64url(commit(body["value"], key)):
            raise Refusal("receipt.commit_mismatch")
