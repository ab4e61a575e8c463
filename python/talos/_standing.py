"""The kill switch and suspensions: a façade over the operations `standing.*`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from talos import _native
    from talos._generated.types import ScopeLevel, StandingHold, StandingSetOutput


class Standing:
    """What is held, for every process on the directory and after every restart."""

    __slots__ = ("_kernel",)

    def __init__(self, kernel: _native.Kernel) -> None:
        self._kernel = kernel

    def holds(self) -> list[StandingHold]:
        """The scopes that are held."""
        return cast("list[StandingHold]", json.loads(self._kernel.call("standing.show", "{}"))["holds"])

    def hold(
        self, level: ScopeLevel = "all", name: str | None = None, why: str | None = None
    ) -> StandingSetOutput:
        """Nothing is allowed in the scope from now on, and nothing starts. Blocks for its receipt."""
        return self._set(level, name, why, held=True)

    def lift(
        self, level: ScopeLevel = "all", name: str | None = None, why: str | None = None
    ) -> StandingSetOutput:
        """The scope goes on. Blocks for its receipt."""
        return self._set(level, name, why, held=False)

    def _set(self, level: ScopeLevel, name: str | None, why: str | None, *, held: bool) -> StandingSetOutput:
        scope = {"level": level, **({} if name is None else {"name": name})}
        members = {"scope": scope, "held": held, **({} if why is None else {"why": why})}
        return cast("StandingSetOutput", json.loads(self._kernel.call("standing.set", json.dumps(members))))
