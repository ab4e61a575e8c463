// What comes in and goes out: buffers, numbers, texts, objects that are no data, sizes, and errors.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  call,
  invoke,
  Kernel,
  KernelUnavailable,
  Malformed,
  operations,
  Policy,
  ReceiptError,
  TalosError,
} from "talos-kernel";
import { describe, expect, test } from "vitest";
import { directory, failureOf, memory } from "./support.mjs";

const TEXT = '{"text":"{ \\"b\\": 1.0 }","profile":"talos-data"}';
const ANSWER = '{"canonical":"{\\"b\\":1}"}';

/** What the kernel is told of an argument, if it is JSON: the blocked pattern says whether it was seen. */
async function refused(value: unknown): Promise<string | undefined> {
  const run = await memory().openRun();
  try {
    run.decide("look", { value });
    return undefined;
  } catch (error) {
    expect(Malformed.is(error)).toBe(true);
    return (error as TalosError).code;
  }
}

describe("bytes", () => {
  const bytes = Buffer.from(TEXT);
  const padded = Buffer.concat([Buffer.from("xx"), bytes, Buffer.from("yy")]);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  test.each([
    ["a string", TEXT],
    ["a Buffer", bytes],
    ["a Uint8Array with an offset", new Uint8Array(padded.buffer, padded.byteOffset + 2, bytes.length)],
    ["a Buffer with an offset", padded.subarray(2, -2)],
    ["an ArrayBuffer", new Uint8Array(bytes).buffer],
    ["a DataView", new DataView(padded.buffer, padded.byteOffset + 2, bytes.length)],
    ["a view of a SharedArrayBuffer", shared],
    ["a SharedArrayBuffer", shared.buffer],
  ])("are taken from %s", (_, input) => {
    expect(call("json.canonicalize", input).toString()).toBe(ANSWER);
  });

  test.each([[undefined], [null], [7], [[]], [{}], [new Uint16Array(2)]])(
    "are not made of %s",
    async (input) => {
      const error = await failureOf(() => call("json.canonicalize", input as never));
      // Two bytes of a Uint16Array are bytes, and no JSON.
      expect(error instanceof TypeError || Malformed.is(error) || error.message.length > 0).toBe(true);
      expect(error.name).not.toBe("KernelUnavailable");
    },
  );

  test("that no longer are there are none", async () => {
    const { buffer } = new Uint8Array(bytes);
    structuredClone(buffer, { transfer: [buffer] });
    expect((await failureOf(() => call("json.canonicalize", buffer))).code ?? "TypeError").toMatch(
      /malformed|TypeError/u,
    );
  });

  test("of 16 MiB pass, and one more is refused", async () => {
    const limit = 16 * 1024 * 1024;
    const canonical = (text: string) =>
      operations.json.canonicalize({ text, profile: "talos-data" }).canonical;
    const largest = `"${"x".repeat(limit - 2)}"`;
    expect(canonical(largest)).toBe(largest);
    expect((await failureOf(() => canonical(`${largest} `))).code).toBe("malformed.value");
    expect(await refused("x".repeat(limit))).toBe("malformed.size");
    expect(await refused("x".repeat(limit - 100))).toBe(undefined);
  });
});

test("a policy's file that is no UTF-8 is refused, not mended", async () => {
  const path = join(directory(), "policy.yaml");
  const text = (name: string) => Buffer.from(`id: test\nallowed_tools: [{name: "${name}"}]\n`, "latin1");
  for (const name of ["\xff", "caf\xe9", "\xed\xa0\x80", "\xc0\xaf"]) {
    writeFileSync(path, text(name));
    for (const load of [() => Policy.load(path), () => Policy.loadSync(path)]) {
      const error = await failureOf(load);
      expect([Malformed.is(error), error.code]).toEqual([true, "malformed.utf8"]);
    }
  }
  writeFileSync(path, text("caf\xc3\xa9"));
  expect([(await Policy.load(path)).tools, Policy.loadSync(path).tools]).toEqual([["café"], ["café"]]);
});

