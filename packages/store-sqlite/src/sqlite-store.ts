import type { DatabaseSync } from "node:sqlite";
import { type Clock, type Store, type StoreStats, systemClock } from "@jackfield/core";
import { openDatabase, withStoreErrors } from "./database.ts";
import { GroupCommit, ranks } from "./group-commit.ts";
import { InboxQueries } from "./inbox/inbox-queries.ts";
import { ChannelNumbers } from "./outbox/channel-numbers.ts";
import { prune } from "./prune.ts";
import { SqliteInbox } from "./sqlite-inbox.ts";
import { SqliteOutbox } from "./sqlite-outbox.ts";
import { SqliteThreads } from "./sqlite-threads.ts";
import { createSteadyTime } from "./steady-time.ts";
import { ThreadNumbers } from "./threads/thread-numbers.ts";
import { Timeline } from "./threads/timeline.ts";
import { WorkSignal } from "./work-signal.ts";

export interface SqliteStoreOptions {
  /** The file, or `:memory:` for one that is gone with the process. */
  readonly path: string;
  readonly clock?: Clock;
}

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
  const threads = new ThreadNumbers(database);
  const signal = new WorkSignal(path);
  const parts = { database, path, commit, channels, threads, time, signal };
  const outbox = new SqliteOutbox(parts);
  const inbox = new SqliteInbox({ ...parts, enqueue: (delivery) => outbox.enqueueWithin(delivery) });
  const timeline = new Timeline(database, new InboxQueries(database), outbox.queries);
  return {
    outbox,
    inbox,
    threads: new SqliteThreads({ ...parts, timeline }),
    check: async () => {
      await commit.add(ranks.command, () => touchHeader(database));
    },
    stats: async () => withStoreErrors(path, () => statsOf(database, path)),
    prune: ({ deliveredBeforeMs }) => prune(parts, time.now() - deliveredBeforeMs),
    close: async () => {
      if (!database.isOpen) return;
      commit.flush();
      signal.close();
      database.close();
    },
  };
}

/** The file's header is written anew with what it has: a real write, of one page. */
function touchHeader(database: DatabaseSync): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
  database.exec(`PRAGMA user_version = ${version}`);
}

function statsOf(database: DatabaseSync, path: string): StoreStats {
  const pages = Number(database.prepare("PRAGMA page_count").get()?.page_count);
  const pageBytes = Number(database.prepare("PRAGMA page_size").get()?.page_size);
  const free = Number(database.prepare("PRAGMA freelist_count").get()?.freelist_count);
  return { location: path, bytes: pages * pageBytes, freeBytes: free * pageBytes };
}
