# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `json`."""

from typing import cast

from talos._door import invoke
from talos._generated.types import (
    JsonCanonicalizeInput,
    JsonCanonicalizeOutput,
    JsonParseStrictInput,
    JsonParseStrictOutput,
    JsonProfile,
)


def canonicalize(
    *,
    profile: JsonProfile,
    text: str | None = None,
    bytes: str | None = None,
) -> JsonCanonicalizeOutput:
    """Writes a JSON text in canonical form, if it keeps the rules of the profile.

    profile: Which rules a JSON text has to keep.
    text: The JSON text; either this or bytes.
    bytes: The JSON text as bytes, so that bytes which are not UTF-8 can be sent.
    """
    members: JsonCanonicalizeInput = {
        "profile": profile,
    }
    if text is not None:
        members["text"] = text
    if bytes is not None:
        members["bytes"] = bytes
    answer = invoke("json.canonicalize", members)
    return cast(JsonCanonicalizeOutput, answer)


def parse_strict(
    *,
    profile: JsonProfile,
    text: str | None = None,
    bytes: str | None = None,
) -> JsonParseStrictOutput:
    """Parses a JSON text, if it keeps the rules of the profile.

    profile: Which rules a JSON text has to keep.
    text: The JSON text; either this or bytes.
    bytes: The JSON text as bytes, so that bytes which are not UTF-8 can be sent.
    """
    members: JsonParseStrictInput = {
        "profile": profile,
    }
    if text is not None:
        members["text"] = text
    if bytes is not None:
        members["bytes"] = bytes
    answer = invoke("json.parse_strict", members)
    return cast(JsonParseStrictOutput, answer)
