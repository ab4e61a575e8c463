// Reads one JSON text a line and writes its canonical form by the npm package `canonicalize`, one a line.
import { createInterface } from "node:readline";
import canonicalize from "canonicalize";

for await (const text of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
  process.stdout.write(`${canonicalize(JSON.parse(text))}\n`);
}
