// The application of the shared HTTP cases (tests/http), on Express, and requests to a real server of it.
import { readFileSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import express, { type Express } from "express";
import { Kernel, Policy, type Receipt } from "talos-kernel";
import { Gate, type GateOptions } from "talos-kernel/express";
import { onTestFinished } from "vitest";

interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly body_base64?: string;
  readonly body_repeat?: readonly (readonly [string, number])[];
}

export interface Case {
  readonly name: string;
  readonly request: Request;
  readonly response: {
    readonly status: number;
    readonly code?: string;
    readonly offset?: number;
    readonly json?: unknown;
    readonly text?: string;
    readonly receipt: boolean | null;
    readonly outcome: boolean;
  };
  readonly ran: number;
  readonly receipts: readonly string[];
}

interface Cases {
  readonly policy: string;
  readonly keys: { readonly ada: string; readonly bob: readonly [string, string] };
  readonly max_body: number;
  readonly cases: readonly Case[];
}

export const CASES = JSON.parse(
  readFileSync(new URL("../../tests/http/cases.json", import.meta.url), "utf8"),
) as Cases;
export const ADA = { "X-API-Key": CASES.keys.ada };
export const JSON_TYPE = { "Content-Type": "application/json" };

/** A kernel in memory with the policy of the cases. */
export function shopKernel(): Kernel {
  const kernel = Kernel.inMemory(Policy.parse(CASES.policy));
  onTestFinished(() => kernel.close().catch(() => undefined));
  return kernel;
}

/** The application, and how often its handlers have run. */
export class Shop {
  ran = 0;
  readonly app: Express = express();

  constructor(
    readonly kernel: Kernel,
    readonly gate: Gate,
  ) {
    // Express writes unhandled errors to the console unless it is under test.
    this.app.set("env", "test");
    this.app.use(gate.approvals());
    this.#orders();
    this.#others();
  }

  static async open(kernel = shopKernel(), options: GateOptions = { keys: CASES.keys }): Promise<Shop> {
    return new Shop(
      kernel,
      await Gate.open(kernel, { maxBody: CASES.max_body, approvals: "/approvals", ...options }),
    );
  }

  #orders(): void {
    const { app, gate } = this;
    // The parser comes after the gate, and finds that there is nothing left to do.
    app.post("/orders", gate.govern({ tool: "orders.create" }), express.json(), (request, response) => {
      this.ran += 1;
      // A handler cannot forge evidence.
      response.set({ "Talos-Receipt": "forged", "Talos-Outcome": "forged" });
      response.status(201).json({ body: request.body, query: request.query });
    });
    app.get("/orders/:id", gate.govern({ tool: "orders.read", effect: "read" }), (request, response) => {
      this.ran += 1;
      response.json({ id: request.params.id, query: request.query });
    });
    app.delete("/orders/:id", gate.govern({ tool: "orders.delete", effect: "write" }), (_, response) => {
      this.ran += 1;
      response.sendStatus(204);
    });
  }

  #others(): void {
    const { app, gate } = this;
    app.post("/pay", gate.govern({ tool: "orders.pay", effect: "spend" }), async (request, response) => {
      this.ran += 1;
      await sleep(1);
      response.json({ paid: request.body.amount_micro });
    });
    app.post("/refund", gate.govern({ tool: "orders.refund" }), (_, response) => {
      this.ran += 1;
      response.json({ refunded: true });
    });
    app.post("/fail", gate.govern({ tool: "orders.fail" }), () => {
      this.ran += 1;
      throw new Error("as the case wants it");
    });
    app.get("/lost", gate.govern({ tool: "orders.lost" }), (_, response) => {
      this.ran += 1;
      response.status(404).json({ lost: true });
    });
    app.get("/export", gate.govern({ tool: "orders.export" }), async (request, response) => {
      this.ran += 1;
      response.writeHead(200, { "Content-Type": "text/plain" });
      for (const line of ["one\n", "two\n", "three\n"]) {
        response.write(line);
      }
      while (request.query.endless !== undefined && !response.destroyed) {
        response.write("more\n");
        await sleep(10);
      }
      response.end();
    });
    app.get("/health", (_, response) => {
      response.json({ up: true });
    });
  }
}

/** Serves the application on a free port, until the end of the test. */
export async function serving(app: Express): Promise<{ port: number; server: Server }> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, server };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly all: NodeJS.Dict<string[]>;
  readonly text: string;
  readonly whole: boolean;
}

export function jsonOf(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.text) as Record<string, unknown>;
}

/** One request, with exactly these headers, and what frames the body. */
export function ask(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> | Request["headers"],
  body?: Buffer | string,
): Promise<Answer> {
  const pairs = Array.isArray(headers) ? (headers as Request["headers"]) : Object.entries(headers);
  const flat = ["Host", "localhost", ...pairs.flat()];
  if (body !== undefined) {
    flat.push("Content-Length", String(Buffer.byteLength(body)));
  }
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: "127.0.0.1", method, path, headers: flat, agent: false });
    request.on("error", reject).on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => undefined);
      response.on("close", () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode: status = 0, headers, headersDistinct: all, complete: whole } = response;
        resolve({ status, headers, all, text, whole });
      });
    });
    request.end(body);
  });
}

export function bodyOf(request: Request): Buffer | undefined {
  if (request.body_base64 !== undefined) {
    return Buffer.from(request.body_base64, "base64");
  }
  const text = request.body_repeat?.map(([part, count]) => part.repeat(count)).join("") ?? request.body;
  return text === undefined ? undefined : Buffer.from(text);
}

/** A receipt as the cases write it. */
export function lineOf({ body }: Receipt): string {
  if (body.outcome !== undefined) {
    return `outcome ${body.outcome.status}`;
  }
  if (body.verdict === undefined || body.action === undefined) {
    return body.kind;
  }
  const line = [body.kind, body.verdict, body.action.target, body.principal ?? "-"];
  return [...line, ...(body.reasons ?? [])].join(" ");
}

/** What is new in a kernel's log. */
export class Log {
  private constructor(
    readonly kernel: Kernel,
    readonly size: number,
  ) {}

  static async of(kernel: Kernel): Promise<Log> {
    return new Log(kernel, Number((await kernel.receipts.last()).index) + 1);
  }

  /** At least so many receipts: an outcome of a read is on disk a little after its response. */
  async fresh(count: number): Promise<Receipt[]> {
    const end = async () => Number((await this.kernel.receipts.last()).index) + 1;
    for (const deadline = Date.now() + 10_000; (await end()) < this.size + count; await sleep(2)) {
      if (Date.now() > deadline) {
        throw new Error(`${this.size + count - (await end())} receipts are missing`);
      }
    }
    await sleep(5); // What should not come would be here by now.
    const indices = Array.from({ length: (await end()) - this.size }, (_, at) => this.size + at);
    return Promise.all(indices.map((index) => this.kernel.receipts.at(index)));
  }

  async lines(count: number): Promise<string[]> {
    return (await this.fresh(count)).map(lineOf);
  }
}
