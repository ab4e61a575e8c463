// Writes src/binding.ts from what the macros of napi wrote when the addon was compiled; `--check` only compares.
// node binding-types.mjs [--check] FILE
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const HEADER = `// Generated from bindings/node by \`make generate\`; do not edit.

/** What the native part has: for this package, not for its users. */
`;
const OUTPUT = new URL("./src/binding.ts", import.meta.url);
const BIOME = fileURLToPath(new URL("./node_modules/@biomejs/biome/bin/biome", import.meta.url));

/** The declaration of one item; \`items\` are the records of the macros. */
function declaration(item, items) {
  switch (item.kind) {
    case "const":
      return `${item.js_doc}export declare ${item.def.replace(/^export /, "")};\n`;
    case "fn":
      return `${item.js_doc}export declare ${item.def};\n`;
    case "struct":
      return `${item.js_doc}export declare class ${item.name} {\n  private constructor();\n${methods(item.name, items)}}\n`;
    case "impl":
      return undefined;
    default:
      throw new Error(`no form for ${item.kind} ${item.name}`);
  }
}

function methods(name, items) {
  const found = items.filter((item) => item.kind === "impl" && item.name === name);
  const lines = found.flatMap((item) => item.def.split("\n")).map((line) => line.trim());
  return lines.map((line) => `  ${line}${/^(\/\*\*|\*)/u.test(line) ? "" : ";"}\n`).join("");
}

function formatted(text) {
  const args = [BIOME, "format", "--stdin-file-path=src/binding.ts"];
  return execFileSync(process.execPath, args, { input: text, cwd: new URL(".", import.meta.url) }).toString();
}

const [file, check] = process.argv.slice(2).sort((a, b) => a.startsWith("--") - b.startsWith("--"));
const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
const items = lines
  .map((line) => JSON.parse(line.replaceAll(" * \\n", " *\\n")))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
const declarations = items.map((item) => declaration(item, items)).filter(Boolean);
const text = formatted([HEADER, ...declarations].join("\n"));
if (check === undefined) {
  writeFileSync(OUTPUT, text);
} else if (readFileSync(OUTPUT, "utf8") !== text) {
  console.error("node/src/binding.ts is not what bindings/node says: run `make generate`");
  process.exitCode = 1;
}
