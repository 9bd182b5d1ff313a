import { closeSync, type FSWatcher, openSync, watch, writeSync } from "node:fs";

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
    let watcher: FSWatcher;
    const begin = () => {
      this.#write("a");
      watcher = watch(this.#path, { persistent: false }, (event) => {
        if (event === "rename") {
          // The file was taken away: a new one is made, and somebody may have rung in between.
          watcher.close();
          begin();
        }
        listener();
      });
      watcher.on("error", () => watcher.close());
    };
    begin();
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
