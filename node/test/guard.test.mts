// A guarded function: denied it runs zero times, in every shape; however it ends, its permit ends too.
import {
  type contracts,
  type Decision,
  Denied,
  type Guarded,
  type Kernel,
  PolicyDenied,
  type Run,
  type TalosError,
} from "talos-kernel";
import { describe, expect, expectTypeOf, test } from "vitest";
import { collected, decisions, failureOf, log, memory, onDisk, outcomes } from "./support.mjs";

/** A function in each shape, that counts how often its first line ran. */
function shapes() {
  const count = { runs: 0 };
  class Box {
    plain(_path: string): string {
      count.runs += 1;
      return "done";
    }
  }
  return {
    count,
    all: {
      function: function named(_path: string) {
        count.runs += 1;
        return "done";
      },
      arrow: (_path: string) => {
        count.runs += 1;
        return "done";
      },
      async: async (_path: string) => {
        count.runs += 1;
        await Promise.resolve();
        return "done";
      },
      generator: function* (_path: string) {
        count.runs += 1;
        yield "done";
      },
      asyncGenerator: async function* (_path: string) {
        count.runs += 1;
        yield "done";
      },
      method: Box.prototype.plain,
      bound: Box.prototype.plain.bind(new Box()),
    },
  };
}

/** Calls a guarded function of any shape, to its end. */
// biome-ignore lint/suspicious/noExplicitAny: of any shape.
async function drive(fn: (...args: any[]) => any, ...args: unknown[]): Promise<unknown> {
  const answer: unknown = fn(...args);
  if (Symbol.asyncIterator in Object(answer)) {
    const items: unknown[] = [];
    for await (const item of answer as AsyncIterable<unknown>) {
      items.push(item);
    }
    return items[0];
  }
  return answer;
}

const names = Object.keys(shapes().all) as (keyof ReturnType<typeof shapes>["all"])[];

describe.each(names)("a function of the shape %s", (shape) => {
  test.each(["look", "change", "erase"])("runs once where %s is allowed, and is settled", async (name) => {
    const kernel = memory();
    const { all, count } = shapes();
    const guarded = kernel.guard(all[shape] as () => unknown, { name });
    expect(await kernel.run({}, () => drive(guarded, "a.txt"))).toBe("done");
    expect(count.runs).toBe(1);
    expect(await outcomes(kernel)).toEqual(["ok"]);
  });

  test.each([
    ["that is not listed", "elsewhere", "a.txt", "policy.tool_not_allowed"],
    ["with blocked content", "look", "credentials", "policy.blocked_pattern"],
    ["with arguments that are no JSON", "look", Number.NaN, "malformed.number"],
    ["with a Buffer", "change", Buffer.from("x"), "malformed.type"],
  ])("runs zero times under a name %s", async (_, name, argument, code) => {
    const kernel = memory();
    const { all, count } = shapes();
    const guarded = kernel.guard(all[shape] as () => unknown, { name });
    const error = await kernel.run({}, () => failureOf(() => drive(guarded, argument)));
    expect(Denied.is(error) && error.code).toBe(code);
    expect((error as TalosError).receiptId).toMatch(/^[\w-]{43}$/u);
    expect(count.runs).toBe(0);
    expect(await decisions(kernel)).toEqual([`deny ${code}`]);
  });

  test("runs zero times where no run is open", async () => {
    const kernel = memory();
    const { all, count } = shapes();
    const error = await failureOf(() =>
      drive(kernel.guard(all[shape] as () => unknown, { name: "look" }), "a"),
    );
    expect([error.name, error.code, count.runs]).toEqual(["ContextMissing", "context.missing", 0]);
  });

  test("runs zero times after its kernel was closed", async () => {
    const kernel = memory();
    const { all, count } = shapes();
    const run = await kernel.openRun();
    const guarded = run.guard(all[shape] as () => unknown, { name: "look" });
    await kernel.close();
    expect((await failureOf(() => drive(guarded, "a"))).code).toBe("kernel.closed");
    expect(count.runs).toBe(0);
  });

  test("keeps name, length and what is said about it, and leads to the function by nothing", () => {
    const kernel = memory();
    const raw = Object.assign(shapes().all[shape] as () => unknown, {
      description: "says so",
      strict: true,
      schema: { type: "object", properties: { path: { type: "string" } } },
    });
    Object.assign(raw, { self: raw, meta: { deep: { raw } }, list: [[raw]], others: new Map([[raw, raw]]) });
    const guarded = kernel.guard(raw, { name: "look" }) as unknown as Record<PropertyKey, unknown> &
      (() => unknown);
    expect([guarded.name, guarded.length]).toEqual([raw.name, raw.length]);
    expect([guarded.description, guarded.strict]).toEqual(["says so", true]);
    expect(guarded.schema).toEqual({ type: "object", properties: { path: { type: "string" } } });
    expect(Object.keys(guarded).sort()).toEqual(["description", "inRun", "schema", "strict"]);
    expect(reachable(guarded)).not.toContain(raw);
    expect(() => Object.assign(guarded, { name: "other" })).toThrow(TypeError);
  });
});

