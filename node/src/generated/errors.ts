// Generated from contracts/exceptions.yaml and a template by `cargo run -p talos-codegen`; do not edit.

/** The classes of errors, and the way from a problem document to one of them. */

import { type ClassName, REGISTRY } from "./registry.js";
import type { Decision, ErrorCode, Problem } from "./types.js";

/** Marks the errors of every copy of this package, ESM or CommonJS, where `instanceof` knows only its own. */
const BRAND: unique symbol = Symbol.for("talos-kernel.error");

/** What an error can carry beside its code and detail. */
export interface TalosErrorOptions {
  /** Byte offset of the mistake in the text that was sent. */
  readonly offset?: number | undefined;
  /** The nearest thing that would have been accepted. */
  readonly suggestion?: string | undefined;
  /** Id of the receipt that is evidence of the refusal. */
  readonly receiptId?: string | undefined;
  /** Id of the request for approval that the action waits for. */
  readonly approval?: string | undefined;
  /** The decision that the error stands for. */
  readonly decision?: Decision | undefined;
  /** What led to the error. */
  readonly cause?: unknown;
}

/** Any error of Talos. Raised itself for the protocols around the kernel, and for operations that do not exist. */
export class TalosError extends Error {
  /** This class and those that it derives from, the nearest first. */
  static readonly lineage: readonly ClassName[] = ["TalosError"];

  /** The name of the class, also where code is minified. */
  override readonly name: ClassName;
  /** The stable code. */
  readonly code: ErrorCode;
  /** What was got and what was expected, for whoever may see the request. */
  readonly detail: string;
  /** Byte offset of the mistake in the text that was sent. */
  readonly offset: number | undefined;
  /** The nearest thing that would have been accepted. */
  readonly suggestion: string | undefined;
  /** Id of the receipt that is evidence of the refusal. */
  readonly receiptId: string | undefined;
  /** Id of the request for approval that the action waits for. */
  readonly approval: string | undefined;
  /** The decision that the error stands for. */
  readonly decision: Decision | undefined;

  constructor(code: ErrorCode, detail?: string, options: TalosErrorOptions = {}) {
    if (!isCode(code)) {
      throw new RangeError(`${JSON.stringify(code)} is not in the registry of codes`);
    }
    const sentence = detail ?? REGISTRY[code].public;
    const hint = options.suggestion === undefined ? "" : ` (did you mean "${options.suggestion}"?)`;
    super(`${code}: ${sentence}${hint}`, "cause" in options ? { cause: options.cause } : undefined);
    const lineage = new.target.lineage;
    Object.defineProperty(this, BRAND, { value: lineage });
    this.name = lineage[0] ?? "TalosError";
    this.code = code;
    this.detail = sentence;
    this.offset = options.offset;
    this.suggestion = options.suggestion;
    this.receiptId = options.receiptId ?? options.decision?.receipt_id;
    this.approval = options.approval ?? options.decision?.approval;
    this.decision = options.decision;
  }

  /** Whether something is an error of this class or of one that derives from it, from whichever copy of the package. */
  static is(error: unknown): error is TalosError {
    return carries(error, "TalosError");
  }

  /** HTTP status. */
  get status(): number {
    return REGISTRY[this.code].status;
  }

  /** Whether the same request can succeed later without anybody changing it. */
  get retryable(): boolean {
    return REGISTRY[this.code].retryable;
  }

  /** What people and models may be told; holds nothing about the request. */
  get publicMessage(): string {
    return REGISTRY[this.code].public;
  }

  /** What to do about it. */
  get help(): string {
    return REGISTRY[this.code].help;
  }

  /** The problem document of this error (RFC 9457). */
  toProblem(): Problem {
    return {
      type: `urn:talos:error:${this.code}`,
      title: this.publicMessage,
      status: this.status,
      code: this.code,
      detail: this.detail,
      retryable: this.retryable,
      ...(this.offset === undefined ? {} : { offset: this.offset }),
      ...(this.suggestion === undefined ? {} : { suggestion: this.suggestion }),
      ...(this.receiptId === undefined ? {} : { receipt_id: this.receiptId }),
      ...(this.approval === undefined ? {} : { approval: this.approval }),
    };
  }

  /** What a model may be told: the public sentence and the code, and nothing of the detail. */
  toModelText(): string {
    return `${this.publicMessage} (${this.code})`;
  }

