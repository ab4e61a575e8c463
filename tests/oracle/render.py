"""What people are shown of an action (docs/spec/approval.md, section 7)."""

from __future__ import annotations

import difflib
import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import constants
import contract
from canonical import Value, canonical
from encoding import to_base64url
from receipt import ACTION_KINDS, EFFECTS

Body = dict[str, Value]

LEAVES, FOUND, LEAF_LINES, LINE = 128, 32, 64, 200
SPACES, LINE_FEEDS = 16, 4
FILES, DIFF_LINES, TEXT_LINES, TEXT_BYTES, PIECES = 8, 128, 2_000, 1 << 20, 64
PATH_BYTES = 4096

COUNT = contract.integer(0, constants.MAX_SAFE)
AMOUNT = contract.members(
    {"micro": COUNT, "currency": contract.matching(contract.CURRENCY)}, ("micro", "currency")
)
ACTION = contract.members(
    {
        "run": contract.matching(contract.UUID),
        "call": contract.string(1, 128),
        "kind": contract.one_of(*ACTION_KINDS),
        "target": contract.string(1, 512),
        "effect": contract.one_of(*EFFECTS),
        "tool_hash": contract.hash_value,
        "args": contract.any_value,
        "tokens": COUNT,
        "amount": AMOUNT,
        "principal": contract.string(1, 512),
        "model": contract.string(1, 128),
        "key_id": contract.string(1, 128),
        "consent": contract.boolean,
        "kyc": contract.boolean,
    },
    ("kind", "target"),
)
FILE = contract.members({"path": contract.string(1, 4096), "text": contract.string(0, TEXT_BYTES)}, ("path",))
INPUT = contract.members({"action": ACTION, "files": contract.array(FILE, FILES)}, ("action",))

# --- Texts ------------------------------------------------------------------------------------------

