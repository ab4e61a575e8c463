// Verifies bundles with the Node package: `[[file, {log_keys, issuers}], ...]` in, the answers out, as JSON.
import { readFileSync } from "node:fs";
import { Bundle, Malformed } from "talos-kernel";

function answer(file, trust) {
  try {
    const found = Bundle.parse(readFileSync(file)).verify({
      logKeys: trust.log_keys,
      issuers: trust.issuers,
    });
    return { valid: found.valid, reason: found.reason };
  } catch (error) {
    // Not even a text.
    if (!Malformed.is(error)) throw error;
    return { valid: false, reason: error.code };
  }
}

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(([file, trust]) => answer(file, trust))));
