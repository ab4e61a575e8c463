// The shared vectors (vectors/README.md), with every number as its text has it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const FOLDER = new URL("../../vectors/", import.meta.url);
/** Stands before a number that no double keeps, or that is written in another way; no vector has it. */
const NUMBER = "<number>";

// biome-ignore lint/suspicious/noExplicitAny: a vector is any JSON.
export type Json = any;

/** One operation with its input, and what comes of it. */
export interface Case {
  readonly name: string;
  readonly operation: string;
  readonly input: Json;
  readonly output?: Json;
  readonly error?: string;
  /** Verdict, effect and the codes of the reasons. */
  readonly decision?: Json;
}

interface File {
  readonly sha256: string;
  readonly form: string;
  readonly cases: number;
}

export const manifest: { readonly cases: number; readonly files: Record<string, File> } = JSON.parse(
  readFileSync(new URL("manifest.json", FOLDER), "utf8"),
);

/** The paths of the files of these forms. */
export function files(...forms: string[]): string[] {
  return Object.keys(manifest.files).filter((path) => forms.includes(manifest.files[path]?.form ?? ""));
}

/** The content of a file, which is the one that the manifest means. */
export function content(path: string): Json {
  const text = readFileSync(new URL(path, FOLDER));
  if (createHash("sha256").update(text).digest("hex") !== manifest.files[path]?.sha256) {
    throw new Error(`${path} is not what the manifest says`);
  }
  return parse(text.toString());
}

/** Parses a text; numbers that JavaScript would change become marked strings. */
export function parse(text: string): Json {
  const token = /"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*/gu;
  return JSON.parse(text.replace(token, (found) => (isKept(found) ? found : `"${NUMBER}${found}"`)));
}

function isKept(token: string): boolean {
  return token.startsWith('"') || String(Number(token)) === token;
}

/** The text of a value, with the numbers of its source. */
export function textOf(value: Json): string {
  return JSON.stringify(value).replace(/"<number>([^"]*)"/gu, "$1");
}

/** The value for JavaScript: counts beyond 2^53 - 1 as decimal digits, as the contracts carry them. */
export function forJavaScript(value: Json): Json {
  if (typeof value === "string" && value.startsWith(NUMBER)) {
    const digits = value.slice(NUMBER.length);
    return /^[0-9]+$/u.test(digits) ? digits : Number(digits);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Array.isArray(value)
    ? value.map(forJavaScript)
    : Object.fromEntries(Object.entries(value).map(([name, member]) => [name, forJavaScript(member)]));
}

/** The cases of a file; each is one step, or two that are asked of the same thing. */
export function cases(path: string): Case[][] {
  const file = content(path);
  switch (manifest.files[path]?.form) {
    case "call":
      return file.cases.map((one: Json) => [{ ...one, input: written(one) }]);
    case "mistakes":
      return file.cases.map(mistake);
    case "decisions":
      return file.groups.flatMap((group: Json) => group.cases.map((one: Json) => [decision(group, one)]));
    default:
      throw new Error(`no form for ${path}`);
  }
}

function written({ input, repeat }: Json): Json {
  if (repeat === undefined) {
    return input;
  }
  const long = repeat.unit.repeat(repeat.times);
  return { ...input, [repeat.member]: input[repeat.member].replace("<repeat>", () => long) };
}

export function lines(policy: readonly string[]): string {
  return `${policy.join("\n")}\n`;
}

/** The files that the policy of a case includes. */
function included({ files }: Json): Json {
  return files === undefined ? {} : { files };
}

function mistake(one: Json): Case[] {
  const { name, format, errors } = one;
  const text = lines(one.policy);
  const action = { kind: "tool_call", target: "t" };
  return [
    {
      name,
      operation: "policy.check",
      input: { text, format, ...included(one) },
      output: { valid: false, errors },
    },
    {
      name,
      operation: "policy.decide",
      input: { policy: text, format, action, ...included(one) },
      error: errors[0].code,
    },
  ];
}

function decision(group: Json, one: Json): Case {
  return {
    name: `${group.name} / ${one.name}`,
    operation: "policy.decide",
    input: {
      policy: lines(one.policy ?? group.policy),
      format: group.format,
      ...included(group),
      action: one.action,
      state: one.state ?? {},
      subject: one.subject ?? {},
    },
    decision: one.expect,
  };
}
