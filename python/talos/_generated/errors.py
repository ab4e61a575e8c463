# Generated from contracts/exceptions.yaml and a template by `cargo run -p talos-codegen`; do not edit.
"""The classes of errors, and the way from a problem document to one of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from talos._generated.registry import REGISTRY
from talos._generated.types import Decision, ErrorCode, Problem


class TalosError(Exception):
    """Any error of Talos. Raised itself for the protocols around the kernel, and for operations that do not
    exist.
    """

    code: ErrorCode
    """The stable code."""
    detail: str
    """What was got and what was expected, for whoever may see the request."""
    offset: int | None
    """Byte offset of the mistake in the text that was sent."""
    suggestion: str | None
    """The nearest thing that would have been accepted."""
    receipt_id: str | None
    """Id of the receipt that is evidence of the refusal."""
    approval: str | None
    """Id of the request for approval that the action waits for."""
    decision: Decision | None
    """The decision that the error stands for."""

    def __init__(
        self,
        code: ErrorCode,
        detail: str | None = None,
        *,
        offset: int | None = None,
        suggestion: str | None = None,
        receipt_id: str | None = None,
        approval: str | None = None,
        decision: Decision | None = None,
    ) -> None:
        if code not in REGISTRY:
            raise ValueError(f"{code!r} is not in the registry of codes")
        self.code = code
        self.detail = REGISTRY[code].public if detail is None else detail
        # Pickling and copying rebuild an exception from its arguments, and then restore the attributes.
        super().__init__(code, self.detail)
        self.offset = offset
        self.suggestion = suggestion
        self.receipt_id = decision.get("receipt_id") if receipt_id is None and decision else receipt_id
        self.approval = decision.get("approval") if approval is None and decision else approval
        self.decision = decision

    @property
    def status(self) -> int:
        """HTTP status."""
        return REGISTRY[self.code].status

    @property
    def retryable(self) -> bool:
        """Whether the same request can succeed later without anybody changing it."""
        return REGISTRY[self.code].retryable

    @property
    def public_message(self) -> str:
        """What people and models may be told; holds nothing about the request."""
        return REGISTRY[self.code].public

    @property
    def help(self) -> str:
        """What to do about it."""
        return REGISTRY[self.code].help

    def __str__(self) -> str:
        hint = "" if self.suggestion is None else f' (did you mean "{self.suggestion}"?)'
        return f"{self.code}: {self.detail}{hint}"

    def to_problem(self) -> Problem:
        """The problem document of this error (RFC 9457)."""
        problem: Problem = {
            "type": f"urn:talos:error:{self.code}",
            "title": self.public_message,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "retryable": self.retryable,
        }
        if self.offset is not None:
            problem["offset"] = self.offset
        if self.suggestion is not None:
            problem["suggestion"] = self.suggestion
        if self.receipt_id is not None:
            problem["receipt_id"] = self.receipt_id
        if self.approval is not None:
            problem["approval"] = self.approval
        return problem

    def to_model_text(self) -> str:
        """What a model may be told: the public sentence and the code, and nothing of the detail."""
        return f"{self.public_message} ({self.code})"


def error_of(
    problem: Mapping[str, object],
    receipt_id: str | None = None,
    decision: Decision | None = None,
) -> TalosError:
    """The error that a problem document is about, in the class of its code, with the evidence for it.

    What names no known code is `internal.fault`, so that a failure never passes for anything else.
    """
    code = problem.get("code")
    if not isinstance(code, str) or code not in REGISTRY:
        detail = f"an error came without a known code: {code if isinstance(code, str) else 'none'}"
        return KernelUnavailable("internal.fault", detail, receipt_id=receipt_id, decision=decision)
    offset = problem.get("offset")
    return CLASSES[REGISTRY[code].class_name](
        cast(ErrorCode, code),
        _text(problem, "detail"),
        offset=offset if isinstance(offset, int) else None,
        suggestion=_text(problem, "suggestion"),
        receipt_id=_text(problem, "receipt_id") if receipt_id is None else receipt_id,
        approval=_text(problem, "approval"),
        decision=decision,
    )


def _text(problem: Mapping[str, object], name: str) -> str | None:
    value = problem.get(name)
    return value if isinstance(value, str) else None


class Denied(TalosError):
    """An action was refused and did not run. Raised itself for callers that nobody knows, the kill switch,
    the clock, drift, and calls that were used up or changed.
    """


class Malformed(Denied):
    """What was given cannot be represented or read, so nothing was done with it. A denial, because arguments
    that are no JSON are refused with a receipt.
    """


class PolicyDenied(Denied):
    """The policy does not allow the action, or there is none."""


class CapabilityDenied(Denied):
    """No capability allows the action. No code raises it yet."""


class InjectionBlocked(Denied):
    """The firewall found an injection. No code raises it yet; a pattern of the policy is PolicyDenied."""


class OutputBlocked(Denied):
    """The action ran, and its result is held back. No code raises it yet."""


class BudgetExceeded(Denied):
    """A limit of calls, tokens or money, a rate or a budget is reached. A denial: the action did not run."""


class ApprovalRequired(Denied):
    """A person has to approve the action first. A denial that can be lifted: the action did not run."""


class ApprovalRejected(Denied):
    """A person refused the action."""


class ApprovalExpired(Denied):
    """The approval came too late, or was used too late."""


class ApprovalMismatch(Denied):
    """The approval is for another action, or not by somebody who may approve this one."""


class ContextMissing(TalosError):
    """No run is open here, so nothing was called. Not a denial: nobody decided, and there is no receipt."""


class KernelUnavailable(TalosError):
    """The kernel cannot decide or record, so nothing may run. Not a denial: the host is broken, not the
    action.
    """


class ReceiptError(TalosError):
    """Evidence is missing, cannot be read, does not verify, or is not trusted; so are the signatures and
    identifiers in it.
    """


class SessionError(TalosError):
    """A message between agents cannot be sealed or opened, or a session cannot begin. Not a denial: no action
    was decided on.
    """


class MailboxError(TalosError):
    """A mailbox does not take or give what was asked. Not a denial: no action was decided on."""


class ClientError(TalosError):
    """A client cannot do what was asked of it."""


class ConfigError(TalosError):
    """A key, a file or a policy text has to be corrected by the operator."""


CLASSES: Final[Mapping[str, type[TalosError]]] = MappingProxyType(
    {
        "TalosError": TalosError,
        "Denied": Denied,
        "Malformed": Malformed,
        "PolicyDenied": PolicyDenied,
        "CapabilityDenied": CapabilityDenied,
        "InjectionBlocked": InjectionBlocked,
        "OutputBlocked": OutputBlocked,
        "BudgetExceeded": BudgetExceeded,
        "ApprovalRequired": ApprovalRequired,
        "ApprovalRejected": ApprovalRejected,
        "ApprovalExpired": ApprovalExpired,
        "ApprovalMismatch": ApprovalMismatch,
        "ContextMissing": ContextMissing,
        "KernelUnavailable": KernelUnavailable,
        "ReceiptError": ReceiptError,
        "SessionError": SessionError,
        "MailboxError": MailboxError,
        "ClientError": ClientError,
        "ConfigError": ConfigError,
    }
)
"""Every class by its name."""
