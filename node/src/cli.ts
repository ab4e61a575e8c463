#!/usr/bin/env node
/** `talos-kernel call OPERATION`: the pure operations, as `talos call` has them. */

import { once as event } from "node:events";
import { call } from "./door.js";
import { TalosError } from "./generated/errors.js";
import { OPERATIONS } from "./generated/operations.js";
import { native } from "./native.js";

const USAGE = "Usage: talos-kernel call [--lines] <OPERATION> [INPUT]";
const HELP = `Call a pure operation: JSON on stdin, the result or a problem document on stdout

${USAGE}

Arguments:
  <OPERATION>  The operation's id, such as json.canonicalize; \`list\` prints all
  [INPUT]      The JSON text; \`-\` or absent: stdin

Options:
      --lines  One JSON text a line in, one answer a line out
  -h, --help   Print help

Example:
  echo '{"text":"{ \\"b\\": 1.0 }","profile":"talos-data"}' | npx talos-kernel call json.canonicalize

Exit codes:
  0  done
  1  an error; its problem document is printed
  2  the command line is wrong
`;
const NEWLINE = 0x0a;

/** One line an operation that needs no open kernel. */
async function printAll(): Promise<number> {
  const pure = Object.values(OPERATIONS).filter((operation) => operation.pure);
  await print(pure.map((operation) => `${operation.id.padEnd(28)}${operation.summary}\n`).join(""));
  return 0;
}

/** One input, one answer. */
async function once(operation: string, input: string | Uint8Array): Promise<number> {
  try {
    await print(`${call(operation, input)}\n`);
    return 0;
  } catch (error) {
    if (!TalosError.is(error)) {
      throw error;
    }
    await print(`${native.canonical(error.toProblem())}\n`);
    return 1;
  }
}

/** One answer for each line, in order; an empty line gets one too. */
async function eachLine(operation: string): Promise<number> {
  const line = new Bounded();
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    let rest = chunk;
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      line.push(rest.subarray(0, at));
      await answer(operation, line.take());
      rest = rest.subarray(at + 1);
    }
    line.push(rest);
  }
  if (line.length > 0) {
    await answer(operation, line.take());
  }
  return 0;
}

async function answer(operation: string, line: Buffer): Promise<void> {
  // A caller may wait for this answer before it writes the next line.
  await print(Buffer.concat([native.callLine(operation, line), Buffer.of(NEWLINE)]));
}

/** Bytes up to one more than an operation takes: enough for it to say that they are too many. */
class Bounded {
  #chunks: Uint8Array[] = [];
  length = 0;

  push(chunk: Uint8Array): void {
    const kept = chunk.subarray(0, native.INPUT_BYTES + 1 - this.length);
    this.#chunks.push(kept);
    this.length += kept.length;
  }

  take(): Buffer {
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.length = 0;
    return all;
  }
}

async function standardInput(): Promise<Buffer> {
  const input = new Bounded();
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    input.push(chunk);
  }
  return input.take();
}

async function print(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) {
    await event(process.stdout, "drain");
  }
}

/** The command line; gives the exit code. */
async function main(given: readonly string[]): Promise<number> {
  if (given.includes("-h") || given.includes("--help")) {
    await print(HELP);
    return 0;
  }
  const lines = given.includes("--lines");
  const [command, operation, input, ...more] = given.filter((argument) => argument !== "--lines");
  const isWrong =
    command !== "call" || operation === undefined || more.length > 0 || (lines && input !== undefined);
  if (isWrong) {
    process.stderr.write(`${USAGE}\n\nFor more information, try '--help'.\n`);
    return 2;
  }
  if (operation === "list" && input === undefined) {
    return printAll();
  }
  if (lines) {
    return eachLine(operation);
  }
  return once(operation, input === undefined || input === "-" ? await standardInput() : input);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
