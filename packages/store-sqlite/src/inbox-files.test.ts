import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Clock, createMessage, systemClock } from "@jackfield/core";
import { createManualClock } from "@jackfield/testkit";
import { expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { migrations } from "./migrations.ts";
import { openSqliteStore, storeIn } from "./sqlite-store.ts";
import { channel, draft, handled, inbound, limits, temporaryFolder } from "./test-support.ts";

const wanted = { channels: [channel], limit: 10, leaseMs: 60_000 };

test("a file of the first schema keeps its deliveries, and knows the threads that they went to", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const database = new DatabaseSync(path);
  database.exec(migrations[0] ?? "");
  database.exec("PRAGMA user_version = 1; PRAGMA application_id = 0x6a61636b");
  database.exec("INSERT INTO channels (number, id) VALUES (1, 'box.one'), (2, 'box.two')");
  const insert = database.prepare(
    `INSERT INTO deliveries (id, channel, state, due_at, thread_id, created_at, updated_at, message)
     VALUES (?, ?, 0, ?, ?, ?, ?, ?)`,
  );
  const messages = ["in t", "in t as well", "in t elsewhere", "in none"].map((content) =>
    createMessage(content, 1),
  );
  for (const [index, message] of messages.entries()) {
    const at = 100 * (index + 1);
    insert.run(
      message.id,
      index === 2 ? 2 : 1,
      at,
      index === 3 ? null : "t",
      at,
      at,
      JSON.stringify(message),
    );
  }
  database.close();
  const { outbox, threads, close } = openSqliteStore({ path });
  const { deliveries } = await outbox.list({}, { limit: 10 });
  expect(deliveries.map(({ id }) => id).toReversed()).toEqual(messages.map(({ id }) => id));
  expect((await threads.list({}, { limit: 10 })).threads).toEqual([
    {
      id: "box.two/t",
      channel: "box.two",
      name: "t",
      startedAt: 300,
      lastAt: 300,
      inboundCount: 0,
      outboundCount: 1,
    },
    {
      id: "box.one/t",
      channel: "box.one",
      name: "t",
      startedAt: 100,
      lastAt: 200,
      inboundCount: 0,
      outboundCount: 2,
    },
  ]);
  await close();
});

test("the rate limit of a thread holds across close and open, to the millisecond", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const clock = createManualClock();
  const limit = { threadRateLimit: 2, threadRateWindowMs: 1000 };
  const accept = async () => {
    const { inbox, close } = openSqliteStore({ path, clock });
    const [result] = await inbox.accept([inbound({}, limit)]);
    await close();
    return result;
  };
  expect(await accept()).toMatchObject({ outcome: "accepted" });
  await clock.advance(400);
  expect(await accept()).toMatchObject({ outcome: "accepted" });
  await clock.advance(599);
  expect(await accept()).toEqual({ outcome: "rate_limited", retryAfterMs: 1 });
  await clock.advance(1);
  expect(await accept()).toMatchObject({ outcome: "accepted" });
  expect(await accept()).toEqual({ outcome: "rate_limited", retryAfterMs: 400 });
});

test("a repeat after close and open is a duplicate, and other content under its id is a conflict", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const first = openSqliteStore({ path });
  const [accepted] = await first.inbox.accept([inbound({ remoteId: "1" })]);
  await first.close();
  const { inbox, close } = openSqliteStore({ path });
  const id = accepted?.outcome === "accepted" ? accepted.id : "";
  expect(await inbox.accept([inbound({ remoteId: "1" }), inbound({ remoteId: "1", content: "no" })])).toEqual(
    [
      { outcome: "duplicate", id, state: "waiting" },
      { outcome: "conflict", id },
    ],
  );
  await close();
});

test("of a settlement whose transaction fails nothing is recorded, and with room again all of it is", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const database = openDatabase(path, 60);
  const { inbox, outbox, close } = storeIn(database, path, systemClock);
  await inbox.accept([inbound()]);
  const { claims } = await inbox.claim(wanted);
  const [small, big] = [draft({ content: "small" }), draft({ content: "x".repeat(300_000) })];
  const settlements = claims.map((claim) => handled(claim, [small, big]));
  await expect(inbox.settle(settlements)).rejects.toMatchObject({ code: "STORE_FULL" });
  const id = claims[0]?.id ?? "";
  expect(await inbox.get(id)).toMatchObject({ state: "running", turns: [] });
  expect(await outbox.get(small.message.id)).toBeUndefined();
  database.exec("PRAGMA max_page_count = 1000");
  expect(await inbox.settle(settlements)).toEqual([{ outcome: "recorded" }]);
  expect(await inbox.get(id)).toMatchObject({ state: "handled", turns: [{ number: 1 }] });
  expect(await outbox.counts()).toEqual([{ channel, state: "queued", count: 2 }]);
  await close();
});

