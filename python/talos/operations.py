"""The pure operations, as functions: `talos.operations.audit.root(leaves=[...])`."""

from talos._generated.ops import (
    approval,
    audit,
    budget,
    bundle,
    checkpoint,
    did,
    ed25519,
    envelope,
    json,
    mailbox,
    policy,
    receipt,
    session,
)

__all__ = [
    "approval",
    "audit",
    "budget",
    "bundle",
    "checkpoint",
    "did",
    "ed25519",
    "envelope",
    "json",
    "mailbox",
    "policy",
    "receipt",
    "session",
]
