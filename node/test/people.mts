// Zoe, who approves what the policies of these tests ask her.
import type { Kernel } from "talos-kernel";

const SEED = "DAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw";

/** Her signed answer, kept by the kernel. */
export async function respond(
  kernel: Kernel,
  approval: string,
  response: "grant" | "deny" = "grant",
  seed = SEED,
) {
  const { request } = await kernel.approvals.get(approval);
  const wanted = { seed, approval, name: "zoe", response, iat: request.iat };
  const { grant } = JSON.parse((await kernel.call("approval.sign", JSON.stringify(wanted))).toString());
  return kernel.approvals.respond(approval, grant);
}
