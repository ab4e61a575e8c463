// Every shared vector, through `call`, through the generated functions, and through the classes that cover it.
import { isDeepStrictEqual } from "node:util";
import { Bundle, call, operations, Policy, TalosError } from "talos-kernel";
import { beforeAll, expect, test } from "vitest";
import { type Case, cases, files, forJavaScript, type Json, manifest, parse, textOf } from "./suite.mjs";

const FORMS = ["call", "mistakes", "decisions"];

beforeAll(() => {
  // Nothing here may find the binary `talos`, or any other.
  process.env.PATH = "";
});

type Ask = (one: Case) => Json;

const throughCall: Ask = (one) => parse(call(one.operation, Buffer.from(textOf(one.input))).toString());

const throughFunction: Ask = (one) => {
  const [area = "", ...rest] = one.operation.split(".");
  const name = rest.join("_").replace(/_(.)/gu, (_, letter: string) => letter.toUpperCase());
  const all = operations as unknown as Record<string, Record<string, (input: Json) => Json>>;
  return all[area]?.[name]?.(forJavaScript(one.input));
};

const isList = (value: unknown): boolean => value === undefined || Array.isArray(value);

const throughClass: Ask = (one) => {
  const { text, policy, format, action, state, subject, bundle, log_keys, issuers, ...more } = forJavaScript(
    one.input,
  );
  if (Object.keys(more).length > 0 || !isList(log_keys) || !isList(issuers)) {
    return throughFunction(one); // The parameters of a method are no JSON of any type.
  }
  switch (one.operation) {
    case "policy.check":
      return typeof text === "string" ? Policy.check(text, format) : throughFunction(one);
    case "policy.decide":
      return Policy.parse(policy, format).decide(action, state, subject);
    case "bundle.verify": {
      if (typeof bundle !== "string" && (typeof bundle !== "object" || bundle === null)) {
        return throughFunction(one);
      }
      const { receiptId: receipt_id, ...found } = Bundle.parse(bundle).verify({ logKeys: log_keys, issuers });
      return JSON.parse(JSON.stringify({ ...found, receipt_id }));
    }
    default:
      throw new Error(one.operation);
  }
};

function fault(one: Case, ask: Ask): string | undefined {
  let found: Json;
  try {
    found = ask(one);
    if (one.decision !== undefined) {
      found = { ...found, reasons: found.reasons.map((reason: Json) => reason.code) };
    }
  } catch (error) {
    found = TalosError.is(error) ? error.code : String(error);
  }
  const expected = one.error ?? one.decision ?? one.output;
  const same = isDeepStrictEqual(forJavaScript(found), forJavaScript(expected));
  return same
    ? undefined
    : `${one.operation}: ${one.name}: ${JSON.stringify(expected)} and not ${JSON.stringify(found)}`;
}

/** Asks everything, and gives the number of cases. */
function run(ask: Ask, ...of: string[]): number {
  let executed = 0;
  const faults: string[] = [];
  for (const path of files(...FORMS)) {
    for (const steps of cases(path)) {
      const mine = steps.filter((step) => of.length === 0 || of.includes(step.operation));
      executed += mine.length > 0 ? 1 : 0;
      faults.push(...mine.flatMap((step) => fault(step, ask) ?? []).map((wrong) => `${path}: ${wrong}`));
    }
  }
  expect(faults.slice(0, 20)).toEqual([]);
  return executed;
}

// "runs" are in runs.test.mts; no operation has the others, which core/policy and core/text test.
const elsewhere = files("runs", "builtin", "views").reduce(
  (sum, path) => sum + (manifest.files[path]?.cases ?? 0),
  0,
);

test.each([
  ["call", throughCall],
  ["the generated functions", throughFunction],
])("every case is answered as the vectors say through %s", (_, ask) => {
  expect(run(ask) + elsewhere).toBe(manifest.cases);
});

test("the classes answer as the vectors say", () => {
  const covered = ["policy.check", "policy.decide", "bundle.verify"];
  const all = files(...FORMS).flatMap(cases);
  const expected = all.filter((steps) => steps.some((step) => covered.includes(step.operation))).length;
  expect(run(throughClass, ...covered)).toBe(expected);
  expect(expected).toBeGreaterThan(600);
});
