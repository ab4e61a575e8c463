// Starts one write, says so, and never ends by itself.
const { Kernel, Policy } = require("../../dist/index.js");

const policy = Policy.parse("id: test\nallowed_tools: [{name: change, effect: write}]\n");
const kernel = new Kernel({ directory: process.argv[2], policy });
kernel.run({}, () =>
  kernel.guard(
    () => {
      console.log("started");
      return new Promise(() => setInterval(() => undefined, 1000));
    },
    { name: "change" },
  )(),
);
