"""FastAPI behind the kernel, on a real server: the cases of every framework, and what FastAPI adds."""

from __future__ import annotations

import base64
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import talos
from fastapi import APIRouter, BackgroundTasks, Body, FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse
from http_app import ADA, CASES, ROOT, Answer, Log, Shop, ask, line_of, serving, shop_kernel
from people import respond
from referencing import Registry, Resource
from talos.fastapi import Admitted, Gate

JSON = {"Content-Type": "application/json"}


def validator(name: str) -> jsonschema.Draft202012Validator:
    schemas = [
        json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "contracts/schemas").glob("*.json")
    ]
    registry: Registry[Any] = Registry().with_resources(
        (s["$id"], Resource.from_contents(s)) for s in schemas
    )
    schema = {"$ref": f"urn:talos:contract:{name}:1"}
    return jsonschema.Draft202012Validator(schema, registry=registry)


PROBLEM = validator("error")
APPROVAL = validator("approval_resource")


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Shop, int]]:
    with shop_kernel() as kernel:
        shop = Shop(kernel)
        with serving(shop.app) as port:
            yield shop, port


def body_of(request: dict[str, Any]) -> bytes | None:
    if "body_base64" in request:
        return base64.b64decode(request["body_base64"])
    if "body_repeat" in request:
        return "".join(text * count for text, count in request["body_repeat"]).encode()
    return request["body"].encode() if "body" in request else None


def check_problem(answer: Answer, code: str) -> None:
    assert answer.headers["Content-Type"] == "application/problem+json"
    PROBLEM.validate(answer.json)
    assert answer.json["code"] == code
    assert answer.json["status"] == answer.status
    assert answer.json["receipt_id"] == answer.headers["Talos-Receipt"]
    assert ("WWW-Authenticate" in answer.headers) == (answer.status == 401)


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_shared_case(served: tuple[Shop, int], case: dict[str, Any]) -> None:
    shop, port = served
    log, ran = Log(shop.kernel), shop.ran
    request, expected = case["request"], case["response"]
    answer = ask(port, request["method"], request["target"], request["headers"], body_of(request))
    assert answer.status == expected["status"], answer.body
    assert shop.ran - ran == case["ran"]
    receipts = log.new(len(case["receipts"]))
    assert [line_of(receipt) for receipt in receipts] == case["receipts"]
    if "code" in expected:
        check_problem(answer, expected["code"])
        assert expected.get("offset", answer.json.get("offset")) == answer.json.get("offset")
        # Nothing of the request is in it, and nothing of the policy.
        said = answer.body.decode()
        assert not any(value in said for _, value in request["headers"] if len(value) > 20)
        assert "no-keys" not in said
    if "json" in expected:
        assert answer.json == expected["json"]
    if "text" in expected:
        assert answer.body.decode() == expected["text"]
    # `receipt: null`: a response that the framework makes after its middleware.
    if expected["receipt"] is not None:
        assert answer.headers.get_all("Talos-Receipt") == ([receipts[0].id] if expected["receipt"] else None)
        assert answer.headers.get_all("Talos-Outcome") == ([receipts[1].id] if expected["outcome"] else None)


def test_a_caller_sees_where_their_request_for_approval_stands(served: tuple[Shop, int]) -> None:
    shop, port = served
    asked = ask(port, "POST", "/refund", {**ADA, **JSON}, b'{"order":8}')
    assert (asked.status, asked.headers["Location"]) == (202, f"/approvals/{asked.json['approval']}")
    place, log = asked.headers["Location"], Log(shop.kernel)

    def state() -> Any:
        found = ask(port, "GET", place, ADA)
        assert (found.status, found.headers["Content-Type"]) == (200, "application/json")
        assert found.headers["Cache-Control"] == "no-store"
        APPROVAL.validate(found.json)
        assert (found.json["approval"], found.json["target"]) == (asked.json["approval"], "orders.refund")
        return found.json["state"]

    assert state() == "pending"
    for key, status, code in (
        (CASES["keys"]["bob"][0], 404, "approval.unknown"),
        ("guessed-key-q3J5vX0yT8uKd1", 401, "caller.unknown"),
    ):
        other = ask(port, "GET", place, {"X-API-Key": key})
        assert (other.status, other.json["code"]) == (status, code)
    for unknown in ("x" * 43, "%00", "..%2forders"):
        assert ask(port, "GET", f"/approvals/{unknown}", ADA).status == 404
    # Looking is no action.
    assert log.new(0) == []

    ran = shop.ran
    respond(shop.kernel, asked.json["approval"])
    assert state() == "granted"
    assert ask(port, "POST", "/refund", {**ADA, **JSON}, b'{"order":8}').json == {"refunded": True}
    assert (state(), shop.ran - ran) == ("redeemed", 1)
    assert ask(port, "POST", "/refund", {**ADA, **JSON}, b'{"order":8}').status == 202
    assert shop.ran - ran == 1


