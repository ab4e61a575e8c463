// Threads, processes, waiting and memory: what holds while everything goes on, and when something stops.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { call, invoke } from "talos-kernel";
import { expect, test } from "vitest";
import { collected, directory, failureOf, log, memory, onDisk, outcomes } from "./support.mjs";

const program = (name: string) => new URL(`./programs/${name}`, import.meta.url).pathname;

async function says(child: ChildProcess): Promise<void> {
  await once(child.stdout as NodeJS.ReadableStream, "data");
}

/** Another process has the write lock of the log for as long as the work goes on, and a little longer. */
async function whileLocked<T>(path: string, seconds: number, work: () => Promise<T>): Promise<T> {
  const python = process.env.TALOS_PYTHON ?? "python3";
  const holder = spawn(python, [program("lock.py"), path, String(seconds)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await says(holder);
  const ended = once(holder, "exit");
  const result = await work();
  await ended;
  return result;
}

test("the event loop goes on while calls wait for the disk", async () => {
  const kernel = await onDisk();
  const run = await kernel.openRun();
  const change = run.guard((n: number) => n, { name: "change" });
  const look = run.guard((n: number) => n, { name: "look" });
  await whileLocked(kernel.directory as string, 2, async () => {
    const begin = performance.now();
    let [last, longest] = [begin, 0];
    const ticks = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    // More than the threads of libuv's pool, which stays free for others.
    const waiting = Promise.all(Array.from({ length: 16 }, (_, n) => change(n)));
    expect(await look(7)).toBe(7);
    expect(run.decide("change", {}).allowed).toBe(true);
    const { stat } = await import("node:fs/promises");
    await stat(".");
    expect(performance.now() - begin).toBeLessThan(1200);
    expect(await waiting).toHaveLength(16);
    expect(performance.now() - begin).toBeGreaterThan(1500);
    clearInterval(ticks);
    // Far from the two seconds, and far enough from what a busy machine does to timers.
    expect(longest).toBeLessThan(800);
  });
});

test("a loop over calls that wait for nothing lets everything else have its turn", async () => {
  const kernel = memory();
  const look = kernel.guard(() => 1, { name: "look" });
  let turns = 0;
  const ticks = setInterval(() => {
    turns += 1;
  }, 0);
  await kernel.run({}, async () => {
    for (let n = 0; n < 2_000; n += 1) {
      await look();
    }
  });
  clearInterval(ticks);
  expect(turns).toBeGreaterThan(2);
});

test("a killed process leaves its call to the gap of the next writer", async () => {
  const path = directory();
  const child = spawn(process.execPath, [program("killed.cjs"), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await says(child);
  child.kill("SIGKILL");
  await once(child, "exit");
  const kernel = await onDisk(path);
  await kernel.run({}, () => undefined);
  const bodies = await log(kernel);
  const started = bodies.find((body) => body.kind === "decision");
  const gap = bodies.find((body) => body.kind === "gap");
  expect(gap?.permits).toMatchObject([{ call: started?.call }]);
  expect(await outcomes(kernel)).toEqual([]);
});

test("workers and processes have kernels of their own on one directory", async () => {
  const path = directory();
  const calls = 15;
  const kernel = await onDisk(path);
  const workers = [1, 2].map(() =>
    once(new Worker(program("worker.cjs"), { workerData: { directory: path, calls } }), "message"),
  );
  const children = [1, 2].map(() => once(fork(program("worker.cjs"), [path, String(calls)]), "message"));
  for (const [sum] of await Promise.all([...workers, ...children])) {
    expect(sum).toBe(calls);
  }
  const statuses = await outcomes(kernel);
  expect(statuses).toEqual(Array.from({ length: 4 * 2 * calls }, () => "ok"));
  expect(await kernel.audit.verify()).toMatchObject({ chains: 4, closed: 4, open: 0 });
});

test("a worker that is stopped while it waits takes nobody with it", async () => {
  const path = directory();
  const kernel = await onDisk(path);
  await whileLocked(path, 0.8, async () => {
    const worker = new Worker(program("worker.cjs"), { workerData: { directory: path, calls: 1000 } });
    await once(worker, "online");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await worker.terminate();
  });
  await kernel.run({}, () => undefined);
  expect((await kernel.audit.verify()).size).toBeGreaterThan(0);
});

test("a process ends by itself when it has nothing more to do", async () => {
  const code =
    "const {Kernel} = require('./dist/index.js'); const k = Kernel.inMemory(); k.openRun().then((r) => r.decide('x'))";
  const child = spawn(process.execPath, ["-e", code], {
    cwd: new URL("..", import.meta.url),
    stdio: "inherit",
  });
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("a million calls leave nothing behind", async () => {
  const input = { text: "[1]", profile: "talos-data" } as const;
  const round = async (times: number) => {
    for (let n = 0; n < times; n += 1) {
      invoke("json.canonicalize", input);
      call("json.canonicalize", '{"text":"[1]","profile":"talos-data"}');
      if (n % 10_000 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    globalThis.gc?.();
    return process.memoryUsage().rss;
  };
  const before = await round(100_000);
  expect((await round(400_000)) - before).toBeLessThan(48 * 1024 * 1024);
});

test("errors and calls that end leave no handles behind", async () => {
  const kernel = memory();
  const look = kernel.guard(() => 1, { name: "look" });
  const none = kernel.guard(() => 1, { name: "none", onDeny: "return" });
  const round = async (times: number) => {
    await kernel.run({}, async (run) => {
      for (let n = 0; n < times; n += 1) {
        await look();
        await none();
        await failureOf(() => invoke("no.such", {}));
        run.decide("look");
      }
      await collected(() => run.counters().toolCallsInFlight === 0);
      expect(run.counters().toolCallsInFlight).toBe(0);
    });
    globalThis.gc?.();
    return process.memoryUsage().rss;
  };
  const before = await round(2_000);
  // A log in memory grows by each receipt; the handles around it do not.
  expect((await round(2_000)) - before).toBeLessThan(48 * 1024 * 1024);
});
