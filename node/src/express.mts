/** The same module for `import`. */

export * from "./express.js";
