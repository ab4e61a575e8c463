"""`python -m talos call OPERATION`: the pure operations, as `talos call` has them."""

from __future__ import annotations

import sys
from typing import BinaryIO

from talos import TalosError, call
from talos._generated.operations import OPERATIONS
from talos._native import INPUT_BYTES, call_line, canonical

USAGE = "Usage: python -m talos call [--lines] <OPERATION> [INPUT]"
HELP = f"""\
Call a pure operation: JSON on stdin, the result or a problem document on stdout

{USAGE}

Arguments:
  <OPERATION>  The operation's id, such as json.canonicalize; `list` prints all
  [INPUT]      The JSON text; `-` or absent: stdin

Options:
      --lines  One JSON text a line in, one answer a line out
  -h, --help   Print help

Example:
  echo '{{"text":"{{ \\"b\\": 1.0 }}","profile":"talos-data"}}' | python -m talos call json.canonicalize

Exit codes:
  0  done
  1  an error; its problem document is printed
  2  the command line is wrong"""


def print_all(output: BinaryIO) -> int:
    """One line an operation that needs no open kernel."""
    for operation in OPERATIONS.values():
        if operation.pure:
            output.write(f"{operation.id:28}{operation.summary}\n".encode())
    return 0


def once(operation: str, text: bytes, output: BinaryIO) -> int:
    """One input, one answer."""
    try:
        output.write(call(operation, text) + b"\n")
        return 0
    except TalosError as error:
        output.write(canonical(error.to_problem()) + b"\n")
        return 1


def each_line(operation: str, lines: BinaryIO, output: BinaryIO) -> int:
    """One answer for each line, in order; an empty line gets one too."""
    while line := lines.readline(INPUT_BYTES + 2):
        if not line.endswith(b"\n") and len(line) > INPUT_BYTES:
            while (rest := lines.readline(INPUT_BYTES)) and not rest.endswith(b"\n"):
                pass
        output.write(call_line(operation, line.removesuffix(b"\n")) + b"\n")
        # A caller may wait for this answer before it writes the next line.
        output.flush()
    return 0


def main(arguments: list[str]) -> int:
    """The command line."""
    if {"-h", "--help"} & set(arguments):
        print(HELP)
        return 0
    lines = "--lines" in arguments
    match [argument for argument in arguments if argument != "--lines"]:
        case ["call", "list"]:
            return print_all(sys.stdout.buffer)
        case ["call", operation] if lines:
            return each_line(operation, sys.stdin.buffer, sys.stdout.buffer)
        case ["call", operation] | ["call", operation, "-"]:
            return once(operation, sys.stdin.buffer.read(INPUT_BYTES + 1), sys.stdout.buffer)
        case ["call", operation, text] if not lines:
            return once(operation, text.encode("utf-8", "surrogateescape"), sys.stdout.buffer)
    print(f"{USAGE}\n\nFor more information, try '--help'.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
