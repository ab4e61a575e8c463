// The rival's side: `node rival.mjs DIRECTORY`, where DIRECTORY has it in node_modules.
//
// Like Talos it holds a policy that denies by default and allows N tools by name, and guards an empty function; the tool in the middle is
// called. Before anything is timed it has to let that tool pass and stop another.
import { createRequire } from "node:module";
import { join } from "node:path";
import { NO_LOG, serve } from "./serve.mjs";

const require = createRequire(join(process.argv[2], "/"));
const { AgentMeshClient, GenericFrameworkAdapter, PolicyEngine } = require("@microsoft/agent-governance-sdk");

// It throws away the oldest entry beyond 10,000 by copying all others, so it is measured below that, and once above.
const ITS_LOG = 10_000;

const COUNTS = [1, 10, 100];
// Further numbers of names that a policy alone has.
const NAMES = [1_000, 4_096, 10_000];

function empty() {}

function rules(count) {
  return Array.from({ length: count }, (_, i) => ({ action: `tool_${i}`, effect: "allow" }));
}

function client(count) {
  return AgentMeshClient.create("bench", { policyRules: rules(count) });
}

// `executeWithGovernance` answers with a decision; the function is called when it says so.
function executed(count) {
  const mesh = client(count);
  return async (action) => {
    const { decision } = await mesh.executeWithGovernance(action);
    if (decision !== "allow") return false;
    empty();
    return true;
  };
}

// The wrapper of the package, which also makes a trace of the call.
function adapted(count) {
  const adapter = new GenericFrameworkAdapter(client(count));
  return async (action) => (await adapter.run({ name: action, kind: "tool_call", action }, empty)).allowed;
}

// The policy alone: nothing is logged.
function evaluated(count) {
  const engine = new PolicyEngine(rules(count));
  return (action) => {
    if (engine.evaluate(action) !== "allow") return false;
    empty();
    return true;
  };
}

async function prove(name, guard, allowed) {
  if ((await guard(allowed)) !== true) throw new Error(`${name} denied what its policy allows`);
  if ((await guard("tool_denied")) !== false)
    throw new Error(`${name} did not deny what its policy does not allow`);
}

const cases = [];
for (const [name, make, waits, mostCalls] of [
  ["execute", executed, true],
  ["adapter", adapted, true],
  ["evaluate", evaluated, false, NO_LOG],
]) {
  for (const count of name === "evaluate" ? [...COUNTS, ...NAMES] : COUNTS) {
    const target = `tool_${Math.floor(count / 2)}`;
    await prove(name, make(count), target);
    cases.push({
      name: `${name}/${count}`,
      mostCalls,
      prepare() {
        const guard = make(count);
        return { call: () => guard(target), waits };
      },
    });
  }
  cases.push({
    name: `${name}/denied`,
    mostCalls,
    prepare() {
      const guard = make(10);
      return { call: () => guard("tool_denied"), waits };
    },
  });
}
cases.push({
  name: "execute/full-log",
  mostCalls: 2_000,
  async prepare() {
    const guard = executed(10);
    for (let i = 0; i < ITS_LOG; i++) await guard("tool_5");
    return { call: () => guard("tool_5"), waits: true };
  },
});
await serve(cases);