test("of a settlement that fails after its answers were written no answer is left", async () => {
  const database = openDatabase(":memory:");
  const { inbox, outbox, close } = storeIn(database, ":memory:", systemClock);
  await inbox.accept([inbound()]);
  const { claims } = await inbox.claim(wanted);
  database.exec("CREATE TEMP TRIGGER no BEFORE INSERT ON turns BEGIN SELECT RAISE(ABORT, 'no'); END");
  const settlements = claims.map((claim) => handled(claim, [draft()]));
  await expect(inbox.settle(settlements)).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(await outbox.counts()).toEqual([]);
  expect(await inbox.counts()).toEqual([{ state: "running", count: 1 }]);
  await close();
});

test("a channel that only a refused settlement named is made by the next delivery to it", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const first = openSqliteStore({ path });
  await first.outbox.enqueue([draft({ idempotencyKey: "k" })]);
  await first.inbox.accept([inbound()]);
  const { claims } = await first.inbox.claim(wanted);
  const answers = [{ ...draft(), channel: "box.new" }, draft({ idempotencyKey: "k", content: "other" })];
  expect(await first.inbox.settle(claims.map((claim) => handled(claim, answers)))).toMatchObject([
    { outcome: "unstorable" },
  ]);
  const later = { ...draft(), channel: "box.new" };
  await first.outbox.enqueue([later]);
  await first.close();
  const { outbox, close } = openSqliteStore({ path });
  expect((await outbox.get(later.message.id))?.channel).toBe("box.new");
  await close();
});

test("the claim of a dispatcher that a settlement wakes finds its answers", async () => {
  const { inbox, outbox, close } = openSqliteStore({ path: ":memory:" });
  await inbox.accept([inbound()]);
  const { claims } = await inbox.claim(wanted);
  const claimed: ReturnType<typeof outbox.claim>[] = [];
  outbox.onWork(() => claimed.push(outbox.claim({ limits, leaseMs: 1000 })));
  const answer = draft();
  await inbox.settle(claims.map((claim) => handled(claim, [answer])));
  expect(await Promise.all(claimed)).toMatchObject([{ claims: [{ id: answer.message.id }] }]);
  await close();
});

test("a turn that is settled by a process without the right to dispatch wakes the one that has it", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const dispatching = openSqliteStore({ path });
  const settling = openSqliteStore({ path });
  await settling.inbox.accept([inbound()]);
  const { claims } = await settling.inbox.claim(wanted);
  const events = new EventTarget();
  const woken = once(events, "work", { signal: AbortSignal.timeout(2000) });
  dispatching.outbox.onWork(() => events.dispatchEvent(new Event("work")));
  await settling.inbox.settle(claims.map((claim) => handled(claim, [draft()])));
  await woken;
  await settling.close();
  await dispatching.close();
});

test("what a process with a later date wrote is due here at once, for the inbox and for the outbox", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const clock = createManualClock();
  const later: Clock = { ...clock, now: () => clock.now() + 3_600_000 };
  const here = openSqliteStore({ path, clock });
  const there = openSqliteStore({ path, clock: later });
  const events = new EventTarget();
  const woken = once(events, "work", { signal: AbortSignal.timeout(2000) });
  here.inbox.onWork(() => events.dispatchEvent(new Event("work")));
  await Promise.all([there.inbox.accept([inbound()]), there.outbox.enqueue([draft()])]);
  await woken;
  const sent = await here.outbox.claim({ limits, leaseMs: 1000 });
  const received = await here.inbox.claim(wanted);
  expect([sent.claims.length, received.claims.length]).toEqual([1, 1]);
  await there.close();
  await here.close();
});

test("a message whose record is damaged is dead with a reason, and the next of its thread has its turn", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const database = openDatabase(path);
  const { inbox, close } = storeIn(database, path, systemClock);
  const [damaged, next] = [inbound(), inbound()];
  await inbox.accept([damaged, next]);
  database.prepare("UPDATE inbound SET message = '{' WHERE id = ?").run(damaged.message.id);
  await inbox.claim(wanted);
  expect(await inbox.get(damaged.message.id)).toMatchObject({
    state: "dead",
    reason: "its record is damaged: the message in it cannot be read",
  });
  const { claims } = await inbox.claim(wanted);
  expect(claims.map(({ id }) => id)).toEqual([next.message.id]);
  await close();
});

test("a prune deletes a thread of which nothing is left, with its conversations, and keeps the others", async () => {
  const clock = createManualClock();
  const database = openDatabase(":memory:");
  const store = storeIn(database, ":memory:", clock);
  const { inbox, threads } = store;
  await inbox.accept([inbound({ threadId: "old" }), inbound({ threadId: "open" })]);
  for (const thread of ["box.one/old", "box.one/open"]) {
    await threads.track([{ thread, at: 1, type: "message", participant: "alice" }]);
  }
  const { claims } = await inbox.claim({ ...wanted, limit: 1 });
  await inbox.settle(claims.map((claim) => handled(claim)));
  await clock.advance(1001);
  expect(await store.prune({ deliveredBeforeMs: 1000 })).toEqual({ deleted: 1 });
  expect((await threads.list({}, { limit: 10 })).threads.map(({ name }) => name)).toEqual(["open"]);
  expect(database.prepare("SELECT count(*) AS count FROM conversations").get()).toEqual({ count: 1 });
  expect(database.prepare("SELECT count(*) AS count FROM turns").get()).toEqual({ count: 0 });
  await store.close();
});