@pytest.mark.parametrize("path", ["approvals", "/", "/approvals/", "/a b", "/{x}", ""])
def test_a_path_of_approvals_that_is_none(path: str) -> None:
    with shop_kernel() as kernel, pytest.raises(talos.ConfigError):
        Gate(kernel, keys=CASES["keys"], approvals=path)


def test_every_receipt_verifies_and_can_be_proved(served: tuple[Shop, int]) -> None:
    shop, port = served
    answer = ask(port, "POST", "/orders", {**ADA, **JSON}, b'{"item":"lamp"}')
    kernel = shop.kernel
    for name in ("Talos-Receipt", "Talos-Outcome"):
        receipt = kernel.receipts.get(answer.headers[name])
        assert receipt.verify(issuers=[kernel.issuer])
        assert receipt.prove().verify(log_keys=[kernel.log_key], issuers=[kernel.issuer])
    assert kernel.audit.verify()["open"] == 0


def test_fifty_requests_at_once(served: tuple[Shop, int]) -> None:
    shop, port = served
    log, ran = Log(shop.kernel), shop.ran

    def one(number: int) -> tuple[int, Any, str, str]:
        key = CASES["keys"]["bob"][0] if number % 2 else CASES["keys"]["ada"]
        answer = ask(port, "POST", "/orders", {"X-API-Key": key, **JSON}, json.dumps({"n": number}).encode())
        return answer.status, answer.json, answer.headers["Talos-Receipt"], answer.headers["Talos-Outcome"]

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(one, range(50)))
    assert [(status, seen["body"]["n"]) for status, seen, _, _ in answers] == [(201, n) for n in range(50)]
    assert shop.ran - ran == 50
    receipts = {receipt.id: receipt for receipt in log.new(100)}
    assert len({id for answer in answers for id in answer[2:]}) == len(receipts) == 100
    for number, (_, _, decision, outcome) in enumerate(answers):
        assert receipts[decision].body.get("principal") == ("bob" if number % 2 else "ada")
        assert receipts[outcome].body.get("call") == receipts[decision].body.get("call")


def test_a_stream_that_nobody_reads_to_its_end_is_cancelled(served: tuple[Shop, int]) -> None:
    shop, port = served
    log = Log(shop.kernel)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        request = f"GET /export?endless=true HTTP/1.1\r\nHost: t\r\nX-API-Key: {ADA['X-API-Key']}\r\n\r\n"
        connection.sendall(request.encode())
        head = b""
        while b"more" not in head:
            head += connection.recv(4096)
        assert b"talos-receipt: " in head.lower()
        assert b"talos-outcome: " not in head.lower()
    receipts = [line_of(receipt) for receipt in log.new(2)]
    assert receipts == ["decision allow orders.export ada", "outcome cancelled"]


def test_a_client_that_leaves_before_its_body_is_whole_starts_nothing(served: tuple[Shop, int]) -> None:
    shop, port = served
    log, ran = Log(shop.kernel), shop.ran
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = f"POST /orders HTTP/1.1\r\nHost: t\r\nX-API-Key: {ADA['X-API-Key']}\r\nContent-Length: 100"
        connection.sendall(f"{head}\r\nContent-Type: application/json\r\n\r\n{{".encode())
        time.sleep(0.05)
    time.sleep(0.05)
    assert (log.new(0), shop.ran - ran) == ([], 0)


def test_without_a_policy_a_write_needs_an_approval() -> None:
    with talos.Kernel.in_memory() as kernel:
        shop = Shop(kernel)
        with serving(shop.app) as port:
            answer = ask(port, "POST", "/orders", {**ADA, **JSON}, b"{}")
            assert ask(port, "GET", "/orders/7", ADA).status == 200
        assert answer.status == 403
        check_problem(answer, "approval.required")
        assert shop.ran == 1


