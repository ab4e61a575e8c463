"""Small changes to the layers of a bundle, to be put into a Recipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import dsse
from build import signed
from canonical import Value
from contract import array_of, object_of
from encoding import from_base64, to_base64

Edit: TypeAlias = Callable[[dict[str, Value]], None]
TextEdit: TypeAlias = Callable[[str], str]


def put(name: str, value: Value) -> Edit:
    def edit(target: dict[str, Value]) -> None:
        target[name] = value

    return edit


def drop(name: str) -> Edit:
    def edit(target: dict[str, Value]) -> None:
        target.pop(name, None)

    return edit


def within(name: str, inner: Edit) -> Edit:
    def edit(target: dict[str, Value]) -> None:
        inner(object_of(target[name]))

    return edit


def together(*edits: Edit) -> Edit:
    def edit(target: dict[str, Value]) -> None:
        for one in edits:
            one(target)

    return edit


def signature_entry(edit: Edit) -> Edit:
    """Change the first signature of an envelope."""

    def change(target: dict[str, Value]) -> None:
        edit(object_of(array_of(target["signatures"])[0]))

    return change


def cosign(*seeds: bytes, keyid: str | None = None) -> Edit:
    """Add signatures by other keys over the same payload."""

    def edit(target: dict[str, Value]) -> None:
        envelope = dsse.read(target)
        for seed in seeds:
            name, sig = signed(seed, envelope.payload, envelope.payload_type).signatures[0]
            array_of(target["signatures"]).append({"keyid": keyid or name, "sig": to_base64(sig)})

    return edit


def reverse_signatures(target: dict[str, Value]) -> None:
    array_of(target["signatures"]).reverse()


def replaced(old: str, new: str) -> TextEdit:
    return lambda text: text.replace(old, new)


def proof_lines(change: Callable[[list[str]], list[str]]) -> TextEdit:
    """Change the lines of a proof text that come before the checkpoint."""

    def edit(text: str) -> str:
        head, _, rest = text.partition("\n\n")
        return "\n".join(change(head.split("\n"))) + "\n\n" + rest

    return edit


def flipped(text: str) -> str:
    """Change the last byte of the last signature of a note."""
    head, _, encoded = text.rstrip("\n").rpartition(" ")
    data = from_base64(encoded)
    assert data is not None
    return f"{head} {to_base64(data[:-1] + bytes([data[-1] ^ 1]))}\n"
