// An agent who listens, and answers. Says what happened as JSON; used by agents.mjs.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Kernel, TalosClient } from "talos-kernel";

const [directory, policy, mailbox, meeting] = process.argv.slice(2);
const kernel = await Kernel.open({ directory, policy });
const client = await TalosClient.create("bob", { kernel, mailbox });

// Another agent reaches this one once the mailbox has its bundle; until then it tries again.
writeFileSync(join(meeting, "bob.part"), client.did);
renameSync(join(meeting, "bob.part"), join(meeting, "bob.did"));

let received;
for await (const message of client) {
  received = new TextDecoder().decode(message.data);
  await client.send(message.peer, new TextEncoder().encode("Nor does iron."));
  break;
}
await client.close();
await kernel.close();
process.stdout.write(`${JSON.stringify({ received })}\n`);
