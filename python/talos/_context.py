"""The runs that are open here, in this thread or task."""

from __future__ import annotations

import contextlib
import sys
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from talos._kernel import Kernel, Run

# The innermost is the last. Never set inside a generator: its body runs in the contexts of whoever reads it.
_open: ContextVar[tuple[Run, ...]] = ContextVar("talos.runs", default=())


def enter(run: Run) -> Token[tuple[Run, ...]]:
    """Makes the run the current one of its kernel."""
    return _open.set((*_open.get(), run))


def leave(token: Token[tuple[Run, ...]]) -> None:
    """Takes the run back, in the context in which it was entered. Nobody can from another one."""
    with contextlib.suppress(ValueError):
        _open.reset(token)


def current(kernel: Kernel) -> Run | None:
    """The innermost run of this kernel that is open: one that was left in another context may be closed."""
    for run in reversed(_open.get()):
        if run.kernel is kernel and not run.closed:
            return run
    return None


def status_of(error: BaseException) -> Literal["cancelled", "error"]:
    """How a call ended that ended in this exception."""
    if isinstance(error, GeneratorExit):
        return "cancelled"
    # Nobody can have raised asyncio's exception without asyncio.
    asyncio = sys.modules.get("asyncio")
    return "cancelled" if asyncio and isinstance(error, asyncio.CancelledError) else "error"
