// The kill switch and suspensions: a façade over the operations `standing.*`.
import type * as contract from "./generated/types.js";

type Ask = (operation: string, input: string) => Promise<Buffer>;

/** What is held, for every process on the directory and after every restart. */
export class Standing {
  readonly #ask: Ask;

  /** @internal */
  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** The scopes that are held. */
  async holds(): Promise<readonly contract.StandingHold[]> {
    const output = JSON.parse((await this.#ask("standing.show", "{}")).toString("utf8"));
    return (output as contract.StandingShowOutput).holds;
  }

  /** Nothing is allowed in the scope from now on, and nothing starts; absent: everything. */
  hold(scope: contract.Scope = { level: "all" }, why?: string): Promise<contract.StandingSetOutput> {
    return this.#set({ scope, held: true, ...(why === undefined ? {} : { why }) });
  }

  /** The scope goes on. */
  lift(scope: contract.Scope = { level: "all" }, why?: string): Promise<contract.StandingSetOutput> {
    return this.#set({ scope, held: false, ...(why === undefined ? {} : { why }) });
  }

  async #set(input: contract.StandingSetInput): Promise<contract.StandingSetOutput> {
    return JSON.parse((await this.#ask("standing.set", JSON.stringify(input))).toString("utf8"));
  }
}
