// Runs, step by step (vectors/kernel): through the generic door, and through the classes.
import { isDeepStrictEqual } from "node:util";
import { call, Kernel, OPERATIONS, Policy } from "talos-kernel";
import { expect, test } from "vitest";
import { Hands } from "./hands.mjs";
import { content, files, type Json, lines, manifest } from "./suite.mjs";

process.env.PATH = "";

type Ask = (operation: string, input: Json) => Promise<Json>;

/** What a JSON pointer without escapes points at. */
function at(value: Json, pointer: string): Json {
  return pointer
    .split("/")
    .slice(1)
    .reduce((found, step) => found?.[step], value);
}

/** The value with each string `{name}` replaced by what was kept. */
function filled(value: Json, kept: Map<string, Json>): Json {
  if (typeof value === "string") {
    const name = /^\{(.*)\}$/u.exec(value)?.[1];
    return name === undefined ? value : kept.get(name);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(([name, member]) => [name, filled(member, kept)]);
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

async function fault(ask: Ask, step: Json, kept: Map<string, Json>): Promise<string | undefined> {
  let found: Json;
  try {
    found = await ask(step.operation, filled(step.input, kept));
  } catch (error) {
    const code: unknown = (error as { code?: unknown }).code ?? String(error);
    return code === step.error
      ? undefined
      : `${step.operation}: ${code} and not ${step.error ?? "an answer"}`;
  }
  if (step.error !== undefined) {
    return `${step.operation}: ${JSON.stringify(found)} and not ${step.error}`;
  }
  for (const [pointer, expected] of Object.entries(step.output)) {
    if (!isDeepStrictEqual(at(found, pointer), filled(expected, kept))) {
      return `${step.operation}: ${pointer} is ${JSON.stringify(at(found, pointer))}`;
    }
  }
  for (const [name, pointer] of Object.entries(step.keep ?? {})) {
    kept.set(name, at(found, pointer as string));
  }
  return undefined;
}

/** Goes through a case, and says what is wrong with it. */
async function walk(one: Json, ask: Ask): Promise<string | undefined> {
  const kept = new Map<string, Json>();
  if (one.policy !== undefined) {
    kept.set("run", (await ask("run.open", {})).run);
  }
  for (const step of one.steps) {
    const wrong = await fault(ask, step, kept);
    if (wrong !== undefined) {
      return `${one.name}: ${wrong}`;
    }
  }
  return undefined;
}

const all: Json[] = files("runs").flatMap((path) => content(path).cases);
const policyOf = (one: Json) => (one.policy?.length > 0 ? Policy.parse(lines(one.policy)) : undefined);
const isPure = (operation: string) => OPERATIONS[operation as keyof typeof OPERATIONS].pure;
const pure = (operation: string, input: Json): Json =>
  JSON.parse(call(operation, JSON.stringify(input)).toString());

test("every run goes as the vectors say, through the door", async () => {
  const { native } = await import("../dist/native.js");
  const faults = await Promise.all(
    all.map((one) => {
      const door = one.policy ? Kernel.inMemory(policyOf(one)) : native.Door.empty();
      const ask = async (operation: string, input: Json) => {
        try {
          return JSON.parse((await door.call(operation, JSON.stringify(input))).toString());
        } catch (error) {
          const { code, message } = error as { code: string; message: string };
          throw code === "GenericFailure" ? JSON.parse(message) : error;
        }
      };
      return walk(one, ask);
    }),
  );
  expect(faults.filter(Boolean)).toEqual([]);
  expect(faults).toHaveLength(
    files("runs").reduce((sum, path) => sum + (manifest.files[path]?.cases ?? 0), 0),
  );
});

/** What the classes cannot be asked, because their types or their shape leave no place for it. */
const SHAPELESS: Readonly<Record<string, string>> = {
  "A call is started with the arguments of its decision only": "a permit starts the action that it is for",
  "A call is started on its own target only": "a permit starts the action that it is for",
  "An action names its run": "an action is asked of a run",
  "An action of a run that is not open is refused": "an action is asked of a run",
  "Before a kernel is open there is nothing to ask": "there is no object before it",
};

test("every run goes as the vectors say, through the classes", async () => {
  const mine = all.filter((one) => !(one.name in SHAPELESS));
  expect(mine.length + Object.keys(SHAPELESS).length).toBe(all.length);
  const faults = await Promise.all(
    mine.map(async (one) => {
      const hands = new Hands();
      await hands.methods["kernel.open"]?.({ memory: true, policy: policyOf(one)?.text });
      return walk(one, async (operation, input) =>
        isPure(operation) ? pure(operation, input) : hands.methods[operation]?.(input),
      );
    }),
  );
  expect(faults.filter(Boolean)).toEqual([]);
});

test("every operation of an open kernel has its method, and every pure one its function", async () => {
  const { operations } = await import("talos-kernel");
  const camel = (name: string) => name.replace(/_(.)/gu, (_, letter: string) => letter.toUpperCase());
  const functions = Object.entries(operations).flatMap(([area, of]) =>
    Object.keys(of).map((name) => `${area}.${name}`),
  );
  const ids = Object.keys(OPERATIONS);
  expect(functions.sort()).toEqual(ids.filter(isPure).map(camel).sort());
  expect(Object.keys(new Hands().methods).sort()).toEqual(ids.filter((id) => !isPure(id)).sort());
});
