// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type {
  JsonCanonicalizeInput,
  JsonCanonicalizeOutput,
  JsonParseStrictInput,
  JsonParseStrictOutput,
} from "../types.js";

/** Writes a JSON text in canonical form, if it keeps the rules of the profile. */
export function canonicalize(input: JsonCanonicalizeInput): JsonCanonicalizeOutput {
  return invoke("json.canonicalize", input);
}

/** Parses a JSON text, if it keeps the rules of the profile. */
export function parseStrict(input: JsonParseStrictInput): JsonParseStrictOutput {
  return invoke("json.parse_strict", input);
}
