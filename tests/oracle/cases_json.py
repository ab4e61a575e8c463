"""Random cases for json.canonicalize and json.parse_strict."""

from __future__ import annotations

import math
import random
import re
import struct
from decimal import Decimal

from canonical import PROFILES, Profile, Value, canonical, number_text, parse, string_text
from differential import Case, Expected, problem, result
from encoding import to_base64url
from refusal import Refusal

CHARS = (
    *'abcxyz09_-/.:"\\ \x08\t\n\x0c\r\x01\x1f\x7f',
    *"\x80éß€\u0301\u1e9e\u2028\ud7ff\ue000\ufb33\ufeff\uffff\U00010000\U0001f600\U0010ffff",
)
SHORT = {"\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r", '"': '"', "\\": "\\", "/": "/"}
# After a high surrogate, an escape that is not whole: a lone surrogate, and a bad escape.
HALF_PARTNER = re.compile(rb"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u(?![0-9A-Fa-f]{4})")


def random_text(source: random.Random, most: int = 8) -> str:
    return "".join(source.choice(CHARS) for _ in range(source.randrange(most)))


def random_name(source: random.Random, profile: Profile) -> str:
    if profile.names is not None:
        return "".join(source.choices("abz_09", k=source.choice((1, 2, 3, 64))))
    return random_text(source, 5)


def random_number(source: random.Random, profile: Profile) -> int | float:
    if profile.names is not None or source.random() < 0.5:
        return source.choice((0, 1, -1, 2**53 - 1, 1 - 2**53, source.randrange(-(2**53) + 1, 2**53)))
    return random_double(source)


def random_double(source: random.Random) -> float:
    """A finite double: any bits, or one of an everyday size."""
    while True:
        number: float
        (number,) = struct.unpack(">d", source.randbytes(8))
        if source.random() < 0.4:
            number = source.uniform(-10, 10) * 10.0 ** source.randrange(-12, 26)
        if math.isfinite(number) and number != 0:
            return number


def random_value(source: random.Random, profile: Profile, depth: int = 4) -> Value:
    choice = source.randrange(10 if depth else 7)
    if choice < 2:
        return source.choice((None, True, False))
    if choice < 4:
        return random_number(source, profile)
    if choice < 7:
        return random_text(source)
    if choice < 8:
        return [random_value(source, profile, depth - 1) for _ in range(source.randrange(5))]
    return {
        random_name(source, profile): random_value(source, profile, depth - 1)
        for _ in range(source.randrange(5))
    }


def spaces(source: random.Random) -> str:
    return "".join(source.choices(" \t\n\r", k=source.randrange(3))) if source.random() < 0.3 else ""


def spell_string(source: random.Random, text: str) -> str:
    out = []
    for char in text:
        if char in SHORT and source.random() < 0.5:
            out.append("\\" + SHORT[char])
        elif char < " " or char in '"\\' or source.random() < 0.15:
            units = char.encode("utf-16-be").hex()
            if source.random() < 0.5:
                units = units.upper()
            out += ["\\u" + units[at : at + 4] for at in range(0, len(units), 4)]
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def spell(source: random.Random, value: Value) -> str:
    """Write a value in one of the many ways that mean the same."""
    if isinstance(value, dict):
        pairs = list(value.items())
        source.shuffle(pairs)
        members = [
            f"{spaces(source)}{spell_string(source, name)}{spaces(source)}:{spell(source, item)}"
            for name, item in pairs
        ]
        text = "{" + ",".join(members) + spaces(source) + "}"
    elif isinstance(value, list):
        text = "[" + ",".join(spell(source, item) for item in value) + spaces(source) + "]"
    elif isinstance(value, str):
        text = spell_string(source, value)
    else:
        text = canonical(value).decode("utf-8")
    return spaces(source) + text + spaces(source)


