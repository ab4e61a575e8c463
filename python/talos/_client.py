"""Clients: agents that talk to others, end to end encrypted, over the operations `client.*` of a kernel."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar, cast

from talos._evidence import Bundle
from talos._kernel import Kernel
from talos._native import packed, unpacked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from types import TracebackType

    from talos._generated.types import (
        ClientBegan,
        ClientEndOutput,
        ClientIncomingOutput,
        ClientOpenOutput,
        ClientSendOutput,
        ClientSession,
        Envelope,
        SessionOpening,
        SessionRules,
    )
    from talos._generated.types import ClientMessage as _Message

T = TypeVar("T")

# How long a thread waits for messages before it looks whether anybody still does, in milliseconds.
_WAIT_MS = 10_000


class Message(NamedTuple):
    """A message that was opened."""

    peer: str
    """The DID that sealed it."""
    data: bytes
    """What it says."""
    message_hash: str
    """SHA-256 of that, in base64url."""
    frame_hash: str
    """The hash of its frame, which its receipt names."""
    sid: str
    """Its session."""
    received: int
    """When it was opened, in milliseconds since 1970."""
    receipt_id: str | None
    """The receipt of its arrival, if that was on disk when the message was given."""
    began: ClientBegan | None
    """Where it began the session: what is known of the peer."""


class Sent(NamedTuple):
    """A message that was sealed and can no longer be lost here."""

    message_hash: str
    """SHA-256 of the message, in base64url."""
    frame_hash: str
    """The hash of its frame, which its receipt names."""
    sid: str
    """Its session."""
    receipt_id: str
    """Its receipt."""


class Waiting(NamedTuple):
    """How much waits."""

    outgoing: int
    """Frames that wait to go out."""
    incoming: int
    """Messages that wait for the host."""


def _message(message: _Message) -> Message:
    return Message(
        message["peer"],
        unpacked(message["data"]),
        message["message_hash"],
        message["frame_hash"],
        message["sid"],
        message["received"],
        message.get("receipt_id"),
        message.get("began"),
    )


def _named(name: str | bytes) -> str:
    return name if isinstance(name, str) else packed(name)


def _envelope(envelope: Mapping[str, object] | str | bytes) -> object:
    return json.loads(envelope) if isinstance(envelope, str | bytes) else envelope


class TalosClient:
    """An agent with its sessions. Make one with `create`, and open it with `async with`."""

    def __init__(self, members: dict[str, object], kernel: Kernel | None) -> None:
        self._members = members
        self._given = kernel
        self._kernel: Kernel | None = None
        self._opened: ClientOpenOutput | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._receiving: asyncio.Future[list[Message]] | None = None

    @classmethod
    def create(
        cls,
        agent: str,
        *,
        kernel: Kernel | None = None,
        mailbox: str | None = None,
        rules: SessionRules | None = None,
        keep_days: int = 0,
    ) -> Self:
        """A client of this agent, to be opened with `async with`, which makes the agent's keys on first use.

        kernel: decides on each message and records it; None: the default directory's, closed with the client.
        mailbox: the base URL; None: that of TALOS_MAILBOX or talos.toml, else the host carries the frames.
        keep_days: for how many days `disclose` can open a message; 0: never, and nobody reads it again.
        """
        members: dict[str, object] = {"agent": agent, "keep_days": keep_days}
        if mailbox is not None:
            members["mailbox"] = mailbox
        if rules is not None:
            members["rules"] = rules
        return cls(members, kernel)

    async def __aenter__(self) -> Self:
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="talos-client")
        try:
            self._kernel = self._given or await self._apart(Kernel)
            self._opened = cast("ClientOpenOutput", await self._do("open", **self._members))
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def _about(self) -> ClientOpenOutput:
        if self._opened is None:
            from talos._generated.errors import error_of

            raise error_of({"code": "client.not_open", "detail": "open the client with `async with`"})
        return self._opened

    @property
    def did(self) -> str:
        """The DID of the agent: what peers know it by."""
        return self._about["did"]

    @property
    def bundle(self) -> Envelope:
        """The prekey bundle: what a peer needs to begin a session where no mailbox serves it."""
        return self._about["bundle"]

    @property
    def mailbox(self) -> str | None:
        """The mailbox; None: the host carries the frames."""
        return self._about.get("mailbox")

    def _ask(self, verb: str, **members: object) -> dict[str, object]:
        kernel = self._kernel
        if kernel is None or (self._opened is None and verb != "open"):
            from talos._generated.errors import error_of

            raise error_of({"code": "client.not_open", "detail": "open the client with `async with`"})
        text = json.dumps({"agent": self._members["agent"], **members})
        return cast("dict[str, object]", json.loads(kernel.call(f"client.{verb}", text)))

    async def _apart(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def _do(self, verb: str, **members: object) -> dict[str, object]:
        return await self._apart(lambda: self._ask(verb, **members))

    async def establish_session(
        self,
        peer_id: str,
        peer_bundle: Mapping[str, object] | str | bytes | None = None,
        one_time_key: Mapping[str, object] | str | bytes | None = None,
    ) -> ClientSession:
        """Begins a session with a peer, who need not be there, or renews the one that is there.

        peer_bundle: its prekey bundle; None: the mailbox is asked for it.
        """
        members: dict[str, object] = {"peer": peer_id}
        if peer_bundle is not None:
            members["bundle"] = _envelope(peer_bundle)
        if one_time_key is not None:
            members["one_time_key"] = _envelope(one_time_key)
        return cast("ClientSession", (await self._do("establish", **members))["session"])

    async def send(self, peer_id: str, data: bytes, *, wait: float = 30.0) -> Sent:
        """Sends a message. When this returns, it has a receipt and can no longer be lost here.

        wait: seconds to wait while too much is on its way to its peers.
        """
        members = {"peer": peer_id, "data": packed(data), "wait_ms": round(wait * 1000)}
        sent = cast("ClientSendOutput", await self._do("send", **members))
        return Sent(sent["message_hash"], sent["frame_hash"], sent["sid"], sent["receipt_id"])

    async def receive(self, *, max: int = 64, wait: float = 0.0) -> list[Message]:
        """Messages that have arrived, each given once; those that were given before are confirmed.

        wait: seconds to wait for the first.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        while True:
            if self._receiving is None:
                left = min(round((deadline - loop.time()) * 1000), _WAIT_MS)
                self._receiving = asyncio.ensure_future(self._receive(max, 0 if left < 0 else left))
            # A task that is cancelled here loses nothing: who asks next has what comes.
            messages = await asyncio.shield(self._receiving)
            self._receiving = None
            if messages or loop.time() >= deadline:
                return messages

    async def _receive(self, max: int, wait_ms: int) -> list[Message]:
        output = await self._do("receive", max=max, wait_ms=wait_ms)
        return [_message(message) for message in cast("list[_Message]", output["messages"])]

    async def __aiter__(self) -> AsyncIterator[Message]:
        """Messages as they come, until the client is closed."""
        while self._opened is not None:
            for message in await self.receive(wait=_WAIT_MS / 1000):
                yield message

    async def unconfirmed(self) -> list[Message]:
        """Messages that were given to a process that ended before it asked for more."""
        output = await self._do("unconfirmed")
        return [_message(message) for message in cast("list[_Message]", output["messages"])]

    async def sessions(self, peer_id: str | None = None) -> list[ClientSession]:
        """The sessions that are not over."""
        output = await self._do("sessions", **({} if peer_id is None else {"peer": peer_id}))
        return cast("list[ClientSession]", output["sessions"])

    async def waiting(self) -> Waiting:
        """How much waits on both sides."""
        output = await self._do("sessions")
        return Waiting(cast("int", output["outgoing"]), cast("int", output["incoming"]))

    async def end_session(self, peer_id: str) -> ClientEndOutput:
        """Tells a peer that this side is done, and retires the session."""
        return cast("ClientEndOutput", await self._do("end", peer=peer_id))

    async def outgoing(self, max: int = 64) -> list[tuple[str, str, bytes]]:
        """Frames that wait to be carried, for a host without a mailbox: id, DID of the peer, bytes."""
        frames = cast("list[dict[str, str]]", (await self._do("outgoing", max=max))["frames"])
        return [(frame["id"], frame["peer"], unpacked(frame["bytes"])) for frame in frames]

    async def carried(self, *ids: str) -> int:
        """Frames that were carried to their peers, and need not be kept. Returns how many there were."""
        return cast("int", (await self._do("carried", ids=list(ids)))["erased"])

    async def incoming(self, frame: bytes) -> ClientIncomingOutput:
        """Takes a frame that the host has carried here, and says who sealed it."""
        return cast("ClientIncomingOutput", await self._do("incoming", bytes=packed(frame)))

    def get_merkle_proof(self, msg_hash: str | bytes) -> Bundle:
        """The proof bundle of a message's receipt, by its message_hash (the newest counts) or its frame_hash.

        msg_hash: 32 bytes, or base64url.
        """
        return Bundle.parse(cast("dict[str, object]", self._ask("prove", hash=_named(msg_hash))["bundle"]))

    def verify_proof(self, proof: Bundle) -> bool:
        """Whether a proof bundle holds, trusting this kernel and nobody else."""
        return bool(self._ask("verify_proof", bundle=proof.text)["valid"])

    async def delivery_receipt(self, frame_hash: str | bytes) -> Envelope | None:
        """The receipt of the peer's kernel for a message that has arrived there; None: it has not come."""
        output = await self._do("delivery", frame_hash=_named(frame_hash))
        return cast("Envelope | None", output.get("receipt"))

    async def disclose(self, frame_hash: str | bytes) -> SessionOpening:
        """What opens one message to an auditor (`talos session open`), and no other. Needs `keep_days`."""
        return cast("SessionOpening", (await self._do("disclose", frame_hash=_named(frame_hash)))["opening"])

    async def close(self, *, wait: float = 5.0) -> int:
        """Closes the client, and its kernel if that was made for it. What waits is kept for the next time.

        wait: seconds to wait for the mailbox to take what waits.
        Returns how many frames still wait.
        """
        if self._opened is None:
            return 0
        try:
            output = await self._do("close", wait_ms=round(wait * 1000))
        finally:
            await self._end()
        return cast("int", output["outgoing"])

    async def _end(self) -> None:
        self._opened = None
        kernel, pool, self._pool = self._kernel, self._pool, None
        if kernel is not None and self._given is None:
            kernel.close()
        if pool is not None:
            pool.shutdown(wait=False)
