"""vectors/json.json: the strict parser and canonical bytes (docs/spec/canonical-json.md)."""

from __future__ import annotations

from canonical import PROFILES
from door import Request
from encoding import to_base64url
from suite import MARK, Repeat, Suite

STRICT = "json.parse_strict"
Pair = tuple[str, str, str, str]  # code, what differs, the text, the text of the sibling


def _request(text: str, profile: str) -> Request:
    return {"profile": profile, "text": text}


def _raw(data: bytes, profile: str) -> Request:
    return {"profile": profile, "bytes": to_base64url(data)}


# In every profile: a text that is refused, beside one that is not.
PAIRS: tuple[Pair, ...] = (
    ("malformed.duplicate_name", "the second name is that of the first", '{"a":1,"a":1}', '{"a":1,"b":1}'),
    (
        "malformed.duplicate_name",
        "two names three levels down are one name",
        '[{"a":{"b":[{"c":1,"d":2,"c":3}]}}]',
        '[{"a":{"b":[{"c":1,"d":2,"e":3}]}}]',
    ),
    (
        "malformed.duplicate_name",
        "a name is the first one, written with an escape",
        r'{"a":1,"\u0061":2}',
        r'{"a":1,"\u0062":2}',
    ),
    (
        "malformed.duplicate_name",
        "the same name with the same value",
        '{"a":{},"b":{},"a":{}}',
        '{"a":{},"b":{}}',
    ),
    ("malformed.surrogate", "the low half is missing", r'"\ud83d"', r'"\ud83d\ude00"'),
    ("malformed.surrogate", "the high half is missing", r'"\ude00"', r'"\ue000"'),
    ("malformed.surrogate", "a letter stands between the halves", r'"\ud83dx\ude00"', r'"x\ud83d\ude00"'),
    ("malformed.surrogate", "two high halves in a row", r'"\ud83d\ud83d\ude00"', r'"\uD83D\uDE00"'),
    (
        "malformed.surrogate",
        "the halves are in the wrong order",
        r'"\ude00\ud83d"',
        r'"\ud83d\ude00\ud83d\ude00"',
    ),
    ("malformed.surrogate", "half a pair is a member name", r'{"\udfff":1}', r'{"a":1}'),
    ("malformed.bom", "a byte order mark goes before it", "\ufeff{}", "{}"),
    ("malformed.bom", "there is a byte order mark and nothing else", "\ufeff", '"\ufeff"'),
    ("malformed.syntax", "nothing is there", "", "0"),
    ("malformed.syntax", "only white space is there", " \t\r\n", " \t\r\n1"),
    ("malformed.syntax", "a comma is left over in the array", "[1,]", "[1]"),
    ("malformed.syntax", "a comma is left over in the object", '{"a":1,}', '{"a":1}'),
    ("malformed.syntax", "a value follows the value", "1 1", "[1, 1]"),
    ("malformed.syntax", "a bracket is not closed", "[[1]", "[[1]]"),
    ("malformed.syntax", "a comment follows", "[2]//x", "[2]"),
    ("malformed.syntax", "the strings are in single quotes", "['x']", '["x"]'),
    ("malformed.syntax", "the name has no quotes", "{a:2}", '{"a":2}'),
    ("malformed.syntax", "the number begins with a zero", "[01]", "[0,1]"),
    ("malformed.syntax", "the number is a minus sign", "[-]", "[-1]"),
    ("malformed.syntax", "the number has a plus sign", "[+1]", "[3]"),
    ("malformed.syntax", "the number is hexadecimal", "0x10", "10"),
    ("malformed.syntax", "the number has no digit after the point", "[1.]", "[11]"),
    ("malformed.syntax", "the number has no digit before the point", "[.5]", "[5]"),
    ("malformed.syntax", "the exponent has no digit", "[1e]", "[12]"),
    ("malformed.syntax", "it is NaN", "[NaN]", "[null]"),
    ("malformed.syntax", "it is Infinity", "[Infinity]", "[false]"),
    ("malformed.syntax", "true has a capital letter", "[True]", "[true]"),
    ("malformed.syntax", "a tab stands in the string", '"a\tb"', r'"a\tb"'),
    ("malformed.syntax", "the escape does not exist", r'"\x41"', r'"\u0041"'),
    ("malformed.syntax", "the escape has three digits", r'"\u041"', r'"\u0410"'),
    ("malformed.syntax", "the white space is a no-break space", "\u00a01", " 1"),
    ("malformed.syntax", "the digits are Arabic", "\u0661", "1"),
)
NUMBERS: dict[str, tuple[Pair, ...]] = {
    "talos": (
        ("malformed.number", "zero has a minus sign", "[-0]", "[0]"),
        ("malformed.number", "one has a fraction of zero", "[1.0]", "[1]"),
        ("malformed.number", "the number has a fraction", "[1.5]", "[15]"),
        ("malformed.number", "a thousand has an exponent", "[1e3]", "[1000]"),
        ("malformed.number", "a thousand has a capital exponent", "[1E3]", "[100]"),
        ("malformed.number", "it is 2^53", "[9007199254740992]", "[9007199254740991]"),
        ("malformed.number", "it is -2^53", "[-9007199254740992]", "[-9007199254740991]"),
        (
            "malformed.number",
            "it has 40 digits",
            "[1111111111111111111111111111111111111111]",
            "[1111111111]",
        ),
    ),
    "talos-data": (
        ("malformed.number", "zero has a minus sign", "[-0]", "[0]"),
        ("malformed.number", "zero with a fraction has a minus sign", "[-0.0]", "[0.0]"),
        ("malformed.number", "zero with an exponent has a minus sign", "[-0e5]", "[0e5]"),
        ("malformed.number", "it is 2^53 + 1", "[9007199254740993]", "[9007199254740992]"),
        ("malformed.number", "it is -(2^53 + 1)", "[-9007199254740993]", "[-9007199254740992]"),
        ("malformed.number", "it is 1e400", "[1e400]", "[1e300]"),
        ("malformed.number", "it is 1e-400", "[1e-400]", "[1e-300]"),
        (
            "malformed.number",
            "it is the exact value of the double of 0.1",
            "[0.1000000000000000055511151231257827]",
            "[0.1]",
        ),
        (
            "malformed.number",
            "its last digit is lost in the double",
            "[333333333.33333329]",
            "[333333333.3333333]",
        ),
        (
            "malformed.number",
            "it is just above the largest double",
            "[1.7976931348623159e308]",
            "[1.7976931348623157e308]",
        ),
        (
            "malformed.number",
            "it is one more than its neighbour",
            "[104773472025746930001]",
            "[104773472025746930000]",
        ),
    ),
    "rfc8785": (
        ("malformed.number", "it overflows", "[1e400]", "[1e308]"),
        ("malformed.number", "it overflows below", "[-1e400]", "[-1e308]"),
    ),
}
ONLY_TALOS: tuple[Pair, ...] = (
    ("malformed.nul", "the string holds U+0000", r'["\u0000"]', r'["\u0001"]'),
    ("malformed.nul", "the name holds U+0000", r'{"\u0000":1}', r'{"\u005f":1}'),
    ("malformed.name", "the name has a capital letter", '{"Aa":1}', '{"aa":1}'),
    ("malformed.name", "the name is empty", '{"":1}', '{"_":1}'),
    ("malformed.name", "the name has a hyphen", '{"a-b":1}', '{"a_b":1}'),
    ("malformed.name", "the name has an accent", '{"\u00e9":1}', '{"e":1}'),
    ("malformed.name", "the name has 65 characters", '{"' + "a" * 65 + '":1}', '{"' + "a" * 64 + '":1}'),
)
# Texts and what is written for them.
SPELLINGS = (
    ("white space is left out", ' { "a" : [ 1 , 2 ] } ', "talos"),
    ("members are sorted at each depth", '{"b":{"d":1,"c":2},"a":3}', "talos"),
    ("an empty array and an empty object", "[[],{}]", "talos"),
    ("literals", "[true,false,null]", "talos"),
    ("the least and the greatest integer", "[-9007199254740991,9007199254740991]", "talos"),
    ("a solidus is not escaped", r'"\/"', "talos"),
    ("short escapes are used", r'"\u0008\u0009\u000a\u000c\u000d\u0022\u005c"', "talos"),
    ("other control characters are written in lower case", r'"\u000B\u001F"', "talos"),
    ("delete is written as itself", r'"\u007f"', "talos"),
    ("characters beyond ASCII are written as themselves", r'"\u00e9\u20ac\ud83d\ude00"', "talos"),
    ("no normalisation: one accent, two ways", '["\u00e9","e\u0301"]', "talos"),
    ("a noncharacter is allowed", '"\uffff"', "talos"),
    ("U+10000 sorts before U+E000", '{"\ue000":1,"\U00010000":2}', "talos-data"),
    ("U+10FFFF sorts before U+FFFF and after U+D7FF", '{"\uffff":1,"\U0010ffff":2,"\ud7ff":3}', "talos-data"),
    ("an empty name sorts first", '{"a":1,"":2}', "talos-data"),
    ("a name sorts before a longer one", '{"aa":1,"a":2,"ab":3}', "talos-data"),
    ("capital letters sort before small ones", '{"a":1,"A":2}', "talos-data"),
    ("U+0000 in a string", r'"\u0000"', "talos-data"),
    ("two names that differ by normalisation alone", '{"\u00e9":1,"e\u0301":2}', "talos-data"),
    ("a fraction of zero", "1.0", "talos-data"),
    ("an exponent", "1e2", "talos-data"),
    ("a trailing zero", "0.10", "talos-data"),
    ("1e21 is the first with an exponent", "[100000000000000000000,1000000000000000000000]", "talos-data"),
    ("23 zeros", "100000000000000000000000", "talos-data"),
    ("1e-7 is the first with an exponent", "[0.000001,0.0000001]", "talos-data"),
    ("the least double", "5e-324", "talos-data"),
    ("a long exponent that is zero", "0e-99999999999999999999", "talos-data"),
    ("zero has no sign", "-0", "rfc8785"),
    ("2^53 + 1 is rounded", "9007199254740993", "rfc8785"),
    ("underflow is zero", "1e-400", "rfc8785"),
)


