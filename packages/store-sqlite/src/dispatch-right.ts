import { DatabaseSync } from "node:sqlite";
import type { DispatchRight } from "@jackfield/core";
import { isBusy } from "./database.ts";

/**
 * The right to dispatch a file, for one process at a time: an exclusive lock on a second, empty database beside it. The
 * operating system takes it back from a process that dies, however it dies, so that nobody has to guess by a timeout.
 *
 * @returns undefined while another process (or another store in this one) has it
 */
export function acquireDispatchRight(path: string): DispatchRight | undefined {
  const lock = new DatabaseSync(`${path}.dispatcher`, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return {
    release: async () => {
      if (lock.isOpen) lock.close();
    },
  };
}
