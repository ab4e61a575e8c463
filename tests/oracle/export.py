"""Verification of a whole exported log: every receipt, every chain, every leaf, the root, the checkpoint.

An export has one line of JSON for each receipt, {"index": i, "envelope": {...}}, from index 0 upwards, and a
last line {"checkpoint": note}.
"""

from __future__ import annotations

from dataclasses import dataclass

import chain
import constants
import contract
import dsse
import note
import tree
from bundle import Trust
from canonical import TALOS_DATA, Value, parse
from encoding import from_decimal, to_base64url
from receipt import Receipt, from_envelope
from refusal import Refusal

_RECEIPT_LINE = contract.members(
    {"index": contract.any_value, "envelope": dsse.check_members}, ("index", "envelope")
)
_CHECKPOINT_LINE = contract.members({"checkpoint": contract.any_text}, ("checkpoint",))


@dataclass
class LogAnswer:
    """What a verifier says about a log; `line` is where a fault was found, from 1."""

    reason: str | None = None
    line: int | None = None
    size: int = 0
    root: bytes = b""
    chains: int = 0
    incomplete: int = 0

    @property
    def exit_code(self) -> int:
        if self.reason is None:
            return 0
        return 4 if self.reason.startswith("trust.") else 3

    def value(self) -> dict[str, Value]:
        if self.reason is None:
            return {
                "valid": True,
                "trusted": True,
                "size": str(self.size),
                "root": to_base64url(self.root),
                "chains": self.chains,
                "incomplete_chains": self.incomplete,
            }
        answer: dict[str, Value] = {"valid": False, "reason": self.reason}
        if self.exit_code == 4:
            answer["trusted"] = False
        if self.line is not None:
            answer["line"] = self.line
        return answer


def verify_log(data: bytes, trust: Trust, complete: bool) -> LogAnswer:
    """The answer about an export. With `complete`, a chain from which a receipt is missing is a fault."""
    answer = LogAnswer()
    try:
        _verify(data, trust, complete, answer)
    except Refusal as refusal:
        answer.reason = refusal.code
    return answer


def _verify(data: bytes, trust: Trust, complete: bool, answer: LogAnswer) -> None:
    lines = data.removesuffix(b"\n").split(b"\n")
    receipts = []
    for place, line in enumerate(lines[:-1]):
        answer.line = place + 1
        receipts.append(_read_line(line, place))
    answer.line = len(lines)
    last = parse(lines[-1], TALOS_DATA)
    _CHECKPOINT_LINE(last)
    checkpoint = note.parse_checkpoint(contract.text_of(contract.object_of(last)["checkpoint"]))
    if any(receipt.text("log") != checkpoint.origin for receipt in receipts):
        raise Refusal("checkpoint.origin_mismatch")
    if len(receipts) != checkpoint.size:
        raise Refusal("receipt.incomplete")
    if tree.root([tree.leaf_hash(tree.entry(one.receipt_id)) for one in receipts]) != checkpoint.root:
        raise Refusal("proof.root_mismatch")
    answer.line = None
    chains = [chain.check_chain(members) for members in chain.group(receipts)]
    for place, members in enumerate(chains):
        try:
            chain.check_complete(members, chains[:place] + chains[place + 1 :])
        except Refusal:
            if complete:
                raise
            answer.incomplete += 1
    trust.check(checkpoint, receipts)
    answer.size, answer.root, answer.chains = checkpoint.size, checkpoint.root, len(chains)


def _read_line(line: bytes, place: int) -> Receipt:
    value = parse(line, TALOS_DATA)
    _RECEIPT_LINE(value)
    found = contract.object_of(value)
    index = found["index"]
    if isinstance(index, str):
        index = from_decimal(index, constants.MAX_COUNTER)
    if isinstance(index, bool) or index != place:
        raise Refusal("receipt.incomplete")
    return from_envelope(dsse.decode(found["envelope"]))
