# Generated from bindings/python by `make generate`; do not edit.
import asyncio

"""
The native part of the package `talos`.
"""

from typing import Any, Final, SupportsIndex, final

from typing_extensions import disjoint_base

__all__ = [
    "ABI",
    "INPUT_BYTES",
    "MANIFEST_HASH",
    "VERSION",
    "Call",
    "Decision",
    "Door",
    "Entry",
    "Front",
    "Kernel",
    "Permit",
    "Refusal",
    "Request",
    "Run",
    "Tool",
    "call",
    "call_line",
    "canonical",
    "invoke",
    "packed",
    "unpacked",
]

ABI: Final[int]
"""
Version of the interface between this module and the package around it.
"""

INPUT_BYTES: Final[int]
"""
Bytes of one input at the most.
"""

MANIFEST_HASH: Final[str]
"""
Hash of the contracts that this library was built from.
"""

VERSION: Final[str]
"""
Version of Talos.
"""

@final
class Call:
    """
    A call that was begun: run it once, then settle it.
    """
    def run(self, /) -> Any:
        """
        Runs the function, once.
        """
    def settle(self, /, status: str, *result: object) -> None:
        """
        Records how the call ended. Blocks for the disk unless the effect is read.
        """
    def settle_async(self, /, status: str, *result: object) -> asyncio.Future[None]:
        """
        `settle` for asyncio.
        """
    def settle_now(self, /, status: str) -> None:
        """
        Records how the call ended, without waiting for anything: for generators that nobody reads to their end.
        """

@final
class Decision:
    """
    The answer to an action: a denial is a value like any other.
    """
    def __reduce__(self, /) -> tuple[object, ...]:
        """
        Copies and pickles are the plain data: a permit belongs to the process that got it.
        """
    def __repr__(self, /) -> str: ...
    @property
    def allowed(self, /) -> bool:
        """
        Whether the action may run.
        """
    @property
    def call(self, /) -> str:
        """
        The call that it is about.
        """
    @property
    def code(self, /) -> str | None:
        """
        The code of the weightiest reason.
        """
    @property
    def decision_id(self, /) -> str:
        """
        The id of the decision, valid before its receipt is on disk.
        """
    @property
    def effect(self, /) -> str:
        """
        The effect that was decided on.
        """
    @staticmethod
    def from_dict(decision: dict[str, object], /) -> Decision:
        """
        A decision without its permit, from what `to_dict` gave.
        """
    @property
    def index(self, /) -> int | None:
        """
        The place of the receipt in the log, once it is on disk.
        """
    @property
    def permit(self, /) -> Permit | None:
        """
        The permit, if the action may be started.
        """
    @property
    def policy(self, /) -> dict[str, str]:
        """
        Name and hash of the policy that decided.
        """
    @property
    def reasons(self, /) -> list[dict[str, Any]]:
        """
        Why, sorted by stage and code.
        """
    @property
    def receipt_id(self, /) -> str | None:
        """
        The id of the receipt, once it is on disk.
        """
    def to_dict(self, /) -> dict[str, object]:
        """
        The decision as the contract has it.
        """
    @property
    def verdict(self, /) -> str:
        """
        allow, transform, needs_approval or deny.
        """

@final
class Door:
    """
    A generic door: every operation by its id, JSON in and JSON out. It opens one kernel at a time.
    """
    def __new__(cls, /) -> Door: ...
    def call(self, operation: str, input: str | bytes | bytearray | memoryview, /) -> bytes:
        """
        Runs an operation on one JSON text and gives its output as canonical JSON. Blocks where the operation waits for the disk.
        """
    def call_line(self, operation: str, line: str | bytes | bytearray | memoryview, /) -> bytes:
        """
        One answer for one line, whatever it holds: the output, or the problem document.
        """
    def invoke(self, operation: str, input: object, /) -> dict[str, object]:
        """
        The same with objects for JSON.
        """

@final
class Entry:
    """
    A request that was admitted.
    """
    def answered_async(self, status: SupportsIndex, /) -> asyncio.Future[dict[str, object] | None | Refusal]:
        """
        Records the status of the response: a future of the outcome's place in the log, of None where that is not known
        yet, or of the Refusal that leaves where the outcome cannot be recorded.
        """
    @property
    def call(self, /) -> str:
        """
        The id of the call.
        """
    def decision(self, /) -> dict[str, object]:
        """
        The decision, as the contract has it.
        """
    @property
    def effect(self, /) -> str:
        """
        The effect that was decided on.
        """
    def ended_now(self, /, status: str) -> None:
        """
        Records that there was no whole response: error or cancelled. Waits for nothing.
        """
    def receipt_async(self, /) -> asyncio.Future[str | Refusal]:
        """
        A future of the decision's receipt, or of the Refusal that leaves where there can be none.
        """

