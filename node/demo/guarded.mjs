// Two functions of Node behind the kernel, one of them allowed. Says what happened as JSON; used by run.mjs.
import { unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Kernel, PolicyDenied } from "talos-kernel";

const [folder, directory, policy] = process.argv.slice(2);
const kernel = await Kernel.open({ directory, policy });

const writeNote = kernel.tool({ name: "write_note" }, async ({ name, text }) => {
  await writeFile(join(folder, name), text);
  return text;
});
const deleteNote = kernel.tool({ name: "delete_note", onDeny: "return" }, ({ name }) =>
  unlink(join(folder, name)),
);

const [written, denied] = await kernel.run({ agent: "node", user: "ada" }, async () => [
  await writeNote({ name: "today.txt", text: "Bronze does not tire." }),
  await deleteNote({ name: "today.txt" }),
]);

if (!PolicyDenied.is(denied)) throw new Error("delete_note was not denied");
const receipt = await kernel.receipts.get(denied.receiptId);
await (await receipt.prove()).save(join(directory, "bundle.json"));
const said = { written, denied: denied.toModelText(), log_key: kernel.logKey, issuer: kernel.issuer };
process.stdout.write(`${JSON.stringify(said)}\n`);
await kernel.close();
