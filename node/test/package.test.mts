// The package itself: both ways in, the native part that fits, the command line, and no logic of its own.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import * as imported from "talos-kernel";
import { describe, expect, test } from "vitest";
import { failureOf } from "./support.mjs";

const ROOT = new URL("..", import.meta.url).pathname;
const run = promisify(execFile);
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** Runs a script with Node, from a folder where `talos-kernel` is this package. */
async function node(...args: string[]): Promise<string> {
  return (await run(process.execPath, args, { cwd: ROOT, env: { PATH: "" } })).stdout;
}

describe("both ways in", () => {
  test("require gives the package", async () => {
    expect(await node("-p", "require('talos-kernel').Kernel.inMemory().issuer")).toMatch(/^did:key:/u);
  });

  test("import gives the package, with every name", async () => {
    const script = "import * as all from 'talos-kernel'; console.log(Object.keys(all).join())";
    const names = (await node("--input-type=module", "-e", script)).trim().split(",");
    const required = Object.keys(createRequire(import.meta.url)("talos-kernel"));
    // What Node adds to the names of a CommonJS module.
    const added = ["__esModule", "default", "module.exports"];
    expect(names.filter((name) => !added.includes(name)).sort()).toEqual(required.sort());
  });

  test("both in one process are one: classes, errors and open runs", () => {
    const required: typeof imported = createRequire(import.meta.url)("talos-kernel");
    expect(required.Kernel).toBe(imported.Kernel);
    expect(required.PolicyDenied.is(new imported.PolicyDenied("policy.tool_not_allowed"))).toBe(true);
  });

  test("a second copy knows the errors of the first", async () => {
    const { cpSync, mkdtempSync, rmSync } = await import("node:fs");
    const { tmpdir } = await import("node:os");
    const copy = mkdtempSync(join(tmpdir(), "talos-copy-"));
    cpSync(join(ROOT, "dist"), join(copy, "dist"), { recursive: true });
    const other: typeof imported = createRequire(import.meta.url)(join(copy, "dist/generated/errors.js"));
    rmSync(copy, { recursive: true });
    const error = await failureOf(() => imported.invoke("no.such" as never, {} as never));
    expect([other.TalosError.is(error), error instanceof other.TalosError]).toEqual([true, false]);
  });
});

describe("the native part", () => {
  test("is refused where contracts or interface are others", async () => {
    const { checked } = await import("../dist/native.js");
    const fits = { ABI: 2, MANIFEST_HASH: imported.MANIFEST_HASH };
    expect(checked(fits)).toBe(undefined);
    for (const other of [
      { ...fits, ABI: 0 },
      { ...fits, MANIFEST_HASH: "x".repeat(43) },
    ]) {
      const error = await failureOf(() => checked(other));
      expect([error.name, error.code]).toEqual(["KernelUnavailable", "kernel.mismatch"]);
    }
  });

  test.each([
    ["sunos", "x64", "there is no native part for sunos-x64"],
    ["win32", "arm64", "@talos-kernel/win32-arm64-msvc is not installed"],
  ])("is missed with words on %s", async (platform, arch, words) => {
    const script = `for (const [name, value] of Object.entries({ platform: "${platform}", arch: "${arch}" }))
      Object.defineProperty(process, name, { value });
      try { require("talos-kernel") } catch (error) { console.log(error.code, error.message) }`;
    expect(await node("-e", script)).toContain(words);
  });

  test("of Linux is chosen by its C library", async () => {
    const { platform, PLATFORMS } = await import("../dist/platform.js");
    expect(PLATFORMS).toContain(platform());
    const script = `process.report.getReport = () => ({ header: {} });
      console.log(require("./dist/platform.js").platform())`;
    expect((await node("-e", script)).trim()).toMatch(process.platform === "linux" ? /-musl$/u : /./u);
  });
});

describe("the command line", () => {
  async function cli(input: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const child = spawn(process.execPath, [join(ROOT, manifest.bin["talos-kernel"]), ...args], {
      env: { PATH: "" },
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    child.stdin.end(input);
    const [code] = await once(child, "close");
    return { code, out, err };
  }
  const TEXT = '{"text":"{ \\"b\\": 1.0 }","profile":"talos-data"}';
  const ANSWER = '{"canonical":"{\\"b\\":1}"}\n';

  test("answers from stdin, from an argument, and for each line", async () => {
    expect(await cli(TEXT, "call", "json.canonicalize")).toEqual({ code: 0, out: ANSWER, err: "" });
    expect(await cli(TEXT, "call", "json.canonicalize", "-")).toEqual({ code: 0, out: ANSWER, err: "" });
    expect(await cli("", "call", "json.canonicalize", TEXT)).toEqual({ code: 0, out: ANSWER, err: "" });
    const lines = await cli(`${TEXT}\n\n${TEXT}`, "call", "--lines", "json.canonicalize");
    expect(lines.out.split("\n").map((line) => line.slice(0, 26))).toEqual([
      ANSWER.slice(0, 26).trim(),
      '{"code":"malformed.syntax"',
      ANSWER.slice(0, 26).trim(),
      "",
    ]);
  });

  test("fails with the problem document, and with 2 where it is used in the wrong way", async () => {
    const error = await cli("{}", "call", "no.such");
    expect([error.code, JSON.parse(error.out).code]).toEqual([1, "operation.unknown"]);
    const impure = await cli("{}", "call", "kernel.describe");
    expect([impure.code, JSON.parse(impure.out).code]).toEqual([1, "kernel.not_open"]);
    for (const args of [
      [],
      ["call"],
      ["other", "x"],
      ["call", "a", "b", "c"],
      ["call", "--lines", "a", "b"],
    ]) {
      expect(await cli("", ...args)).toMatchObject({ code: 2, out: "" });
    }
    expect(await cli("", "--help")).toMatchObject({ code: 0, err: "" });
  });

  test("lists what needs no open kernel, as the binary does", async () => {
    const { out } = await cli("", "call", "list");
    const pure = Object.values(imported.OPERATIONS).filter((operation) => operation.pure);
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => line.split(" ")[0]),
    ).toEqual(pure.map((operation) => operation.id));
    const binary = process.env.TALOS_BIN;
    if (binary !== undefined) {
      expect((await run(binary, ["call", "list"])).stdout).toBe(out);
    }
  });
});

