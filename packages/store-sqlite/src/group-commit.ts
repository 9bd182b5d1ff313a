import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "@jackfield/core";
import { withStoreErrors } from "./database.ts";

/** The order in which the operations of one transaction go: what frees a place, then what is new, then what takes places. */
export const ranks = { settle: 0, command: 1, enqueue: 2, claim: 3 } as const;

/** Work that is done inside of a transaction. What it returns is given out once the transaction is on disk. */
interface Operation {
  /** Earlier ranks go first: what frees a place before what takes one. */
  readonly rank: number;
  run(): unknown;
  resolve(result: never): void;
  reject(error: unknown): void;
}

/**
 * Makes one transaction, and one fsync, of everything that is asked for in one turn of the event loop.
 *
 * A turn ends two immediates after the first operation: one for the dispatcher, which collects the ended attempts of a
 * tick in the same way, and one for the commit, so that what belongs together is together whoever came first.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #begin: () => unknown;
  readonly #end: () => unknown;
  readonly #onRollback: () => void;
  #operations: Operation[] = [];

  constructor(database: DatabaseSync, path: string, onRollback: () => void) {
    this.#database = database;
    this.#path = path;
    this.#onRollback = onRollback;
    const begin = database.prepare("BEGIN IMMEDIATE");
    const end = database.prepare("COMMIT");
    this.#begin = () => begin.run();
    this.#end = () => end.run();
  }

  /** Resolves with what `run` returned after it is on disk; rejects where it is not, whatever `run` said. */
  add<Result>(rank: number, run: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#operations.push({ rank, run, resolve, reject });
      if (this.#operations.length === 1) setImmediate(() => setImmediate(() => this.flush()));
    });
  }

  /** Commits what is waiting, now. */
  flush(): void {
    const operations = this.#operations.sort((a, b) => a.rank - b.rank);
    this.#operations = [];
    if (operations.length === 0) return;
    let results: readonly unknown[];
    try {
      if (!this.#database.isOpen) {
        throw new StoreError("STORE_CLOSED", `the store ${this.#path} is closed: open it again to use it`);
      }
      results = withStoreErrors(this.#path, () => this.#transaction(operations));
    } catch (error) {
      for (const { reject } of operations) reject(error);
      return;
    }
    for (const [index, { resolve }] of operations.entries()) resolve(results[index] as never);
  }

  #transaction(operations: readonly Operation[]): unknown[] {
    this.#begin();
    try {
      const results = operations.map(({ run }) => run());
      this.#end();
      return results;
    } catch (error) {
      this.#onRollback();
      // SQLite has rolled back by itself where the disk was full.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}