def test_a_bearer_key_a_proxy_and_a_function_identify_callers() -> None:
    def by_header(request: Any) -> str | None:
        name: str | None = request.headers.get("x-name")
        return name

    key = CASES["keys"]["ada"]
    cases: list[tuple[dict[str, Any], dict[str, str], dict[str, str]]] = [
        ({"header": "Authorization"}, {"Authorization": f"Bearer {key}"}, {"Authorization": key}),
        ({"keys": None, "proxy_header": "X-User"}, {"X-User": "ada"}, {"X-User": "ada, bob"}),
        ({"keys": None, "identify": by_header}, {"X-Name": "ada"}, {}),
    ]
    for options, known, unknown in cases:
        with shop_kernel() as kernel:
            shop = Shop(kernel, **options)
            with serving(shop.app) as port:
                assert ask(port, "POST", "/orders", {**known, **JSON}, b"{}").status == 201
                assert line_of(kernel.receipts.last()) == "outcome ok"
                answer = ask(port, "POST", "/orders", {**unknown, **JSON}, b"{}")
                assert answer.status == 401
                assert answer.headers["WWW-Authenticate"] == ("Bearer" if "header" in options else None)
            assert shop.ran == 1


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"keys": {"ada": "short"}},
        {"keys": {}},
        {"keys": {"ada": ADA["X-API-Key"], "bob": ADA["X-API-Key"]}},
        {"keys": {"ada": ADA["X-API-Key"]}, "proxy_header": "X-User"},
        {"proxy_header": "X User"},
        {"proxy_header": "X-User", "header": "X-API-Key"},
    ],
)
def test_a_gate_that_could_let_in_anybody_is_not_made(options: dict[str, Any]) -> None:
    with shop_kernel() as kernel, pytest.raises((ValueError, talos.ConfigError)) as refused:
        Gate(kernel, **options)
    assert ADA["X-API-Key"] not in str(refused.value)


def test_routers_parameters_and_validation() -> None:
    ran = []
    with shop_kernel() as kernel:
        app = FastAPI()
        gate = Gate(kernel, keys=CASES["keys"])
        gate.install(app)
        router = APIRouter(prefix="/v1", route_class=gate.route_class)
        mark = gate.govern("orders.create")

        @router.post("/orders/{shelf}")
        def create(shelf: int, item: Annotated[str, Body(embed=True)], who: Admitted = mark) -> str:
            ran.append((shelf, item, who.caller))
            return who.call

        app.include_router(router)
        with serving(app) as port:
            answer = ask(port, "POST", "/v1/orders/7", {**ADA, **JSON}, b'{"item":"lamp"}')
            assert answer.status == 200
            assert kernel.receipts.get(answer.headers["Talos-Receipt"]).body.get("call") == answer.json
            invalid = ask(port, "POST", "/v1/orders/7", {**ADA, **JSON}, b'{"item":7}')
            assert invalid.status == 422
            assert line_of(kernel.receipts.get(invalid.headers["Talos-Outcome"])) == "outcome error"
    assert ran == [(7, "lamp", "ada")]


def test_a_marked_route_that_does_not_pass_its_gate_does_not_run() -> None:
    ran = []
    with shop_kernel() as kernel:
        gate, other = Gate(kernel, keys=CASES["keys"]), Gate(kernel, keys=CASES["keys"])
        app = FastAPI()

        @app.get("/early", dependencies=[gate.govern("orders.read")])
        def early() -> None:
            ran.append("declared before the gate")

        gate.install(app)

        @app.get("/other", dependencies=[other.govern("orders.read")])
        def of_another_gate() -> None:
            ran.append("of another gate")

        router = APIRouter()

        @router.get("/router", dependencies=[gate.govern("orders.read")])
        def in_a_router() -> None:
            ran.append("in a router without the class")

        app.include_router(router)
        with serving(app) as port:
            assert [ask(port, "GET", path, ADA).status for path in ("/early", "/other", "/router")] == [
                500
            ] * 3
    assert ran == []


def test_two_marks_on_a_route_are_a_mistake() -> None:
    with shop_kernel() as kernel:
        app = FastAPI()
        gate = Gate(kernel, keys=CASES["keys"])
        gate.install(app)
        with pytest.raises(ValueError, match="governed twice"):
            app.get("/", dependencies=[gate.govern("a"), gate.govern("b")])(lambda: None)


def test_what_the_kernel_is_told_can_be_chosen() -> None:
    with shop_kernel() as kernel:
        app = FastAPI()
        gate = Gate(kernel, keys=CASES["keys"])
        gate.install(app)

        def told(parts: dict[str, Any]) -> object:
            return {"user": parts["body"]["user"], "bytes": b"" if parts["body"]["user"] == "odd" else 0}

        @app.post("/login", dependencies=[gate.govern("orders.create", args=told)])
        def login() -> str:
            return "in"

        with serving(app) as port:
            answer = ask(
                port, "POST", "/login", {**ADA, **JSON}, b'{"user":"u","password":"BEGIN PRIVATE KEY"}'
            )
            assert answer.status == 200  # The policy has not seen the password.
            # What is no JSON is refused, whoever made it.
            odd = ask(port, "POST", "/login", {**ADA, **JSON}, b'{"user":"odd","password":"p"}')
            assert (odd.status, odd.json["code"]) == (400, "malformed.type")
            bad = ask(port, "POST", "/login", {**ADA, **JSON}, b"{")
            assert (bad.status, bad.json["code"]) == (400, "malformed.syntax")