/** Everything that can be reached from something by properties, symbols and prototypes. */
function reachable(from: unknown, found = new Set<unknown>()): Set<unknown> {
  if ((typeof from !== "object" && typeof from !== "function") || from === null || found.has(from)) {
    return found;
  }
  // What every function has leads everywhere, and not to this one.
  if (from === Function.prototype || from === Object.prototype) {
    return found;
  }
  found.add(from);
  for (const key of Reflect.ownKeys(from)) {
    reachable(Reflect.getOwnPropertyDescriptor(from, key)?.value, found);
  }
  return reachable(Object.getPrototypeOf(from), found);
}

describe("what ends a call", () => {
  const fails = (name: string, fn: (...args: never[]) => unknown) => {
    const kernel = memory();
    return { kernel, guarded: kernel.guard(fn, { name }) };
  };

  test.each(["look", "change"])("an exception goes on as it is, and settles %s as error", async (name) => {
    const thrown = new Error("mine");
    const { kernel, guarded } = fails(name, () => {
      throw thrown;
    });
    expect(await kernel.run({}, () => failureOf(() => guarded()))).toBe(thrown);
    expect(await outcomes(kernel)).toEqual(["error"]);
  });

  test("a rejection by an AbortSignal settles as cancelled", async () => {
    const { kernel, guarded } = fails("change", async () => {
      AbortSignal.abort().throwIfAborted();
    });
    expect((await kernel.run({}, () => failureOf(() => guarded()))).name).toBe("AbortError");
    expect(await outcomes(kernel)).toEqual(["cancelled"]);
  });

  test("an exception in a generator settles as error, an early end as cancelled, and cleans up", async () => {
    const kernel = memory();
    let cleaned = 0;
    const guarded = kernel.tool({ name: "look" }, function* (fail: boolean) {
      try {
        yield 1;
        if (fail) {
          throw new Error("mine");
        }
        yield 2;
      } finally {
        cleaned += 1;
      }
    });
    await kernel.run({}, async () => {
      await failureOf(() => drive(guarded, true));
      for await (const item of guarded(false)) {
        expect(item).toBe(1);
        break;
      }
      const thrown = guarded(false);
      await thrown.next();
      expect((await failureOf(() => thrown.throw(new Error("from outside")))).message).toBe("from outside");
      expect(await guarded(false).return(undefined as never)).toEqual({ done: true, value: undefined });
    });
    expect(cleaned).toBe(3);
    expect(await outcomes(kernel)).toEqual(["error", "cancelled", "error"]);
  });

  test("a generator is begun at its first item, and takes and gives values", async () => {
    const kernel = memory();
    const guarded = kernel.tool({ name: "look" }, function* (first: number): Generator<
      number,
      string,
      number
    > {
      const second = yield first;
      return `${first}${second}`;
    });
    await kernel.run({}, async (run) => {
      const items = guarded(1);
      expect(run.counters().toolCallsInFlight).toBe(0);
      expect(await items.next()).toEqual({ done: false, value: 1 });
      expect(run.counters().toolCallsInFlight).toBe(1);
      expect(await items.next(2)).toEqual({ done: true, value: "12" });
      expect(run.counters().toolCallsInFlight).toBe(0);
    });
  });

  test("an abandoned generator is settled as unknown when it is collected", async () => {
    const kernel = memory();
    const guarded = kernel.tool({ name: "look" }, function* () {
      yield 1;
      yield 2;
    });
    const run = await kernel.openRun();
    await guarded.inRun(run)().next();
    expect(run.counters().toolCallsInFlight).toBe(1);
    expect(await collected(() => run.counters().toolCallsInFlight === 0)).toBe(true);
    expect(await outcomes(kernel)).toEqual(["unknown"]);
  });

  test("a forgotten permit is released, and a forgotten started one is settled as unknown", async () => {
    const kernel = memory();
    const run = await kernel.openRun();
    await (async () => {
      run.decide("look", {});
      await (await run.authorize("change", {})).start();
    })();
    expect(run.counters().toolCallsInFlight).toBe(2);
    expect(await collected(() => run.counters().toolCallsInFlight === 0)).toBe(true);
    expect(await outcomes(kernel)).toEqual(["unknown"]);
  });

  test("a function that returns a generator is no generator function, and gives none away", async () => {
    const { kernel, guarded } = fails("look", () =>
      (function* () {
        yield 1;
      })(),
    );
    expect((await kernel.run({}, () => failureOf(() => guarded()))).message).toMatch(
      /guard the generator function/u,
    );
    expect(await outcomes(kernel)).toEqual(["error"]);
  });

  test("a result that is no JSON is given to the caller, and left out of the receipt", async () => {
    const result = new Map();
    const { kernel, guarded } = fails("change", () => result);
    expect(await kernel.run({}, () => guarded())).toBe(result);
    const outcome = (await log(kernel)).find((body) => body.kind === "outcome")?.outcome;
    expect(outcome).toEqual({ status: "ok" });
  });
});

