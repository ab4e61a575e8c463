"""vectors/budget/*.json (docs/spec/budget.md)."""

from __future__ import annotations

import random

from canonical import Value
from suite import Suite

Object = dict[str, Value]

NOW = 1_763_625_600_000
DAY = 86_400


def gcra_suite() -> Suite:
    suite = Suite("budget/gcra.json", "Rates (docs/spec/budget.md, section 2).", default="budget.gcra")
    for calls, per, burst in (
        (1, 1, 1),
        (10, 60, 10),
        (3, 1, 3),
        (7, 13, 2),
        (1, 31_536_000, 1),
        (10**9, 1, 10**9),
    ):
        rate: Object = {"calls": calls, "per_seconds": per, "burst": burst, "now_ms": NOW}
        interval = -(-per * 1_000_000 // calls)
        full = NOW * 1_000 + interval * burst
        name = f"{calls} in {per} s, {burst} at once"
        fresh = suite.good(f"{name}: the first", rate)
        whole = suite.good(f"{name}: the burst at once", rate | {"cost": burst})
        last = suite.good(f"{name}: the last of the burst", rate | {"tat_us": full - interval})
        suite.good(f"{name}: nothing", rate | {"cost": 0, "tat_us": full})
        suite.bad(fresh, None, "the burst is used up", {"tat_us": full})
        suite.bad(whole, None, "one more than the burst", {"cost": burst + 1})
        suite.bad(last, None, "a microsecond is missing", {"tat_us": full - interval + 1})
        suite.bad(last, None, "the state is from a later clock", {"tat_us": full + 10**12})
        suite.bad(last, None, "the clock went back by a day", {"now_ms": NOW - DAY * 1_000})
    latest = suite.good("the latest time", {"calls": 1, "per_seconds": 1, "burst": 1, "now_ms": 2**53 - 1})
    suite.bad(latest, None, "the largest cost", {"cost": 2**53 - 1})
    suite.bad(latest, "malformed.value", "no calls at all", {"calls": 0})
    suite.bad(latest, "malformed.value", "a burst beyond all", {"burst": 10**9 + 1})
    return suite


def catalogue(price: Object) -> Object:
    return {"prices": [price]}


def entry(model: str, given: int, made: int, most: int | None = None, currency: str = "USD") -> Object:
    price: Object = {
        "model": model,
        "currency": currency,
        "input_micro": given,
        "output_micro": made,
        "source": "https://example.org/prices",
        "date": "2026-01-01",
    }
    return price | ({"max_output": most} if most is not None else {})


def price_suite() -> Suite:
    suite = Suite("budget/price.json", "Prices (docs/spec/budget.md, section 5).", default="budget.price")
    prices: list[Value] = [
        entry("small", 150_000, 600_000, 16_384),
        entry("large", 15_000_000, 75_000_000, 32_000),
        entry("open", 1, 3),
        entry("open", 2, 5, None, "EUR"),
        entry("dear", 2**53 - 1, 2**53 - 1, 10**6),
    ]
    base: Object = {"catalogue": {"prices": prices}, "input_tokens": 1_000}
    for model in ("small", "large"):
        plain = suite.good(f"{model}: as long as it answers", base | {"model": model})
        suite.good(f"{model}: asks for less", base | {"model": model, "output_tokens": 500})
        suite.good(
            f"{model}: asks for more than there is", base | {"model": model, "output_tokens": 2**53 - 1}
        )
        suite.good(f"{model}: the operator allows less", base | {"model": model, "max_output_tokens": 10})
        suite.good(f"{model}: nothing at all", base | {"model": model, "input_tokens": 0, "output_tokens": 0})
        suite.bad(plain, "budget.price_unknown", "no such model", {"model": f"{model}-next"})
        suite.bad(plain, "budget.price_unknown", "another currency", {"currency": "EUR"})
        suite.bad(plain, "budget.price_unknown", "no catalogue", {"catalogue": {"prices": []}})
    tiny = suite.good(
        "a part of a micro-unit is a whole one",
        base | {"model": "open", "input_tokens": 1, "output_tokens": 0},
    )
    asked = suite.good("a length that is asked for", base | {"model": "open", "output_tokens": 7})
    suite.good("euros", base | {"model": "open", "currency": "EUR", "output_tokens": 1})
    suite.bad(asked, "budget.price_unknown", "nobody knows how long the answer is", {"model": "open2"})
    suite.bad(
        tiny,
        "budget.price_unknown",
        "more than can be counted",
        {"model": "dear", "input_tokens": 10**9},
        members=2,
    )
    later = suite.good(
        "a later entry replaces an earlier one",
        {
            "model": "m",
            "input_tokens": 10**6,
            "output_tokens": 0,
            "catalogue": {"prices": [entry("m", 1, 1), entry("m", 9, 9)]},
        },
    )
    suite.bad(
        later,
        "malformed.value",
        "a day that is none",
        {"catalogue": {"prices": [entry("m", 1, 1) | {"date": "1 May 2026"}]}},
    )
    suite.bad(later, "malformed.value", "more tokens than numbers", {"input_tokens": -1})
    counted = suite.good(
        "text of a model without a public vocabulary",
        {"model": "none", "text": "é🤖 a"},
        "budget.count_tokens",
    )
    suite.good("no text", {"model": "none", "text": ""}, "budget.count_tokens")
    suite.bad(counted, "malformed.value", "no model", {"model": ""})
    own = suite.good(
        "text of a model of one's own, without a vocabulary",
        {"model": "m", "text": "é🤖 a", "catalogue": catalogue(entry("m", 1, 1))},
        "budget.count_tokens",
    )
    dateless = catalogue(entry("m", 1, 1) | {"date": "today"})
    suite.bad(own, "malformed.value", "a day that is none", {"catalogue": dateless})
    return suite


def scope(level: str, name: str = "") -> Object:
    named: Object = {"name": name} if name else {}
    return {"level": level, **named}


def budget(level: str, name: str, unit: str, cap: int, **more: Value) -> Object:
    money: Object = {"currency": "USD"} if unit == "money" else {}
    return {"scope": scope(level, name), "unit": unit, "cap": cap, **money, **more}


def reserve(name: str, tokens: int | None = None, micro: int | None = None, **more: Value) -> Object:
    step: Object = {"step": "reserve", "id": name, "path": path(), "effect": "read"}
    step |= {"tokens": tokens} if tokens is not None else {}
    step |= {"amount": {"micro": micro, "currency": "USD"}} if micro is not None else {}
    return step | more


def path(run: str = "r", **more: str) -> Object:
    return {
        "run": run,
        "tool": "search",
        "agent": "scout",
        "team": "research",
        "organisation": "acme",
        **more,
    }


def settle(name: str, tokens: int | None = None, micro: int | None = None) -> Object:
    step: Object = {"step": "settle", "id": name}
    step |= {"tokens": tokens} if tokens is not None else {}
    return step | ({"amount": {"micro": micro, "currency": "USD"}} if micro is not None else {})


def wait(ms: int) -> Object:
    return {"step": "advance", "ms": ms}


def hierarchy_suite() -> Suite:
    suite = Suite(
        "budget/hierarchy.json", "Reservations (docs/spec/budget.md, section 4).", default="budget.simulate"
    )

    def pair(
        name: str, budgets: list[Object], good: list[Object], what: str, code: str, bad: list[Object]
    ) -> None:
        request: Object = {"budgets": list(budgets), "steps": list(good), "now_ms": NOW}
        suite.bad(suite.good(name, request), code, what, {"steps": list(bad)})

    tokens = [
        budget("run", "r", "tokens", 100),
        budget("team", "research", "tokens", 60),
        budget("all", "", "tokens", 80),
    ]
    pair(
        "equality passes on the tightest level",
        tokens,
        [reserve("a", 60)],
        "one more: the first level that says no is the reason",
        "budget.exceeded",
        [reserve("a", 61)],
    )
    pair(
        "what was not used comes back",
        tokens,
        [reserve("a", 60), settle("a", 10), reserve("b", 50)],
        "not all of it",
        "budget.exceeded",
        [reserve("a", 60), settle("a", 10), reserve("b", 51)],
    )
    pair(
        "a level that says no holds nothing on the others",
        tokens,
        [reserve("a", 40), reserve("b", 20)],
        "all levels or none",
        "budget.exceeded",
        [reserve("a", 40), reserve("c", 21), reserve("b", 20)],
    )
    pair(
        "the same id is one reservation",
        tokens,
        [reserve("a", 50), reserve("a", 50)],
        "with other figures",
        "budget.conflict",
        [reserve("a", 50), reserve("a", 51)],
    )
    pair(
        "settled twice the same",
        tokens,
        [reserve("a", 5), settle("a", 4), settle("a", 4)],
        "with other figures",
        "budget.conflict",
        [reserve("a", 5), settle("a", 4), settle("a", 3)],
    )
    release: Object = {"step": "release", "id": "a"}
    expire: Object = {"step": "expire", "id": "a"}
    pair(
        "released, and its id is free",
        tokens,
        [reserve("a", 60), release, release, reserve("a", 60)],
        "settled after its release",
        "budget.state",
        [reserve("a", 60), release, settle("a")],
    )
    pair(
        "an unknown end is charged in full",
        tokens,
        [reserve("a", 60), expire, expire, settle("a")],
        "and cannot be released",
        "budget.state",
        [reserve("a", 60), expire, release],
    )
    pair(
        "settled in full without figures",
        tokens,
        [reserve("a", 60), settle("a")],
        "nobody reserved it",
        "budget.unknown",
        [reserve("a", 60), settle("b")],
    )
    pair(
        "an overrun that the cap covers is no debt",
        tokens,
        [reserve("a", 10), settle("a", 30), reserve("b", 30)],
        "one beyond the cap is",
        "budget.debt",
        [reserve("a", 10), settle("a", 61), reserve("b", 0)],
    )
    raised: Object = {"step": "set", "budget": budget("team", "research", "tokens", 70)}
    pair(
        "a debt is repaid by a larger cap",
        tokens,
        [reserve("a", 10), settle("a", 61), raised, reserve("b", 9)],
        "as far as it is larger",
        "budget.exceeded",
        [reserve("a", 10), settle("a", 61), raised, reserve("b", 10)],
    )
    pair(
        "a debt is repaid by what comes back",
        tokens,
        [reserve("a", 50), reserve("b", 5), settle("b", 15), settle("a", 0), reserve("c", 45)],
        "and not before",
        "budget.debt",
        [reserve("a", 50), reserve("b", 5), settle("b", 15), reserve("c", 0)],
    )
    each = [budget("run", "*", "calls", 1), budget("run", "mine", "calls", 2)]
    pair(
        "each run has one call",
        each,
        [reserve("a"), reserve("b", path=path("q"))],
        "the same run again",
        "budget.exceeded",
        [reserve("a"), reserve("b")],
    )
    pair(
        "a run with a budget of its own has that one",
        each,
        [reserve("a", path=path("mine")), reserve("b", path=path("mine"))],
        "and no more",
        "budget.exceeded",
        [reserve(n, path=path("mine")) for n in "abc"],
    )
    composed, decomposed = (path(tool=name) for name in ("caf\u00e9", "cafe\u0301"))
    pair(
        "a name has its budget in each spelling",
        [budget("tool", "cafe\u0301", "calls", 2)],
        [reserve("a", path=composed), reserve("b", path=decomposed)],
        "and one budget for both",
        "budget.exceeded",
        [reserve("a", path=composed), reserve("b", path=decomposed), reserve("c", path=composed)],
    )
    pair(
        "a name that is set again in another spelling is the same",
        [budget("tool", "cafe\u0301", "calls", 1), budget("tool", "caf\u00e9", "calls", 2)],
        [reserve("a", path=composed), reserve("b", path=composed)],
        "with its new terms alone",
        "budget.exceeded",
        [reserve(n, path=decomposed) for n in "abc"],
    )
    money = [budget("organisation", "acme", "money", 1_000_000)]
    pair(
        "a read that says nothing of money is free",
        money,
        [reserve("a"), reserve("b", None, 1_000_000)],
        "one that spends is not",
        "budget.price_unknown",
        [reserve("a", effect="spend")],
    )
    pair(
        "a tool call that asks no model uses no tokens",
        [budget("all", "", "tokens", 5)],
        [reserve("a")],
        "a model does, and nobody says how many",
        "budget.price_unknown",
        [reserve("a", kind="sampling")],
    )
    pair(
        "a default stands for what is unknown",
        [budget("all", "", "money", 10, default_cost=6)],
        [reserve("a", effect="spend")],
        "twice is too much",
        "budget.exceeded",
        [reserve("a", effect="spend"), reserve("b", effect="spend")],
    )
    pair(
        "a budget of the tool itself wants to know what it costs",
        [budget("tool", "search", "money", 10)],
        [reserve("a", None, 10)],
        "though it only reads",
        "budget.price_unknown",
        [reserve("a")],
    )
    euros: Object = {"amount": {"micro": 1, "currency": "EUR"}}
    pair(
        "the currency of the budget",
        money,
        [reserve("a", None, 1)],
        "another one",
        "budget.currency",
        [reserve("a") | euros],
    )
    both = [*money, budget("organisation", "acme", "money", 5) | {"currency": "EUR"}]
    pair(
        "a budget in each of two currencies",
        both,
        [reserve("a", None, 1_000_000), reserve("b") | euros],
        "used up in one of them",
        "budget.exceeded",
        [reserve("a", None, 1_000_001)],
    )
    warn = [budget("all", "", "calls", 1, mode="warn"), budget("run", "r", "calls", 2)]
    pair(
        "a warning does not deny",
        warn,
        [reserve("a"), reserve("b")],
        "another level does",
        "budget.exceeded",
        [reserve(n) for n in "abc"],
    )
    pair(
        "off counts nothing",
        [budget("all", "", "calls", 0, mode="off")],
        [reserve("a")],
        "hard does",
        "budget.exceeded",
        [{"step": "set", "budget": budget("all", "", "calls", 0)}, reserve("a")],
    )
    gone: Object = {"step": "remove", "budget": budget("all", "", "calls", 0)}
    pair(
        "a removed budget says nothing",
        [budget("all", "", "calls", 1)],
        [reserve("a"), gone, reserve("b"), settle("a")],
        "it is removed once",
        "budget.unknown",
        [gone, gone],
    )
    simple: Object = {"budgets": [budget("all", "", "calls", 1)], "steps": []}
    plain = suite.good("no steps", simple)
    suite.bad(
        plain,
        "malformed.value",
        "money without a currency",
        {"budgets": [budget("all", "", "tokens", 1) | {"unit": "money"}]},
    )
    suite.bad(
        plain,
        "malformed.value",
        "tokens with a currency",
        {"budgets": [budget("all", "", "tokens", 1, currency="USD")]},
    )
    suite.bad(plain, "malformed.value", "a name for all", {"budgets": [budget("all", "x", "tokens", 1)]})
    suite.bad(plain, "malformed.value", "a run without a name", {"budgets": [budget("run", "", "tokens", 1)]})
    suite.bad(plain, "malformed.member_missing", "a step without its id", {"steps": [{"step": "release"}]})
    return suite


def window_suite() -> Suite:
    suite = Suite(
        "budget/windows.json", "Windows (docs/spec/budget.md, section 3).", default="budget.simulate"
    )
    spent = [reserve("a", 10), settle("a")]
    for kind, seconds in (("fixed", 60), ("fixed", DAY), ("sliding", 60), ("sliding", 7), ("sliding", DAY)):
        window: Value = {"kind": kind, "seconds": seconds}
        request: Object = {
            "budgets": [budget("all", "", "tokens", 10, window=window)],
            "now_ms": NOW + 12_345,
        }
        length = seconds * 1_000
        slot = length if kind == "fixed" else -(-length // 16)
        now = NOW + 12_345
        turn = (now // slot + (1 if kind == "fixed" else 17)) * slot - now
        name = f"{kind}, {seconds} s"
        turned = suite.good(
            f"{name}: anew after it has turned", request | {"steps": [*spent, wait(turn), reserve("b", 10)]}
        )
        suite.bad(
            turned,
            "budget.exceeded",
            "a millisecond before",
            {"steps": [*spent, wait(turn - 1), reserve("b", 10)]},
        )
        held = suite.good(
            f"{name}: what is held stays held",
            request | {"steps": [reserve("a", 4), wait(turn), reserve("b", 6)]},
        )
        suite.bad(
            held,
            "budget.exceeded",
            "also when the window turns",
            {"steps": [reserve("a", 4), wait(turn), reserve("b", 7)]},
        )
        back: Object = {"step": "turn_back", "ms": 3 * length}
        again = suite.good(
            f"{name}: the clock goes back, and the window turns in time",
            request | {"steps": [*spent, back, reserve("x", 0), wait(2 * length), reserve("b", 10)]},
        )
        suite.bad(
            again,
            "budget.exceeded",
            "going back gives nothing away",
            {"steps": [*spent, back, reserve("b", 1)]},
        )
        debt = [reserve("a", 5), settle("a", 15)]
        repaid = suite.good(
            f"{name}: a debt ends with the window",
            request | {"steps": [*debt, wait(2 * length), reserve("b", 10)]},
        )
        suite.bad(repaid, "budget.debt", "and not before", {"steps": [*debt, reserve("b", 0)]})
    source = random.Random("vectors/budget/windows")
    for number in range(30):
        _random(suite, number, source)
    return suite


def _random_step(kind: int, at: int, name: str, source: random.Random) -> Object:
    if kind == 0:
        tokens = source.randrange(20)
        return reserve(f"c{at}", tokens, path=path(source.choice(("r", "q"))))
    if kind == 1:
        return reserve(f"c{at}", source.randrange(20))
    if kind == 2:
        return settle(name, source.randrange(30))
    if kind in (3, 4):
        return {"step": "release" if kind == 3 else "expire", "id": name}
    return (
        wait(source.randrange(9_000)) if kind == 5 else {"step": "turn_back", "ms": source.randrange(4_000)}
    )


def _random(suite: Suite, number: int, source: random.Random) -> None:
    """A history, whatever comes of it: allowed or not, the figures have to be the same."""
    windows: list[Object] = [
        {},
        {"window": {"kind": source.choice(("fixed", "sliding")), "seconds": source.randrange(1, 20)}},
    ]
    window = source.choice(windows)
    budgets = [
        budget("all", "", "tokens", source.randrange(30, 90), **window),
        budget("run", "*", "tokens", source.randrange(20, 60), **window),
        budget("team", "research", "calls", source.randrange(3, 12)),
    ]
    steps: list[Object] = []
    for at in range(source.randrange(4, 30)):
        name = f"c{source.randrange(max(1, at))}"
        steps.append(_random_step(source.choice(range(7)), at, name, source))
    base = suite.good(
        f"history {number}: nothing yet", {"budgets": list(budgets), "steps": [], "now_ms": NOW}
    )
    suite.either(base, f"history {number}", {"steps": list(steps)})
