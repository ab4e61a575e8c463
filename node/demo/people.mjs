// A call that a person approves while it is held, one that is refused, and one that a budget stops.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, officialServer, text } from "../client.mjs";
import { answer, folder, receipts, run, talos, words, work } from "./place.mjs";
import { check, heading, line, verdict } from "./show.mjs";

const EXPECTED = [
  "open",
  "needs_approval write_file approval.required",
  "allow write_file",
  "outcome ok",
  "needs_approval write_file approval.required",
  "deny write_file approval.rejected",
  "allow list_directory",
  "outcome ok",
  "allow list_directory",
  "outcome ok",
  "deny list_directory budget.exceeded",
  "close",
];

const files = folder("reports");
const state = join(work, "talos-people");
const policy = join(work, "people.yaml");
process.env.TALOS_APPROVERS = folder("approvers");

const command = (...args) => ["--dir", state, "--json", ...args];

/** The id of the request that waits. */
async function waiting() {
  for (let tries = 0; tries < 100; tries += 1) {
    const { approvals } = answer(
      "talos approvals list",
      talos,
      command("approvals", "list", "--state", "pending"),
    );
    if (approvals.length > 0) return approvals[0].id;
    await sleep(100);
  }
  return check(false, "a request for approval waits");
}

async function held(client, name, decide) {
  const path = join(files, name);
  const call = client.callTool({
    name: "write_file",
    arguments: { path, content: "Bronze does not tire.\n" },
  });
  // Whatever ends this first, the error of that is the one to be told.
  call.catch(() => undefined);
  const id = await waiting();
  check(!existsSync(path), "the held call has not run");
  line(
    `held     write_file(${name}); a person is asked, and ${decide === "grant" ? "grants" : "refuses"} it`,
  );
  const told = run(talos, ["--dir", state, "approvals", decide, id, "--as", "ada", "--yes"]);
  check(told.status === 0, `talos approvals ${decide}`, told.err || told.out);
  const result = await call;
  verdict(
    `write_file(${name})`,
    result.isError === true,
    text(result).split("\n")[0].replaceAll(`${files}/`, ""),
  );
  check(
    existsSync(path) === (decide === "grant"),
    `a call that was ${decide === "grant" ? "granted" : "refused"}`,
  );
}

async function attempts(client) {
  await held(client, "report.txt", "grant");
  check(
    readFileSync(join(files, "report.txt"), "utf8").includes("Bronze"),
    "the granted call has written its file",
  );
  await held(client, "other.txt", "deny");
  for (const expected of [false, false, true]) {
    const result = await client.callTool({ name: "list_directory", arguments: { path: files } });
    verdict(
      `list_directory(${relative(files, files) || "."})`,
      result.isError === true,
      text(result).split("\n")[0],
    );
    check(
      (result.isError === true) === expected,
      "two calls are in the budget, the third is not",
      text(result),
    );
  }
}

/** Calls that people approve, and a budget. */
export async function people() {
  heading("A person approves what is about to run; a budget stops what it does not cover");
  answer("talos init", talos, command("init"));
  const { key } = answer("talos approvals keygen", talos, command("approvals", "keygen", "ada"));
  writeFileSync(
    policy,
    `id: reports
allowed_tools:
  - {name: write_file, effect: write}
  - {name: list_directory, effect: read}
approvers:
  - {name: ada, key: "${key}"}
approvals:
  - {id: writing, tools: [write_file]}
`,
  );
  answer("talos budget set", talos, command("budget", "set", "tool:list_directory", "2 calls"));
  line("policy: write_file with the approval of ada, list_directory; budget: 2 calls of list_directory");
  const server = [process.execPath, officialServer("filesystem"), files];
  const agent = await connect(talos, ["mcp", "--dir", state, "--policy", policy, "--", ...server]);
  try {
    await attempts(agent.client);
  } finally {
    await agent.close();
  }
  const got = receipts(state).map(words).join("; ");
  check(got === EXPECTED.join("; "), "the receipts tell who was asked and what it came to", got);
  line(
    `receipts: ${EXPECTED.length} signed, among them the request, the grant's redemption, the refusal and the budget`,
  );
}
