"""The rivals' side, run by the Python of an environment that one of the requirement files made.

All products guard the same empty function, call it with the same argument, and hold a policy that denies by
default and allows N tools by name; the tool in the middle is called. Before anything is timed, each guard has
to let that tool pass and stop another.
"""

from __future__ import annotations

import importlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rules import COUNTS, LIMIT, Rules
from serve import MOST_CALLS, NO_LOG, Case, Timed, serve

Guard = Callable[[str], object]


@dataclass(frozen=True)
class Rival:
    """A way to guard a function with a policy of so many rules, and the exception that a denial is."""

    name: str
    guard: Callable[[int], Guard]
    denial: type[Exception]
    most_calls: int = MOST_CALLS


def empty(action: str) -> None:
    """Does nothing, so that the time is the guard's."""


def govern_policy(rules: int) -> str:
    """A policy in AgentMesh's language."""
    text = "apiVersion: governance.toolkit/v1\nname: bench\nagents: ['*']\ndefault_action: deny\nrules:\n"
    for i in range(rules):
        text += f"  - {{name: allow-{i}, condition: \"action.type == 'tool_{i}'\", action: allow}}\n"
    return text


def governs(files: Path) -> list[Rival]:
    """`agentmesh.governance.govern` as its quick start has it; without its log; and with its log in a file.

    `govern` has no parameter for the file, so the package's own sink is put where the log keeps one.
    """
    mesh = importlib.import_module("agentmesh.governance.govern")
    backends = importlib.import_module("agentmesh.governance.audit_backends")

    def made(rules: int, audit: bool) -> Guard:
        guard: Guard = mesh.govern(empty, policy=govern_policy(rules), audit=audit)
        return guard

    def filed(rules: int) -> Guard:
        guard = mesh.govern(empty, policy=govern_policy(rules))
        name = files / f"{os.urandom(8).hex()}.jsonl"
        guard.audit_log._sink = backends.FileAuditSink(name, secret_key=bytes(32))
        checked: Guard = guard
        return checked

    return [
        Rival("govern", lambda rules: made(rules, True), mesh.GovernanceDenied),
        Rival("govern-unlogged", lambda rules: made(rules, False), mesh.GovernanceDenied, NO_LOG),
        Rival("govern-file", filed, mesh.GovernanceDenied),
    ]


def lite() -> Rival:
    """`agent_os.lite.govern` is a gate, not a wrapper; the wrapper here is what a user writes around it."""
    module = importlib.import_module("agent_os.lite")

    def gated(rules: int) -> Guard:
        check: Callable[[str], bool] = module.govern(allow=[f"tool_{i}" for i in range(rules)])

        def guard(action: str) -> None:
            check(action)
            empty(action)

        return guard

    return Rival("lite", gated, module.GovernanceViolation)


def prove(rival: Rival, rules: int) -> None:
    """A guard that lets everything pass would be the fastest of all."""
    guard = rival.guard(rules)
    guard(f"tool_{rules // 2}")
    try:
        guard("tool_denied")
    except rival.denial:
        return
    raise SystemExit(f"{rival.name} did not deny what its policy does not allow")


def allowed(rival: Rival, rules: int) -> Case:
    """A call that passes."""

    @contextmanager
    def prepare() -> Iterator[Timed]:
        yield Timed("guard(target)", {"guard": rival.guard(rules), "target": f"tool_{rules // 2}"})

    return Case(f"{rival.name}/{rules}", prepare, rival.most_calls)


def denied(rival: Rival) -> Case:
    """A call that is denied, its exception caught."""

    @contextmanager
    def prepare() -> Iterator[Timed]:
        names = {"guard": rival.guard(10), "denial": rival.denial}
        yield Timed("try: guard('tool_denied')\nexcept denial: pass", names)

    return Case(f"{rival.name}/denied", prepare, rival.most_calls)


@cache
def engine(count: int) -> Callable[[str, dict[str, object]], object]:
    """The policy of `govern` without wrapper, log and function; loaded once, since deciding changes nothing.

    A tool is allowed by its first limit, and the others deny; `deny_overrides` is what `govern` sets.
    """
    rules = Rules.of(count)
    first, *others = rules.arguments

    def rule(tool: int, name: str, comparison: str, action: str) -> dict[str, str]:
        condition = f"action.type == 't{tool}' and args.{name} {comparison} {LIMIT}"
        return {"name": f"{action}-{tool}-{name}", "condition": condition, "action": action}

    conditions = [
        limit
        for tool in range(rules.tools)
        for limit in (
            rule(tool, first, "<=", "allow"),
            *(rule(tool, name, ">", "deny") for name in others),
        )
    ]
    made = importlib.import_module("agentmesh.governance.policy").PolicyEngine(
        conflict_strategy="deny_overrides"
    )
    text = {"apiVersion": "governance.toolkit/v1", "name": "bench", "agents": ["*"], "default_action": "deny"}
    made.load_json(json.dumps(text | {"rules": conditions}))
    evaluate: Callable[[str, dict[str, object]], object] = made.evaluate
    for tool, arguments, passes in (
        (rules.target, rules.call(), True),
        (rules.target, rules.call(LIMIT + 1), False),
        ("t_denied", rules.call(), False),
    ):
        decision = made.evaluate("*", {"action": {"type": tool}, "args": arguments})
        assert decision.allowed == passes, f"{count} rules, {tool}, {arguments}: {decision}"
    return evaluate


def ruled(count: int) -> Case:
    """One decision under so many rules."""

    @contextmanager
    def prepare() -> Iterator[Timed]:
        rules = Rules.of(count)
        names = {"evaluate": engine(count), "tool": rules.target, "arguments": rules.call()}
        yield Timed("evaluate('*', {'action': {'type': tool}, 'args': arguments})", names)

    return Case(f"engine/{count}", prepare, NO_LOG)


def listed(count: int) -> Case:
    """The gate of `agent_os.lite` without its list of decisions: names, and no arguments."""

    @contextmanager
    def prepare() -> Iterator[Timed]:
        names = [f"t{i}" for i in range(count)]
        check = importlib.import_module("agent_os.lite").govern(allow=names, log=False)
        assert check.is_allowed(names[count // 2])
        assert not check.is_allowed("t_denied")
        yield Timed("check(tool)", {"check": check, "tool": names[count // 2]})

    return Case(f"names/{count}", prepare, NO_LOG)


def main() -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("TALOS_BENCH_DIR")) as files:
        cases = [make(count) for make in (ruled, listed) for count in COUNTS]
        for rival in (*governs(Path(files)), lite()):
            for rules in (1, 10, 100):
                prove(rival, rules)
                cases.append(allowed(rival, rules))
            cases.append(denied(rival))
        serve(cases)


if __name__ == "__main__":
    main()
