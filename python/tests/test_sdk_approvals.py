"""People approve what a program is about to do: raised, waited for, polled, and run once."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
import talos
from people import respond

POLICY = """id: shop
allowed_tools: [{name: pay, effect: write}]
approvers: [{name: zoe, key: 'did:key:z6MkfDSNRs2i9S6LZ5vd4RbpZ6754H7R3btDqRTeHhamqvuJ'}]
approvals: [{id: money, tools: [pay], expires_seconds: 600}]
"""


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


def test_a_guarded_function_waits_for_people_itself(kernel: talos.Kernel) -> None:
    def answer(response: str) -> None:
        while not (pending := kernel.approvals.list("pending")):
            time.sleep(0.01)
        respond(kernel, pending[0]["approval"], response)

    ran: list[int] = []

    def spend(amount: int) -> int:
        ran.append(amount)
        return amount

    async def spend_soon(amount: int) -> int:
        return spend(amount)

    pay, pay_soon = (kernel.guard(spend, name="pay", wait=30), kernel.guard(spend_soon, name="pay", wait=30))
    with kernel.session():
        for amount, call in ((1, pay), (2, lambda amount: asyncio.run(pay_soon(amount)))):
            answering = threading.Thread(target=answer, args=("grant",))
            answering.start()
            assert call(amount) == amount
            answering.join()
        answering = threading.Thread(target=answer, args=("deny",))
        answering.start()
        with pytest.raises(talos.ApprovalRejected):
            pay(3)
        answering.join()
        impatient = kernel.guard(spend, name="pay", wait=0)
        assert asked(lambda: impatient(4)) == asked(lambda: impatient(4))
    assert ran == [1, 2]


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


def test_a_list_that_was_cut_off_says_so(kernel: talos.Kernel) -> None:
    pay = kernel.guard(lambda amount: amount, name="pay")
    with kernel.session():
        asks = [asked(lambda amount=amount: pay(amount)) for amount in (3, 2, 1)][::-1]
        found = kernel.approvals.list()
        assert ([case["approval"] for case in found], found.more) == (asks, False)
        newest = kernel.approvals.list("pending", limit=2)
        assert ([case["approval"] for case in newest], newest.more) == (asks[:2], True)
        assert not kernel.approvals.list("pending", limit=3).more
        with pytest.raises(talos.Malformed):
            kernel.approvals.list(limit=0)
