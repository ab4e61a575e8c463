// Writes src/binding.ts from what the macros of napi wrote when the addon was compiled; `--check` only compares.
// node binding-types.mjs [--check] FILE
import { readFileSync, writeFileSync } from "node:fs";

const HEADER = `// Generated from bindings/node by \`make generate\`; do not edit.

/** What the native part has: for this package, not for its users. */
`;
const OUTPUT = new URL("./src/binding.ts", import.meta.url);

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
  const lines = found.flatMap((item) => item.def.split("\n"));
  return lines.map((line) => `  ${line.trim()}${line.startsWith("/**") ? "" : ";"}\n`).join("");
}

const [file, check] = process.argv.slice(2).sort((a, b) => a.startsWith("--") - b.startsWith("--"));
const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
const items = lines
  .map((line) => JSON.parse(line.replaceAll(" * \\n", " *\\n")))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
const text =
  HEADER +
  items
    .map((item) => declaration(item, items))
    .filter(Boolean)
    .map((one) => `\n${one}`)
    .join("");
if (check === undefined) {
  writeFileSync(OUTPUT, text);
} else if (readFileSync(OUTPUT, "utf8") !== text) {
  console.error("node/src/binding.ts is not what bindings/node says: run `make generate`");
  process.exitCode = 1;
}
