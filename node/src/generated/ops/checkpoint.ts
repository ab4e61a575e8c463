// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type {
  CheckpointSignInput,
  CheckpointSignOutput,
  CheckpointVerifyInput,
  CheckpointVerifyOutput,
} from "../types.js";

/** Signs a checkpoint of a log. */
export function sign(input: CheckpointSignInput): CheckpointSignOutput {
  return invoke("checkpoint.sign", input);
}

/** Verifies a checkpoint with the verifier key of its log. */
export function verify(input: CheckpointVerifyInput): CheckpointVerifyOutput {
  return invoke("checkpoint.verify", input);
}
