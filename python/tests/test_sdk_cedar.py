"""Cedar files beside the policy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from talos import ConfigError, Kernel, PolicyDenied
from talos._evidence import Policy

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = [{"name": "pay", "inputSchema": {"properties": {"n": {"type": "integer"}}, "required": ["n"]}}]
CEDAR = 'permit(principal, action == Action::"tool_call:pay", resource) when { context.args.n < 10 };'


def test_cedar_files_have_to_allow_too(tmp_path: Path) -> None:
    (tmp_path / "p.cedar").write_text(CEDAR)
    (tmp_path / "tools.json").write_text(json.dumps(TOOLS))
    policy = Policy.parse("id: p\nallowed_tools: [{name: pay, effect: spend}]\n")
    cedar = [tmp_path / "p.cedar"]
    paid: list[int] = []

    def pay(n: int) -> None:
        paid.append(n)

    with Kernel(tmp_path / "talos", policy=policy, cedar=cedar, tools=tmp_path / "tools.json") as kernel:
        guarded = kernel.guard(pay)
        with kernel.session():
            guarded(9)
            with pytest.raises(PolicyDenied) as denied:
                guarded(10)
    assert denied.value.code == "policy.cedar_denied"
    assert paid == [9]
    with pytest.raises(ConfigError, match="unrecognized action"):
        Kernel(tmp_path / "talos", policy=policy, cedar=cedar)
