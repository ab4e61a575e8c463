// Express behind the kernel, on a real server: the cases of every framework, and what Express adds.
import { spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import express, { type ErrorRequestHandler, type RequestHandler } from "express";
import { ConfigError, Kernel, Policy } from "talos-kernel";
import { admitted, Gate, type GateOptions } from "talos-kernel/express";
import { describe, expect, it } from "vitest";
import {
  ADA,
  type Answer,
  ask,
  bodyOf,
  CASES,
  JSON_TYPE,
  jsonOf,
  Log,
  lineOf,
  Shop,
  serving,
  shopKernel,
} from "./http-app.mjs";
import { respond } from "./people.mjs";
import { directory } from "./support.mjs";

const SCHEMAS = new URL("../../contracts/schemas/", import.meta.url);
const WRITE = { ...ADA, ...JSON_TYPE };

function schema(id: string) {
  const ajv = new Ajv2020({ strict: false });
  for (const name of readdirSync(SCHEMAS)) {
    ajv.addSchema(JSON.parse(readFileSync(new URL(name, SCHEMAS), "utf8")));
  }
  const validate = ajv.getSchema(id);
  if (validate === undefined) {
    throw new Error(`there is no schema ${id}`);
  }
  return validate;
}
const isProblem = schema("urn:talos:contract:error:1");
const isApproval = schema("urn:talos:contract:approval_resource:1");

function expectProblem(answer: Answer, code: string): void {
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  const problem = jsonOf(answer);
  expect(isProblem(problem), JSON.stringify(isProblem.errors)).toBe(true);
  expect(problem).toMatchObject({ code, status: answer.status });
  expect(problem.receipt_id).toBe(answer.headers["talos-receipt"]);
  expect("www-authenticate" in answer.headers).toBe(answer.status === 401);
}

describe("shared cases", async () => {
  it.each(CASES.cases)("$name", async ({ request, response, ran, receipts }) => {
    const shop = await Shop.open();
    const { port } = await serving(shop.app);
    const log = await Log.of(shop.kernel);
    const answer = await ask(port, request.method, request.target, request.headers, bodyOf(request));
    expect(answer.status, answer.text).toBe(response.status);
    expect(shop.ran).toBe(ran);
    const fresh = await log.fresh(receipts.length);
    expect(fresh.map(lineOf)).toEqual(receipts);
    if (response.code !== undefined) {
      expectProblem(answer, response.code);
      expect(jsonOf(answer).offset).toBe(response.offset ?? jsonOf(answer).offset);
      // Nothing of the request is in it, and nothing of the policy.
      const secrets = request.headers.map(([, value]) => value).filter((value) => value.length > 20);
      for (const said of [...secrets, "no-keys"]) {
        expect(answer.text).not.toContain(said);
      }
    }
    if (response.json !== undefined) {
      expect(jsonOf(answer)).toEqual(response.json);
    }
    if (response.text !== undefined) {
      expect(answer.text).toBe(response.text);
    }
    // `receipt: null`: in some frameworks, a response that is made where middleware does not see it.
    if (response.receipt !== null) {
      expect(answer.all["talos-receipt"]).toEqual(response.receipt ? [fresh[0]?.id] : undefined);
      expect(answer.all["talos-outcome"]).toEqual(response.outcome ? [fresh[1]?.id] : undefined);
    }
  });
});

it("a caller sees where their request for approval stands", async () => {
  const shop = await Shop.open();
  const { port } = await serving(shop.app);
  const asked = await ask(port, "POST", "/refund", WRITE, '{"order":8}');
  expect(asked.status).toBe(202);
  const approval = jsonOf(asked).approval as string;
  const place = asked.headers.location as string;
  expect(place).toBe(`/approvals/${approval}`);
  const log = await Log.of(shop.kernel);
  const state = async () => {
    const found = await ask(port, "GET", place, ADA);
    expect(found.status).toBe(200);
    expect(found.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(found.headers["cache-control"]).toBe("no-store");
    expect(isApproval(jsonOf(found)), JSON.stringify(isApproval.errors)).toBe(true);
    expect(jsonOf(found)).toMatchObject({ approval, target: "orders.refund" });
    return jsonOf(found).state;
  };
  expect(await state()).toBe("pending");
  for (const [key, status, code] of [
    [CASES.keys.bob[0], 404, "approval.unknown"],
    ["guessed-key-q3J5vX0yT8uKd1", 401, "caller.unknown"],
  ] as const) {
    const other = await ask(port, "GET", place, { "X-API-Key": key });
    expect([other.status, jsonOf(other).code]).toEqual([status, code]);
  }
  for (const unknown of ["x".repeat(43), "%00", "..%2forders", "", `${approval}/more`]) {
    expect((await ask(port, "GET", `/approvals/${unknown}`, ADA)).status).toBe(404);
  }
  // Looking is no action.
  expect(await log.fresh(0)).toEqual([]);

  await respond(shop.kernel, approval);
  expect(await state()).toBe("granted");
  expect(jsonOf(await ask(port, "POST", "/refund", WRITE, '{"order":8}'))).toEqual({ refunded: true });
  expect([await state(), shop.ran]).toEqual(["redeemed", 1]);
  expect((await ask(port, "POST", "/refund", WRITE, '{"order":8}')).status).toBe(202);
  expect(shop.ran).toBe(1);
});

it.each(["approvals", "/", "/approvals/", "/a b", "/:x", ""])("%j is no path of approvals", async (path) => {
  await expect(Gate.open(shopKernel(), { keys: CASES.keys, approvals: path })).rejects.toThrow(ConfigError);
});

it("approvals without a path are a mistake", async () => {
  const gate = await Gate.open(shopKernel(), { keys: CASES.keys });
  expect(() => gate.approvals()).toThrow(ConfigError);
});

it("every receipt verifies and can be proved", async () => {
  const shop = await Shop.open();
  const { port } = await serving(shop.app);
  const { headers } = await ask(port, "POST", "/orders", WRITE, "{}");
  const { kernel } = shop;
  for (const id of [headers["talos-receipt"], headers["talos-outcome"]]) {
    const bundle = await (await kernel.receipts.get(id as string)).prove();
    expect(bundle.verify({ logKeys: [kernel.logKey], issuers: [kernel.issuer] }).valid).toBe(true);
  }
  expect((await kernel.audit.verify()).open).toBe(0);
});

it("fifty requests at once", async () => {
  const shop = await Shop.open();
  const { port } = await serving(shop.app);
  const log = await Log.of(shop.kernel);
  const one = (n: number) =>
    ask(
      port,
      "POST",
      "/orders",
      { "X-API-Key": n % 2 ? CASES.keys.bob[0] : CASES.keys.ada, ...JSON_TYPE },
      `{"n":${n}}`,
    );
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => one(n)));
  expect(answers.map((answer) => [answer.status, jsonOf(answer).body])).toEqual(
    answers.map((_, n) => [201, { n }]),
  );
  expect(shop.ran).toBe(50);
  const receipts = new Map((await log.fresh(100)).map((receipt) => [receipt.id, receipt.body]));
  expect(receipts.size).toBe(100);
  for (const [n, { headers }] of answers.entries()) {
    const decision = receipts.get(headers["talos-receipt"] as string);
    expect(decision?.principal).toBe(n % 2 ? "bob" : "ada");
    expect(receipts.get(headers["talos-outcome"] as string)?.call).toBe(decision?.call);
  }
});

