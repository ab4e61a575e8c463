"""Canonical base64, base64url and decimal numbers (docs/spec/README.md, Notation)."""

from __future__ import annotations

import base64
import re

_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_DECIMAL = re.compile(r"0|[1-9][0-9]*")


def to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def to_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def from_base64(text: str) -> bytes | None:
    """Decode base64 with padding; None unless the text is the one way to write the bytes."""
    if not _BASE64.fullmatch(text) or len(text) % 4 != 0:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if to_base64(data) == text else None


def from_base64url(text: str) -> bytes | None:
    """Decode base64url without padding; None unless the text is the one way to write the bytes."""
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        return None
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return data if to_base64url(data) == text else None


def from_decimal(text: str, limit: int) -> int | None:
    """Read a decimal number without sign or leading zero; None if it is not one or is above the limit."""
    if len(text) > len(str(limit)) or not _DECIMAL.fullmatch(text):
        return None
    number = int(text)
    return number if number <= limit else None
