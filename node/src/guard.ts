/** Guarded functions: nothing of a function runs before the kernel has authorised and started the call. */

import { setImmediate as immediate } from "node:timers/promises";
import { types } from "node:util";
import type * as Binding from "./binding.js";
import * as context from "./context.js";
import { attempt, denial, failure, settled } from "./failure.js";
import { ApprovalRequired, ContextMissing, TalosError } from "./generated/errors.js";
import type { Decision, Effect } from "./generated/types.js";
import type { Kernel } from "./kernel.js";
import { nativeRun, type Run, template } from "./run.js";

/** Any function. */
// biome-ignore lint/suspicious/noExplicitAny: only `any` stands for every function there is.
export type AnyFunction = (this: any, ...args: any[]) => any;

/** What becomes of a denial: it is thrown, it is returned, or what a function makes of it is returned. */
export type OnDeny = "raise" | "return" | ((error: TalosError) => unknown);

/** How a function is guarded. */
export interface GuardOptions {
  /** The target of its calls; absent: the name of the function. */
  readonly name?: string | undefined;
  /** What it does to the world; absent: as the policy says, else irreversible. */
  readonly effect?: Effect | undefined;
  /**
   * What the kernel is told of the arguments: the names of the parameters, in order, or a function that is called as
   * the guarded one is and gives JSON. Absent: a single object is told as it is, everything else by position.
   */
  // biome-ignore lint/suspicious/noExplicitAny: called with the arguments of the guarded function, whatever they are.
  readonly args?: readonly string[] | ((...args: any[]) => unknown) | undefined;
  /** What becomes of a denial; absent: it is thrown. */
  readonly onDeny?: OnDeny | undefined;
  /** How long a call waits for people to answer its request for approval, in milliseconds; absent: it does not. */
  readonly waitMs?: number | undefined;
  /** The run of its calls where no other is open. */
  readonly run?: Run | undefined;
}

/** What a guarded function gives in place of a result where `O` does not throw denials. */
type InPlace<O> = O extends { readonly onDeny: "return" }
  ? TalosError
  : O extends { readonly onDeny: (error: TalosError) => infer D }
    ? Awaited<D>
    : never;

/** What a generator returns whose only item stood for a denial. */
type AfterInPlace<O> = [InPlace<O>] extends [never] ? never : undefined;

type Answer<R, O> =
  R extends Generator<infer Y, infer T, infer N>
    ? AsyncGenerator<Awaited<Y> | InPlace<O>, T | AfterInPlace<O>, N>
    : R extends AsyncGenerator<infer Y, infer T, infer N>
      ? AsyncGenerator<Y | InPlace<O>, T | AfterInPlace<O>, N>
      : Promise<Awaited<R> | InPlace<O>>;

type Call<F extends AnyFunction, O> = (
  this: ThisParameterType<F>,
  ...args: Parameters<F>
) => Answer<ReturnType<F>, O>;

/** A function behind the kernel. */
export type Guarded<F extends AnyFunction, O = GuardOptions> = Call<F, O> & {
  /** The function in this run, whichever run is open where it is called. */
  inRun(run: Run): Call<F, O>;
};

/** Functions to guard together. */
export type Functions = readonly AnyFunction[] | { readonly [name: string]: AnyFunction };

/** The same functions behind the kernel. */
export type GuardedAll<T extends Functions, O = GuardOptions> = {
  -readonly [K in keyof T]: T[K] extends AnyFunction ? Guarded<T[K], O> : never;
};

/** How one function is guarded. Never handed out: it leads to the function. */
interface Guard {
  readonly kernel: Kernel;
  readonly fn: AnyFunction;
  readonly template: Binding.Template;
  readonly describe: (self: unknown, args: readonly unknown[]) => unknown;
  readonly onDeny: OnDeny;
  readonly waitMs: number | undefined;
  readonly bound: Run | undefined;
}

export function guard(kernel: Kernel, fn: AnyFunction, options: GuardOptions): AnyFunction {
  const { name = fn.name, effect, onDeny = "raise", waitMs, run } = options;
  const how: Guard = {
    kernel,
    fn,
    template: template(name, { effect }),
    describe: description(options.args),
    onDeny,
    waitMs,
    bound: run,
  };
  return shaped(how, (self, args) => answer(how, undefined, self, args), {
    inRun: (explicit: Run) => shaped(how, (self, args) => answer(how, explicit, self, args), {}),
  });
}