test("the caller gets a result when its outcome is on disk, except of reads", async () => {
  const kernel = await onDisk();
  const change = kernel.guard(() => 1, { name: "change" });
  await kernel.run({}, async () => {
    for (let round = 0; round < 5; round += 1) {
      await change();
      expect((await kernel.receipts.last()).body.kind).toBe("outcome");
    }
  });
});

describe("arguments", () => {
  test("are told as one object, by position, by name, or as a mapping says", async () => {
    const kernel = memory();
    const told = async (args: Parameters<typeof kernel.guard>[1], ...given: unknown[]): Promise<unknown> => {
      const guarded = kernel.guard((..._: unknown[]) => 1, { name: "look", ...args });
      const before = (await log(kernel)).length;
      await kernel.run({}, () => guarded(...given));
      return (await log(kernel)).slice(before).find((body) => body.kind === "decision")?.action?.args_commit;
    };
    // Commitments are salted: what is blocked shows what was told.
    for (const [options, given] of [
      [{}, [{ path: "credentials" }]],
      [{}, ["a", "credentials"]],
      [{}, [["credentials"]]],
      [{ args: ["path"] }, ["credentials"]],
      [{ args: ["path"] }, ["a", "credentials"]],
      [{ args: (a: string) => ({ a }) }, ["credentials"]],
    ] as const) {
      expect((await failureOf(() => told(options, ...given))).code).toBe("policy.blocked_pattern");
    }
    expect(await told({ args: () => ({}) }, "credentials")).toBeTypeOf("string");
  });

  test("are hidden behind no name that two of them share", () => {
    const kernel = memory();
    for (const args of [["path", "path"], ["1"]]) {
      expect(() => kernel.guard(() => 1, { name: "look", args })).toThrow(TypeError);
    }
  });

  test("that change while the kernel waits for the disk stop the call", async () => {
    const kernel = await onDisk();
    let runs = 0;
    const change = kernel.tool({ name: "change" }, (_: { path: string }) => {
      runs += 1;
    });
    const argument = { path: "a.txt" };
    const error = await kernel.run({}, async () => {
      const waiting = failureOf(() => change(argument));
      argument.path = "credentials";
      return waiting;
    });
    expect([error.code, runs]).toEqual(["call.args_mismatch", 0]);
    expect(await outcomes(kernel)).toEqual(["cancelled"]);
  });

  describe.each(["memory", "disk"])("that change after the call, with a log in %s,", (where) => {
    const opened = async () => (where === "memory" ? memory() : onDisk());
    const tools = ["look", "change", "erase"];

    test.each(tools)("are not what %s runs with", async (name) => {
      const kernel = await opened();
      const seen: string[] = [];
      const guarded = kernel.guard((given: { path: string }) => seen.push(given.path), { name });
      await kernel.run({}, async () => {
        const given = { path: "ok" };
        const ended = guarded(given).catch((error: TalosError) => error.code);
        given.path = "credentials";
        expect([1, "call.args_mismatch"]).toContain(await ended);
      });
      expect(seen).not.toContain("credentials");
    });

    test.each(tools)("are not what a generator %s runs with", async (name) => {
      const kernel = await opened();
      const seen: string[] = [];
      function* plain(given: { path: string }) {
        yield seen.push(given.path);
      }
      async function* later(given: { path: string }) {
        yield seen.push(given.path);
      }
      await kernel.run({}, async () => {
        for (const raw of [plain, later]) {
          const given = { path: "ok" };
          const items = kernel.guard<(given: { path: string }) => AsyncGenerator<number>>(
            raw as typeof later,
            { name },
          )(given);
          const ended = items.next().catch((error: TalosError) => error.code);
          given.path = "credentials";
          await ended;
        }
      });
      expect(seen).not.toContain("credentials");
    });

    // A mapping is called once more where the kernel had to wait: whichever call of it leaves work behind.
    const leftovers = tools.flatMap((name) =>
      [1, 2].flatMap((at) => [1, 2, 3, 4].map((n) => [name, at, n] as const)),
    );
    test.each(leftovers)(
      "by an args mapping of %s, in call %d and %d turns later,",
      async (name, at, turns) => {
        const kernel = await opened();
        const seen: string[] = [];
        const later = (left: number, work: () => void): void =>
          queueMicrotask(left > 1 ? () => later(left - 1, work) : work);
        const mapping = () => {
          let calls = 0;
          return (given: { path: string }) => {
            const { path } = given;
            calls += 1;
            if (calls === at) {
              later(turns, () => {
                given.path = "credentials";
              });
            }
            return { path };
          };
        };
        const plain = kernel.guard((given: { path: string }) => seen.push(given.path), {
          name,
          args: mapping(),
        });
        const items = kernel.guard(
          function* (given: { path: string }) {
            yield seen.push(given.path);
          },
          { name, args: mapping() },
        );
        await kernel.run({}, async () => {
          await plain({ path: "ok" }).catch(() => undefined);
          await items({ path: "ok" })
            .next()
            .catch(() => undefined);
        });
        expect(seen).not.toContain("credentials");
      },
    );
  });

  test("keep the receiver", async () => {
    const kernel = memory();
    class Box {
      #value = 7;
      look = kernel.guard(Box.prototype.read, { name: "look" });
      read(): number {
        return this.#value;
      }
    }
    const box = new Box();
    expect(await kernel.run({}, () => box.look())).toBe(7);
  });
});

