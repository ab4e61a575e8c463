// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type { ReceiptVerifyInput, ReceiptVerifyOutput } from "../types.js";

/** Verifies a receipt's envelope, signature and body. */
export function verify(input: ReceiptVerifyInput): ReceiptVerifyOutput {
  return invoke("receipt.verify", input);
}
