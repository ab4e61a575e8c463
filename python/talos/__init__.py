"""The security kernel for AI agents: every action decided, every decision a signed receipt.

import talos

kernel = talos.Kernel()

@kernel.tool(effect="read")
def look_up(name: str) -> str: ...

with kernel.session(user="ada"):
    look_up("bronze")

proof = kernel.receipts.last().prove()
assert proof.verify(log_keys=[kernel.log_key], issuers=[kernel.issuer])
"""

from typing import TYPE_CHECKING

from talos import _native
from talos._evidence import Bundle, Identity, Policy, Receipt, Verification
from talos._generated.errors import (
    ApprovalExpired,
    ApprovalMismatch,
    ApprovalRejected,
    ApprovalRequired,
    BudgetExceeded,
    CapabilityDenied,
    ClientError,
    ConfigError,
    ContextMissing,
    Denied,
    InjectionBlocked,
    KernelUnavailable,
    MailboxError,
    Malformed,
    OutputBlocked,
    PolicyDenied,
    ReceiptError,
    SessionError,
    TalosError,
)
from talos._generated.operations import MANIFEST_HASH
from talos._kernel import Kernel, Run, Session
from talos._native import Decision, Door, Permit, call

if TYPE_CHECKING:
    from talos import operations
    from talos._client import Message, Sent, TalosClient

__version__ = _native.VERSION

# Grows with every change of what this package and the native module expect of each other.
_ABI = 2

if (_native.MANIFEST_HASH, _native.ABI) != (MANIFEST_HASH, _ABI):
    raise KernelUnavailable(
        "kernel.mismatch",
        f"the package has contracts {MANIFEST_HASH} and interface {_ABI}, "
        f"its native module {_native.MANIFEST_HASH} and {_native.ABI}: install them together",
    )


def __getattr__(name: str) -> object:
    # Imported when they are asked for: who guards functions may never call an operation by hand,
    # nor talk to another agent.
    import importlib

    if name == "operations":
        return importlib.import_module("talos.operations")
    if name in ("Message", "Sent", "TalosClient"):
        return getattr(importlib.import_module("talos._client"), name)
    raise AttributeError(f"module 'talos' has no attribute {name!r}")


__all__ = [
    "MANIFEST_HASH",
    "ApprovalExpired",
    "ApprovalMismatch",
    "ApprovalRejected",
    "ApprovalRequired",
    "BudgetExceeded",
    "Bundle",
    "CapabilityDenied",
    "ClientError",
    "ConfigError",
    "ContextMissing",
    "Decision",
    "Denied",
    "Door",
    "Identity",
    "InjectionBlocked",
    "Kernel",
    "KernelUnavailable",
    "MailboxError",
    "Malformed",
    "Message",
    "OutputBlocked",
    "Permit",
    "Policy",
    "PolicyDenied",
    "Receipt",
    "ReceiptError",
    "Run",
    "Sent",
    "Session",
    "SessionError",
    "TalosClient",
    "TalosError",
    "Verification",
    "__version__",
    "call",
    "operations",
]
