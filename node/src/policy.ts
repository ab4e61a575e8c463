/** Policies, as texts that the kernel has checked. */

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { invoke, utf8 } from "./door.js";
import { errorOf } from "./generated/errors.js";
import type * as contract from "./generated/types.js";

const FORMATS: { readonly [extension: string]: contract.PolicyFormat } = { ".json": "json", ".toml": "toml" };

/** A policy that is valid. */
export class Policy {
  /** The text. */
  readonly text: string;
  /** Its format. */
  readonly format: contract.PolicyFormat;
  /** The id that the policy gives itself. */
  readonly id: string;
  /** The hash of its canonical form: what receipts name. */
  readonly hash: string;
  /** The names of the tools that it allows. */
  readonly tools: readonly string[];

  private constructor(text: string, format: contract.PolicyFormat, checked: contract.PolicyCheckOutput) {
    this.text = text;
    this.format = format;
    this.id = checked.id ?? "";
    this.hash = checked.hash ?? "";
    this.tools = checked.tools ?? [];
  }

  /** Reads a policy. Throws a {@link ConfigError} that names each mistake with line and column. */
  static parse(text: string, format: contract.PolicyFormat = "yaml"): Policy {
    const checked = Policy.check(text, format);
    const [first] = checked.errors ?? [];
    if (first !== undefined) {
      const all = checked.errors?.map((mistake) => `${mistake.line}:${mistake.column}: ${mistake.message}`);
      throw errorOf({ code: first.code, detail: all?.join("\n"), suggestion: first.suggestion });
    }
    return new Policy(text, format, checked);
  }

  /** Reads a policy's file; its extension says the format. */
  static async load(path: string): Promise<Policy> {
    return Policy.parse(utf8(path, await readFile(path)), formatOf(path));
  }

  /** The same, here and now. */
  static loadSync(path: string): Policy {
    return Policy.parse(utf8(path, readFileSync(path)), formatOf(path));
  }

  /** Finds every mistake of a text. */
  static check(text: string, format: contract.PolicyFormat = "yaml"): contract.PolicyCheckOutput {
    return invoke("policy.check", { text, format });
  }

  /** What this policy alone says to somebody's action, for tests of policies. */
  decide(
    action: contract.Action,
    state: contract.PolicyState = {},
    subject: contract.PolicySubject = {},
  ): contract.PolicyDecideOutput {
    return invoke("policy.decide", { policy: this.text, format: this.format, action, state, subject });
  }
}

function formatOf(path: string): contract.PolicyFormat {
  return FORMATS[extname(path).toLowerCase()] ?? "yaml";
}