def test_guarded_functions_in_a_handler_are_actions_of_the_same_run() -> None:
    with shop_kernel() as kernel:
        app = FastAPI()
        gate = Gate(kernel, keys=CASES["keys"])
        gate.install(app)
        look_up = kernel.guard(lambda: "found", name="orders.lost", effect="read")

        @app.get("/", dependencies=[gate.govern("orders.read", effect="read")])
        def handler() -> str:
            return look_up()

        with serving(app) as port:
            log = Log(kernel)
            assert ask(port, "GET", "/", ADA).json == "found"
            assert len({receipt.body.get("run") for receipt in log.new(4)}) == 1


def test_guarded_functions_after_the_handler_are_actions_of_the_same_run() -> None:
    policy = "id: after\nallowed_tools: [{name: export, effect: read}, {name: step, effect: write}]\n"
    with talos.Kernel.in_memory(talos.Policy.parse(policy)) as kernel:
        app, gate, ran = FastAPI(), Gate(kernel, keys=CASES["keys"]), list[str]()
        gate.install(app)

        @kernel.tool
        def step(where: str) -> str:
            ran.append(where)
            return where

        async def step_async(where: str) -> str:
            ran.append(where)
            return where

        async def items() -> AsyncIterator[str]:
            yield step("stream")
            yield await kernel.guard(step_async, name="step")("async stream")

        @app.get("/export", dependencies=[gate.govern("export")])
        def export(tasks: BackgroundTasks) -> StreamingResponse:
            tasks.add_task(step, "background")
            return StreamingResponse(items(), background=tasks)

        @app.get("/open")
        def unmarked() -> None:
            step("unmarked")

        with serving(app) as port:
            log = Log(kernel)
            assert ask(port, "GET", "/export", ADA).body == b"streamasync stream"
            receipts = log.new(8)
            assert ask(port, "GET", "/open", ADA).status == 500
    assert ran == ["stream", "async stream", "background"]
    assert len({receipt.body.get("run") for receipt in receipts}) == 1
    assert sum(line_of(receipt).startswith("decision allow step") for receipt in receipts) == 3


def test_when_the_kernel_is_closed_nothing_runs_and_nothing_is_said_to_have() -> None:
    kernel = shop_kernel()
    app = FastAPI()
    gate = Gate(kernel, keys=CASES["keys"])
    gate.install(app)
    ran = []

    @app.post("/close", dependencies=[gate.govern("orders.create")])
    def close() -> PlainTextResponse:
        ran.append(1)
        kernel.close()
        return PlainTextResponse("done")

    with serving(app) as port:
        first, second = (ask(port, "POST", "/close", ADA) for _ in range(2))
    # The handler ran, but its outcome cannot be recorded: no success is reported.
    assert (first.status, first.json["code"]) == (409, "kernel.closed")
    assert (second.status, second.json["code"]) == (409, "kernel.closed")
    assert len(ran) == 1


def test_a_process_that_is_killed_in_a_handler_leaves_a_gap(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(CASES["policy"], encoding="utf-8")
    program = f"""
import os, signal, talos
from fastapi import FastAPI
from http_app import CASES, serving, ask, ADA
from talos.fastapi import Gate
app = FastAPI()
gate = Gate(talos.Kernel({str(tmp_path / "talos")!r}, policy={str(policy)!r}), keys=CASES["keys"])
gate.install(app)
@app.post("/orders", dependencies=[gate.govern("orders.create")])
def create(): os.kill(os.getpid(), signal.SIGKILL)
with serving(app) as port: ask(port, "POST", "/orders", ADA)
"""
    killed = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parent, timeout=60, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    with talos.Kernel(tmp_path / "talos", policy=policy) as kernel:
        call = kernel.receipts.last()
        assert line_of(call) == "decision allow orders.create ada"
        with kernel.session(run=call.body.get("run")):
            gap = kernel.receipts.last()
        assert gap.body["kind"] == "gap"
        assert str(call.body.get("call")) in json.dumps(gap.body)
        assert gap.verify(issuers=[kernel.issuer])


def test_without_fastapi_the_message_says_what_to_install() -> None:
    program = "import sys; sys.modules['fastapi'] = None\nimport talos\nimport talos.fastapi"
    failed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert "pip install 'talos-kernel[fastapi]'" in failed.stderr
