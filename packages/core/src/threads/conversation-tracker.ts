import type { Clock } from "../clock.ts";
import { sleepUnlessAborted } from "../work/waits.ts";
import type { ConversationEvent, Threads } from "./threads.ts";

export interface ConversationTrackerOptions {
  readonly threads: Threads;
  readonly clock: Clock;
  /** Told when events could not be recorded; they are gone then, and no message with them. */
  readonly onTrouble: (error: unknown) => void;
}

/** How long events are collected before they are written together, in milliseconds. */
const collectMs = 250;

/** How many events are kept for the next write; what comes while the store takes none is left out, oldest first. */
const mostKept = 10_000;

/** Follows conversations beside the messages: it never holds one up, and where it fails nothing else does. */
export class ConversationTracker {
  readonly #options: ConversationTrackerOptions;
  #events: ConversationEvent[] = [];
  #writing: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(options: ConversationTrackerOptions) {
    this.#options = options;
  }

  track(event: ConversationEvent): void {
    this.#events.push(event);
    if (this.#events.length > mostKept) this.#events.shift();
    this.#writing ??= this.#writeSoon();
  }

  /** Writes what is there. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
  }

  async #writeSoon(): Promise<void> {
    await sleepUnlessAborted(this.#options.clock, collectMs, this.#closing.signal);
    const events = this.#events;
    this.#events = [];
    try {
      await this.#options.threads.track(events);
    } catch (error) {
      this.#options.onTrouble(error);
    }
    this.#writing = this.#events.length > 0 && !this.#closing.signal.aborted ? this.#writeSoon() : undefined;
  }
}
