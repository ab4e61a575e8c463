// Talos' side in Node: `node talos.mjs DIRECTORY`, where DIRECTORY has it in node_modules.
//
// The same function, the same call and the same number of rules as rival.mjs.
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_LOG, serve } from "./serve.mjs";

const require = createRequire(join(process.argv[2], "/"));
const { call, Denied, Kernel, Policy } = require("talos-kernel");

function empty() {}

function policy(rules, effect) {
  const tools = Array.from({ length: rules }, (_, i) => `  - {name: tool_${i}, effect: ${effect}}\n`);
  return Policy.parse(`id: bench\nallowed_tools:\n${tools.join("")}`);
}

// A new kernel in memory or in a new directory, with an open run, and how to end both.
async function opened(place, rules) {
  if (place === "memory") {
    const kernel = Kernel.inMemory(rules);
    return { run: await kernel.openRun(), close: () => kernel.close() };
  }
  const directory = mkdtempSync(join(process.env.TALOS_BENCH_DIR ?? tmpdir(), "talos-"));
  if (place === "disk-log-signed") {
    await (await Kernel.open({ directory, policy: rules })).close();
    appendFileSync(join(directory, "talos.toml"), 'sign_reads = "log"\n');
  }
  const kernel = await Kernel.open({ directory, policy: rules });
  const close = async () => {
    await kernel.close();
    rmSync(directory, { recursive: true });
  };
  return { run: await kernel.openRun(), close };
}

async function guarded(place, rules, effect, tool) {
  const { run, close } = await opened(place, policy(rules, effect));
  return { guard: run.guard(empty, { name: tool, args: ["action"] }), close };
}

function allowed(place, effect, rules) {
  const tool = `tool_${Math.floor(rules / 2)}`;
  return {
    name: `guard-${place}-${effect}/${rules}`,
    async prepare() {
      const { guard, close } = await guarded(place, rules, effect, tool);
      return { call: () => guard(tool), waits: true, close };
    },
  };
}

// A call that is denied, its exception caught.
function denied(place, effect) {
  return {
    name: `guard-${place}-${effect}/denied`,
    async prepare() {
      const { guard, close } = await guarded(place, 10, effect, "tool_denied");
      const call = async () => {
        try {
          await guard("tool_denied");
        } catch (error) {
          if (Denied.is(error)) return;
          throw error;
        }
        throw new Error("not denied");
      };
      return { call, waits: true, close };
    },
  };
}

// `decide` and nothing else. Permits are kept while it is timed: one that is dropped writes the receipt of its release.
function decided(name, tool, args) {
  return {
    name: `decide/${name}`,
    async prepare() {
      const { run, close } = await opened("memory", policy(1, "read"));
      if (run.decide(tool, args).allowed !== (tool === "tool_0"))
        throw new Error("not decided as it should be");
      const kept = [];
      return { call: () => kept.push(run.decide(tool, args)), waits: false, close };
    },
  };
}

// An object of 1,024 bytes for json.canonicalize; the other participants make the same.
function oneKibibyte() {
  const input = (text) => JSON.stringify({ profile: "talos", text: JSON.stringify(text) });
  return Buffer.from(input("x".repeat(1024 - input("").length)));
}

const text = oneKibibyte();
const cases = [
  { name: "function", mostCalls: NO_LOG, prepare: () => ({ call: () => empty("tool_0"), waits: false }) },
  {
    name: "call/1KiB",
    mostCalls: NO_LOG,
    prepare: () => ({ call: () => call("json.canonicalize", text), waits: false }),
  },
  decided("small", "tool_0", { action: "tool_0" }),
  decided("256B", "tool_0", { path: "notes/2026.txt", text: "x".repeat(256) }),
  decided("denied", "tool_denied", { action: "tool_0" }),
];
for (const place of ["memory", "disk", "disk-log-signed"]) {
  for (const effect of ["read", "write"]) {
    if (place === "disk-log-signed" && effect === "write") continue; // only reads may be signed by the log alone
    cases.push(...[1, 10, 100].map((rules) => allowed(place, effect, rules)), denied(place, effect));
  }
}
await serve(cases);
