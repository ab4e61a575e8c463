// `make run`: the official MCP client calls the official filesystem server through Talos. Every expected outcome is
// asserted; anything else ends with exit code 1.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { connect, officialServer, text } from "../client.mjs";
import { check, heading, line, table, verdict } from "./show.mjs";

const root = new URL("../..", import.meta.url).pathname;
const talos = process.env.TALOS_BIN ?? join(root, "target/debug/talos");
const python = process.env.TALOS_PYTHON ?? "python3";

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

const work = mkdtempSync(join(tmpdir(), "talos-demo-"));
const files = join(work, "files");
const state = join(work, "talos");
const policy = join(work, "policy.yaml");
mkdirSync(files);
writeFileSync(join(files, "notes.txt"), "Bronze does not tire.\n");
writeFileSync(join(files, "credentials.txt"), "hunter2\n");
writeFileSync(policy, POLICY);

const VERIFIED = ["valid  ", "refused"];

function run(command, args) {
  const done = spawnSync(command, args, { encoding: "utf8" });
  if (done.error) throw done.error;
  return { status: done.status, out: done.stdout.trim(), err: done.stderr.trim() };
}

function cli(...args) {
  return run(talos, ["--dir", state, ...args]);
}

function json(...args) {
  const done = cli("--json", ...args);
  check(done.status === 0, `talos ${args.join(" ")}`, done.err || done.out);
  return JSON.parse(done.out);
}

async function calls() {
  heading("An agent with the official MCP client, the official filesystem server, Talos in between");
  const init = cli("init");
  check(init.status === 0, "talos init", init.err);
  line(`policy: read_text_file and list_directory; never "credentials"; at most 2 calls`);
  const agent = await connect(talos, [
    "mcp",
    "--dir",
    state,
    "--policy",
    policy,
    "--",
    process.execPath,
    officialServer("filesystem"),
    files,
  ]);
  const { tools } = await agent.client.listTools();
  const names = tools.map((tool) => tool.name).sort();
  check(
    names.join() === "list_directory,read_text_file",
    "the agent sees only what it may call",
    names.join(", "),
  );

  const attempt = async (name, args, expected) => {
    const result = await agent.client.callTool({ name, arguments: args });
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
  await agent.close();
}

function evidence() {
  heading("The evidence: every step is a signed receipt in a Merkle log");
  const receipts = json("log", "show").map(({ index, receipt_id, receipt }) => ({
    index,
    receipt_id,
    ...receipt,
  }));
  table(
    receipts.map((r) => [
      r.index,
      r.kind,
      r.action?.target ?? "",
      r.verdict ?? r.outcome?.status ?? "",
      (r.reasons ?? []).join(" "),
      r.receipt_id.slice(0, 12),
    ]),
  );
  const decisions = receipts.filter((r) => r.kind === "decision");
  const got = decisions.map((r) => `${r.verdict} ${(r.reasons ?? []).join(" ")}`.trim());
  const expected = [
    "allow",
    "deny policy.tool_not_allowed",
    "deny policy.blocked_pattern",
    "allow",
    "deny limit.tool_calls",
  ];
  check(
    got.join("; ") === expected.join("; "),
    "the verdicts and reasons are the expected ones",
    got.join("; "),
  );
  return decisions.at(-1);
}

function verifiers(bundle, trust) {
  const rust = cli("--json", "log", "verify", bundle, ...trust);
  const oracle = run(python, [join(root, "tests/oracle/verify.py"), bundle, ...trust]);
  return [
    ["talos log verify", rust],
    ["tests/oracle/verify.py", oracle],
  ];
}

function expectBoth(what, bundle, trust, status) {
  for (const [name, done] of verifiers(bundle, trust)) {
    const answer = JSON.parse(done.out || "{}");
    const word = { 0: "valid", 3: "invalid", 4: "untrusted" }[done.status] ?? `exit ${done.status}`;
    verdict(
      `${what}: ${name}`,
      done.status !== 0,
      [word, answer.reason].filter(Boolean).join(", "),
      VERIFIED,
    );
    check(done.status === status, `${name} ends with ${status}`, `${done.status} ${done.out} ${done.err}`);
    check(answer.valid === (status === 0), `${name} answers valid: ${status === 0}`, done.out);
  }
}

function proof(receipt) {
  heading("The proof: one file, checked offline by two verifiers that share no code");
  const bundle = join(work, "bundle.json");
  const proved = cli("log", "prove", receipt.receipt_id, "--out", bundle);
  check(proved.status === 0, "talos log prove", proved.err);
  line(
    `proves   "${receipt.verdict} ${receipt.action.target} ${receipt.reasons.join(" ")}", receipt ${receipt.index}`,
  );
  const vkey = readFileSync(join(state, "log.vkey"), "utf8").trim();
  const issuer = readFileSync(join(state, "identity.did"), "utf8").trim();
  const trust = ["--log-key", vkey, "--issuer", issuer];
  line(`log key  ${vkey}`);
  line(`issuer   ${issuer}`);
  expectBoth("with both keys", bundle, trust, 0);
  expectBoth("with no keys", bundle, [], 4);

  const bytes = readFileSync(bundle);
  const bit = Math.floor(Math.random() * bytes.length * 8);
  bytes[bit >> 3] ^= 1 << (bit & 7);
  const forged = join(work, "forged.json");
  writeFileSync(forged, bytes);
  for (const [name, done] of verifiers(forged, trust)) {
    const answer = JSON.parse(done.out || "{}");
    verdict(`bit ${bit} flipped: ${name}`, done.status !== 0, answer.reason ?? done.err, VERIFIED);
    check(
      done.status === 3 || done.status === 4,
      `${name} refuses the flipped bit`,
      `${done.status} ${done.out}`,
    );
    check(answer.valid === false, `${name} answers valid: false`, done.out);
  }
}

try {
  await calls();
  proof(evidence());
  heading("Everything was as expected.");
} catch (error) {
  process.stderr.write(`\n${error.stack ?? error}\n`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
