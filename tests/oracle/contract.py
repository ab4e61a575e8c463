"""Reading a parsed JSON value as a contract (docs/spec/README.md, Conventions of contracts).

A reader takes a value and raises a Refusal, or returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

import constants
from canonical import Value
from encoding import from_base64url
from refusal import Refusal

Reader: TypeAlias = Callable[[Value], None]

ORIGIN = re.compile(r"[a-z0-9./_-]{1,128}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CODE = re.compile(r"(?!.{65})[a-z0-9_]+(?:\.[a-z0-9_]+)*")
AGENT = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
CURRENCY = re.compile(r"[A-Z]{3}")


def text_of(value: Value) -> str:
    if not isinstance(value, str):
        raise Refusal("malformed.type")
    return value


def object_of(value: Value) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise Refusal("malformed.type")
    return value


def array_of(value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise Refusal("malformed.type")
    return value


def string(least: int, most: int) -> Reader:
    def read(value: Value) -> None:
        if not least <= len(text_of(value)) <= most:
            raise Refusal("malformed.value")

    return read


def matching(pattern: re.Pattern[str]) -> Reader:
    def read(value: Value) -> None:
        if not pattern.fullmatch(text_of(value)):
            raise Refusal("malformed.value")

    return read


def satisfying(check: Callable[[str], bool]) -> Reader:
    def read(value: Value) -> None:
        if not check(text_of(value)):
            raise Refusal("malformed.value")

    return read


def one_of(*words: str) -> Reader:
    def read(value: Value) -> None:
        if text_of(value) not in words:
            raise Refusal("malformed.value")

    return read


def typ(name: str) -> Reader:
    def read(value: Value) -> None:
        if text_of(value) != name:
            raise Refusal("malformed.typ")

    return read


def integer(least: int, most: int) -> Reader:
    def read(value: Value) -> None:
        # What is beyond the safe integers is no integer (docs/spec/canonical-json.md).
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > constants.MAX_SAFE:
            raise Refusal("malformed.type")
        if not least <= value <= most:
            raise Refusal("malformed.value")

    return read


def boolean(value: Value) -> None:
    if not isinstance(value, bool):
        raise Refusal("malformed.type")


def any_value(_: Value) -> None:
    return


def any_text(value: Value) -> None:
    text_of(value)


def any_object(value: Value) -> None:
    object_of(value)


def binary(length: int) -> Reader:
    def read(value: Value) -> None:
        data = from_base64url(text_of(value))
        if data is None or len(data) != length:
            raise Refusal("malformed.base64")

    return read


def array(item: Reader, most: int, least: int = 0) -> Reader:
    def read(value: Value) -> None:
        items = array_of(value)
        if not least <= len(items) <= most:
            raise Refusal("malformed.value")
        for one in items:
            item(one)

    return read


def members(readers: Mapping[str, Reader], required: Collection[str]) -> Reader:
    """A closed object: nothing unknown, nothing missing, each member as its reader wants it."""

    def read(value: Value) -> None:
        found = object_of(value)
        if any(name not in readers for name in found):
            raise Refusal("malformed.member_unknown")
        if any(name not in found for name in required):
            raise Refusal("malformed.member_missing")
        for name, reader in readers.items():
            if name in found:
                reader(found[name])

    return read


hash_value = binary(32)
salt_value = binary(16)
