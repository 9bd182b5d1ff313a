// A program that uses the library, to be killed: it accepts messages while it dispatches, and says what was accepted as soon as it was.
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createSeededRandom } from "@jackfield/testkit";
import { channelTypes, loadConfig, openMessenger, openSqliteStore } from "jackfield";
import { channelId } from "./deployment.ts";
import { formatTag } from "./tag.ts";

const [configFile = "", storeFile = "", count = "0", firstNumber = "0"] = process.argv.slice(2);
const first = Number(firstNumber);
const random = createSeededRandom(first);
const below = (limit: number) => Math.floor(random() * limit);

const { deployment } = await loadConfig({ path: configFile, types: channelTypes, env: process.env });
const store = openSqliteStore({ path: storeFile });
const messenger = await openMessenger({ store, channels: deployment.channels });
const done = new AbortController();
const running = messenger.run({ signal: done.signal });

async function accept(number: number): Promise<void> {
  const thread = random() < 0.6 ? `t${below(6)}` : undefined;
  const tag = formatTag({ thread, number });
  const draft = { content: tag, data: { filling: "x".repeat(below(2000)) } };
  const { id } = await messenger.enqueue(channelId, thread ? { ...draft, threadId: thread } : draft);
  // At once and to the end: what is said here was accepted, whatever becomes of this process.
  writeSync(1, `${id} ${tag}\n`);
}

const end = first + Number(count);
for (let number = first; number < end; ) {
  const burst = Math.min(1 + below(24), end - number);
  const numbers = Array.from({ length: burst }, (_, index) => number + index);
  await Promise.all(numbers.map(accept));
  number += burst;
  await sleep(below(10));
}
// What is not through is left to the next process.
done.abort();
await running;
await messenger.close();