describe("the manifest", () => {
  test("has no dependency, no script at installation, and the version of the native part", () => {
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(
      Object.keys(manifest.scripts).filter((name) => name.includes("install") || name.includes("prepare")),
    ).toEqual([]);
    expect(manifest.version).toBe(imported.VERSION);
    expect(manifest.engines.node).toBe(">=20");
  });

  test("packs the built package and nothing else", async () => {
    const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: ROOT });
    const paths: string[] = JSON.parse(stdout)[0].files.map((file: { path: string }) => file.path);
    expect(paths).toEqual(
      expect.arrayContaining([
        "dist/index.js",
        "dist/index.mjs",
        "dist/index.d.ts",
        "dist/index.d.mts",
        "dist/cli.js",
      ]),
    );
    expect(
      paths.filter((path) => !/^(dist\/.*\.(js|mjs|d\.ts|d\.mts)|package\.json|README\.md)$/u.test(path)),
    ).toEqual([]);
  });
});

describe("nothing in the sources hashes, signs, decodes, matches or decides", () => {
  const names =
    /\b(?:node:crypto|crypto|subtle|create(?:Hash|Hmac|Sign|Verify)|timingSafeEqual|sha-?\d+|ed25519\.(?!js)|RegExp|minimatch|glob(?=\()|atob|btoa|base64(?:url)?|hex)/u;
  // A verdict may be handed on, and is compared with nothing.
  const verdict = /\bverdict\b\W{0,3}\s*[!=]==?|[!=]==?\s*[\w.?[\]]*\bverdict\b|\bswitch\s*\(.*\bverdict\b/u;
  const matching =
    /\.(?:match|matchAll|test|search|exec|replace|replaceAll)\(|(?:[=(,:?!&|]|\breturn)\s*\/[^/*]/u;

  /** The line without its comments, and without its texts but for modules, codings, and the name of the member. */
  const codeOf = (line: string): string =>
    line
      .replace(/^\s*(\/\*\*|\*|\/\/|#!).*$/u, "")
      .replace(/"[^"]*"|`[^`]*`/gu, (text) =>
        /^"(node:.*|base64|base64url|hex|verdict)"$/u.test(text) ? text : '""',
      );
  const isLogic = (line: string): boolean => {
    const code = codeOf(line);
    return names.test(code) || verdict.test(code) || matching.test(code);
  };

  test.each([
    'import { createHash } from "node:crypto";',
    'const crypto = require("crypto");',
    'const id = createHash("sha256").update(text);',
    "const key = await globalThis.crypto.subtle.importKey(raw);",
    'if (verdict === "deny") {',
    'if (decision.verdict === "deny") {',
    'if (decision.verdict !== "allow") {',
    'if (decision["verdict"] == "deny") {',
    'return "deny" === asked.verdict;',
    "switch (asked.verdict) {",
    'Buffer.from(key, "base64")',
    'Buffer.from(key, "base64url").toString("hex")',
    "const key = atob(text);",
    'if (name.match("^a")) {',
    "return name.match(pattern);",
    "if (pattern.test(name)) {",
    "for (const found of name.matchAll(pattern)) {",
    'const all = name.replace("*", ".*");',
    "const pattern = /a.*/u;",
    "return /a.*/u;",
    "if (!/a.*/u) {",
    "const pattern = new RegExp(text);",
    "if (minimatch(name, pattern)) {",
    "if (timingSafeEqual(one, other)) {",
    "return ed25519.verify(input);",
    "const paths = glob(pattern);",
  ])("as %s would", (line) => {
    expect(isLogic(line)).toBe(true);
  });

  test.each([
    "readonly verdict: Verdict;",
    "this.verdict = told.verdict;",
    " * What `verdict === deny` means.",
    'throw new TypeError("a hash (sha-256) is no glob");',
    "const half = size / 2;",
  ])("and %s does not", (line) => {
    expect(isLogic(line)).toBe(false);
  });

  test("in any file", () => {
    const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" });
    const sources = files.filter((path) => /\.m?ts$/u.test(path));
    expect(sources.length).toBeGreaterThan(20);
    const found = sources.flatMap((path) => {
      const lines = readFileSync(join(ROOT, "src", path), "utf8").split("\n");
      return lines.filter(isLogic).map((line) => `${path}: ${line.trim()}`);
    });
    expect(found).toEqual([]);
  });
});