it("a stream that nobody reads to its end is cancelled", async () => {
  const shop = await Shop.open();
  const { port } = await serving(shop.app);
  const log = await Log.of(shop.kernel);
  const socket = connect(port, "127.0.0.1");
  socket.write(`GET /export?endless=1 HTTP/1.1\r\nHost: t\r\nX-API-Key: ${CASES.keys.ada}\r\n\r\n`);
  let seen = "";
  for await (const chunk of socket) {
    seen += chunk;
    if (seen.includes("more")) {
      break; // which closes the socket
    }
  }
  expect(seen.toLowerCase()).toContain("talos-receipt: ");
  expect(seen.toLowerCase()).not.toContain("talos-outcome: ");
  expect(await log.lines(2)).toEqual(["decision allow orders.export ada", "outcome cancelled"]);
});

it("a client that leaves before its body is whole starts nothing", async () => {
  const shop = await Shop.open();
  const { port } = await serving(shop.app);
  const log = await Log.of(shop.kernel);
  const socket = connect(port, "127.0.0.1");
  const head = `POST /orders HTTP/1.1\r\nHost: t\r\nX-API-Key: ${CASES.keys.ada}\r\nContent-Length: 100`;
  socket.write(`${head}\r\nContent-Type: application/json\r\n\r\n{`);
  await sleep(50);
  socket.destroy();
  await sleep(50);
  expect([await log.lines(0), shop.ran]).toEqual([[], 0]);
});

