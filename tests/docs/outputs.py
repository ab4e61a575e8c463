"""Whether a page shows what its block printed."""

from __future__ import annotations

import re

#: What differs from run to run, and the name that stands for it on both sides. Nothing else may differ.
PLACEHOLDERS = (
    ("<time>", re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")),
    # As contracts have it: milliseconds since 1970.
    ("<ms>", re.compile(r"\b\d{13}\b")),
    # The story of a run: the time of day of a step, and how long it took.
    ("<clock>", re.compile(r"\b\d\d:\d\d:\d\d\.\d{3}\b")),
    ("after <duration>", re.compile(r"\bafter \d+(\.\d\d)? (ms|s)\b")),
    ("<date>", re.compile(r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\b")),
    ("<did>", re.compile(r"did:key:z[1-9A-HJ-NP-Za-km-z]{47}")),
    ("<did>...", re.compile(r"did:key:z[1-9A-HJ-NP-Za-km-z]{4,8}\.\.\.")),
    ("<log>", re.compile(r"talos\.local/\w{12}")),
    ("<log>+<key>", re.compile(r"<log>\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}")),
    ("<log>+<key>...", re.compile(r"<log>\+[0-9a-f]{8}\+[A-Za-z0-9+/]{4}\.\.\.")),
    ("<uuid>", re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")),
    # Calls that the kernel named: their chain and a number.
    (r"<chain>.\1", re.compile(r"(?<![\w-])[A-Za-z0-9_-]{22}\.(\d+)\b")),
    # Ids of receipts; what is called a hash is always the same.
    ("<id>", re.compile(r"(?<!hash )(?<![\w-])[A-Za-z0-9_-]{43}(?![\w-])")),
    # Requests for approval in a list: the beginning of an id.
    (
        "<request>  ",
        re.compile(r"^[A-Za-z0-9_-]{10}  (?=(?:pending|granted|denied|expired|redeemed)\b)", re.MULTILINE),
    ),
    # The evidence of the demonstration: the beginning of a receipt's id, at the end of a row.
    ("  <id>", re.compile(r" +[A-Za-z0-9_-]{12}$", re.MULTILINE)),
    # It depends on the bit who notices it, and how; that everybody does is for the demonstration to say.
    ("bit <n> <codes>", re.compile(r"\bbit \d+ .*")),
)

#: In a page, a line of three dots stands for any lines, three dots at the end of a word for the rest of it.
ANY_LINES, REST = re.compile(r"^(?:\\ )*\\\.\\\.\\\.\n", re.MULTILINE), re.compile(r"(?<=\S)\\\.\\\.\\\.")


def normal(text: str) -> str:
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    text = "\n".join(lines) + "\n"
    for name, pattern in PLACEHOLDERS:
        text = pattern.sub(name, text)
    return text


def shows(shown: str, printed: str) -> bool:
    pattern = REST.sub(r"\\S*", ANY_LINES.sub(r"(?:.*\\n)*?", re.escape(normal(shown)).replace("\\\n", "\n")))
    return re.fullmatch(pattern, normal(printed)) is not None
