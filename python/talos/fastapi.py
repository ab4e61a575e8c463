"""FastAPI behind the kernel: marked routes run only for known callers, and only what the policy allows.

    app = FastAPI()
    gate = Gate(talos.Kernel(), keys={"ada": os.environ["ADA_KEY"]})
    gate.install(app)  # before the routes

    @app.post("/orders", dependencies=[gate.govern("orders.create", effect="write")])
    def create(order: Order) -> Receipt: ...

A request is decided on before FastAPI reads it; a refusal is a problem document (RFC 9457) with a receipt.
The target of the decision is the tool's name, its arguments are `{path, query, body}`, its principal is the
caller. Each process opens one run when it starts, and closes it when it stops: limits of a run count for all
of its callers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from talos import _context, _native
from talos._asgi import App, Disconnected, Exchange, Message, Receive, Scope, Send, refusal_headers, values
from talos._generated.errors import ContextMissing
from talos._kernel import Kernel, Run

try:
    from fastapi import Depends, FastAPI, Request, Response
    from fastapi.routing import APIRoute
except ImportError as missing:
    raise ImportError("talos.fastapi needs FastAPI: pip install 'talos-kernel[fastapi]'") from missing

if TYPE_CHECKING:
    from fastapi.dependencies.models import Dependant

    from talos._generated.types import Effect

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Identify = Callable[[Request], Awaitable[str | None] | str | None]

MAX_BODY: Final = 1024 * 1024
"""Largest body of a governed request, unless the gate says otherwise."""
_EXCHANGE: Final = "talos.exchange"


class Admitted(NamedTuple):
    """What a handler may know of its admission."""

    caller: str
    """Who called."""
    call: str
    """The id of the call, which the kernel made."""


class _Mark:
    """The mark of a governed route. As a dependency it lets nothing run that did not pass the gate."""

    def __init__(
        self, gate: Gate, tool: str, effect: Effect | None, args: Callable[..., object] | None
    ) -> None:
        self.gate = gate
        self.tool = tool
        self.effect = effect
        self.args = args

    def __call__(self, request: Request) -> Admitted:
        exchange = request.scope.get(_EXCHANGE)
        if not isinstance(exchange, Exchange) or exchange.entry is None or exchange.admitted is not self:
            why = "install the gate before the routes, and give routers its route_class"
            raise ContextMissing("context.missing", why)
        return Admitted(request.scope["talos.caller"], exchange.entry.call)


# Older FastAPI does not resolve the annotations of objects that can be called.
_Mark.__call__.__annotations__["request"] = Request


def _marks(dependant: Dependant) -> Iterator[_Mark]:
    if isinstance(dependant.call, _Mark):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _marks(inner)


class Gate:
    """Stands before the governed routes of one application.

    Callers are told apart in one of three ways:
    keys: their secret keys, at least 128 random bits each, by their names; a caller may have several. They
        come in the header `header`: X-API-Key unless it says otherwise; in Authorization as `Bearer KEY`.
    proxy_header: the header in which a trusted proxy, the only way to this application, writes their names.
    identify: a function of the request that gives a name, or None.

    agent: the named agent that acts; absent: the kernel itself.
    approvals: the path under which callers see where their requests for approval stand, such as "/approvals":
        a response 202 then has it in its Location. Absent: nowhere.
    max_body: the largest body, in bytes.
    """

    def __init__(
        self,
        kernel: Kernel,
        *,
        keys: Mapping[str, str | Sequence[str]] | None = None,
        header: str | None = None,
        proxy_header: str | None = None,
        identify: Identify | None = None,
        agent: str | None = None,
        approvals: str | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        if sum(way is not None for way in (keys, proxy_header, identify)) != 1:
            raise ValueError("give one of keys, proxy_header and identify: there are no anonymous callers")
        if header is not None and keys is None:
            raise ValueError("header is where keys come in")
        pairs = None if keys is None else [pair for name in keys for pair in _pairs(name, keys[name])]
        self._callers = (pairs, (header or "X-API-Key") if keys is not None else proxy_header)
        _native.Front.check(*self._callers, approvals)
        self._kernel = kernel
        self._identify = identify
        self._agent = agent
        self._approvals = approvals
        self._max_body = max_body
        self._open: tuple[Run, _native.Front] | None = None
        self.route_class: Final = _route_class(self)
        """The class of governed routes, for routers: `APIRouter(route_class=gate.route_class)`."""

    def install(self, app: FastAPI) -> None:
        """Puts the gate before the application. Before its routes are declared."""
        app.router.route_class = self.route_class
        app.add_middleware(_Middleware, gate=self)
        if self._approvals is not None:
            app.add_api_route(f"{self._approvals}/{{approval}}", self._approval, methods=["GET"])

    def govern(
        self,
        tool: str,
        *,
        effect: Effect | None = None,
        args: Callable[[dict[str, Any]], object] | None = None,
    ) -> Any:
        """The mark of a route: `dependencies=[gate.govern(...)]`, or the default of an Admitted parameter.

        tool: the target that the policy names.
        effect: what it does to the world; absent: as the policy says, else irreversible.
        args: what the kernel is told in place of `{path, query, body}`, which it is called with.
        """
        return Depends(_Mark(self, tool, effect, args))

    async def open(self) -> None:
        """Opens the run of this process. The server does it, by the lifespan protocol."""
        if self._open is None:
            run = await asyncio.to_thread(self._kernel.open_run, self._agent)
            self._open = (run, _native.Front(run, *self._callers, self._approvals))

    async def close(self) -> None:
        """Closes the run."""
        if self._open is not None:
            (run, _), self._open = self._open, None
            await asyncio.to_thread(run.close)

    async def _caller(self, front: _native.Front, request: Request) -> str | None:
        if self._identify is None:
            _, header = self._callers
            return front.identify(values(request.scope["headers"], str(header).lower().encode()))
        caller = self._identify(request)
        return await caller if isinstance(caller, Awaitable) else caller

    async def _admit(
        self, mark: _Mark, request: Request, exchange: Exchange, front: _native.Front
    ) -> _native.Refusal | None:
        caller = await self._caller(front, request)
        if caller is None:
            return await front.refuse_async(None, mark.tool, "caller.unknown")
        body = await exchange.read(self._max_body)
        if body is None:
            return await front.refuse_async(caller, mark.tool, "malformed.size")
        asked = _read(request, body)
        arguments = asked.arguments if mark.args else None
        described = (mark.args(arguments),) if mark.args and arguments is not None else None
        admission = await front.admit_async(caller, mark.tool, mark.effect, asked, described)
        if isinstance(admission, _native.Refusal):
            return admission
        exchange.entry, exchange.admitted = admission, mark
        request.scope["talos.caller"] = caller
        return None

    async def _approval(self, approval: str, request: Request) -> Response:
        """Where a request for approval of the caller stands."""
        _, front = self._opened()
        caller = await self._caller(front, request)
        found = await asyncio.to_thread(front.approval, caller, approval)
        if isinstance(found, _native.Refusal):
            return _problem(found)
        return Response(found, media_type="application/json", headers={"Cache-Control": "no-store"})

    def _opened(self) -> tuple[Run, _native.Front]:
        if self._open is None:
            why = "the gate is not open: install it, and serve with the lifespan protocol"
            raise ContextMissing("context.missing", why)
        return self._open

    async def _handle(self, mark: _Mark, request: Request, handler: Handler) -> Response:
        run, front = self._opened()
        exchange = request.scope.get(_EXCHANGE)
        if not isinstance(exchange, Exchange):
            why = "the gate is not before the application: install it"
            raise ContextMissing("context.missing", why)
        try:
            refusal = await self._admit(mark, request, exchange, front)
        except Disconnected:
            return Response(status_code=400)
        if refusal is not None:
            return _problem(refusal)
        # Guarded functions are actions of the same run, also in what streams the body or runs after it.
        exchange.entered = _context.enter(run)
        return await handler(request)


def _pairs(name: str, keys: str | Sequence[str]) -> list[tuple[str, str]]:
    return [(name, keys)] if isinstance(keys, str) else [(name, key) for key in keys]


def _read(request: Request, body: bytes) -> _native.Request:
    headers = request.scope["headers"]
    path: dict[str, object] = {name: str(value) for name, value in request.path_params.items()}
    media_types, codings = values(headers, b"content-type"), values(headers, b"content-encoding")
    return _native.Request(path, request.scope["query_string"], media_types, codings, body)


def _problem(refusal: _native.Refusal) -> Response:
    response = Response(refusal.problem, refusal.status)
    response.raw_headers = refusal_headers(refusal)
    return response


def _route_class(gate: Gate) -> type[APIRoute]:
    class GovernedRoute(APIRoute):
        """A route that is governed, if it has the mark of its gate."""

        def get_route_handler(self) -> Handler:
            handler = super().get_route_handler()
            marks = [mark for mark in _marks(self.dependant) if mark.gate is gate]
            if not marks:
                return handler
            if len(marks) > 1:
                raise ValueError(f"{self.path} is governed twice")

            async def governed(request: Request) -> Response:
                return await gate._handle(marks[0], request, handler)

            return governed

    return GovernedRoute


class _Middleware:
    """Pure ASGI: the exchange of each request, and the run from the start of the process to its end."""

    def __init__(self, app: App, gate: Gate) -> None:
        self.app = app
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(receive, send)
        # Without extensions a response is its start and its body, and nothing passes by them.
        inner = {**scope, "extensions": {}, _EXCHANGE: exchange}
        try:
            await self.app(inner, exchange.receive, exchange.send)
        except BaseException as error:
            exchange.end(cancelled=_context.status_of(error) == "cancelled")
            raise
        finally:
            if exchange.entered is not None:
                _context.leave(exchange.entered)
        exchange.end(cancelled=False)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def opening() -> Message:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.gate.open()
            return message

        async def closing(message: Message) -> None:
            if message["type"] in (
                "lifespan.startup.failed",
                "lifespan.shutdown.complete",
                "lifespan.shutdown.failed",
            ):
                await self.gate.close()
            await send(message)

        await self.app(scope, opening, closing)