def make() -> Suite:
    suite = Suite(
        "json.json",
        "The strict parser and canonical bytes (docs/spec/canonical-json.md).",
        default="json.canonicalize",
    )
    for name, text, profile in SPELLINGS:
        suite.good(f"{profile}: {name}", _request(text, profile))
        suite.good(f"{profile}: {name}, parsed", _request(text, profile), STRICT)
    for profile in PROFILES:
        pairs = PAIRS + NUMBERS[profile] + (ONLY_TALOS if profile == "talos" else ())
        for pair in pairs:
            _add_pair(suite, profile, pair)
        _depth(suite, profile)
        _utf8(suite, profile)
    _sizes(suite)
    _parsed(suite)
    return suite


def _add_pair(suite: Suite, profile: str, pair: Pair) -> None:
    code, what, wrong, right = pair
    name = f"{profile}: {right if right.isascii() and right.isprintable() else ascii(right)}"
    if name not in suite.cases:
        suite.good(name, _request(right, profile))
    suite.bad(name, code, what, {"text": wrong})


def _depth(suite: Suite, profile: str) -> None:
    deepest = PROFILES[profile].max_depth
    arrays = suite.good(
        f"{profile}: {deepest} arrays in one another", _request("[" * deepest + "]" * deepest, profile)
    )
    deeper = deepest + 1
    suite.bad(arrays, "malformed.depth", f"there are {deeper}", {"text": "[" * deeper + "]" * deeper})
    suite.bad(arrays, "malformed.depth", f"{deeper} are opened and none is closed", {"text": "[" * deeper})
    inside = '{"a":' * deepest
    objects = suite.good(
        f"{profile}: {deepest} objects in one another", _request(inside + "1" + "}" * deepest, profile)
    )
    suite.bad(
        objects, "malformed.depth", "the innermost holds an array", {"text": inside + "[]" + "}" * deepest}
    )
    repeat = Repeat("text", "[", 60_000)
    suite.bad(arrays, "malformed.depth", "60,000 are opened", {"text": MARK}, repeat)


