// Where the demonstration happens, and the programs in it.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "./show.mjs";

const root = new URL("../..", import.meta.url).pathname;
export const oracle = join(root, "tests/oracle/verify.py");
export const talos = process.env.TALOS_BIN ?? join(root, "target/debug/talos");
export const python = process.env.TALOS_PYTHON ?? "python3";

export const work = mkdtempSync(join(tmpdir(), "talos-demo-"));

/** A new folder in the working folder. */
export function folder(...names) {
  const path = join(work, ...names);
  mkdirSync(path, { recursive: true });
  return path;
}

/** A program of this demonstration. */
export function program(name) {
  return join(root, "node/demo", name);
}

export function run(command, args, input = "") {
  const done = spawnSync(command, args, { encoding: "utf8", input });
  if (done.error) throw done.error;
  return { status: done.status, out: done.stdout.trim(), err: done.stderr.trim() };
}

/** What a program that has to succeed says, as JSON. */
export function answer(what, command, args, input) {
  const done = run(command, args, input);
  check(done.status === 0, `${what} succeeds`, done.err || done.out);
  return JSON.parse(done.out);
}

/** The receipts of a directory, oldest first. */
export function receipts(directory) {
  const entries = answer("talos log show", talos, ["--dir", directory, "--json", "log", "show"]);
  return entries.map(({ index, receipt_id, receipt }) => ({ index, receipt_id, ...receipt }));
}

/** A receipt of a decision or an outcome in few words. */
export function words({ kind, action, verdict, outcome, reasons = [] }) {
  const rest = kind === "decision" ? [verdict, action.target, ...reasons] : [kind, outcome?.status];
  return rest.filter(Boolean).join(" ");
}
