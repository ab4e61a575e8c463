// What several tests need: a policy, kernels in memory and on disk, and what the log says.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type contracts, Kernel, Policy } from "talos-kernel";
import { onTestFinished } from "vitest";

export const policy = Policy.parse(`
id: test
allowed_tools:
  - {name: look, effect: read}
  - {name: change, effect: write}
  - {name: erase, effect: irreversible}
blocked_patterns:
  - {id: secret, kind: substring, pattern: "credentials"}
`);

/** A kernel in memory, closed at the end of the test. */
export function memory(): Kernel {
  const kernel = Kernel.inMemory(policy);
  onTestFinished(() => kernel.close().catch(() => undefined));
  return kernel;
}

/** A directory that is gone after the test. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "talos-node-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A kernel on disk. */
export async function onDisk(path = directory()): Promise<Kernel> {
  const kernel = await Kernel.open({ directory: path, policy });
  onTestFinished(() => kernel.close().catch(() => undefined));
  return kernel;
}

/** The bodies of all receipts, in order. */
export async function log(kernel: Kernel): Promise<contracts.Receipt[]> {
  const { size } = await kernel.audit.verify();
  const all = Array.from({ length: Number(size) }, (_, index) => kernel.receipts.at(index));
  return (await Promise.all(all)).map((receipt) => receipt.body);
}

/** How the calls ended: the status of each outcome, in order. */
export async function outcomes(kernel: Kernel): Promise<(string | undefined)[]> {
  return (await log(kernel)).filter((body) => body.kind === "outcome").map((body) => body.outcome?.status);
}

/** The decisions, as verdict and codes. */
export async function decisions(kernel: Kernel): Promise<string[]> {
  const found = (await log(kernel)).filter((body) => body.kind === "decision");
  return found.map((body) => [body.verdict, ...(body.reasons ?? [])].join(" "));
}

/** What something is rejected with, or throws. */
export async function failureOf(work: () => unknown): Promise<Error & { code?: string }> {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

/** Collects garbage until the condition holds. */
export async function collected(isGone: () => boolean): Promise<boolean> {
  for (let round = 0; round < 100 && !isGone(); round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return isGone();
}
