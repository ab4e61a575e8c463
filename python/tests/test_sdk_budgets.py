"""Budgets that a program sets, and that stop its calls."""

from __future__ import annotations

import pytest
import talos


def test_a_budget_stops_the_calls_that_it_does_not_cover() -> None:
    policy = talos.Policy.parse("id: p\nallowed_tools: [{name: look, effect: read}]\n")
    with talos.Kernel.in_memory(policy=policy) as kernel:
        ran: list[int] = []
        look = kernel.guard(lambda n: ran.append(n), name="look")
        kernel.budgets.set({"scope": {"level": "tool", "name": "look"}, "unit": "calls", "cap": 2})
        with kernel.session():
            look(1)
            look(2)
            with pytest.raises(talos.BudgetExceeded) as raised:
                look(3)
        assert (raised.value.code, ran) == ("budget.exceeded", [1, 2])
        [account] = kernel.budgets.show()
        assert (account["spent"], account["held"], account["left"]) == (2, 0, 0)
        assert kernel.budgets.top(1) == [account]
        kernel.budgets.remove({"scope": {"level": "tool", "name": "look"}, "unit": "calls"})
        assert kernel.budgets.show() == []


def test_a_stop_holds_every_call_until_it_is_lifted() -> None:
    policy = talos.Policy.parse("id: p\nallowed_tools: [{name: look, effect: read}]\n")
    with talos.Kernel.in_memory(policy=policy) as kernel, kernel.session():
        look = kernel.guard(lambda n: n, name="look")
        for level, name, code in (("all", None, "standing.killed"), ("tool", "look", "standing.suspended")):
            kernel.standing.hold(level, name, why="a drill")  # type: ignore[arg-type] # one of its words
            with pytest.raises(talos.Denied) as raised:
                look(1)
            assert raised.value.code == code
            [hold] = kernel.standing.holds()
            assert hold["why"] == "a drill"
            kernel.standing.lift(level, name)  # type: ignore[arg-type] # one of its words
            assert look(1) == 1


def test_another_policy_is_put_in_force_and_one_with_mistakes_is_not() -> None:
    policy = talos.Policy.parse("id: p\nallowed_tools: [{name: look, effect: read}]\n")
    with talos.Kernel.in_memory(policy=policy) as kernel, kernel.session():
        look = kernel.guard(lambda n: n, name="look")
        assert look(1) == 1
        assert kernel.reload(talos.Policy.parse("id: q\n"))["id"] == "q"
        with pytest.raises(talos.PolicyDenied):
            look(1)
        with pytest.raises(talos.TalosError):
            kernel.reload("/no/such/policy.yaml")
        assert kernel.policy["id"] == "q"


def test_a_budget_of_a_team_stops_the_runs_of_that_team() -> None:
    policy = talos.Policy.parse("id: p\nallowed_tools: [{name: look, effect: read}]\n")
    with talos.Kernel.in_memory(policy=policy) as kernel:
        look = kernel.guard(lambda: None, name="look")
        kernel.budgets.set({"scope": {"level": "team", "name": "research"}, "unit": "calls", "cap": 1})
        kernel.budgets.set({"scope": {"level": "organisation", "name": "acme"}, "unit": "calls", "cap": 1})
        for members in ({"team": "research"}, {"organisation": "acme"}):
            with kernel.session(**members):
                look()
                with pytest.raises(talos.BudgetExceeded):
                    look()
        run = kernel.open_run(team="finance", organisation="other")
        assert all(run.authorize("look").decision.allowed for _ in range(3))
        run.close()
