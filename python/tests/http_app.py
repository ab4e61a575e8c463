"""The application of the shared HTTP cases (tests/http), on FastAPI, and a real server for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse
from talos import Kernel, Policy, Receipt
from talos.fastapi import Gate

ROOT = Path(__file__).parents[2]
CASES: dict[str, Any] = json.loads((ROOT / "tests/http/cases.json").read_text(encoding="utf-8"))
ADA = {"X-API-Key": CASES["keys"]["ada"]}


class Shop:
    """The application, and how often its handlers have run."""

    def __init__(self, kernel: Kernel, **options: Any) -> None:
        self.kernel = kernel
        self.ran = 0
        self.app = FastAPI()
        usual = {"keys": CASES["keys"], "max_body": CASES["max_body"], "approvals": "/approvals"}
        self.gate = Gate(kernel, **{**usual, **options})
        self.gate.install(self.app)
        self._orders(self.app, self.gate)
        self._others(self.app, self.gate)

    def _orders(self, app: FastAPI, gate: Gate) -> None:
        @app.post("/orders", status_code=201, dependencies=[gate.govern("orders.create")])
        async def create(request: Request) -> JSONResponse:
            self.ran += 1
            # A handler cannot forge evidence.
            forged = {"Talos-Receipt": "forged", "Talos-Outcome": "forged"}
            seen = {"body": await request.json(), "query": dict(request.query_params)}
            return JSONResponse(seen, 201, forged)

        @app.get("/orders/{id}", dependencies=[gate.govern("orders.read", effect="read")])
        def read(id: str, request: Request) -> dict[str, object]:
            self.ran += 1
            return {"id": id, "query": dict(request.query_params)}

        @app.delete("/orders/{id}", dependencies=[gate.govern("orders.delete", effect="write")])
        def delete() -> None:
            self.ran += 1

    def _others(self, app: FastAPI, gate: Gate) -> None:
        @app.post("/pay", dependencies=[gate.govern("orders.pay", effect="spend")])
        def pay(order: dict[str, int]) -> dict[str, int]:
            self.ran += 1
            return {"paid": order["amount_micro"]}

        @app.post("/refund", dependencies=[gate.govern("orders.refund")])
        def refund() -> dict[str, bool]:
            self.ran += 1
            return {"refunded": True}

        @app.post("/fail", dependencies=[gate.govern("orders.fail")])
        def fail() -> None:
            self.ran += 1
            raise RuntimeError("as the case wants it")

        @app.get("/lost", dependencies=[gate.govern("orders.lost")])
        def lost() -> JSONResponse:
            self.ran += 1
            return JSONResponse({"lost": True}, 404)

        @app.get("/export", dependencies=[gate.govern("orders.export")])
        def export(endless: bool = False) -> StreamingResponse:
            self.ran += 1
            return StreamingResponse(lines(endless), media_type="text/plain")

        @app.get("/health")
        def health() -> dict[str, bool]:
            return {"up": True}


async def lines(endless: bool) -> AsyncIterator[str]:
    for line in ("one\n", "two\n", "three\n"):
        yield line
    while endless:
        yield "more\n"
        await asyncio.sleep(0.01)


@contextlib.contextmanager
def serving(app: Any) -> Iterator[int]:
    """Serves the application from a thread, on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", http="h11", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


class Answer:
    """A response, read to its end."""

    def __init__(self, connection: HTTPConnection) -> None:
        response = connection.getresponse()
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    port: int,
    method: str,
    target: str,
    headers: Mapping[str, str] | list[list[str]],
    body: bytes | None = None,
) -> Answer:
    """One request, with exactly these headers, and what frames the body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers.items() if isinstance(headers, Mapping) else headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return Answer(connection)
    finally:
        connection.close()


def line_of(receipt: Receipt) -> str:
    """A receipt as the cases write it."""
    body = receipt.body
    if "outcome" in body:
        return f"outcome {body['outcome']['status']}"
    if "verdict" not in body or "action" not in body:
        return body["kind"]
    line = f"{body['kind']} {body['verdict']} {body['action']['target']} {body.get('principal', '-')}"
    return " ".join([line, *body.get("reasons", [])])


class Log:
    """What is new in a kernel's log."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.size = self._last() + 1

    def _last(self) -> int:
        return int(self.kernel.receipts.last().index)

    def new(self, count: int) -> list[Receipt]:
        """At least so many receipts: an outcome of a read is on disk a little after its response."""
        deadline = time.monotonic() + 10
        while (last := self._last()) + 1 < self.size + count:
            assert time.monotonic() < deadline, f"{self.size + count - last - 1} receipts are missing"
            time.sleep(0.002)
        time.sleep(0.005)  # What should not come would be here by now.
        return [self.kernel.receipts.at(index) for index in range(self.size, self._last() + 1)]


def shop_kernel() -> Kernel:
    return Kernel.in_memory(Policy.parse(CASES["policy"]))
