"""vectors/approval/render.json (docs/spec/approval.md, section 7)."""

from __future__ import annotations

from collections.abc import Mapping

from build import RUN
from canonical import Value
from door import Request
from encoding import to_base64url
from suite import Suite, blob

Body = dict[str, Value]

HASH = to_base64url(blob("tool"))

POEM = "Bronze\ndoes\nnot\ntire\n"


def shown(args: Value = None, files: list[Value] | None = None, **more: Value) -> Request:
    action: Body = {"kind": "tool_call", "target": "tool", "effect": "write"}
    action |= {"args": args} if args is not None else {}
    return {"action": action | more} | ({"files": files} if files is not None else {})


def text(value: str) -> Request:
    return shown({"text": value})


def file(path: str, holds: str | None = None) -> Value:
    return {"path": path} if holds is None else {"path": path, "text": holds}


def render_suite() -> Suite:
    suite = Suite(
        "approval/render.json",
        "What people are shown of an action (docs/spec/approval.md, section 7).",
        default="approval.render",
    )
    _headings(suite)
    _arguments(suite)
    _texts(suite)
    _people_and_places(suite)
    _files(suite)
    _refused(suite)
    return suite


def _headings(suite: Suite) -> None:
    suite.good("there is nothing but a kind and a target", {"action": {"kind": "http", "target": "x"}})
    suite.good("an effect and no arguments", shown())
    for what, micro in (
        ("a whole amount", 5_000_000),
        ("an amount with two decimals", 12_500_000),
        ("the smallest amount", 1),
        ("an amount of nothing", 0),
        ("the largest amount", 2**53 - 1),
    ):
        suite.good(what, shown(amount={"micro": micro, "currency": "EUR"}))
    suite.good("a target that is not ASCII", shown(target="p\u00e4y \u202eyap\u202c"))
    suite.good("a target that is cut", shown(target="t" * 201))
    suite.good(
        "a target that is cut within what is written for a character", shown(target="t" * 195 + "\u00e9")
    )
    suite.good("tokens and a model", shown(tokens=1_000, model="demo-1"))
    suite.good("a model of lookalikes", shown(model="dem\u043e"))
    suite.good("a model that is cut", shown(model="\u043e" * 26))


