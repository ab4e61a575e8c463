# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `budget`."""

from collections.abc import Sequence
from typing import cast

from talos._door import invoke
from talos._generated.types import (
    Budget,
    BudgetCountTokensInput,
    BudgetCountTokensOutput,
    BudgetGcraInput,
    BudgetGcraOutput,
    BudgetPriceInput,
    BudgetPriceOutput,
    BudgetSimulateInput,
    BudgetSimulateOutput,
    BudgetStep,
    PriceCatalogue,
)


def gcra(
    *,
    calls: int,
    per_seconds: int,
    burst: int,
    now_ms: int,
    cost: int | None = None,
    tat_us: int | None = None,
) -> BudgetGcraOutput:
    """Checks one call against a rate, and gives the rate's next state.

    calls: So many calls
    per_seconds: in so many seconds,
    burst: so many at once.
    now_ms: The time of the call.
    cost: How many calls it counts for; absent: 1.
    tat_us: The state: when the next call would be due, in microseconds since 1970; absent: a rate that was
    never used.
    """
    members: BudgetGcraInput = {
        "calls": calls,
        "per_seconds": per_seconds,
        "burst": burst,
        "now_ms": now_ms,
    }
    if cost is not None:
        members["cost"] = cost
    if tat_us is not None:
        members["tat_us"] = tat_us
    answer = invoke("budget.gcra", members)
    return cast(BudgetGcraOutput, answer)


def simulate(
    *,
    budgets: Sequence[Budget],
    steps: Sequence[BudgetStep],
    now_ms: int | None = None,
) -> BudgetSimulateOutput:
    """Plays steps through budgets that start empty, and says what came of each.

    budgets: The budgets.
    steps: The steps, in order.
    now_ms: The time at the start; absent: 0.
    """
    members: BudgetSimulateInput = {
        "budgets": budgets,
        "steps": steps,
    }
    if now_ms is not None:
        members["now_ms"] = now_ms
    answer = invoke("budget.simulate", members)
    return cast(BudgetSimulateOutput, answer)


def price(
    *,
    model: str,
    input_tokens: int,
    output_tokens: int | None = None,
    max_output_tokens: int | None = None,
    currency: str | None = None,
    catalogue: PriceCatalogue | None = None,
) -> BudgetPriceOutput:
    """Gives the most that a model call can cost, from the price catalogue.

    model: The name of a model.
    input_tokens: Input tokens, as they were counted.
    output_tokens: Output tokens that are asked for; absent: as many as the model gives.
    max_output_tokens: Output tokens that the operator allows; absent: no limit of theirs.
    currency: The currency; absent: USD.
    catalogue: Prices that go before those of this program.
    """
    members: BudgetPriceInput = {
        "model": model,
        "input_tokens": input_tokens,
    }
    if output_tokens is not None:
        members["output_tokens"] = output_tokens
    if max_output_tokens is not None:
        members["max_output_tokens"] = max_output_tokens
    if currency is not None:
        members["currency"] = currency
    if catalogue is not None:
        members["catalogue"] = catalogue
    answer = invoke("budget.price", members)
    return cast(BudgetPriceOutput, answer)


def count_tokens(
    *,
    model: str,
    text: str,
    catalogue: PriceCatalogue | None = None,
) -> BudgetCountTokensOutput:
    """Counts the tokens of a text for a model; never fewer than there are.

    model: The name of a model.
    text: The text.
    catalogue: Prices that go before those of this program, with the vocabularies of their models.
    """
    members: BudgetCountTokensInput = {
        "model": model,
        "text": text,
    }
    if catalogue is not None:
        members["catalogue"] = catalogue
    answer = invoke("budget.count_tokens", members)
    return cast(BudgetCountTokensOutput, answer)
