"""Guarded functions: nothing of a function runs before the kernel has authorised and started the call."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Literal,
    NamedTuple,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypedDict,
    TypeVar,
    overload,
)

from talos import _context
from talos._generated.errors import ApprovalRequired, ContextMissing, TalosError
from talos._native import Call, Tool, canonical

if TYPE_CHECKING:
    from talos._generated.types import Effect
    from talos._kernel import Kernel, Run

P = ParamSpec("P")
Q = ParamSpec("Q")
R_co = TypeVar("R_co", covariant=True)

Function: TypeAlias = Callable[..., Any]
OnDeny: TypeAlias = Literal["raise", "return"] | Callable[[TalosError], object]
"""What becomes of a denial: it is raised, it is returned, or what a function makes of it is returned."""


class Guarded(Protocol[P, R_co]):
    """A function behind the kernel: called like the function itself."""

    __name__: str
    __qualname__: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...

    @overload
    def __get__(self, instance: None, owner: type, /) -> Guarded[P, R_co]: ...
    @overload
    def __get__(
        self: Guarded[Concatenate[Any, Q], R_co], instance: object, owner: type | None = None, /
    ) -> Callable[Q, R_co]: ...

    def in_run(self, run: Run, /) -> Callable[P, R_co]:
        """The function in this run, whichever run is open where it is called."""


class Options(TypedDict, total=False):
    """How a function is guarded."""

    name: str | None
    """The target of its calls; absent: the name of the function."""
    effect: Effect | None
    """What it does to the world; absent: as the policy says, else irreversible."""
    args: Callable[..., object] | None
    """Called as the function is: what the kernel is told, as JSON; absent: parameters and values.

    Called again right before the function: arguments may have changed meanwhile, and then nothing runs."""
    on_deny: OnDeny
    """What becomes of a denial; absent: it is raised."""
    wait: float | None
    """How long a call waits for people to approve it, in seconds; absent: it does not."""


class Guard(NamedTuple):
    """How one function is guarded. The function itself is in the native tool, and cannot be taken out."""

    kernel: Kernel
    tool: Tool
    on_deny: OnDeny
    bound: Run | None
    """The run, if the function was guarded by one."""
    wait: float | None = None
    """Seconds that a call waits for people."""
    explicit: Run | None = None
    """The run, if the caller named one."""

    def run(self) -> Run:
        """The run of a call: the caller's, else the one that is open here, else the one it is bound to."""
        run = self.explicit or _context.current(self.kernel) or self.bound
        if run is None:
            raise ContextMissing("context.missing", "open a run first: with kernel.session(): ...")
        return run

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        """Has the kernel authorise and start the call, once more if people have answered meanwhile."""
        run = self.run()
        try:
            return self.tool.begin(run, args, kwargs)
        except ApprovalRequired as asked:
            if self.wait is None or asked.approval is None:
                raise
            if self.kernel.approvals.wait(asked.approval, self.wait)["state"] == "pending":
                raise
        return self.tool.begin(run, args, kwargs)

    async def begin_async(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        """The same without blocking the loop."""
        run = self.run()
        try:
            return await self.tool.begin_async(run, args, kwargs)
        except ApprovalRequired as asked:
            if self.wait is None or asked.approval is None:
                raise
            if (await self.kernel.approvals.answered(asked.approval, self.wait))["state"] == "pending":
                raise
        return await self.tool.begin_async(run, args, kwargs)

    def denied(self, error: TalosError) -> Any:
        """What a caller gets in place of a result. An error without a decision is raised in any case."""
        if self.on_deny == "raise" or error.decision is None:
            raise error
        return error if self.on_deny == "return" else self.on_deny(error)


def _note(error: BaseException, unrecorded: TalosError) -> None:
    error.add_note(f"talos: the outcome could not be recorded: {unrecorded}")


def _failed(call: Call, error: BaseException) -> None:
    """Settles a call that ended in an exception, which stays the one that the caller sees."""
    status = _context.status_of(error)
    try:
        if status == "cancelled":
            # Whoever stops does not wait for a disk, and a generator may be stopped anywhere.
            call.settle_now(status)
        else:
            call.settle(status)
    except TalosError as unrecorded:
        _note(error, unrecorded)


async def _failed_async(call: Call, error: BaseException) -> None:
    """The same without blocking the loop."""
    if _context.status_of(error) == "cancelled":
        _failed(call, error)
        return
    try:
        await call.settle_async("error")
    except TalosError as unrecorded:
        _note(error, unrecorded)


def _refuse_generator(result: object) -> None:
    """Of a generator nothing has run yet, and nothing would settle the call when it does."""
    if inspect.isgenerator(result) or inspect.isasyncgen(result):
        raise TypeError("guard the generator function itself, not a function that returns a generator")


async def _finish(call: Call, awaitable: Awaitable[Any]) -> Any:
    """Awaits what a call gave, and settles the call by how that ends."""
    try:
        result = await awaitable
        _refuse_generator(result)
    except BaseException as error:
        await _failed_async(call, error)
        raise
    await call.settle_async("ok", result)
    return result


def _awaited(call: Call, awaitable: Awaitable[Any]) -> Awaitable[Any]:
    """`_finish`, in a task if the awaitable goes on by itself, whether anybody awaits it or not."""
    import asyncio

    if not asyncio.isfuture(awaitable):
        return _finish(call, awaitable)
    finishing = asyncio.ensure_future(_finish(call, awaitable), loop=awaitable.get_loop())

    def stop(_: object) -> None:
        # A task that is cancelled before its first step has not passed that on.
        if finishing.cancelled() and awaitable.cancel():
            call.settle_now("cancelled")

    finishing.add_done_callback(stop)
    return finishing


def _function(guard: Guard) -> Function:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            call = guard.begin(args, kwargs)
        except TalosError as error:
            return guard.denied(error)
        try:
            result = call.run()
            # A function that hands out what can be awaited has not run before that has.
            if inspect.isawaitable(result):
                return _awaited(call, result)
            _refuse_generator(result)
        except BaseException as error:
            _failed(call, error)
            raise
        call.settle("ok", result)
        return result

    return guarded


def _coroutine_function(guard: Guard) -> Function:
    async def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            call = await guard.begin_async(args, kwargs)
        except TalosError as error:
            return guard.denied(error)
        try:
            coroutine = call.run()
        except BaseException as error:
            await _failed_async(call, error)
            raise
        return await _finish(call, coroutine)

    return guarded


def _generator_function(guard: Guard) -> Function:
    def guarded(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        try:
            call = guard.begin(args, kwargs)
        except TalosError as error:
            yield guard.denied(error)
            return None
        try:
            result = yield from call.run()
        except BaseException as error:
            _failed(call, error)
            raise
        call.settle("ok")
        return result

    return guarded


def _async_generator_function(guard: Guard) -> Function:
    async def guarded(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        try:
            call = await guard.begin_async(args, kwargs)
        except TalosError as error:
            yield guard.denied(error)
            return
        try:
            items = call.run()
            sent: Any = None
            thrown: BaseException | None = None
            # What `yield from` does, which asynchronous generators do not have.
            while True:
                item = await (items.asend(sent) if thrown is None else items.athrow(thrown))
                sent = thrown = None
                try:
                    sent = yield item
                except GeneratorExit:
                    await items.aclose()
                    raise
                except BaseException as error:
                    thrown = error
        except StopAsyncIteration:
            pass
        except BaseException as error:
            await _failed_async(call, error)
            raise
        await call.settle_async("ok")

    return guarded


def _shape(function: Function) -> Callable[[Guard], Function]:
    """Which kind of function this is."""
    function = _held(function).function
    if not (inspect.isroutine(function) or isinstance(function, type)):
        function = type(function).__call__
    if inspect.iscoroutinefunction(function):
        return _coroutine_function
    if inspect.isasyncgenfunction(function):
        return _async_generator_function
    return _generator_function if inspect.isgeneratorfunction(function) else _function


def _signature(function: Function) -> inspect.Signature | None:
    """The signature, its annotations resolved: their names mean something only in their own module."""
    for resolve in (True, False):
        try:
            return inspect.signature(function, eval_str=resolve)
        except Exception:  # noqa: S112 - an annotation may be any code, and raise anything
            continue
    return None


def _receiver(function: Function, signature: inspect.Signature) -> str | None:
    """The parameter for the object or the class: that is nothing that an agent chooses."""
    scope = getattr(function, "__qualname__", "").rpartition(".")[0]
    first = next(iter(signature.parameters), None)
    in_class = inspect.isfunction(function) and scope and not scope.endswith("<locals>")
    return first if in_class and first in ("self", "cls") else None


def _is_json(value: object) -> bool:
    try:
        canonical(value)
    except TalosError:
        return False
    return True


class Held(NamedTuple):
    """A function, and what partials have bound of its parameters."""

    function: Function
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def _held(function: Function) -> Held:
    held = Held(function, (), {})
    while isinstance(held.function, functools.partial):
        partial = held.function
        held = Held(partial.func, (*partial.args, *held.args), {**partial.keywords, **held.kwargs})
    return held


def _describe(function: Function) -> Callable[..., object]:
    """What the kernel is told of a call: parameters and values.

    Those that the caller gave, whatever they are; those that the developer gave, as defaults or by a partial,
    if they are JSON: a rule holds for them too, and nobody gets past it by leaving something out.
    """
    inner, held, named = _held(function)
    signature = _signature(inner)
    if signature is None:
        return lambda *args, **kwargs: {"args": (*held, *args), "kwargs": {**named, **kwargs}}
    receiver = _receiver(inner, signature)
    parameters = signature.parameters.values()
    defaults = {p.name: p.default for p in parameters if p.default is not p.empty and _is_json(p.default)}
    bound = signature.bind_partial(*held, **named).arguments
    # Not of `*args` and `**kwargs`: what the caller adds to those is told.
    variable = {p.name for p in parameters if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    untold = {name for name in bound.keys() - variable if not _is_json(bound[name])}

    def describe(*args: Any, **kwargs: Any) -> dict[str, Any]:
        arguments = signature.bind(*held, *args, **{**named, **kwargs}).arguments
        for name in untold - kwargs.keys():
            del arguments[name]
        if receiver is not None:
            arguments.pop(receiver, None)
        return {**defaults, **arguments}

    return describe


def _looks(function: Function, signature: inspect.Signature | None) -> dict[str, Any]:
    """What makes a guarded function look like the function; not `__wrapped__`, which leads around it."""
    names = ("__module__", "__name__", "__qualname__", "__doc__", "__type_params__")
    looks = {name: getattr(function, name) for name in names if getattr(function, name, None) is not None}
    if signature is not None:
        parameters = signature.parameters.values()
        annotations = {p.name: p.annotation for p in parameters if p.annotation is not p.empty}
        if signature.return_annotation is not signature.empty:
            annotations["return"] = signature.return_annotation
        looks |= {"__annotations__": annotations, "__signature__": signature}
    return looks


def _name(function: Function) -> str:
    function = _held(function).function
    name = getattr(function, "__name__", None) or type(function).__name__
    return str(name)


def guard(kernel: Kernel, function: Any, bound: Run | None, options: Options) -> Any:
    """The function behind the kernel, in its own shape."""
    if isinstance(function, (staticmethod, classmethod)):
        return type(function)(guard(kernel, function.__func__, bound, options))
    if not callable(function):
        raise TypeError(f"only what can be called can be guarded, not {function!r}")
    signature = _signature(function)
    describe = options.get("args") or _describe(function)
    name = options.get("name") or _name(function)
    tool = Tool(function, describe, name, options.get("effect"))
    return _build(
        Guard(kernel, tool, options.get("on_deny", "raise"), bound, options.get("wait")),
        _shape(function),
        _looks(function, signature),
    )


def _build(guard: Guard, shape: Callable[[Guard], Function], looks: dict[str, Any]) -> Function:
    guarded = shape(guard)
    for name, value in looks.items():
        setattr(guarded, name, value)

    def in_run(run: Run, /) -> Function:
        if run.kernel is not guard.kernel:
            raise ContextMissing("context.missing", "the run is of another kernel than the function")
        return _build(guard._replace(explicit=run), shape, looks)

    guarded.in_run = in_run  # type: ignore[attr-defined]
    return guarded
