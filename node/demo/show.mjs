// How the demonstration looks. Colours only where a person reads them.
const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, words) => (colours ? `\x1b[${code}m${words}\x1b[0m` : words);

export function line(words) {
  process.stdout.write(`  ${words}\n`);
}

export function heading(words) {
  process.stdout.write(`\n${paint(1, words)}\n`);
}

/** One answer: `good` and `bad` are the words for its two sides. */
export function verdict(what, refused, words, [good, bad] = ["allowed", "denied "]) {
  const mark = refused ? paint(31, bad) : paint(32, good);
  line(`${mark}  ${what.padEnd(48)} ${paint(2, words)}`);
}

export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  for (const row of rows) {
    line(
      row
        .map((cell, column) => String(cell).padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    );
  }
}

/** An expectation of the demonstration; one that does not hold ends it. */
export function check(holds, what, got = "") {
  if (!holds) throw new Error(`expected: ${what}${got ? `\ngot: ${got}` : ""}`);
}
