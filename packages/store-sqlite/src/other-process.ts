// A process of the tests: opens the store that its argument names, obeys one line at a time, and answers each with one line.
import { createInterface } from "node:readline";
import { createMessage, type DispatchRight } from "@jackfield/core";
import { openSqliteStore } from "./sqlite-store.ts";
import { inbound } from "./test-support.ts";

const [, , path = ""] = process.argv;
const { inbox, outbox } = openSqliteStore({ path });
let right: DispatchRight | undefined;

const commands: Readonly<Record<string, (argument: string) => Promise<string>>> = {
  async enqueue(count) {
    const batch = Array.from({ length: Number(count) }, () => ({
      channel: "box.one",
      message: createMessage("from another process", Date.now()),
    }));
    return JSON.stringify(await outbox.enqueue(batch));
  },
  async receive(count) {
    return JSON.stringify(await inbox.accept(Array.from({ length: Number(count) }, () => inbound())));
  },
  async "begin-turn"() {
    const { claims } = await inbox.claim({ channels: ["box.one"], limit: 1, leaseMs: 60_000 });
    return JSON.stringify(claims.map(({ id }) => id));
  },
  async acquire() {
    right = await outbox.acquireDispatch();
    return right ? "acquired" : "refused";
  },
  async claim(limit) {
    const { claims } = await outbox.claim({ limits: new Map([["box.one", Number(limit)]]), leaseMs: 60_000 });
    return JSON.stringify(claims.map(({ id }) => id));
  },
};

process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const [name = "", argument = ""] = line.split(" ");
  const answer = await commands[name]?.(argument).catch((error) => `${error.code} ${error.message}`);
  process.stdout.write(`${answer ?? `unknown command ${name}`}\n`);
}