it.each([
  ["with its whole request here", "Content-Length: 0\r\n\r\n"],
  ["in the middle of its body", "Content-Length: 100\r\nContent-Type: application/json\r\n\r\n{"],
])(
  "a client that leaves while it is identified, %s, starts nothing and is not waited for",
  async (_, rest) => {
    const kernel = shopKernel();
    const asked = new EventEmitter();
    const identify = async () => {
      asked.emit("identify");
      await sleep(60);
      return "ada";
    };
    const gate = await Gate.open(kernel, { identify });
    const governed = gate.govern({ tool: "orders.create" });
    const ended: Promise<unknown>[] = [];
    let ran = 0;
    const app = express();
    app.post(
      "/orders",
      (request, response, next) => {
        ended.push(Promise.resolve(governed(request, response, next)));
      },
      () => {
        ran += 1;
      },
    );
    const { port } = await serving(app);
    const log = await Log.of(kernel);
    const socket = connect(port, "127.0.0.1");
    socket.write(`POST /orders HTTP/1.1\r\nHost: t\r\n${rest}`);
    await once(asked, "identify");
    socket.destroy();
    const late = sleep(2_000).then(() => "it is still waited for");
    expect(await Promise.race([ended[0], late])).toBe(undefined);
    expect([await log.lines(0), ran]).toEqual([[], 0]);
  },
);

it("a client that leaves while the handler works does not change its outcome", async () => {
  const kernel = shopKernel();
  const gate = await Gate.open(kernel, { keys: CASES.keys });
  const app = express();
  app.post("/orders", gate.govern({ tool: "orders.create" }), async (_, response) => {
    await sleep(80);
    response.status(201).json("done");
  });
  const { port } = await serving(app);
  const log = await Log.of(kernel);
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `POST /orders HTTP/1.1\r\nHost: t\r\nX-API-Key: ${CASES.keys.ada}\r\nContent-Length: 0\r\n\r\n`,
  );
  await sleep(30);
  socket.destroy();
  expect(await log.lines(2)).toEqual(["decision allow orders.create ada", "outcome ok"]);
});

it("a stream to a client that left before it was admitted is settled, too", async () => {
  const kernel = await Kernel.open({ directory: directory(), policy: Policy.parse(CASES.policy) });
  const gate = await Gate.open(kernel, { keys: CASES.keys });
  const app = express();
  let leave = () => {};
  const args = () => {
    leave();
    return {};
  };
  const remember: RequestHandler = (request, _, next) => {
    leave = () => request.socket.destroy();
    next();
  };
  app.get("/export", remember, gate.govern({ tool: "orders.export", args }), (_, response) => {
    new Readable({ read: () => undefined }).pipe(response).write("one\n");
  });
  const { port } = await serving(app);
  const log = await Log.of(kernel);
  await expect(ask(port, "GET", "/export", ADA)).rejects.toThrow("hang up");
  expect(await log.lines(2)).toEqual(["decision allow orders.export ada", "outcome error"]);
  await gate.close();
  await kernel.close();
});

it("a handler that fails in the middle of a stream has failed", async () => {
  const kernel = shopKernel();
  const gate = await Gate.open(kernel, { keys: CASES.keys });
  const app = express().set("env", "test");
  app.get("/export", gate.govern({ tool: "orders.export" }), async (_, response) => {
    response.write("one\n");
    await sleep(20);
    throw new Error("in the middle");
  });
  const { port } = await serving(app);
  const log = await Log.of(kernel);
  const answer = await ask(port, "GET", "/export", ADA);
  expect([answer.status, answer.whole]).toEqual([200, false]);
  expect(await log.lines(2)).toEqual(["decision allow orders.export ada", "outcome error"]);
});

it("a handler that sends what is no body has failed", async () => {
  const kernel = shopKernel();
  const gate = await Gate.open(kernel, { keys: CASES.keys });
  const app = express().set("env", "test");
  app.post("/end", gate.govern({ tool: "orders.create" }), (_, response) => {
    response.end(7);
  });
  const { port } = await serving(app);
  const log = await Log.of(kernel);
  expect((await ask(port, "POST", "/end", ADA)).status).toBe(500);
  expect(await log.lines(2)).toEqual(["decision allow orders.create ada", "outcome error"]);
});

it("writes of a read wait for the receipt, and pipes go on after it", async () => {
  const kernel = await Kernel.open({ directory: directory(), policy: Policy.parse(CASES.policy) });
  const gate = await Gate.open(kernel, { keys: CASES.keys });
  const app = express();
  app.get("/orders/:id", gate.govern({ tool: "orders.read", effect: "read" }), (_, response) => {
    response.sendFile(new URL(import.meta.url).pathname);
  });
  const { port } = await serving(app);
  const answer = await ask(port, "GET", "/orders/7", ADA);
  expect(answer.text).toBe(readFileSync(new URL(import.meta.url), "utf8"));
  expect(lineOf(await kernel.receipts.get(answer.headers["talos-receipt"] as string))).toBe(
    "decision allow orders.read ada",
  );
  await gate.close();
  expect((await kernel.audit.verify()).open).toBe(0);
  await kernel.close();
});