export function guardAll(kernel: Kernel, functions: Functions, options: GuardOptions): unknown {
  if (Array.isArray(functions)) {
    return functions.map((fn: AnyFunction) => guard(kernel, fn, options));
  }
  const named = Object.entries(functions).map(([name, fn]) => [
    name,
    guard(kernel, fn, { ...options, name }),
  ]);
  return Object.fromEntries(named);
}

/** A function that looks like the guarded one, and leads to it by no property. */
function shaped(how: Guard, call: (self: unknown, args: unknown[]) => unknown, more: object): AnyFunction {
  const { fn } = how;
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    return call(this, args);
  };
  for (const [name, value] of Object.entries(fn)) {
    const copy = copied(value);
    if (copy !== undefined) {
      Object.defineProperty(wrapper, name, { value: copy, enumerable: true, writable: true });
    }
  }
  Object.defineProperty(wrapper, "name", { value: fn.name, configurable: true });
  Object.defineProperty(wrapper, "length", { value: fn.length, configurable: true });
  Object.defineProperty(wrapper, "prototype", { value: undefined });
  return Object.freeze(Object.assign(wrapper, more));
}

/** Data such as a schema, as a copy; nothing of what may lead to the function, however deep it lies. */
function copied(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return undefined;
  }
}

function description(args: GuardOptions["args"]): Guard["describe"] {
  if (typeof args === "function") {
    return (self, given) => args.apply(self, [...given]);
  }
  if (args !== undefined) {
    if (new Set(args).size !== args.length || args.some((name) => name === String(Number(name)))) {
      throw new TypeError("args: each parameter has a name of its own, which is no number");
    }
    // What has no name is told by its position: nothing that the function gets is kept from the kernel.
    return (_, given) => Object.fromEntries(given.map((value, at) => [args[at] ?? String(at), value]));
  }
  return (_, given) => {
    const [only] = given;
    const isObject = given.length === 1 && typeof only === "object" && only !== null && !Array.isArray(only);
    return isObject ? only : Object.fromEntries(given.map((value, at) => [String(at), value]));
  };
}

function answer(how: Guard, explicit: Run | undefined, self: unknown, args: unknown[]): unknown {
  return types.isGeneratorFunction(how.fn)
    ? stream(how, explicit, self, args)
    : once(how, explicit, self, args);
}

/** The run of a call: the caller's, else the one that is open here, else the one that it is bound to. */
function runOf(how: Guard, explicit: Run | undefined): Run {
  const run = explicit ?? context.current(how.kernel) ?? how.bound;
  if (run === undefined) {
    throw new ContextMissing("context.missing", "open a run first: kernel.run({}, () => ...)");
  }
  return run;
}

/**
 * Has the kernel authorise and start the call, once more if people have answered meanwhile. Throws what denies.
 *
 * Answered at once, nothing else has had a turn since the arguments were read: the function runs in the same turn.
 * Answered later, the arguments are compared first, see {@link unchanged}.
 */
function begin(
  how: Guard,
  explicit: Run | undefined,
  self: unknown,
  args: unknown[],
): Binding.Asked | Promise<Binding.Asked> {
  return patiently(how.kernel, how.waitMs, () => {
    const run = nativeRun(runOf(how, explicit));
    const described = how.describe(self, args);
    const begun = attempt(() => run.begin(how.template, described));
    return begun instanceof Promise ? settled(() => begun).then(started) : started(begun);
  });
}

/** Throws what denies. */
function started(asked: Binding.Asked): Binding.Asked {
  if (!asked.open) {
    throw denial(JSON.parse(asked.decision()) as Decision);
  }
  return asked;
}

/** Asks, and once more when people have answered what the first time asked them for. What is answered at once stays so. */
function patiently<T>(kernel: Kernel, waitMs: number | undefined, ask: () => T | Promise<T>): T | Promise<T> {
  const again = async (error: unknown): Promise<T> => {
    if (waitMs === undefined || !ApprovalRequired.is(error) || error.approval === undefined) {
      throw error;
    }
    const found = await kernel.approvals.wait(error.approval, waitMs);
    if (found.state === "pending") {
      throw error;
    }
    return ask();
  };
  try {
    const asked = ask();
    return asked instanceof Promise ? asked.catch(again) : asked;
  } catch (error) {
    return again(error);
  }
}

