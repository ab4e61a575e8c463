"""Zoe, who approves what the policies of these tests ask her."""

from __future__ import annotations

import json
from typing import Any

import talos

SEED = "DAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"


def respond(kernel: talos.Kernel, approval: str, response: str = "grant", seed: str = SEED) -> Any:
    """Her signed answer, kept by the kernel."""
    asked = kernel.approvals.get(approval)
    wanted = {
        "seed": seed,
        "approval": approval,
        "name": "zoe",
        "response": response,
        "iat": asked["request"]["iat"],
    }
    grant = json.loads(kernel.call("approval.sign", json.dumps(wanted)))["grant"]
    return kernel.approvals.respond(approval, grant)
