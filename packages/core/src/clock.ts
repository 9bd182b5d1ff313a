import { setTimeout as sleepFor } from "node:timers/promises";

/** Time as seen by Jackfield; tests bring their own and move it. */
export interface Clock {
  /** Wall time in milliseconds since the epoch: for timestamps and dates. It may jump. */
  now(): number;
  /** Milliseconds since some fixed moment, never going back: for durations. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A source of uniform numbers in [0, 1), such as `Math.random`. */
export type Random = () => number;

// A longer delay makes Node's timers fire at once; see "setTimeout" in Node's documentation.
const longestTimerMs = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    // Node's timers may fire a millisecond early; a retry must never be earlier than it was asked for.
    const end = performance.now() + ms;
    for (let left = ms; left > 0; left = end - performance.now()) {
      try {
        await sleepFor(Math.min(Math.ceil(left), longestTimerMs), undefined, signal ? { signal } : {});
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    }
  },
};
