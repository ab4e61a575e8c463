// The operations of an open kernel, by the methods of the classes: what the parity of this SDK is held to.
import { Bundle, Kernel, type Message, type Permit, Policy, type Run, TalosClient } from "talos-kernel";
import type { Json } from "./suite.mjs";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

const told = (message: Message): Json => ({
  peer: message.peer,
  data: text(message.data),
  message_hash: message.messageHash,
  frame_hash: message.frameHash,
  sid: message.sid,
  began: message.began,
});

/** One kernel with its runs and permits, as a program that uses the classes would have them. */
export class Hands {
  #kernel: Kernel | undefined;
  readonly #runs = new Map<string, Run>();
  readonly #permits = new Map<string, Permit>();
  readonly #clients = new Map<string, TalosClient>();

  get kernel(): Kernel {
    if (this.#kernel === undefined) {
      throw new Error("no kernel is open");
    }
    return this.#kernel;
  }

  #run(id: string): Run {
    const run = this.#runs.get(id);
    if (run === undefined) {
      throw new Error(`no run ${id}`);
    }
    return run;
  }

  #permit({ run, call }: Json): Permit {
    const permit = this.#permits.get(call);
    const state = this.#run(run).permit(call);
    if (permit === undefined || state === undefined) {
      // There is no object to start or settle: the same two codes as the door's.
      throw Object.assign(new Error("no permit"), {
        code: state === undefined ? "call.unknown" : "call.state",
      });
    }
    return permit;
  }

  #client(agent: string): TalosClient {
    const client = this.#clients.get(agent);
    if (client === undefined) {
      // There is no object to ask: the same code as the door's.
      throw Object.assign(new Error("no client"), { code: "client.not_open" });
    }
    return client;
  }

  #keep(permit: Permit | undefined): void {
    if (permit !== undefined) {
      this.#permits.set(permit.call, permit);
    }
  }

  /** The methods, by operation. A step gives the input of the operation and expects its output. */
  readonly methods: Readonly<Record<string, (input: Json) => Promise<Json>>> = {
    "kernel.open": async ({ memory, directory, policy, policy_format }) => {
      const text = policy === undefined ? undefined : Policy.parse(policy, policy_format);
      this.#kernel = memory ? Kernel.inMemory(text) : await Kernel.open({ directory, policy: text });
      return this.#kernel.describe();
    },
    "kernel.describe": async () => this.kernel.describe(),
    "kernel.identity": async ({ name }) => this.kernel.identity(name),
    "kernel.close": async () => {
      await this.kernel.close();
      return {};
    },
    "run.open": async ({ principal, ...options }) => {
      const run = await this.kernel.openRun({ ...options, user: principal });
      this.#runs.set(run.id, run);
      return { run: run.id, actor: run.actor };
    },
    "run.decide": async ({ action }) => {
      const { run, target, args, tool_hash: toolHash, ...options } = action;
      const decision = this.#run(run).decide(target, args, { ...options, toolHash });
      this.#keep(decision.permit);
      return { decision: decision.toJSON() };
    },
    "run.authorize": async ({ action }) => {
      const { run, target, args, tool_hash: toolHash, ...options } = action;
      try {
        const permit = await this.#run(run).authorize(target, args, { ...options, toolHash });
        this.#keep(permit);
        return { decision: permit.decision.toJSON() };
      } catch (error) {
        // A denial is thrown, with its decision.
        const { decision } = error as { decision?: Json };
        if (decision === undefined) {
          throw error;
        }
        return { decision };
      }
    },
    "run.refuse": async ({ run, target, code, call }) => ({
      decision: (await this.#run(run).refuse(target, code, call)).toJSON(),
    }),
    "run.start": async ({ action }) => {
      const permit = this.#permit(action);
      await permit.start();
      return { state: permit.state };
    },
    "run.settle": async ({ outcome: { confidence_bp, ...outcome }, ...of }) => {
      const permit = this.#permit(of);
      const place = await permit.settle({ ...outcome, confidenceBp: confidence_bp });
      return { state: permit.state, receipt_id: place?.receiptId, index: place?.index };
    },
    "run.release": async (of) => {
      const permit = this.#permit(of);
      const place = await permit.release();
      return { state: permit.state, receipt_id: place?.receiptId, index: place?.index };
    },
    "run.permit": async ({ run, call }) => ({ state: this.#run(run).permit(call) }),
    "run.counters": async ({ run }) => {
      const counters = this.#run(run).counters();
      return {
        tool_calls_admitted: counters.toolCallsAdmitted,
        tool_calls_in_flight: counters.toolCallsInFlight,
        tokens_reserved: counters.tokensReserved,
        spent_micro: counters.spentMicro,
      };
    },
    "run.close": async ({ run }) => {
      const { receiptId, index } = await this.#run(run).close();
      return { receipt_id: receiptId, index };
    },
    "receipt.get": async ({ receipt_id, index }) => {
      const { receipts } = this.kernel;
      const named = receipt_id === undefined ? receipts.last() : receipts.get(receipt_id);
      const found = await (index === undefined ? named : receipts.at(index));
      return { receipt_id: found.id, index: found.index, receipt: found.body, envelope: found.envelope };
    },
    "audit.prove": async ({ receipt_id, index, disclose }) => {
      const { receipts } = this.kernel;
      const named = receipt_id === undefined ? receipts.last() : receipts.get(receipt_id);
      const receipt = await (index === undefined ? named : receipts.at(index));
      return { bundle: JSON.parse((await receipt.prove({ disclose })).text) };
    },
    "audit.checkpoint": async () => ({ note: await this.kernel.audit.checkpoint() }),
    "audit.verify_log": async () => this.kernel.audit.verify(),
    "kernel.reload": async ({ policy, policy_format }) => ({
      policy: await this.kernel.reload(
        policy === undefined ? undefined : Policy.parse(policy, policy_format),
      ),
    }),
    "approval.list": async ({ state, limit }) => {
      const approvals = await this.kernel.approvals.list(state, limit);
      return approvals.more ? { approvals, more: true } : { approvals };
    },
    "approval.show": async ({ approval }) => ({ case: await this.kernel.approvals.get(approval) }),
    "approval.respond": async ({ approval, grant }) => ({
      case: await this.kernel.approvals.respond(approval, grant),
    }),
    "approval.redeem_code": async (input) => ({
      case: await this.kernel.approvals.redeemCode(input as never),
    }),
    "budget.set": async ({ budget }) => ({ budget: await this.kernel.budgets.set(budget) }),
    "budget.remove": async (input) => {
      await this.kernel.budgets.remove(input as never);
      return {};
    },
    "budget.show": async ({ scope }) => ({ accounts: await this.kernel.budgets.show(scope) }),
    "budget.top": async (input) => ({ accounts: await this.kernel.budgets.top(input) }),
    "standing.set": async ({ scope, held, why }) =>
      held ? this.kernel.standing.hold(scope, why) : this.kernel.standing.lift(scope, why),
    "standing.show": async () => ({ holds: await this.kernel.standing.holds() }),
    "client.open": async ({ agent, mailbox, rules, keep_days: keepDays }) => {
      const client = await TalosClient.create(agent, { kernel: this.kernel, mailbox, rules, keepDays });
      this.#clients.set(agent, client);
      return { agent, did: client.did, bundle: client.bundle };
    },
    "client.establish": async ({ agent, peer, bundle, one_time_key: oneTimeKey }) => ({
      session: await this.#client(agent).establishSession(peer, bundle, oneTimeKey),
    }),
    "client.send": async ({ agent, peer, data, wait_ms: waitMs }) => {
      const sent = await this.#client(agent).send(peer, Buffer.from(data, "base64url"), { waitMs });
      return {
        message_hash: sent.messageHash,
        frame_hash: sent.frameHash,
        sid: sent.sid,
        receipt_id: sent.receiptId,
      };
    },
    "client.receive": async ({ agent, max, wait_ms: waitMs }) => ({
      messages: (await this.#client(agent).receive({ max, waitMs })).map(told),
    }),
    "client.unconfirmed": async ({ agent }) => ({
      messages: (await this.#client(agent).unconfirmed()).map(told),
    }),
    "client.outgoing": async ({ agent, max }) => {
      const frames = await this.#client(agent).outgoing(max);
      return { frames: frames.map((frame) => ({ ...frame, bytes: text(frame.bytes) })) };
    },
    "client.carried": async ({ agent, ids }) => ({ erased: await this.#client(agent).carried(...ids) }),
    "client.incoming": async ({ agent, bytes }) =>
      this.#client(agent).incoming(Buffer.from(bytes, "base64url")),
    "client.sessions": async ({ agent, peer }) => ({
      sessions: await this.#client(agent).sessions(peer),
      ...(await this.#client(agent).waiting()),
    }),
    "client.end": async ({ agent, peer }) => this.#client(agent).endSession(peer),
    "client.prove": async ({ agent, hash }) => ({
      bundle: JSON.parse((await this.#client(agent).getMerkleProof(hash)).text),
    }),
    "client.delivery": async ({ agent, frame_hash: frameHash }) => ({
      receipt: await this.#client(agent).deliveryReceipt(frameHash),
    }),
    "client.verify_proof": async ({ agent, bundle }) => ({
      valid: await this.#client(agent).verifyProof(Bundle.parse(bundle)),
    }),
    "client.disclose": async ({ agent, frame_hash: frameHash }) => ({
      opening: await this.#client(agent).disclose(frameHash),
    }),
    "client.close": async ({ agent, wait_ms: waitMs }) => ({
      outgoing: await this.#client(agent).close({ waitMs }),
    }),
  };
}
