// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type {
  AuditLeafHashInput,
  AuditLeafHashOutput,
  AuditProveInclusionInput,
  AuditProveInclusionOutput,
  AuditRootInput,
  AuditRootOutput,
  AuditVerifyConsistencyInput,
  AuditVerifyConsistencyOutput,
  AuditVerifyInclusionInput,
  AuditVerifyInclusionOutput,
} from "../types.js";

/** Computes the leaf hash of a log entry or of a receipt. */
export function leafHash(input: AuditLeafHashInput): AuditLeafHashOutput {
  return invoke("audit.leaf_hash", input);
}

/** Computes the root of the tree over leaf hashes. */
export function root(input: AuditRootInput): AuditRootOutput {
  return invoke("audit.root", input);
}

/** Proves that a leaf is in the tree over leaf hashes. */
export function proveInclusion(input: AuditProveInclusionInput): AuditProveInclusionOutput {
  return invoke("audit.prove_inclusion", input);
}

/** Verifies that a leaf is in a tree. */
export function verifyInclusion(input: AuditVerifyInclusionInput): AuditVerifyInclusionOutput {
  return invoke("audit.verify_inclusion", input);
}

/** Verifies that a tree is a continuation of a smaller one. */
export function verifyConsistency(input: AuditVerifyConsistencyInput): AuditVerifyConsistencyOutput {
  return invoke("audit.verify_consistency", input);
}
