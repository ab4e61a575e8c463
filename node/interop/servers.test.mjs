// Official servers, direct and through Talos, by the same official client: every answer must be the same, what the
// policy does not allow must not happen, and the evidence must verify.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { connect, officialServer, text } from "../client.mjs";

const root = new URL("../..", import.meta.url).pathname;
const talos = process.env.TALOS_BIN ?? join(root, "target/debug/talos");
const python = process.env.TALOS_PYTHON ?? "python3";
const node = process.execPath;

function workspace(policy) {
  const dir = mkdtempSync(join(tmpdir(), "talos-interop-"));
  const file = join(dir, "policy.yaml");
  writeFileSync(file, policy);
  const state = join(dir, "state");
  execFileSync(talos, ["--dir", state, "init"]);
  return {
    dir,
    state,
    mcp: (command) => ["mcp", "--dir", state, "--policy", file, "--", ...command],
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Runs the same exchange against the bare server and through Talos, and compares what came back. */
async function same(place, command, options, exchange) {
  const answers = [];
  for (const [program, args] of [
    [command[0], command.slice(1)],
    [talos, place.mcp(command)],
  ]) {
    const peer = await connect(program, args, options());
    try {
      answers.push(await exchange(peer.client));
    } finally {
      await peer.close();
    }
  }
  assert.deepEqual(answers[1], answers[0]);
  return answers[1];
}

function verifyEvidence({ dir, state }) {
  const bundle = join(dir, "bundle.json");
  execFileSync(talos, ["--dir", state, "log", "prove", "--last", "--out", bundle]);
  const trust = [
    "--log-key",
    readFileSync(join(state, "log.vkey"), "utf8").trim(),
    "--issuer",
    readFileSync(join(state, "identity.did"), "utf8").trim(),
  ];
  for (const [program, args] of [
    [talos, ["log", "verify"]],
    [python, [join(root, "tests/oracle/verify.py")]],
  ]) {
    const done = spawnSync(program, [...args, bundle, ...trust], { encoding: "utf8" });
    assert.equal(done.status, 0, done.stdout + done.stderr);
  }
}

const ALL = 'id: interop\nallowed_tools: ["*"]\nallowed_resources: ["**"]\nallowed_prompts: ["*"]\n';

describe("filesystem", () => {
  let place;
  let files;
  before(() => {
    place = workspace(ALL);
    files = join(place.dir, "files");
    mkdirSync(files);
    writeFileSync(join(files, "a.txt"), "one\ntwo\nthree\n");
  });
  after(() => place.remove());

  test("lists and reads as the bare server does", async () => {
    await same(
      place,
      [node, officialServer("filesystem"), files],
      () => ({}),
      async (client) => [
        await client.listTools(),
        client.getServerVersion(),
        client.getServerCapabilities(),
        await client.callTool({ name: "read_text_file", arguments: { path: join(files, "a.txt"), head: 2 } }),
        await client.callTool({ name: "read_text_file", arguments: { path: "/etc/passwd" } }),
        await client.callTool({ name: "list_directory", arguments: { path: files } }),
      ],
    );
  });

  test("a file of one mebibyte arrives byte for byte", async () => {
    const content = Array.from(
      { length: 1 << 17 },
      (_, i) => `é${String(i % 1_000_000).padStart(6, "0")}`,
    ).join("");
    const path = join(files, "large.txt");
    const peer = await connect(talos, place.mcp([node, officialServer("filesystem"), files]));
    const result = await peer.client.callTool({ name: "write_file", arguments: { path, content } });
    await peer.close();
    assert.ok(!result.isError, text(result));
    assert.equal(readFileSync(path, "utf8"), content);
  });

  test("its evidence verifies, twice", () => verifyEvidence(place));
});

describe("filesystem under a narrow policy", () => {
  let place;
  before(() => {
    place = workspace("id: narrow\nallowed_tools:\n  - {name: list_directory, effect: read}\n");
  });
  after(() => place.remove());

  test("what is not allowed is not listed and does not happen", async () => {
    const peer = await connect(talos, place.mcp([node, officialServer("filesystem"), place.dir]));
    const { tools } = await peer.client.listTools();
    assert.deepEqual(
      tools.map((tool) => tool.name),
      ["list_directory"],
    );
    const path = join(place.dir, "planted.txt");
    const result = await peer.client.callTool({ name: "write_file", arguments: { path, content: "x" } });
    await peer.close();
    assert.equal(result.isError, true);
    assert.ok(!existsSync(path));
  });

  test("without a policy file nothing runs", async () => {
    const state = join(place.dir, "bare");
    const path = join(place.dir, "planted.txt");
    const command = [node, officialServer("filesystem"), place.dir];
    const peer = await connect(talos, ["mcp", "--dir", state, "--", ...command]);
    const result = await peer.client.callTool({ name: "write_file", arguments: { path, content: "x" } });
    await peer.close();
    assert.equal(result.isError, true);
    assert.ok(!existsSync(path));
  });
});

describe("everything", () => {
  let place;
  before(() => {
    place = workspace(ALL);
  });
  after(() => place.remove());
  const command = [node, officialServer("everything")];
  const handlers = (log) => ({
    capabilities: { sampling: {}, elicitation: {}, roots: { listChanged: true } },
    setUp: (client) => {
      client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => ({
        model: "fixed",
        role: "assistant",
        stopReason: "endTurn",
        content: { type: "text", text: `sampled ${params.messages.length}` },
      }));
      client.setRequestHandler(ElicitRequestSchema, () => ({ action: "decline" }));
      client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: "file:///a", name: "a" }] }));
      client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
        log.push(params.level);
      });
    },
  });

  test("tools, resources and prompts answer as the bare server does", async () => {
    await same(
      place,
      command,
      () => handlers([]),
      async (client) => {
        const { resources } = await client.listResources();
        return [
          await client.listTools(),
          resources,
          await client.readResource({ uri: resources[0].uri }),
          await client.listResourceTemplates(),
          await client.listPrompts(),
          await client.getPrompt({ name: "simple-prompt" }),
          await client.callTool({ name: "echo", arguments: { message: 'é\u{10000}\u0001 \\ "' } }),
          await client.callTool({ name: "get-sum", arguments: { a: 0.1, b: 1e21 } }),
          await client.callTool({ name: "get-tiny-image", arguments: {} }),
          await client.callTool({ name: "get-structured-content", arguments: { location: "Chicago" } }),
          await client.callTool({ name: "no-such-tool", arguments: {} }),
        ];
      },
    );
  });

  test("progress reaches the client", async () => {
    await same(
      place,
      command,
      () => handlers([]),
      async (client) => {
        const steps = [];
        const result = await client.callTool(
          { name: "trigger-long-running-operation", arguments: { duration: 1, steps: 4 } },
          undefined,
          { onprogress: (progress) => steps.push(progress) },
        );
        // The client drops a step that arrives in one read with the result, so the last may be missing.
        assert.ok(steps.length >= 3);
        return [steps.slice(0, 3), result];
      },
    );
  });

  test("sampling, elicitation and roots pass from the server to the client and back", async () => {
    const [sampled] = await same(
      place,
      command,
      () => handlers([]),
      async (client) => [
        await client.callTool({
          name: "trigger-sampling-request",
          arguments: { prompt: "hello", maxTokens: 5 },
        }),
        await client.callTool({ name: "trigger-elicitation-request", arguments: {} }),
        await client.callTool({ name: "get-roots-list", arguments: {} }),
      ],
    );
    assert.match(text(sampled), /sampled 1/);
  });

  test("log messages of the server reach the client", async () => {
    const log = [];
    const peer = await connect(talos, place.mcp(command), handlers(log));
    await peer.client.setLoggingLevel("debug");
    await peer.client.callTool({ name: "toggle-simulated-logging", arguments: {} });
    await new Promise((resolve) => setTimeout(resolve, 6000));
    await peer.close();
    assert.ok(log.length > 0);
  });

  test("a cancelled call ends at the client, and the next one works", async () => {
    const peer = await connect(talos, place.mcp(command), handlers([]));
    const stop = new AbortController();
    const pending = peer.client.callTool(
      { name: "trigger-long-running-operation", arguments: { duration: 30, steps: 30 } },
      undefined,
      { signal: stop.signal },
    );
    setTimeout(() => stop.abort("enough"), 300);
    await assert.rejects(pending);
    const result = await peer.client.callTool({ name: "echo", arguments: { message: "still here" } });
    await peer.close();
    assert.match(text(result), /still here/);
  });

  test("its evidence verifies, twice", () => verifyEvidence(place));
});

