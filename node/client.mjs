// The official MCP client over stdio, in front of any command: a server itself, or `talos mcp -- SERVER`.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

/** The entry file of an official server in node_modules, to be started with this same node. */
export function officialServer(name) {
  return new URL(`./node_modules/@modelcontextprotocol/server-${name}/dist/index.js`, import.meta.url)
    .pathname;
}

/** Starts `command` and connects to it. What the command says on stderr is kept in `diagnostics()`. */
export async function connect(command, args, { capabilities = {}, env = {}, setUp = () => {}, cwd } = {}) {
  const transport = new StdioClientTransport({
    command,
    args,
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stderr: "pipe",
  });
  let said = "";
  transport.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const client = new Client({ name: "talos-demo", version: "0.1.0" }, { capabilities });
  setUp(client);
  try {
    await client.connect(transport);
  } catch (error) {
    throw new Error(`${command} did not start: ${error.message}\n${said}`);
  }
  return { client, transport, diagnostics: () => said, close: () => client.close() };
}

/** The text of a tool result. */
export function text(result) {
  return (result.content ?? []).map((part) => part.text ?? `<${part.type}>`).join("\n");
}
