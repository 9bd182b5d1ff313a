import { type Clock, type Store, systemClock } from "@jackfield/core";
import { MemoryInbox } from "./memory-inbox.ts";
import { MemoryOutbox } from "./memory-outbox.ts";
import { MemoryThreads } from "./memory-threads.ts";

export interface MemoryStoreOptions {
  readonly clock?: Clock;
}

/**
 * A store that forgets everything with the process: for tests, and as the model that other stores are compared with.
 *
 * ```ts
 * const store = createMemoryStore({ clock: createManualClock() });
 * ```
 */
export function createMemoryStore({ clock = systemClock }: MemoryStoreOptions = {}): Store {
  const outbox = new MemoryOutbox(clock);
  const inbox = new MemoryInbox(clock, outbox);
  const threads = new MemoryThreads(inbox, outbox);
  return {
    outbox,
    inbox,
    threads,
    check: async () => undefined,
    stats: async () => ({ location: "memory", bytes: outbox.bytes, freeBytes: 0 }),
    async prune({ deliveredBeforeMs }) {
      const deleted = outbox.prune(deliveredBeforeMs) + inbox.prune(deliveredBeforeMs);
      threads.prune();
      return { deleted };
    },
    close: async () => undefined,
  };
}
