# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations: a module an area, a function an operation."""

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
