// LOG_KEY ISSUER BUNDLE...: what the installed package says of each bundle. The test puts the import of `Bundle` before it.
const [logKey, issuer, ...names] = process.argv.slice(2);
const trust = { logKeys: [readFileSync(logKey, "utf8")], issuers: [readFileSync(issuer, "utf8")] };
for (const name of names) {
  try {
    const { valid, reason } = Bundle.parse(readFileSync(name)).verify(trust);
    console.log(name, valid ? "valid" : `refused ${reason}`);
  } catch (error) {
    console.log(name, `refused ${error.code ?? error.name}`);
  }
}