def _utf8(suite: Suite, profile: str) -> None:
    for what, wrong, right in (
        ("it is overlong", b'"\xc0\x80"', b'"\xc2\x80"'),
        ("it is a surrogate", b'"\xed\xa0\x80"', b'"\xed\x9f\xbf"'),
        ("it is above U+10FFFF", b'"\xf4\x90\x80\x80"', b'"\xf4\x8f\xbf\xbf"'),
        ("it is cut", b'"\xe2\x82"', b'"\xe2\x82\xac"'),
        ("the fault is far behind another", b"x\xff", b"1 "),
    ):
        name = suite.good(f"{profile}: the bytes {right.hex()}", _raw(right, profile))
        suite.bad(name, "malformed.utf8", what, {"bytes": to_base64url(wrong)})
    name = suite.good(f"{profile}: text in bytes", _raw(b'"a"', profile))
    suite.bad(
        name, "malformed.bom", "a byte order mark goes before it", {"bytes": to_base64url(b'\xef\xbb\xbf"a"')}
    )
    suite.bad(name, "malformed.syntax", "the string holds the byte 0", {"bytes": to_base64url(b'"\x00"')})


def _sizes(suite: Suite) -> None:
    for profile, longest in (("talos", 65_024), ("talos-data", 16_777_216), ("rfc8785", 16_777_216)):
        at = Repeat("text", " ", longest - 1)
        name = suite.good(f"{profile}: {longest:,} bytes", _request(MARK + "1", profile), repeat=at)
        if profile == "talos":  # a longer text for the others is no input of the operation
            above = Repeat("text", " ", longest)
            suite.bad(name, "malformed.size", "there is one more", {"text": MARK + "1"}, above)


