import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Delivery, DeliveryFilter, Store } from "@jackfield/core";
import { openSqliteStore } from "@jackfield/store-sqlite";

/**
 * The deliveries that are in flight by a store's word. To be asked while no process has it open.
 *
 * It looks at a copy: whoever opens a store first after a kill replays its log, and that is left to the next process.
 */
export async function inFlightIn(storeFile: string): Promise<ReadonlySet<string>> {
  if (!existsSync(storeFile)) return new Set();
  const folder = mkdtempSync(join(tmpdir(), "jackfield-faults-copy-"));
  try {
    const copy = join(folder, "copy.db");
    for (const suffix of ["", "-wal"]) {
      if (existsSync(storeFile + suffix)) copyFileSync(storeFile + suffix, copy + suffix);
    }
    await using store = openForReading(copy);
    return new Set(await idsIn(store, { states: ["sending"] }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything that a store holds, with its history, by id. */
export async function deliveriesIn(storeFile: string): Promise<ReadonlyMap<string, Delivery>> {
  await using store = openForReading(storeFile);
  const deliveries = new Map<string, Delivery>();
  for (const id of await idsIn(store, {})) {
    const delivery = await store.outbox.get(id);
    if (delivery) deliveries.set(id, delivery);
  }
  return deliveries;
}

function openForReading(path: string): Store & AsyncDisposable {
  const store = openSqliteStore({ path });
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}

async function idsIn({ outbox }: Store, filter: DeliveryFilter): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await outbox.list(filter, { limit: 500, ...(after === undefined ? {} : { after }) });
    ids.push(...page.deliveries.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  return ids;
}
