"""People approve what a program is about to do: raised, waited for, polled, and run once."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest
import talos

SEED = "DAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"
POLICY = """id: shop
allowed_tools: [{name: pay, effect: write}]
approvers: [{name: zoe, key: 'did:key:z6MkfDSNRs2i9S6LZ5vd4RbpZ6754H7R3btDqRTeHhamqvuJ'}]
approvals: [{id: money, tools: [pay], expires_seconds: 600}]
"""


def respond(kernel: talos.Kernel, approval: str, response: str = "grant", seed: str = SEED) -> Any:
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


@pytest.fixture
def kernel() -> Any:
    with talos.Kernel.in_memory(policy=talos.Policy.parse(POLICY)) as kernel:
        yield kernel


def asked(call: Any) -> str:
    with pytest.raises(talos.ApprovalRequired) as raised:
        call()
    assert raised.value.code == "approval.required"
    assert raised.value.approval is not None
    return raised.value.approval


def test_a_granted_call_runs_once(kernel: talos.Kernel) -> None:
    ran: list[int] = []
    pay = kernel.guard(lambda amount: ran.append(amount), name="pay")
    with kernel.session():
        approval = asked(lambda: pay(7))
        assert asked(lambda: pay(7)) == approval
        case = kernel.approvals.get(approval)
        assert (case["state"], case["args"], case["missing"][0]["approvers"]) == (
            "pending",
            {"amount": 7},
            ["zoe"],
        )
        assert kernel.approvals.wait(approval, timeout=0)["state"] == "pending"
        assert respond(kernel, approval)["state"] == "granted"
        assert asked(lambda: pay(8)) != approval
        pay(7)
        assert ran == [7]
        assert kernel.approvals.get(approval)["state"] == "redeemed"
        assert asked(lambda: pay(7)) != approval
    assert ran == [7]


def test_a_thread_and_a_loop_wait_for_the_answer(kernel: talos.Kernel) -> None:
    pay = kernel.guard(lambda amount: amount, name="pay")
    with kernel.session():
        approval = asked(lambda: pay(1))
        later = threading.Timer(0.2, respond, (kernel, approval))
        later.start()
        assert kernel.approvals.wait(approval, timeout=30)["state"] == "granted"
        later.join()
        assert pay(1) == 1

        other = asked(lambda: pay(2))

        async def both() -> str:
            waiting = asyncio.create_task(kernel.approvals.answered(other, timeout=30))
            await asyncio.sleep(0.1)
            await asyncio.to_thread(respond, kernel, other, "deny")
            return (await waiting)["state"]

        assert asyncio.run(both()) == "denied"
        with pytest.raises(talos.ApprovalRejected):
            pay(2)


def test_nobody_else_answers(kernel: talos.Kernel) -> None:
    pay = kernel.guard(lambda amount: amount, name="pay")
    with kernel.session():
        approval = asked(lambda: pay(1))
        with pytest.raises(talos.ApprovalMismatch):
            respond(kernel, approval, seed="DQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0")
        with pytest.raises(talos.ApprovalMismatch):
            kernel.approvals.redeem_code(approval, "zoe", "00000000")
        assert [case["approval"] for case in kernel.approvals.list("pending")] == [approval]
        assert kernel.approvals.list("granted") == []
