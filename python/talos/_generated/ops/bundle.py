# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `bundle`."""

from collections.abc import Sequence
from typing import cast

from talos._door import invoke
from talos._generated.types import (
    BundleVerifyInput,
    BundleVerifyOutput,
    JsonValue,
)


def verify(
    *,
    bundle: JsonValue,
    log_keys: Sequence[str] | None = None,
    issuers: Sequence[str] | None = None,
) -> BundleVerifyOutput:
    """Verifies a proof bundle against the logs and issuers that the caller trusts.

    bundle: The bundle, as an object or as its text.
    log_keys: Verifier keys of the logs that are trusted; absent: none.
    issuers: The issuers that are trusted; absent: none.
    """
    members: BundleVerifyInput = {
        "bundle": bundle,
    }
    if log_keys is not None:
        members["log_keys"] = log_keys
    if issuers is not None:
        members["issuers"] = issuers
    answer = invoke("bundle.verify", members)
    return cast(BundleVerifyOutput, answer)
