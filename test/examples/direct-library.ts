import { openChannel, send, webhook } from "jackfield";

const ops = await openChannel(webhook, "ops", {
  sendUrl: process.env.OPS_URL ?? "https://example.com/hook",
  allowHosts: ["127.0.0.1"],
});
const { receipt, attempts } = await send(ops, "The build is green.");

console.log(`answered ${receipt.status} after ${attempts.length}`);
await ops.channel.close?.();