/** The caller may have changed the arguments while the kernel waited for the disk. */
function unchanged(how: Guard, asked: Binding.Asked, self: unknown, args: unknown[]): Binding.Asked {
  try {
    const described = how.describe(self, args);
    attempt(() => asked.sameArguments(described));
  } catch (error) {
    void fail(asked, "cancelled");
    throw error;
  }
  return asked;
}

/** What the caller gets in place of a result. An error without a decision is no denial, and always thrown. */
function denied(how: Guard, error: unknown): unknown {
  if (how.onDeny === "raise" || !TalosError.is(error) || error.decision === undefined) {
    throw error;
  }
  return how.onDeny === "return" ? error : how.onDeny(error);
}

async function once(how: Guard, explicit: Run | undefined, self: unknown, args: unknown[]): Promise<unknown> {
  let asked: Binding.Asked;
  try {
    const begun = begin(how, explicit, self, args);
    asked = begun instanceof Promise ? unchanged(how, await begun, self, args) : begun;
  } catch (error) {
    return denied(how, error);
  }
  let result: unknown;
  try {
    // No wait from the last reading of the arguments to here: what was decided on is what runs.
    result = await how.fn.apply(self, args);
    if (types.isGeneratorObject(result)) {
      throw new TypeError("guard the generator function itself, not a function that returns a generator");
    }
  } catch (error) {
    await fail(asked, statusOf(error));
    throw error;
  }
  await succeed(asked, result);
  await breathe();
  return result;
}

async function* stream(
  how: Guard,
  explicit: Run | undefined,
  self: unknown,
  args: unknown[],
): AsyncGenerator<unknown, unknown, unknown> {
  let asked: Binding.Asked;
  try {
    const begun = begin(how, explicit, self, args);
    asked = begun instanceof Promise ? unchanged(how, await begun, self, args) : begun;
  } catch (error) {
    // An item: without one, a denial would look like a generator that found nothing.
    yield denied(how, error);
    return undefined;
  }
  // What it stays if whoever reads stops early.
  let ended: (asked: Binding.Asked) => Promise<void> = (open) => fail(open, "cancelled");
  try {
    // As above: `yield*` takes the first step of the generator in this very turn.
    const result: unknown = yield* how.fn.apply(self, args);
    ended = (open) => succeed(open, result);
    return result;
  } catch (error) {
    ended = (open) => fail(open, statusOf(error));
    throw error;
  } finally {
    await ended(asked);
  }
}

/** Calls after which the event loop gets a turn. */
const BREATH = 256;
let calls = 0;

/**
 * Gives the event loop a turn now and then: a loop over calls that wait for nothing would starve it, and with it the
 * collector, which frees the native part of what has ended in such turns only.
 */
async function breathe(): Promise<void> {
  calls += 1;
  if (calls % BREATH === 0) {
    await immediate();
  }
}

/** Records the result; the caller gets it when the outcome is on disk, except of reads. */
async function succeed(asked: Binding.Asked, result: unknown): Promise<void> {
  try {
    const recorded = asked.finish("ok", result);
    if (recorded instanceof Promise) {
      await recorded;
    }
  } catch (error) {
    throw failure(error);
  }
}

/** Records how the call failed. What goes wrong here does not hide the error that it failed with: it ends in a gap. */
async function fail(asked: Binding.Asked, status: "cancelled" | "error"): Promise<void> {
  try {
    const recorded = Promise.resolve(asked.finish(status, undefined));
    if (status === "cancelled") {
      // Whoever stops does not wait for a disk.
      recorded.catch(() => undefined);
    } else {
      await recorded;
    }
  } catch {
    // The permit ends as unknown when it is collected, and at the worst in a gap of the next writer.
  }
}

function statusOf(error: unknown): "cancelled" | "error" {
  const aborted =
    typeof error === "object" && error !== null && (error as { name?: unknown }).name === "AbortError";
  return aborted ? "cancelled" : "error";
}
