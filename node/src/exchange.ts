/** The response to one admitted request: nothing of it leaves without its evidence. */

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type * as Binding from "./binding.js";
import { native } from "./native.js";

const RECEIPT = "Talos-Receipt";
const OUTCOME = "Talos-Outcome";

/** The client went away before the whole request was here. */
export class Disconnected extends Error {}

/** All values of a header, which Node would join. */
export function values(request: IncomingMessage, name: string): string[] {
  const raw = request.rawHeaders;
  return raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name);
}

/** The whole body, of which nothing was read before; undefined if it is larger than that. */
export function read(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  if (request.destroyed) {
    // Its events are past, and whoever waits for them waits for ever.
    return Promise.reject(new Disconnected());
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (): void => {
      request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > limit) {
        stop();
        request.pause();
        resolve(undefined);
      }
    };
    const onEnd = (): void => {
      stop();
      resolve(Buffer.concat(chunks));
    };
    const onGone = (): void => {
      stop();
      reject(new Disconnected());
    };
    request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  });
}

/** Answers with the problem document, in place of everything else. */
export function refuse(response: ServerResponse, refusal: Binding.Refusal): void {
  const problem = refusal.problem();
  for (const name of response.getHeaderNames()) {
    response.removeHeader(name);
  }
  response.statusCode = refusal.status;
  response.setHeader("Content-Type", "application/problem+json");
  response.setHeader("Content-Length", problem.length);
  response.setHeader("Cache-Control", "no-store");
  if (refusal.receiptId !== null) {
    response.setHeader(RECEIPT, refusal.receiptId);
  }
  if (refusal.challenge !== null) {
    response.setHeader("WWW-Authenticate", refusal.challenge);
  }
  if (refusal.location !== null) {
    response.setHeader("Location", refusal.location);
  }
  if (!response.req.complete) {
    // What was not read of the request is not waited for.
    response.setHeader("Connection", "close");
  }
  response.end(problem);
}

type Originals = Pick<ServerResponse, "write" | "end" | "writeHead" | "flushHeaders">;

/**
 * Holds the response to an admitted request.
 *
 * Nothing of it leaves before the receipt of the decision is on disk. A response in one piece leaves
 * after its outcome is recorded, and of a stream the end does.
 */
export class Held {
  readonly #entry: Binding.Entry;
  readonly #response: ServerResponse;
  readonly #originals: Originals;
  /** What the application has written while something was waited for. */
  #waiting: (() => void)[] = [];
  /** nothing: as begun. opening: waits for the receipt. streaming: the head has left. over: the end was asked for. */
  #state: "nothing" | "opening" | "streaming" | "over" = "nothing";

  constructor(response: ServerResponse, entry: Binding.Entry) {
    this.#response = response;
    this.#entry = entry;
    const { write, end, writeHead, flushHeaders } = response;
    this.#originals = { write, end, writeHead, flushHeaders };
    response.writeHead = this.#writeHead as ServerResponse["writeHead"];
    response.flushHeaders = () => this.#stream(() => this.#originals.flushHeaders.call(response));
    response.write = ((...args: unknown[]) => this.#write(args)) as ServerResponse["write"];
    response.end = ((...args: unknown[]) => this.#end(args)) as ServerResponse["end"];
    response.on("close", () => this.#closed());
  }

  /** Keeps the head, which its evidence still has to go into. */
  readonly #writeHead = (status: number, ...rest: unknown[]): ServerResponse => {
    const response = this.#response;
    response.statusCode = status;
    if (typeof rest[0] === "string") {
      response.statusMessage = rest.shift() as string;
    }
    const headers = (rest[0] ?? {}) as OutgoingHttpHeaders | readonly unknown[];
    const pairs = Array.isArray(headers) ? pairsOf(headers) : Object.entries(headers);
    for (const [name, value] of pairs) {
      if (value !== undefined) {
        response.setHeader(String(name), value as string);
      }
    }
    return response;
  };

  #write(args: unknown[]): boolean {
    check(args[0]);
    const { write } = this.#originals;
    let room = true;
    const wrote = this.#stream(() => {
      room = write.apply(this.#response, args as Parameters<typeof write>);
      if (room && !wrote) {
        this.#response.emit("drain");
      }
    });
    return wrote && room;
  }