describe("the run of a call", () => {
  const who = async (kernel: Kernel) =>
    (await log(kernel)).filter((body) => body.kind === "decision").map((body) => body.run);

  test("is the named one, else the open one of its kernel, else the one that it is bound to", async () => {
    const [kernel, other] = [memory(), memory()];
    const [bound, named] = [await kernel.openRun(), await kernel.openRun()];
    const look = bound.guard(() => 1, { name: "look" });
    const seen: string[] = [];
    await look();
    await kernel.run({}, async (outer) => {
      await look();
      await kernel.run({}, async (inner) => {
        await look();
        await other.run({}, () => look());
        seen.push(inner.id, inner.id);
      });
      await look();
      await look.inRun(named)();
      seen.unshift(outer.id);
      seen.push(outer.id);
    });
    expect(await who(kernel)).toEqual([bound.id, ...seen, named.id]);
    expect(await who(other)).toEqual([]);
  });

  test("follows asynchronous calls, and is not confused by those beside it", async () => {
    const kernel = memory();
    const look = kernel.guard(() => kernel.currentRun?.id, { name: "look" });
    const ids = await Promise.all(
      [1, 2, 3, 4].map(() =>
        kernel.run({}, async (run) => {
          await new Promise((resolve) => setTimeout(resolve, 2));
          return [run.id, await look()];
        }),
      ),
    );
    for (const [opened, seen] of ids) {
      expect(seen).toBe(opened);
    }
    expect(new Set(ids.map(([opened]) => opened)).size).toBe(4);
  });

  test("is closed at the end, and what is left over is denied", async () => {
    const kernel = memory();
    const look = kernel.guard(() => 1, { name: "look" });
    const kept: { run?: Run } = {};
    await failureOf(() =>
      kernel.run({}, (run) => {
        kept.run = run;
        throw new Error("mine");
      }),
    );
    expect((await failureOf(() => look.inRun(kept.run as Run)())).code).toBe("run.closed");
    expect((await log(kernel)).at(-1)?.kind).toBe("close");
  });

  test("names agent and user", async () => {
    const kernel = memory();
    const { did } = await kernel.identity("researcher");
    await kernel.run({ agent: "researcher", user: "ada" }, (run) => {
      expect(run.actor).toBe(did);
      return kernel.guard(() => 1, { name: "look" })();
    });
    const decision = (await log(kernel)).find((body) => body.kind === "decision");
    expect([decision?.actor, decision?.principal]).toEqual([did, "ada"]);
  });
});

