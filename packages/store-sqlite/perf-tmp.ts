import { existsSync, rmSync } from "node:fs";
import { createMessage } from "@jackfield/core";
import { openSqliteStore } from "./src/sqlite-store.ts";

const [, , path = "/tmp/perf/a.db", batchS = "128", totalS = "40000", keep = "", keyed = ""] = process.argv;
if (!keep) for (const s of ["", "-wal", "-shm", ".dispatcher"]) rmSync(path + s, { force: true });
const t0 = performance.now();
const store = openSqliteStore({ path });
const o = store.outbox;
const t1 = performance.now();
const right = await o.acquireDispatch();
await o.boundWaits(new Map([["box.one", 30000]]));
const t2 = performance.now();
console.log("open ms", (t1 - t0).toFixed(1), "acquire+bound ms", (t2 - t1).toFixed(1));
o.onWork(() => {});
const batch = Number(batchS),
  total = Number(totalS);
let ended: any[] = [];
let done = 0;
const eu = 0;
const st = performance.now();
const cpu0 = process.cpuUsage();
while (done < total) {
  const ds = Array.from({ length: batch }, () => {
    const m0 = createMessage("hello world, this is a message of the usual kind", Date.now());
    const nid = process.env.V7 ? "msg_" + Date.now().toString(16).padStart(12, "0") + m0.id.slice(12) : m0.id;
    const m = { ...m0, id: nid, idempotencyKey: nid };
    return { channel: "box.one", message: m, ...(keyed ? { orderingKey: m.id } : {}) };
  });
  const s = ended.length ? o.settle(ended) : undefined;
  const e = ds.map((d) => o.enqueue([d]));
  const { claims } = await o.claim({ limits: new Map([["box.one", batch]]), leaseMs: 30000 });
  await Promise.all(e);
  await s;
  done += ended.length;
  ended = claims.map((c) => ({
    id: c.id,
    token: c.token,
    event: "deliver" as const,
    attempt: { number: c.attemptsMade + 1, at: Date.now(), durationMs: 1.234, status: 200 },
    receipt: { status: 200 },
  }));
}
const ms = performance.now() - st;
const cpu = process.cpuUsage(cpu0);
console.log(
  "batch",
  batch,
  "µs/message wall",
  ((ms * 1000) / done).toFixed(2),
  "cpu user",
  (cpu.user / done).toFixed(2),
  "sys",
  (cpu.system / done).toFixed(2),
);
await store.close();
