/**
 * At most so many starts in any window of time: exact, with no burst beyond it at the window's edges.
 *
 * A rate of 5 is five in any second; a rate of 0.2 is one in any five seconds. Times are monotonic milliseconds.
 */
export class RateLimit {
  readonly #count: number;
  readonly #windowMs: number;
  /** The last starts, a ring: the oldest of them has to leave the window before the next one may begin. */
  readonly #starts: Float64Array;
  #next = 0;

  constructor(perSecond: number) {
    // A rate with a fraction is kept one at a time: 2.5 in a second is one in 400 ms.
    this.#count = Number.isInteger(perSecond) ? perSecond : 1;
    this.#windowMs = (this.#count / perSecond) * 1000;
    this.#starts = new Float64Array(this.#count).fill(Number.NEGATIVE_INFINITY);
  }

  /** How many may begin now; and if none, in how many milliseconds the next one may. */
  admits(now: number): { readonly count: number; readonly inMs?: number } {
    // The starts are in the order of time: the first that is still in the window is found by halving.
    let [count, end] = [0, this.#count];
    while (count < end) {
      const middle = (count + end) >>> 1;
      if (this.#startAt(middle) <= now - this.#windowMs) count = middle + 1;
      else end = middle;
    }
    return count > 0 ? { count } : { count, inMs: this.#startAt(0) + this.#windowMs - now };
  }

  /** Records that one has begun. */
  start(now: number): void {
    this.#starts[this.#next] = now;
    this.#next = (this.#next + 1) % this.#count;
  }

  /** The starts from the oldest on. */
  #startAt(index: number): number {
    return this.#starts[(this.#next + index) % this.#count] ?? Number.NEGATIVE_INFINITY;
  }
}
