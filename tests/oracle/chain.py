"""Chains of receipts, and whether any is missing (docs/spec/receipt.md, sections 5 and 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import contract
from encoding import to_base64url
from receipt import Receipt
from refusal import Refusal

HEARTBEAT_MS = 60_000
ENDINGS = ("outcome", "release")
LET_THROUGH = ("allow", "transform")


def check_chain(receipts: Iterable[Receipt]) -> list[Receipt]:
    """Check receipts of one chain, each valid alone, and give them in order."""
    different = {receipt.receipt_id: receipt for receipt in receipts}
    ordered = sorted(different.values(), key=lambda receipt: receipt.number("seq"))
    for names, code in (
        (("log",), "receipt.log_mismatch"),
        (("chain", "run", "actor", "iss"), "receipt.malformed"),
    ):
        if any(receipt.text(name) != ordered[0].text(name) for receipt in ordered for name in names):
            raise Refusal(code)
    places = [receipt.number("seq") for receipt in ordered]
    if len(set(places)) != len(places):
        raise Refusal("receipt.chain_fork")
    if places != list(range(len(places))):
        raise Refusal("receipt.chain_gap")
    if any(after.body["prev"] != to_base64url(before.receipt_id) for before, after in pairwise(ordered)):
        raise Refusal("receipt.prev_mismatch")
    if any(after.number("iat") < before.number("iat") for before, after in pairwise(ordered)):
        raise Refusal("receipt.time_reversed")
    if any(receipt.kind == "close" for receipt in ordered[:-1]):
        raise Refusal("receipt.seq")
    return ordered


def group(receipts: Iterable[Receipt]) -> list[list[Receipt]]:
    """Sort receipts by the chain that they name."""
    chains: dict[str, list[Receipt]] = {}
    for receipt in receipts:
        chains.setdefault(receipt.text("chain"), []).append(receipt)
    return list(chains.values())


def _permits(chains: Iterable[Sequence[Receipt]]) -> set[tuple[str, str]]:
    """(ref, call) of every permit in the gaps of these chains."""
    found = set()
    for receipt in (receipt for chain in chains for receipt in chain if receipt.kind == "gap"):
        for permit in map(contract.object_of, contract.array_of(receipt.body["permits"])):
            found.add((contract.text_of(permit["ref"]), contract.text_of(permit["call"])))
    return found


def check_complete(chain: Sequence[Receipt], others: Sequence[Sequence[Receipt]]) -> None:
    """Check section 6 for one chain that check_chain has ordered; the others are of the same log."""
    permits = _permits(others)
    let_through: dict[str, str] = {}
    endings: dict[str, int] = {}
    for receipt in chain:
        name = to_base64url(receipt.receipt_id)
        if receipt.kind == "decision" and receipt.text("verdict") in LET_THROUGH:
            let_through[name] = receipt.text("call")
            endings[name] = 0
        elif "ref" in receipt.body:
            reference = receipt.text("ref")
            if let_through.get(reference) != receipt.text("call"):
                raise Refusal("receipt.incomplete")
            endings[reference] += receipt.kind in ENDINGS
    for name, call in let_through.items():
        if endings[name] != 1 and (endings[name] > 1 or (name, call) not in permits):
            raise Refusal("receipt.incomplete")
    if chain[-1].kind != "close" and not _writer_died(chain, others, {name for name, _ in permits}):
        raise Refusal("receipt.incomplete")
    waits = (after.number("iat") - before.number("iat") for before, after in pairwise(chain))
    if chain[0].body.get("hb") is True and any(wait > HEARTBEAT_MS for wait in waits):
        raise Refusal("receipt.incomplete")


def _writer_died(chain: Sequence[Receipt], others: Sequence[Sequence[Receipt]], permits: set[str]) -> bool:
    names = {to_base64url(receipt.receipt_id) for receipt in chain}
    last = to_base64url(chain[-1].receipt_id)
    return not names.isdisjoint(permits) or any(other[0].body.get("predecessor") == last for other in others)