def number_spelling(source: random.Random) -> str:
    """A text that looks like a number: near a double, near a bound, or slightly broken."""
    number = random_double(source)
    exact = Decimal(number)
    choice = source.randrange(16)
    if choice == 0:
        text = number_text(number)
    elif choice == 1:
        text = f"{number:.17e}"
    elif choice == 2:
        text = f"{number:.16E}"
    elif choice == 3:
        text = format(exact, "f") if abs(number) < 1e60 and abs(number) > 1e-40 else format(exact, "e")
    elif choice == 4:  # half way to the next double, exactly
        text = format((exact + Decimal(math.nextafter(number, math.inf))) / 2, "e")
    elif choice == 5:
        text = shifted(source, number_text(number))
    elif choice == 6:
        text = str(source.choice((2**53, 10**15, 10**20, 10**21, 10**22, 10**23)) + source.randrange(-3, 4))
    elif choice == 7:
        text = str(source.randrange(-(10 ** source.randrange(1, 26)), 10 ** source.randrange(1, 26)))
    elif choice == 8:
        text = f"{source.randrange(1, 100)}{'0' * source.randrange(30)}"
    elif choice == 9:
        text = f"{source.randrange(100)}e{source.choice('+- ').strip()}{source.randrange(420)}"
    elif choice == 10:
        text = source.choice(
            ("-0", "-0.0", "0.0", "0e5", "-0e5", "0E-0", "00", "-00", "0.", ".0", "-", "1e", "+0")
        )
    elif choice == 11:
        text = source.choice(
            ("5e-324", "4.9e-324", "2e-324", "2.4703282292062327e-324", "2.4703282292062328e-324")
        )
    elif choice == 12:
        text = source.choice(
            (
                "1.7976931348623157e308",
                "1.7976931348623158e308",
                "1.7976931348623159e308",
                "179769313486231570e291",
                "2.2250738585072014e-308",
                "2.2250738585072011e-308",
            )
        )
    elif choice == 13:
        mantissa = source.choice(("0", "0.000", "1", "0.001"))
        text = f"{mantissa}e{source.choice(('', '-', '+'))}{'9' * source.choice((3, 10, 25, 400))}"
    elif choice == 14:
        text = f"0.{'0' * source.randrange(320)}{source.randrange(1, 1000)}e{source.randrange(330)}"
    else:
        text = number_text(number) + source.choice("0123456789")
    return "-" + text if source.random() < 0.1 and not text.startswith("-") else text


def shifted(source: random.Random, text: str) -> str:
    """The same number with its point elsewhere, or with zeros behind."""
    sign = "-" if text.startswith("-") else ""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits, power = whole + fraction, int(exponent or 0) - len(fraction)
    zeros = source.randrange(4)
    digits, power = digits + "0" * zeros, power - zeros
    at = source.randrange(1, len(digits) + 1)
    head, tail = digits[:at].lstrip("0") or "0", digits[at:]
    power += len(tail)
    fraction = "." + tail if tail else ""
    plus = source.choice(("+", "")) if power >= 0 else ""
    return f"{sign}{head}{fraction}{source.choice('eE')}{plus}{power}"


