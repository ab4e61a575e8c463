"""Records a terminal: runs the commands of a file one by one, as somebody would type them.

    python3 scripts/record.py COMMANDS OUT.cast

COMMANDS has a command a line; `#` begins a remark, which is shown. Each runs for real, in one shell. OUT is
an asciicast, version 2, for `asciinema play` and its web player. Rests are cut to a second, so the clock
is not the machine's.
"""

from __future__ import annotations

import json
import os
import pty
import select
import sys
import time
from pathlib import Path

WIDTH, HEIGHT = 132, 36
TYPED, REST, LONGEST = 0.02, 0.6, 1.0
MARK = "\x1e"


class Recording:
    """What is seen, and when."""

    def __init__(self) -> None:
        self.clock = 0.0
        self.lines = [
            json.dumps({"version": 2, "width": WIDTH, "height": HEIGHT, "env": {"TERM": "xterm-256color"}})
        ]

    def show(self, text: str, after: float) -> None:
        self.clock += min(after, LONGEST)
        self.lines.append(json.dumps([round(self.clock, 3), "o", text]))

    def type(self, command: str) -> None:
        self.show("\x1b[1m$ ", REST)
        for character in command:
            self.show(character, TYPED)
        self.show("\x1b[0m\r\n", TYPED)


def run(shell: int, command: str, recording: Recording) -> None:
    """Runs one command in the shell, and shows what it prints until the mark after it."""
    os.write(shell, f"{command}\nprintf '\\036'\n".encode())
    before, rest = time.monotonic(), b""
    while True:
        ready, _, _ = select.select([shell], [], [], 120)
        if not ready:
            raise SystemExit(f"no end after 120 s: {command}")
        rest += os.read(shell, 65536)
        text = rest.decode(errors="ignore")
        seen, mark, _ = text.partition(MARK)
        if seen:
            recording.show(seen, time.monotonic() - before)
            before = time.monotonic()
        rest = b""
        if mark:
            return


def main() -> None:
    commands, out = Path(sys.argv[1]), Path(sys.argv[2])
    child, shell = pty.fork()
    if child == 0:
        environment = {**os.environ, "PS1": "", "PS2": "", "TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
        os.execvpe("bash", ["bash", "--norc", "--noprofile"], environment)  # noqa: S606 # it is the shell
    recording = Recording()
    run(
        shell,
        f"stty -echo cols {WIDTH} rows {HEIGHT}; bind 'set enable-bracketed-paste off' 2>/dev/null",
        Recording(),
    )
    for command in commands.read_text().splitlines():
        if command.startswith("#"):
            recording.show(f"\x1b[2m{command}\x1b[0m\r\n", REST)
        elif command:
            recording.type(command)
            run(shell, command, recording)
    recording.show("", 2 * REST)
    out.write_text("\n".join(recording.lines) + "\n")


if __name__ == "__main__":
    main()
