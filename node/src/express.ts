/**
 * Express behind the kernel: marked routes run only for known callers, and only what the policy allows.
 *
 *     const gate = await Gate.open(kernel, { keys: { ada: process.env.ADA_KEY } });
 *     app.post("/orders", gate.govern({ tool: "orders.create", effect: "write" }), createOrder);
 *     // at the end of the process
 *     await gate.close();
 *
 * A request is decided on before a parser reads it; a refusal is a problem document (RFC 9457) with a receipt.
 * The target of the decision is the tool's name, its arguments are `{path, query, body}`, its principal is the
 * caller. Each process opens one run when it starts, and closes it when it stops: limits of a run count for all
 * of its callers.
 */

import { toUSVString } from "node:util";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import type * as Binding from "./binding.js";
import { within } from "./context.js";
import { Disconnected, Held, read, refuse, values } from "./exchange.js";
import { attempt, settled } from "./failure.js";
import { ConfigError, ContextMissing } from "./generated/errors.js";
import type { Effect } from "./generated/types.js";
import type { Kernel } from "./kernel.js";
import { native } from "./native.js";
import { nativeRun, type Run } from "./run.js";

/** Largest body of a governed request, unless the gate says otherwise. */
export const MAX_BODY = 1024 * 1024;

/** How callers are told apart, in one of three ways: by keys, by a proxy, or by a function. */
export interface GateOptions {
  /** Their secret keys, at least 128 random bits each, by their names. A caller may have several. */
  readonly keys?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** The header in which keys come; absent: X-API-Key. In Authorization they come as `Bearer KEY`. */
  readonly header?: string | undefined;
  /** The header in which a trusted proxy, the only way to this application, writes their names. */
  readonly proxyHeader?: string | undefined;
  /** A function of the request that gives a name, or undefined. */
  readonly identify?: ((request: Request) => string | undefined | Promise<string | undefined>) | undefined;
  /** The named agent that acts; absent: the kernel itself. */
  readonly agent?: string | undefined;
  /**
   * The path under which callers see where their requests for approval stand, such as "/approvals", if the application
   * uses {@link Gate.approvals}: a response 202 then has it in its Location. Absent: nowhere.
   */
  readonly approvals?: string | undefined;
  /** The largest body, in bytes. */
  readonly maxBody?: number | undefined;
}

/** The arguments of a request: what the kernel decides on. */
export interface Arguments {
  readonly path?: Readonly<Record<string, string | readonly string[]>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** How a route is governed. */
export interface Mark {
  /** The target that the policy names. */
  readonly tool: string;
  /** What it does to the world; absent: as the policy says, else irreversible. */
  readonly effect?: Effect | undefined;
  /** What the kernel is told in place of the arguments. */
  readonly args?: ((request: Arguments) => unknown) | undefined;
}

/** What a handler may know of its admission. */
export interface Admitted {
  /** Who called. */
  readonly caller: string;
  /** The id of the call, which the kernel made. */
  readonly call: string;
}

const admissions = new WeakMap<Response, Admitted>();

/** The admission of a request that passed a gate. */
export function admitted(response: Response): Admitted {
  const found = admissions.get(response);
  if (found === undefined) {
    throw new ContextMissing("context.missing", "the route is not governed");
  }
  return found;
}

/** Names and keys in turn, and the header. */
function credentials(options: GateOptions): [string[] | undefined, string | undefined] {
  const { keys, header, proxyHeader, identify } = options;
  if ([keys, proxyHeader, identify].filter((way) => way !== undefined).length !== 1) {
    throw new ConfigError(
      "config.malformed",
      "give one of keys, proxyHeader and identify: there are no anonymous callers",
    );
  }
  if (keys === undefined) {
    if (header !== undefined) {
      throw new ConfigError("config.malformed", "header is where keys come in");
    }
    return [undefined, proxyHeader];
  }
  const pairs = Object.entries(keys).flatMap(([name, own]) => [own].flat().flatMap((key) => [name, key]));
  return [pairs, header ?? "X-API-Key"];
}

/** Stands before the governed routes of one application. */
export class Gate implements AsyncDisposable {
  readonly #run: Run;
  readonly #front: Binding.Front;
  readonly #header: string;
  readonly #options: GateOptions;

  private constructor(run: Run, front: Binding.Front, header: string | undefined, options: GateOptions) {
    this.#run = run;
    this.#front = front;
    this.#header = (header ?? "").toLowerCase();
    this.#options = options;
  }