def _parsed(suite: Suite) -> None:
    """Each code of the parser again, by the operation that gives the value."""
    whole = suite.good("parsed: a text", _request('{"a":[1,"b",null]}', "talos"), STRICT)
    for code, what, text in (
        ("malformed.syntax", "a comma is left over", '{"a":[1,"b",null,]}'),
        ("malformed.bom", "a byte order mark goes before it", '\ufeff{"a":[1,"b",null]}'),
        ("malformed.duplicate_name", "the name stands twice", '{"a":[1,"b",null],"a":1}'),
        ("malformed.number", "the number is 1.0", '{"a":[1.0,"b",null]}'),
        ("malformed.surrogate", "the string is half a pair", r'{"a":[1,"\ud800",null]}'),
        ("malformed.nul", "the string is U+0000", r'{"a":[1,"\u0000",null]}'),
        ("malformed.name", "the name is a capital letter", '{"A":[1,"b",null]}'),
        ("malformed.depth", "33 arrays are opened", "[" * 33),
    ):
        suite.bad(whole, code, what, {"text": text})
    raw = suite.good("parsed: a text in bytes", _raw(b'"a"', "talos"), STRICT)
    suite.bad(raw, "malformed.utf8", "a byte is FF", {"bytes": to_base64url(b'"\xff"')})
    longest = Repeat("text", " ", 65_023)
    size = suite.good("parsed: 65,024 bytes", _request(MARK + "1", "talos"), STRICT, longest)
    suite.bad(size, "malformed.size", "there is one more", {"text": MARK + "1"}, Repeat("text", " ", 65_024))
    either = _request("1", "talos")
    for operation in ("json.canonicalize", STRICT):
        name = suite.good(f"{operation}: text alone", either, operation)
        suite.bad(name, "malformed.type", "the text is a number", {"text": 1})
