// Agents that talk to each other, whose frames this test carries.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import {
  Bundle,
  ClientError,
  type ClientOptions,
  Kernel,
  MailboxError,
  operations,
  Policy,
  PolicyDenied,
  SessionError,
  TalosClient,
} from "../src/index.js";

const POLICY = Policy.parse(
  "id: talk\nallowed_peers: ['*']\nblocked_patterns: [{kind: substring, pattern: hunter2}]\n",
);
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

async function carry(one: TalosClient, other: TalosClient): Promise<void> {
  for (let atWork = true; atWork; ) {
    atWork = false;
    for (const [sender, receiver] of [
      [one, other],
      [other, one],
    ] as const) {
      for (const frame of await sender.outgoing()) {
        expect(frame.peer).toBe(receiver.did);
        expect((await receiver.incoming(frame.bytes)).peer).toBe(sender.did);
        await sender.carried(frame.id);
        atWork = true;
      }
    }
  }
}

/** Two agents of two kernels, between whom there is a session. */
async function pair(options: ClientOptions, work: (a: TalosClient, b: TalosClient) => Promise<void>) {
  const [here, there] = [Kernel.inMemory(POLICY), Kernel.inMemory(POLICY)];
  const alice = await TalosClient.create("alice", { ...options, kernel: here });
  const bob = await TalosClient.create("bob", { ...options, kernel: there });
  await alice.establishSession(bob.did, bob.bundle);
  await work(alice, bob);
  for (const open of [alice, bob, here, there]) {
    await open.close();
  }
}

test("messages go both ways, with proofs and the receipt of the other side", async () => {
  await pair({}, async (alice, bob) => {
    const sent = await alice.send(bob.did, bytes("Hello!"));
    await carry(alice, bob);
    const [message] = await bob.receive();
    expect(message).toMatchObject({
      peer: alice.did,
      messageHash: sent.messageHash,
      frameHash: sent.frameHash,
      began: "first",
    });
    expect(text(message?.data ?? new Uint8Array())).toBe("Hello!");
    await bob.send(alice.did, bytes("Hi."));
    await carry(alice, bob);
    expect((await alice.receive()).map(({ data }) => text(data))).toEqual(["Hi."]);
    const hash = createHash("sha256").update("Hello!").digest();
    for (const client of [alice, bob]) {
      for (const name of [hash, sent.messageHash, sent.frameHash]) {
        expect(await client.verifyProof(await client.getMerkleProof(name))).toBe(true);
      }
    }
    expect(await bob.verifyProof(await alice.getMerkleProof(hash)), "another kernel's is not trusted").toBe(
      false,
    );
    expect(await alice.verifyProof(Bundle.parse("{}"))).toBe(false);
    expect(await alice.deliveryReceipt(sent.frameHash)).toBeDefined();
    expect(await alice.sessions(bob.did)).toMatchObject([{ suite: 2, answered: true, current: true }]);
  });
});

test("what a policy does not allow is not sent", async () => {
  await pair({}, async (alice, bob) => {
    await expect(alice.send(bob.did, bytes("it is hunter2"))).rejects.toSatisfy(PolicyDenied.is);
    expect(await alice.outgoing()).toEqual([]);
  });
});

test("messages are iterated as they come, and waiting holds no thread of the pool", async () => {
  await pair({}, async (alice, bob) => {
    const heard: string[] = [];
    const listening = (async () => {
      for await (const { data } of bob) {
        heard.push(text(data));
        if (heard.length === 2) {
          break;
        }
      }
    })();
    // More waits than the pool has threads; the others are answered nevertheless.
    const idle = Array.from({ length: 8 }, () => alice.receive({ waitMs: 1000 }));
    for (const word of ["one", "two"]) {
      await alice.send(bob.did, bytes(word));
      await carry(alice, bob);
    }
    await Promise.all([listening, ...idle]);
    expect(heard).toEqual(["one", "two"]);
  });
});

test("what was given waits until more is asked for", async () => {
  await pair({}, async (alice, bob) => {
    await alice.send(bob.did, bytes("one"));
    await carry(alice, bob);
    expect(await bob.receive()).toHaveLength(1);
    expect((await bob.unconfirmed()).map(({ data }) => text(data))).toEqual(["one"]);
    expect(await bob.receive()).toEqual([]);
    expect(await bob.unconfirmed()).toEqual([]);
  });
});

test("a message is disclosed only where its key is kept", async () => {
  await pair({ keepDays: 1 }, async (alice, bob) => {
    const { frameHash } = await alice.send(bob.did, bytes("for the auditor"));
    const opening = await alice.disclose(frameHash);
    expect(operations.session.open({ opening, frame_hash: frameHash }).valid).toBe(true);
  });
  await pair({}, async (alice, bob) => {
    const { frameHash } = await alice.send(bob.did, bytes("for nobody"));
    await expect(alice.disclose(frameHash)).rejects.toSatisfy(ClientError.is);
  });
});

test("a session that was ended takes no message, and a client that was closed does nothing", async () => {
  await pair({}, async (alice, bob) => {
    await alice.send(bob.did, bytes("bye"));
    await alice.endSession(bob.did);
    await expect(alice.send(bob.did, bytes("one more thing"))).rejects.toSatisfy(SessionError.is);
    expect(await alice.close()).toBe(2);
    await expect(alice.send(bob.did, bytes("x"))).rejects.toSatisfy(ClientError.is);
  });
});

test("who has no mailbox is told so, and an agent has one open client", async () => {
  await using kernel = Kernel.inMemory(POLICY);
  await using client = await TalosClient.create("alice", { kernel });
  const nobody = "did:key:z6MkwVDfCg9LbbY6xjH3EZk8YSFQZujV5Y4y1ZWeER9tDiN3";
  await expect(client.establishSession(nobody)).rejects.toSatisfy(MailboxError.is);
  await expect(TalosClient.create("alice", { kernel })).rejects.toSatisfy(ClientError.is);
});
