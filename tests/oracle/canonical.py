"""The strict JSON parser and the writer of canonical bytes (docs/spec/canonical-json.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from constants import MAX_SAFE
from refusal import Refusal

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"


@dataclass(frozen=True)
class Profile:
    """The rules of one profile: section 1."""

    name: str
    max_bytes: int
    max_depth: int
    numbers: str  # "integers", "surviving" or "nearest"
    names: re.Pattern[str] | None
    nul_allowed: bool


TALOS = Profile("talos", 65_024, 32, "integers", re.compile(r"[a-z0-9_]{1,64}"), False)
TALOS_DATA = Profile("talos-data", 16_777_216, 64, "surviving", None, True)
RFC8785 = Profile("rfc8785", 16_777_216, 128, "nearest", None, True)
BUNDLE = replace(TALOS_DATA, name="bundle", max_bytes=33_554_432)
PROFILES = {profile.name: profile for profile in (TALOS, TALOS_DATA, RFC8785)}

_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_SPACE = re.compile(r"[ \t\n\r]*")
_HEX4 = re.compile(r"[0-9A-Fa-f]{4}")
_LOW = re.compile(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})")
_INTEGER_PART = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FRACTION = re.compile(r"\.[0-9]+")
_EXPONENT = re.compile(r"[eE][+-]?[0-9]+")
_LITERALS: tuple[tuple[str, bool | None], ...] = (("true", True), ("false", False), ("null", None))
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def parse(data: bytes, profile: Profile) -> Value:
    """Read bytes as one JSON value, or raise the Refusal of the first fault."""
    if len(data) > profile.max_bytes:
        raise Refusal("malformed.size")
    if data.startswith(b"\xef\xbb\xbf"):
        raise Refusal("malformed.bom")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("malformed.utf8") from None
    return _Reader(text, profile).document()


def parse_canonical(data: bytes, profile: Profile) -> Value:
    """Read bytes as one JSON value that is written in canonical form: section 6."""
    value = parse(data, profile)
    if canonical(value) != data:
        raise Refusal("malformed.not_canonical")
    return value


class _Reader:
    """Reads one text from left to right. Its methods stand at self.at and move it."""

    def __init__(self, text: str, profile: Profile) -> None:
        self.text = text
        self.profile = profile
        self.at = 0

    def document(self) -> Value:
        self.space()
        value = self.value(0)
        self.space()
        if self.at != len(self.text):
            raise Refusal("malformed.syntax")
        return value

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        if found:
            self.at = found.end()

    def take(self, char: str) -> None:
        if self.peek() != char:
            raise Refusal("malformed.syntax")
        self.at += 1

    def value(self, depth: int) -> Value:
        first = self.peek()
        if first in ("[", "{"):
            if depth == self.profile.max_depth:
                raise Refusal("malformed.depth")
            return self.array(depth + 1) if first == "[" else self.object(depth + 1)
        if first == '"':
            return self.string()
        if first == "-" or "0" <= first <= "9":
            return self.number()
        for word, meaning in _LITERALS:
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return meaning
        raise Refusal("malformed.syntax")

    def array(self, depth: int) -> list[Value]:
        values: list[Value] = []
        self.take("[")
        self.space()
        if self.peek() == "]":
            self.at += 1
            return values
        while True:
            self.space()
            values.append(self.value(depth))
            self.space()
            if self.peek() == "]":
                self.at += 1
                return values
            self.take(",")

    def object(self, depth: int) -> dict[str, Value]:
        members: dict[str, Value] = {}
        self.take("{")
        self.space()
        if self.peek() == "}":
            self.at += 1
            return members
        while True:
            self.space()
            name = self.string()
            if self.profile.names is not None and not self.profile.names.fullmatch(name):
                raise Refusal("malformed.name")
            if name in members:
                raise Refusal("malformed.duplicate_name")
            self.space()
            self.take(":")
            self.space()
            members[name] = self.value(depth)
            self.space()
            if self.peek() == "}":
                self.at += 1
                return members
            self.take(",")

    def string(self) -> str:
        self.take('"')
        parts: list[str] = []
        while True:
            plain = _PLAIN.match(self.text, self.at)
            if plain:
                parts.append(plain.group())
                self.at = plain.end()
            char = self.peek()
            if char == '"':
                self.at += 1
                return "".join(parts)
            if char != "\\":  # the end of the text, or a control character
                raise Refusal("malformed.syntax")
            self.at += 1
            parts.append(self.escape())

    def escape(self) -> str:
        char = self.peek()
        self.at += 1
        if char in _ESCAPES:
            return _ESCAPES[char]
        digits = _HEX4.match(self.text, self.at)
        if char != "u" or not digits:
            raise Refusal("malformed.syntax")
        self.at = digits.end()
        unit = int(digits.group(), 16)
        if unit == 0 and not self.profile.nul_allowed:
            raise Refusal("malformed.nul")
        if 0xDC00 <= unit <= 0xDFFF:
            raise Refusal("malformed.surrogate")
        if 0xD800 <= unit <= 0xDBFF:
            partner = _LOW.match(self.text, self.at)
            if not partner:
                raise Refusal("malformed.surrogate")
            self.at = partner.end()
            return chr(0x10000 + ((unit - 0xD800) << 10) + int(partner.group(1), 16) - 0xDC00)
        return chr(unit)

    def number(self) -> int | float:
        """A number ends where the grammar cannot go on: `-01` is `-0`, and then text with no place there."""
        start = self.at
        if not self.skip(_INTEGER_PART):
            raise Refusal("malformed.syntax")
        if self.peek() == "." and not self.skip(_FRACTION):
            raise Refusal("malformed.syntax")
        if self.peek() in ("e", "E") and not self.skip(_EXPONENT):
            raise Refusal("malformed.syntax")
        return read_number(self.text[start : self.at], self.profile)

    def skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found is not None


def read_number(text: str, profile: Profile) -> int | float:
    """Give a number by RFC 8259 its value under the profile: sections 3 and 4."""
    if profile.numbers == "integers":
        if text == "-0" or not _INTEGER_PART.fullmatch(text) or len(text) > 17 or abs(int(text)) > MAX_SAFE:
            raise Refusal("malformed.number")
        return int(text)
    nearest = float(text)
    if nearest in (float("inf"), float("-inf")):
        raise Refusal("malformed.number")
    if profile.numbers == "surviving":
        if nearest == 0 and text.startswith("-"):
            raise Refusal("malformed.number")
        if decimal_of(text) != decimal_of(number_text(nearest)):
            raise Refusal("malformed.number")
    return int(nearest) if nearest.is_integer() and abs(nearest) <= MAX_SAFE else nearest


def decimal_of(text: str) -> tuple[bool, str, int | str]:
    """The exact value of a number: its sign, its digits without outer zeros, and the last one's power of ten.

    An exponent longer than any that the digits before it could make up for is kept as its text: such a number
    is zero, or equal to no double.
    """
    negative = text.startswith("-")
    mantissa, _, exponent_text = text.lstrip("-").lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return False, "", 0
    sign = "-" if exponent_text.startswith("-") else ""
    exponent_digits = exponent_text.lstrip("+-").lstrip("0") or "0"
    if len(exponent_digits) > 18:
        return negative, digits, sign + exponent_digits
    significant = digits.rstrip("0")
    exponent = int(sign + exponent_digits) - len(fraction) + len(digits) - len(significant)
    return negative, significant, exponent


def number_text(number: int | float) -> str:
    """ECMAScript's Number::toString, from the shortest digits that Python's repr() finds."""
    double = float(number)
    if isinstance(number, int) and int(double) != number:
        raise ValueError("not a double")
    if double == 0:
        return "0"
    sign = "-" if double < 0 else ""
    _, digits, exponent = decimal_of(repr(abs(double)))
    assert isinstance(exponent, int)
    count = len(digits)
    point = count + exponent  # the value is 0.digits times ten to the power of point
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = point - 1
    tail = f"e{'+' if power > 0 else '-'}{abs(power)}"
    return sign + digits[0] + ("." + digits[1:] if count > 1 else "") + tail


_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_TO_ESCAPE = re.compile(r'["\\\x00-\x1f]')


def string_text(text: str) -> str:
    def escaped(found: re.Match[str]) -> str:
        char = found.group()
        return _SHORT_ESCAPES.get(char) or f"\\u{ord(char):04x}"

    return '"' + _TO_ESCAPE.sub(escaped, text) + '"'


def utf16_order(name: str) -> bytes:
    """Big-endian UTF-16 compares as bytes exactly as its code units compare as numbers."""
    return name.encode("utf-16-be")


def _pieces(value: Value) -> Iterator[str]:
    if value is None:
        yield "null"
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, int | float):
        yield number_text(value)
    elif isinstance(value, str):
        yield string_text(value)
    elif isinstance(value, list):
        yield "["
        for place, item in enumerate(value):
            if place:
                yield ","
            yield from _pieces(item)
        yield "]"
    else:
        yield "{"
        for place, name in enumerate(sorted(value, key=utf16_order)):
            if place:
                yield ","
            yield string_text(name) + ":"
            yield from _pieces(value[name])
        yield "}"


def canonical(value: Value) -> bytes:
    """The canonical bytes of a value: section 5."""
    return "".join(_pieces(value)).encode("utf-8")
