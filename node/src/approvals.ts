// Requests for approval, and the answers of people: a façade over the operations `approval.*`.
import { setTimeout as sleep } from "node:timers/promises";
import type * as contract from "./generated/types.js";

const LOOK_MS = 250;

type Ask = (operation: string, input: string) => Promise<Buffer>;

/** Requests for approval, the newest first, and whether there are more that are older. */
export type Requests = contract.ApprovalCase[] & { readonly more: boolean };

/** The requests for approval of a kernel. */
export class Approvals {
  readonly #ask: Ask;

  /** @internal */
  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /**
   * The requests, the newest first; those in one state, if it is named. At most `limit` of them, 1000 where it is absent
   * and never above 10000; `more` of the list says whether there are older ones.
   */
  async list(state?: contract.ApprovalState, limit?: number): Promise<Requests> {
    const output = (await this.#answer("approval.list", { state, limit })) as contract.ApprovalListOutput;
    // Not enumerable: it is no element, and lists of the same requests stay equal.
    return Object.defineProperty([...output.approvals], "more", { value: output.more ?? false }) as Requests;
  }

  /** What is stored as a request and is none: nobody can answer it, and nothing runs under it. */
  async damaged(): Promise<contract.ApprovalDamaged[]> {
    const output = (await this.#answer("approval.list", {})) as contract.ApprovalListOutput;
    return (output.damaged ?? []) as contract.ApprovalDamaged[];
  }

  /** The request of this id, with what it would run, what people have answered, and where it stands. */
  async get(approval: string): Promise<contract.ApprovalCase> {
    return this.#case("approval.show", { approval });
  }

  /** Keeps a person's signed answer, as the operation approval.sign makes it. */
  async respond(approval: string, grant: contract.Envelope): Promise<contract.ApprovalCase> {
    return this.#case("approval.respond", { approval, grant });
  }

  /** Answers for a person who has given the one-time code. */
  async redeemCode(answer: contract.ApprovalRedeemCodeInput): Promise<contract.ApprovalCase> {
    return this.#case("approval.redeem_code", answer);
  }

  /**
   * Waits until people have answered, the request has expired, or so many milliseconds are over. The call that was
   * denied is made again after that; it runs if the request is granted.
   */
  async wait(approval: string, timeoutMs = Number.POSITIVE_INFINITY): Promise<contract.ApprovalCase> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const found = await this.get(approval);
      if (found.state !== "pending" || performance.now() >= end) {
        return found;
      }
      await sleep(LOOK_MS);
    }
  }

  async #case(operation: string, input: object): Promise<contract.ApprovalCase> {
    return ((await this.#answer(operation, input)) as contract.ApprovalShowOutput).case;
  }

  async #answer(operation: string, input: object): Promise<unknown> {
    return JSON.parse((await this.#ask(operation, JSON.stringify(input))).toString("utf8"));
  }
}
