import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqliteStore } from "./sqlite-store.ts";
import { channel, draft, limits, startOtherProcess, temporaryFolder } from "./test-support.ts";

test("what another process enqueues wakes this one, and can be claimed here", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const { outbox, close } = openSqliteStore({ path });
  await using other = await startOtherProcess(path);
  const events = new EventTarget();
  const woken = once(events, "work");
  const stop = outbox.onWork(() => events.dispatchEvent(new Event("work")));
  const [{ id }] = JSON.parse(await other.ask("enqueue 1"));
  await woken;
  const { claims } = await outbox.claim({ limits, leaseMs: 1000 });
  expect(claims.map((claim) => claim.id)).toEqual([id]);
  stop();
  await close();
});

test("what another process receives wakes this one, and has its turn here", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const { inbox, close } = openSqliteStore({ path });
  await using other = await startOtherProcess(path);
  const events = new EventTarget();
  const woken = once(events, "work");
  const stop = inbox.onWork(() => events.dispatchEvent(new Event("work")));
  const [{ id }] = JSON.parse(await other.ask("receive 1"));
  await woken;
  const { claims } = await inbox.claim({ channels: [channel], limit: 10, leaseMs: 1000 });
  expect(claims.map((claim) => claim.id)).toEqual([id]);
  stop();
  await close();
});

test("when a process is killed in a turn, the turn is on record as interrupted and is run again at once", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const { inbox, outbox, close } = openSqliteStore({ path });
  await using other = await startOtherProcess(path);
  await other.ask("acquire");
  const [{ id }] = JSON.parse(await other.ask("receive 1"));
  await other.ask("begin-turn");
  await other.kill();
  const right = await outbox.acquireDispatch();
  const { claims } = await inbox.claim({ channels: [channel], limit: 10, leaseMs: 1000 });
  expect(claims).toMatchObject([{ id, turnsMade: 1, budgetUsed: 1 }]);
  expect((await inbox.get(id))?.turns).toEqual([
    {
      number: 1,
      at: expect.any(Number),
      failure: { kind: "unknown", message: "the process ended in this turn" },
    },
  ]);
  await right?.release();
  await close();
});

test("a store that was only read since it was opened is woken as well", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  await openSqliteStore({ path }).close();
  const { outbox, close } = openSqliteStore({ path });
  const events = new EventTarget();
  const woken = once(events, "work");
  outbox.onWork(() => events.dispatchEvent(new Event("work")));
  await using other = await startOtherProcess(path);
  await other.ask("enqueue 1");
  await woken;
  await close();
});

test("of two processes that enqueue at once each has all its messages accepted", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const { outbox, close } = openSqliteStore({ path });
  await using other = await startOtherProcess(path);
  const answers = Promise.all(Array.from({ length: 20 }, () => other.ask("enqueue 5")));
  for (let i = 0; i < 20; i++) await outbox.enqueue([draft(), draft()]);
  await answers;
  expect(await outbox.counts()).toEqual([{ channel, state: "queued", count: 140 }]);
  await close();
});

test("one process at a time has the right to dispatch", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const { outbox, close } = openSqliteStore({ path });
  await using other = await startOtherProcess(path);
  expect(await other.ask("acquire")).toBe("acquired");
  expect(await outbox.acquireDispatch()).toBeUndefined();
  await close();
});

test("a process that enqueues needs no right, and leaves the other's alone", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const { outbox, close } = openSqliteStore({ path });
  const right = await outbox.acquireDispatch();
  await using other = await startOtherProcess(path);
  expect(await other.ask("acquire")).toBe("refused");
  expect(JSON.parse(await other.ask("enqueue 1"))).toMatchObject([{ outcome: "accepted" }]);
  await right?.release();
  expect(await other.ask("acquire")).toBe("acquired");
  await close();
});

test("when the holder is killed, its right is free at once, and its claims can be claimed as ones that may have arrived", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const { outbox, close } = openSqliteStore({ path });
  await using other = await startOtherProcess(path);
  await other.ask("acquire");
  await other.ask("enqueue 3");
  const claimed = JSON.parse(await other.ask("claim 2"));
  await other.kill();
  const right = await outbox.acquireDispatch();
  expect(right).toBeDefined();
  const { claims } = await outbox.claim({ limits, leaseMs: 1000 });
  expect(claims.map(({ id, maybeArrived }) => [id, maybeArrived])).toEqual([
    [claimed[0], true],
    [claimed[1], true],
    [expect.any(String), false],
  ]);
  await right?.release();
  await close();
});

test("what was accepted in a process that is killed is there after it", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const other = await startOtherProcess(path);
  const accepted = [];
  for (let i = 0; i < 5; i++) accepted.push(...JSON.parse(await other.ask("enqueue 3")));
  await other.kill();
  const { outbox, close } = openSqliteStore({ path });
  const { deliveries } = await outbox.list({}, { limit: 100 });
  expect(deliveries.map(({ id }) => id).toReversed()).toEqual(accepted.map(({ id }) => id));
  await close();
});
