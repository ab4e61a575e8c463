"""The agent of the recording: it writes a report, and looks around too often."""

from pathlib import Path

import talos

kernel = talos.Kernel()


@kernel.tool(wait=30)
def write_file(path: str, text: str) -> None:
    Path(path).write_text(text)


@kernel.tool
def list_directory(path: str) -> list[str]:
    return sorted(entry.name for entry in Path(path).iterdir())


with kernel.session(agent="researcher", user="ada"):
    for name in ("notes/report.txt", "notes/../secret.txt"):
        path = f"{Path.cwd()}/{name}"
        try:
            write_file(path, "Bronze does not tire.\n")
            print(f"agent: wrote {name}")
        except talos.Denied as denied:
            print(f"agent: {name}: {denied.to_model_text()}")
    for _ in range(3):
        try:
            print("agent: there is", *list_directory("notes"))
        except talos.Denied as denied:
            print(f"agent: {denied.to_model_text()}")