WHITE_SPACE = frozenset(
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
# What fills and shows nothing, variation selectors that are no formats, and the signs of the page itself.
FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
OWN = frozenset("\u27e8\u27e9\u21e5\u21aa")
GOES_ON = "\u21aa"
MARKS = (
    (0x300, 0x36F),
    (0x483, 0x489),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
)
SCRIPTS = ("GREEK ", "CYRILLIC ", "ARMENIAN ", "GEORGIAN ", "CHEROKEE ", "COPTIC ", "LISU ")
PHONETIC = ((0x250, 0x2AF), (0x1D00, 0x1DBF))


def _within(char: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(char) <= last for first, last in ranges)


def _is_hidden(char: str) -> bool:
    category = unicodedata.category(char)
    return (
        (category in ("Cc", "Cf", "Co", "Zs", "Zl", "Zp") and char != " ")
        or char in FILLERS | OWN
        or _within(char, ((0xFE00, 0xFE0F), (0xFFF0, 0xFFFF), (0xE0000, 0x10FFFF)))
    )


def _poses(char: str) -> bool:
    plain = unicodedata.normalize("NFKC", char)
    return not char.isascii() and any(c.isascii() and c.isalnum() for c in plain)


def _looks_latin(char: str) -> bool:
    letter = unicodedata.category(char).startswith("L")
    return letter and (unicodedata.name(char, "").startswith(SCRIPTS) or _within(char, PHONETIC))


def _is_of_a_word(char: str) -> bool:
    return char.isalnum() or _within(char, MARKS)


def _mixed(text: str) -> set[int]:
    """The places in words that have ASCII letters and letters that look like them."""
    found: set[int] = set()
    at = 0
    while at < len(text):
        end = at
        while end < len(text) and _is_of_a_word(text[end]):
            end += 1
        word = text[at:end]
        if any(c.isascii() and c.isalpha() for c in word) and any(map(_looks_latin, word)):
            found.update(range(at, end))
        at = max(end, at + 1)
    return found


def _token(char: str, is_name: bool, is_mixed: bool) -> str:
    if char == "\t":
        return "\u21e5"
    foreign = not char.isascii() and (is_name or _within(char, MARKS) or _poses(char))
    if foreign or _is_hidden(char) or (is_mixed and _looks_latin(char)):
        return f"\u27e8U+{ord(char):04X}\u27e9"
    return char


def _counted(count: int, char: str) -> str:
    return f"\u27e8{count} \u00d7 U+{ord(char):04X}\u27e9"


def signs(text: str, is_name: bool) -> Iterator[tuple[int, str]]:
    """What stands for the characters of a text, each with its place: many spaces are one sign."""
    mixed = _mixed(text)
    at = 0
    while at < len(text):
        rest = text[at:]
        spaces = len(rest) - len(rest.lstrip(" "))
        if spaces > SPACES:
            yield at, _counted(spaces, " ")
            at += spaces
            continue
        yield at, _token(text[at], is_name, at in mixed)
        at += 1


def line(text: str, is_name: bool = False) -> tuple[str, bool]:
    """The text as one line, and whether it is all of it."""
    shown = ""
    for at, sign in signs(text, is_name):
        if len(shown) + len(sign) > LINE:
            return f"{shown} [clipped: {len(text) - at} more characters]", False
        shown += sign
    return shown, True


def wrapped(text: str) -> Iterator[tuple[int, str]]:
    """A line as lines, each with the place where it begins."""
    start, shown = 0, ""
    for at, sign in signs(text, is_name=False):
        if len(shown) + len(sign) > LINE:
            yield start, shown if start == 0 else GOES_ON + shown
            start, shown = at, ""
        shown += sign
    yield start, shown if start == 0 else GOES_ON + shown


def text_lines(text: str) -> Iterator[tuple[int, str]]:
    """A text as lines, each with the place where what is missing begins if it is not shown."""
    parts = text.split("\n")
    at = number = 0
    while number < len(parts):
        empty = 0
        # The last part ends with no line feed, and so is no empty line.
        while number + empty < len(parts) - 1 and not parts[number + empty]:
            empty += 1
        if empty > LINE_FEEDS:
            yield max(at - 1, 0), _counted(empty, "\n")
            number, at = number + empty, at + empty
            continue
        for start, shown in wrapped(parts[number]):
            yield (at + start if start else max(at - 1, 0)), shown
        at += len(parts[number]) + 1
        number += 1


def prose(text: str) -> str:
    return line(text)[0]


def name(text: str) -> str:
    return line(text, is_name=True)[0]


# --- Arguments --------------------------------------------------------------------------------------


def members(value: dict[str, Value]) -> list[tuple[str, Value]]:
    """In the order of the canonical form."""
    return sorted(value.items(), key=lambda member: member[0].encode("utf-16-be", "surrogatepass"))


def leaves(value: Value, pointer: str = "") -> Iterator[tuple[str, Value]]:
    if isinstance(value, dict) and value:
        for word, inner in members(value):
            yield from leaves(inner, pointer + "/" + word.replace("~", "~0").replace("/", "~1"))
    elif isinstance(value, list) and value:
        for at, inner in enumerate(value):
            yield from leaves(inner, f"{pointer}/{at}")
    else:
        yield pointer, value


def leaf(value: Value) -> tuple[list[str], bool]:
    """Its lines, and whether something is missing."""
    if not isinstance(value, str):
        return [prose(canonical(value).decode())], False
    every = list(text_lines(value))
    lines = [shown for _, shown in every[:LEAF_LINES]]
    clipped = len(every) > LEAF_LINES
    if "\n" not in value:
        lines[0] = '"' + lines[0]
        lines[-1] += "" if clipped else '"'
    if clipped:
        lines.append(f"[clipped: {len(value) - every[LEAF_LINES][0]} more characters]")
    return lines, clipped


SCHEME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-")


def urls(text: str) -> Iterator[tuple[str, str, bool]]:
    """Each URL of a text with its host, and whether a user name stands before that."""
    at = text.find("://")
    while at >= 0:
        start = at
        while start > 0 and text[start - 1] in SCHEME:
            start -= 1
        end = at
        while end < len(text) and not _ends_url(text[end]):
            end += 1
        if start < at:
            yield text[start:end], *_host(text[at + 3 : end])
        at = text.find("://", at + 3)


def _ends_url(char: str) -> bool:
    return char in WHITE_SPACE or unicodedata.category(char) == "Cc" or char in '"<>`'


def _host(rest: str) -> tuple[str, bool]:
    authority = rest
    for mark in "/\\?#":
        authority = authority.partition(mark)[0]
    _, at, place = authority.rpartition("@")
    if place.startswith("[") and "]" in place:
        return place[: place.index("]") + 1], bool(at)
    return place.partition(":")[0], bool(at)


def addresses(text: str) -> Iterator[str]:
    word = ""
    for char in text + " ":
        if char not in WHITE_SPACE and char not in ",;<>()\"'":
            word += char
            continue
        local, _, domain = word.partition("@")
        if local and domain and "@" not in domain and "/" not in word:
            yield word.removeprefix("mailto:")
        word = ""


# --- Files ------------------------------------------------------------------------------------------

PATHS = ("path", "file_path", "filePath", "filepath", "file", "filename", "file_name")
TEXTS = ("content", "contents", "new_content", "file_text", "text")
PAIRS = (
    ("old_str", "new_str"),
    ("old_string", "new_string"),
    ("oldText", "newText"),
    ("old_text", "new_text"),
)


@dataclass(frozen=True)
class Change:
    """What a tool would do with a file: write all of it anew, or replace pieces one after the other."""

    path: str
    text: str | None
    pieces: list[tuple[str, str]] = field(default_factory=list)


def objects(value: Value) -> Iterator[dict[str, Value]]:
    if isinstance(value, dict):
        yield value
        for _, inner in members(value):
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def _pair(value: Value) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        for old, new in PAIRS:
            before, after = value.get(old), value.get(new)
            if isinstance(before, str) and isinstance(after, str):
                return [(before, after)]
    return []


def _first(value: dict[str, Value], words: tuple[str, ...]) -> str | None:
    return next((found for found in map(value.get, words) if isinstance(found, str)), None)


def change(value: dict[str, Value]) -> Change | None:
    path, text = _first(value, PATHS), _first(value, TEXTS)
    edits = value.get("edits")
    pieces = [piece for one in (value, *(edits if isinstance(edits, list) else ())) for piece in _pair(one)]
    if not path or len(path.encode()) > PATH_BYTES or (text is None and not pieces):
        return None
    return Change(path, None if pieces else text, pieces)


def unified(old: str, new: str) -> list[str]:
    lines = []
    made = difflib.unified_diff(_split(old), _split(new), n=3)
    for number, text in enumerate(made):
        if number < 2:
            continue
        if text.startswith("@@"):
            lines.append(text.rstrip("\n"))
            continue
        lines += [text[0] + shown for _, shown in wrapped(text[1:].removesuffix("\n"))]
        if not text.endswith("\n"):
            lines.append("\\ no line feed at the end")
    return lines


def _split(text: str) -> list[str]:
    parts = [part + "\n" for part in text.split("\n")]
    parts[-1] = parts[-1][:-1]
    return parts if parts[-1] else parts[:-1]


def _is_small(text: str) -> bool:
    return len(text.encode()) <= TEXT_BYTES and len(_split(text)) <= TEXT_LINES


def _clip(lines: list[str]) -> tuple[list[str], bool]:
    more = len(lines) - DIFF_LINES
    if more <= 0:
        return lines, False
    return [*lines[:DIFF_LINES], f"[clipped: {more} more lines]"], True


TOO_LARGE = "[too large to compare]"


def _compared(status: str, old: str, new: str) -> tuple[str, list[str], bool]:
    if not (_is_small(old) and _is_small(new)):
        return "unknown", [TOO_LARGE], False
    if status == "changed" and old == new:
        return "unchanged", [], False
    return status, *_clip(unified(old, new))


def _replaced(now: str | None, pieces: list[tuple[str, str]]) -> str | None:
    if now is None or len(pieces) > PIECES:
        return None
    for old, new in pieces:
        if not old or old not in now or len(now.encode()) + len(new.encode()) > 2 * TEXT_BYTES:
            return None
        now = now.replace(old, new, 1)
    return now


def _piecewise(pieces: list[tuple[str, str]]) -> tuple[str, list[str], bool]:
    lines: list[str] = []
    shown = 0
    for old, new in pieces:
        if len(lines) > DIFF_LINES:
            break
        lines += unified(old, new) if _is_small(old) and _is_small(new) else [TOO_LARGE]
        shown += 1
    lines, clipped = _clip(lines)
    more = len(pieces) - shown
    if more:
        lines, clipped = [*lines, f"[clipped: {more} more changes]"], True
    return "unknown", lines, clipped


def diff(made: Change, files: dict[str, str | None]) -> Value:
    known = made.path in files
    now = files.get(made.path)
    if made.text is not None:
        if not known:
            found: tuple[str, list[str], bool] = ("unknown", [], False)
        elif now is None:
            found = _compared("created", "", made.text)
        else:
            found = _compared("changed", now, made.text)
    else:
        new = _replaced(now, made.pieces)
        found = _piecewise(made.pieces) if now is None or new is None else _compared("changed", now, new)
    status, lines, clipped = found
    path, whole = line(made.path)
    return {"path": path, "status": status, "lines": [*lines], "clipped": clipped or not whole}


# --- The view ---------------------------------------------------------------------------------------


def _amount(amount: Body) -> str:
    micro = amount["micro"]
    assert isinstance(micro, int)
    fraction = f"{micro % 1_000_000:06}".rstrip("0").ljust(2, "0")
    return f"{micro // 1_000_000}.{fraction} {amount['currency']}"


def view(action: Body, files: list[Value]) -> Body:
    args = action.get("args", {})
    shown: Body = {
        "heading": f"{action['kind']} {name(str(action['target']))} "
        f"({action.get('effect', 'effect not declared')})",
        "args_digest": to_base64url(hashlib.sha256(constants.ARGS + b"\x00" + canonical(args)).digest()),
    }
    if "amount" in action:
        shown["amount"] = _amount(contract.object_of(action["amount"]))
    if "tokens" in action:
        shown["tokens"] = action["tokens"]
    if "model" in action:
        shown["model"] = name(str(action["model"]))
    all_leaves = list(leaves(args))
    arguments: list[Value] = []
    for pointer, value in all_leaves[:LEAVES]:
        lines, clipped = leaf(value)
        arguments.append({"pointer": prose(pointer), "lines": [*lines], "clipped": clipped})
    found_urls: list[Value] = []
    found: list[str] = []
    more_urls = 0
    for pointer, value in all_leaves:
        if not isinstance(value, str):
            continue
        for url, host, credentials in urls(value):
            if len(found_urls) == FOUND:
                more_urls += 1
                continue
            found_urls.append(
                {"pointer": prose(pointer), "url": name(url), "host": name(host), "credentials": credentials}
            )
        for address in addresses(value):
            if address not in found:
                found.append(address)
    known: dict[str, str | None] = {}
    for file in map(contract.object_of, files):
        text = file.get("text")
        known.setdefault(str(file["path"]), None if text is None else str(text))
    changes = [made for value in objects(args) if (made := change(value))]
    shown |= {
        "arguments": arguments,
        "recipients": [name(address) for address in found[:FOUND]],
        "urls": found_urls,
        "diffs": [diff(made, known) for made in changes[:FILES]],
        "omitted": {
            "arguments": len(all_leaves) - len(arguments),
            "recipients": max(len(found) - FOUND, 0),
            "urls": more_urls,
            "diffs": max(len(changes) - FILES, 0),
        },
    }
    shown["clipped"] = _is_clipped(action, shown, [pointer for pointer, _ in all_leaves], found)
    return shown | {"lines": [*page(shown)]}


def _is_clipped(action: Body, shown: Body, pointers: list[str], found: list[str]) -> bool:
    """Whether anything is missing, but for the rest of a URL."""
    names = [str(action["target"]), str(action.get("model", "")), *found]
    return (
        any(contract.object_of(shown["omitted"]).values())
        or any(one["clipped"] for word in ("arguments", "diffs") for one in _objects(shown, word))
        or not all(line(pointer)[1] for pointer in pointers)
        or not all(line(text, is_name=True)[1] for text in names)
        or any(HOW_CUT in str(url["host"]) for url in _objects(shown, "urls"))
    )


HOW_CUT = " [clipped: "
HOW_TO_SEE_ALL = "[clipped: this is not all of it; talos approvals show --full shows every character]"
WHAT_HAPPENS = {
    "created": "would be created",
    "changed": "would change",
    "unchanged": "would stay as it is",
    "unknown": "would change from a text that is not known here",
}


def _objects(shown: Body, word: str) -> list[Body]:
    return [contract.object_of(one) for one in contract.array_of(shown[word])]


def _texts(value: Value) -> list[str]:
    return [contract.text_of(one) for one in contract.array_of(value)]


def page(shown: Body) -> Iterator[str]:
    omitted = contract.object_of(shown["omitted"])

    def more(word: str, what: str) -> Iterator[str]:
        if omitted[word]:
            yield f"[clipped: {omitted[word]} more {what}]"

    yield contract.text_of(shown["heading"])
    if "amount" in shown:
        yield f"amount: {shown['amount']}"
    yield from (f"{word}: {shown[word]}" for word in ("tokens", "model") if word in shown)
    yield from (f"recipient: {address}" for address in _texts(shown["recipients"]))
    yield from more("recipients", "recipients")
    for url in _objects(shown, "urls"):
        yield f"host: {url['host']}{', after a user name' if url['credentials'] else ''}, in {url['pointer']}"
    yield from more("urls", "URLs")
    yield f"arguments, digest {shown['args_digest']}:"
    for argument in _objects(shown, "arguments"):
        lines = _texts(argument["lines"])
        pointer = argument["pointer"] or "all"
        if len(lines) == 1:
            yield f"  {pointer}: {lines[0]}"
            continue
        yield f"  {pointer}:"
        yield from (f"  | {text}" for text in lines)
    yield from more("arguments", "arguments")
    for one in _objects(shown, "diffs"):
        yield f"file {one['path']}: {WHAT_HAPPENS[str(one['status'])]}"
        yield from (f"  {text}" for text in _texts(one["lines"]))
    yield from more("diffs", "files")
    if shown["clipped"]:
        yield HOW_TO_SEE_ALL


def render(request: Body) -> Value:
    """The answer of `approval.render`."""
    INPUT(request)
    files = contract.array_of(request.get("files", []))
    return {"view": view(contract.object_of(request["action"]), files)}
