// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type {
  ApprovalCheckCodeInput,
  ApprovalCheckCodeOutput,
  ApprovalIdInput,
  ApprovalIdOutput,
  ApprovalMakeCodeInput,
  ApprovalMakeCodeOutput,
  ApprovalRenderInput,
  ApprovalRenderOutput,
  ApprovalSignInput,
  ApprovalSignOutput,
  ApprovalVerifyInput,
  ApprovalVerifyOutput,
} from "../types.js";

/** Gives the id of a request for approval. Verifies nothing. */
export function id(input: ApprovalIdInput): ApprovalIdOutput {
  return invoke("approval.id", input);
}

/** Signs the answer of a person to a request for approval. */
export function sign(input: ApprovalSignInput): ApprovalSignOutput {
  return invoke("approval.sign", input);
}

/** Verifies a request for approval with its answers, says where it stands, and whether it is for what is about to run. */
export function verify(input: ApprovalVerifyInput): ApprovalVerifyOutput {
  return invoke("approval.verify", input);
}

/** Makes the one-time code of a person for a request, and what a store keeps of it. */
export function makeCode(input: ApprovalMakeCodeInput): ApprovalMakeCodeOutput {
  return invoke("approval.make_code", input);
}

/** Tries a one-time code. */
export function checkCode(input: ApprovalCheckCodeInput): ApprovalCheckCodeOutput {
  return invoke("approval.check_code", input);
}

/** Shows what would run, for people. Hostile text is neutralised, and what is clipped is said. */
export function render(input: ApprovalRenderInput): ApprovalRenderOutput {
  return invoke("approval.render", input);
}
