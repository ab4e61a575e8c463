// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type {
  EnvelopeSignInput,
  EnvelopeSignOutput,
  EnvelopeVerifyInput,
  EnvelopeVerifyOutput,
} from "../types.js";

/** Puts a payload in a DSSE envelope and signs it. */
export function sign(input: EnvelopeSignInput): EnvelopeSignOutput {
  return invoke("envelope.sign", input);
}

/** Verifies the first signature of a DSSE envelope. */
export function verify(input: EnvelopeVerifyInput): EnvelopeVerifyOutput {
  return invoke("envelope.verify", input);
}
