/** Finds the native part, and refuses one that was not built with this package. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type * as Binding from "./binding.js";
import { entriesOf } from "./entries.js";
import { KernelUnavailable } from "./generated/errors.js";
import { MANIFEST_HASH } from "./generated/operations.js";
import { PLATFORMS, platform } from "./platform.js";

/** The interface between this package and its native part; grows with every change of it. */
const ABI = 2;

function load(): typeof Binding {
  const name = platform();
  try {
    return require(`@talos-kernel/${name}`) as typeof Binding;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") {
      throw unusable(`the native part of @talos-kernel/${name} could not be loaded`, error);
    }
    return loadDevelopment(name, error);
  }
}

/** In a checkout of the repository, where the addon is built beside the sources. */
function loadDevelopment(name: string, missing: unknown): typeof Binding {
  const file = join(__dirname, "..", "native", `talos-kernel.${name}.node`);
  if (existsSync(file)) {
    return require(file) as typeof Binding;
  }
  const why = PLATFORMS.includes(name)
    ? `the package @talos-kernel/${name} is not installed: install again, without leaving out optional dependencies`
    : `there is no native part for ${name}, only for ${PLATFORMS.join(", ")}`;
  throw unusable(why, missing);
}

function unusable(why: string, cause?: unknown): KernelUnavailable {
  return new KernelUnavailable("kernel.mismatch", why, { cause });
}

/** Refuses a native part that was built from other contracts, or for another package. */
export function checked(binding: Pick<typeof Binding, "ABI" | "MANIFEST_HASH">): void {
  if (binding.ABI !== ABI || binding.MANIFEST_HASH !== MANIFEST_HASH) {
    const found = `ABI ${binding.ABI} and contracts ${binding.MANIFEST_HASH}`;
    throw unusable(
      `the native part has ${found}; this package needs ABI ${ABI} and contracts ${MANIFEST_HASH}`,
    );
  }
}

function loaded(): typeof Binding {
  const binding = load();
  checked(binding);
  binding.prepare(entriesOf);
  return binding;
}

/** The native part. */
export const native: typeof Binding = loaded();
