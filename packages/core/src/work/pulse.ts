import type { Clock } from "../clock.ts";
import { sleepUnlessAborted } from "./waits.ts";

/** The wait between two tries of a store that is in trouble, in milliseconds. */
export const againMs = 500;

/** The longest that Node's timers can take: nothing happens when it is over. */
const longestIntervalMs = 2 ** 31 - 1;

export interface PulseOptions {
  readonly clock: Clock;
  /** Everything that is to be done now. */
  readonly onTurn: () => void;
  /** Told of what the store did not take or give. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * What wakes a driver that works off a store: the dispatcher its deliveries, the runner its turns.
 *
 * Whatever happens in one tick leads to one turn. A turn can be asked for now, or by one timer for a known time. A store in trouble
 * is asked again a little later, and until then there are no turns; once the pulse has ended there are none at all.
 */
export class Pulse {
  readonly #clock: Clock;
  readonly #onTurn: () => void;
  readonly #onTrouble: (error: unknown) => void;
  readonly #ending = new AbortController();
  #turnIsDue = false;
  #storeInTrouble = false;
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor({ clock, onTurn, onTrouble }: PulseOptions) {
    this.#clock = clock;
    this.#onTurn = onTurn;
    this.#onTrouble = onTrouble;
  }

  get isOver(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Has a turn soon. */
  wake(): void {
    if (this.#turnIsDue || this.isOver) return;
    this.#turnIsDue = true;
    // Not at once: whatever else ends in this tick belongs to the same turn.
    setImmediate(() => {
      this.#turnIsDue = false;
      if (!this.#storeInTrouble && !this.isOver) this.#onTurn();
    });
  }

  /** Makes sure that there is a turn in so many milliseconds, or before. */
  wakeIn(ms: number): void {
    const now = this.#clock.monotonic();
    if (this.#wakeAt > now && this.#wakeAt <= now + ms) return;
    this.#wakeAt = now + ms;
    void this.sleep(ms).then(() => this.wake());
  }

  /** Asks the store for something; undefined where it is in trouble, and then everything waits a little. */
  async ask<Result>(request: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await request();
    } catch (error) {
      if (this.isOver) return undefined;
      this.#onTrouble(error);
      if (!this.#storeInTrouble) {
        this.#storeInTrouble = true;
        void this.sleep(againMs).then(() => {
          this.#storeInTrouble = false;
          this.wake();
        });
      }
      return undefined;
    }
  }

  /** Waits; the end of the pulse ends it. */
  sleep(ms: number): Promise<void> {
    return sleepUnlessAborted(this.#clock, ms, this.#ending.signal);
  }

  /** Keeps the process alive until the end: a promise alone does not, and who is idle waits for nothing but the store's word. */
  stayAlive(): void {
    const interval = setInterval(() => undefined, longestIntervalMs);
    this.#ending.signal.addEventListener("abort", () => clearInterval(interval), { once: true });
  }

  /** No turn comes after this, and every wait is over. */
  end(): void {
    this.#ending.abort();
  }
}
