"""Rates, budgets and prices (docs/spec/budget.md), the slow way: every sum is made anew."""

from __future__ import annotations

import copy
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import contract
from canonical import Value
from refusal import Refusal

Request = dict[str, Value]
Object = dict[str, Any]

LEVELS = ("run", "tool", "model", "key", "agent", "team", "organisation", "principal", "all")
UNITS = ("calls", "tokens", "money")
KINDS = ("", "fixed", "sliding")
TIME_MAX = 2**52
MAX = 2**53 - 1
EACH = "*"

# Level, name, unit, currency, kind of the window, its seconds: in the order in which accounts are listed.
Key = tuple[int, str, int, str, int, int]


# --- rates (section 2) -----------------------------------------------------------------------------


def gcra(request: Request) -> Value:
    calls, per, burst, now = (
        contract_int(request, name) for name in ("calls", "per_seconds", "burst", "now_ms")
    )
    cost, state = contract_int(request, "cost", 1), contract_int(request, "tat_us", 0)
    interval = min(-(-per * 1_000_000 // calls), TIME_MAX - 1)
    tolerance = min(interval * burst, TIME_MAX - 1)
    now_us = min(now * 1_000, TIME_MAX - 1)
    state = min(state, now_us + tolerance)
    if cost * interval > tolerance:
        return {"allowed": False, "tat_us": state}
    new = max(state, now_us) + cost * interval
    if new - now_us <= tolerance:
        return {"allowed": True, "tat_us": new}
    return {"allowed": False, "tat_us": state, "retry_after_ms": -(-(new - now_us - tolerance) // 1_000)}


# The least and the largest of what the contract bounds otherwise than by 0 and 2^53 - 1.
BOUNDS = {"calls": (1, 10**9), "per_seconds": (1, 31_536_000), "burst": (1, 10**9)}
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def contract_int(request: Request, name: str, absent: int | None = None) -> int:
    value = request.get(name, absent)
    if not isinstance(value, int):
        raise Refusal("malformed.member_missing")
    least, most = BOUNDS.get(name, (0, MAX))
    if not least <= value <= most:
        raise Refusal("malformed.value")
    return value


# --- prices (section 5) ----------------------------------------------------------------------------


def own_prices(request: Request) -> list[Object]:
    catalogue = contract.object_of(request.get("catalogue", {"prices": []}))
    entries = [contract.object_of(entry) for entry in contract.array_of(catalogue["prices"])]
    for entry in entries:
        contract.matching(DATE)(entry["date"])
    return entries


def price(request: Request) -> Value:
    currency = request.get("currency", "USD")
    found: Object | None = None
    contract_int(request, "input_tokens")
    for one in own_prices(request):
        if (one["model"], one["currency"]) == (request["model"], currency):
            found = one
    if found is None:
        raise Refusal("budget.price_unknown")
    longest = [request.get("output_tokens"), found.get("max_output"), request.get("max_output_tokens")]
    known = [tokens for tokens in longest if isinstance(tokens, int)]
    if not known:
        raise Refusal("budget.price_unknown")
    inputs, output = contract_int(request, "input_tokens"), min(known)
    micro = -(-(inputs * found["input_micro"] + output * found["output_micro"]) // 1_000_000)
    if micro > MAX or inputs + output > MAX:
        raise Refusal("budget.price_unknown")
    return {"amount": {"currency": currency, "micro": micro}, "price": found, "tokens": inputs + output}


def count_tokens(request: Request) -> Value:
    """Of models without a public vocabulary only."""
    contract.string(1, 128)(request["model"])
    own_prices(request)
    return {"exact": False, "tokens": len(contract.text_of(request["text"]).encode("utf-8"))}


# --- budgets (sections 3 and 4) --------------------------------------------------------------------


@dataclass
class Account:
    held: int = 0
    debt: int = 0
    newest: int = 0
    charges: list[list[int]] = field(default_factory=list)  # slot and amount

    def spent(self) -> int:
        return sum(amount for _, amount in self.charges)

    def used(self) -> int:
        return self.held + self.spent()


@dataclass
class Held:
    step: Object
    state: str
    amounts: list[tuple[Key, int]]
    settled: Object = field(default_factory=dict)


def slot_ms(key: Key) -> int:
    length = key[5] * 1_000
    return length if key[4] == 1 else -(-length // 16)


def slots(key: Key) -> int:
    return 17 if key[4] == 2 else 1


def slot_of(key: Key, now: int) -> int:
    return 0 if key[4] == 0 else now // slot_ms(key)


class Budgets:
    def __init__(self, budgets: list[Value], now: int) -> None:
        self.now = now
        self.terms: dict[Key, Object] = {}
        self.accounts: dict[Key, Account] = {}
        self.held: dict[str, Held] = {}
        for budget in budgets:
            self.set(contract.object_of(budget))

    # The operator.

    def set(self, budget: Object) -> None:
        key = key_of(budget)
        self.terms[key] = {
            "cap": budget["cap"],
            "mode": budget.get("mode", "hard"),
            "default_cost": budget.get("default_cost"),
        }
        for other, account in self.accounts.items():
            if self.source(other) == key:
                self.repay(other, account)

    def remove(self, budget: Object) -> None:
        key = key_of(budget)
        if key not in self.terms:
            raise Refusal("budget.unknown")
        for other in [other for other in self.accounts if self.source(other) == key]:
            del self.accounts[other]
        del self.terms[key]

    def has_own(self, level: int, name: str, unit: tuple[int, str]) -> bool:
        return any(key[:2] == (level, name) and key[2:4] == unit for key in self.terms)

    def source(self, account: Key) -> Key | None:
        """The budget that an account is under: its own, else that of each."""
        if account in self.terms:
            return account
        each = (account[0], EACH, *account[2:])
        shadowed = self.has_own(account[0], account[1], account[2:4])
        return each if each in self.terms and not shadowed else None

    # Accounts.

    def cap(self, key: Key) -> int:
        source = self.source(key)
        return int(self.terms[source]["cap"]) if source else MAX

    def repay(self, key: Key, account: Account) -> None:
        account.debt = min(account.debt, max(0, account.used() - self.cap(key)))

    def advance(self, key: Key, account: Account) -> None:
        now = slot_of(key, self.now)
        if now > account.newest:
            account.newest = now
        elif account.newest - now > slots(key):
            for charge in account.charges:
                charge[0] += now - account.newest
            account.newest = now
        account.charges = [charge for charge in account.charges if charge[0] > account.newest - slots(key)]
        self.repay(key, account)

    def retry_after(self, key: Key, account: Account, amount: int) -> int | None:
        over = account.used() + amount - self.cap(key)
        if key[4] == 0 or amount > self.cap(key) or over > account.spent():
            return None
        for slot, _ in sorted(account.charges):
            if sum(used for at, used in account.charges if at <= slot) >= over:
                return max(0, (slot + slots(key)) * slot_ms(key) - self.now)
        return max(0, (account.newest - slots(key) + 1 + slots(key)) * slot_ms(key) - self.now)

    # Steps.

    def path(self, step: Object) -> list[tuple[int, str]]:
        path = step.get("path", {}) | {"all": ""}
        return [(at, in_nfc(path[level])) for at, level in enumerate(LEVELS) if level in path]

    def keys(self, level: int, name: str) -> list[Key]:
        own = [key for key in self.terms if key[:2] == (level, name)]
        each = [
            (level, name, *key[2:])
            for key in self.terms
            if key[:2] == (level, EACH) and not self.has_own(level, name, key[2:4])
        ]
        return sorted(own + each)

    def figure(self, key: Key, step: Object, named: bool) -> int | str | None:
        """What the account has to hold; None: nobody knows; "free": it costs nothing of that."""
        unit, currency = UNITS[key[2]], key[3]
        asks = step.get("kind") == "sampling" or "model" in step.get("path", {})
        spends = asks or step.get("effect", "irreversible") in ("spend", "irreversible")
        if unit == "calls":
            return 1
        if unit == "tokens":
            if "tokens" in step:
                return int(step["tokens"])
            return None if asks or named else "free"
        if "amount" in step:
            return int(step["amount"]["micro"]) if step["amount"]["currency"] == currency else "free other"
        return None if spends or named else "free"

    def reserve(self, step: Object) -> Object:
        known = self.held.get(step["id"])
        if known is not None and known.state != "released":
            if known.step != step:
                raise Refusal("budget.conflict")
            return {"ok": True, "state": known.state}
        amounts: list[tuple[Key, int]] = []
        warnings: list[str] = []
        for level, name in self.path(step):
            keys = [
                key for key in self.keys(level, name) if self.terms[self.source(key) or key]["mode"] != "off"
            ]
            money = [key for key in keys if UNITS[key[2]] == "money"]
            foreign = "amount" in step and bool(money)
            foreign = foreign and all(key[3] != step["amount"]["currency"] for key in money)
            named = LEVELS[level] in ("tool", "model") and any(key[:2] == (level, name) for key in self.terms)
            for key in keys:
                terms = self.terms[self.source(key) or key]
                # A copy: what is asked changes nothing.
                account = copy.deepcopy(self.accounts.get(key, Account()))
                code, amount = self.check(key, account, terms, step, foreign, named)
                if code is not None and terms["mode"] == "hard":
                    answer: Object = {"ok": False, "code": code, "level": LEVELS[level]}
                    wait = self.retry_after(key, account, amount)
                    if code in ("budget.exceeded", "budget.debt") and wait is not None:
                        answer["retry_after_ms"] = wait
                    return answer
                if code is not None and LEVELS[level] not in warnings:
                    warnings.append(LEVELS[level])
                amounts.append((key, amount))
        for key, amount in amounts:
            account = self.accounts.setdefault(key, Account())
            self.advance(key, account)
            account.held += amount
        if not amounts:
            return {"ok": True}
        self.held[step["id"]] = Held(step, "held", amounts)
        return {"ok": True, "state": "held"} | ({"warnings": warnings} if warnings else {})

    def check(
        self, key: Key, account: Account, terms: Object, step: Object, foreign: bool, named: bool
    ) -> tuple[str | None, int]:
        if UNITS[key[2]] == "money" and foreign:
            return "budget.currency", 0
        amount = self.figure(key, step, named)
        if isinstance(amount, str):
            return None, 0
        if amount is None:
            amount = terms["default_cost"]
            if amount is None:
                return "budget.price_unknown", 0
        self.advance(key, account)
        if account.debt:
            return "budget.debt", amount
        return ("budget.exceeded" if account.used() + amount > terms["cap"] else None), amount

    def end(self, step: Object, state: str) -> Object:
        held = self.held.get(step["id"])
        if held is None:
            raise Refusal("budget.unknown")
        settled: Object = {name: step[name] for name in ("tokens", "amount") if name in step}
        if held.state == "held":
            held.state, held.settled = state, settled
            for key, amount in held.amounts:
                if key in self.accounts:
                    self.apply(key, amount, state, settled)
        elif step["step"] == "settle" and (held.state == "released" or held.settled != settled):
            raise Refusal("budget.state" if held.state == "released" else "budget.conflict")
        elif step["step"] == "release" and held.state == "settled":
            raise Refusal("budget.state")
        return {"ok": True, "state": held.state}

    def apply(self, key: Key, amount: int, state: str, settled: Object) -> None:
        account = self.accounts[key]
        account.held -= amount
        if state == "settled":
            used = amount
            if UNITS[key[2]] == "tokens":
                used = settled.get("tokens", amount)
            elif UNITS[key[2]] == "money" and settled.get("amount", {}).get("currency") == key[3]:
                used = settled["amount"]["micro"]
            self.advance_only(key, account)
            account.charges.append([account.newest, used])
            account.debt += max(0, used - amount)
        self.advance(key, account)

    def advance_only(self, key: Key, account: Account) -> None:
        """Moves the window without repaying: the charge that follows comes first."""
        debt = account.debt
        self.advance(key, account)
        account.debt = debt

    def play(self, step: Object) -> Object:
        match step["step"]:
            case "reserve":
                return self.reserve(step)
            case "settle" | "expire":
                return self.end(step, "settled")
            case "release":
                return self.end(step, "released")
            case "set":
                self.set(step["budget"])
            case "remove":
                self.remove(step["budget"])
            case "advance":
                self.now += step["ms"]
            case "turn_back":
                self.now = max(0, self.now - step["ms"])
        return {"ok": True}

    def list(self) -> list[Value]:
        listed: dict[Key, Account] = {key: Account() for key in self.terms}
        for key, account in self.accounts.items():
            self.advance(key, account)
            if account.used() or key in listed:
                listed[key] = account
        return [self.shown(key, listed[key]) for key in sorted(listed, key=in_order)]

    def shown(self, key: Key, account: Account) -> Value:
        terms = self.terms[self.source(key) or key]
        level, name, unit, currency, kind, seconds = key
        budget: Object = {"cap": terms["cap"], "mode": terms["mode"], "unit": UNITS[unit]}
        budget["scope"] = {"level": LEVELS[level]} | ({"name": name} if name else {})
        budget |= {"currency": currency} if currency else {}
        budget |= {"window": {"kind": KINDS[kind], "seconds": seconds}} if kind else {}
        budget |= {"default_cost": terms["default_cost"]} if terms["default_cost"] is not None else {}
        left = 0 if account.debt else max(0, terms["cap"] - account.used())
        figures = {"held": account.held, "spent": account.spent(), "debt": account.debt, "left": left}
        turns = {"turns_in_ms": slot_ms(key) - self.now % slot_ms(key)} if kind == 1 and name != EACH else {}
        return {"budget": budget} | figures | turns


def in_order(key: Key) -> Any:
    return (key[0], key[1].encode("utf-8"), *key[2:])


def in_nfc(name: str) -> str:
    """As names of budgets are compared (section 3)."""
    return unicodedata.normalize("NFC", name)


def key_of(budget: Object) -> Key:
    scope = budget["scope"]
    window = budget.get("window", {"kind": "", "seconds": 0})
    name = in_nfc(scope.get("name", ""))
    unit, currency = budget["unit"], budget.get("currency", "")
    if (scope["level"] == "all") != (name == "") or (unit == "money") != (currency != ""):
        raise Refusal("malformed.value")
    kind = KINDS.index(window["kind"])
    return LEVELS.index(scope["level"]), name, UNITS.index(unit), currency, kind, window["seconds"]


NEEDED = {
    "reserve": "id",
    "settle": "id",
    "release": "id",
    "expire": "id",
    "set": "budget",
    "remove": "budget",
    "advance": "ms",
    "turn_back": "ms",
}


def simulate(request: Request) -> Value:
    budgets = Budgets(contract.array_of(request["budgets"]), contract_int(request, "now_ms", 0))
    results: list[Value] = []
    for entry in contract.array_of(request["steps"]):
        step = contract.object_of(entry)
        if NEEDED[contract.text_of(step["step"])] not in step:
            raise Refusal("malformed.member_missing")
        try:
            results.append(budgets.play(step))
        except Refusal as refused:
            if refused.code.startswith("malformed."):
                raise
            results.append({"ok": False, "code": refused.code})
    allowed = all(contract.object_of(result)["ok"] for result in results)
    return {"allowed": allowed, "results": results, "accounts": budgets.list()}


OPERATIONS = {
    "budget.gcra": gcra,
    "budget.price": price,
    "budget.count_tokens": count_tokens,
    "budget.simulate": simulate,
}