it("without a policy a write needs an approval", async () => {
  const shop = await Shop.open(Kernel.inMemory());
  const { port } = await serving(shop.app);
  const answer = await ask(port, "POST", "/orders", WRITE, "{}");
  expect(answer.status).toBe(403);
  expectProblem(answer, "approval.required");
  expect((await ask(port, "GET", "/orders/7", ADA)).status).toBe(200);
  expect(shop.ran).toBe(1);
});

describe("callers", () => {
  const key = CASES.keys.ada;
  const byName: GateOptions = { identify: async (request) => request.get("x-name") };
  it.each<[GateOptions, Record<string, string>, Record<string, string>, string | undefined]>([
    [
      { keys: CASES.keys, header: "Authorization" },
      { Authorization: `Bearer ${key}` },
      { Authorization: key },
      "Bearer",
    ],
    [{ proxyHeader: "X-User" }, { "X-User": "ada" }, { "X-User": "ada, bob" }, undefined],
    [byName, { "X-Name": "ada" }, {}, undefined],
  ])("%j", async (options, known, unknown, challenge) => {
    const shop = await Shop.open(shopKernel(), options);
    const { port } = await serving(shop.app);
    expect((await ask(port, "POST", "/orders", { ...known, ...JSON_TYPE }, "{}")).status).toBe(201);
    const refused = await ask(port, "POST", "/orders", { ...unknown, ...JSON_TYPE }, "{}");
    expect([refused.status, refused.headers["www-authenticate"]]).toEqual([401, challenge]);
    expect(shop.ran).toBe(1);
  });

  const nobodies = [undefined, null, 7, "", {}, ["ada"], Object("ada"), true];
  const unnameable = ["\ud800", "a\u0000b", "x".repeat(100_000)];
  it.each([...nobodies, ...unnameable].map((name) => [name]))(
    "a name is text, and that of case %# is nobody's",
    async (name) => {
      const options = { identify: () => name } as unknown as GateOptions;
      const shop = await Shop.open(shopKernel(), options);
      const { port } = await serving(shop.app);
      const answer = await ask(port, "POST", "/orders", JSON_TYPE, "{}");
      expect([answer.status, jsonOf(answer).code, shop.ran]).toEqual([401, "caller.unknown", 0]);
    },
  );

  it.each<GateOptions>([
    {},
    { keys: { ada: "short" } },
    { keys: {} },
    { keys: { ada: key, bob: key } },
    { keys: { ada: key }, proxyHeader: "X-User" },
    { proxyHeader: "X User" },
    { proxyHeader: "X-User", header: "X-API-Key" },
  ])("a gate that could let in anybody is not opened %#", async (options) => {
    const opened = Gate.open(shopKernel(), options);
    await expect(opened).rejects.toMatchObject({ code: "config.malformed" });
    await expect(opened).rejects.not.toMatchObject({ message: expect.stringContaining(key) });
  });
});

it("a gate that comes after a parser, on an application, or twice lets nothing through", async () => {
  const kernel = shopKernel();
  const gate = await Gate.open(kernel, { keys: CASES.keys });
  const mark = gate.govern({ tool: "orders.create" });
  const app = express();
  const ran: string[] = [];
  app.post("/parsed", express.json(), mark, () => ran.push("parsed"));
  app.post("/twice", mark, mark, () => ran.push("twice"));
  app.use("/used", mark, () => ran.push("used"));
  const failed: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(500).json(error.code);
  };
  app.use(failed);
  const { port } = await serving(app);
  for (const [path, body] of [
    ["/parsed", "{}"],
    // Nothing was in it, and its end is past all the same.
    ["/parsed", ""],
    ["/twice", "{}"],
    ["/used", "{}"],
  ] as const) {
    const answer = await ask(port, "POST", path, WRITE, body);
    expect([answer.status, jsonOf(answer)], path).toEqual([500, "context.missing"]);
  }
  expect(ran).toEqual([]);
});

