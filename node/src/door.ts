/** The generic door of the pure operations: an operation by its id, JSON in and JSON out. */

import { attempt } from "./failure.js";
import { Malformed } from "./generated/errors.js";
import type { OperationId, OperationTypes } from "./generated/operations.js";
import { native } from "./native.js";

/** A JSON text: as a string, or as UTF-8 in any kind of buffer. */
export type Text = string | ArrayBufferView | ArrayBufferLike;

/** The bytes of a text, in memory that no other thread can change meanwhile. */
export function bytesOf(text: Text): string | Uint8Array {
  if (typeof text === "string") {
    return text;
  }
  const bytes = ArrayBuffer.isView(text)
    ? new Uint8Array(text.buffer, text.byteOffset, text.byteLength)
    : new Uint8Array(text);
  return bytes.buffer instanceof ArrayBuffer ? bytes : Uint8Array.from(bytes);
}

/** Bytes as text. What is no UTF-8 is refused: a decoder that mends it makes another text of it. */
export function utf8(what: string, bytes: string | Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes as Uint8Array);
  } catch {
    throw new Malformed("malformed.utf8", `${what} is not UTF-8`);
  }
}

/** Runs a pure operation on one JSON text, and gives its output as canonical JSON. Throws a {@link TalosError}. */
export function call(operation: string, input: Text): Buffer {
  return attempt(() => native.call(operation, bytesOf(input)));
}

/** Runs a pure operation on a value. */
export function invoke<Id extends OperationId>(
  operation: Id,
  input: OperationTypes[Id]["input"],
): OperationTypes[Id]["output"];
export function invoke(operation: string, input: unknown): unknown;
export function invoke(operation: string, input: unknown): unknown {
  return attempt(() => JSON.parse(native.invoke(operation, input)));
}
