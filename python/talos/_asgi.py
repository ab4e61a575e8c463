"""One HTTP request and its response, between an ASGI server and a governed application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from talos._native import Entry, Refusal

if TYPE_CHECKING:
    from contextvars import Token

    from talos._kernel import Run

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Header: TypeAlias = tuple[bytes, bytes]

RECEIPT: Final = b"talos-receipt"
OUTCOME: Final = b"talos-outcome"


class Disconnected(Exception):
    """The client went away before the whole request was here."""


class Unrecorded(Exception):
    """The outcome of a stream could not be recorded, so the stream may not look complete."""


def values(headers: Iterable[Header], name: bytes) -> list[bytes]:
    """All values of a header."""
    return [value for key, value in headers if key.lower() == name]


def refusal_headers(refusal: Refusal) -> list[Header]:
    """The headers of the response to what was refused."""
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(refusal.problem)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if refusal.receipt_id is not None:
        headers.append((RECEIPT, refusal.receipt_id.encode()))
    if refusal.challenge is not None:
        headers.append((b"www-authenticate", refusal.challenge.encode()))
    if refusal.location is not None:
        headers.append((b"location", refusal.location.encode()))
    return headers


class Exchange:
    """What passes between a server and an application, for one request.

    The request is read once, and the application reads the same bytes. Nothing of the response to an
    admitted request leaves before the receipt of the decision is on disk; a response in one piece leaves
    after its outcome is recorded, and of a stream the end does.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._replay: Message | None = None
        self._start: Message | None = None
        self._status = 0
        self._over = False
        self._disconnected = False
        self.entry: Entry | None = None
        self.admitted: object = None
        self.entered: Token[tuple[Run, ...]] | None = None

    async def receive(self) -> Message:
        """ASGI: the next message of the request; first the body, if that was read here."""
        if self._replay is not None:
            message, self._replay = self._replay, None
            return message
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._disconnected = True
        return message

    async def read(self, limit: int) -> bytes | None:
        """The whole body; None if it is larger than that."""
        body = bytearray()
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            body += message.get("body", b"")
            if len(body) > limit:
                return None
            more = message.get("more_body", False)
        self._replay = {"type": "http.request", "body": bytes(body), "more_body": False}
        return bytes(body)

    async def refuse(self, refusal: Refusal) -> None:
        """Answers with the problem, in place of everything else."""
        self._over = True
        await self._pass(
            {"type": "http.response.start", "status": refusal.status, "headers": refusal_headers(refusal)}
        )
        await self._pass({"type": "http.response.body", "body": refusal.problem, "more_body": False})

    async def send(self, message: Message) -> None:
        """ASGI: the next message of the response."""
        if self._over:
            return
        if self.entry is None:
            await self._pass(message)
        elif message["type"] == "http.response.start":
            self._start, self._status = message, message["status"]
        elif message["type"] == "http.response.body":
            await self._body(self.entry, message, last=not message.get("more_body", False))

    async def _body(self, entry: Entry, message: Message, *, last: bool) -> None:
        start, self._start = self._start, None
        if start is not None:
            receipt = await entry.receipt_async()
            if isinstance(receipt, Refusal):
                entry.ended_now("error")
                return await self.refuse(receipt)
            evidence = [(RECEIPT, receipt.encode())]
            if last:
                outcome = await entry.answered_async(self._status)
                if isinstance(outcome, Refusal):
                    return await self.refuse(outcome)
                if outcome is not None:
                    evidence.append((OUTCOME, str(outcome["receipt_id"]).encode()))
            own = [
                header for header in start.get("headers", ()) if header[0].lower() not in (RECEIPT, OUTCOME)
            ]
            await self._pass({**start, "headers": own + evidence})
        elif last and isinstance(await entry.answered_async(self._status), Refusal):
            raise Unrecorded
        self._over = last
        await self._pass(message)
        return None

    async def _pass(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError:
            self._disconnected = True
            raise

    def end(self, *, cancelled: bool) -> None:
        """The application has returned, or has failed. What has no outcome gets one; nobody waits for it."""
        if self.entry is not None and not self._over:
            self._over = True
            self.entry.ended_now("cancelled" if cancelled or self._disconnected else "error")
