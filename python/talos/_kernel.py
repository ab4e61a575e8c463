"""Kernels and runs: the native classes, in the names and shapes of Python."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeAlias, TypeVar, Unpack, cast, overload

from talos import _context, _native
from talos._approvals import Approvals
from talos._budgets import Budgets
from talos._evidence import Identity, Policy, Receipt
from talos._generated.errors import TalosError
from talos._standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from contextvars import Token
    from types import TracebackType

    from talos._generated.types import (
        AuditVerifyLogOutput,
        KernelDescribeOutput,
        PolicyRef,
        ReceiptGetOutput,
    )
    from talos._guard import Guarded, Options

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
Path: TypeAlias = "str | os.PathLike[str]"
Functions = TypeVar("Functions", bound="list[Any] | dict[str, Any]")


def _guard(kernel: Kernel, function: Any, bound: Run | None, options: Options) -> Any:
    # Imported here: who only verifies does not wait for `inspect`.
    from talos._guard import guard

    return guard(kernel, function, bound, options)


def _guard_all(kernel: Kernel, functions: Any, bound: Run | None, options: Options) -> Any:
    if not isinstance(functions, dict):
        return [_guard(kernel, function, bound, options) for function in functions]
    named: dict[str, Options] = {name: {**options, "name": name} for name in functions}
    return {name: _guard(kernel, functions[name], bound, named[name]) for name in functions}


class Run(_native.Run):
    """A run: the calls of one agent on behalf of one user, in one chain of receipts."""

    __slots__ = ("closed", "kernel")

    kernel: Kernel
    """The kernel that opened it."""
    closed: bool
    """Whether this object has closed it."""

    def __new__(cls, kernel: Kernel, members: dict[str, object], /) -> Self:
        """Opens the run; `members` is the input of run.open. Blocks for a commit."""
        self = cast("Self", super().__new__(cls, kernel, members))
        self.kernel = kernel
        self.closed = False
        return self

    def close(self) -> dict[str, object]:
        """Ends the run, and says where its last receipt stands. Blocks for a commit."""
        place = super().close()
        self.closed = True
        return place

    def guard(self, function: Callable[P, R], /, **options: Unpack[Options]) -> Guarded[P, R]:
        """As `Kernel.guard`; the calls are in this run, unless another one is open where it is called."""
        return cast("Guarded[P, R]", _guard(self.kernel, function, self, options))

    def guard_all(self, functions: Functions, /, **options: Unpack[Options]) -> Functions:
        """As `Kernel.guard_all`, for this run."""
        return cast("Functions", _guard_all(self.kernel, functions, self, options))

    def __repr__(self) -> str:
        return f"<talos.Run {self.id}>"


class Session:
    """A run that is open, and the current one, inside a `with` or an `async with` block."""

    __slots__ = ("_kernel", "_members", "_run", "_token")

    def __init__(self, kernel: Kernel, members: dict[str, object]) -> None:
        self._kernel = kernel
        self._members = members
        self._run: Run | None = None
        self._token: Token[tuple[Run, ...]] | None = None

    def _enter(self, run: Run) -> Run:
        self._run = run
        self._token = _context.enter(run)
        return run

    def _leave(self) -> Run:
        run, token = self._run, self._token
        if run is None or token is None:
            raise RuntimeError("the session was not entered")
        self._run = self._token = None
        _context.leave(token)
        return run

    def __enter__(self) -> Run:
        return self._enter(Run(self._kernel, self._members))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._leave().close()
        except TalosError as failure:
            _unclosed(error, failure)

    async def __aenter__(self) -> Run:
        import asyncio

        opening = _in_thread(lambda: Run(self._kernel, self._members))
        try:
            run = await asyncio.shield(asyncio.wrap_future(opening))
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unused)
            raise
        return self._enter(run)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import asyncio

        try:
            # A task that is cancelled here does not stop it.
            await asyncio.shield(asyncio.wrap_future(_in_thread(self._leave().close)))
        except TalosError as failure:
            _unclosed(error, failure)


def _unclosed(error: BaseException | None, failure: TalosError) -> None:
    """A run that could not be closed at the end of its block, which raised `error`: that is what goes on."""
    if failure.code == "run.closed":
        return
    if error is None:
        raise failure
    error.add_note(f"talos: the run could not be closed: {failure}")


def _in_thread(work: Callable[[], T]) -> Future[T]:
    """Works on a thread of the loop, whatever becomes of the task that asks for it."""
    import asyncio
    from concurrent.futures import Future

    answer: Future[T] = Future()

    def answering() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:
            answer.set_exception(error)

    asyncio.get_running_loop().run_in_executor(None, answering)
    return answer


def _close_unused(opening: Future[Run]) -> None:
    """Closes the run of a session that was cancelled before it had one. Nobody would hear of a failure."""
    with contextlib.suppress(TalosError):
        opening.result().close()


class Receipts:
    """The receipts of a kernel's log."""

    __slots__ = ("_kernel",)

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def _find(self, members: dict[str, object]) -> Receipt:
        return Receipt(self._kernel, cast("ReceiptGetOutput", self._kernel.receipt(members)))

    def last(self) -> Receipt:
        """The newest one."""
        return self._find({})

    def get(self, receipt_id: str) -> Receipt:
        """The one of this id."""
        return self._find({"receipt_id": receipt_id})

    def at(self, index: int) -> Receipt:
        """The one at this place in the log, from zero."""
        return self._find({"index": index})


class Audit:
    """The log of a kernel as a whole."""

    __slots__ = ("_kernel",)

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def checkpoint(self) -> str:
        """The signed head of the log, as a note."""
        return self._kernel.checkpoint()

    def verify(self) -> AuditVerifyLogOutput:
        """Verifies the whole log from its first leaf. Raises what does not verify."""
        return cast("AuditVerifyLogOutput", self._kernel.verify_log())


