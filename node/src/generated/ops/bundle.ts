// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type { BundleVerifyInput, BundleVerifyOutput } from "../types.js";

/** Verifies a proof bundle against the logs and issuers that the caller trusts. */
export function verify(input: BundleVerifyInput): BundleVerifyOutput {
  return invoke("bundle.verify", input);
}
