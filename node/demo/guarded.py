"""Two Python functions behind the kernel, one of them allowed. Says what happened as JSON, for run.mjs."""

import json
import sys
from pathlib import Path

import talos

folder, directory, policy = map(Path, sys.argv[1:])
kernel = talos.Kernel(directory, policy=policy)


@kernel.tool
def write_note(name: str, text: str) -> str:
    (folder / name).write_text(text)
    return text


@kernel.tool
def delete_note(name: str) -> None:
    (folder / name).unlink()


with kernel.session(agent="python", user="ada"):
    written = write_note("today.txt", "Bronze does not tire.")
    try:
        delete_note("today.txt")
    except talos.PolicyDenied as error:
        refusal = error

receipt = kernel.receipts.get(refusal.receipt_id or "")
receipt.prove().save(directory / "bundle.json")
said = {"written": written, "denied": refusal.to_model_text()}
print(json.dumps({**said, "log_key": kernel.log_key, "issuer": kernel.issuer}))
