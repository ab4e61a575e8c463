/** The same package for `import`: one copy of it, so that classes and open runs are the same for both ways in. */

export * from "./index.js";
