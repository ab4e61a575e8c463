# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `receipt`."""

from collections.abc import Sequence
from typing import cast

from talos._door import invoke
from talos._generated.types import (
    JsonValue,
    ReceiptVerifyInput,
    ReceiptVerifyOutput,
)


def verify(
    *,
    envelope: JsonValue,
    issuers: Sequence[str] | None = None,
) -> ReceiptVerifyOutput:
    """Verifies a receipt's envelope, signature and body.

    envelope: The receipt's envelope, as an object or as its text.
    issuers: The issuers that are trusted; absent: whoever signed.
    """
    members: ReceiptVerifyInput = {
        "envelope": envelope,
    }
    if issuers is not None:
        members["issuers"] = issuers
    answer = invoke("receipt.verify", members)
    return cast(ReceiptVerifyOutput, answer)
