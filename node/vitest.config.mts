import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests see the built package, as its users do.
  resolve: {
    alias: {
      "talos-kernel/express": new URL("./dist/express.mjs", import.meta.url).pathname,
      "talos-kernel": new URL("./dist/index.mjs", import.meta.url).pathname,
    },
  },
  test: {
    include: ["test/**/*.test.mts"],
    server: { deps: { external: [/\/node\/dist\//] } },
    // Each file in a process of its own: an addon, and nothing shared but the disk.
    pool: "forks",
    testTimeout: 60_000,
    execArgv: ["--expose-gc"],
  },
});
