"""Empty places: a folder, a home, a PATH with what is put there; and a transcript of what is done."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# What must not be there: who installs a package has no toolchain, and the package needs no `talos`.
ABSENT = ("cargo", "rustc", "cc", "gcc", "clang", "zig", "maturin", "make", "sh", "talos")
SECONDS = 300


class Failed(AssertionError):
    """A command did not end as it should."""


@dataclass
class Transcript:
    lines: list[str] = field(default_factory=list)

    def title(self, text: str) -> None:
        self.lines += ["", f"## {text}", ""]

    def says(self, text: str) -> None:
        self.lines += text.splitlines()


@dataclass(frozen=True)
class Place:
    folder: Path
    #: The only folder in which programs are found.
    bin: Path
    transcript: Transcript
    #: Folders and how the transcript names them.
    names: Mapping[Path, str]

    def environment(self) -> dict[str, str]:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        quiet = {"NO_COLOR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "npm_config_update_notifier": "false"}
        return {"PATH": str(self.bin), "HOME": str(home), "LC_ALL": "C.UTF-8", **quiet}

    def find(self, program: str) -> Path | None:
        found = self.bin / program
        return found if os.access(found, os.X_OK) else None

    def run(self, command: Sequence[str | Path], shown: str | None = None, status: int = 0) -> str:
        """Runs a command here, and writes it and what it says into the transcript."""
        self.transcript.lines.append("$ " + self._named(shown or " ".join(map(str, command))))
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        self.transcript.says(self._named(done.stdout + done.stderr))
        if done.returncode != status:
            raise Failed(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def _named(self, text: str) -> str:
        for folder, name in self.names.items():
            text = text.replace(str(folder), name)
        return text


def assert_empty(place: Place) -> None:
    """There is no tool in this place that could build anything, and no other Talos."""
    assert [program for program in ABSENT if place.find(program)] == []
    place.transcript.says("on the PATH: " + ", ".join(sorted(path.name for path in place.bin.iterdir())))
