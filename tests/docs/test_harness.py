"""A page that does not do what it says is noticed, whatever the language of the mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from blocks import Block, blocks_of
from outputs import shows
from sessions import Machine
from test_pages import follow

GOOD = {
    "python": "print(1 + 1)",
    "ts": "const two: number = 1 + 1;\nconsole.log(two);",
    "sh": "talos --version >/dev/null\necho $((1 + 1))",
    "yaml": "id: two\nallowed_tools:\n  - {name: two, effect: read}",
    "toml": 'id = "two"\nallowed_tools = ["two"]',
    "json": '{"two": 2}',
}
BROKEN = {
    "python raises": ("python", "print(1 / 0)"),
    "python does not parse": ("python", "print(1 +"),
    "python prints something else": ("python", "print(3)"),
    "ts does not have the type": ("ts", 'const two: number = "2";\nconsole.log(2);'),
    "ts throws": ("ts", "console.log(2);\nthrow new Error();"),
    "ts prints something else": ("ts", "console.log(3);"),
    "a command fails": ("sh", "echo 2\nfalse"),
    "a command in the middle fails": ("sh", "false\necho 2"),
    "a command is not there": ("sh", "echo 2\ntalos no-such-command"),
    "sh prints something else": ("sh", "echo 3"),
    "a policy has an unknown key": ("yaml", "id: two\nallowed_tool: []"),
    "a policy does not parse": ("toml", "id = two\nallowed_tools = []"),
    "json does not parse": ("json", '{"two": 2,}'),
    "nothing runs the file": ("python file.py", "print(2)"),
    "nothing runs the language": ("cobol", "DISPLAY 2"),
    "a block names no language": ("", "print(2)"),
}


def page(folder: Path, *blocks: tuple[str, str]) -> list[Block]:
    text = "# A page\n"
    for language, code in blocks:
        language, _, file = language.partition(" ")
        text += f"\n`{file}`:\n" if file else ""
        text += f"\n```{language}\n{code}\n```\n"
        if language in ("python", "ts", "sh"):
            text += "\n```text\n2\n```\n"
    (folder / "page.md").write_text(text)
    return blocks_of("page.md", folder)


def test_a_page_that_is_right_passes(tmp_path: Path) -> None:
    follow(page(tmp_path, *GOOD.items()), Machine(tmp_path))


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_page_with_one_broken_block_fails(mistake: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        follow(page(tmp_path, BROKEN[mistake]), Machine(tmp_path))


def test_blocks_of_a_language_share_names_and_the_folder(tmp_path: Path) -> None:
    blocks = [
        ("python", 'two = 2\nopen("two", "w").write("2")\nprint(two)'),
        ("sh", "cat two"),
        ("python", "print(two)"),
        ("sh", "two=$(cat two)\necho $two"),
        ("ts", "let two = 1;\nconsole.log(two + 1);"),
        ("sh", "echo $two"),
        ("ts", "two += 1;\nconsole.log(two);"),
    ]
    follow(page(tmp_path, *blocks), Machine(tmp_path))


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\n", "a", True),
        ("a b", "a c", False),
        ("a\n...\nd", "a\nb\nc\nd", True),
        ("a\n...\nd", "a\nb\nc", False),
        (
            "key did:key:z6Mks... end",
            "key did:key:z6MkkrceACfVTvJjPkEEaXKC8eqcP19Qtrh17eW3SKYirJ3s end",
            True,
        ),
        ("receipt " + "a" * 43, "receipt " + "b" * 43, True),
        ("hash " + "a" * 43, "hash " + "b" * 43, False),
        ("2026-11-20T14:41:37Z deny", "2026-11-21T00:00:00.123Z deny", True),
        ("2026-11-20T14:41:37Z deny", "2026-11-20T14:41:37Z allow", False),
        ("a.c", "abc", False),
    ],
)
def test_an_output_may_differ_in_placeholders_only(shown: str, printed: str, same: bool) -> None:
    assert shows(shown, printed) is same
