"""The code blocks of a page, and what the page says about each."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

#: The pages whose blocks run.
PAGES = ("README.md", "docs/quickstart/*.md", "python/README.md", "node/README.md", "bindings/*/README.md")

#: Other names of a language. A block that is only indented is for the shell.
LANGUAGES = {"bash": "sh", "typescript": "ts", "": "no language"}

FENCE = re.compile(r"^```(\S*)\s*$")
#: A line such as "`policy.yaml`:" before a block: the block is the content of that file.
FILE = re.compile(r"`([\w./-]+\.\w+)`:$")


@dataclass(frozen=True)
class Block:
    page: str
    #: The line of its first line of code, from 1.
    line: int
    language: str
    text: str
    #: The name of the file that the reader is told to write it to.
    file: str | None
    #: What the page shows as its output.
    output: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What names the block in tests/docs/exceptions.py."""
        return self.page, self.text.split("\n", 1)[0]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    found = [path.relative_to(ROOT).as_posix() for glob in PAGES for path in sorted(ROOT.glob(glob))]
    return [page for page in found if blocks_of(page)]


def blocks_of(page: str, root: Path = ROOT) -> list[Block]:
    """The blocks in their order; a `text` block becomes the output of the one before it."""
    found: list[Block] = []
    for block in _all(page, (root / page).read_text(encoding="utf-8").splitlines()):
        if block.language == "text":
            if not found or found[-1].output is not None:
                raise ValueError(f"{block}: a block of text follows the block that printed it")
            found[-1] = replace(found[-1], output=block.text)
        else:
            found.append(block)
    return found


def _all(page: str, lines: list[str]) -> list[Block]:
    found: list[Block] = []
    at, said = 0, ""
    while at < len(lines):
        fence = FENCE.match(lines[at])
        indented = lines[at].startswith("    ") and (at == 0 or not lines[at - 1].strip())
        if fence or indented:
            begin = at + 1 if fence else at
            end = _closing(page, lines, begin) if fence else _dedent(lines, begin)
            name = fence[1] if fence else "sh"
            text = "\n".join(lines[begin:end] if fence else [line[4:] for line in lines[begin:end]])
            file = FILE.search(said)
            found.append(Block(page, begin + 1, LANGUAGES.get(name, name), text, file[1] if file else None))
            at, said = end + 1 if fence else end, ""
            continue
        said = lines[at].strip() or said
        at += 1
    return found


def _closing(page: str, lines: list[str], begin: int) -> int:
    for at in range(begin, len(lines)):
        if lines[at].rstrip() == "```":
            return at
    raise ValueError(f"{page}:{begin}: this block does not end")


def _dedent(lines: list[str], begin: int) -> int:
    at = begin
    while at < len(lines) and lines[at].startswith("    "):
        at += 1
    return at


def program(blocks: list[Block], before: str = "", after: str = "") -> str:
    """The blocks as one file in which every line has the number that it has in the page.

    `before` stands on the line of each opening fence, `after` on that of each closing one.
    """
    lines: list[str] = []
    for block in blocks:
        lines += [""] * (block.line - 2 - len(lines))
        lines += [before, *block.text.splitlines(), after]
    return "\n".join(lines) + "\n"
