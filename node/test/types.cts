// Compiled with the tests and never run: CommonJS has the types, too.
import talos = require("talos-kernel");

export async function main(kernel: talos.Kernel): Promise<number> {
  const look = kernel.tool({ name: "look", effect: "read" }, (n: number): number => n);
  const outcome: talos.contracts.Outcome = { status: "ok" };
  return look(outcome.tokens ?? 1);
}