@final
class Front:
    """
    Admits the requests of one application, and refuses them.
    """
    def __new__(cls, /, run: Run, keys: object, header: str | None, approvals: str | None) -> Front:
        """
        Stands before an application whose requests are actions of this run.
        """
    def admit_async(
        self,
        /,
        caller: str,
        tool: str,
        effect: str | None,
        request: Request,
        described: tuple[Any] | None = None,
    ) -> asyncio.Future[Entry | Refusal]:
        """
        Decides on a request and starts it: a future of an Entry or a Refusal. `described` holds what the kernel is
        told in place of the arguments.
        """
    def approval(self, caller: str | None, approval: str, /) -> bytes | Refusal:
        """
        Where a caller's request for approval stands, as JSON, or why they are not told. Reads the store.
        """
    @staticmethod
    def check(keys: object, header: str | None, approvals: str | None) -> None:
        """
        Checks what it would be given beside the run.
        """
    def identify(self, values: list[bytes], /) -> str | None:
        """
        The caller, from all values of the header.
        """
    def refuse_async(self, caller: str | None, tool: str, code: str, /) -> asyncio.Future[Refusal]:
        """
        Refuses a request by an error code: a future of the Refusal.
        """

@disjoint_base
class Kernel:
    """
    An open kernel. Its methods are the operations of the contracts, with their inputs and outputs.
    """
    def __new__(cls, input: dict[str, object], /) -> Kernel:
        """
        kernel.open
        """
    def _fault(self, /) -> None:
        """
        Panics below, for tests: release builds do not have it.
        """
    def call(self, operation: str, input: str | bytes | bytearray | memoryview, /) -> bytes:
        """
        Any operation by its id, JSON in and JSON out, on this kernel. Runs that it opens stay behind this door.
        """
    def checkpoint(self, /) -> str:
        """
        audit.checkpoint: the signed note.
        """
    def close(self, /) -> None:
        """
        kernel.close: closes the runs that are still open, then the kernel. Blocks for their commits.
        """
    def describe(self, /) -> dict[str, object]:
        """
        kernel.describe
        """
    def did(self, name: str, /) -> str:
        """
        kernel.identity: the DID of a named agent.
        """
    def prove(self, input: dict[str, object], /) -> bytes:
        """
        audit.prove: the text of the bundle.
        """
    def receipt(self, input: dict[str, object], /) -> dict[str, object]:
        """
        receipt.get
        """
    def verify_log(self, /) -> dict[str, object]:
        """
        audit.verify_log
        """