describe("git", () => {
  let place;
  let repository;
  before(() => {
    place = workspace(ALL);
    repository = join(place.dir, "repository");
    mkdirSync(repository);
    const git = (...args) =>
      execFileSync("git", ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args]);
    git("init", "-q", "-b", "main");
    writeFileSync(join(repository, "a.txt"), "one\n");
    git("add", "a.txt");
    git("commit", "-q", "-m", "First");
    writeFileSync(join(repository, "a.txt"), "two\n");
  });
  after(() => place.remove());

  test("status, log and diff answer as the bare server does", async () => {
    const command = [python, "-m", "mcp_server_git", "--repository", repository];
    await same(
      place,
      command,
      () => ({}),
      async (client) => [
        await client.listTools(),
        await client.callTool({ name: "git_status", arguments: { repo_path: repository } }),
        await client.callTool({ name: "git_log", arguments: { repo_path: repository, max_count: 1 } }),
        await client.callTool({ name: "git_diff_unstaged", arguments: { repo_path: repository } }),
      ],
    );
  });

  test("its evidence verifies, twice", () => verifyEvidence(place));
});

describe("time", () => {
  let place;
  before(() => {
    place = workspace(ALL);
  });
  after(() => place.remove());

  test("conversion answers as the bare server does", async () => {
    const command = [python, "-m", "mcp_server_time", "--local-timezone", "UTC"];
    await same(
      place,
      command,
      () => ({}),
      async (client) => [
        await client.listTools(),
        await client.callTool({
          name: "convert_time",
          arguments: { source_timezone: "Europe/Zurich", time: "12:00", target_timezone: "Asia/Tokyo" },
        }),
        await client.callTool({
          name: "convert_time",
          arguments: { source_timezone: "Nowhere", time: "12:00", target_timezone: "UTC" },
        }),
      ],
    );
  });

  test("its evidence verifies, twice", () => verifyEvidence(place));
});
