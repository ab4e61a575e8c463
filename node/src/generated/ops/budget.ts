// Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

import { invoke } from "../../door.js";
import type {
  BudgetCountTokensInput,
  BudgetCountTokensOutput,
  BudgetGcraInput,
  BudgetGcraOutput,
  BudgetPriceInput,
  BudgetPriceOutput,
  BudgetSimulateInput,
  BudgetSimulateOutput,
} from "../types.js";

/** Checks one call against a rate, and gives the rate's next state. */
export function gcra(input: BudgetGcraInput): BudgetGcraOutput {
  return invoke("budget.gcra", input);
}

/** Plays steps through budgets that start empty, and says what came of each. */
export function simulate(input: BudgetSimulateInput): BudgetSimulateOutput {
  return invoke("budget.simulate", input);
}

/** Gives the most that a model call can cost, from the price catalogue. */
export function price(input: BudgetPriceInput): BudgetPriceOutput {
  return invoke("budget.price", input);
}

/** Counts the tokens of a text for a model; never fewer than there are. */
export function countTokens(input: BudgetCountTokensInput): BudgetCountTokensOutput {
  return invoke("budget.count_tokens", input);
}
