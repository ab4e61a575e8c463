// One process of a comparison: a line with the name of a case comes in, its time goes out, and the driver asks the next process.
// The protocol is described in ../python/serve.py.
import { createInterface } from "node:readline";

const MILLISECONDS = 50;
const WARM_UP = 50;
// More calls would fill the logs that most products here keep in memory, and measure the collector.
const MOST_CALLS = 8_000;
// For what keeps nothing.
export const NO_LOG = 1_000_000;

// Milliseconds that `calls` calls take. `prepare` makes a fresh state for each round.
async function measure(one, calls) {
  const { call, waits, close } = await one.prepare();
  const run = waits ? inTurn : atOnce;
  try {
    await run(call, WARM_UP);
    const begun = performance.now();
    await run(call, calls);
    return performance.now() - begun;
  } finally {
    await close?.();
  }
}

async function inTurn(call, calls) {
  for (let i = 0; i < calls; i++) await call();
}

function atOnce(call, calls) {
  for (let i = 0; i < calls; i++) call();
}

// How many calls last about MILLISECONDS.
async function enough(one) {
  const most = one.mostCalls ?? MOST_CALLS;
  for (let calls = 16; ; calls *= 4) {
    const took = await measure(one, calls);
    if (took >= MILLISECONDS / 4 || calls >= most) {
      return Math.max(1, Math.min(most, Math.floor((calls * MILLISECONDS) / took)));
    }
  }
}

// Answers until the input ends.
export async function serve(cases) {
  const known = new Map(cases.map((one) => [one.name, one]));
  const calls = new Map();
  console.log(["ready", ...known.keys()].join(" "));
  for await (const line of createInterface({ input: process.stdin })) {
    const one = known.get(line.trim());
    if (!calls.has(one.name)) calls.set(one.name, await enough(one));
    const count = calls.get(one.name);
    const took = await measure(one, count);
    console.log(`${one.name} ${(took / count) * 1e6} ${count}`);
  }
}
