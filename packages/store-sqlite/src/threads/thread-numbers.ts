import type { DatabaseSync } from "node:sqlite";

/** Threads are numbers in the file, as channels are. There are too many of them to be kept at hand. */
export class ThreadNumbers {
  /** The number of a thread, if the file knows it. */
  readonly find: (channel: number, name: string) => number | undefined;
  /** The number of a thread in which something happens now; made where there is none. */
  readonly touch: (channel: number, name: string, at: number) => number;

  constructor(database: DatabaseSync) {
    const find = database.prepare("SELECT number FROM threads WHERE channel = ? AND name = ?");
    const touch = database.prepare(`
      INSERT INTO threads (channel, name, started_at, last_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (channel, name) DO UPDATE SET last_at = max(last_at, excluded.last_at)
      RETURNING number`);
    this.find = (channel, name) => {
      const row = find.get(channel, name);
      return row && Number(row.number);
    };
    this.touch = (channel, name, at) => Number(touch.get(channel, name, at, at)?.number);
  }
}
