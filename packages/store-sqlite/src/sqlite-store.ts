import type { DatabaseSync } from "node:sqlite";
import { type Clock, type PruneResult, type Store, type StoreStats, systemClock } from "@jackfield/core";
import { openDatabase, withStoreErrors } from "./database.ts";
import { GroupCommit } from "./group-commit.ts";
import { ChannelNumbers } from "./outbox/channel-numbers.ts";
import { SqliteOutbox } from "./sqlite-outbox.ts";
import { stateNumber } from "./states.ts";
import { createSteadyTime } from "./steady-time.ts";

export interface SqliteStoreOptions {
  /** The file, or `:memory:` for one that is gone with the process. */
  readonly path: string;
  readonly clock?: Clock;
}

/** How many rows a transaction of a prune looks at: few enough that a message waits for it for milliseconds only. */
const prunedAtOnce = 500;

/**
 * Opens the store in a SQLite file, and makes the file where there is none.
 *
 * @throws StoreError for a file that cannot be used, in words
 */
export function openSqliteStore({ path, clock = systemClock }: SqliteStoreOptions): Store {
  const database = openDatabase(path);
  try {
    return withStoreErrors(path, () => storeIn(database, path, clock));
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The store in a database that is open. */
export function storeIn(database: DatabaseSync, path: string, clock: Clock): Store {
  const time = createSteadyTime(clock);
  const channels = new ChannelNumbers(database);
  const commit = new GroupCommit(database, path, () => channels.forget());
  const outbox = new SqliteOutbox(database, path, commit, channels, time);
  return {
    outbox,
    stats: async () => withStoreErrors(path, () => statsOf(database, path)),
    prune: ({ deliveredBeforeMs }) => prune(database, path, commit, time.now() - deliveredBeforeMs),
    close: async () => {
      if (!database.isOpen) return;
      commit.flush();
      outbox.close();
      database.close();
    },
  };
}

function statsOf(database: DatabaseSync, path: string): StoreStats {
  const pages = Number(database.prepare("PRAGMA page_count").get()?.page_count);
  const pageBytes = Number(database.prepare("PRAGMA page_size").get()?.page_size);
  const free = Number(database.prepare("PRAGMA freelist_count").get()?.freelist_count);
  return { location: path, bytes: pages * pageBytes, freeBytes: free * pageBytes };
}

async function prune(
  database: DatabaseSync,
  path: string,
  commit: GroupCommit,
  before: number,
): Promise<PruneResult> {
  let deleted = 0;
  const bounds = database.prepare("SELECT min(seq) AS first, max(seq) AS last FROM deliveries");
  const row = withStoreErrors(path, () => bounds.get());
  const first = Number(row?.first ?? 1);
  const last = Number(row?.last ?? 0);
  for (let from = first; from <= last; from += prunedAtOnce) {
    deleted += await commit.add(1, () => pruneRange(database, from, from + prunedAtOnce, before));
  }
  return { deleted };
}

function pruneRange(database: DatabaseSync, from: number, to: number, before: number): number {
  const chosen = `SELECT seq FROM deliveries
    WHERE seq >= ? AND seq < ? AND state = ${stateNumber("delivered")} AND updated_at < ?`;
  database.prepare(`DELETE FROM attempts WHERE seq IN (${chosen})`).run(from, to, before);
  return Number(
    database.prepare(`DELETE FROM deliveries WHERE seq IN (${chosen})`).run(from, to, before).changes,
  );
}