it("what the kernel is told can be chosen, and the handler knows who called", async () => {
  const kernel = shopKernel();
  const gate = await Gate.open(kernel, { keys: CASES.keys });
  const app = express();
  const args = ({ body }: { body?: unknown }) => (body as { tell: unknown[] }).tell[0] ?? (() => "no JSON");
  app.post("/login", gate.govern({ tool: "orders.create", args }), (_, response) => {
    response.json(admitted(response));
  });
  const { port } = await serving(app);
  const login = (body: string) => ask(port, "POST", "/login", WRITE, body);
  // The policy has not seen the password.
  const answer = await login('{"tell":[1],"password":"BEGIN PRIVATE KEY"}');
  expect(answer.status).toBe(200);
  const { body } = await kernel.receipts.get(answer.headers["talos-receipt"] as string);
  expect(jsonOf(answer)).toEqual({ caller: "ada", call: body.call });
  expect(jsonOf(await login('{"tell":[]}'))).toMatchObject({ code: "malformed.type", status: 400 });
  expect(jsonOf(await login("{"))).toMatchObject({ code: "malformed.syntax", status: 400 });
});

it("guarded functions in a handler are actions of the same run", async () => {
  const kernel = shopKernel();
  const gate = await Gate.open(kernel, { keys: CASES.keys });
  const lookUp = kernel.tool({ name: "orders.lost", effect: "read" }, async () => "found");
  const app = express();
  app.get("/", gate.govern({ tool: "orders.read", effect: "read" }), async (_, response) => {
    response.json(await lookUp());
  });
  const { port } = await serving(app);
  const log = await Log.of(kernel);
  expect((await ask(port, "GET", "/", ADA)).text).toBe('"found"');
  expect(new Set((await log.fresh(4)).map((receipt) => receipt.body.run)).size).toBe(1);
});

it("when the kernel is closed nothing runs, and nothing is said to have", async () => {
  const kernel = shopKernel();
  const gate = await Gate.open(kernel, { keys: CASES.keys });
  const app = express();
  let ran = 0;
  app.post("/close", gate.govern({ tool: "orders.create" }), async (_, response) => {
    ran += 1;
    await kernel.close();
    response.set("X-Secret", "done").send("done");
  });
  const { port } = await serving(app);
  // The handler ran, but its outcome cannot be recorded: no success is reported.
  const [first, second] = [await ask(port, "POST", "/close", ADA), await ask(port, "POST", "/close", ADA)];
  for (const answer of [first, second]) {
    expect([answer.status, jsonOf(answer).code, answer.headers["x-secret"]]).toEqual([
      409,
      "kernel.closed",
      undefined,
    ]);
  }
  expect(ran).toBe(1);
});

it("a stream whose outcome cannot be recorded does not look complete", async () => {
  const kernel = shopKernel();
  const gate = await Gate.open(kernel, { keys: CASES.keys });
  const app = express();
  app.post("/stream", gate.govern({ tool: "orders.create" }), async (_, response) => {
    response.write("done");
    await kernel.close();
    response.end();
  });
  const { port } = await serving(app);
  const answer = await ask(port, "POST", "/stream", ADA);
  expect([answer.status, answer.whole]).toEqual([200, false]);
});

it("a process that is killed in a handler leaves a gap", async () => {
  const home = directory();
  const policy = join(directory(), "policy.yaml");
  writeFileSync(policy, CASES.policy);
  const program = `
    import express from "express";
    import { request } from "node:http";
    import { Kernel } from ${JSON.stringify(new URL("../dist/index.mjs", import.meta.url).href)};
    import { Gate } from ${JSON.stringify(new URL("../dist/express.mjs", import.meta.url).href)};
    const kernel = await Kernel.open(${JSON.stringify({ directory: home, policy })});
    const gate = await Gate.open(kernel, { keys: ${JSON.stringify(CASES.keys)} });
    const app = express();
    app.post("/orders", gate.govern({ tool: "orders.create" }), () => process.kill(process.pid, "SIGKILL"));
    const server = app.listen(0, () =>
      request({ port: server.address().port, method: "POST", path: "/orders", headers: ${JSON.stringify(ADA)} }).end());`;
  const here = new URL("..", import.meta.url).pathname;
  const killed = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: here,
    timeout: 30_000,
  });
  expect(killed.signal, String(killed.stderr)).toBe("SIGKILL");
  const kernel = await Kernel.open({ directory: home, policy });
  const call = await kernel.receipts.last();
  expect(lineOf(call)).toBe("decision allow orders.create ada");
  const run = await kernel.openRun({ run: call.body.run });
  const gap = await kernel.receipts.last();
  expect(gap.body.kind).toBe("gap");
  expect(JSON.stringify(gap.body)).toContain(call.body.call);
  await run.close();
  await kernel.close();
});