describe("a value", () => {
  class Point {
    x = 1;
  }
  const cyclic: unknown[] = [];
  cyclic.push({ cyclic });
  const nested = (depth: number): unknown => (depth === 0 ? [] : [nested(depth - 1)]);
  const accessor = Object.defineProperty({}, "x", { enumerable: true, get: () => 1 });
  const thrower = {
    get x(): never {
      throw new Error("mine");
    },
  };
  const hidden = Object.defineProperty({}, "x", { value: 1 });
  const sparse = [1];
  sparse[2] = 3;

  test.each<[string, unknown, string]>([
    ["NaN", Number.NaN, "malformed.number"],
    ["an infinity", Number.NEGATIVE_INFINITY, "malformed.number"],
    ["negative zero", -0, "malformed.number"],
    ["2^53+1 as BigInt", 2n ** 53n + 1n, "malformed.number"],
    ["a huge BigInt", 10n ** 400n + 1n, "malformed.number"],
    ["a lone surrogate", "\ud800", "malformed.surrogate"],
    ["a lone low surrogate", "a\udc00b", "malformed.surrogate"],
    ["a name with a lone surrogate", { "\udfff": 1 }, "malformed.surrogate"],
    ["undefined in a list", [undefined], "malformed.type"],
    ["a function", () => 1, "malformed.type"],
    ["a symbol", Symbol("x"), "malformed.type"],
    ["a member with a symbol", { [Symbol("x")]: 1 }, "malformed.type"],
    ["a cycle", cyclic, "malformed.depth"],
    ["64 levels too deep", nested(64), "malformed.depth"],
    ["a Buffer", Buffer.from("x"), "malformed.type"],
    ["a typed array", new Float64Array(2), "malformed.type"],
    ["an ArrayBuffer", new ArrayBuffer(2), "malformed.type"],
    ["a Date", new Date(), "malformed.type"],
    ["a Map", new Map([["a", 1]]), "malformed.type"],
    ["a RegExp", /x/u, "malformed.type"],
    ["an Error", new Error("x"), "malformed.type"],
    ["a promise", Promise.resolve(1), "malformed.type"],
    ["a boxed string", Object("x"), "malformed.type"],
    ["an object of a class", new Point(), "malformed.type"],
    ["an object over an object", Object.create({ x: 1 }), "malformed.type"],
    ["a list of a class", new (class List extends Array {})(), "malformed.type"],
    ["a Proxy", new Proxy({}, {}), "malformed.type"],
    ["a Proxy of a list", new Proxy([], {}), "malformed.type"],
    ["a revoked Proxy", revoked(), "malformed.type"],
    ["an accessor", accessor, "malformed.type"],
    ["an accessor that throws", thrower, "malformed.type"],
    ["a hidden member", hidden, "malformed.type"],
    ["toJSON", { toJSON: () => "other" }, "malformed.type"],
    ["a sparse list", sparse, "malformed.type"],
    ["a list with a member", Object.assign([1], { extra: 1 }), "malformed.type"],
  ])("is refused: %s", async (_, value, code) => {
    expect(await refused(value)).toBe(code);
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["2^53 as a number, which is exact", 2 ** 53],
    ["the largest double", Number.MAX_VALUE],
    ["a BigInt in range", 2n ** 53n - 1n],
    ["NUL", "a\0b"],
    ["U+FFFD, which is a character", "\ufffd"],
    ["a pair of surrogates", "\ud83d\ude00"],
    ["an object without a prototype", Object.assign(Object.create(null), { x: 1 })],
    ["a list of another realm", runInNewContext("[1, [2]]")],
    ["an object of another realm", runInNewContext("({x: [1, {y: 'z'}]})")],
    ["__proto__ as a name", JSON.parse('{"__proto__": {"x": 1}}')],
    ["a member that is undefined, which counts as absent", { x: undefined }],
    ["a frozen object", Object.freeze({ x: Object.freeze([1]) })],
    ["61 levels", nested(60)],
  ])("is taken: %s", async (_, value) => {
    expect(await refused(value)).toBe(undefined);
  });

  test("is told as it is: the canonical form is the parser's", () => {
    const { native } = nativePart;
    for (const text of [
      '{"a":[1,2.5,-3e-7,1e+21],"b":{"ü":"\\u0000","\\ud83d\\ude00":null},"c":true}',
      "[]",
      '"x"',
      "0",
    ]) {
      const { canonical } = operations.json.canonicalize({ text, profile: "talos-data" });
      expect(native.canonical(JSON.parse(text))).toBe(canonical);
    }
  });

  function revoked(): unknown {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }
});

const nativePart = await import("../dist/native.js");

describe("an error", () => {
  test("has its class, code and members", async () => {
    const error = (await failureOf(() =>
      call("json.canonicalize", '{"text":"{ ","profile":"talos-data"}'),
    )) as TalosError;
    expect(error).toBeInstanceOf(Malformed);
    expect([error.name, error.code, error.status, error.retryable]).toEqual([
      "Malformed",
      "malformed.syntax",
      400,
      false,
    ]);
    expect(error.stack).toContain("boundaries.test");
    expect((await failureOf(() => invoke("no.such", {}))).code).toBe("operation.unknown");
    expect((await failureOf(() => invoke("run.close", { run: "x" }))).code).toBe("kernel.not_open");
  });

  test("keeps what it says where it is copied", async () => {
    const error = (await failureOf(() => invoke("no.such", {}))) as TalosError;
    const problem = { code: "operation.unknown", status: 404, title: error.publicMessage };
    expect(JSON.parse(JSON.stringify(error))).toMatchObject(problem);
    // Copies between threads are plain errors with the message: the document is what travels.
    for (const copy of [structuredClone(error), deserialize(serialize(error))]) {
      expect([copy instanceof Error, copy.message]).toEqual([true, error.message]);
    }
    expect(structuredClone(error.toProblem())).toEqual(error.toProblem());
    expect(TalosError.is(structuredClone(error))).toBe(false);
  });

  test("of a policy names line and column", async () => {
    const error = await failureOf(() => Policy.parse("id: x\nallowed_tolls: []\n"));
    expect([error.name, error.code]).toEqual(["ConfigError", "policy.unknown_key"]);
    expect(error.message).toContain("2:1");
    expect((error as TalosError).suggestion).toBe("allowed_tools");
  });
});

