import type { Outbox } from "../delivery/outbox.ts";
import { JackfieldError } from "../error.ts";
import type { Inbox } from "../inbox/inbox.ts";
import type { Threads } from "../threads/threads.ts";

/** Where everything that has to survive the process is kept. */
export interface Store {
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly threads: Threads;
  stats(): Promise<StoreStats>;
  /**
   * Writes something that changes nothing.
   *
   * @throws StoreError where the store takes no writes
   */
  check(): Promise<void>;
  /**
   * Deletes deliveries that were delivered, and inbound messages that have ended well (handled, merged, dropped, refused), longer ago than
   * this, in milliseconds; in small pieces, so that sending goes on.
   */
  prune(options: { readonly deliveredBeforeMs: number }): Promise<PruneResult>;
  /** Finishes what was asked for and closes. Nothing may be asked for after it. */
  close(): Promise<void>;
}

export interface StoreStats {
  readonly location: string;
  readonly bytes: number;
  /** Bytes of it that are free for new records. */
  readonly freeBytes: number;
}

export interface PruneResult {
  readonly deleted: number;
}

/** The store cannot keep what it was asked to keep, or cannot be used at all; `code` says why, the message what to do. */
export class StoreError extends JackfieldError {
  override readonly name = "StoreError";
}
