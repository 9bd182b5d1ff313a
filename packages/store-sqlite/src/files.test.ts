import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type OutboundMessage, type Store, systemClock } from "@jackfield/core";
import { expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { openSqliteStore, storeIn } from "./sqlite-store.ts";
import { channel, delivered, draft, limits, startOtherProcess, temporaryFolder } from "./test-support.ts";

const lease = { limits, leaseMs: 60_000 };

async function withStore(path: string, use: (store: Store) => Promise<void>): Promise<void> {
  const store = openSqliteStore({ path });
  try {
    await use(store);
  } finally {
    await store.close();
  }
}

test("a delivery survives close and open with its history, its idempotency key and its suspension", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const first = draft({ idempotencyKey: "k" });
  await withStore(path, async ({ outbox }) => {
    await outbox.enqueue([first]);
    await outbox.settle((await outbox.claim(lease)).claims.map(delivered));
    await outbox.suspend(channel, "refused");
  });
  await withStore(path, async ({ outbox }) => {
    expect(await outbox.get(first.message.id)).toMatchObject({
      state: "delivered",
      message: first.message,
      receipt: { status: 200 },
      attempts: [{ number: 1, status: 200 }],
    });
    expect(await outbox.enqueue([draft({ idempotencyKey: "k" })])).toEqual([
      { outcome: "duplicate", id: first.message.id },
    ]);
    expect(await outbox.channels()).toMatchObject([{ channel, reason: "refused" }]);
  });
});

test("what is asked for in one tick is one transaction, and is answered when that is on disk", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const database = openDatabase(path);
  const { outbox, close } = storeIn(database, path, systemClock);
  const reader = new DatabaseSync(path, { readOnly: true });
  const count = () => reader.prepare("SELECT count(*) AS count FROM deliveries").get()?.count;
  const seen: unknown[] = [];
  const one = () => outbox.enqueue([draft()]).then(() => seen.push(count()));
  await Promise.all(Array.from({ length: 50 }, one));
  expect(seen).toEqual(Array.from({ length: 50 }, () => 50));
  reader.close();
  await close();
});

test("close() finishes what was asked for, and what is asked for later is refused in words", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const store = openSqliteStore({ path });
  const enqueued = store.outbox.enqueue([draft()]);
  await store.close();
  expect(await enqueued).toMatchObject([{ outcome: "accepted" }]);
  await expect(store.outbox.enqueue([draft()])).rejects.toMatchObject({ code: "STORE_CLOSED" });
  await store.close();
});

test.for([
  [
    "a file that is not SQLite",
    "STORE_NOT_SQLITE",
    (path: string) => writeFileSync(path, "hello ".repeat(1000)),
  ],
  ["a directory", "STORE_UNREACHABLE", (path: string) => mkdirSync(path)],
  ["a database of somebody else", "STORE_FOREIGN", (path: string) => sqlite(path, "CREATE TABLE theirs (x)")],
  [
    "somebody else's database with a version",
    "STORE_FOREIGN",
    (path: string) => sqlite(path, "CREATE TABLE theirs (x); PRAGMA user_version = 1"),
  ],
] as const)("%s is refused with %s, and stays as it is", ([, code, make]) => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  make(path);
  const before = code === "STORE_UNREACHABLE" ? undefined : readFileSync(path);
  expect(() => openSqliteStore({ path })).toThrow(expect.objectContaining({ name: "StoreError", code }));
  if (before) expect(readFileSync(path).equals(before)).toBe(true);
});

function sqlite(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

test("a folder that does not exist is named in the error", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "missing", "store.db");
  const open = () => openSqliteStore({ path });
  expect(open).toThrow(expect.objectContaining({ code: "STORE_UNREACHABLE" }));
  expect(open).toThrow(path);
});

test("a file from a newer version is refused, and stays as it is", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  await openSqliteStore({ path }).close();
  sqlite(path, "PRAGMA user_version = 99");
  expect(() => openSqliteStore({ path })).toThrow(expect.objectContaining({ code: "STORE_NEWER" }));
});

test("a file that is damaged in the middle accepts nothing that it cannot keep, and says so", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  await withStore(path, async ({ outbox }) => {
    await outbox.enqueue(Array.from({ length: 500 }, () => draft()));
  });
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0xa5, 4096));
  const store = (() => {
    try {
      return openSqliteStore({ path });
    } catch (error) {
      expect(error).toMatchObject({ name: "StoreError", code: "STORE_CORRUPT" });
      return undefined;
    }
  })();
  if (!store) return;
  await expect(store.outbox.enqueue([draft()])).rejects.toMatchObject({
    name: "StoreError",
    code: "STORE_CORRUPT",
  });
  await store.close();
});

