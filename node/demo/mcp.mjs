// An agent with the official MCP client, the official filesystem server, Talos in between.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { connect, officialServer, text } from "../client.mjs";
import { folder, receipts, run, talos, words, work } from "./place.mjs";
import { check, heading, line, table, verdict } from "./show.mjs";

const POLICY = `# What the agent of this demonstration may do. Everything else is denied.
id: demo
allowed_tools:
  - name: read_text_file
    effect: read
  - name: list_directory
    effect: read
blocked_patterns:
  - id: no-credentials
    kind: substring
    pattern: credentials
max_tool_calls_per_request: 2
`;

const EXPECTED = [
  "open",
  "allow read_text_file",
  "outcome ok",
  "deny write_file policy.tool_not_allowed",
  "deny read_text_file policy.blocked_pattern",
  "allow list_directory",
  "outcome ok",
  "deny read_text_file limit.tool_calls",
  "close",
];

const files = folder("files");
const state = join(work, "talos");
const policy = join(work, "policy.yaml");
writeFileSync(join(files, "notes.txt"), "Bronze does not tire.\n");
writeFileSync(join(files, "credentials.txt"), "hunter2\n");
writeFileSync(policy, POLICY);

async function calls() {
  heading("An agent with the official MCP client, the official filesystem server, Talos in between");
  const init = run(talos, ["--dir", state, "init"]);
  check(init.status === 0, "talos init", init.err);
  line(`policy: read_text_file and list_directory; never "credentials"; at most 2 calls`);
  const server = [process.execPath, officialServer("filesystem"), files];
  const agent = await connect(talos, ["mcp", "--dir", state, "--policy", policy, "--", ...server]);
  try {
    await attempts(agent.client);
  } finally {
    await agent.close();
  }
}

async function attempts(client) {
  const { tools } = await client.listTools();
  const names = tools.map((tool) => tool.name).sort();
  check(
    names.join() === "list_directory,read_text_file",
    "the agent sees only what it may call",
    names.join(", "),
  );

  const attempt = async (name, args, expected) => {
    const result = await client.callTool({ name, arguments: args });
    const denied = result.isError === true;
    verdict(`${name}(${relative(files, args.path) || "."})`, denied, text(result).split("\n")[0]);
    check(denied === expected.denied, `${name} is ${expected.denied ? "denied" : "allowed"}`, text(result));
    if (expected.text)
      check(text(result).includes(expected.text), `it says "${expected.text}"`, text(result));
  };
  await attempt("read_text_file", { path: join(files, "notes.txt") }, { denied: false, text: "Bronze" });
  await attempt("write_file", { path: join(files, "planted.txt"), content: "x" }, { denied: true });
  check(!existsSync(join(files, "planted.txt")), "the denied write left no file");
  await attempt("read_text_file", { path: join(files, "credentials.txt") }, { denied: true });
  await attempt("list_directory", { path: files }, { denied: false, text: "notes.txt" });
  await attempt("read_text_file", { path: join(files, "notes.txt") }, { denied: true });
}

function evidence() {
  heading("The evidence: every step is a signed receipt in a Merkle log");
  const found = receipts(state);
  table(
    found.map((r) => [
      r.index,
      r.kind,
      r.action?.target ?? "",
      r.verdict ?? r.outcome?.status ?? "",
      (r.reasons ?? []).join(" "),
      r.receipt_id.slice(0, 12),
    ]),
  );
  const got = found.map(words).join("; ");
  check(got === EXPECTED.join("; "), "the verdicts and reasons are the expected ones", got);
  return found.at(-2);
}

/** What the agent did, and the bundle of the last decision. */
export async function mcp() {
  await calls();
  const last = evidence();
  const bundle = join(work, "bundle.json");
  const proved = run(talos, ["--dir", state, "log", "prove", last.receipt_id, "--out", bundle]);
  check(proved.status === 0, "talos log prove", proved.err);
  const read = (name) => readFileSync(join(state, name), "utf8").trim();
  return { of: "the MCP call", bundle, logKey: read("log.vkey"), issuer: read("identity.did") };
}
