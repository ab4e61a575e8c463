/** The runs that are open here, in this chain of asynchronous calls. */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Kernel } from "./kernel.js";
import type { Run } from "./run.js";

// The innermost is the last. Never entered inside a generator: its body runs in the contexts of whoever reads it.
const open = new AsyncLocalStorage<readonly Run[]>();

/** Calls the function with the run as the current one of its kernel. */
export function within<T>(run: Run, work: () => T): T {
  return open.run([...(open.getStore() ?? []), run], work);
}

/** The innermost run of this kernel. */
export function current(kernel: Kernel): Run | undefined {
  return open.getStore()?.findLast((run) => run.kernel === kernel);
}