test("on a full disk enqueue() rejects and says so, a claim keeps its settlement, and with room again all goes on", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const database = openDatabase(path, 60);
  const { outbox, close } = storeIn(database, path, systemClock);
  const accepted: string[] = [];
  const fill = async () => {
    for (;;) {
      const results = await outbox.enqueue([draft({ content: "x".repeat(3000) })]);
      for (const result of results) if (result.outcome === "accepted") accepted.push(result.id);
    }
  };
  await expect(fill()).rejects.toMatchObject({ name: "StoreError", code: "STORE_FULL" });
  const { deliveries } = await outbox.list({}, { limit: 1000 });
  expect(deliveries.map(({ id }) => id).toReversed()).toEqual(accepted);
  database.exec("PRAGMA max_page_count = 1000");
  await outbox.enqueue([draft()]);
  const { claims } = await outbox.claim(lease);
  expect(claims.length).toBe(accepted.length + 1);
  expect(await outbox.settle(claims.map(delivered))).toEqual(claims.map(() => true));
  await close();
});

test("a channel that was first named in a transaction that failed is made by the next one", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const database = openDatabase(path, 20);
  const { outbox, close } = storeIn(database, path, systemClock);
  const tooMuch = { ...draft({ content: "x".repeat(200_000) }), channel: "box.new" };
  await expect(outbox.enqueue([tooMuch])).rejects.toMatchObject({ code: "STORE_FULL" });
  database.exec("PRAGMA max_page_count = 1000");
  await outbox.enqueue([tooMuch]);
  expect((await outbox.get(tooMuch.message.id))?.channel).toBe("box.new");
  expect(await outbox.channels()).toEqual([{ channel: "box.new" }]);
  await close();
});

test("a poisoned record is buried, and its neighbours go on", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const batch = [draft(), draft(), draft()].map((delivery) => ({ ...delivery, orderingKey: "o" }));
  const [poisoned = "", next] = batch.map(({ message }) => message.id);
  await withStore(path, async ({ outbox }) => void (await outbox.enqueue(batch)));
  sqlite(path, `UPDATE deliveries SET message = 'garbage' WHERE id = '${poisoned}'`);
  await withStore(path, async ({ outbox }) => {
    const { claims } = await outbox.claim(lease);
    expect(claims.map(({ id }) => id)).toEqual([next]);
    const buried = await outbox.get(poisoned);
    expect(buried).toMatchObject({ state: "dead", reason: expect.stringContaining("damaged") });
    expect((await outbox.list({}, { limit: 10 })).deliveries.length).toBe(3);
  });
});

// SQLite's log ends with the last frame whose checksum is right and that a commit follows. Whatever the tear, what is left
// is a beginning of what was accepted, in order, without a gap; and all of it where only the tear's own transaction is hit.
test.for([1, 100, 5000])(
  "after a last write that lost %i bytes the store opens, and holds all but the last of what it had accepted",
  async (bytes) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "store.db");
    const other = await startOtherProcess(path);
    const accepted: string[] = [];
    for (let i = 0; i < 10; i++) {
      const results: { id: string }[] = JSON.parse(await other.ask("enqueue 1"));
      accepted.push(...results.map(({ id }) => id));
    }
    await other.kill();
    const wal = readFileSync(`${path}-wal`);
    truncateSync(`${path}-wal`, wal.length - bytes);
    await withStore(path, async ({ outbox }) => {
      const { deliveries } = await outbox.list({}, { limit: 100 });
      const kept = deliveries.map(({ id }) => id).toReversed();
      expect(kept).toEqual(accepted.slice(0, kept.length));
      expect(kept.length).toBe(9);
      const results = await outbox.enqueue([draft()]);
      expect(results).toMatchObject([{ outcome: "accepted" }]);
    });
  },
);

test("a read-only file accepts nothing, and says so", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  await openSqliteStore({ path }).close();
  chmodSync(path, 0o444);
  chmodSync(folder.path, 0o777);
  // Nothing is read-only to root, who therefore asks nobody.
  await using other = await startOtherProcess(path, process.getuid?.() === 0 ? 65_534 : undefined);
  expect(await other.ask("enqueue 1")).toMatch(/^STORE_READ_ONLY .* cannot be written/);
});

test("a message is stored as it was given, byte for byte", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "store.db");
  const delivery = draft({ content: "Grüße" });
  await withStore(path, async ({ outbox }) => void (await outbox.enqueue([delivery])));
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare("SELECT message FROM deliveries").get();
  database.close();
  expect(JSON.parse(String(row?.message)) as OutboundMessage).toEqual(delivery.message);
});
