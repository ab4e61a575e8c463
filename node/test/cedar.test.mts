// Cedar files beside the policy.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kernel, Policy } from "talos-kernel";
import { expect, test } from "vitest";

const TOOLS = [{ name: "pay", inputSchema: { properties: { n: { type: "integer" } }, required: ["n"] } }];
const CEDAR = 'permit(principal, action == Action::"tool_call:pay", resource) when { context.args.n < 10 };';

test("Cedar files have to allow, too", async () => {
  const place = mkdtempSync(join(tmpdir(), "talos-cedar-"));
  const [cedar, tools] = [join(place, "p.cedar"), join(place, "tools.json")];
  writeFileSync(cedar, CEDAR);
  writeFileSync(tools, JSON.stringify(TOOLS));
  const policy = Policy.parse("id: p\nallowed_tools: [{name: pay, effect: spend}]\n");
  const directory = join(place, "talos");
  const kernel = await Kernel.open({ directory, policy, cedar: [cedar], tools });
  const paid: number[] = [];
  const pay = kernel.guard(
    ({ n }: { n: number }) => {
      paid.push(n);
    },
    { name: "pay" },
  );
  await kernel.run({}, async () => {
    await pay({ n: 9 });
    await expect(pay({ n: 10 })).rejects.toMatchObject({ code: "policy.cedar_denied" });
  });
  await kernel.close();
  expect(paid).toEqual([9]);
  await expect(Kernel.open({ directory, policy, cedar: [cedar] })).rejects.toMatchObject({
    code: "policy.invalid",
  });
});
