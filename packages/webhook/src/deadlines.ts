/** Something that has to be over by a certain time. */
export interface Expiring {
  /** The time has passed. */
  expire(): void;
}

/**
 * Deadlines that all have the same length, on one timer: they expire in the order in which they were set, so only the first
 * one needs it. A timer or an `AbortSignal.timeout` for each request costs a fifth of the throughput.
 *
 * The timer does not keep the process alive; the socket of a request that is under way does.
 */
export class Deadlines {
  readonly #lengthMs: number;
  /** In the order of their insertion, which is the order of their ends. */
  readonly #ends = new Map<Expiring, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** Lets `target` expire once the length has passed, unless it is cleared before. */
  start(target: Expiring): void {
    this.#ends.set(target, performance.now() + this.#lengthMs);
    if (this.#timer === undefined) this.#wakeIn(this.#lengthMs);
  }

  clear(target: Expiring): void {
    this.#ends.delete(target);
  }

  #wakeIn(ms: number): void {
    this.#timer = setTimeout(() => this.#expireDue(), Math.max(1, Math.ceil(ms))).unref();
  }

  #expireDue(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [target, end] of this.#ends) {
      if (end > now) {
        this.#wakeIn(end - now);
        return;
      }
      this.#ends.delete(target);
      target.expire();
    }
  }
}
