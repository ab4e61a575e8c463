// A guarded function is allowed, another one is denied; the denial has a receipt, and its bundle is written. The test puts the import before it.
async function main() {
  const policy = Policy.parse("id: notes\nallowed_tools: [{name: look_up, effect: read}]");
  const kernel = new Kernel({ directory: "kernel", policy });
  const ran = [];
  const lookUp = kernel.guard((word) => ran.push(word) && `${word} does not tire.`, { name: "look_up" });
  const remove = kernel.guard((word) => ran.push(word), { name: "remove" });
  await kernel.run({ user: "ada" }, async () => {
    console.log(await lookUp("Bronze"));
    try {
      await remove("Bronze");
    } catch (error) {
      console.log(`${error instanceof PolicyDenied} ${error.code}; ran: ${ran}`);
      writeFileSync("bundle.json", (await (await kernel.receipts.get(error.receiptId)).prove()).text);
    }
  });
  writeFileSync("log.vkey", kernel.logKey);
  writeFileSync("identity.did", kernel.issuer);
  await kernel.close();
}
main();