describe("after the end", () => {
  test("a closed kernel answers nothing, whoever asks", async () => {
    const kernel = memory();
    const run = await kernel.openRun();
    const permit = await run.authorize("change", {});
    await kernel.close();
    await kernel.close();
    const asks: (() => unknown)[] = [
      () => kernel.describe(),
      () => kernel.identity("a"),
      () => kernel.openRun(),
      () => kernel.receipts.last(),
      () => kernel.audit.checkpoint(),
      () => kernel.audit.verify(),
      () => kernel.call("kernel.describe", "{}"),
      () => run.decide("look"),
      () => run.authorize("look"),
      () => run.refuse("look", "malformed.type"),
      () => run.counters(),
      () => run.close(),
      () => permit.start(),
    ];
    for (const ask of asks) {
      const error = await failureOf(ask);
      expect([KernelUnavailable.is(error), error.code, String(ask)]).toEqual([
        true,
        "kernel.closed",
        String(ask),
      ]);
    }
    expect(kernel.issuer).toMatch(/^did:key:/u);
  });

  test("a settled permit is not started, settled or released again", async () => {
    const run = await memory().openRun();
    const permit = await run.authorize("change", {});
    await permit.start();
    await permit.settle({ result: { ok: true } });
    for (const ask of [() => permit.start(), () => permit.settle(), () => permit.release()]) {
      expect((await failureOf(ask)).code).toBe("call.state");
    }
    expect(permit.state).toBe("settled");
  });

  test("a block with await using releases or settles what it holds", async () => {
    const kernel = memory();
    const run = await kernel.openRun();
    const issued = await run.authorize("change", {});
    await issued[Symbol.asyncDispose]();
    const started = await run.authorize("change", {});
    await started.start();
    await started[Symbol.asyncDispose]();
    expect([issued.state, started.state]).toEqual(["released", "settled"]);
    await run[Symbol.asyncDispose]();
    await kernel[Symbol.asyncDispose]();
    expect((await failureOf(() => kernel.describe())).code).toBe("kernel.closed");
  });

  test("a panic poisons: every later call fails, and nothing crashes", async () => {
    const kernel = memory();
    const run = await kernel.openRun();
    expect((await failureOf(() => (kernel as unknown as { fault(): void }).fault())).code).toBe(
      "internal.panic",
    );
    for (const ask of [
      () => kernel.describe(),
      () => run.decide("look"),
      () => run.authorize("look"),
      () => kernel.openRun(),
    ]) {
      expect((await failureOf(ask)).code).toBe("kernel.poisoned");
    }
    let runs = 0;
    const guarded = run.guard(() => (runs += 1), { name: "look" });
    expect((await failureOf(() => guarded())).code).toBe("kernel.poisoned");
    expect(runs).toBe(0);
  });
});

describe("evidence", () => {
  test("proves with the keys that are given, and with no others", async () => {
    const kernel = memory();
    await kernel.run({}, (run) => run.authorize("look", {}));
    const bundle = await (await kernel.receipts.at(1)).prove();
    const [logKeys, issuers] = [[kernel.logKey], [kernel.issuer]];
    expect(bundle.verify({ logKeys, issuers })).toMatchObject({ valid: true, trusted: true, index: 1 });
    expect(bundle.verify({ logKeys, issuers }).receipt?.kind).toBe("decision");
    expect(bundle.verify({})).toMatchObject({ valid: false, reason: "trust.none", trusted: false });
    const other = memory();
    expect(bundle.verify({ logKeys: [other.logKey], issuers }).reason).toBe("trust.log_unknown");
    expect((await failureOf(() => kernel.receipts.at(99))) instanceof ReceiptError).toBe(true);
  });

  test("is refused after one changed letter", async () => {
    const kernel = memory();
    await kernel.run({}, () => undefined);
    const { text } = await (await kernel.receipts.last()).prove();
    const { Bundle } = await import("talos-kernel");
    const trust = { logKeys: [kernel.logKey], issuers: [kernel.issuer] };
    const at = text.indexOf('"payload":"') + 40;
    const changed = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
    for (const form of [text, Buffer.from(text), JSON.parse(text)]) {
      expect(Bundle.parse(form).verify(trust).valid).toBe(true);
    }
    for (const form of [changed, Buffer.from(changed)]) {
      expect(Bundle.parse(form).verify(trust)).toMatchObject({ valid: false, trusted: undefined });
    }
  });

  test("has to be a text", async () => {
    const { Bundle } = await import("talos-kernel");
    expect(() => Bundle.parse(Buffer.from([0x7b, 0xff]))).toThrow(
      expect.objectContaining({ name: "Malformed", code: "malformed.utf8" }),
    );
  });
});

test("a kernel is opened with one policy, or an error says why not", async () => {
  expect((await failureOf(() => Kernel.open({ directory: "/dev/null/x" }))).name).toBe("KernelUnavailable");
  expect((await failureOf(() => Kernel.inMemory("/does/not/exist.yaml"))).code).toBe("policy.no_policy");
});
