// Two agents of two programs, in two languages, who talk through a mailbox that can read nothing.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answer, folder, program, python, receipts, talos, work } from "./place.mjs";
import { check, heading, line, verdict } from "./show.mjs";

const POLICY =
  "id: demo-agents\nallowed_peers: ['*']\nblocked_patterns: [{kind: substring, pattern: hunter2}]\n";
const SAID = "Bronze does not tire.";

/** A mailbox on a port that is free. */
async function mailbox() {
  const data = folder("mailbox");
  const args = ["--json", "mailbox", "serve", "--open", "--listen", "127.0.0.1:0", "--data", data];
  const child = spawn(talos, args, { stdio: ["ignore", "pipe", "inherit"] });
  const first = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part) => {
      text += part;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
    child.once("exit", (code) => reject(new Error(`the mailbox ended with ${code}`)));
  });
  return { child, data, url: JSON.parse(first).url };
}

function agent(command, file, args) {
  const child = spawn(command, [program(file), ...args], { stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => {
    text += part;
  });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) =>
      code === 0 ? resolve(text) : reject(new Error(`${file} ended with ${code}`)),
    );
  });
}

/** Every byte that the mailbox has on disk. */
function kept(directory) {
  return Buffer.concat(readdirSync(directory).map((name) => readFileSync(join(directory, name))));
}

/** What the agents said to each other, and the bundle of the message that went. */
export async function agents() {
  heading("Two agents, a Python and a Node program, who talk through a mailbox");
  line("policy: every peer, no message with hunter2");
  const policy = join(work, "agents.yaml");
  writeFileSync(policy, POLICY);
  const [ada, bob] = [folder("talos-ada"), folder("talos-bob")];
  const box = await mailbox();
  try {
    const [toldByAda, toldByBob] = (
      await Promise.all([
        agent(python, "agent.py", [ada, policy, box.url, work, SAID]),
        agent(process.execPath, "agent.mjs", [bob, policy, box.url, work]),
      ])
    ).map((text) => JSON.parse(text));
    verdict("Python to Node, end to end encrypted", false, toldByBob.received);
    verdict("Node to Python", false, toldByAda.received);
    verdict("Python to Node: a message with hunter2", true, toldByAda.denied);
    check(toldByBob.received === SAID, "the message arrived", toldByBob.received);
    check(toldByAda.denied.includes("policy.blocked_pattern"), "the refusal says why", toldByAda.denied);
    check(toldByAda.delivered, "the receipt of the other side came back");
    check(!kept(box.data).includes(SAID), "the mailbox has nothing that can be read");
    const named = (directory) => receipts(directory).map(({ session }) => session?.frame_hash);
    check(named(ada).includes(toldByAda.frame_hash), "Ada's receipt names the frame");
    check(named(bob).includes(toldByAda.frame_hash), "Bob's receipt names the same frame");
    line("the receipts of both sides name the same frame; the mailbox saw no word of it");
    const bundle = join(ada, "message.json");
    const opening = ["--json", "session", "open", join(ada, "opening.json"), "--bundle", bundle];
    const trust = ["--log-key", toldByAda.log_key, "--issuer", toldByAda.issuer];
    const opened = answer("talos session open", talos, [...opening, ...trust]);
    check(Buffer.from(opened.data, "base64url").toString() === SAID, "an auditor opens this message");
    line("an auditor opens that one message against its receipt, and no other");
    return { of: "the message", bundle, logKey: toldByAda.log_key, issuer: toldByAda.issuer };
  } finally {
    box.child.kill("SIGTERM");
  }
}
