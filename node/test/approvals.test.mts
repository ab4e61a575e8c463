// People approve what a program is about to do: thrown, waited for, polled, and run once.

import { ApprovalMismatch, ApprovalRejected, ApprovalRequired, BudgetExceeded, Kernel, Policy } from "talos-kernel";
import { afterEach, beforeEach, expect, it } from "vitest";

const SEED = "DAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw";
const STRANGER = "DQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0";
const POLICY = `id: shop
allowed_tools: [{name: pay, effect: write}]
approvers: [{name: zoe, key: 'did:key:z6MkfDSNRs2i9S6LZ5vd4RbpZ6754H7R3btDqRTeHhamqvuJ'}]
approvals: [{id: money, tools: [pay], expires_seconds: 600}]
`;

let kernel: Kernel;
beforeEach(() => {
  kernel = Kernel.inMemory(Policy.parse(POLICY));
});
afterEach(() => kernel.close());

async function respond(approval: string, response: "grant" | "deny" = "grant", seed = SEED) {
  const { request } = await kernel.approvals.get(approval);
  const wanted = { seed, approval, name: "zoe", response, iat: request.iat };
  const { grant } = JSON.parse((await kernel.call("approval.sign", JSON.stringify(wanted))).toString());
  return kernel.approvals.respond(approval, grant);
}

async function asked(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApprovalRequired);
  const { approval } = error as ApprovalRequired;
  expect(approval).toBeTypeOf("string");
  return approval as string;
}

it("a granted call runs once", async () => {
  const ran: number[] = [];
  const pay = kernel.guard((amount: number) => ran.push(amount), { name: "pay", args: ["amount"] });
  await kernel.run({}, async () => {
    const approval = await asked(pay(7));
    expect(await asked(pay(7))).toBe(approval);
    const pending = await kernel.approvals.wait(approval, 0);
    expect(pending).toMatchObject({
      state: "pending",
      args: { amount: 7 },
      missing: [{ approvers: ["zoe"] }],
    });
    expect((await respond(approval)).state).toBe("granted");
    expect(await asked(pay(8))).not.toBe(approval);
    await pay(7);
    expect((await kernel.approvals.get(approval)).state).toBe("redeemed");
    expect(await asked(pay(7))).not.toBe(approval);
  });
  expect(ran).toEqual([7]);
});

it("a program waits for the answer, and a refusal is thrown", async () => {
  const pay = kernel.guard((amount: number) => amount, { name: "pay", args: ["amount"] });
  await kernel.run({}, async () => {
    const approval = await asked(pay(1));
    const waiting = kernel.approvals.wait(approval, 30_000);
    await respond(approval);
    expect((await waiting).state).toBe("granted");
    expect(await pay(1)).toBe(1);
    await respond(await asked(pay(2)), "deny");
    await expect(pay(2)).rejects.toBeInstanceOf(ApprovalRejected);
  });
});

it("nobody else answers", async () => {
  const pay = kernel.guard((amount: number) => amount, { name: "pay", args: ["amount"] });
  await kernel.run({}, async () => {
    const approval = await asked(pay(1));
    await expect(respond(approval, "grant", STRANGER)).rejects.toBeInstanceOf(ApprovalMismatch);
    const code = { approval, name: "zoe", code: "00000000", response: "grant" as const };
    await expect(kernel.approvals.redeemCode(code)).rejects.toBeInstanceOf(ApprovalMismatch);
    expect((await kernel.approvals.list("pending")).map((found) => found.approval)).toEqual([approval]);
    expect(await kernel.approvals.list("granted")).toEqual([]);
  });
});

it("a budget of a team stops the runs of that team", async () => {
  const open = Kernel.inMemory(Policy.parse("id: p\nallowed_tools: [{name: look, effect: read}]\n"));
  try {
    await open.budgets.set({ scope: { level: "team", name: "research" }, unit: "calls", cap: 1 });
    await open.budgets.set({ scope: { level: "organisation", name: "acme" }, unit: "calls", cap: 1 });
    for (const whose of [{ team: "research" }, { organisation: "acme" }]) {
      const run = await open.openRun(whose);
      await run.authorize("look");
      await expect(run.authorize("look")).rejects.toBeInstanceOf(BudgetExceeded);
      await run.close();
    }
    const run = await open.openRun({ team: "finance", organisation: "other" });
    await run.authorize("look");
    await run.authorize("look");
    await run.close();
  } finally {
    await open.close();
  }
});
