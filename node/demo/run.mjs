// `make run`: calls and functions behind Talos, their receipts, and the proofs. Every expected outcome is asserted;
// anything else ends with exit code 1.
import { rmSync } from "node:fs";
import { agents } from "./agents.mjs";
import { functions } from "./functions.mjs";
import { mcp } from "./mcp.mjs";
import { people } from "./people.mjs";
import { work } from "./place.mjs";
import { proof } from "./proof.mjs";
import { heading } from "./show.mjs";

try {
  const call = await mcp();
  await people();
  const message = await agents();
  proof([call, ...functions(), message]);
  heading("Everything was as expected.");
} catch (error) {
  process.stderr.write(`\n${error.stack ?? error}\n`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
