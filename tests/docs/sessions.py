"""A reader's machine: a home, a working folder, and one program a language that runs blocks one by one."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from blocks import ROOT, Block, program

#: Printed after a block, by every program.
MARK = "\x1e"
SECONDS_FOR_A_BLOCK = 600
SECONDS_FOR_A_SERVER = 20
SECONDS_TO_END = 10

#: The home of the reader, in pages.
HOME = "/home/me"
#: Ports that pages name; each is another one here, so that nothing on this machine is in the way.
PORTS = re.compile(r"\b(?:3000|8000)\b")
NODE = ROOT / "node"
TSC = NODE / "node_modules/.bin/tsc"
# Strict, and nothing that a reader's own project would not have.
TSC_OPTIONS = ("--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--module", "nodenext")
TSC_SETTINGS = ("--types", "node", "--sourceMap", "--pretty", "false")

#: `make` and `npx` of a reader who is in a checkout and has a network: the first runs in this checkout, the
#: second finds the same official servers in node_modules.
MAKE = """#!/bin/sh
[ "$*" = run ] || {{ echo "make $*: only make run is for a page's blocks to run" >&2; exit 1; }}
export PATH='{path}'
exec {make} --no-print-directory -C '{root}' "$@"
"""
NPX = """#!/bin/sh
shift; name=$1; shift
exec node "{node}/node_modules/$name/dist/index.js" "$@"
"""

PYTHON_PROGRAM = f"""
import sys
namespace = {{"__name__": "__main__"}}
for block in iter(sys.stdin.readline, ""):
    name, line, length = block.split("\\t")
    text = "\\n" * (int(line) - 1) + sys.stdin.read(int(length))
    exec(compile(text, name, "exec"), namespace)
    print({MARK!r}, flush=True)
"""
# Stops at the first command that fails, as `set -e` does. Blocks do not read this program's input.
SHELL_PROGRAM = f"""
set -e -o pipefail
exec 3<&0
while IFS= read -r -d '' block <&3; do eval "$block" </dev/null; printf '{MARK}\\n'; done
"""


class BlockFailed(Exception):
    """A block of a page does not do what the page says."""


class Machine:
    """Where a page's blocks run; nothing of the machine that runs the tests is written to."""

    def __init__(self, folder: Path) -> None:
        self.home, self.work, self.bin = folder / "home", folder / "home/work", folder / "bin"
        for each in (self.home / "notes", self.work, self.bin):
            each.mkdir(parents=True)
        (self.home / "notes/notes.txt").write_text("Bronze does not tire.\n")
        # As whoever runs the tests calls it, or what is built would depend on who asks.
        self._shim("make", MAKE.format(make=shutil.which("make"), path=os.environ["PATH"], root=ROOT))
        self._shim("npx", NPX.format(node=NODE))
        # A reader of these pages is in a checkout, and has the packages.
        (self.work / "tests").symlink_to(ROOT / "tests")
        (self.work / "package.json").write_text('{"type": "module"}\n')
        self._node_modules()
        self.environment = self._environment()

    def _shim(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def _node_modules(self) -> None:
        modules = self.work / "node_modules"
        modules.mkdir()
        for entry in (NODE / "node_modules").iterdir():
            if entry.name != "talos-kernel" and not entry.name.startswith("."):
                (modules / entry.name).symlink_to(entry)
        (modules / "talos-kernel").symlink_to(NODE)

    def _environment(self) -> dict[str, str]:
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("TALOS_", "XDG_"))}
        home = Path.home()
        talos = Path(os.environ.get("TALOS_BIN", ROOT / "target/debug/talos"))
        path = [str(self.bin), str(talos.parent), str(Path(sys.executable).parent), mine.get("PATH", "")]
        mine.update(
            HOME=str(self.home),
            PATH=os.pathsep.join(path),
            PYTHONPATH=str(ROOT / "python"),
            CARGO_HOME=mine.get("CARGO_HOME", str(home / ".cargo")),
            RUSTUP_HOME=mine.get("RUSTUP_HOME", str(home / ".rustup")),
            NO_COLOR="1",
            # Should a page install something after all, it stays here.
            PIP_TARGET=str(self.bin / "pip"),
            CARGO_INSTALL_ROOT=str(self.bin / "cargo"),
        )
        return mine


