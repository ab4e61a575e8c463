"""The pure operations, as functions: `talos.operations.audit.root(leaves=[...])`."""

from talos._generated.ops import audit, bundle, checkpoint, did, ed25519, envelope, json, policy, receipt

__all__ = ["audit", "bundle", "checkpoint", "did", "ed25519", "envelope", "json", "policy", "receipt"]