  /** Does it when the head has its receipt. Whether that was at once. */
  #stream(work: () => void): boolean {
    if (this.#state === "streaming") {
      work();
      return true;
    }
    if (this.#state === "over") {
      return true;
    }
    this.#waiting.push(work);
    if (this.#state === "nothing") {
      this.#state = "opening";
      this.#open().catch(() => this.#response.destroy());
    }
    return false;
  }

  async #open(): Promise<void> {
    const receipt = await this.#entry.receipt();
    if (receipt instanceof native.Refusal) {
      this.#entry.ended("error");
      this.#waiting = [];
      this.#refuse(receipt);
      return;
    }
    this.#restoreHead();
    this.#evidence(receipt, null);
    this.#state = "streaming";
    for (const work of this.#waiting.splice(0)) {
      work();
    }
    if (this.#response.destroyed) {
      // Whoever left while something was waited for does not leave again.
      this.#closed();
    }
  }

  #end(args: unknown[]): ServerResponse {
    check(args[0]);
    if (this.#state === "opening") {
      this.#waiting.push(() => this.#end(args));
    } else if (this.#state !== "over") {
      const whole = this.#state === "nothing";
      this.#state = "over";
      const ended = whole ? this.#endWhole(args) : this.#endStream(args);
      ended.catch(() => this.#response.destroy());
    }
    return this.#response;
  }

  async #endWhole(args: unknown[]): Promise<void> {
    const receipt = await this.#entry.receipt();
    if (receipt instanceof native.Refusal) {
      this.#entry.ended("error");
      this.#refuse(receipt);
      return;
    }
    const outcome = await this.#entry.answered(this.#response.statusCode);
    if (outcome instanceof native.Refusal) {
      this.#refuse(outcome);
      return;
    }
    this.#restoreHead();
    this.#evidence(receipt, outcome);
    this.#finish(args);
  }

  async #endStream(args: unknown[]): Promise<void> {
    const outcome = await this.#entry.answered(this.#response.statusCode);
    if (outcome instanceof native.Refusal) {
      // A stream without an outcome may not look complete.
      this.#response.destroy();
    } else {
      this.#finish(args);
    }
  }

  #closed(): void {
    // A response in one piece that nobody waits for any more is still settled by its end.
    if (this.#state !== "streaming") {
      return;
    }
    this.#state = "over";
    const socket = this.#response.req.socket;
    // Who has left has said so; else it was this side that gave up.
    this.#entry.ended(socket.readableEnded || socket.errored != null ? "cancelled" : "error");
  }

  #evidence(receipt: string | null, outcome: string | null): void {
    for (const [name, id] of [
      [RECEIPT, receipt],
      [OUTCOME, outcome],
    ] as const) {
      this.#response.removeHeader(name);
      if (id !== null) {
        this.#response.setHeader(name, id);
      }
    }
  }

  #restoreHead(): void {
    this.#response.writeHead = this.#originals.writeHead;
    this.#response.flushHeaders = this.#originals.flushHeaders;
  }

  #finish(args: unknown[]): void {
    const { write, end } = this.#originals;
    this.#response.write = write;
    this.#response.end = end;
    end.apply(this.#response, args as Parameters<typeof end>);
  }

  #refuse(refusal: Binding.Refusal): void {
    this.#state = "over";
    this.#restoreHead();
    this.#response.write = this.#originals.write;
    this.#response.end = this.#originals.end;
    refuse(this.#response, refusal);
    // What the application still writes has nowhere to go.
    this.#response.write = () => true;
    this.#response.end = () => this.#response;
  }
}

/** Refuses what Node would refuse later, when nobody is there to be told. */
function check(chunk: unknown): void {
  if (
    chunk == null ||
    typeof chunk === "function" ||
    typeof chunk === "string" ||
    chunk instanceof Uint8Array
  ) {
    return;
  }
  throw new TypeError("the body of a response is text or bytes");
}

function pairsOf(flat: readonly unknown[]): [unknown, unknown][] {
  if (Array.isArray(flat[0])) {
    return flat as unknown as [unknown, unknown][];
  }
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]] as [unknown, unknown]] : []));
}
