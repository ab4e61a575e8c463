"""The shared vectors that need an open kernel, and that every operation of it has its method."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from suite import MANIFEST, content, files, text
from talos import (
    Bundle,
    Decision,
    Denied,
    Door,
    Kernel,
    Message,
    Permit,
    Policy,
    Receipt,
    Run,
    TalosClient,
    TalosError,
    operations,
)
from talos._approvals import Approvals
from talos._budgets import Budgets
from talos._generated.operations import OPERATIONS
from talos._kernel import Audit, Receipts
from talos._standing import Standing

Invoke = Callable[[str, dict[str, Any]], Any]

# For every operation of an open kernel, what does the same in the hand-shaped API.
METHODS: dict[str, Any] = {
    "kernel.open": Kernel.__new__,
    "kernel.describe": Kernel.describe,
    "kernel.identity": Kernel.identity,
    "kernel.close": Kernel.close,
    "run.open": Kernel.open_run,
    "run.decide": Run.decide,
    "run.authorize": Run.authorize,
    "run.refuse": Run.refuse,
    "run.start": Permit.start,
    "run.settle": Permit.settle,
    "run.release": Permit.release,
    "run.permit": Run.permit,
    "run.counters": Run.counters,
    "run.close": Run.close,
    "receipt.get": Receipts.get,
    "audit.prove": Receipt.prove,
    "audit.checkpoint": Audit.checkpoint,
    "audit.verify_log": Audit.verify,
    "kernel.reload": Kernel.reload,
    "approval.list": Approvals.list,
    "approval.show": Approvals.get,
    "approval.respond": Approvals.respond,
    "approval.redeem_code": Approvals.redeem_code,
    "budget.set": Budgets.set,
    "budget.remove": Budgets.remove,
    "budget.show": Budgets.show,
    "budget.top": Budgets.top,
    "standing.set": Standing.hold,
    "standing.show": Standing.holds,
    "client.open": TalosClient.create,
    "client.establish": TalosClient.establish_session,
    "client.send": TalosClient.send,
    "client.receive": TalosClient.receive,
    "client.unconfirmed": TalosClient.unconfirmed,
    "client.outgoing": TalosClient.outgoing,
    "client.carried": TalosClient.carried,
    "client.incoming": TalosClient.incoming,
    "client.sessions": TalosClient.sessions,
    "client.end": TalosClient.end_session,
    "client.prove": TalosClient.get_merkle_proof,
    "client.delivery": TalosClient.delivery_receipt,
    "client.verify_proof": TalosClient.verify_proof,
    "client.disclose": TalosClient.disclose,
    "client.close": TalosClient.close,
}


def test_every_operation_of_an_open_kernel_has_its_method() -> None:
    assert {id for id, operation in OPERATIONS.items() if not operation.pure} == set(METHODS)
    assert all(callable(method) for method in METHODS.values())


def test_every_pure_operation_has_its_function() -> None:
    for id in (id for id, operation in OPERATIONS.items() if operation.pure):
        area, _, name = id.partition(".")
        assert callable(getattr(getattr(operations, area), name)), id


def at(value: Any, pointer: str) -> Any:
    """The value that a JSON pointer points at; None if it is absent."""
    for step in pointer.split("/")[1:]:
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = None if value is None else value.get(step)
    return value


def filled(value: Any, kept: dict[str, Any]) -> Any:
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        return kept[value[1:-1]]
    if isinstance(value, list):
        return [filled(item, kept) for item in value]
    return {name: filled(item, kept) for name, item in value.items()} if isinstance(value, dict) else value


def fault(invoke: Invoke, step: dict[str, Any], kept: dict[str, Any]) -> str | None:
    """What is wrong with the answer to a step."""
    try:
        answer = invoke(step["operation"], filled(step["input"], kept))
    except TalosError as error:
        return None if error.code == step.get("error") else f"{step['operation']}: {error}"
    if "error" in step:
        return f"{step['operation']}: expected {step['error']}, found {answer}"
    for pointer, expected in step["output"].items():
        if at(answer, pointer) != filled(expected, kept):
            return f"{step['operation']}: {pointer} is {at(answer, pointer)}"
    kept |= {name: at(answer, pointer) for name, pointer in step.get("keep", {}).items()}
    return None


class Hand:
    """The operations of an open kernel through the hand-shaped classes."""

    def __init__(self) -> None:
        self.kernel: Kernel | None = None
        self.runs: dict[str, Run] = {}
        self.permits: dict[str, Permit] = {}
        self.clients: dict[str, TalosClient] = {}
        self.loop = asyncio.new_event_loop()

    def __call__(self, operation: str, input: dict[str, Any]) -> Any:
        area, _, name = operation.partition(".")
        if OPERATIONS[operation].pure:
            return getattr(getattr(operations, area), name)(**input)
        if operation == "kernel.open":
            policy = Policy.parse(input["policy"]) if "policy" in input else None
            self.kernel = Kernel.in_memory(policy)
            return self.kernel.describe()
        assert self.kernel is not None
        if operation == "run.open":
            run = Run(self.kernel, input)
            self.runs[run.id] = run
            return {"run": run.id, "actor": run.actor}
        if area == "run":
            return getattr(self, name)(self.runs[input.get("run") or input["action"]["run"]], input)
        return getattr(self, f"{area}_{name}")(self.kernel, input)

    def kernel_describe(self, kernel: Kernel, _: Any) -> Any:
        names = ("issuer", "origin", "log_key", "policy", "directory")
        return {name: getattr(kernel, name) for name in names}

    def kernel_identity(self, kernel: Kernel, input: Any) -> Any:
        return kernel.identity(input["name"])._asdict()

    def kernel_close(self, kernel: Kernel, _: Any) -> Any:
        kernel.close()
        return {}

    def decide(self, run: Run, input: Any) -> Any:
        action = {name: value for name, value in input["action"].items() if name != "run"}
        found = run.decide(**action)
        if found.permit:
            self.permits[found.call] = found.permit
        return {"decision": found.to_dict()}

    def authorize(self, run: Run, input: Any) -> Any:
        action = {name: value for name, value in input["action"].items() if name != "run"}
        try:
            permit = run.authorize(**action)
        except Denied as error:
            return {"decision": error.decision}
        self.permits[permit.call] = permit
        return {"decision": permit.decision.to_dict()}

    def refuse(self, run: Run, input: Any) -> Any:
        return {"decision": run.refuse(input["target"], input["code"], call=input.get("call")).to_dict()}

    def start(self, _: Run, input: Any) -> Any:
        permit = self.permits[input["action"]["call"]]
        permit.start()
        return {"state": permit.state}

    def settle(self, _: Run, input: Any) -> Any:
        permit = self.permits[input["call"]]
        place = permit.settle(**input["outcome"])
        return {"state": permit.state, **(place or {})}

    def release(self, _: Run, input: Any) -> Any:
        permit = self.permits[input["call"]]
        place = permit.release()
        return {"state": permit.state, **(place or {})}

    def permit(self, run: Run, input: Any) -> Any:
        return {"state": run.permit(input["call"])}

    def counters(self, run: Run, _: Any) -> Any:
        return run.counters()

    def close(self, run: Run, _: Any) -> Any:
        return run.close()

    def receipt(self, kernel: Kernel, input: Any) -> Receipt:
        if "receipt_id" in input:
            return kernel.receipts.get(input["receipt_id"])
        return kernel.receipts.at(input["index"]) if "index" in input else kernel.receipts.last()

    def receipt_get(self, kernel: Kernel, input: Any) -> Any:
        found = self.receipt(kernel, input)
        return {
            "receipt_id": found.id,
            "index": found.index,
            "receipt": found.body,
            "envelope": found.envelope,
        }

    def audit_prove(self, kernel: Kernel, input: Any) -> Any:
        bundle = self.receipt(kernel, input).prove(disclose=input.get("disclose", False))
        return {"bundle": json.loads(bundle.text)}

    def audit_checkpoint(self, kernel: Kernel, _: Any) -> Any:
        return {"note": kernel.audit.checkpoint()}

    def audit_verify_log(self, kernel: Kernel, _: Any) -> Any:
        return kernel.audit.verify()

    def kernel_reload(self, kernel: Kernel, input: Any) -> Any:
        return {"policy": kernel.reload(Policy.parse(input["policy"]))}

    def standing_set(self, kernel: Kernel, input: Any) -> Any:
        turn = kernel.standing.hold if input["held"] else kernel.standing.lift
        return turn(**input["scope"], why=input.get("why"))

    def standing_show(self, kernel: Kernel, _: Any) -> Any:
        return {"holds": kernel.standing.holds()}

    def budget_set(self, kernel: Kernel, input: Any) -> Any:
        return {"budget": kernel.budgets.set(input["budget"])}

    def budget_remove(self, kernel: Kernel, input: Any) -> Any:
        kernel.budgets.remove(input)
        return {}

    def budget_show(self, kernel: Kernel, input: Any) -> Any:
        return {"accounts": kernel.budgets.show(**input)}

    def budget_top(self, kernel: Kernel, input: Any) -> Any:
        return {"accounts": kernel.budgets.top(**input)}

    def approval_list(self, kernel: Kernel, input: Any) -> Any:
        return {"approvals": kernel.approvals.list(**input)}

    def approval_show(self, kernel: Kernel, input: Any) -> Any:
        return {"case": kernel.approvals.get(**input)}

    def approval_respond(self, kernel: Kernel, input: Any) -> Any:
        return {"case": kernel.approvals.respond(**input)}

    def approval_redeem_code(self, kernel: Kernel, input: Any) -> Any:
        return {"case": kernel.approvals.redeem_code(**input)}

    def _client(self, input: Any) -> TalosClient:
        agent = input["agent"]
        return self.clients.get(agent) or TalosClient.create(agent, kernel=self.kernel)

    def client_open(self, kernel: Kernel, input: Any) -> Any:
        client = TalosClient.create(input["agent"], kernel=kernel, keep_days=input.get("keep_days", 0))
        self.loop.run_until_complete(client.__aenter__())
        self.clients[input["agent"]] = client
        return {"agent": input["agent"], "did": client.did, "bundle": client.bundle}

    def client_establish(self, _: Kernel, input: Any) -> Any:
        work = self._client(input).establish_session(input["peer"], input.get("bundle"))
        return {"session": self.loop.run_until_complete(work)}

    def client_send(self, _: Kernel, input: Any) -> Any:
        work = self._client(input).send(input["peer"], unpacked(input["data"]))
        return self.loop.run_until_complete(work)._asdict()

    def client_receive(self, _: Kernel, input: Any) -> Any:
        work = self._client(input).receive(max=input.get("max", 64))
        return {"messages": [told(message) for message in self.loop.run_until_complete(work)]}

    def client_unconfirmed(self, _: Kernel, input: Any) -> Any:
        work = self._client(input).unconfirmed()
        return {"messages": [told(message) for message in self.loop.run_until_complete(work)]}

    def client_outgoing(self, _: Kernel, input: Any) -> Any:
        frames = self.loop.run_until_complete(self._client(input).outgoing())
        return {"frames": [{"id": id, "peer": peer, "bytes": packed(data)} for id, peer, data in frames]}

    def client_carried(self, _: Kernel, input: Any) -> Any:
        return {"erased": self.loop.run_until_complete(self._client(input).carried(*input["ids"]))}

    def client_incoming(self, _: Kernel, input: Any) -> Any:
        return self.loop.run_until_complete(self._client(input).incoming(unpacked(input["bytes"])))

    def client_sessions(self, _: Kernel, input: Any) -> Any:
        client = self._client(input)
        sessions = self.loop.run_until_complete(client.sessions())
        return {"sessions": sessions} | self.loop.run_until_complete(client.waiting())._asdict()

    def client_end(self, _: Kernel, input: Any) -> Any:
        return self.loop.run_until_complete(self._client(input).end_session(input["peer"]))

    def client_prove(self, _: Kernel, input: Any) -> Any:
        return {"bundle": json.loads(self._client(input).get_merkle_proof(input["hash"]).text)}

    def client_delivery(self, _: Kernel, input: Any) -> Any:
        work = self._client(input).delivery_receipt(input["frame_hash"])
        return {"receipt": self.loop.run_until_complete(work)}

    def client_verify_proof(self, _: Kernel, input: Any) -> Any:
        return {"valid": self._client(input).verify_proof(Bundle.parse(input["bundle"]))}

    def client_disclose(self, _: Kernel, input: Any) -> Any:
        return {"opening": self.loop.run_until_complete(self._client(input).disclose(input["frame_hash"]))}

    def client_close(self, _: Kernel, input: Any) -> Any:
        return {"outgoing": self.loop.run_until_complete(self._client(input).close())}


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def told(message: Message) -> dict[str, Any]:
    return message._asdict() | {"data": packed(message.data)}


# What cannot be said with objects: to ask what does not exist, or to start something else than was decided.
UNSAYABLE = {
    "kernel.not_open",
    "kernel.already_open",
    "call.unknown",
    "call.args_mismatch",
    "malformed.member_missing",
}


def sayable(step: dict[str, Any], hand: Hand) -> bool:
    input = step["input"]
    call = input.get("call") or input.get("action", {}).get("call")
    names_permit = step["operation"] in ("run.start", "run.settle", "run.release")
    unknown_run = step.get("error") == "run.closed" and input.get("action", {}).get("run") not in (
        "{run}",
        None,
    )
    memory = step["operation"] != "kernel.open" or (input.get("memory") and "directory" not in input)
    missing = names_permit and call not in hand.permits
    return bool(memory) and not (missing or unknown_run or step.get("error") in UNSAYABLE)


def through_text(door: Door) -> Invoke:
    return lambda operation, input: json.loads(door.call(operation, json.dumps(input)))


WAYS: dict[str, Callable[[], Invoke]] = {
    "call": lambda: through_text(Door()),
    "invoke": lambda: Door().invoke,
    "classes": Hand,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_run_goes_as_the_vectors_say(way: Callable[[], Invoke]) -> None:
    faults, executed, unsaid = [], 0, 0
    for path in files("runs"):
        for case in content(path)["cases"]:
            invoke, kept = way(), dict[str, Any]()
            if (policy := case.get("policy")) is not None:
                opening = {"memory": True} | ({"policy": text(policy)} if policy else {})
                invoke("kernel.open", opening)
                kept["run"] = invoke("run.open", {})["run"]
            for step in case["steps"]:
                if isinstance(invoke, Hand) and not sayable(step, invoke):
                    unsaid += 1
                elif wrong := fault(invoke, step, kept):
                    faults.append(f"{case['name']}: {wrong}")
                    break
            executed += 1
    assert not faults, "\n".join(faults)
    assert executed == MANIFEST["files"]["kernel/runs.json"]["cases"]
    assert unsaid <= 20


def test_the_policy_without_a_text_decides_as_the_vectors_say() -> None:
    executed = 0
    with Kernel.in_memory() as kernel, kernel.session() as run:
        for path in files("builtin"):
            for case in content(path)["groups"][0]["cases"]:
                action = dict(case["action"])
                found = run.decide(action.pop("target"), **action)
                codes = [reason["code"] for reason in found.reasons]
                assert (found.verdict, found.effect, codes) == tuple(case["expect"].values()), case["name"]
                executed += 1
    assert executed == 10


def test_a_decision_says_what_the_contract_says(kernel: Kernel) -> None:
    with kernel.session(user="ada") as run:
        allowed, denied = run.decide("look", {"a": 1}), run.decide("nothing")
    assert (allowed.verdict, allowed.allowed, allowed.effect, allowed.code) == ("allow", True, "read", None)
    assert (denied.verdict, denied.allowed, denied.permit) == ("deny", False, None)
    assert denied.code == "policy.tool_not_allowed"
    assert denied.to_dict()["reasons"] == denied.reasons
    assert allowed.permit is not None
    assert allowed.permit.call == allowed.call
    assert allowed.policy == kernel.policy
    assert Decision.from_dict(allowed.to_dict()).to_dict() == allowed.to_dict()


def test_a_kernel_answers_operations_as_the_door_does(kernel: Kernel) -> None:
    about = json.loads(kernel.call("kernel.describe", "{}"))
    assert about == kernel.describe()
    run = json.loads(kernel.call("run.open", b"{}"))["run"]
    action = {"run": run, "kind": "tool_call", "target": "look"}
    answer = json.loads(kernel.call("run.decide", json.dumps({"action": action})))
    assert answer["decision"]["verdict"] == "allow"
    with pytest.raises(TalosError) as raised:
        kernel.call("kernel.open", '{"memory":true}')
    assert raised.value.code == "kernel.already_open"