  /** The problem document: what `JSON.stringify` writes. */
  toJSON(): Problem {
    return this.toProblem();
  }
}

/**
 * The error that a problem document is about, in the class of its code.
 *
 * What names no known code is `internal.fault`, so that a failure never passes for anything else.
 */
export function errorOf(
  problem: { readonly [name: string]: unknown },
  options: Pick<TalosErrorOptions, "decision" | "cause"> = {},
): TalosError {
  const { code, detail, offset, suggestion, receipt_id, approval } = problem;
  if (!isCode(code)) {
    const detail = `an error came without a known code: ${text(code) ?? "none"}`;
    return new KernelUnavailable("internal.fault", detail, options);
  }
  return new CLASSES[REGISTRY[code].className](code, text(detail), {
    ...options,
    offset: typeof offset === "number" ? offset : undefined,
    suggestion: text(suggestion),
    receiptId: text(receipt_id),
    approval: text(approval),
  });
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(REGISTRY, code);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function carries(error: unknown, name: ClassName): boolean {
  if (typeof error !== "object" || error === null) {
    return false;
  }
  const lineage = (error as { [BRAND]?: unknown })[BRAND];
  return Array.isArray(lineage) && lineage.includes(name);
}

/** An action was refused and did not run. Raised itself for callers that nobody knows, the kill switch, the clock, drift, and calls that were used up or changed. */
export class Denied extends TalosError {
  static override readonly lineage: readonly ClassName[] = ["Denied", "TalosError"];

  declare readonly name:
    | "Denied"
    | "Malformed"
    | "PolicyDenied"
    | "CapabilityDenied"
    | "InjectionBlocked"
    | "OutputBlocked"
    | "BudgetExceeded"
    | "ApprovalRequired"
    | "ApprovalRejected"
    | "ApprovalExpired"
    | "ApprovalMismatch";

  static override is(error: unknown): error is Denied {
    return carries(error, "Denied");
  }
}

/** What was given cannot be represented or read, so nothing was done with it. A denial, because arguments that are no JSON are refused with a receipt. */
export class Malformed extends Denied {
  static override readonly lineage: readonly ClassName[] = ["Malformed", "Denied", "TalosError"];

  declare readonly name: "Malformed";

  static override is(error: unknown): error is Malformed {
    return carries(error, "Malformed");
  }
}

/** The policy does not allow the action, or there is none. */
export class PolicyDenied extends Denied {
  static override readonly lineage: readonly ClassName[] = ["PolicyDenied", "Denied", "TalosError"];

  declare readonly name: "PolicyDenied";

  static override is(error: unknown): error is PolicyDenied {
    return carries(error, "PolicyDenied");
  }
}

/** No capability allows the action. No code raises it yet. */
export class CapabilityDenied extends Denied {
  static override readonly lineage: readonly ClassName[] = ["CapabilityDenied", "Denied", "TalosError"];

  declare readonly name: "CapabilityDenied";

  static override is(error: unknown): error is CapabilityDenied {
    return carries(error, "CapabilityDenied");
  }
}

/** The firewall found an injection. No code raises it yet; a pattern of the policy is PolicyDenied. */
export class InjectionBlocked extends Denied {
  static override readonly lineage: readonly ClassName[] = ["InjectionBlocked", "Denied", "TalosError"];

  declare readonly name: "InjectionBlocked";

  static override is(error: unknown): error is InjectionBlocked {
    return carries(error, "InjectionBlocked");
  }
}

/** The action ran, and its result is held back. No code raises it yet. */
export class OutputBlocked extends Denied {
  static override readonly lineage: readonly ClassName[] = ["OutputBlocked", "Denied", "TalosError"];

  declare readonly name: "OutputBlocked";

  static override is(error: unknown): error is OutputBlocked {
    return carries(error, "OutputBlocked");
  }
}

/** A limit of calls, tokens or money, a rate or a budget is reached. A denial: the action did not run. */
export class BudgetExceeded extends Denied {
  static override readonly lineage: readonly ClassName[] = ["BudgetExceeded", "Denied", "TalosError"];

  declare readonly name: "BudgetExceeded";

  static override is(error: unknown): error is BudgetExceeded {
    return carries(error, "BudgetExceeded");
  }
}

/** A person has to approve the action first. A denial that can be lifted: the action did not run. */
export class ApprovalRequired extends Denied {
  static override readonly lineage: readonly ClassName[] = ["ApprovalRequired", "Denied", "TalosError"];

  declare readonly name: "ApprovalRequired";

  static override is(error: unknown): error is ApprovalRequired {
    return carries(error, "ApprovalRequired");
  }
}

/** A person refused the action. */
export class ApprovalRejected extends Denied {
  static override readonly lineage: readonly ClassName[] = ["ApprovalRejected", "Denied", "TalosError"];

  declare readonly name: "ApprovalRejected";

  static override is(error: unknown): error is ApprovalRejected {
    return carries(error, "ApprovalRejected");
  }
}

/** The approval came too late, or was used too late. */
export class ApprovalExpired extends Denied {
  static override readonly lineage: readonly ClassName[] = ["ApprovalExpired", "Denied", "TalosError"];

  declare readonly name: "ApprovalExpired";

  static override is(error: unknown): error is ApprovalExpired {
    return carries(error, "ApprovalExpired");
  }
}

/** The approval is for another action, or not by somebody who may approve this one. */
export class ApprovalMismatch extends Denied {
  static override readonly lineage: readonly ClassName[] = ["ApprovalMismatch", "Denied", "TalosError"];

  declare readonly name: "ApprovalMismatch";

  static override is(error: unknown): error is ApprovalMismatch {
    return carries(error, "ApprovalMismatch");
  }
}

/** No run is open here, so nothing was called. Not a denial: nobody decided, and there is no receipt. */
export class ContextMissing extends TalosError {
  static override readonly lineage: readonly ClassName[] = ["ContextMissing", "TalosError"];

  declare readonly name: "ContextMissing";

  static override is(error: unknown): error is ContextMissing {
    return carries(error, "ContextMissing");
  }
}

/** The kernel cannot decide or record, so nothing may run. Not a denial: the host is broken, not the action. */
export class KernelUnavailable extends TalosError {
  static override readonly lineage: readonly ClassName[] = ["KernelUnavailable", "TalosError"];

  declare readonly name: "KernelUnavailable";

  static override is(error: unknown): error is KernelUnavailable {
    return carries(error, "KernelUnavailable");
  }
}

/** Evidence is missing, cannot be read, does not verify, or is not trusted; so are the signatures and identifiers in it. */
export class ReceiptError extends TalosError {
  static override readonly lineage: readonly ClassName[] = ["ReceiptError", "TalosError"];

  declare readonly name: "ReceiptError";

  static override is(error: unknown): error is ReceiptError {
    return carries(error, "ReceiptError");
  }
}

/** A message between agents cannot be sealed or opened, or a session cannot begin. Not a denial: no action was decided on. */
export class SessionError extends TalosError {
  static override readonly lineage: readonly ClassName[] = ["SessionError", "TalosError"];

  declare readonly name: "SessionError";

  static override is(error: unknown): error is SessionError {
    return carries(error, "SessionError");
  }
}

/** A mailbox does not take or give what was asked. Not a denial: no action was decided on. */
export class MailboxError extends TalosError {
  static override readonly lineage: readonly ClassName[] = ["MailboxError", "TalosError"];

  declare readonly name: "MailboxError";

  static override is(error: unknown): error is MailboxError {
    return carries(error, "MailboxError");
  }
}

/** A client cannot do what was asked of it. */
export class ClientError extends TalosError {
  static override readonly lineage: readonly ClassName[] = ["ClientError", "TalosError"];

  declare readonly name: "ClientError";

  static override is(error: unknown): error is ClientError {
    return carries(error, "ClientError");
  }
}

/** A key, a file or a policy text has to be corrected by the operator. */
export class ConfigError extends TalosError {
  static override readonly lineage: readonly ClassName[] = ["ConfigError", "TalosError"];

  declare readonly name: "ConfigError";

  static override is(error: unknown): error is ConfigError {
    return carries(error, "ConfigError");
  }
}

const CLASSES: Readonly<Record<ClassName, typeof TalosError>> = {
  TalosError,
  Denied,
  Malformed,
  PolicyDenied,
  CapabilityDenied,
  InjectionBlocked,
  OutputBlocked,
  BudgetExceeded,
  ApprovalRequired,
  ApprovalRejected,
  ApprovalExpired,
  ApprovalMismatch,
  ContextMissing,
  KernelUnavailable,
  ReceiptError,
  SessionError,
  MailboxError,
  ClientError,
  ConfigError,
};
