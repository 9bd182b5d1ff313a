import { closeSync, openSync, watch, writeSync } from "node:fs";

/**
 * How a process that only sends wakes the one that dispatches: it writes to a small file beside the store, after its commit.
 *
 * The log of SQLite would not do: it changes before the commit can be seen, and nothing changes in it when it can.
 */
export class WakeFile {
  readonly #path: string;

  constructor(databasePath: string) {
    this.#path = `${databasePath}.wake`;
  }

  /** Wakes who listens. What was committed stays so, whatever comes of this: whoever dispatches next finds it. */
  ring(): void {
    try {
      this.#write("r+");
    } catch (error) {
      // Where nobody has ever listened there is no file, and where the folder was closed to us nobody can be told.
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }

  /** Calls back when another process rings. @returns what ends it */
  listen(listener: () => void): () => void {
    this.#write("a");
    const watcher = watch(this.#path, { persistent: false }, listener);
    // A file that is taken away rings no more; what is due at a known time is not touched by that.
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  }

  #write(flags: string): void {
    const file = openSync(this.#path, flags);
    try {
      writeSync(file, "!", 0);
    } finally {
      closeSync(file);
    }
  }
}
