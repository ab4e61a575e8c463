// Opens the same directory as everybody else, and makes some calls. In a worker, or in a process of its own.
const { parentPort, workerData } = require("node:worker_threads");
const { Kernel, Policy, PolicyDenied } = require("../../dist/index.js");

async function main(directory, calls) {
  const policy = Policy.parse(
    "id: test\nallowed_tools: [{name: change, effect: write}, {name: look, effect: read}]\n",
  );
  const kernel = await Kernel.open({ directory, policy });
  const change = kernel.guard((n) => n, { name: "change" });
  const look = kernel.guard((n) => n, { name: "look" });
  const denied = kernel.guard((n) => n, { name: "none" });
  const sum = await kernel.run({}, async () => {
    let sum = 0;
    for (let n = 0; n < calls; n += 1) {
      sum += (await change(n)) - (await look(n));
      sum += await denied(n).catch((error) => (error instanceof PolicyDenied ? 1 : 1000));
    }
    return sum;
  });
  await kernel.close();
  return sum;
}

if (parentPort) {
  main(workerData.directory, workerData.calls).then((sum) => parentPort.postMessage(sum));
} else {
  main(process.argv[2], Number(process.argv[3])).then((sum) => process.send(sum));
}
