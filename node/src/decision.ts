/** Decisions, and the permits of those that let an action run. */

import type * as Binding from "./binding.js";
import { attempt, denial, settled } from "./failure.js";
import type { TalosError } from "./generated/errors.js";
import type * as contract from "./generated/types.js";

/** Where a receipt stands in the log. */
export interface Place {
  /** The id of the receipt. */
  readonly receiptId: string;
  /** The index of its leaf. */
  readonly index: contract.Size;
}

/** How a call ended. */
export interface Ended {
  /** Absent: ok. */
  readonly status?: contract.OutcomeStatus | undefined;
  /** What came of it. What is no JSON value is left out of the receipt. */
  readonly result?: unknown;
  /** Tokens that were used; absent: those that were reserved. */
  readonly tokens?: number | undefined;
  /** Money that was spent; absent: what was reserved. */
  readonly amount?: contract.Amount | undefined;
  /** Confidence in the result, in basis points. */
  readonly confidenceBp?: number | undefined;
}

/** @internal */
export function placeOf(text: string): Place;
/** @internal */
export function placeOf(text: string | null): Place | undefined;
export function placeOf(text: string | null): Place | undefined {
  if (text === null) {
    return undefined;
  }
  const { receipt_id, index } = JSON.parse(text) as contract.RunCloseOutput;
  return { receiptId: receipt_id, index };
}

/** The answer to an action: a denial is a value like any other. */
export class Decision {
  readonly #asked: Binding.Asked;
  #told: contract.Decision | undefined;
  #permit: Permit | undefined;

  /** @internal */
  constructor(asked: Binding.Asked) {
    this.#asked = asked;
  }

  get #contract(): contract.Decision {
    this.#told ??= JSON.parse(this.#asked.decision()) as contract.Decision;
    return this.#told;
  }

  /** allow, transform, needs_approval or deny. */
  get verdict(): contract.Verdict {
    return this.#asked.verdict as contract.Verdict;
  }

  /** Whether the action may run. */
  get allowed(): boolean {
    return this.#asked.allowed;
  }

  /** The effect that was decided on. */
  get effect(): contract.Effect {
    return this.#contract.effect;
  }

  /** Why, sorted by stage and code. */
  get reasons(): readonly contract.DecisionReason[] {
    return this.#contract.reasons;
  }

  /** The code of the weightiest reason. */
  get code(): contract.ErrorCode | undefined {
    return this.#contract.reasons[0]?.code;
  }

  /** The call that it is about. */
  get call(): string {
    return this.#contract.call;
  }

  /** The id of the decision, valid before its receipt is on disk. */
  get decisionId(): string {
    return this.#contract.decision_id;
  }

  /** Which policy decided. */
  get policy(): contract.PolicyRef {
    return this.#contract.policy;
  }

  /** The permit, if the action may be started. */
  get permit(): Permit | undefined {
    if (this.#permit === undefined && this.#asked.open) {
      this.#permit = new Permit(this.#asked, this);
    }
    return this.#permit;
  }

  /** The id of the receipt, if it is on disk already. */
  get receiptId(): string | undefined {
    return this.#contract.receipt_id;
  }

  /** The place of the receipt in the log, if it is on disk already. */
  get index(): contract.Size | undefined {
    return this.#contract.index;
  }

  /** The error for this decision where the action may not run. */
  toError(): TalosError {
    return denial(this.#contract);
  }

  /** The decision as the contract has it. */
  toJSON(): contract.Decision {
    return this.#contract;
  }
}

/**
 * The right to run one call, once: start it, run the action, settle it.
 *
 * Forgotten before that, it leaves the call in no doubt: an issued permit is released, a started one is settled as unknown.
 */
export class Permit implements AsyncDisposable {
  readonly #asked: Binding.Asked;
  /** The decision that gave it. */
  readonly decision: Decision;

  /** @internal */
  constructor(asked: Binding.Asked, decision: Decision) {
    this.#asked = asked;
    this.decision = decision;
  }

  /** The call that may be run. */
  get call(): string {
    return this.decision.call;
  }

  /** issued, started, settled, released or expired. */
  get state(): contract.PermitState | undefined {
    return attempt(() => (this.#asked.state() ?? undefined) as contract.PermitState | undefined);
  }

  /** Starts the call; the action may run only after this. */
  async start(): Promise<void> {
    await settled(() => this.#asked.start());
  }

  /** Records how the call ended, and says where in the log that stands if that is known already. */
  async settle(ended: Ended = {}): Promise<Place | undefined> {
    const { status = "ok", result, tokens, amount, confidenceBp } = ended;
    const more = { tokens, amount, confidence_bp: confidenceBp };
    return placeOf(await settled(() => this.#asked.settle(status, result, more)));
  }

  /** Gives the permit back: the action did not run. */
  async release(): Promise<Place | undefined> {
    return placeOf(await settled(() => this.#asked.release()));
  }

  /** At the end of an `await using` block: releases what was not started, and settles as unknown what was not settled. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { state } = this;
    if (state === "issued") {
      await this.release();
    } else if (state === "started") {
      await this.settle({ status: "unknown" });
    }
  }
}
