// Budgets: a façade over the operations `budget.*` of an open kernel.
import type * as contract from "./generated/types.js";

type Ask = (operation: string, input: string) => Promise<Buffer>;

/** The budgets of a kernel's store, shared by every process on it. */
export class Budgets {
  readonly #ask: Ask;

  /** @internal */
  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Sets a budget: a new one, or other terms for the one of the same scope, unit, currency and window. */
  async set(budget: contract.Budget): Promise<contract.Budget> {
    return ((await this.#answer("budget.set", { budget })) as contract.BudgetSetOutput).budget;
  }

  /** Removes a budget and what was counted against it. */
  async remove(which: contract.BudgetRemoveInput): Promise<void> {
    await this.#answer("budget.remove", which);
  }

  /** Where the budgets of a scope stand; of all scopes, if none is named. */
  async show(scope?: contract.Scope): Promise<readonly contract.BudgetAccount[]> {
    const output = await this.#answer("budget.show", scope === undefined ? {} : { scope });
    return (output as contract.BudgetShowOutput).accounts;
  }

  /** The budgets that are used the most, by their share. */
  async top(input: contract.BudgetTopInput = {}): Promise<readonly contract.BudgetAccount[]> {
    return ((await this.#answer("budget.top", input)) as contract.BudgetTopOutput).accounts;
  }

  async #answer(operation: string, input: object): Promise<unknown> {
    return JSON.parse((await this.#ask(operation, JSON.stringify(input))).toString("utf8"));
  }
}
