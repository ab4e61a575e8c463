"""The rules of `benches/core/src/rules.rs`: a limit on one argument of one tool.

A call is allowed if its tool is listed and all of the tool's limits hold.
"""

from __future__ import annotations

from dataclasses import dataclass

COUNTS = (1, 100, 1_000, 4_096, 10_000)
LIMIT = 10


@dataclass(frozen=True)
class Rules:
    """So many tools, each with a rule for each of these arguments."""

    tools: int
    arguments: tuple[str, ...]

    @classmethod
    def of(cls, count: int) -> Rules:
        """One rule a tool, and four where there would be more tools than a policy of Talos lists."""
        arguments = ("a",) if count <= 4_096 else ("a", "b", "c", "d")
        return cls(count // len(arguments), arguments)

    @property
    def target(self) -> str:
        return f"t{self.tools // 2}"

    def call(self, last: int = LIMIT) -> dict[str, int]:
        """The arguments of a call, the last of them this one."""
        return dict.fromkeys(self.arguments[:-1], LIMIT) | {self.arguments[-1]: last}
