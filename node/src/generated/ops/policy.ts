// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type {
  PolicyCheckInput,
  PolicyCheckOutput,
  PolicyDecideInput,
  PolicyDecideOutput,
  PolicyDiffInput,
  PolicyDiffOutput,
  PolicyExplainInput,
  PolicyExplainOutput,
  PolicyFormatInput,
  PolicyFormatOutput,
  PolicySchemaInput,
  PolicySchemaOutput,
  PolicyTestInput,
  PolicyTestOutput,
} from "../types.js";

/** Checks a policy and reports every mistake with its place. */
export function check(input: PolicyCheckInput): PolicyCheckOutput {
  return invoke("policy.check", input);
}

/** Evaluates the policy stage alone for one action. */
export function decide(input: PolicyDecideInput): PolicyDecideOutput {
  return invoke("policy.decide", input);
}

/** Says in words what each rule of a policy matches, and what its author may not have meant. */
export function explain(input: PolicyExplainInput): PolicyExplainOutput {
  return invoke("policy.explain", input);
}

/** Runs cases against a policy. */
export function test(input: PolicyTestInput): PolicyTestOutput {
  return invoke("policy.test", input);
}

/** Says in which rules two policies differ, and whether the second allows more or less. */
export function diff(input: PolicyDiffInput): PolicyDiffOutput {
  return invoke("policy.diff", input);
}

/** Writes a policy in the canonical order and layout of its format. */
export function format(input: PolicyFormatInput): PolicyFormatOutput {
  return invoke("policy.format", input);
}

/** Gives the JSON Schema of policy files, for editors. */
export function schema(input: PolicySchemaInput): PolicySchemaOutput {
  return invoke("policy.schema", input);
}
