// Functions of a Python program and of a Node program behind the same kernel, in their own processes.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answer, folder, program, python, receipts, words, work } from "./place.mjs";
import { check, heading, line, verdict } from "./show.mjs";

const POLICY = `id: demo-functions
allowed_tools:
  - name: write_note
    effect: write
`;

const EXPECTED = "open; allow write_note; outcome ok; deny delete_note policy.tool_not_allowed; close";

function guarded(language, command, file, policy) {
  const files = folder(language);
  const state = join(work, `talos-${language}`);
  const said = answer(file, command, [program(file), files, state, policy]);
  const note = join(files, "today.txt");
  verdict(`${language}: write_note(today.txt)`, false, said.written);
  verdict(`${language}: delete_note(today.txt)`, true, said.denied);
  check(said.denied.includes("policy.tool_not_allowed"), "the refusal says why", said.denied);
  check(existsSync(note), `the denied ${language} function did not run: the note is still there`);
  check(readFileSync(note, "utf8") === said.written, `the allowed ${language} function ran`);
  const got = receipts(state).map(words).join("; ");
  check(got === EXPECTED, `the receipts of the ${language} functions are the expected ones`, got);
  const bundle = join(state, "bundle.json");
  return { of: `the ${language} function`, bundle, logKey: said.log_key, issuer: said.issuer };
}

/** What the functions did, and the bundles of their denials. */
export function functions() {
  heading("Functions of a Python and of a Node program, the same kernel in their own processes");
  line("policy: write_note");
  const policy = join(work, "functions.yaml");
  writeFileSync(policy, POLICY);
  const bundles = [
    guarded("Python", python, "guarded.py", policy),
    guarded("Node", process.execPath, "guarded.mjs", policy),
  ];
  line(`receipts of each: ${EXPECTED}`);
  return bundles;
}
