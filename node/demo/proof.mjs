// Bundles of three programs, checked by four.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answer, oracle, program, python, run, talos, work } from "./place.mjs";
import { check, heading, line, verdict } from "./show.mjs";

const WORDS = ["valid  ", "refused"];

/** A program that takes one bundle and options. */
function oneByOne(command, before, cases) {
  return cases.map(([file, { log_keys, issuers }]) => {
    const trust = [
      ...log_keys.flatMap((key) => ["--log-key", key]),
      ...issuers.flatMap((did) => ["--issuer", did]),
    ];
    const done = run(command, [...before, file, ...trust]);
    const { valid, reason } = JSON.parse(done.out || "{}");
    const agrees = valid === true ? done.status === 0 : done.status === 3 || done.status === 4;
    check(agrees, `${command} ends as it answers`, `${done.status} ${done.out} ${done.err}`);
    return { valid, reason };
  });
}

const VERIFIERS = {
  talos: (cases) => oneByOne(talos, ["--json", "log", "verify"], cases),
  Python: (cases) => answer("verifier.py", python, [program("verifier.py")], JSON.stringify(cases)),
  Node: (cases) => answer("verifier.mjs", process.execPath, [program("verifier.mjs")], JSON.stringify(cases)),
  "tests/oracle": (cases) => oneByOne(python, [oracle], cases),
};

function flipped({ bundle }, name) {
  const bytes = readFileSync(bundle);
  const bit = Math.floor(Math.random() * bytes.length * 8);
  bytes[bit >> 3] ^= 1 << (bit & 7);
  const forged = join(work, name);
  writeFileSync(forged, bytes);
  return { bit, forged };
}

/** What is checked, whether it has to be valid, and the case for the verifiers. */
function cases(bundles) {
  const trust = ({ logKey, issuer }) => ({ log_keys: [logKey], issuers: [issuer] });
  const none = { log_keys: [], issuers: [] };
  const sound = bundles.map((one) => [`${one.of}, with both keys`, true, [one.bundle, trust(one)]]);
  const foreign = [bundles[0].bundle, trust(bundles[1])];
  const damaged = bundles.map((one, at) => {
    const { bit, forged } = flipped(one, `forged-${at}.json`);
    return [`${one.of}, bit ${bit} flipped`, false, [forged, trust(one)]];
  });
  const untrusted = [
    ["the MCP call, with no keys", false, [bundles[0].bundle, none]],
    ["the MCP call, with somebody else's keys", false, foreign],
  ];
  return [...sound, ...untrusted, ...damaged];
}

export function proof(bundles) {
  heading("The proofs: one file each, checked offline by four programs");
  line(`${Object.keys(VERIFIERS).join(", ")}; the last shares no code with the others`);
  const all = cases(bundles);
  const answers = Object.entries(VERIFIERS).map(([name, verify]) => {
    const given = verify(all.map(([, , one]) => one));
    check(given.length === all.length, `${name} answers everything`);
    return { name, given };
  });
  all.forEach(([what, valid], at) => {
    const reasons = new Set(answers.map(({ given }) => given[at].reason ?? "valid"));
    verdict(what, !valid, `${answers.length} of ${answers.length}: ${[...reasons].join(", ")}`, WORDS);
    for (const { name, given } of answers) {
      check(
        given[at].valid === valid,
        `${name} finds ${what} ${valid ? "valid" : "not valid"}`,
        given[at].reason,
      );
    }
    check(reasons.size === 1, `everybody gives the same reason for ${what}`, [...reasons].join(", "));
  });
}
