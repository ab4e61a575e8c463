"""Requests for approval, and the answers of people: a façade over the operations `approval.*`."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from talos import _native
    from talos._generated.types import (
        ApprovalCase,
        ApprovalDamaged,
        ApprovalListOutput,
        ApprovalResponse,
        ApprovalState,
        Envelope,
    )

_LOOK_SECONDS = 0.25


class Requests(list["ApprovalCase"]):
    """Requests for approval, the newest first: a list that knows whether it is all of them."""

    def __init__(self, cases: Iterable[ApprovalCase] = (), more: bool = False) -> None:
        super().__init__(cases)
        self.more = more
        """Whether there are more that are older."""


class Approvals:
    """The requests for approval of a kernel."""

    __slots__ = ("_kernel",)

    def __init__(self, kernel: _native.Kernel) -> None:
        self._kernel = kernel

    def _ask(self, operation: str, members: dict[str, object]) -> dict[str, object]:
        return cast("dict[str, object]", json.loads(self._kernel.call(operation, json.dumps(members))))

    def _case(self, operation: str, members: dict[str, object]) -> ApprovalCase:
        return cast("ApprovalCase", self._ask(operation, members)["case"])

    def damaged(self) -> list[ApprovalDamaged]:
        """What is stored as a request and is none: nobody can answer it, and nothing runs under it."""
        return cast("list[ApprovalDamaged]", self._ask("approval.list", {}).get("damaged", []))

    def list(self, state: ApprovalState | None = None, limit: int | None = None) -> Requests:
        """The requests, the newest first; those in one state, if it is named.

        At most `limit` of them: 1000 where it is absent, and never above 10000. `more` of the list says
        whether there are older ones.
        """
        members: dict[str, object] = {} if state is None else {"state": state}
        if limit is not None:
            members["limit"] = limit
        listed = cast("ApprovalListOutput", self._ask("approval.list", members))
        return Requests(listed["approvals"], listed.get("more", False))

    def get(self, approval: str) -> ApprovalCase:
        """The request of this id, with what it would run, what people have answered, and where it stands."""
        return self._case("approval.show", {"approval": approval})

    def respond(self, approval: str, grant: Envelope) -> ApprovalCase:
        """Keeps a person's signed answer, as the operation approval.sign makes it. Blocks for the disk."""
        return self._case("approval.respond", {"approval": approval, "grant": grant})

    def redeem_code(
        self,
        approval: str,
        name: str,
        code: str,
        response: ApprovalResponse = "grant",
        note: str | None = None,
    ) -> ApprovalCase:
        """Answers for a person who has given the one-time code. Blocks for the disk."""
        members: dict[str, object] = {"approval": approval, "name": name, "code": code, "response": response}
        if note is not None:
            members["note"] = note
        return self._case("approval.redeem_code", members)

    def wait(self, approval: str, timeout: float | None = None) -> ApprovalCase:
        """Waits until people have answered, the request has expired, or so many seconds are over.

        Blocks the thread. The call that was denied is made again after that; it runs if it is granted.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while (case := self.get(approval))["state"] == "pending":
            if end is not None and time.monotonic() >= end:
                break
            time.sleep(_LOOK_SECONDS)
        return case

    async def answered(self, approval: str, timeout: float | None = None) -> ApprovalCase:
        """`wait` for asyncio."""
        # Imported here: who has no loop does not wait for asyncio.
        import asyncio

        end = None if timeout is None else time.monotonic() + timeout
        while (case := await asyncio.to_thread(self.get, approval))["state"] == "pending":
            if end is not None and time.monotonic() >= end:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return case
