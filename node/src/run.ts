/** One run: decisions on the actions of one agent, in one chain of receipts. */

import type * as Binding from "./binding.js";
import { Decision, type Permit, type Place, placeOf } from "./decision.js";
import { attempt, settled } from "./failure.js";
import type * as contract from "./generated/types.js";
import type { AnyFunction, Functions, Guarded, GuardedAll, GuardOptions } from "./guard.js";
import type { Kernel } from "./kernel.js";
import { native } from "./native.js";

/** What is declared of an action beside its target and arguments. */
export interface ActionOptions {
  /** What kind of thing it is; absent: a tool call. */
  readonly kind?: contract.ActionKind | undefined;
  /** What it does to the world; absent: as the policy says, else irreversible. */
  readonly effect?: contract.Effect | undefined;
  /** The id of the call: asked again with the same arguments, it has the same permit. Absent: the kernel makes one. */
  readonly call?: string | undefined;
  /** Hash of the tool's description and schema as it is now. */
  readonly toolHash?: string | undefined;
  /** Tokens that it asks for. */
  readonly tokens?: number | undefined;
  /** Money that it would spend. */
  readonly amount?: contract.Amount | undefined;
  /** On whose behalf; absent: the run's user. */
  readonly principal?: string | undefined;
}

/** What a run has used. */
export interface Counters {
  readonly toolCallsAdmitted: number;
  readonly toolCallsInFlight: number;
  readonly tokensReserved: number;
  readonly spentMicro: number;
}

/** @internal */
export let nativeRun: (run: Run) => Binding.Run;

/** @internal */
export function template(target: string, options: ActionOptions | undefined): Binding.Template {
  if (options === undefined) {
    return attempt(() => native.Template.tool(target));
  }
  const { kind = "tool_call", effect, call, toolHash, tokens, amount, principal } = options;
  const action = { kind, target, effect, call, tool_hash: toolHash, tokens, amount, principal };
  return attempt(() => native.Template.of(action));
}

/** An open run. */
export class Run implements AsyncDisposable {
  readonly #native: Binding.Run;
  /** The kernel that opened it. */
  readonly kernel: Kernel;

  static {
    nativeRun = (run) => run.#native;
  }

  /** @internal */
  constructor(kernel: Kernel, opened: Binding.Run) {
    this.kernel = kernel;
    this.#native = opened;
  }

  /** The id. */
  get id(): string {
    return this.#native.id;
  }

  /** The DID that acts. */
  get actor(): string {
    return this.#native.actor;
  }

  /**
   * Decides, and queues the signed receipt. Never waits for the disk; a denial is a value.
   *
   * Arguments that are no JSON are refused with a receipt, and thrown as {@link Malformed}.
   */
  decide(target: string, args?: unknown, options?: ActionOptions): Decision {
    return attempt(() => new Decision(this.#native.decide(template(target, options), args)));
  }

  /** Decides, and waits for the disk where the effect demands it. Throws what denies. */
  async authorize(target: string, args?: unknown, options?: ActionOptions): Promise<Permit> {
    const asked = await settled(() => this.#native.authorize(template(target, options), args));
    const decision = new Decision(asked);
    if (decision.permit === undefined) {
      throw decision.toError();
    }
    return decision.permit;
  }

  /** Records what you refused before there was an action to decide on: a denial with a receipt, as all are. */
  async refuse(target: string, code: contract.ErrorCode, call?: string): Promise<Decision> {
    return new Decision(await settled(() => this.#native.refuse(target, code, call)));
  }

  /** The state of a call's permit; undefined if it was denied or never decided. */
  permit(call: string): contract.PermitState | undefined {
    return attempt(() => (this.#native.permit(call) ?? undefined) as contract.PermitState | undefined);
  }

  /** What the run has used. */
  counters(): Counters {
    const counters = attempt(() => JSON.parse(this.#native.counters()) as contract.RunCountersOutput);
    return {
      toolCallsAdmitted: counters.tool_calls_admitted,
      toolCallsInFlight: counters.tool_calls_in_flight,
      tokensReserved: counters.tokens_reserved,
      spentMicro: counters.spent_micro,
    };
  }

  /** As {@link Kernel.guard}; the calls are in this run, unless another one is open where it is called. */
  guard<F extends AnyFunction, const O extends GuardOptions = GuardOptions>(
    fn: F,
    options?: O,
  ): Guarded<F, O> {
    return this.kernel.guard(fn, { ...options, run: this }) as unknown as Guarded<F, O>;
  }

  /** As {@link Kernel.guardAll}, for this run. */
  guardAll<T extends Functions, const O extends GuardOptions = GuardOptions>(
    functions: T,
    options?: O,
  ): GuardedAll<T, O> {
    return this.kernel.guardAll(functions, { ...options, run: this }) as unknown as GuardedAll<T, O>;
  }

  /** Ends the run, and says where its last receipt stands. */
  async close(): Promise<Place> {
    return placeOf(await settled(() => this.#native.close()));
  }

  /** At the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
