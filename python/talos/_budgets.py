"""Budgets: a façade over the operations `budget.*` of an open kernel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from talos import _native
    from talos._generated.types import Budget, BudgetAccount, BudgetRemoveInput, BudgetUnit, Scope


class Budgets:
    """The budgets of a kernel's store, shared by every process on it."""

    __slots__ = ("_kernel",)

    def __init__(self, kernel: _native.Kernel) -> None:
        self._kernel = kernel

    def _ask(self, operation: str, members: object) -> dict[str, object]:
        return cast("dict[str, object]", json.loads(self._kernel.call(operation, json.dumps(members))))

    def set(self, budget: Budget) -> Budget:
        """Sets a budget: a new one, or other terms for the one of the same scope, unit and window."""
        return cast("Budget", self._ask("budget.set", {"budget": budget})["budget"])

    def remove(self, which: BudgetRemoveInput) -> None:
        """Removes a budget and what was counted against it."""
        self._ask("budget.remove", which)

    def show(self, scope: Scope | None = None) -> list[BudgetAccount]:
        """Where the budgets of a scope stand; of all scopes, if none is named."""
        members = {} if scope is None else {"scope": scope}
        return cast("list[BudgetAccount]", self._ask("budget.show", members)["accounts"])

    def top(self, limit: int = 10, unit: BudgetUnit | None = None) -> list[BudgetAccount]:
        """The budgets that are used the most, by their share."""
        members: dict[str, object] = {"limit": limit} if unit is None else {"limit": limit, "unit": unit}
        return cast("list[BudgetAccount]", self._ask("budget.top", members)["accounts"])