def _policy(policy: Policy | Path | None, shadow: Policy | None = None) -> dict[str, object]:
    beside: dict[str, object] = (
        {} if shadow is None else {"shadow": shadow.text, "policy_format": shadow.format}
    )
    if policy is None:
        return beside
    if isinstance(policy, Policy):
        return {**beside, "policy": policy.text, "policy_format": policy.format}
    return {**beside, "policy_path": os.fspath(policy)}


def _cedar(cedar: Iterable[Path] | None, tools: Path | None) -> dict[str, object]:
    members: dict[str, object] = {}
    if cedar is not None:
        members["cedar_paths"] = [os.fspath(path) for path in cedar]
    if tools is not None:
        members["tools_path"] = os.fspath(tools)
    return members


class Kernel(_native.Kernel):
    """An open kernel: decides what agents do, and records it.

    Without a directory it is the one of TALOS_DIR, else the user's; a new one gets its keys at once.
    Without a policy it is the directory's, else the built-in one: declared reads pass, and nothing else.
    Cedar files have to allow, too; they are validated against the tools' definitions in `tools`.
    """

    def __new__(
        cls,
        directory: Path | None = None,
        *,
        policy: Policy | Path | None = None,
        cedar: Iterable[Path] | None = None,
        tools: Path | None = None,
    ) -> Self:
        members = {**_policy(policy), **_cedar(cedar, tools)}
        if directory is not None:
            members["directory"] = os.fspath(directory)
        return cast("Self", super().__new__(cls, members))

    @classmethod
    def in_memory(cls, policy: Policy | Path | None = None) -> Self:
        """A kernel with keys of its own and nothing on disk, for tests."""
        return cast("Self", super().__new__(cls, {"memory": True, **_policy(policy)}))

    def _about(self) -> KernelDescribeOutput:
        return cast("KernelDescribeOutput", self.describe())

    @property
    def issuer(self) -> str:
        """The DID that issues the receipts."""
        return self._about()["issuer"]

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self._about()["origin"]

    @property
    def log_key(self) -> str:
        """The key that verifies the log's checkpoints: what a stranger needs, by a way that they trust."""
        return self._about()["log_key"]

    @property
    def policy(self) -> PolicyRef:
        """Name and hash of the policy in force."""
        return self._about()["policy"]

    @property
    def directory(self) -> str | None:
        """Where keys and log are; None in memory."""
        return self._about().get("directory")

    @property
    def receipts(self) -> Receipts:
        """The receipts of the log."""
        return Receipts(self)

    @property
    def approvals(self) -> Approvals:
        """The requests for approval, and the answers of people."""
        return Approvals(self)

    @property
    def budgets(self) -> Budgets:
        """Budgets, and where they stand."""
        return Budgets(self)

    @property
    def standing(self) -> Standing:
        """The kill switch and suspensions."""
        return Standing(self)

    def reload(self, policy: Policy | Path | None = None, shadow: Policy | None = None) -> PolicyRef:
        """Puts another policy in force, for decisions from now on; one with mistakes changes nothing.

        policy: absent: the directory's, read again.
        shadow: decided on beside it, and recorded.
        """
        output = json.loads(self.call("kernel.reload", json.dumps(_policy(policy, shadow))))
        return cast("PolicyRef", output["policy"])

    @property
    def audit(self) -> Audit:
        """The log as a whole."""
        return Audit(self)

    def identity(self, name: str) -> Identity:
        """A named agent, whose key is made on first use and stays in the directory."""
        return Identity(name, self.did(name))

    def session(
        self,
        agent: str | None = None,
        user: str | None = None,
        run: str | None = None,
        *,
        organisation: str | None = None,
        team: str | None = None,
    ) -> Session:
        """A run for a `with` or an `async with` block, in which it is the current one.

        agent: a named agent of the directory; absent: the kernel itself acts.
        user: on whose behalf.
        run: the id of an earlier run that goes on.
        organisation, team: what the agent belongs to; absent: what talos.toml says.
        """
        return Session(self, _members(agent, user, run, organisation, team))

    def open_run(
        self,
        agent: str | None = None,
        user: str | None = None,
        run: str | None = None,
        *,
        organisation: str | None = None,
        team: str | None = None,
    ) -> Run:
        """A run that is not the current one anywhere, until it is closed. Blocks for a commit."""
        return Run(self, _members(agent, user, run, organisation, team))

    def guard(self, function: Callable[P, R], /, **options: Unpack[Options]) -> Guarded[P, R]:
        """The function behind the kernel, in its own shape: sync, async, generator or method."""
        return cast("Guarded[P, R]", _guard(self, function, None, options))

    def guard_all(self, functions: Functions, /, **options: Unpack[Options]) -> Functions:
        """Each function of a list or a dict behind the kernel; the keys of a dict are their names."""
        return cast("Functions", _guard_all(self, functions, None, options))

    @overload
    def tool(self, function: Callable[P, R], /) -> Guarded[P, R]: ...
    @overload
    def tool(self, **options: Unpack[Options]) -> Callable[[Callable[P, R]], Guarded[P, R]]: ...
    def tool(self, function: Any = None, /, **options: Any) -> Any:  # type: ignore[misc] # mypy and Unpack
        """Decorator: `guard`, with or without options."""
        if function is not None:
            return _guard(self, function, None, cast("Options", options))
        return lambda decorated: _guard(self, decorated, None, cast("Options", options))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _members(
    agent: str | None, user: str | None, run: str | None, organisation: str | None, team: str | None
) -> dict[str, object]:
    members = {"agent": agent, "principal": user, "run": run, "organisation": organisation, "team": team}
    return {name: value for name, value in members.items() if value is not None}
