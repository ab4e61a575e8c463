// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type { PolicyCheckInput, PolicyCheckOutput, PolicyDecideInput, PolicyDecideOutput } from "../types.js";

/** Checks a policy and reports every mistake with its place. */
export function check(input: PolicyCheckInput): PolicyCheckOutput {
  return invoke("policy.check", input);
}

/** Evaluates the policy stage alone for one action. */
export function decide(input: PolicyDecideInput): PolicyDecideOutput {
  return invoke("policy.decide", input);
}