def structure(source: random.Random, profile: Profile) -> bytes:
    """Texts about names, depth, surrogates and NUL."""
    choice = source.randrange(7)
    if choice == 0:
        depth = profile.max_depth + source.randrange(-1, 2)
        if source.random() < 0.5:
            return b"[" * depth + b"]" * depth
        opened = [source.choice((b"[", b'{"a":')) for _ in range(depth)]
        closed = [b"]" if one == b"[" else b"}" for one in reversed(opened)]
        return b"".join([*opened, source.choice((b"0", b"{}", b"[]")), *closed])
    if choice == 1:
        names = [random_name(source, profile) for _ in range(source.randrange(2, 6))]
        names += source.choices(names, k=source.randrange(2))
        source.shuffle(names)
        return ("{" + ",".join(f"{spell_string(source, name)}:1" for name in names) + "}").encode()
    if choice == 2:
        pieces = [
            source.choice(
                (r"\ud800", r"\udbff", r"\udc00", r"\uDFFF", r"\u0041", "x", r"\ud7ff", r"\ue000", r"\n")
            )
            for _ in range(source.randrange(1, 5))
        ]
        return ('"' + "".join(pieces) + '"').encode()
    if choice == 3:
        name = source.choice(("", "a" * 64, "a" * 65, "A", "a-b", "a b", "é", "_", "0", "a\u0000", "a.b"))
        return ("{" + string_text(name) + ":" + source.choice(("1", "{}", "tru")) + "}").encode()
    if choice == 4:
        return ('["a' + source.choice(("\\u0000", "\\u0001", "\x00", "\x1f", "\x7f", "\\x")) + '"]').encode()
    if choice == 5:
        units = [chr(source.choice((0x61, 0xE000, 0xFFFF, 0x10000, 0x1F600, 0xD7FF))) for _ in range(6)]
        members = {"".join(source.choices(units, k=2)): 1 for _ in range(5)}
        return spell(source, dict(members)).encode()
    return source.choice(
        (b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf{}", b" ", b"[1]x", b"{}{}", b"nul", b"truE", b"[,]")
    )


def mutated(source: random.Random, data: bytes) -> bytes:
    """Change a few bytes."""
    out = bytearray(data)
    for _ in range(source.choice((1, 1, 1, 2))):
        at = source.randrange(len(out) + 1)
        choice = source.randrange(4)
        if choice == 0:
            out[at:at] = source.choice(
                (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b",", b'"', b"\\", b"0", b"[", b"{", b"]", b"e", b".")
            )
        elif choice == 1:
            del out[at : at + 1]
        elif choice == 2 and at < len(out):
            out[at] ^= 1 << source.randrange(8)
        else:
            out[at:at] = out[at : at + source.randrange(1, 6)]
    return bytes(out)


def random_bytes(source: random.Random, profile: Profile) -> tuple[str, bytes]:
    choice = source.randrange(10)
    if choice < 2:
        return "value", spell(source, random_value(source, profile)).encode()
    if choice < 4:
        return "mutated value", mutated(source, spell(source, random_value(source, profile)).encode())
    if choice < 7:
        numbers = [number_spelling(source) for _ in range(source.choice((1, 1, 1, 2)))]
        return "number", ("[" + ",".join(numbers) + "]").encode()
    if choice < 9 or source.random() < 0.8:
        return "structure", structure(source, profile)
    filler = PROFILES["talos"].max_bytes + source.randrange(-1, 2) - 2
    return "size", b'"' + b"a" * filler + b'"'


def expected(operation: str, data: bytes, profile: Profile) -> Expected:
    try:
        value = parse(data, profile)
    except Refusal as refused:
        if refused.code == "malformed.surrogate" and HALF_PARTNER.search(data):
            return problem(refused.code, "malformed.syntax")
        return problem(refused.code)
    if operation == "json.canonicalize":
        return result(canonical=canonical(value).decode("utf-8"))
    return result(value=value)


def case_of(
    operation: str, note: str, data: bytes, profile: Profile, as_bytes: bool = False, escaped: bool = False
) -> Case:
    """A case about these bytes, sent as text where that is possible and wanted."""
    request: dict[str, Value] = {"profile": profile.name}
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\x00"
    if as_bytes or "\x00" in text:
        request["bytes"] = to_base64url(data)
    else:
        request["text"] = text
    return Case(operation, f"{note}, {profile.name}", request, expected(operation, data, profile), escaped)


def one(source: random.Random) -> Case:
    profile = source.choice(list(PROFILES.values()))
    operation = source.choice(("json.canonicalize", "json.canonicalize", "json.parse_strict"))
    kind, data = random_bytes(source, profile)
    return case_of(operation, kind, data, profile, source.random() < 0.3, source.random() < 0.3)


def cases(source: random.Random, count: int) -> list[Case]:
    return [one(source) for _ in range(count)]