describe("a denial", () => {
  test("is returned, or what a function makes of it, where that is asked for", async () => {
    const kernel = memory();
    const returned = kernel.guard(() => 1, { name: "none", onDeny: "return" });
    const made = kernel.guard(async () => 1, { name: "none", onDeny: (error) => error.code });
    await kernel.run({}, async () => {
      expect(PolicyDenied.is(await returned())).toBe(true);
      expect(await made()).toBe("policy.tool_not_allowed");
    });
    // What is no denial is thrown in any case.
    expect((await failureOf(() => returned())).code).toBe("context.missing");
  });

  test.each(["generator", "asyncGenerator"] as const)("is the one item of a denied %s", async (shape) => {
    const kernel = memory();
    const { all, count } = shapes();
    const raw = all[shape] as () => AsyncGenerator<string>;
    const itemsOf = async (items: AsyncGenerator<unknown, unknown>) => {
      const found: unknown[] = [];
      for (let step = await items.next(); ; step = await items.next()) {
        found.push(step.value);
        if (step.done) {
          return found;
        }
      }
    };
    await kernel.run({}, async () => {
      const [error, end] = await itemsOf(kernel.guard(raw, { name: "none", onDeny: "return" })());
      expect([PolicyDenied.is(error), end]).toEqual([true, undefined]);
      const made = kernel.guard(raw, { name: "none", onDeny: async (denied) => denied.code });
      expect(await itemsOf(made())).toEqual(["policy.tool_not_allowed", undefined]);
    });
    expect(count.runs).toBe(0);
  });

  test("has the decision that it stands for", async () => {
    const kernel = memory();
    const run = await kernel.openRun();
    const error = (await failureOf(() => run.authorize("none", {}))) as TalosError;
    const decision: contracts.Decision | undefined = error.decision;
    expect([decision?.verdict, decision?.receipt_id]).toEqual(["deny", error.receiptId]);
    const denied: Decision = run.decide("none", {});
    expect([denied.allowed, denied.permit, denied.toError().code]).toEqual([
      false,
      undefined,
      "policy.tool_not_allowed",
    ]);
  });
});

describe("many at once", () => {
  test("keep their names as keys, and their places in a list", async () => {
    const kernel = memory();
    const { look, none } = kernel.guardAll({ look: () => 1, none: () => 2 });
    const [first] = kernel.guardAll([
      function look() {
        return 3;
      },
    ]);
    await kernel.run({}, async (run) => {
      expect([await look(), await first?.()]).toEqual([1, 3]);
      expect((await failureOf(() => none())).code).toBe("policy.tool_not_allowed");
      expect(await run.guardAll({ look: () => 4 }).look()).toBe(4);
    });
  });

  test("run beside each other", async () => {
    const kernel = memory();
    const change = kernel.guard(async (n: number) => n, { name: "change" });
    const all = await kernel.run({}, () => Promise.all(Array.from({ length: 200 }, (_, n) => change(n))));
    expect(all).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });
});

test("the types tell the truth", () => {
  const kernel = memory();
  const plain = kernel.guard((_a: string, _b?: number) => 1, { name: "look" });
  expectTypeOf(plain).parameters.toEqualTypeOf<[_a: string, _b?: number | undefined]>();
  expectTypeOf(plain).returns.toEqualTypeOf<Promise<number>>();
  const later = kernel.tool({ name: "look" }, async () => "x");
  expectTypeOf(later).returns.toEqualTypeOf<Promise<string>>();
  const returned = kernel.tool({ name: "look", onDeny: "return" }, async () => "x");
  expectTypeOf(returned).returns.toEqualTypeOf<Promise<string | TalosError>>();
  const made = kernel.guard(() => 1, { onDeny: () => true, name: "look" });
  expectTypeOf(made).returns.toEqualTypeOf<Promise<number | boolean>>();
  const items = kernel.guard(
    function* items(): Generator<number, string, boolean> {
      yield 1;
      return "";
    },
    { name: "look" },
  );
  expectTypeOf(items).returns.toEqualTypeOf<AsyncGenerator<number, string, boolean>>();
  const denied = kernel.guard(
    async function* items(): AsyncGenerator<number, string, boolean> {
      yield 1;
      return "";
    },
    { name: "look", onDeny: "return" },
  );
  expectTypeOf(denied).returns.toEqualTypeOf<
    AsyncGenerator<number | TalosError, string | undefined, boolean>
  >();
  const all = kernel.guardAll({ a: (_: string) => 1, b: async () => "x" });
  expectTypeOf(all.b).returns.toEqualTypeOf<Promise<string>>();
  expectTypeOf(plain.inRun).parameter(0).toEqualTypeOf<Run>();
  expectTypeOf<Guarded<() => number>>().returns.toEqualTypeOf<Promise<number>>();
});