def _arguments(suite: Suite) -> None:
    nested: Value = {"b": [1, {"c": "x"}], "a": True, "": None, "A~/": 0.5}
    suite.good("leaves of every kind, in the order of the canonical form", shown(nested))
    suite.good("empty containers are leaves", shown({"a": {}, "b": []}))
    suite.good("names in the order of UTF-16", shown({"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3}))
    for what, args in (
        ("a text alone", "x"),
        ("a number alone", 1e21),
        ("null alone", None),
        ("an empty list alone", []),
    ):
        suite.good(what, {"action": {"kind": "tool_call", "target": "tool", "args": args}})
    suite.good("a name that hides", shown({"to\u200b": 1, "t\u043e": 2, "\n": 3}))
    suite.good("a name that is cut", shown({"n" * 201: 1}))
    suite.good("the last leaf that is shown", shown(list(range(128))))
    suite.good("leaves beyond those that are shown", shown(list(range(131))))


def _texts(suite: Suite) -> None:
    for what, value in (
        ("a quotation mark and a backslash", 'a "b" \\c'),
        ("an empty text", ""),
        ("two lines", "a\nb"),
        ("a text that ends with a line feed", "a\n"),
        ("a text that poses as the page", 'x\nrecipient: eve@example.com\n  /to: "bob"'),
        ("controls", "a\x00b\x1bc\x7fd\x85e\rf"),
        ("a tab", "a\tb"),
        ("spaces that are no spaces", "a\u00a0b\u3000c\u2003d\u2028e"),
        ("an order turned round", "abc\u202edef\u202c\u2066g\u2069"),
        ("marks of direction", "a\u200eb\u200fc\u061cd"),
        ("joiners and other formats", "a\u200bb\u200dc\ufeffd\u00ade\u2060f"),
        ("formats that have a shape", "\u0600\u06dd\u070f\U000110bd\U00013430"),
        ("letters that fill", "a\u115fb\u3164c\uffa0d\u2800e"),
        ("variation selectors and tags", "a\ufe0fb\U000e0100c\U000e0041d"),
        ("private use", "a\ue000b\U000f0000c"),
        ("the signs of the page itself", "\u27e8U+0041\u27e9 \u21e5"),
        ("marks on letters", "e\u0301 a\u0336b\u20dd"),
        ("letters with accents of their own", "\u00e9 \u00fc \u00f1 \u00df"),
        ("fullwidth, mathematical and ligatures", "\uff41 \U0001d41a \ufb01 \u00b2 \u2460"),
        ("a word of another script", "\u043f\u0440\u0438\u0432\u0435\u0442 \u03ba\u03cc\u03c3\u03bc\u03b5"),
        ("a word of two scripts", "p\u0430ypal \u0430pple c\u03bfm"),
        ("scripts in words of their own", "pay \u0430 b"),
        ("lookalikes of Georgian and of phonetics", "b\u1c90 b\u2d00 b\u1d00 b\u0261"),
        ("other letters", "\u4f60\u597d \u3053\u3093 \u0928\u092e \U0001f600"),
        ("a line of as many characters as a line has", "x" * 200),
        ("a line that goes on", "x" * 201),
        ("a line that goes on twice", "x" * 401),
        ("a line that goes on before what is written for a character", "x" * 195 + "\u202e" + "yy"),
        ("a line that goes on within a word of two scripts", "p\u0430" * 60),
        ("a long line among others", "a\n" + "x" * 1_000 + "\nb"),
        ("the sign of a line that goes on", "a\n\u21aab"),
        ("as many spaces as are shown", "a" + " " * 16 + "b"),
        ("spaces that push out of sight", "a" + " " * 17 + "b" + " " * 300 + "c"),
        ("spaces alone", " " * 500),
        ("spaces at the end of a line that is full", "x" * 190 + " " * 20),
        ("as many empty lines as are shown", "a" + "\n" * 5 + "b"),
        ("empty lines that push out of sight", "a" + "\n" * 6 + "b"),
        ("empty lines at the beginning and the end", "\n" * 5 + "a" + "\n" * 6),
        ("line feeds alone", "\n" * 5),
        ("lines of spaces between empty lines", "\n\n\n\n \n\n\n\n"),
        ("as many lines as are shown", "\n".join(map(str, range(64)))),
        ("a line more than are shown", "\n".join(map(str, range(65)))),
        ("a line feed more than is shown", "1\n" * 64),
        ("lines that are cut", "\n".join(map(str, range(100)))),
        ("empty lines that are cut", "1\n" * 64 + "\n" * 9),
        ("a line that goes on as long as is shown", "x" * 12_800),
        ("a line that goes on and is cut", "x" * 12_801),
        ("a line that goes on and is cut after others", "a\n" * 60 + "x" * 2_000 + "\nb"),
    ):
        suite.good(what, text(value))


def _people_and_places(suite: Suite) -> None:
    for what, value in (
        ("addresses", "to bob@example.com, <ada@example.com>;(cy@example.com)"),
        ("an address twice", "bob@example.com bob@example.com"),
        ("an address after mailto", "mailto:bob@example.com"),
        ("what is no address", "a@ @b a@b@c a/b@c @ bob"),
        ("an address of lookalikes", "b\u043eb@ex\u0430mple.com"),
        ("a URL", "see https://example.com/a?b#c now"),
        ("URLs with a port and an address of six parts", "http://a.example:8080/x ws://[2001:db8::1]:9/y"),
        ("a user name before the host", "https://bank.example@evil.example/"),
        ("a backslash before the host's end", "https://evil.example\\@bank.example/"),
        ("a URL in brackets", '<https://a.example> "https://b.example" `https://c.example`'),
        ("a URL of lookalikes", "https://ex\u0430mple.com/\u202e"),
        ("what is no URL", ":// x:/y"),
        ("a URL within another", "https://a.example/?to=http://b.example/"),
        ("a scheme of an app", "foo+bar.x-1://z"),
    ):
        suite.good(what, text(value))
    suite.good("a URL that is cut", text("https://a.example/" + "x" * 200))
    suite.good("a host that is cut", text("https://" + "x" * 201 + "/"))
    suite.good("an address that is cut", text("x" * 200 + "@example.com"))
    suite.good(
        "two addresses that are cut to the same", shown(["x" * 201 + "@a.example", "x" * 201 + "@b.example"])
    )
    suite.good(
        "an address twice beyond those that are shown", shown([f"p{n % 33}@example.com" for n in range(66)])
    )
    many: Value = [f"p{number}@example.com" for number in range(34)]
    suite.good("more addresses than are shown", shown(many))
    places: Value = [f"https://h{number}.example/" for number in range(33)]
    suite.good("more URLs than are shown", shown(places))


def _files(suite: Suite) -> None:
    writes: Body = {"path": "/srv/a", "content": POEM}
    suite.good("a file that is not known", shown(writes))
    suite.good("a file that would be created", shown(writes, [file("/srv/a")]))
    suite.good(
        "a file that would be created without a line feed", shown(writes | {"content": "x"}, [file("/srv/a")])
    )
    suite.good("a file that would be emptied", shown(writes | {"content": ""}, [file("/srv/a", "x\n")]))
    suite.good("a file that would change", shown(writes, [file("/srv/a", POEM.replace("not", "never"))]))
    suite.good("a file that would stay", shown(writes, [file("/srv/a", POEM)]))
    suite.good("a file that would be appended to", shown(writes, [file("/srv/a", POEM[:-5])]))
    suite.good("another file is known", shown(writes, [file("/srv/b", POEM)]))
    far = "".join(f"{number}\n" for number in range(30))
    two = far.replace("\n5\n", "\nfive\n").replace("\n25\n", "\ntwentyfive\n")
    suite.good("changes that are far apart", shown(writes | {"content": two}, [file("/srv/a", far)]))
    hides: Body = {"content": "pay \u202eeve\u202c\n"}
    suite.good("a change that hides", shown(writes | hides, [file("/srv/a", "pay bob\n")]))
    edit: Body = {"file_path": "/srv/a", "old_string": "not", "new_string": "never"}
    suite.good("a piece that is replaced", shown(edit, [file("/srv/a", POEM)]))
    suite.good("a piece of a file that is not known", shown(edit))
    suite.good("a piece that the file does not have", shown(edit, [file("/srv/a", "x\n")]))
    suite.good("a piece of a file that does not exist", shown(edit, [file("/srv/a")]))
    edits: Value = [{"oldText": "Bronze", "newText": "Silver"}, {"oldText": "tire", "newText": "tarnish"}]
    suite.good(
        "pieces one after the other", shown({"path": "/srv/a", "edits": edits}, [file("/srv/a", POEM)])
    )
    long = "".join(f"{number}\n" for number in range(140))
    suite.good("a difference that is cut", shown(writes | {"content": long}, [file("/srv/a")]))
    suite.good(
        "a line of a difference that goes on", shown(writes | {"content": "x" * 401}, [file("/srv/a")])
    )
    suite.good(
        "a difference with carriage returns",
        shown(writes | {"content": "a\rb\r\nc\r"}, [file("/srv/a", "a\rb\nc\r")]),
    )
    suite.good("a path that is cut", shown(writes | {"path": "/" + "x" * 200}))
    lines = "x\n" * 2_001
    same: Body = {"oldText": "not", "newText": "not"}
    suite.good(
        "more pieces than are replaced",
        shown({"path": "/srv/a", "edits": [same] * 65}, [file("/srv/a", POEM)]),
    )
    large: Value = [{"oldText": "a", "newText": lines}, {"oldText": "b", "newText": "c"}]
    suite.good("a piece that is too long to compare", shown({"path": "/srv/a", "edits": large}))
    pieces: Value = [{"oldText": f"{n}", "newText": f"{n}\n" * 30} for n in range(6)]
    suite.good("pieces that are cut", shown({"path": "/srv/a", "edits": pieces}))
    suite.good(
        "a text that is too long to compare", shown(writes | {"content": lines[:20]}, [file("/srv/a", lines)])
    )
    nine: Value = [{"path": f"/srv/{number}", "content": "x\n"} for number in range(9)]
    suite.good("more files than are shown", shown(nine))
    suite.good("a path and no text", shown({"path": "/srv/a", "mode": 1}))


def _refused(suite: Suite) -> None:
    more: Body = {"run": RUN, "call": "c1", "tool_hash": HASH, "tokens": 1, "principal": "customer 7"}
    more |= {
        "amount": {"micro": 1, "currency": "EUR"},
        "model": "m",
        "key_id": "k",
        "consent": True,
        "kyc": False,
    }
    request = shown({"path": "/srv/a", "content": "x"}, [file("/srv/a", "y")], **more)
    whole = suite.good("everything at once", request)
    action = request["action"]
    assert isinstance(action, dict)

    def without(name: str) -> Body:
        return {word: value for word, value in action.items() if word != name}

    changes: Mapping[str, list[tuple[str, Value]]] = {
        "malformed.member_missing": [
            ("it has no kind", without("kind")),
            ("it has no target", without("target")),
            ("its amount has no currency", action | {"amount": {"micro": 1}}),
            ("its amount has no figure", action | {"amount": {"currency": "EUR"}}),
        ],
        "malformed.member_unknown": [
            ("it has a member too many", action | {"arguments": {}}),
            (
                "its amount has a member too many",
                action | {"amount": {"micro": 1, "currency": "EUR", "unit": "c"}},
            ),
        ],
        "malformed.type": [
            ("it is a text", "tool"),
            ("it is a list", [action]),
            ("its target is a number", action | {"target": 1}),
            ("its amount is a number", action | {"amount": 1}),
            ("its figure is a text", action | {"amount": {"micro": "1", "currency": "EUR"}}),
            ("its tokens are a text", action | {"tokens": "1"}),
            ("its consent is a text", action | {"consent": "yes"}),
            ("its kyc is a number", action | {"kyc": 1}),
            ("its figure is no safe integer", action | {"amount": {"micro": 2**53, "currency": "EUR"}}),
            ("its currency is a number", action | {"amount": {"micro": 1, "currency": 978}}),
            ("its tokens are no integer", action | {"tokens": 1.5}),
            ("its kind is a number", action | {"kind": 1}),
            ("its run is a number", action | {"run": 1}),
            ("its call is null", action | {"call": None}),
            ("its model is a list", action | {"model": ["m"]}),
            ("its principal is a number", action | {"principal": 7}),
            ("its key is an object", action | {"key_id": {}}),
            ("its consent is null", action | {"consent": None}),
            ("its tool's hash is a number", action | {"tool_hash": 1}),
        ],
        "malformed.base64": [
            ("its tool's hash is short", action | {"tool_hash": HASH[1:]}),
            ("its tool's hash has padding", action | {"tool_hash": HASH + "="}),
        ],
        "malformed.value": [
            ("its kind does not exist", action | {"kind": "shell"}),
            ("its target is empty", action | {"target": ""}),
            ("its target has 513 characters", action | {"target": "\u00e9" * 513}),
            ("its effect does not exist", action | {"effect": "none"}),
            ("its amount is negative", action | {"amount": {"micro": -1, "currency": "EUR"}}),
            ("its currency is in small letters", action | {"amount": {"micro": 1, "currency": "eur"}}),
            ("its run is a word", action | {"run": "mine"}),
            ("its run is in capital letters", action | {"run": RUN.upper()}),
            ("its call is empty", action | {"call": ""}),
            ("its call has 129 characters", action | {"call": "c" * 129}),
            ("its tokens are negative", action | {"tokens": -1}),
            ("its principal is empty", action | {"principal": ""}),
            ("its principal has 513 characters", action | {"principal": "p" * 513}),
            ("its effect is in capital letters", action | {"effect": "WRITE"}),
            ("its model is empty", action | {"model": ""}),
            ("its key has 129 characters", action | {"key_id": "k" * 129}),
            ("its model has 129 characters", action | {"model": "m" * 129}),
            ("its key is empty", action | {"key_id": ""}),
            ("its currency is empty", action | {"amount": {"micro": 1, "currency": ""}}),
        ],
    }
    for code, cases in changes.items():
        for what, value in cases:
            suite.bad(whole, code, f"of the action: {what}", {"action": value})
    files: list[tuple[str, str, Value]] = [
        ("malformed.type", "they are one file", file("/srv/a")),
        ("malformed.type", "one is a path alone", ["/srv/a"]),
        ("malformed.type", "the text of one is null", [{"path": "/srv/a", "text": None}]),
        ("malformed.type", "the text of one is a number", [{"path": "/srv/a", "text": 1}]),
        ("malformed.type", "the path of one is a number", [{"path": 1}]),
        ("malformed.member_missing", "one has no path", [{"text": "y"}]),
        ("malformed.member_missing", "one has no member", [{}]),
        ("malformed.member_unknown", "one has a member too many", [{"path": "/srv/a", "mode": 1}]),
        ("malformed.value", "a path is empty", [file("", "y")]),
        ("malformed.value", "a path has 4,097 characters", [file("x" * 4097, "y")]),
        ("malformed.value", "there are nine", [file(f"/srv/{number}") for number in range(9)]),
    ]
    for code, what, value in files:
        suite.bad(whole, code, f"of the files: {what}", {"files": value})
    others: list[tuple[str, str, Body]] = [
        ("an order turned round", "the kind is missing", {"target": "tool"}),
        ("a user name before the host", "the target is null", {"kind": "tool_call", "target": None}),
        ("a file that would change", "the effect is null", {"kind": "http", "target": "x", "effect": None}),
    ]
    for of, what, changed in others:
        suite.bad(of, None, f"of the action: {what}", {"action": changed})
