/** Talos, the security kernel for AI agents: decisions, receipts and proofs for the functions of a Node program. */

export { Approvals, type Requests } from "./approvals.js";
export { Budgets } from "./budgets.js";
export { type ClientOptions, type Frame, type Message, type Sent, TalosClient } from "./client.js";
export { Decision, type Ended, Permit, type Place } from "./decision.js";
export { call, invoke, type Text } from "./door.js";
export { Bundle, type Identity, Receipt, type Trust, Verification } from "./evidence.js";
export * from "./generated/errors.js";
export {
  MANIFEST_HASH,
  OPERATIONS,
  type Operation,
  type OperationId,
  type OperationTypes,
} from "./generated/operations.js";
export * as operations from "./generated/ops/index.js";
export type * as contracts from "./generated/types.js";
export type { AnyFunction, Functions, Guarded, GuardedAll, GuardOptions, OnDeny } from "./guard.js";
export { type Audit, Kernel, type KernelOptions, type Receipts, type RunOptions } from "./kernel.js";
export { Policy } from "./policy.js";
export { type ActionOptions, type Counters, Run } from "./run.js";
export { Standing } from "./standing.js";
export { VERSION } from "./version.js";
