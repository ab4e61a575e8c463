"""Randomness from outside: byte strings that are drawn in their order (docs/spec/session.md, section 12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Entropy:
    def __init__(self, parts: Iterable[bytes]) -> None:
        self.parts: Iterator[bytes] = iter(parts)

    def take(self, length: int) -> bytes:
        part = next(self.parts)
        assert len(part) == length, f"{length} bytes are drawn here, not {len(part)}"
        return part