@final
class Permit:
    """
    A permit. Start it, run the action, settle it. Dropped before that, it is released, or settled as unknown.
    """
    def __aenter__(self, /) -> asyncio.Future[Permit]: ...
    def __aexit__(
        self, /, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> asyncio.Future[None]: ...
    def __enter__(self, /) -> Permit: ...
    def __exit__(
        self, /, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None: ...
    def __repr__(self, /) -> str: ...
    @property
    def call(self, /) -> str:
        """
        The call that may be run.
        """
    @property
    def decision(self, /) -> Decision:
        """
        The decision that gave the permit.
        """
    def release(self, /) -> dict[str, object] | None:
        """
        Gives the permit back: the action did not run.
        """
    def release_async(self, /) -> asyncio.Future[dict[str, object] | None]:
        """
        `release` for asyncio.
        """
    def settle(
        self,
        /,
        status: str = "ok",
        *,
        result: object = None,
        tokens: int | None = None,
        amount: dict[str, object] | None = None,
        confidence_bp: int | None = None,
    ) -> dict[str, object] | None:
        """
        Records how the call ended, and says where in the log that stands; None if that is not known yet.
        """
    def settle_async(
        self,
        /,
        status: str = "ok",
        *,
        result: object = None,
        tokens: int | None = None,
        amount: dict[str, object] | None = None,
        confidence_bp: int | None = None,
    ) -> asyncio.Future[dict[str, object] | None]:
        """
        `settle` for asyncio.
        """
    def start(self, /) -> None:
        """
        Starts the call; the action may run only after this. Blocks for the disk where the effect demands it.
        """
    def start_async(self, /) -> asyncio.Future[None]:
        """
        `start` for asyncio.
        """
    @property
    def state(self, /) -> str:
        """
        issued, started, settled, released or expired.
        """

@final
class Refusal:
    """
    The answer to a request that was refused.
    """
    @property
    def challenge(self, /) -> str | None:
        """
        `WWW-Authenticate`
        """
    @property
    def location(self, /) -> str | None:
        """
        `Location`, of what waits for people.
        """
    @property
    def problem(self, /) -> bytes:
        """
        The problem document (RFC 9457).
        """
    @property
    def receipt_id(self, /) -> str | None:
        """
        Id of the receipt, unless it could not be written.
        """
    @property
    def status(self, /) -> int:
        """
        Status of the response.
        """

@final
class Request:
    """
    The arguments of a request, or why it has none.
    """
    def __new__(
        cls,
        /,
        path: dict[str, object],
        query: bytes,
        content_types: list[bytes],
        content_codings: list[bytes],
        body: bytes | bytearray | memoryview,
    ) -> Request:
        """
        Reads the arguments of a request. What cannot be read is refused when the request is.
        """
    @property
    def arguments(self, /) -> Any | None:
        """
        The arguments; None where they cannot be read.
        """

@disjoint_base
class Run:
    """
    A run of a kernel. Closing it writes its last receipt.
    """
    def __new__(cls, kernel: Kernel, input: dict[str, object], /) -> Run:
        """
        Opens a run: `input` is the input of the operation run.open. Blocks for a commit.
        """
    @property
    def actor(self, /) -> str:
        """
        The DID that acts.
        """
    def authorize(
        self,
        /,
        target: str,
        args: object = None,
        *,
        kind: str = "tool_call",
        effect: str | None = None,
        call: str | None = None,
        tool_hash: str | None = None,
        tokens: int | None = None,
        amount: dict[str, object] | None = None,
        principal: str | None = None,
    ) -> Permit:
        """
        Decides, and waits for the disk where the effect demands it. Raises what denies.
        """
    def authorize_async(
        self,
        /,
        target: str,
        args: object = None,
        *,
        kind: str = "tool_call",
        effect: str | None = None,
        call: str | None = None,
        tool_hash: str | None = None,
        tokens: int | None = None,
        amount: dict[str, object] | None = None,
        principal: str | None = None,
    ) -> asyncio.Future[Permit]:
        """
        `authorize` for asyncio.
        """
    def close(self, /) -> dict[str, object]:
        """
        Ends the run, and says where its last receipt stands. Blocks for a commit.
        """
    def counters(self, /) -> dict[str, int]:
        """
        What the run has used.
        """
    def decide(
        self,
        /,
        target: str,
        args: object = None,
        *,
        kind: str = "tool_call",
        effect: str | None = None,
        call: str | None = None,
        tool_hash: str | None = None,
        tokens: int | None = None,
        amount: dict[str, object] | None = None,
        principal: str | None = None,
    ) -> Decision:
        """
        Decides, and queues the signed receipt. Never waits for the disk; a denial is a value.
        """
    @property
    def id(self, /) -> str:
        """
        The id.
        """
    def permit(self, call: str, /) -> str | None:
        """
        The state of a call's permit; None if it was denied or never decided.
        """
    def refuse(self, /, target: str, code: str, *, call: str | None = None) -> Decision:
        """
        Records what a host refused before there was an action, with the code of the error. Blocks for a commit.
        """

@final
class Tool:
    """
    A function that runs only inside a call which the kernel has begun.
    """
    def __new__(cls, /, function: object, describe: object, name: str, effect: str | None) -> Tool:
        """
        `describe` is called as the function is, and says what the kernel is told of the arguments.
        """
    def begin(self, run: Run, args: tuple[object, ...], kwargs: dict[str, object] | None, /) -> Call:
        """
        Has the kernel authorise and start a call. Blocks for the disk where the effect demands it; raises what denies.
        """
    def begin_async(
        self, run: Run, args: tuple[object, ...], kwargs: dict[str, object] | None, /
    ) -> asyncio.Future[Call]:
        """
        `begin` for asyncio: a future of the call.
        """

def call(operation: str, input: str | bytes | bytearray | memoryview, /) -> bytes:
    """
    Runs a pure operation on one JSON text and gives its output as canonical JSON.
    """

def call_line(operation: str, line: str | bytes | bytearray | memoryview, /) -> bytes:
    """
    One answer for one line, whatever it holds: the output, or the problem document.
    """

def canonical(value: object, /) -> bytes:
    """
    The canonical JSON of an object.
    """

def invoke(operation: str, input: object, /) -> dict[str, object]:
    """
    The same with objects for JSON.
    """

def packed(data: bytes | bytearray | memoryview, /) -> str:
    """
    Bytes as the contracts have them in JSON.
    """

def unpacked(text: str, /) -> bytes:
    """
    The bytes that a text of the contracts stands for.
    """
