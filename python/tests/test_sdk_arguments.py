"""What the kernel is told of a call: also what the caller left out."""

from __future__ import annotations

import asyncio
import functools
import json
import math
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from conftest import POLICY
from talos import Denied, Kernel, Malformed, Policy

NOTHING = object()


def plain(what: str, force: bool = True, where: Any = NOTHING, times: float = math.inf) -> str:
    return f"{what} {force} {where is NOTHING} {times}"


class Holder:
    def method(self, what: str, force: bool = True) -> str:
        return f"{what} {force}"

    @classmethod
    def of_class(cls, what: str, force: bool = True) -> str:
        return f"{what} {force}"


def told(tmp_path: Path, function: Any, *args: object, **kwargs: object) -> Any:
    """What the kernel was told of this call."""
    if not (tmp_path / "talos.toml").exists():
        Kernel(tmp_path).close()
        with (tmp_path / "talos.toml").open("a") as configuration:
            configuration.write("store_bodies = true\n")
    with Kernel(tmp_path, policy=Policy.parse(POLICY)) as kernel:
        with kernel.session() as run:
            kernel.guard(function, name="look")(*args, **kwargs)
        receipts = [kernel.receipts.at(index) for index in range(int(kernel.audit.verify()["size"]))]
        last = [one for one in receipts if one.body["kind"] == "decision" and one.body["run"] == run.id][-1]
        return json.loads(last.prove(disclose=True).text)["bodies"]["args"]["value"]


def test_defaults_are_told_if_they_are_json(tmp_path: Path) -> None:
    def of_every_type(
        none: None = None,
        truth: bool = False,
        text: str = "t",
        pair: tuple[int, ...] = (1, 2),
        names: Any = ({"a": [1.5]},),
    ) -> None: ...

    assert told(tmp_path, plain, "a") == {"what": "a", "force": True}
    assert told(tmp_path, plain, "a", False) == {"what": "a", "force": False}
    assert told(tmp_path, plain, "a", where=1, times=2.5) == {
        "what": "a",
        "force": True,
        "where": 1,
        "times": 2.5,
    }
    expected = {"none": None, "truth": False, "text": "t", "pair": [1, 2], "names": [{"a": [1.5]}]}
    assert told(tmp_path, of_every_type) == expected
    assert told(tmp_path, Holder().method, "a") == {"what": "a", "force": True}
    assert told(tmp_path, Holder.of_class, "a") == {"what": "a", "force": True}
    assert told(tmp_path, Holder.method, Holder(), "a") == {"what": "a", "force": True}


def test_what_a_partial_has_bound_is_told_under_its_name(tmp_path: Path) -> None:
    bound = functools.partial
    assert told(tmp_path, bound(plain, "a", force=False)) == {"what": "a", "force": False}
    assert told(tmp_path, bound(bound(plain, "a"), False)) == {"what": "a", "force": False}
    assert told(tmp_path, bound(plain, force=False), "a", force=True) == {"what": "a", "force": True}
    assert told(tmp_path, bound(Holder.method, Holder()), "a") == {"what": "a", "force": True}

    def service(client: object, what: str, *more: int, **rest: object) -> None: ...

    # The developer's own objects are not the caller's, and no JSON.
    assert told(tmp_path, bound(service, NOTHING, "a", 1), 2, b=3) == {
        "what": "a",
        "more": [1, 2],
        "rest": {"b": 3},
    }
    assert told(tmp_path, bound(service, client=NOTHING), what="a") == {"what": "a"}
    # What it binds inside of `**rest` cannot be told apart from what the caller adds.
    with pytest.raises(Malformed):
        told(tmp_path, bound(service, NOTHING, other=NOTHING), "a")


def test_what_the_caller_gives_in_place_of_it_is_told_or_refused(kernel: Kernel) -> None:
    held = functools.partial(plain, where=NOTHING)
    with kernel.session():
        for function in (plain, held):
            guarded = kernel.guard(function, name="look")
            assert guarded("a") == "a True True inf"
            with pytest.raises(Malformed):
                guarded("a", where=object())


@pytest.mark.parametrize("args", [{}, {"where": "SECRET"}], ids=["left out", "given"])
def test_who_leaves_a_parameter_out_does_not_get_past_a_pattern(kernel: Kernel, args: Any) -> None:
    def plain(where: str = "SECRET") -> str:
        return where

    async def coroutine(*, where: str = "SECRET") -> str:
        return where

    def bare(where: str) -> str:
        return where

    functions: list[Any] = [plain, coroutine, functools.partial(bare, where="SECRET")]
    with kernel.session():
        for function in functions:
            guarded = kernel.guard(function, name="look")
            with pytest.raises(Denied):
                asyncio.run(awaited(guarded, args))
            assert asyncio.run(awaited(guarded, {"where": "a"})) == "a"


async def awaited(guarded: Any, args: dict[str, str]) -> object:
    made = guarded(**args)
    return await made if isinstance(made, Awaitable) else made
