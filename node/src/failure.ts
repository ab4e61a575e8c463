/** Errors of the native part as the errors of this package. */

import { errorOf, type TalosError } from "./generated/errors.js";
import type { Decision, Problem } from "./generated/types.js";

/** The error that users get: the native part says what went wrong as a problem document. */
export function failure(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.startsWith('{"code":"')) {
    return error;
  }
  return errorOf(JSON.parse(error.message) as Problem & { readonly [name: string]: unknown });
}

/** Runs native work. */
export function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failure(error);
  }
}

/** Waits for native work. */
export async function settled<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failure(error);
  }
}

/** The error for an action that may not run. */
export function denial(decision: Decision): TalosError {
  const [reason] = decision.reasons;
  // Without a reason the verdict was no denial: the permit was used up before.
  return reason === undefined
    ? errorOf({ code: "call.state" }, { decision })
    : errorOf({ code: reason.code, detail: reason.message }, { decision });
}
