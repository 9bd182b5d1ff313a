import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createMessage, openMessenger } from "@jackfield/core";
import { openSqliteStore } from "@jackfield/store-sqlite";
import { webhook } from "@jackfield/webhook";
import type { BacklogAnswer, BacklogQuestion } from "./backlog.ts";
import { answerQuestions } from "./pinned-process.ts";

const measuredDeliveries = 10_000;
const enqueued = 10_000;

answerQuestions<BacklogQuestion, BacklogAnswer>(async ({ url, waiting }) => {
  const folder = mkdtempSync(join(tmpdir(), "jackfield-bench-"));
  const path = join(folder, "bench.db");
  try {
    await fill(path, waiting);
    const startMs = await startTime(path);
    return { startMs, ...(await dispatch(path, url)), enqueueMicros: await enqueueCost(path) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Copies one accepted message until there are enough: through the door it would take minutes. */
async function fill(path: string, waiting: number): Promise<void> {
  const store = openSqliteStore({ path });
  await store.outbox.enqueue([
    { channel: "webhook.bench", message: createMessage("hello ".repeat(20), Date.now()) },
  ]);
  await store.close();
  const database = new DatabaseSync(path);
  const columns = database
    .prepare("SELECT name FROM pragma_table_info('deliveries') WHERE name NOT IN ('seq', 'id')")
    .all()
    .map(({ name }) => name)
    .join(", ");
  database.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${waiting - 1})
    INSERT INTO deliveries (id, ${columns})
    SELECT 'msg_' || lower(hex(randomblob(16))), ${columns} FROM n, deliveries WHERE seq = 1`);
  database.close();
}

/** From opening the file to the first deliveries in hand; the HTTP client, which takes as long with nothing waiting, is apart. */
async function startTime(path: string): Promise<number> {
  const began = performance.now();
  const { outbox, close } = openSqliteStore({ path });
  const right = await outbox.acquireDispatch();
  const { claims } = await outbox.claim({ limits: new Map([["webhook.bench", 256]]), leaseMs: 60_000 });
  const took = performance.now() - began;
  await outbox.settle(claims.map(({ id, token }) => ({ id, token, event: "release", maybeArrived: false })));
  await right?.release();
  await close();
  return took;
}

async function dispatch(
  path: string,
  url: string,
): Promise<Pick<BacklogAnswer, "deliveredPerSecond" | "rssMiB">> {
  let first = 0;
  let count = 0;
  const done = new AbortController();
  const messenger = await openMessenger({
    store: openSqliteStore({ path }),
    channels: [
      {
        type: webhook,
        alias: "bench",
        input: { sendUrl: url, allowPrivateNetwork: true, maxConcurrency: 256 },
      },
    ],
    onEvent(event) {
      if (event.type !== "attempt") return;
      count += 1;
      if (count === 1) first = performance.now();
      if (count === measuredDeliveries) done.abort();
    },
  });
  await messenger.run({ signal: done.signal });
  const ended = performance.now();
  const rssMiB = process.memoryUsage().rss / 2 ** 20;
  await messenger.close();
  return { deliveredPerSecond: (count / (ended - first)) * 1000, rssMiB };
}

async function enqueueCost(path: string): Promise<number> {
  const store = openSqliteStore({ path });
  const cpu = process.cpuUsage();
  for (let sent = 0; sent < enqueued; sent += 100) {
    const batch = Array.from({ length: 100 }, () => ({
      channel: "webhook.bench",
      message: createMessage("hello ".repeat(20), Date.now()),
    }));
    await store.outbox.enqueue(batch);
  }
  const { user, system } = process.cpuUsage(cpu);
  await store.close();
  return (user + system) / enqueued;
}
