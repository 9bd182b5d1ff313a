// Taken from the module, so that a test that replaces the global timers does not stop this clock.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "@jackfield/core";

/** A clock that stands still until it is told otherwise. */
export interface ManualClock extends Clock {
  /** How many sleeps have neither ended nor been aborted. */
  readonly pending: number;
  /** Milliseconds until the next sleep ends; absent when nothing sleeps. */
  readonly nextWakeMs: number | undefined;
  /**
   * Lets `ms` milliseconds pass. The sleeps that are due end in the order of their ends, each at its own time, and what
   * awaits one has run before the next; a sleep that is begun meanwhile ends within the same call if it is due as well.
   *
   * Resolves when all of that has run. Without an `await` between them, two calls let their sum pass.
   */
  advance(ms: number): Promise<void>;
  /** Sets the wall time forward or back, as an operator or NTP does: no sleep ends earlier or later for it. */
  jump(ms: number): void;
}

export interface ManualClockOptions {
  /** The wall time at the start, in milliseconds since the epoch. Default: 2026-01-01T00:00:00Z. */
  readonly now?: number;
}

interface Sleeper {
  readonly wakeAt: number;
  wake(): void;
}

/**
 * A clock for tests: time passes when the test says so.
 *
 * ```ts
 * const clock = createManualClock();
 * const sending = send(pager, "hello", { clock });
 * await clock.advance(500);
 * ```
 */
export function createManualClock({ now = Date.UTC(2026, 0, 1) }: ManualClockOptions = {}): ManualClock {
  const sleepers = new Set<Sleeper>();
  let elapsedMs = 0;
  let targetMs = 0;
  let wallOffsetMs = now;

  function nextSleeper(): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of sleepers) if (!next || sleeper.wakeAt < next.wakeAt) next = sleeper;
    return next;
  }

  return {
    now: () => wallOffsetMs + elapsedMs,
    monotonic: () => elapsedMs,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      // Not `ms <= 0`: a NaN does not wait on the system's clock either.
      if (!(ms > 0)) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const end = () => {
        sleepers.delete(sleeper);
        signal?.removeEventListener("abort", abort);
      };
      const abort = () => {
        end();
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        wakeAt: elapsedMs + ms,
        wake() {
          end();
          resolve();
        },
      };
      signal?.addEventListener("abort", abort);
      sleepers.add(sleeper);
      return promise;
    },
    get pending() {
      return sleepers.size;
    },
    get nextWakeMs() {
      const next = nextSleeper();
      return next && next.wakeAt - elapsedMs;
    },
    async advance(ms) {
      if (!(ms >= 0)) {
        throw new RangeError(
          `Time cannot pass by ${ms} ms: give 0 or more, or use jump() for the wall time.`,
        );
      }
      targetMs += ms;
      await nextTurn();
      for (let next = nextSleeper(); next && next.wakeAt <= targetMs; next = nextSleeper()) {
        elapsedMs = next.wakeAt;
        next.wake();
        await nextTurn();
      }
      elapsedMs = targetMs;
    },
    jump(ms) {
      wallOffsetMs += ms;
    },
  };
}
