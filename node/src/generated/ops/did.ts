// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type { DidKeyEncodeInput, DidKeyEncodeOutput, DidResolveInput, DidResolveOutput } from "../types.js";

/** Makes the did:key of a public key. */
export function keyEncode(input: DidKeyEncodeInput): DidKeyEncodeOutput {
  return invoke("did.key_encode", input);
}

/** Resolves a did:key to its key and its document. */
export function resolve(input: DidResolveInput): DidResolveOutput {
  return invoke("did.resolve", input);
}
