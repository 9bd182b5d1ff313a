import { DatabaseSync } from "node:sqlite";
import { StoreError } from "@jackfield/core";
import { migrations } from "./migrations.ts";

/** Says in the file's header whose it is: "jack", https://sqlite.org/pragma.html#pragma_application_id. */
const applicationId = 0x6a61636b;

/** How long a statement waits for another process that writes, in milliseconds. */
const busyTimeoutMs = 5000;

/**
 * Opens the file (with `maxPages`, as one on a disk of that size), makes it if it is not there, and brings its schema up to date.
 *
 * @throws StoreError with a sentence for a file that is no database, is damaged, cannot be written or comes from a newer version
 */
export function openDatabase(path: string, maxPages?: number): DatabaseSync {
  return withStoreErrors(path, () => {
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      // Before anything is written: what belongs to a newer version, or to somebody else, stays as it is.
      const version = schemaVersion(database);
      if (isForeign(database)) {
        throw new StoreError("STORE_FOREIGN", `${path} is a database of something else: use another file`);
      }
      if (version > migrations.length) {
        throw new StoreError(
          "STORE_NEWER",
          `${path} was written by a newer version of Jackfield (schema ${version}, this one knows ${migrations.length}): update Jackfield, or use another file`,
        );
      }
      database.exec(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000; PRAGMA cache_size = -32768",
      );
      if (version < migrations.length) migrate(database);
      if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
}

/** Whether the file holds something, and that is not ours. */
function isForeign(database: DatabaseSync): boolean {
  if (database.prepare("PRAGMA application_id").get()?.application_id === applicationId) return false;
  return database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined;
}

function migrate(database: DatabaseSync): void {
  // Immediate: of two processes that start at once, the second waits and finds the work done.
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const step of migrations.slice(schemaVersion(database))) database.exec(step);
    database.exec(`PRAGMA user_version = ${migrations.length}; PRAGMA application_id = ${applicationId}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** SQLite's primary result codes, https://sqlite.org/rescode.html, that a person can do something about. */
const advice: Readonly<Record<number, readonly [code: string, text: string]>> = {
  5: ["STORE_BUSY", "is locked by another process that does not let go: look for what has it open"],
  8: ["STORE_READ_ONLY", "cannot be written: check the permissions of the file and of its folder"],
  10: ["STORE_IO", "could not be read or written: check the disk"],
  11: ["STORE_CORRUPT", "is damaged: put it aside, and restore it from a backup or with sqlite3's .recover"],
  13: ["STORE_FULL", "could not grow, the disk is full: make room; nothing was accepted"],
  14: ["STORE_UNREACHABLE", "cannot be opened: check that its folder exists and may be written to"],
  26: ["STORE_NOT_SQLITE", "is not a SQLite database: name another file"],
};

/** Runs something on the database; what SQLite says is told in words, at this one place. */
export function withStoreErrors<Result>(path: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw toStoreError(path, error);
  }
}

function toStoreError(path: string, error: unknown): unknown {
  const result = resultCode(error);
  if (result === undefined || !(error instanceof Error)) return error;
  const [code, text] = advice[result] ?? ["STORE_FAILED", `failed: ${error.message}`];
  return new StoreError(code, `the store ${path} ${text}`, { cause: error });
}

/** SQLite's primary result code, if it is SQLite that complains. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number")
    return undefined;
  return error.errcode & 0xff;
}

/** Whether somebody else has the lock. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === 5;
}

/** Whether it is the value that cannot be stored (too big, of a wrong type, against a constraint), and not the store that is in trouble. */
export function isAboutTheValue(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = resultCode(error);
  return code === undefined || code === 18 || code === 19 || code === 20;
}