class Session:
    """A program that gets a block, runs it, prints a mark, and waits for the next.

    Pages show what goes to standard output. The rest is progress and chatter, kept for when a block fails.
    """

    def __init__(self, machine: Machine, language: str, command: Sequence[str]) -> None:
        self._chatter = machine.bin / f"{language}.stderr"
        self._program = subprocess.Popen(
            command,
            cwd=machine.work,
            env=machine.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._chatter.open("wb"),
            start_new_session=True,
        )
        self._rest = b""

    def run(self, message: str) -> str:
        """Sends a block and returns what it printed."""
        assert self._program.stdin is not None
        try:
            self._program.stdin.write(message.encode())
            self._program.stdin.flush()
        except BrokenPipeError:
            raise self._failed("an earlier block ended the program") from None
        return self._printed()

    def _failed(self, how: str) -> BlockFailed:
        return BlockFailed(f"{how}\n{self._rest.decode()}{self._chatter.read_text(errors='replace')[-4000:]}")

    def _printed(self) -> str:
        assert self._program.stdout is not None
        pipe, mark = self._program.stdout.fileno(), MARK.encode() + b"\n"
        end = time.monotonic() + SECONDS_FOR_A_BLOCK
        while mark not in self._rest:
            ready, _, _ = select.select([pipe], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise self._failed(f"no end after {SECONDS_FOR_A_BLOCK} s")
            more = os.read(pipe, 65536)
            if not more:
                raise self._failed("it failed")
            self._rest += more
        printed, self._rest = self._rest.split(mark, 1)
        return printed.decode()

    def close(self) -> None:
        """No more blocks: the program ends by itself and is satisfied, or it serves and is ended."""
        assert self._program.stdin is not None
        try:
            self._program.stdin.close()
            # Not the end of its output: what it left running has that, too.
            self._program.wait(SECONDS_TO_END)
            if self._program.returncode:
                raise self._failed(f"the program ended with {self._program.returncode} after its last block")
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.kill()

    def kill(self) -> None:
        """Ends the program and whatever it left running. Its own session, so nobody else's."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._program.pid, signal.SIGKILL)
        self._program.wait()


class Reader:
    """Somebody who follows a page from its top to its end."""

    def __init__(self, machine: Machine, blocks: Sequence[Block]) -> None:
        self.machine = machine
        self._ports: dict[str, str] = {}
        self._sessions: dict[str, Session] = {}
        self._blocks = blocks

    def run(self, block: Block) -> str:
        """Runs one block, and returns what it printed."""
        text = self._at_free_ports(block.text)
        if block.file:
            with (self.machine.work / block.file).open("a", encoding="utf-8") as file:
                file.write(text + "\n")
        printed = self._run(block, text)
        for page_port, port in self._ports.items():
            printed = printed.replace(port, page_port)
        return printed.replace(str(self.machine.home), HOME)

    def _run(self, block: Block, text: str) -> str:
        if block.file and block.language in ("python", "ts"):
            return self._left_to_the_shell(block)
        if block.language == "python":
            message = f"{block.page}\t{block.line}\t{len(text)}\n{text}"
            return self._session("python", [sys.executable, "-u", "-c", PYTHON_PROGRAM]).run(message)
        if block.language == "ts":
            printed = self._session("ts", self._typescript).run("next\n")
            self._wait_for_ports(text)
            return printed
        if block.language == "sh":
            printed = self._session("sh", ["bash", "-c", SHELL_PROGRAM]).run(text + "\0")
            if text.rstrip().endswith("&"):
                self._wait_for_ports(text)
            return printed
        raise BlockFailed(f"nothing here runs {block.language}")

    def _left_to_the_shell(self, block: Block) -> str:
        """A program of its own: it runs where a later command names it."""
        later = [other.text for other in self._blocks if other.language == "sh" and other.line > block.line]
        if not any(re.search(rf"\b{Path(block.file or '').stem}\b", text) for text in later):
            raise BlockFailed(f"no command of the page runs {block.file}")
        return ""

    def _session(self, language: str, command: Sequence[str]) -> Session:
        if language not in self._sessions:
            self._sessions[language] = Session(self.machine, language, command)
        return self._sessions[language]

    @property
    def _typescript(self) -> Sequence[str]:
        """The page's blocks as one module that stops between two blocks, compiled."""
        blocks = [block for block in self._blocks if block.language == "ts" and not block.file]
        name = Path(blocks[0].page).stem
        text = self._at_free_ports(program(blocks, after=TYPESCRIPT_NEXT))
        (self.machine.work / f"{name}.page.ts").write_text(TYPESCRIPT_FIRST + text.removeprefix("\n"))
        compiled = check(self.machine, f"{name}.page.ts")
        if compiled:
            raise BlockFailed(f"tsc --strict is not satisfied\n{compiled}")
        return ["node", "--enable-source-maps", f"{name}.page.js"]

    def _at_free_ports(self, text: str) -> str:
        def free(port: re.Match[str]) -> str:
            if port[0] not in self._ports:
                with socket.create_server(("127.0.0.1", 0)) as server:
                    self._ports[port[0]] = str(server.getsockname()[1])
            return self._ports[port[0]]

        return PORTS.sub(free, text)

    def _wait_for_ports(self, text: str) -> None:
        for port in self._ports.values():
            if re.search(rf"\b{port}\b", text):
                _wait_for(int(port))

    def close(self) -> None:
        try:
            for session in self._sessions.values():
                session.close()
        finally:
            self.kill()

    def kill(self) -> None:
        for session in self._sessions.values():
            session.kill()


#: Stands in the first line of the program, where a page has its title.
TYPESCRIPT_FIRST = (
    'import { createInterface as __lines } from "node:readline"; '
    "const __next = __lines({ input: process.stdin })[Symbol.asyncIterator](); await __next.next();\n"
)
TYPESCRIPT_NEXT = f"process.stdout.write({MARK!r} + '\\n'); await __next.next();"


def check(machine: Machine, file: str) -> str:
    """Compiles a file; returns the compiler's complaints."""
    status, said = ask(machine, [str(TSC), *TSC_OPTIONS, *TSC_SETTINGS, file])
    return said if status else ""


def ask(machine: Machine, command: Sequence[str]) -> tuple[int, str]:
    """Runs one command of the machine; its status, and what it said."""
    done = subprocess.run(
        command,
        cwd=machine.work,
        env=machine.environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout + done.stderr


def _wait_for(port: int) -> None:
    end = time.monotonic() + SECONDS_FOR_A_SERVER
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise BlockFailed(f"nothing listens on port {port} after {SECONDS_FOR_A_SERVER} s")