  /** Opens a run for the requests of this process. */
  static async open(kernel: Kernel, options: GateOptions): Promise<Gate> {
    const [keys, header] = credentials(options);
    const { agent, approvals } = options;
    attempt(() => native.Front.check(keys, header, approvals));
    const run = await kernel.openRun({ agent });
    const front = attempt(() => native.Front.over(nativeRun(run), keys, header, approvals));
    return new Gate(run, front, header, options);
  }

  /** The middleware of a route, before everything that reads the body. */
  govern(mark: Mark): RequestHandler {
    return async (request, response, next) => {
      try {
        await this.#handle(mark, request, response, next);
      } catch (error) {
        if (!(error instanceof Disconnected)) {
          throw error;
        }
      }
    };
  }

  /** The middleware that serves the requests for approval of the option of this name: `app.use(gate.approvals())`. */
  approvals(): RequestHandler {
    const { approvals } = this.#options;
    if (approvals === undefined) {
      throw new ConfigError("config.malformed", 'give Gate.open the path: approvals: "/approvals"');
    }
    return async (request, response, next) => {
      const [id, ...rest] = request.path.startsWith(`${approvals}/`)
        ? request.path.slice(approvals.length + 1).split("/")
        : [];
      if (request.method !== "GET" || !id || rest.length > 0) {
        next();
        return;
      }
      const caller = await this.#caller(request);
      const found = await settled(() => this.#front.approval(caller, id));
      if (found instanceof native.Refusal) {
        refuse(response, found);
      } else {
        response.setHeader("Cache-Control", "no-store").type("application/json").send(found);
      }
    };
  }

  /** Closes the run. What has not ended by then is settled as unknown. */
  async close(): Promise<void> {
    await this.#run.close();
  }

  /** At the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #handle(mark: Mark, request: Request, response: Response, next: NextFunction): Promise<void> {
    if (request.route === undefined || admissions.has(response)) {
      throw new ContextMissing("context.missing", "govern routes, not applications, and each of them once");
    }
    const admission = await this.#admit(mark, request, response);
    if (admission instanceof native.Refusal) {
      refuse(response, admission);
      return;
    }
    new Held(response, admission);
    // Guarded functions that the handlers call are actions of the same run.
    within(this.#run, next);
  }

  async #admit(mark: Mark, request: Request, response: Response): Promise<Binding.Entry | Binding.Refusal> {
    const { tool, effect, args } = mark;
    const front = this.#front;
    const caller = await this.#caller(request);
    if (caller === undefined) {
      return settled(() => front.refuse(undefined, tool, "caller.unknown"));
    }
    // Of an empty body nothing is read but its end, which does not come twice.
    if (request.readableDidRead || request.readableEnded) {
      const why = "something has read the body before the gate: parsers come after it";
      throw new ContextMissing("context.missing", why);
    }
    const body = await read(request, this.#options.maxBody ?? MAX_BODY);
    if (body === undefined) {
      return settled(() => front.refuse(caller, tool, "malformed.size"));
    }
    const asked = argumentsOf(request, body);
    const known = args && asked.arguments();
    const described = args && known != null ? (args(JSON.parse(known) as Arguments) ?? null) : undefined;
    const admission = await settled(() => front.admit(caller, tool, effect, asked, described));
    if (admission instanceof native.Entry) {
      // The kernel has read these very bytes, so that this reading finds the same.
      request.body = body.length === 0 ? undefined : JSON.parse(body.toString());
      admissions.set(response, { caller, call: admission.call });
    }
    return admission;
  }

  async #caller(request: Request): Promise<string | undefined> {
    const { identify } = this.#options;
    if (identify !== undefined) {
      const name: unknown = await identify(request);
      // No other value is made a name, and no character of a name another one: whether it is one, the kernel says.
      return typeof name === "string" && toUSVString(name) === name ? name : undefined;
    }
    return this.#front.identify(values(request, this.#header)) ?? undefined;
  }
}

function argumentsOf(request: Request, body: Buffer): Binding.Request {
  const at = request.url.indexOf("?");
  const query = at < 0 ? "" : request.url.slice(at + 1);
  const types = values(request, "content-type");
  const codings = values(request, "content-encoding");
  return attempt(() => native.Request.read({ ...request.params }, query, types, codings, body));
}
