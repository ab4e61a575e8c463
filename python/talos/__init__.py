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
    ConfigError,
    ContextMissing,
    Denied,
    InjectionBlocked,
    KernelUnavailable,
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

__version__ = _native.VERSION

# Grows with every change of what this package and the native module expect of each other.
_ABI = 1

if (_native.MANIFEST_HASH, _native.ABI) != (MANIFEST_HASH, _ABI):
    raise KernelUnavailable(
        "kernel.mismatch",
        f"the package has contracts {MANIFEST_HASH} and interface {_ABI}, "
        f"its native module {_native.MANIFEST_HASH} and {_native.ABI}: install them together",
    )


def __getattr__(name: str) -> object:
    # Imported when it is asked for: who guards functions may never call an operation by hand.
    if name == "operations":
        import importlib

        return importlib.import_module("talos.operations")
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
    "ConfigError",
    "ContextMissing",
    "Decision",
    "Denied",
    "Door",
    "Identity",
    "InjectionBlocked",
    "Kernel",
    "KernelUnavailable",
    "Malformed",
    "OutputBlocked",
    "Permit",
    "Policy",
    "PolicyDenied",
    "Receipt",
    "ReceiptError",
    "Run",
    "Session",
    "SessionError",
    "TalosError",
    "Verification",
    "__version__",
    "call",
    "operations",
]
