// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type {
  Ed25519SignInput,
  Ed25519SignOutput,
  Ed25519VerifyInput,
  Ed25519VerifyOutput,
} from "../types.js";

/** Signs bytes with the Ed25519 key of a seed. */
export function sign(input: Ed25519SignInput): Ed25519SignOutput {
  return invoke("ed25519.sign", input);
}

/** Verifies an Ed25519 signature by the strict rules. */
export function verify(input: Ed25519VerifyInput): Ed25519VerifyOutput {
  return invoke("ed25519.verify", input);
}
