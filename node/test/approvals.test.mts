// People approve what a program is about to do: thrown, waited for, polled, and run once.
import { setTimeout as sleep } from "node:timers/promises";
import {
  ApprovalMismatch,
  ApprovalRejected,
  ApprovalRequired,
  BudgetExceeded,
  Kernel,
  Malformed,
  Policy,
} from "talos-kernel";
import { afterEach, beforeEach, expect, it } from "vitest";
import { respond } from "./people.mjs";

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
    expect((await respond(kernel, approval)).state).toBe("granted");
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
    await respond(kernel, approval);
    expect((await waiting).state).toBe("granted");
    expect(await pay(1)).toBe(1);
    await respond(kernel, await asked(pay(2)), "deny");
    await expect(pay(2)).rejects.toBeInstanceOf(ApprovalRejected);
  });
});

it("a guarded function waits for people itself", async () => {
  const answer = async (response: "grant" | "deny") => {
    let [pending] = await kernel.approvals.list("pending");
    while (pending === undefined) {
      await sleep(10);
      [pending] = await kernel.approvals.list("pending");
    }
    await respond(kernel, pending.approval, response);
  };
  const ran: number[] = [];
  const spend = (amount: number) => ran.push(amount);
  async function* stream(amount: number) {
    ran.push(amount);
    yield amount;
  }
  const options = { name: "pay", args: ["amount"], waitMs: 30_000 } as const;
  const [pay, flow] = kernel.guardAll([spend, stream] as const, options);
  await kernel.run({}, async () => {
    await Promise.all([pay(1), answer("grant")]);
    const [item] = await Promise.all([flow(2).next(), answer("grant")]);
    expect(item.value).toBe(2);
    await Promise.all([expect(pay(3)).rejects.toBeInstanceOf(ApprovalRejected), answer("deny")]);
    const impatient = kernel.guard(spend, { ...options, waitMs: 0 });
    expect(await asked(impatient(4))).toBe(await asked(impatient(4)));
  });
  expect(ran).toEqual([1, 2]);
});

it("nobody else answers", async () => {
  const pay = kernel.guard((amount: number) => amount, { name: "pay", args: ["amount"] });
  await kernel.run({}, async () => {
    const approval = await asked(pay(1));
    await expect(respond(kernel, approval, "grant", STRANGER)).rejects.toBeInstanceOf(ApprovalMismatch);
    const code = { approval, name: "zoe", code: "00000000", response: "grant" as const };
    await expect(kernel.approvals.redeemCode(code)).rejects.toBeInstanceOf(ApprovalMismatch);
    expect((await kernel.approvals.list("pending")).map((found) => found.approval)).toEqual([approval]);
    expect(await kernel.approvals.list("granted")).toEqual([]);
  });
});

it("a list that was cut off says so", async () => {
  const pay = kernel.guard((amount: number) => amount, { name: "pay", args: ["amount"] });
  await kernel.run({}, async () => {
    const asks = [await asked(pay(1)), await asked(pay(2)), await asked(pay(3))].reverse();
    const all = await kernel.approvals.list();
    expect([all.map((found) => found.approval), all.more]).toEqual([asks, false]);
    const newest = await kernel.approvals.list("pending", 2);
    expect([newest.map((found) => found.approval), newest.more]).toEqual([asks.slice(0, 2), true]);
    expect((await kernel.approvals.list("pending", 3)).more).toBe(false);
    await expect(kernel.approvals.list("pending", 0)).rejects.toBeInstanceOf(Malformed);
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
